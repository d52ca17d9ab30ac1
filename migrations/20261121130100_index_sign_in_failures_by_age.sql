-- What is old is found by its age, and removed.
create index sign_in_failures_failed_idx on sign_in_failures (failed_at);
