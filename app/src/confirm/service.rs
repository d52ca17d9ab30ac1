//! Asks a person, and does what they confirmed, once. Shared by customers and configurations; knows neither.

use super::{Answered, Asked, Confirmation, Flaw, Settled, Transition};
use crate::{
    auth::Action,
    context::{Ctx, Unarchive, Work},
    customers::ArchiveOptions,
    db::{Tx, defect},
    effects::{Outcome, Preview},
    error::{AppError, Refusal},
    idempotency::{
        IdempotencyKey,
        service::{Answer, Claim, write_once},
    },
};
use futures::{FutureExt, future::BoxFuture};
use leptos::prelude::use_context;
use serde_json::{Value, json};
use uuid::Uuid;

/// A form that was not enough, or could not be dealt with, on its way to the page that shows it again.
#[derive(Debug, Clone)]
pub struct ShownAgain(pub Result<Asked, AppError>);

/// Shows a person what an action would do; where a form came back, that instead.
pub(crate) async fn ask(
    ctx: &Ctx,
    transition: Transition,
    options: ArchiveOptions,
    preview: impl Work<Preview>,
) -> Result<Asked, AppError> {
    ctx.may(Action::Preview)?;
    if let Some(ShownAgain(again)) = use_context() {
        return again;
    }
    Ok(Asked {
        transition,
        options: match transition {
            Transition::Archive => options,
            Transition::Unarchive => ArchiveOptions::default(),
        },
        preview: ctx.snapshot(preview).await?,
        idempotency_key: Uuid::now_v7().to_string(),
        unarchive_allowed: ctx.settings.unarchive == Unarchive::Allowed,
        answered: None,
    })
}

/// Does what a person confirmed, once for its key, or asks again with what is missing and the figures of now. Then the
/// transaction was rolled back and nothing is stored, so the corrected form may use the key again.
pub(crate) async fn confirm<F>(
    ctx: &Ctx,
    path: &str,
    confirmation: Confirmation,
    ask: impl Future<Output = Result<Asked, AppError>>,
    work: F,
) -> Result<Settled, AppError>
where
    F: for<'t> Fn(&'t mut Tx, Confirmation) -> BoxFuture<'t, Result<Outcome, AppError>>
        + Send
        + Sync
        + 'static,
{
    let key = IdempotencyKey::parse(confirmation.idempotency_key.as_bytes())?;
    let body = serde_json::to_vec(&fingerprint(&confirmation)).map_err(|error| defect(&error))?;
    let claim = Claim::new(key, "POST", path, &body);
    let filled = confirmation.clone();
    let done = write_once(ctx, Some(claim), move |tx| {
        let outcome = work(tx, filled.clone());
        async move {
            Ok(Answer {
                status: 200,
                location: None,
                content_type: None,
                body: serde_json::to_vec(&outcome.await?).map_err(|error| defect(&error))?,
            })
        }
        .boxed()
    })
    .await;
    match done {
        Ok(once) => serde_json::from_slice(&once.answer.body)
            .map(Settled::Done)
            .map_err(|error| defect(&error)),
        Err(AppError::Refused(Refusal::Flawed { flaws })) => {
            let asked = again(ask.await?, &confirmation, flaws);
            Ok(Settled::NotYet(Box::new(asked)))
        }
        Err(other) => Err(other),
    }
}

/// What makes two submits the same: what is done to what. A reason typed better the second time is not another request.
fn fingerprint(confirmation: &Confirmation) -> Value {
    json!([
        confirmation.transition,
        confirmation.ids,
        confirmation.options
    ])
}

/// The question again, with what was typed and what is missing.
fn again(asked: Asked, confirmation: &Confirmation, flaws: Vec<Flaw>) -> Asked {
    let answered = Answered {
        preset: confirmation.preset,
        note: confirmation.note.clone(),
        number: confirmation.number.clone(),
        before: confirmation
            .read
            .as_ref()
            .filter(|_| flaws.contains(&Flaw::Stale))
            .map(|read| read.tally.clone()),
        flaws,
    };
    Asked {
        answered: Some(answered),
        ..asked
    }
}
