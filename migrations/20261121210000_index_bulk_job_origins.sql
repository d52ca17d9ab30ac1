-- A preview is removed only where nothing came from it.
create index bulk_jobs_origin_idx on bulk_jobs (origin_id) where origin_id is not null;
