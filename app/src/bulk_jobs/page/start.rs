//! Where a list of ids, keys or aliases is pasted or uploaded.

use super::counting;
use crate::{
    bulk_jobs::{What, rules::ROWS_MAX},
    error::AppError,
    money::group_thousands,
    ui::{
        banner::{Tone, banner},
        button, field, icons,
        markup::escaped,
        title,
    },
};
use leptos::prelude::*;

/// A list that no preview came of, on its way to the page that shows it again.
#[derive(Debug, Clone)]
pub struct Unlisted {
    pub what: Option<What>,
    pub list: String,
    pub problem: AppError,
}

#[component]
pub fn StartPage() -> impl IntoView {
    let again: Option<Unlisted> = use_context();
    title::set(match again {
        None => "From a list",
        Some(_) => "Error: From a list",
    });
    let problem = again.as_ref().map(|again| {
        let lead = view! { <h2 class="text-table font-semibold text-danger">{again.problem.sentence()}</h2> };
        view! { <div tabindex="-1" autofocus=true>{banner(Tone::Bad, icons::ALERT, lead, ())}</div> }
    });
    let chosen = again
        .as_ref()
        .and_then(|again| again.what)
        .unwrap_or(What::ALL[0]);
    let list = again.map(|again| escaped(&again.list));
    let actions = What::ALL
        .into_iter()
        .map(|what| {
            let label = format!("{} {}", what.transition.verb(), what.subjects.noun(2));
            view! {
                <label class="choice">
                    <input type="radio" name="action" value=what.as_str() checked=what == chosen/>
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
                {problem}
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
                    >{list}</textarea>
                    <p id="list-hint" class="text-small text-muted">{hint}</p>
                </div>
                <label class="flex flex-wrap items-center gap-2.5 text-table">
                    <span>"Or a file"</span>
                    <input type="file" name="file" accept=".csv,.txt,text/csv,text/plain" class="max-w-full text-small"/>
                </label>
            </div>
            <footer class="dialog-foot max-md:static!">
                <a class=button::NEUTRAL href="/jobs">"Cancel"</a>
                <button class=button::PRIMARY data-counts="">"Preview"</button>
            </footer>
        </form>
        {counting()}
    }
}
