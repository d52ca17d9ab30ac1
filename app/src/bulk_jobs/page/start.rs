//! Where a list of ids, keys or aliases is pasted or uploaded.

use crate::{
    bulk_jobs::{What, rules::ROWS_MAX},
    confirm::{Subjects, Transition},
    money::group_thousands,
    ui::{button, field, title},
};
use leptos::prelude::*;

#[component]
pub fn StartPage() -> impl IntoView {
    title::set("From a list");
    let actions = What::ALL
        .into_iter()
        .map(|what| {
            let label = format!("{} {}", what.transition.verb(), what.subjects.noun(2));
            let first =
                what.subjects == Subjects::Customers && what.transition == Transition::Archive;
            view! {
                <label class="choice">
                    <input type="radio" name="action" value=what.as_str() checked=first/>
                    {label}
                </label>
            }
        })
        .collect_view();
    let hint = format!(
        "One a line, or a table whose heading calls a column id, key or alias. Customers by id, key or ingest alias; configurations by id or uniqueness key. At most {}.",
        group_thousands(ROWS_MAX as u64)
    );
    view! {
        <form class="confirm-page" method="post" action="/bulk/preview" enctype="multipart/form-data">
            <header class="dialog-head">
                <h1>"From a list"</h1>
                <p class="mt-0.5 text-small text-muted">"Nothing happens yet: next comes a preview of what would."</p>
            </header>
            <div class="dialog-body">
                <fieldset>
                    <legend class="sr-only">"What to do"</legend>
                    <div class="choices">{actions}</div>
                </fieldset>
                <div class="grid gap-1">
                    <label for="list-text" class="text-label">"List"</label>
                    <textarea
                        id="list-text"
                        name="list"
                        rows="8"
                        spellcheck="false"
                        autocomplete="off"
                        class=format!("{} h-auto! py-2 font-mono text-small", field::INPUT)
                        aria-describedby="list-hint"
                    ></textarea>
                    <p id="list-hint" class="text-small text-muted">{hint}</p>
                </div>
                <label class="flex flex-wrap items-center gap-2.5 text-table">
                    <span>"Or a file"</span>
                    <input type="file" name="file" accept=".csv,.txt,text/csv,text/plain" class="max-w-full text-small"/>
                </label>
            </div>
            <footer class="dialog-foot">
                <a class=button::NEUTRAL href="/jobs">"Cancel"</a>
                <button class=button::PRIMARY>"Preview"</button>
            </footer>
        </form>
    }
}
