//! What a person is asked before configurations are archived or unarchived, and what comes of the answer.

use super::{change, preview};
use crate::{
    auth::Action,
    confirm::{self, Asked, Confirmation, Settled, Transition},
    context::{Ctx, Unarchive},
    customers::ArchiveOptions,
    effects::Preview,
    error::AppError,
    ids::ConfigurationId,
};
use futures::FutureExt;
use uuid::Uuid;

/// Shows a person what an action would do.
pub async fn ask(
    ctx: &Ctx,
    ids: Vec<ConfigurationId>,
    transition: Transition,
) -> Result<Asked, AppError> {
    ctx.may(Action::Preview)?;
    if let Some(again) = confirm::service::shown_again() {
        return again;
    }
    let setting = ctx.settings.unarchive;
    let preview = ctx
        .snapshot(move |tx| {
            let ids = ids.clone();
            async move { preview(tx, &ids, transition, setting).await }.boxed()
        })
        .await?;
    Ok(Asked {
        transition,
        options: ArchiveOptions::default(),
        preview,
        idempotency_key: Uuid::now_v7().to_string(),
        unarchive_allowed: setting == Unarchive::Allowed,
        answered: None,
    })
}

/// Does what a person confirmed, once, or says what is missing and shows the figures of now.
pub async fn confirm(ctx: &Ctx, confirmation: Confirmation) -> Result<Settled, AppError> {
    ctx.may(match confirmation.transition {
        Transition::Archive => Action::ArchiveConfigurations,
        Transition::Unarchive => Action::UnarchiveConfigurations,
    })?;
    let setting = ctx.settings.unarchive;
    let done = confirm::service::settle(
        ctx,
        "configurations",
        confirmation.clone(),
        move |tx, filled| {
            async move {
                let ids: Vec<ConfigurationId> =
                    filled.ids.iter().copied().map(ConfigurationId).collect();
                let agree = |preview: &Preview| confirm::agree(&filled, preview);
                let reason = confirm::reason(filled.preset, &filled.note).unwrap_or_default();
                change(tx, &ids, filled.transition, setting, agree, reason).await
            }
            .boxed()
        },
    )
    .await?;
    match done {
        Ok(outcome) => Ok(Settled::Done(outcome)),
        Err(flaws) => {
            let ids = confirmation
                .ids
                .iter()
                .copied()
                .map(ConfigurationId)
                .collect();
            let asked = ask(ctx, ids, confirmation.transition).await?;
            Ok(Settled::NotYet(Box::new(confirm::service::again(
                asked,
                &confirmation,
                flaws,
            ))))
        }
    }
}
