//! The menu of a row: a popover of links, which opens without a script.

use crate::confirm::request::Subjects;
use leptos::prelude::*;

/// `number` tells the menus of a page apart. The verb is there for those who may use it.
pub fn row_menu(
    number: usize,
    subjects: Subjects,
    id: &str,
    name: &str,
    archived: bool,
    may: bool,
) -> AnyView {
    let page = format!("{}/{id}", subjects.path());
    let timeline = format!("{page}/timeline");
    let timeline =
        (subjects == Subjects::Customers).then(|| view! { <a href=timeline>"Timeline"</a> });
    let verb = may.then(|| {
        let (path, label, class) = match archived {
            false => ("archive", "Archive…", "danger"),
            true => ("unarchive", "Unarchive", ""),
        };
        view! { <a href=format!("{page}/{path}") class=class>{label}</a> }
    });
    let anchor = format!("m{number}");
    view! {
        <td class="a">
            <button type="button" popovertarget=anchor.clone() aria-label=format!("Actions for {name}")>"⋯"</button>
            <div popover id=anchor class="popover menu">
                <a href=page>"Open"</a>
                <button type="button" class="not-group-data-awake:hidden" value=id.to_owned()>"Copy id"</button>
                {timeline}
                {verb}
            </div>
        </td>
    }
    .into_any()
}
