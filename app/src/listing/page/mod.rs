//! What every list of the console shares: heading with tabs, search and filters, the bar of what can be done to ticked rows,
//! and the footer. A list brings its table. Everything works as links and forms; the script adds ranges, the box in the
//! header and changes without loading the page anew.

mod act;
mod bulk;
mod empty;
mod foot;
mod head;
mod menu;
mod state;
mod tools;

pub use empty::no_rows;
pub use foot::Place;
pub use head::{Counts, sort_header};
pub use menu::{row_menu, tick};
pub use state::{Kind, ListState};

use crate::{
    frame::FrameContext,
    paging::CappedCount,
    ui::{failure, fetched::Fetched, hydration, table, waiting},
};
use leptos::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

/// A list as the server answered it, as far as every list is alike.
pub trait Listed: Clone + Serialize + DeserializeOwned + Send + Sync + 'static {
    fn place(&self) -> Place;
    /// The rows of the page, in the order shown.
    fn tickable(&self) -> Vec<crate::ui::selection::Row>;
    /// The table; `None` stands for rows on their way. Rows can be ticked where `may` is true.
    fn table(this: Option<&Self>, state: ListState, may: bool) -> AnyView;
}

/// The whole page of a list.
pub fn list_page<T: Listed>(
    state: ListState,
    loaded: Fetched<T>,
    counts: Fetched<Counts>,
) -> AnyView {
    let counts = move || counts.get().and_then(Result::ok);
    let frame = FrameContext::expect();
    let may = move || frame.shell().is_some_and(|shell| shell.may_archive);
    let last = StoredValue::new(None::<T>);
    let rows = move || {
        let may = may();
        match loaded.get() {
            None => ().into_any(),
            Some(_) if state.patience.is_lost() => T::table(None, state, may),
            Some(Ok(list)) => {
                state.show(list.tickable());
                let view = if list.place().shown == 0 {
                    no_rows(state, &list.place())
                } else {
                    T::table(Some(&list), state, may)
                };
                last.set_value(Some(list));
                view
            }
            Some(Err(error)) => {
                let old = last.with_value(|last| {
                    last.as_ref().map(|list| view! { <div class="opacity-50" inert>{T::table(Some(list), state, may)}</div> })
                });
                view! { <div class="px-(--page-x) py-4">{failure::failure(state.kind.title, &error)}</div>{old} }.into_any()
            }
        }
    };
    let place = move || loaded.get().and_then(Result::ok).map(|list| list.place());
    let foot = move || {
        place().map_or_else(
            || ().into_any(),
            |place| foot::foot(state, &place, counts().as_ref()),
        )
    };
    let bar = move || {
        if may() {
            bulk::bulk_bar(state)
        } else {
            ().into_any()
        }
    };
    let beyond = move |part: fn(ListState, &Place, Option<CappedCount>) -> AnyView| {
        let place = may().then(place).flatten();
        let count = || counts()?.current(&state.query.get());
        place.map_or_else(|| ().into_any(), |place| part(state, &place, count()))
    };
    let matching = move || beyond(bulk::matching);
    let all_at_once = move || beyond(bulk::all_at_once);
    let problem = move || {
        state
            .problem
            .get()
            .map(|error| view! { <div class="px-(--page-x) pb-3">{failure::refusal(&error)}</div> })
    };
    let awake = hydration::awake();
    let parts = view! {
        {waiting::waiting(move || head::head(state, counts().as_ref()))}
        {tools::tools(state)}
        {problem}
        <form id="rows" method="get" action=format!("{}/archive", state.kind.subjects.path())>
            {waiting::waiting(bar)}
            {bulk::cleared(state)}
            {waiting::waiting(matching)}
            <div aria-busy=move || state.patience.waits().then_some("true")>
                {waiting::waiting_with(state.patience, rows)}
            </div>
            {waiting::waiting(all_at_once)}
        </form>
        {waiting::waiting(foot)}
    };
    act::listen(state);
    view! {
        <div
            class="list group"
            node_ref=state.root
            data-awake=move || awake.get().then_some("")
            data-ticked=move || state.selection.with(|selection| !selection.is_empty()).then_some("")
            on:click=move |event| act::click(state, &event)
        >
            {parts}
        </div>
    }
    .into_any()
}

/// The box in the header: only a script can give it a meaning, so it appears with it.
pub fn tick_header(rows: usize) -> AnyView {
    view! {
        <th scope="col" class="c">
            <span class="sr-only">"Selected"</span>
            <label class="not-group-data-awake:invisible">
                <input type="checkbox" aria-label=format!("Select all {rows} on this page")/>
            </label>
        </th>
    }
    .into_any()
}

/// Rows on their way.
pub fn skeleton(columns: usize) -> AnyView {
    table::skeleton(columns)
}
