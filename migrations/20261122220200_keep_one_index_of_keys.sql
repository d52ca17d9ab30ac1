-- A key, and what begins like it, are found in the same index: an archive writes to one less.
create unique index customers_key_idx on customers (customer_key text_pattern_ops);
alter table customers drop constraint customers_customer_key_key;
drop index customers_key_prefix_idx;
