-- How the rows of a job were chosen, in few bytes: a job is read with every chunk, and fifty at a time in lists. `matching` is
-- the filter, null where rows were named; `excluded` is how many of those that matched were left out. `selection` stays for
-- the binary before, which reads it; nothing is written there any more.
alter table bulk_jobs
    add column matching jsonb,
    add column excluded integer not null default 0,
    alter column selection set default '{"ids": []}';
update bulk_jobs
set matching = selection #> '{all_matching,filter}', excluded = jsonb_array_length(selection #> '{all_matching,except}')
where selection ? 'all_matching';
