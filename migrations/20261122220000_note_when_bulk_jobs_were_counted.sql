-- When the figures of a job were counted: in its preview, and those of a scheduled archive again on its day. By that moment a grace
-- period is over or not. The default is for the binary before, which does not name the column.
alter table bulk_jobs add column counted_at timestamptz not null default now();
update bulk_jobs
set counted_at = case
    when transition = 'archive' and run_at - confirmed_at > interval '10 seconds' then coalesce(started_at, created_at)
    else created_at
end;
