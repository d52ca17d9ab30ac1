//! What clicks and keys do to a list. One listener for all rows: rows are plain markup, and their boxes are brought in line
//! with the selection after each change.

use super::ListState;
use crate::{
    confirm::{Transition, request::Subjects},
    customers::server_fns::{unarchive_customer, undo_unarchive},
    ids::CustomerId,
    ui::{
        copy::copy,
        selection::{Header, Row},
    },
};
use leptos::{
    ev::{self, KeyboardEvent, MouseEvent},
    prelude::*,
    task::spawn_local,
    wasm_bindgen::JsCast,
};
use std::time::Duration;
use uuid::Uuid;
use web_sys::{Element, HtmlElement, HtmlInputElement};

const BOXES: &str = "tbody input[name=ids]";
const HEADER_BOX: &str = "thead input";
/// After this long a dialog has closed and given the focus back.
const SETTLING: Duration = Duration::from_millis(100);

/// Once a list: adopts what was ticked before, keeps boxes in line, and hears keys.
pub(super) fn listen(state: ListState) {
    Effect::new(move |before: Option<()>| {
        state.track();
        if before.is_none() {
            adopt(state);
        }
        request_animation_frame(move || align(state));
    });
    Effect::new(move || {
        let keys = window_event_listener(ev::keydown, move |event| key(state, &event));
        on_cleanup(move || keys.remove());
    });
    Effect::new(move |before: Option<u32>| {
        let settled = state.confirming.settled();
        if before.is_some_and(|before| before != settled) {
            state.clear();
            set_timeout(move || keep_focus(state), SETTLING);
        }
        settled
    });
}

fn boxes(state: ListState, selector: &str) -> Vec<HtmlInputElement> {
    let Some(list) = state
        .root
        .try_get_untracked()
        .flatten()
        .and_then(|root| root.query_selector_all(selector).ok())
    else {
        return Vec::new();
    };
    (0..list.length())
        .filter_map(|at| list.item(at)?.dyn_into().ok())
        .collect()
}

/// Takes over the boxes that a person or the browser ticked while the page was asleep.
fn adopt(state: ListState) {
    let ticked: Vec<Row> = boxes(state, BOXES)
        .iter()
        .filter(|each| each.checked())
        .filter_map(|each| row_of(state, each))
        .collect();
    if !ticked.is_empty() {
        state.select(|selection| selection.adopt(&ticked));
    }
}

fn align(state: ListState) {
    let (page, Some(selection)) = (state.page(), state.selection.try_get_untracked()) else {
        return;
    };
    for each in boxes(state, BOXES) {
        each.set_checked(each.value().parse().is_ok_and(|id| selection.contains(id)));
    }
    for each in boxes(state, HEADER_BOX) {
        let header = selection.header(&page);
        each.set_checked(header == Header::All);
        each.set_indeterminate(header == Header::Some);
    }
}

fn row_of(state: ListState, input: &HtmlInputElement) -> Option<Row> {
    let id: Uuid = input.value().parse().ok()?;
    state.page().into_iter().find(|row| row.id == id)
}

/// The row that something is in, with the element that holds it.
fn row_around(state: ListState, element: &Element) -> Option<(Element, Row)> {
    let line = element.closest("tbody tr").ok()??;
    let input = line
        .query_selector("input[name=ids]")
        .ok()??
        .dyn_into()
        .ok()?;
    Some((line, row_of(state, &input)?))
}

fn pick(state: ListState, row: Row, range: bool) {
    let page = state.page();
    state.select(|selection| {
        if range {
            selection.extend(row, &page)
        } else {
            selection.toggle(row)
        }
    });
}

pub(super) fn click(state: ListState, event: &MouseEvent) {
    let Some(target) = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok())
    else {
        return;
    };
    let within = |selector: &str| target.closest(selector).ok().flatten();
    if let Some(input) = target.dyn_ref::<HtmlInputElement>() {
        if within("thead").is_some() {
            let page = state.page();
            state.select(|selection| selection.press_header(&page));
        } else if let Some(row) = row_of(state, input) {
            pick(state, row, event.shift_key());
        }
    } else if let Some(menu) = within(".menu") {
        choose(state, event, &target, &menu);
    } else if within("a, button, label, [popover]").is_none()
        && let Some((line, _)) = row_around(state, &target)
        && !selects_text()
    {
        open(&line);
    }
}

/// A choice in the menu of a row. Links that a dialog or one call can answer are answered so.
fn choose(state: ListState, event: &MouseEvent, target: &Element, menu: &Element) {
    let Some((line, row)) = row_around(state, menu) else {
        return;
    };
    let plain = !(event.ctrl_key() || event.meta_key() || event.shift_key());
    let href = target
        .closest("a")
        .ok()
        .flatten()
        .and_then(|link| link.get_attribute("href"))
        .unwrap_or_default();
    if target.has_attribute("value") {
        copy(state.announcer, "Id", &row.id.to_string());
    } else if plain && href.ends_with("/archive") {
        event.prevent_default();
        state
            .confirming
            .ask(state.kind.subjects, Transition::Archive, vec![row.id]);
    } else if plain && href.ends_with("/unarchive") {
        event.prevent_default();
        match state.kind.subjects {
            Subjects::Customers => unarchive(state, CustomerId(row.id), name_of(&line)),
            Subjects::Configurations => {
                state
                    .confirming
                    .ask(state.kind.subjects, Transition::Unarchive, vec![row.id])
            }
        }
    }
    if let Some(menu) = menu.dyn_ref::<HtmlElement>() {
        let _ = menu.hide_popover();
    }
}

fn name_of(line: &Element) -> String {
    line.query_selector("th a")
        .ok()
        .flatten()
        .and_then(|link| link.text_content())
        .unwrap_or_default()
}

fn open(line: &Element) {
    if let Some(link) = line
        .query_selector("th a")
        .ok()
        .flatten()
        .and_then(|link| link.dyn_into::<HtmlElement>().ok())
    {
        // Not within this click: the listener that is running would be called again.
        set_timeout(move || link.click(), Duration::ZERO);
    }
}

fn selects_text() -> bool {
    window()
        .get_selection()
        .ok()
        .flatten()
        .is_some_and(|selection| !selection.is_collapsed())
}

/// Brings one customer back at once, with a way to undo it.
fn unarchive(state: ListState, id: CustomerId, name: String) {
    state.problem.set(None);
    spawn_local(async move {
        match unarchive_customer(id).await {
            Err(error) => fail(state, error),
            Ok(version) => {
                let undone = name.clone();
                let undo = Callback::new(move |()| {
                    let name = undone.clone();
                    spawn_local(async move {
                        match undo_unarchive(id, version).await {
                            Err(error) => fail(state, error),
                            Ok(()) => state.toasts.show(format!("{name} is archived again"), None),
                        }
                        state.confirming.changed();
                    });
                });
                state
                    .toasts
                    .show(format!("{name} unarchived"), Some(("Undo", undo)));
                state.confirming.changed();
            }
        }
    });
}

fn fail(state: ListState, error: crate::error::AppError) {
    state.announcer.alert(error.to_string());
    let _ = state.problem.try_set(Some(error));
}

fn key(state: ListState, event: &KeyboardEvent) {
    let Some(target) = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok())
    else {
        return;
    };
    let modified = event.ctrl_key() || event.meta_key() || event.alt_key();
    let types = target
        .matches("input:not([type=checkbox]), select, textarea")
        .unwrap_or(false);
    let busy = document()
        .query_selector(":popover-open, dialog[open]")
        .ok()
        .flatten()
        .is_some();
    if busy || event.default_prevented() {
        return;
    }
    if modified {
        let command = (event.ctrl_key() || event.meta_key()) && !event.alt_key();
        if command && event.key().eq_ignore_ascii_case("a") && among_boxes(state, &target) {
            event.prevent_default();
            tick_all(state, event.shift_key());
        }
        return;
    }
    match event.key().as_str() {
        "/" if !types => {
            if let Some(search) = boxes(state, "input[type=search]").first() {
                event.prevent_default();
                let _ = search.focus();
                search.select();
            }
        }
        "Escape" if !types => state.clear(),
        "x" | "X" | " " if !types => {
            let range = event.shift_key();
            let is_box = target.has_attribute("value");
            // The space bar alone already ticks a box.
            if event.key() == " " && !(range && is_box) {
                return;
            }
            if let Some((_, row)) = row_around(state, &target) {
                event.prevent_default();
                pick(state, row, range);
            }
        }
        _ => {}
    }
}

/// Whether the focus is on the table, its rows or what is in them, and not where text could be selected; and whether rows can
/// be ticked there.
fn among_boxes(state: ListState, target: &Element) -> bool {
    let within = target.closest("table").ok().flatten();
    let list = state.root.try_get_untracked().flatten();
    let in_table = within.is_some_and(|table| list.is_some_and(|list| list.contains(Some(&table))));
    in_table && !boxes(state, HEADER_BOX).is_empty()
}

/// Every row of the page; or, where there are more, everything that matches.
fn tick_all(state: ListState, matching: bool) {
    if matching {
        state.select_all_matching();
        return;
    }
    let page = state.page();
    state.select(|selection| selection.adopt(&page));
}

/// Where the row or button that had the focus is gone, the focus goes to the table's name.
fn keep_focus(state: ListState) {
    let lost = document()
        .active_element()
        .is_none_or(|active| active.tag_name() == "BODY");
    let caption = state
        .root
        .try_get_untracked()
        .flatten()
        .and_then(|root| root.query_selector("caption").ok()?);
    if lost
        && let Some(caption) = caption.and_then(|caption| caption.dyn_into::<HtmlElement>().ok())
    {
        let _ = caption.focus();
    }
}
