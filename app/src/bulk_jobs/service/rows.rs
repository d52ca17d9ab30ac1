//! Which rows a preview is about: those that a person chose, or those of another job.

use crate::{
    billing_configurations,
    bulk_jobs::{ItemState, Origin, What, rules::ROWS_MAX, store},
    confirm::{Subjects, Transition},
    customers,
    db::Tx,
    error::{AppError, Refusal},
    ids::{ConfigurationId, CustomerId},
    selection::{Selection, SelectionSummary, Unresolved},
};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Which rows a preview is about.
#[derive(Debug, Clone)]
pub enum Rows {
    Chosen(Selection),
    /// Rows that another job has: which of them is decided in the snapshot of the preview.
    Of(Origin),
}

/// A chosen row with its customer.
pub(super) type Chosen = (CustomerId, Uuid);

impl Rows {
    pub(super) async fn found(&self, tx: &mut Tx, what: What) -> Result<Found, AppError> {
        match self {
            Self::Of(origin) => of_another(tx, what.subjects, *origin).await,
            Self::Chosen(selection) => {
                let (rows, unresolved) = chosen(tx, what, selection).await?;
                Ok(Found {
                    rows,
                    unresolved,
                    selection: selection.summary(),
                })
            }
        }
    }
}

/// What a choice comes to.
pub(super) struct Found {
    /// Those that exist, in order of their customers' ids.
    pub(super) rows: Vec<Chosen>,
    /// What names none.
    pub(super) unresolved: Unresolved,
    pub(super) selection: SelectionSummary,
}

/// Rows of another job that exist; of an earlier preview, how they were chosen and what it could not find.
async fn of_another(tx: &mut Tx, subjects: Subjects, origin: Origin) -> Result<Found, AppError> {
    let mut found = Found {
        rows: Vec::new(),
        unresolved: Unresolved::default(),
        selection: SelectionSummary::Named,
    };
    let ids = match origin {
        Origin::Preview(of) => {
            if let Some(before) = store::find_named(tx.db(), of).await? {
                found.unresolved = before.unresolved;
                found.selection = before.selection;
            }
            store::ids_of(tx.db(), of, None).await?
        }
        Origin::Retry(of) => store::ids_of(tx.db(), of, Some(ItemState::Failed)).await?,
        Origin::Undo(of) => store::untouched(tx.db(), of).await?,
    };
    found.rows = existing(tx, subjects, &ids.into_iter().collect()).await?;
    Ok(found)
}

async fn chosen(
    tx: &mut Tx,
    what: What,
    selection: &Selection,
) -> Result<(Vec<Chosen>, Unresolved), AppError> {
    let subjects = what.subjects;
    let most = ROWS_MAX as i64 + 1;
    match selection {
        Selection::Ids(ids) => {
            let found = existing(tx, subjects, ids).await?;
            let known: BTreeSet<Uuid> = found.iter().map(|(_, id)| *id).collect();
            let not_found = ids.difference(&known).map(Uuid::to_string).collect();
            Ok((found, Unresolved::of(not_found, Vec::new())))
        }
        Selection::References(references) => {
            if references.len() > ROWS_MAX {
                return Err(too_many(subjects, ROWS_MAX));
            }
            let (ids, unresolved) = resolved(tx, what, references).await?;
            Ok((existing(tx, subjects, &ids).await?, unresolved))
        }
        Selection::AllMatching { filter, except } => {
            let most = most + except.len() as i64;
            let list = filter.as_list();
            let mut found: Vec<Chosen> = match subjects {
                Subjects::Customers => {
                    let found = customers::service::matching(tx, list, most).await?;
                    found.into_iter().map(customer).collect()
                }
                Subjects::Configurations => {
                    let found = billing_configurations::service::matching(tx, list, most).await?;
                    found.into_iter().map(configuration).collect()
                }
            };
            found.retain(|(_, id)| !except.contains(id));
            Ok((found, Unresolved::default()))
        }
    }
}

fn customer(id: CustomerId) -> Chosen {
    (id, id.0)
}

fn configuration((owner, id): (CustomerId, ConfigurationId)) -> Chosen {
    (owner, id.0)
}

async fn existing(
    tx: &mut Tx,
    subjects: Subjects,
    ids: &BTreeSet<Uuid>,
) -> Result<Vec<Chosen>, AppError> {
    if ids.len() > ROWS_MAX {
        return Err(too_many(subjects, ROWS_MAX));
    }
    let ids: Vec<Uuid> = ids.iter().copied().collect();
    Ok(match subjects {
        Subjects::Customers => {
            let ids: Vec<CustomerId> = ids.into_iter().map(CustomerId).collect();
            let heads = customers::service::heads(tx, &ids).await?;
            heads.into_iter().map(|head| customer(head.id)).collect()
        }
        Subjects::Configurations => {
            let owned = billing_configurations::service::owned(tx, &ids).await?;
            owned.into_iter().map(configuration).collect()
        }
    })
}

/// The rows that references name: each by its id, its key or an alias. One that names several rows names none.
async fn resolved(
    tx: &mut Tx,
    what: What,
    references: &BTreeSet<String>,
) -> Result<(BTreeSet<Uuid>, Unresolved), AppError> {
    let texts: Vec<String> = references.iter().cloned().collect();
    let mut found: BTreeMap<String, BTreeSet<Uuid>> = BTreeMap::new();
    let named = match what.subjects {
        Subjects::Customers => customers::service::named(tx, &texts).await?,
        Subjects::Configurations => {
            let archived = what.transition == Transition::Unarchive;
            billing_configurations::service::keyed(tx, &texts, archived).await?
        }
    };
    for (reference, id) in named {
        found.entry(reference).or_default().insert(id);
    }
    // One id may be written in several ways.
    let mut ids: BTreeMap<Uuid, Vec<&String>> = BTreeMap::new();
    for text in references {
        if let Ok(id) = Uuid::try_parse(text) {
            ids.entry(id).or_default().push(text);
        }
    }
    for (_, id) in existing(tx, what.subjects, &ids.keys().copied().collect()).await? {
        for text in ids.get(&id).into_iter().flatten() {
            found.entry((*text).clone()).or_default().insert(id);
        }
    }
    let (mut rows, mut not_found, mut ambiguous) = (BTreeSet::new(), Vec::new(), Vec::new());
    for reference in texts {
        match found.get(&reference) {
            None => not_found.push(reference),
            Some(ids) if ids.len() > 1 => ambiguous.push(reference),
            Some(ids) => rows.extend(ids),
        }
    }
    Ok((rows, Unresolved::of(not_found, ambiguous)))
}

pub(super) fn too_many(subjects: Subjects, most: usize) -> AppError {
    AppError::Refused(Refusal::LimitExceeded {
        what: subjects.noun(most).to_owned(),
        most,
    })
}
