-- The rows of a chunk come from the index in their order: of a job that nothing is known of yet, every row was read for it.
drop index bulk_job_items_chunk_idx;
create index bulk_job_items_chunk_idx on bulk_job_items (job_id, chunk, position) where chunk is not null;
