-- Money is integer minor units and an ISO currency. VOID is a status, so that every row stays readable.
create table invoices (
    id uuid primary key,
    customer_id uuid not null references customers (id),
    contract_id uuid not null references contracts (id),
    configuration_id uuid references billing_provider_configurations (id),
    external_id text not null unique,
    status text not null check (status in ('DRAFT', 'FINALIZED', 'VOID')),
    external_status text check (external_status in (
        'DRAFT', 'FINALIZED', 'PAID', 'PARTIALLY_PAID', 'UNCOLLECTIBLE', 'VOID', 'DELETED', 'PAYMENT_FAILED',
        'INVALID_REQUEST_ERROR', 'SKIPPED', 'SENT', 'QUEUED'
    )),
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    grace_period_ends_at timestamptz,
    currency text not null check (currency ~ '^[A-Z]{3}$'),
    total_minor bigint not null,
    lines jsonb not null default '[]',
    created_at timestamptz not null,
    updated_at timestamptz not null,
    voided_at timestamptz,
    check ((status = 'VOID') = (voided_at is not null)),
    check (ends_at >= starts_at)
);
create index invoices_customer_idx on invoices (customer_id, starts_at, id);
create index invoices_configuration_idx on invoices (configuration_id) where status <> 'VOID';
