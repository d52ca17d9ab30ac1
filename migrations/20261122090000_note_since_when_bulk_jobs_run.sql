-- What is left of a job is foretold from its pace since it began or was resumed, so that a pause does not count as work.
alter table bulk_jobs
    add column running_since timestamptz,
    add column processed_before integer not null default 0;
