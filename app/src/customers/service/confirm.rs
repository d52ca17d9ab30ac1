//! What a person is asked before customers are archived or unarchived, and what comes of the answer.

use super::{archive, lock_existing, preview, unarchive, undo_unarchive};
use crate::{
    auth::Action,
    confirm::{self, Asked, Confirmation, Settled, Transition},
    context::Ctx,
    customers::ArchiveOptions,
    effects::Preview,
    error::AppError,
    ids::CustomerId,
};
use futures::FutureExt;

/// Shows a person what an action would do.
pub async fn ask(
    ctx: &Ctx,
    ids: Vec<CustomerId>,
    transition: Transition,
    options: ArchiveOptions,
) -> Result<Asked, AppError> {
    let setting = ctx.settings.unarchive;
    confirm::service::ask(ctx, transition, options, move |tx| {
        let ids = ids.clone();
        async move { preview(tx, &ids, transition, &options, setting).await }.boxed()
    })
    .await
}

/// Does what a person confirmed, once, or says what is missing and shows the figures of now.
pub async fn confirm(ctx: &Ctx, confirmation: Confirmation) -> Result<Settled, AppError> {
    ctx.may(match confirmation.transition {
        Transition::Archive => Action::ArchiveCustomers,
        Transition::Unarchive => Action::UnarchiveCustomers,
    })?;
    let setting = ctx.settings.unarchive;
    let (transition, options) = (confirmation.transition, confirmation.options);
    let ids: Vec<CustomerId> = confirmation.ids.iter().copied().map(CustomerId).collect();
    let ask = ask(ctx, ids.clone(), transition, options);
    confirm::service::confirm(ctx, "customers", confirmation, ask, move |tx, filled| {
        let ids = ids.clone();
        async move {
            let agree = |preview: &Preview| confirm::agree(&filled, preview);
            let reason = confirm::reason(filled.preset, &filled.note).unwrap_or_default();
            match transition {
                Transition::Archive => archive(tx, &ids, &options, agree, reason).await,
                Transition::Unarchive => unarchive(tx, &ids, setting, agree, reason).await,
            }
        }
        .boxed()
    })
    .await
}

/// Brings one customer back without a question: nothing about it is final.
pub async fn unarchive_at_once(ctx: &Ctx, id: CustomerId) -> Result<i64, AppError> {
    let setting = ctx.settings.unarchive;
    ctx.write(move |tx| {
        async move {
            unarchive(tx, &[id], setting, |_| Ok(()), None).await?;
            Ok(lock_existing(tx, id).await?.version)
        }
        .boxed()
    })
    .await
}

/// Takes back [`unarchive_at_once`].
pub async fn undo_unarchive_at_once(
    ctx: &Ctx,
    id: CustomerId,
    version: i64,
) -> Result<(), AppError> {
    ctx.write(move |tx| undo_unarchive(tx, id, version).boxed())
        .await
}
