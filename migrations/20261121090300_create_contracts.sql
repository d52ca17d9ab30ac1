-- The contract owns its attachment to a configuration: `configuration_archived_at`, `metering_stopped_at` and both
-- recharge flags are set by an archive and cleared only by attaching again. A recharge flag is null where the contract
-- has no such recharge. `terms` is the create request as it came, so that nothing a client sends is lost.
create table contracts (
    id uuid primary key,
    customer_id uuid not null references customers (id),
    name text,
    uniqueness_key text unique,
    starting_at timestamptz not null,
    ending_before timestamptz,
    terms jsonb not null,
    configuration_id uuid references billing_provider_configurations (id),
    configuration_archived_at timestamptz,
    metering_stopped_at timestamptz,
    spend_recharge_enabled boolean,
    credit_recharge_enabled boolean,
    created_at timestamptz not null,
    created_by text not null,
    updated_at timestamptz not null,
    archived_at timestamptz,
    check (ending_before is null or ending_before >= starting_at)
);
create index contracts_customer_idx on contracts (customer_id, starting_at, id);
create index contracts_configuration_idx on contracts (configuration_id) where archived_at is null;
