//! What a person fills in before something is archived or unarchived, and when it is enough. Pure: the dialog, the page
//! without JavaScript and the server apply the same rules and say the same sentences.

use crate::{
    customers::ArchiveOptions,
    effects::{Preview, Tally},
    error::{AppError, Refusal},
    lifecycle::Reason,
    money::group_thousands,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The two things that can be done to a selection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Transition {
    Archive,
    Unarchive,
}

impl Transition {
    /// In paths: `/customers/…/archive`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Archive => "archive",
            Self::Unarchive => "unarchive",
        }
    }

    /// On buttons: `Archive`.
    pub fn verb(self) -> &'static str {
        match self {
            Self::Archive => "Archive",
            Self::Unarchive => "Unarchive",
        }
    }
}

/// A reason that needs no typing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Preset {
    Mistake,
    Churned,
    TestData,
    Other,
}

impl Preset {
    pub const ALL: [Self; 4] = [Self::Mistake, Self::Churned, Self::TestData, Self::Other];

    /// In forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mistake => "mistake",
            Self::Churned => "churned",
            Self::TestData => "test_data",
            Self::Other => "other",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Mistake => "Onboarded by mistake",
            Self::Churned => "Churned",
            Self::TestData => "Test data",
            Self::Other => "Other",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|preset| preset.as_str() == text)
    }
}

/// A confirmation as it was filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    pub transition: Transition,
    /// In the order of the preview.
    pub ids: Vec<Uuid>,
    /// Of the customers of `ids`, from the preview: what moved since is not touched.
    pub versions: Vec<i64>,
    pub options: ArchiveOptions,
    pub preset: Option<Preset>,
    pub note: String,
    /// The number of rows that will change, typed, where the rules ask for it.
    pub number: String,
    /// Made with the preview, so that a double submit is one effect.
    pub idempotency_key: String,
    /// What the person had before their eyes, where the form can tell: without a script they may have changed the options
    /// since.
    pub read: Option<Read>,
}

/// The figures of a preview, and the options that they were counted with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Read {
    pub options: ArchiveOptions,
    pub tally: Tally,
}

/// Why a confirmation is not enough yet. A closed set: nothing else is ever shown from a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Flaw {
    ReasonMissing,
    ReasonLong,
    NumberWrong,
    /// Not a day on which a job could run.
    DayWrong,
    /// The figures changed since they were read.
    Stale,
    /// Nothing in the selection would change.
    NothingToDo,
}

impl Flaw {
    /// The field it belongs to, by its name in the form.
    pub fn field(self) -> &'static str {
        match self {
            Self::ReasonMissing | Self::ReasonLong => "note",
            Self::NumberWrong => "number",
            Self::DayWrong => "run_on",
            Self::Stale | Self::NothingToDo => "effects",
        }
    }

    /// What to do about it, the same in the summary and at the field. `changes` is how many rows would change.
    pub fn sentence(self, changes: u64) -> String {
        match self {
            Self::ReasonMissing => {
                format!(
                    "Choose a reason, or enter one of at least {} characters",
                    Reason::CHARACTERS_ASKED
                )
            }
            Self::ReasonLong => format!(
                "Shorten the reason to {} characters",
                Reason::CHARACTERS_MAX
            ),
            Self::NumberWrong => format!("Type {} to confirm", group_thousands(changes)),
            Self::DayWrong => "Choose a day in the next 366 days, or none".to_owned(),
            Self::Stale => {
                "Something changed since the preview. Read the new figures, then confirm again"
                    .to_owned()
            }
            Self::NothingToDo => {
                "Nothing in this selection would change. Choose other rows".to_owned()
            }
        }
    }
}

/// Whether a reason must be given. Bringing something back needs none.
pub fn asks_reason(transition: Transition) -> bool {
    transition == Transition::Archive
}

/// Whether the number of rows must be typed.
pub fn asks_number(preview: &Preview) -> bool {
    preview.changes() >= 2
}

/// The reason as the audit log keeps it: `Onboarded by mistake. SUP-48213`.
pub fn reason(preset: Option<Preset>, note: &str) -> Result<Option<Reason>, Flaw> {
    let note = note.trim();
    let text = match preset {
        Some(preset) if preset != Preset::Other && note.is_empty() => preset.label().to_owned(),
        Some(preset) if preset != Preset::Other => format!("{}. {note}", preset.label()),
        _ => note.to_owned(),
    };
    Reason::parse(&text).map_err(|_| Flaw::ReasonLong)
}

/// Everything that is missing, in the order of the form.
pub fn flaws(confirmation: &Confirmation, preview: &Preview) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    let other_options =
        matches!(&confirmation.read, Some(read) if read.options != confirmation.options);
    if other_options || !preview.is_of(&confirmation.versions) {
        flaws.push(Flaw::Stale);
    }
    if preview.changes() == 0 {
        flaws.push(Flaw::NothingToDo);
    }
    match reason(confirmation.preset, &confirmation.note) {
        Err(flaw) => flaws.push(flaw),
        Ok(reason) if asks_reason(confirmation.transition) => {
            let typed = reason
                .as_ref()
                .map_or(0, |reason| reason.as_str().chars().count());
            let preset = matches!(confirmation.preset, Some(preset) if preset != Preset::Other);
            if !preset && typed < Reason::CHARACTERS_ASKED {
                flaws.push(Flaw::ReasonMissing);
            }
        }
        Ok(_) => {}
    }
    if asks_number(preview)
        && confirmation.number.trim().replace(',', "") != preview.changes().to_string()
    {
        flaws.push(Flaw::NumberWrong);
    }
    flaws
}

/// Agrees to what will happen, or says what is missing.
pub fn agree(confirmation: &Confirmation, preview: &Preview) -> Result<(), AppError> {
    match flaws(confirmation, preview) {
        none if none.is_empty() => Ok(()),
        flaws => Err(AppError::Refused(Refusal::Flawed { flaws })),
    }
}

/// A preview on its way to a person, with what they typed last where a form came back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    pub transition: Transition,
    pub options: ArchiveOptions,
    pub preview: Preview,
    pub idempotency_key: String,
    pub unarchive_allowed: bool,
    pub answered: Option<Answered>,
}

/// A form that was not enough.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    pub preset: Option<Preset>,
    pub note: String,
    pub number: String,
    pub flaws: Vec<Flaw>,
    /// Figures of the preview that the person read, where it went stale.
    pub before: Option<Tally>,
}

/// What came of a confirmation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Settled {
    Done(crate::effects::Outcome),
    /// Nothing was done; this is what to read or fill in.
    NotYet(Box<Asked>),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effects::{Subject, Verdict};
    use chrono::DateTime;

    fn preview(changes: usize) -> Preview {
        let subjects = (0..changes)
            .map(|n| Subject {
                id: Uuid::from_u128(n as u128),
                name: n.to_string(),
                version: 1,
                verdict: Verdict::Change,
            })
            .collect();
        Preview {
            taken_at: DateTime::UNIX_EPOCH,
            subjects,
            tally: Tally::default(),
            examples: Vec::new(),
            notifications: 0,
        }
    }

    fn filled(preview: &Preview, preset: Option<Preset>, note: &str, number: &str) -> Confirmation {
        Confirmation {
            transition: Transition::Archive,
            ids: preview.subjects.iter().map(|subject| subject.id).collect(),
            versions: preview
                .subjects
                .iter()
                .map(|subject| subject.version)
                .collect(),
            options: ArchiveOptions::default(),
            preset,
            note: note.into(),
            number: number.into(),
            idempotency_key: "k".into(),
            read: None,
        }
    }

    #[test]
    fn a_confirmation_says_everything_that_is_missing() {
        for (changes, preset, note, number, expected) in [
            (1, Some(Preset::Churned), "", "", vec![]),
            (1, None, "left us in May", "", vec![]),
            (1, None, "left", "", vec![Flaw::ReasonMissing]),
            (
                1,
                Some(Preset::Other),
                "left",
                "",
                vec![Flaw::ReasonMissing],
            ),
            (2, Some(Preset::Churned), "", "", vec![Flaw::NumberWrong]),
            (2, Some(Preset::Churned), "", " 2 ", vec![]),
            (
                2,
                None,
                "",
                "3",
                vec![Flaw::ReasonMissing, Flaw::NumberWrong],
            ),
            (0, Some(Preset::Churned), "", "", vec![Flaw::NothingToDo]),
        ] {
            let preview = preview(changes);
            assert_eq!(
                flaws(&filled(&preview, preset, note, number), &preview),
                expected,
                "{changes} {note:?} {number:?}"
            );
        }
    }

    #[test]
    fn a_preview_that_moved_is_stale() {
        let preview = preview(1);
        let mut filled = filled(&preview, Some(Preset::Churned), "", "");
        filled.versions = vec![2];
        assert_eq!(flaws(&filled, &preview), [Flaw::Stale]);
    }

    #[test]
    fn figures_of_other_options_are_stale() {
        let preview = preview(1);
        let mut filled = filled(&preview, Some(Preset::Churned), "", "");
        filled.read = Some(Read {
            options: ArchiveOptions::default(),
            tally: Tally::default(),
        });
        assert_eq!(flaws(&filled, &preview), []);
        filled.options.release_aliases = true;
        assert_eq!(flaws(&filled, &preview), [Flaw::Stale]);
    }

    #[test]
    fn the_reason_is_the_preset_and_the_note() {
        let text = |preset, note| {
            reason(preset, note)
                .unwrap()
                .map(|reason| reason.as_str().to_owned())
        };
        assert_eq!(
            text(Some(Preset::Mistake), " SUP-1 ").as_deref(),
            Some("Onboarded by mistake. SUP-1")
        );
        assert_eq!(text(Some(Preset::Churned), "").as_deref(), Some("Churned"));
        assert_eq!(
            text(Some(Preset::Other), "moved away").as_deref(),
            Some("moved away")
        );
        assert_eq!(text(None, ""), None);
    }
}
