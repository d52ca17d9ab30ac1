-- Half of a page of invoices stays free, and two fifths of one of contracts, so that a new version of each of its rows has room beside
-- the old one: with less, a third of the voided invoices went to another page, which writes to each index of the table. Pages that are
-- there stay as they are.
alter table contracts set (fillfactor = 60);
alter table invoices set (fillfactor = 50);
