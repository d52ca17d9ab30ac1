-- One action on many rows, from its preview on. A preview is a job in state `previewed`: its rows are written when it is
-- taken, in one snapshot, and nothing that is not among them is ever touched. `skipped` begins with the rows that the
-- preview found to need nothing. `worked_at` is when a worker last did a part of it: who waited longest is next.
create table bulk_jobs (
    id uuid primary key,
    subjects text not null check (subjects in ('customers', 'billing_configurations')),
    transition text not null check (transition in ('archive', 'unarchive')),
    options jsonb not null,
    selection jsonb not null,
    unresolved jsonb not null default '{}',
    state text not null check (
        state in (
            'previewed', 'expired', 'scheduled', 'held', 'running', 'paused', 'completed', 'completed_with_failures',
            'cancelled'
        )
    ),
    origin text check (origin in ('preview', 'retry', 'undo')),
    origin_id uuid references bulk_jobs (id),
    actor_id uuid not null,
    actor jsonb not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    nonce bytea not null,
    content_hash bytea not null,
    total integer not null,
    changing integer not null,
    blocked integer not null,
    foreseen jsonb not null,
    notifications bigint not null,
    reason text,
    request_id text,
    confirmed_at timestamptz,
    run_at timestamptz,
    started_at timestamptz,
    worked_at timestamptz,
    ended_at timestamptz,
    ok integer not null default 0,
    skipped integer not null default 0,
    failed integer not null default 0,
    done jsonb not null default '{}',
    paused_because text check (paused_because in ('person', 'effects_grew', 'not_allowed')),
    check ((origin is null) = (origin_id is null)),
    check ((confirmed_at is null) = (state in ('previewed', 'expired')))
);
create index bulk_jobs_previewed_idx on bulk_jobs (expires_at) where state in ('previewed', 'expired');
create index bulk_jobs_due_idx on bulk_jobs (worked_at) where state in ('scheduled', 'held', 'running');
create index bulk_jobs_of_actor_idx on bulk_jobs (actor_id, created_at) where state in ('previewed', 'scheduled', 'held', 'running', 'paused');

-- The rows of a job. `chunk` is the part of the job that a row is done with, null where nothing is to be done; a chunk never
-- divides a customer. `turn` is the chunk again on the first row of a chunk that still waits: whoever has locked that row
-- does the chunk, and no index holds a column that the other rows change.
create table bulk_job_items (
    job_id uuid not null references bulk_jobs (id),
    position integer not null,
    customer_id uuid not null,
    object_id uuid not null,
    name text not null,
    version bigint not null,
    chunk integer,
    turn integer,
    state text not null check (state in ('pending', 'ok', 'skipped', 'failed')),
    code text,
    detail text,
    since timestamptz,
    tally jsonb,
    ended_at timestamptz,
    primary key (job_id, position),
    check (state <> 'pending' or chunk is not null)
) with (fillfactor = 60);
create index bulk_job_items_chunk_idx on bulk_job_items (job_id, chunk) where chunk is not null;
create index bulk_job_items_turn_idx on bulk_job_items (job_id, turn) where turn is not null;
