//! Does what a person confirmed, once. Shared by customers and configurations; knows neither.

use super::{Answered, Asked, Confirmation, Flaw};
use crate::{
    context::Ctx,
    db::{Tx, defect},
    effects::Outcome,
    error::{AppError, Refusal},
    idempotency::{
        IdempotencyKey,
        service::{Answer, Claim, write_once},
    },
};
use futures::{FutureExt, future::BoxFuture};
use leptos::prelude::use_context;
use serde_json::{Value, json};

/// A form that was not enough, or could not be dealt with, on its way to the page that shows it again.
#[derive(Debug, Clone)]
pub struct ShownAgain(pub Result<Asked, AppError>);

/// What this page shows instead of a new question, where a form came back.
pub(crate) fn shown_again() -> Option<Result<Asked, AppError>> {
    use_context::<ShownAgain>().map(|again| again.0)
}

/// Runs the confirmation's work once for its key. `Err` inside are flaws: the transaction was rolled back and nothing is
/// stored, so the corrected form may use the key again.
pub(crate) async fn settle<F>(
    ctx: &Ctx,
    path: &str,
    confirmation: Confirmation,
    work: F,
) -> Result<Result<Outcome, Vec<Flaw>>, AppError>
where
    F: for<'t> Fn(&'t mut Tx, Confirmation) -> BoxFuture<'t, Result<Outcome, AppError>>
        + Send
        + Sync
        + 'static,
{
    let key = IdempotencyKey::parse(confirmation.idempotency_key.as_bytes())?;
    let body = serde_json::to_vec(&fingerprint(&confirmation)).map_err(|error| defect(&error))?;
    let claim = Claim::new(key, "POST", path, &body);
    let done = write_once(ctx, Some(claim), move |tx| {
        let filled = confirmation.clone();
        let outcome = work(tx, filled);
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
            .map(Ok)
            .map_err(|error| defect(&error)),
        Err(AppError::Refused(Refusal::Flawed { flaws })) => Ok(Err(flaws)),
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
pub(crate) fn again(asked: Asked, confirmation: &Confirmation, flaws: Vec<Flaw>) -> Asked {
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
