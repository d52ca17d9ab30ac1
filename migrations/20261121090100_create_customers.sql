create extension if not exists pg_trgm;

-- `name` is the shown name, kept beside the profile it is computed from so that lists can sort and search by it.
-- `version` counts every write to the customer or to what hangs on it.
create table customers (
    id uuid primary key,
    customer_key text not null unique,
    name text collate "und-x-icu" not null,
    customer_type text check (customer_type in ('BUSINESS', 'INDIVIDUAL')),
    primary_email text,
    profile jsonb not null default '{}',
    custom_fields jsonb not null default '{}',
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    archived_at timestamptz,
    archived_by jsonb,
    archive_reason text,
    check ((archived_at is null) = (archived_by is null)),
    check (archived_at is not null or archive_reason is null)
);

-- One index for each tab and sort of the list, and none that no list reads.
create index customers_name_idx on customers (name, id);
create index customers_created_idx on customers (created_at, id);
create index customers_updated_idx on customers (updated_at, id);
create index customers_active_name_idx on customers (name, id) where archived_at is null;
create index customers_active_created_idx on customers (created_at, id) where archived_at is null;
create index customers_active_updated_idx on customers (updated_at, id) where archived_at is null;
create index customers_archived_name_idx on customers (name, id) where archived_at is not null;
create index customers_archived_created_idx on customers (created_at, id) where archived_at is not null;
create index customers_archived_updated_idx on customers (updated_at, id) where archived_at is not null;
create index customers_name_trgm_idx on customers using gin (name gin_trgm_ops);
create index customers_name_prefix_idx on customers (lower(name) text_pattern_ops);
create index customers_key_prefix_idx on customers (customer_key text_pattern_ops);
create index customers_email_prefix_idx on customers (lower(primary_email) text_pattern_ops);

create table ingest_aliases (
    alias text primary key,
    customer_id uuid not null references customers (id),
    position integer not null,
    created_at timestamptz not null
);
create index ingest_aliases_customer_idx on ingest_aliases (customer_id, position);
create index ingest_aliases_prefix_idx on ingest_aliases (alias text_pattern_ops);
