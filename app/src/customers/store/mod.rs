//! All SQL on customers and their ingest aliases. Here: one customer, or those with given ids.

mod aliases;
mod dialects;
mod lifecycle;
mod list;

pub(super) use aliases::{add_aliases, alias_holders, release_aliases, replace_aliases};
pub(super) use dialects::{api_cursor, list_api, list_numbered};
pub(super) use lifecycle::{archive, restore, unarchive};
pub(super) use list::{count, cursor, ids_matching, list};

use super::{Customer, Profile, service::Head};
use crate::{
    db::{defect, rows},
    error::AppError,
    ids::CustomerId,
    lifecycle::Lifecycle,
};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use sqlx::{FromRow, PgConnection, PgPool};
use std::collections::BTreeSet;
use uuid::Uuid;

#[derive(FromRow)]
struct Row {
    id: Uuid,
    customer_key: String,
    name: String,
    customer_type: Option<String>,
    primary_email: Option<String>,
    profile: Value,
    custom_fields: Value,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    archived_at: Option<DateTime<Utc>>,
    archived_by: Option<Value>,
    archive_reason: Option<String>,
    ingest_aliases: Vec<String>,
}

fn object(value: Value) -> Result<Map<String, Value>, AppError> {
    match value {
        Value::Object(fields) => Ok(fields),
        _ => Err(defect(&"a customer's fields are no object")),
    }
}

impl TryFrom<Row> for Customer {
    type Error = AppError;

    fn try_from(row: Row) -> Result<Self, AppError> {
        Ok(Self {
            id: CustomerId(row.id),
            key: row.customer_key,
            name: row.name,
            customer_type: row
                .customer_type
                .map(|word| word.parse().map_err(|error: String| defect(&error)))
                .transpose()?,
            primary_email: row.primary_email,
            profile: Profile(object(row.profile)?),
            custom_fields: object(row.custom_fields)?,
            ingest_aliases: row.ingest_aliases,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
            lifecycle: Lifecycle::from_columns(
                row.archived_at,
                row.archived_by,
                row.archive_reason,
            )?,
        })
    }
}

pub(super) async fn lock(
    db: &mut PgConnection,
    ids: &[CustomerId],
) -> Result<BTreeSet<CustomerId>, AppError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    Ok(sqlx::query_scalar!(
        "select id from customers where id = any($1) order by id for update",
        &ids
    )
    .fetch_all(db)
    .await?
    .into_iter()
    .map(CustomerId)
    .collect())
}

pub(super) async fn find_many(
    db: &mut PgConnection,
    ids: &[CustomerId],
) -> Result<Vec<Customer>, AppError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let found = sqlx::query_as!(
        Row,
        r#"
        select customers.*, array(
            select alias from ingest_aliases where ingest_aliases.customer_id = customers.id order by position, alias
        ) as "ingest_aliases!"
        from customers
        where id = any($1)
        order by id
        "#,
        &ids,
    )
    .fetch_all(db)
    .await?;
    found.into_iter().map(Customer::try_from).collect()
}

pub(super) async fn heads(
    db: &mut PgConnection,
    ids: &[CustomerId],
) -> Result<Vec<Head>, AppError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let found = sqlx::query!(
        "select id, name, version, archived_at from customers where id = any($1) order by id",
        &ids
    )
    .fetch_all(db)
    .await?;
    Ok(found
        .into_iter()
        .map(|row| Head {
            id: CustomerId(row.id),
            name: row.name,
            version: row.version,
            archived_at: row.archived_at,
        })
        .collect())
}

pub(super) async fn id_of_key(db: &PgPool, key: &str) -> Result<Option<CustomerId>, AppError> {
    Ok(
        sqlx::query_scalar!("select id from customers where customer_key = $1", key)
            .fetch_optional(db)
            .await?
            .map(CustomerId),
    )
}

/// Customers by their keys and ingest aliases, each beside what named it.
pub(super) async fn named(
    db: &mut PgConnection,
    references: &[String],
) -> Result<Vec<(String, Uuid)>, AppError> {
    let found = sqlx::query!(
        r#"
        select customer_key as "reference!", id as "id!" from customers where customer_key = any($1)
        union
        select alias, customer_id from ingest_aliases where alias = any($1)
        "#,
        references,
    )
    .fetch_all(db)
    .await?;
    Ok(found
        .into_iter()
        .map(|row| (row.reference, row.id))
        .collect())
}

/// False when its key is taken.
pub(super) async fn insert(db: &mut PgConnection, customer: &Customer) -> Result<bool, AppError> {
    let result = sqlx::query!(
        r#"
        insert into customers (
            id, customer_key, name, customer_type, primary_email, profile, custom_fields, version, created_at, updated_at
        )
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
        on conflict (customer_key) do nothing
        "#,
        customer.id.0,
        customer.key,
        customer.name,
        customer.customer_type.map(|kind| kind.as_str()),
        customer.primary_email,
        Value::Object(customer.profile.0.clone()),
        Value::Object(customer.custom_fields.clone()),
        customer.version,
        customer.created_at,
    )
    .execute(db)
    .await?;
    Ok(result.rows_affected() == 1)
}

pub(super) async fn update(db: &mut PgConnection, customer: &Customer) -> Result<(), AppError> {
    let result = sqlx::query!(
        r#"
        update customers
        set name = $2, customer_type = $3, primary_email = $4, profile = $5, version = $6, updated_at = $7
        where id = $1
        "#,
        customer.id.0,
        customer.name,
        customer.customer_type.map(|kind| kind.as_str()),
        customer.primary_email,
        Value::Object(customer.profile.0.clone()),
        customer.version,
        customer.updated_at,
    )
    .execute(db)
    .await?;
    rows(&result, 1)
}

pub(super) async fn touch(
    db: &mut PgConnection,
    ids: &[CustomerId],
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    if ids.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let result = sqlx::query!(
        "update customers set version = version + 1, updated_at = $2 where id = any($1)",
        &ids,
        now
    )
    .execute(db)
    .await?;
    rows(&result, ids.len())
}
