-- People and machines that may act. Secrets are kept as hashes only.
create table staff (
    id uuid primary key,
    email text not null,
    name text not null,
    role text not null check (role in ('viewer', 'operator', 'admin')),
    password_hash text not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    disabled_at timestamptz
);
create unique index staff_email_key on staff (lower(email));

create table sessions (
    token_hash bytea primary key,
    id uuid not null unique,
    staff_id uuid not null references staff (id),
    created_at timestamptz not null,
    last_seen_at timestamptz not null,
    ended_at timestamptz,
    ip text,
    user_agent text
);
create index sessions_staff_id_idx on sessions (staff_id);

create table sign_in_failures (
    id uuid primary key,
    email text not null,
    ip text,
    failed_at timestamptz not null
);
create index sign_in_failures_email_idx on sign_in_failures (email, failed_at);
create index sign_in_failures_ip_idx on sign_in_failures (ip, failed_at);

create table api_keys (
    id uuid primary key,
    name text not null,
    role text not null check (role in ('viewer', 'operator', 'admin')),
    prefix text not null,
    secret_hash bytea not null unique,
    created_at timestamptz not null,
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz
);
