//! Ingest aliases: who holds them, and who does from now on.

use crate::{db::rows, effects::Effect, error::AppError, ids::CustomerId};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet};

/// Who holds which of these aliases.
pub(crate) async fn alias_holders(
    db: &mut PgConnection,
    aliases: &[String],
) -> Result<BTreeMap<String, CustomerId>, AppError> {
    let found = sqlx::query!(
        "select alias, customer_id from ingest_aliases where alias = any($1)",
        aliases
    )
    .fetch_all(db)
    .await?;
    Ok(found
        .into_iter()
        .map(|row| (row.alias, CustomerId(row.customer_id)))
        .collect())
}

/// Adds aliases from `position` on; answers the first that someone holds already.
pub(crate) async fn add_aliases(
    db: &mut PgConnection,
    id: CustomerId,
    aliases: &[String],
    position: i32,
    now: DateTime<Utc>,
) -> Result<Option<String>, AppError> {
    let added: BTreeSet<String> = sqlx::query_scalar!(
        r#"
        insert into ingest_aliases (alias, customer_id, position, created_at)
        select alias, $2, $3 + ordinal::int, $4
        from unnest($1::text[]) with ordinality as given (alias, ordinal)
        order by alias
        on conflict (alias) do nothing
        returning alias
        "#,
        aliases,
        id.0,
        position,
        now,
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .collect();
    Ok(aliases
        .iter()
        .find(|alias| !added.contains(*alias))
        .cloned())
}

/// Makes the aliases exactly these, taking those that others hold.
pub(crate) async fn replace_aliases(
    db: &mut PgConnection,
    id: CustomerId,
    aliases: &[String],
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    sqlx::query!(
        "delete from ingest_aliases where customer_id = $1 or alias = any($2)",
        id.0,
        aliases
    )
    .execute(&mut *db)
    .await?;
    match add_aliases(db, id, aliases, 0, now).await? {
        None => Ok(()),
        // Someone took it between the delete and the insert.
        Some(_) => Err(AppError::Contended),
    }
}

pub(crate) async fn release_aliases(
    db: &mut PgConnection,
    effects: &[&Effect],
) -> Result<(), AppError> {
    let released: Vec<String> = effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::AliasReleased { alias } => Some(alias.clone()),
            _ => None,
        })
        .collect();
    if released.is_empty() {
        return Ok(());
    }
    let result = sqlx::query!(
        "delete from ingest_aliases where alias = any($1)",
        &released
    )
    .execute(db)
    .await?;
    rows(&result, released.len())
}
