//! What a person is asked before configurations are archived or unarchived, and what comes of the answer.

use super::{change, preview};
use crate::{
    auth::Action,
    confirm::{self, Asked, Confirmation, Settled, Transition},
    context::Ctx,
    customers::ArchiveOptions,
    effects::Preview,
    error::AppError,
    ids::ConfigurationId,
};
use futures::FutureExt;

/// Shows a person what an action would do.
pub async fn ask(
    ctx: &Ctx,
    ids: Vec<ConfigurationId>,
    transition: Transition,
) -> Result<Asked, AppError> {
    let setting = ctx.settings.unarchive;
    confirm::service::ask(ctx, transition, ArchiveOptions::default(), move |tx| {
        let ids = ids.clone();
        async move { preview(tx, &ids, transition, setting).await }.boxed()
    })
    .await
}

/// Does what a person confirmed, once, or says what is missing and shows the figures of now.
pub async fn confirm(ctx: &Ctx, confirmation: Confirmation) -> Result<Settled, AppError> {
    let transition = confirmation.transition;
    ctx.may(match transition {
        Transition::Archive => Action::ArchiveConfigurations,
        Transition::Unarchive => Action::UnarchiveConfigurations,
    })?;
    let setting = ctx.settings.unarchive;
    let ids: Vec<ConfigurationId> = confirmation
        .ids
        .iter()
        .copied()
        .map(ConfigurationId)
        .collect();
    let ask = ask(ctx, ids.clone(), transition);
    confirm::service::confirm(
        ctx,
        "configurations",
        confirmation,
        ask,
        move |tx, filled| {
            let ids = ids.clone();
            async move {
                let agree = |preview: &Preview| confirm::agree(&filled, preview);
                let reason = confirm::reason(filled.preset, &filled.note).unwrap_or_default();
                change(tx, &ids, transition, setting, agree, reason).await
            }
            .boxed()
        },
    )
    .await
}
