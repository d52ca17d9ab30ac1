-- The first answer to a write, kept in the write's own transaction and replayed to whoever asks again with the same key.
-- Only answers that were committed are here: a failed attempt leaves no row.
create table idempotency_keys (
    scope text not null,
    key text not null,
    fingerprint bytea not null,
    status smallint,
    location text,
    content_type text,
    body bytea,
    created_at timestamptz not null,
    primary key (scope, key)
);
create index idempotency_keys_created_idx on idempotency_keys (created_at);
