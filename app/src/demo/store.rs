//! The one store that writes every table: it fills an empty database with demo data.

use super::{SeedError, copy::Batch};
use sqlx::{Connection, PgConnection, Postgres, Transaction};

/// Begins the one transaction of a seeding. Refuses where there are customers, and keeps others from making some.
pub(super) async fn begin(
    connection: &mut PgConnection,
) -> Result<Transaction<'_, Postgres>, SeedError> {
    let mut tx = connection.begin().await?;
    sqlx::raw_sql(
        "set local statement_timeout = 0; \
         set local idle_in_transaction_session_timeout = 0; \
         set local lock_timeout = '5s'; \
         set local timezone = 'UTC'",
    )
    .execute(&mut *tx)
    .await?;
    let locked = sqlx::raw_sql("lock table customers in share row exclusive mode")
        .execute(&mut *tx)
        .await;
    match locked {
        Err(sqlx::Error::Database(refused))
            if refused.code().as_deref() == Some(LOCK_NOT_AVAILABLE) =>
        {
            return Err(SeedError::NotEmpty);
        }
        other => other?,
    };
    let taken = sqlx::query_scalar!(r#"select exists (select from customers) as "taken!""#)
        .fetch_one(&mut *tx)
        .await?;
    if taken {
        Err(SeedError::NotEmpty)
    } else {
        Ok(tx)
    }
}

const LOCK_NOT_AVAILABLE: &str = "55P03";

/// Writes a batch, parents before children.
pub(super) async fn write(db: &mut PgConnection, batch: &Batch) -> Result<(), SeedError> {
    let sheets = [
        (CUSTOMERS, &batch.customers),
        (ALIASES, &batch.aliases),
        (CONFIGURATIONS, &batch.configurations),
        (CONTRACTS, &batch.contracts),
        (INVOICES, &batch.invoices),
        (NOTIFICATIONS, &batch.notifications),
        (AUDIT_ENTRIES, &batch.audit_entries),
        (OUTBOX_EVENTS, &batch.outbox_events),
    ];
    for (statement, sheet) in sheets {
        let mut copy = db.copy_in_raw(statement).await?;
        for piece in sheet.pieces() {
            copy.send(piece).await?;
        }
        copy.finish().await?;
    }
    Ok(())
}

/// Tells the planner what there is now, and the index what is visible to all. Only the owner of the tables may; for others
/// the database does it by itself some minutes later.
pub(super) async fn analyze(db: &mut PgConnection) {
    for statement in [
        "set statement_timeout = 0",
        "vacuum (analyze) customers, ingest_aliases, billing_provider_configurations, contracts, invoices, notifications, \
         audit_entries, outbox_events",
        "reset statement_timeout",
    ] {
        if let Err(error) = sqlx::raw_sql(statement).execute(&mut *db).await {
            tracing::warn!(%error, statement, "the demo data is written, but the planner was not told");
        }
    }
}

const CUSTOMERS: &str = "copy customers (id, customer_key, name, customer_type, primary_email, profile, custom_fields, \
    version, created_at, updated_at, archived_at, archived_by, archive_reason) from stdin (format binary)";
const ALIASES: &str =
    "copy ingest_aliases (alias, customer_id, position, created_at) from stdin (format binary)";
const CONFIGURATIONS: &str = "copy billing_provider_configurations (id, customer_id, billing_provider, delivery_method, \
    delivery_method_id, provider_reference, configuration, tax_provider, uniqueness_key, created_at, updated_at, \
    archived_at, archived_by, archive_reason) from stdin (format binary)";
const CONTRACTS: &str = "copy contracts (id, customer_id, name, uniqueness_key, starting_at, ending_before, terms, \
    configuration_id, configuration_archived_at, metering_stopped_at, spend_recharge_enabled, credit_recharge_enabled, \
    created_at, created_by, updated_at, archived_at) from stdin (format binary)";
const INVOICES: &str = "copy invoices (id, customer_id, contract_id, configuration_id, external_id, status, \
    external_status, starts_at, ends_at, grace_period_ends_at, currency, total_minor, lines, created_at, updated_at, \
    voided_at) from stdin (format binary)";
const NOTIFICATIONS: &str = "copy notifications (id, customer_id, name, kind, currency, threshold_minor, created_at, \
    updated_at) from stdin (format binary)";
const AUDIT_ENTRIES: &str = "copy audit_entries (id, customer_id, at, actor, role, action, object_kind, object_id, reason, \
    request_id, ip, user_agent, before, after, effects) from stdin (format binary)";
const OUTBOX_EVENTS: &str = "copy outbox_events (id, audit_entry_id, customer_id, kind, created_at, delivered_at) from stdin (format binary)";
