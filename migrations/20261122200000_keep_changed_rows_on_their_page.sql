-- What an archive changes in a contract or an invoice is in no index, so that the new version of a row stays on its page where that
-- has room, and no index is written. A status in an index, even in its condition, is an entry in every index of the row.
drop index contracts_configuration_idx;
create index contracts_configuration_idx on contracts (configuration_id);
alter table contracts set (fillfactor = 80);
drop index invoices_configuration_idx;
create index invoices_configuration_idx on invoices (configuration_id);
alter table invoices set (fillfactor = 75);
