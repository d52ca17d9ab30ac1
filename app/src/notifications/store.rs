//! All SQL on notifications.

use crate::{error::AppError, ids::CustomerId};
use sqlx::PgConnection;
use std::collections::HashMap;
use uuid::Uuid;

pub(super) async fn counts(
    db: &mut PgConnection,
    customers: &[CustomerId],
) -> Result<HashMap<CustomerId, u64>, AppError> {
    let customers: Vec<Uuid> = customers.iter().map(|id| id.0).collect();
    let found = sqlx::query!(
        r#"select customer_id, count(*) as "count!" from notifications where customer_id = any($1) group by customer_id"#,
        &customers,
    )
    .fetch_all(db)
    .await?;
    Ok(found
        .into_iter()
        .map(|row| (CustomerId(row.customer_id), row.count.unsigned_abs()))
        .collect())
}
