-- How many notifications stop with a row, or start again: every figure of a preview opens its rows.
alter table bulk_job_items add column notifications integer not null default 0;
