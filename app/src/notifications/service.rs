//! What others need to know of notifications.

use super::store;
use crate::{context::Ctx, db::Tx, error::AppError, ids::CustomerId};
use std::collections::HashMap;

/// How many each customer has; those without any are missing.
pub(crate) async fn counts(
    tx: &mut Tx,
    customers: &[CustomerId],
) -> Result<HashMap<CustomerId, u64>, AppError> {
    store::counts(tx.db(), customers).await
}

/// How many one customer has.
pub(crate) async fn count(ctx: &Ctx, customer: CustomerId) -> Result<u64, AppError> {
    let mut connection = ctx.db.reader().acquire().await?;
    Ok(store::counts(&mut connection, &[customer])
        .await?
        .remove(&customer)
        .unwrap_or_default())
}
