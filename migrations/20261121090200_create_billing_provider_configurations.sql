-- How one customer is billed outside. `provider_reference` is the provider's own id of the customer, picked out of
-- `configuration` for lists and search. A uniqueness key is taken by live rows only: archiving frees it.
create table billing_provider_configurations (
    id uuid primary key,
    customer_id uuid not null references customers (id),
    billing_provider text not null check (billing_provider in (
        'aws_marketplace', 'azure_marketplace', 'custom', 'gcp_marketplace', 'metronome', 'netsuite',
        'quickbooks_online', 'stripe', 'workday'
    )),
    delivery_method text not null check (delivery_method in (
        'aws_sns', 'aws_sqs', 'direct_to_billing_provider', 'tackle'
    )),
    delivery_method_id uuid not null,
    provider_reference text,
    configuration jsonb not null default '{}',
    tax_provider text check (tax_provider in ('anrok', 'avalara', 'stripe')),
    uniqueness_key text,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    archived_at timestamptz,
    archived_by jsonb,
    archive_reason text,
    check ((archived_at is null) = (archived_by is null))
);
create unique index configurations_uniqueness_key_key on billing_provider_configurations (uniqueness_key)
where archived_at is null;
create index configurations_customer_idx on billing_provider_configurations (customer_id);
create index configurations_reference_idx on billing_provider_configurations (provider_reference text_pattern_ops);
create index configurations_uniqueness_prefix_idx on billing_provider_configurations (uniqueness_key text_pattern_ops);
create index configurations_provider_idx on billing_provider_configurations (billing_provider, id);
create index configurations_created_idx on billing_provider_configurations (created_at, id);
create index configurations_updated_idx on billing_provider_configurations (updated_at, id);
create index configurations_active_provider_idx on billing_provider_configurations (billing_provider, id)
where archived_at is null;
create index configurations_active_created_idx on billing_provider_configurations (created_at, id)
where archived_at is null;
create index configurations_active_updated_idx on billing_provider_configurations (updated_at, id)
where archived_at is null;
create index configurations_archived_provider_idx on billing_provider_configurations (billing_provider, id)
where archived_at is not null;
create index configurations_archived_created_idx on billing_provider_configurations (created_at, id)
where archived_at is not null;
create index configurations_archived_updated_idx on billing_provider_configurations (updated_at, id)
where archived_at is not null;
