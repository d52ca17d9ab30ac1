//! A witness of what is done: the database notes by itself what becomes of every business row, and SQL that knows nothing of
//! the product's own effects says what that comes to.

use crate::harness::TestApp;
use serde_json::Value;
use sqlx::{AssertSqlSafe, Row};

/// What an action may touch, and what tells of it.
const TABLES: [&str; 8] = [
    "customers",
    "ingest_aliases",
    "billing_provider_configurations",
    "contracts",
    "invoices",
    "notifications",
    "audit_entries",
    "outbox_events",
];

const NOTE: &str = r#"
    create table noted (tbl text not null, was jsonb, became jsonb);
    create function note() returns trigger language plpgsql as $$
    begin
        insert into noted values (tg_table_name, to_jsonb(old), to_jsonb(new));
        return null;
    end
    $$;
"#;

/// From now on every row that is written is noted, as it was and as it became.
pub(crate) async fn watch(app: &TestApp) {
    let triggers = TABLES.map(|table| {
        format!("create trigger note after insert or update or delete on {table} for each row execute function note();")
    });
    run(app, &(NOTE.to_owned() + &triggers.concat())).await;
}

/// Forgets what happened so far.
pub(crate) async fn forget(app: &TestApp) {
    run(app, "truncate noted").await;
}

/// How often a row was written.
pub(crate) async fn noted(app: &TestApp) -> i64 {
    app.count("select count(*) from noted").await
}

async fn run(app: &TestApp, sql: &str) {
    let done = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
    done.execute(&app.pool).await.unwrap();
}

/// What happened: the effects as an API's answer names them, the notifications of customers that went or came back, how many
/// did, and what changed that no archive or unarchive should ever change.
pub(crate) async fn told(app: &TestApp) -> Value {
    // An invoice waits to be sent until its grace period ends; one that ended in the hold had not when it was counted.
    let now = format!("timestamptz '{}'", app.state.clock.now().to_rfc3339());
    let sql = AssertSqlSafe(WHAT_HAPPENED.replace("NOW", &now));
    let row = sqlx::raw_sql(sql).fetch_one(&app.pool).await;
    row.unwrap().get(0)
}

const WHAT_HAPPENED: &str = r#"
with contract as (
    select
        count(*) filter (where before.archived_at is null and after.archived_at is not null) as contracts_archived,
        count(*) filter (where before.metering_stopped_at is null and after.metering_stopped_at is not null) as metering_stopped,
        count(*) filter (where before.spend_recharge_enabled and not after.spend_recharge_enabled) as spend_recharges_disabled,
        count(*) filter (where before.credit_recharge_enabled and not after.credit_recharge_enabled) as credit_recharges_disabled,
        count(*) filter (where before.configuration_archived_at is null and after.configuration_archived_at is not null)
            as configurations_detached
    from noted, jsonb_populate_record(null::contracts, was) before, jsonb_populate_record(null::contracts, became) after
    where tbl = 'contracts'
),
-- In the words of the table, so that an invoice is counted as it was before.
changed_invoice as (
    select
        before.currency, before.total_minor,
        before.status <> 'VOID' and after.status = 'VOID' as voided,
        before.status = 'FINALIZED' and before.external_status = 'PAID' as paid,
        before.status <> 'VOID' and before.grace_period_ends_at > NOW - interval '1 minute'
            and (before.external_status is null or before.external_status = 'QUEUED')
            and after.external_status = 'SKIPPED' as never_sent
    from noted, jsonb_populate_record(null::invoices, was) before, jsonb_populate_record(null::invoices, became) after
    where tbl = 'invoices'
),
invoice as (
    select
        count(*) filter (where voided) as invoices_voided,
        count(*) filter (where voided and paid) as voided_paid,
        count(*) filter (where never_sent) as never_sent
    from changed_invoice
),
money as (
    select coalesce(jsonb_agg(to_jsonb(total) order by currency), '[]') as voided
    from (select currency, sum(total_minor)::bigint as minor from changed_invoice where voided group by currency) total
),
configuration as (
    select
        count(*) filter (where before.archived_at is null and after.archived_at is not null) as configurations_archived,
        count(*) filter (where before.archived_at is not null and after.archived_at is null) as configurations_unarchived,
        -- Free is a key that nobody has now.
        count(*) filter (
            where before.archived_at is null and after.archived_at is not null and after.uniqueness_key is not null
                and not exists (
                    select from billing_provider_configurations live
                    where live.uniqueness_key = after.uniqueness_key and live.archived_at is null
                )
        ) as uniqueness_keys_freed
    from noted, jsonb_populate_record(null::billing_provider_configurations, was) before,
        jsonb_populate_record(null::billing_provider_configurations, became) after
    where tbl = 'billing_provider_configurations'
),
released as (
    select count(*) filter (where became is null) as aliases_released from noted where tbl = 'ingest_aliases'
),
changed_customer as (
    select
        after.archived_at is not null as archived,
        (
            select count(*) from invoices
            where customer_id = after.id and status = 'FINALIZED' and external_status = 'PAID'
        ) as paid,
        (select count(*) from ingest_aliases where customer_id = after.id) as aliases,
        (select count(*) from notifications where customer_id = after.id) as notifications
    from noted, jsonb_populate_record(null::customers, was) before, jsonb_populate_record(null::customers, became) after
    where tbl = 'customers' and (before.archived_at is null) <> (after.archived_at is null)
),
left_alone as (
    select
        coalesce(sum(paid) filter (where archived), 0)::bigint as paid_kept,
        coalesce(sum(aliases) filter (where archived), 0)::bigint as aliases_reserved
    from changed_customer
),
customer as (
    select
        coalesce(sum(notifications), 0)::bigint as notifications,
        count(*) filter (where archived) as customers_archived,
        count(*) filter (where not archived) as customers_unarchived
    from changed_customer
),
other as (
    select count(*) as otherwise
    from
        noted,
        (
            select array[
                'archived_at', 'archived_by', 'archive_reason', 'version', 'updated_at', 'ending_before',
                'metering_stopped_at', 'configuration_archived_at', 'spend_recharge_enabled', 'credit_recharge_enabled',
                'status', 'external_status', 'voided_at'
            ] as columns
        ) may
    where case
        when tbl in ('audit_entries', 'outbox_events') then was is not null
        when tbl = 'notifications' then true
        when tbl = 'ingest_aliases' then became is not null
        else was is null or became is null or was - columns <> became - columns
    end
)
select
    to_jsonb(customer) || to_jsonb(other) || jsonb_build_object(
        'effects',
        to_jsonb(contract) || to_jsonb(invoice) || to_jsonb(money) || to_jsonb(configuration) || to_jsonb(released)
            || to_jsonb(left_alone)
    )
from contract, invoice, money, configuration, released, left_alone, customer, other
"#;
