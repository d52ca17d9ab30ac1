//! The audit log of one customer as a timeline: grouped by day, newest first, one sentence an entry.

use super::{ChangeKind, Entry, ObjectKind, rules};
use crate::ui::{icons, span, time};
use leptos::prelude::*;

/// The entries as they were recorded.
pub fn timeline(entries: &[Entry]) -> AnyView {
    if entries.is_empty() {
        return crate::ui::card::nothing("Nothing is recorded here.");
    }
    let days = rules::by_day(entries)
        .into_iter()
        .map(|(day, entries)| {
            let events = entries.iter().map(event).collect_view();
            view! {
                <li class="day">
                    <h3><time datetime=day.to_string()>{span::full_day(day)}</time></h3>
                    <ol>{events}</ol>
                </li>
            }
        })
        .collect_view();
    view! { <ol class="timeline">{days}</ol> }.into_any()
}

fn event(entry: &Entry) -> AnyView {
    let reason = entry
        .reason
        .clone()
        .map(|reason| view! { <q><bdi>{reason}</bdi></q> });
    let object = (entry.object_kind == ObjectKind::Configuration).then(|| {
        let href = format!("/billing-configurations/{}", entry.object_id);
        view! { <a class="hover:underline" href=href>"Configuration"</a> }
    });
    view! {
        <li class="ev">
            <span class="mark">{icons::small_icon(mark(entry.change))}</span>
            <div class="min-w-0 wrap-anywhere">
                <b class="font-medium"><bdi>{entry.actor.label()}</bdi></b>
                " "
                {rules::did(entry)}
                <div class="refs">
                    {reason}
                    {object}
                    <span class="font-mono" title="Request id">{entry.request_id.clone()}</span>
                </div>
            </div>
            {time::stamp(entry.at, time::clock(entry.at))}
        </li>
    }
    .into_any()
}

fn mark(change: ChangeKind) -> &'static str {
    match change {
        ChangeKind::CustomerArchived
        | ChangeKind::ConfigurationsArchived
        | ChangeKind::UnarchiveUndone => icons::ARCHIVE,
        ChangeKind::CustomerUnarchived | ChangeKind::ConfigurationsUnarchived => icons::UNARCHIVE,
        ChangeKind::CustomerUpdated | ChangeKind::AliasesSet => icons::PENCIL,
        ChangeKind::CustomerCreated
        | ChangeKind::ConfigurationsCreated
        | ChangeKind::ContractCreated => icons::PLUS,
        ChangeKind::InvoiceWritten => icons::DOCUMENT,
        ChangeKind::InvoiceVoided => icons::CROSS,
        ChangeKind::SessionStarted | ChangeKind::SessionEnded => icons::LOCK,
        ChangeKind::BulkJobConfirmed
        | ChangeKind::BulkJobPaused
        | ChangeKind::BulkJobResumed
        | ChangeKind::BulkJobCancelled
        | ChangeKind::BulkJobEnded => icons::DOCUMENT,
    }
}
