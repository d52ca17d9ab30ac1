-- Thresholds watched for a customer. The evaluator skips archived customers; nothing here is edited by an archive.
create table notifications (
    id uuid primary key,
    customer_id uuid not null references customers (id),
    name text not null,
    kind text not null check (kind in (
        'low_remaining_credit_balance_reached', 'spend_threshold_reached', 'usage_threshold_reached',
        'invoice_total_reached'
    )),
    currency text not null check (currency ~ '^[A-Z]{3}$'),
    threshold_minor bigint not null,
    created_at timestamptz not null,
    updated_at timestamptz not null
);
create index notifications_customer_idx on notifications (customer_id);
