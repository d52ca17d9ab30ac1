//! What every use case needs to know about the call it serves: who, whereto, when. Made once per request.

use crate::{
    auth::{Action, Actor, policy},
    clock::Clock,
    db::{ATTEMPTS_MAX, Db, Isolation, Tx, Who, defect},
    error::AppError,
    ids::{BulkJobId, SessionId},
};
use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use std::{sync::Arc, time::Duration};

/// One call. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Ctx {
    pub db: Db,
    pub clock: Clock,
    pub settings: Arc<Settings>,
    pub request: Request,
    /// `None` until someone has signed in or sent a key.
    pub actor: Option<Actor>,
    /// Of a person who signed in.
    pub session: Option<SessionId>,
    /// Whose work this is, where a worker does it.
    pub job: Option<BulkJobId>,
}

/// What an operator decided for the whole deployment.
#[derive(Debug, Clone)]
pub struct Settings {
    pub unarchive: Unarchive,
    /// Where browsers find us; decides cookie names and the trusted origin.
    pub public_url: String,
    /// Shown in the top bar: `Production`, `Sandbox`, or what the operator calls it.
    pub environment: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unarchive {
    Allowed,
    /// The strict reading: what is archived stays so.
    Forbidden,
}

/// The facts of the HTTP request that the audit log keeps.
#[derive(Debug, Clone, Default)]
pub struct Request {
    pub id: String,
    pub ip: Option<String>,
    pub user_agent: Option<String>,
}

/// The work of one transaction. It may run several times, so it takes what it needs by reference or clones it.
pub trait Work<T>:
    for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<T, AppError>> + Send + Sync + 'static
{
}
impl<T, F> Work<T> for F where
    F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<T, AppError>> + Send + Sync + 'static
{
}

impl Ctx {
    /// The context of the page or server function that is being served.
    pub fn of_request() -> Result<Self, AppError> {
        leptos::prelude::use_context::<Self>()
            .ok_or_else(|| defect(&"a server function ran without a context"))
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub fn may(&self, action: Action) -> Result<(), AppError> {
        policy::may(self.actor.as_ref().map(|actor| actor.role), action)
    }

    pub fn can(&self, action: Action) -> bool {
        self.may(action).is_ok()
    }

    /// Runs `work` in one transaction and commits it. It goes on when the caller goes away, so that nothing is left
    /// half-done, and starts over when the database asks for it.
    pub async fn write<T: Send + 'static>(&self, work: impl Work<T>) -> Result<T, AppError> {
        self.transaction(Isolation::ReadCommitted, work).await
    }

    /// Runs `work` on one snapshot, in a transaction that cannot write.
    pub async fn snapshot<T: Send + 'static>(&self, work: impl Work<T>) -> Result<T, AppError> {
        self.transaction(Isolation::Snapshot, work).await
    }

    /// Runs `work` on one snapshot, for previews that are kept: it writes nothing else. On the connections that are set
    /// aside for bulk jobs.
    pub(crate) async fn kept_snapshot<T: Send + 'static>(
        &self,
        work: impl Work<T>,
    ) -> Result<T, AppError> {
        self.on(self.db.for_previews())
            .transaction(Isolation::KeptSnapshot, work)
            .await
    }

    /// This call on other connections.
    pub(crate) fn on(&self, db: Db) -> Self {
        Self { db, ..self.clone() }
    }

    async fn transaction<T: Send + 'static>(
        &self,
        isolation: Isolation,
        work: impl Work<T>,
    ) -> Result<T, AppError> {
        let who = Who {
            actor: self.actor.clone().ok_or(AppError::SignInRequired)?,
            request: self.request.clone(),
            session: self.session,
            job: self.job,
        };
        let (db, clock) = (self.db.clone(), self.clock.clone());
        let task = tokio::spawn(async move {
            for attempt in 1..=ATTEMPTS_MAX {
                let mut tx = db.begin(isolation, &clock, who.clone()).await?;
                let done = match work(&mut tx).await {
                    Ok(value) => {
                        let changes_lists = tx.changes_lists();
                        let done = tx.commit().await;
                        // Also where nobody knows whether it was committed.
                        if changes_lists {
                            db.written();
                        }
                        done.map(|()| value)
                    }
                    Err(error) => {
                        tx.rollback().await;
                        Err(error)
                    }
                };
                match done {
                    Err(AppError::Contended) if attempt < ATTEMPTS_MAX => {
                        tokio::time::sleep(Duration::from_millis(u64::from(5 * attempt * attempt)))
                            .await;
                    }
                    other => return other,
                }
            }
            Err(AppError::Contended)
        });
        task.await.unwrap_or_else(|panic| Err(defect(&panic)))
    }
}
