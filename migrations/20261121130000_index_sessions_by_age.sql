-- What is old is found by its age, and removed.
create index sessions_created_idx on sessions (created_at);
