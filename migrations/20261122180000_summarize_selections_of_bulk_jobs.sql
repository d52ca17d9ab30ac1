-- A job keeps how many matching rows were left out, not which: it is read with every chunk, and fifty at a time in lists.
update bulk_jobs
set selection = case
    when selection ? 'all_matching' then
        jsonb_set(selection, '{all_matching,except}', to_jsonb(jsonb_array_length(selection #> '{all_matching,except}')))
    else '"named"'
end;
