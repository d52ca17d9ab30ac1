//! What happens while someone looks at a preview: options change it, the button sends it, the answer is another preview or
//! the end.

use super::{
    Answered, Asked, ConfirmRequest, Confirmation, Flaw, Preset, Settled, Subjects, Transition,
};
use crate::{
    billing_configurations::server_fns::{ask_configurations, confirm_configurations},
    customers::{
        ArchiveOptions,
        server_fns::{ask_customers, confirm_customers},
    },
    effects::{Outcome, Tally},
    error::{AppError, Refusal},
    ids::{ConfigurationId, CustomerId},
    ui::dialog::{Loss, focus_soon},
};
use leptos::{html::Form, prelude::*, task::spawn_local};
use web_sys::FormData;

/// What the form waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waiting {
    No,
    /// For new figures.
    Counting,
    /// For the action to be done.
    Doing,
}

/// A preview in front of someone.
#[derive(Clone, Copy)]
pub(super) struct State {
    pub(super) noun: Subjects,
    pub(super) asked: RwSignal<Asked>,
    pub(super) waiting: RwSignal<Waiting>,
    pub(super) failure: RwSignal<Option<AppError>>,
    pub(super) form: NodeRef<Form>,
    done: Callback<Outcome>,
}

impl State {
    pub(super) fn new(noun: Subjects, asked: Asked, done: Callback<Outcome>) -> Self {
        Self {
            noun,
            asked: RwSignal::new(asked),
            waiting: RwSignal::new(Waiting::No),
            failure: RwSignal::new(None),
            form: NodeRef::new(),
            done,
        }
    }

    pub(super) fn transition(self) -> Transition {
        self.asked.with_untracked(|asked| asked.transition)
    }

    /// Figures that the person read before these, where these say something else.
    pub(super) fn before(self) -> Option<Tally> {
        self.asked.with(|asked| {
            asked
                .answered
                .as_ref()
                .and_then(|answered| answered.before.clone())
        })
    }

    pub(super) fn flaws(self) -> Vec<Flaw> {
        self.asked.with(|asked| {
            asked
                .answered
                .as_ref()
                .map_or(Vec::new(), |answered| answered.flaws.clone())
        })
    }

    /// What closing now would lose.
    pub(super) fn loss(self) -> Loss {
        let typed = |name| !self.field(name).trim().is_empty();
        match self.waiting.try_get_untracked() {
            None => Loss::Nothing,
            Some(Waiting::Doing) => Loss::Answer,
            Some(_) if typed("note") || typed("number") => Loss::Typed,
            Some(_) => Loss::Nothing,
        }
    }

    /// Counts again, with the options as they are ticked now.
    pub(super) fn refresh(self) {
        if self.waiting.get_untracked() != Waiting::No {
            return;
        }
        let (request, options) = (self.request(), self.options());
        self.waiting.set(Waiting::Counting);
        self.failure.set(None);
        spawn_local(async move {
            let answer = ask(&request, options).await;
            // The form may be gone by now.
            if self.waiting.try_set(Waiting::No).is_some() {
                return;
            }
            match answer {
                Ok(asked) => self.asked.set(asked),
                Err(error) => self.fail(error),
            }
        });
    }

    /// Sends what is filled in. A second press while the first is on its way does nothing.
    pub(super) fn submit(self) {
        if self.waiting.get_untracked() != Waiting::No {
            return;
        }
        self.waiting.set(Waiting::Doing);
        self.failure.set(None);
        let confirmation = self.confirmation();
        let options = confirmation.options;
        let request = self.request();
        spawn_local(async move {
            let answer = match self.noun {
                Subjects::Customers => confirm_customers(confirmation).await,
                Subjects::Configurations => confirm_configurations(confirmation).await,
            };
            if self.waiting.try_set(Waiting::No).is_some() {
                return;
            }
            match answer {
                Ok(Settled::Done(outcome)) => self.done.run(outcome),
                Ok(Settled::NotYet(asked)) => self.ask_again(*asked),
                // It changed between the last look and the lock.
                Err(AppError::Refused(Refusal::ChangedSincePreview)) => {
                    match ask(&request, options).await {
                        Ok(asked) => self.ask_again(asked),
                        Err(error) => self.fail(error),
                    }
                }
                Err(error) => self.fail(error),
            }
        });
    }

    /// Shows what is missing, and beside figures that moved what they were.
    fn ask_again(self, mut asked: Asked) {
        let read = self
            .asked
            .with_untracked(|asked| asked.preview.tally.clone());
        let answered = asked.answered.get_or_insert_with(|| Answered {
            preset: None,
            note: String::new(),
            number: String::new(),
            flaws: vec![Flaw::Stale],
            before: None,
        });
        if answered.flaws.contains(&Flaw::Stale) {
            answered.before.get_or_insert(read);
        }
        self.asked.set(asked);
        focus_soon("#confirm-summary");
    }

    fn fail(self, error: AppError) {
        self.failure.set(Some(error));
        focus_soon("#confirm-summary");
    }

    fn request(self) -> ConfirmRequest {
        self.asked.with_untracked(|asked| ConfirmRequest {
            subjects: self.noun,
            transition: asked.transition,
            ids: asked
                .preview
                .subjects
                .iter()
                .map(|subject| subject.id)
                .collect(),
        })
    }

    fn options(self) -> ArchiveOptions {
        ArchiveOptions {
            archive_configurations: self.is_ticked("archive_configurations"),
            release_aliases: self.is_ticked("release_aliases"),
            keep_paid_invoices: self.is_ticked("keep_paid_invoices"),
        }
    }

    fn confirmation(self) -> Confirmation {
        self.asked.with_untracked(|asked| Confirmation {
            transition: asked.transition,
            ids: asked
                .preview
                .subjects
                .iter()
                .map(|subject| subject.id)
                .collect(),
            versions: asked
                .preview
                .subjects
                .iter()
                .map(|subject| subject.version)
                .collect(),
            options: asked.options,
            preset: Preset::parse(&self.field("preset")),
            note: self.field("note"),
            number: self.field("number"),
            idempotency_key: asked.idempotency_key.clone(),
            read: None,
        })
    }

    fn field(self, name: &str) -> String {
        self.read(name).unwrap_or_default()
    }

    fn is_ticked(self, name: &str) -> bool {
        self.read(name).is_some()
    }

    fn read(self, name: &str) -> Option<String> {
        let form = self.form.get_untracked()?;
        FormData::new_with_form(&form).ok()?.get(name).as_string()
    }
}

/// What would happen, from the server.
pub(super) async fn ask(
    request: &ConfirmRequest,
    options: ArchiveOptions,
) -> Result<Asked, AppError> {
    let ids = request.ids.iter().copied();
    match request.subjects {
        Subjects::Customers => {
            ask_customers(ids.map(CustomerId).collect(), request.transition, options).await
        }
        Subjects::Configurations => {
            ask_configurations(ids.map(ConfigurationId).collect(), request.transition).await
        }
    }
}

/// What the console proposes: paid invoices stay as they are.
pub(super) fn proposed() -> ArchiveOptions {
    ArchiveOptions {
        keep_paid_invoices: true,
        ..ArchiveOptions::default()
    }
}
