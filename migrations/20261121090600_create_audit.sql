-- What was done, by whom and why: one row for each customer that an action changed, written in the same transaction.
-- The application's role may insert and select here, nothing else. Its address is spelled out rather than referenced, so
-- that a row stays true whatever becomes of the person or key.
create table audit_entries (
    id uuid primary key,
    customer_id uuid references customers (id),
    at timestamptz not null,
    actor jsonb not null,
    role text not null,
    action text not null,
    object_kind text not null,
    object_id uuid not null,
    reason text,
    request_id text not null,
    job_id uuid,
    ip text,
    user_agent text,
    before jsonb,
    after jsonb,
    effects jsonb not null default '[]'
);
create index audit_entries_customer_idx on audit_entries (customer_id, id);
create index audit_entries_request_idx on audit_entries (request_id);

-- One row for each audit entry, fanned out per effect at delivery.
create table outbox_events (
    id uuid primary key,
    audit_entry_id uuid not null references audit_entries (id),
    customer_id uuid,
    kind text not null,
    created_at timestamptz not null,
    delivered_at timestamptz
);
create index outbox_events_waiting_idx on outbox_events (created_at, id) where delivered_at is null;
