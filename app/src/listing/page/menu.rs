//! The first and the last cell of a row: its box, and its menu, a popover of links, which opens without a script.

use crate::{confirm::request::Subjects, ui::markup::Markup};

/// The box of a row, 40 px wide. Its state belongs to the browser until the page is awake.
pub fn tick(markup: &mut Markup, id: &str, name: &str) {
    markup
        .raw(r#"<td class="c"><label><input type="checkbox" name="ids" value=""#)
        .text(&id)
        .raw(r#"" aria-label="Select "#)
        .text(&name)
        .raw(r#""></label></td>"#);
}

/// `number` tells the menus of a page apart. The verb is there for those who may use it.
pub fn row_menu(
    markup: &mut Markup,
    number: usize,
    subjects: Subjects,
    id: &str,
    name: &str,
    archived: bool,
    may: bool,
) {
    let page = format!("{}/{id}", subjects.path());
    markup
        .raw(r#"<td class="a"><button type="button" popovertarget="m"#)
        .text(&number)
        .raw(r#"" aria-label="Actions for "#)
        .text(&name)
        .raw(r#"">⋯</button><div popover id="m"#)
        .text(&number)
        .raw(r#"" class="popover menu"><a href=""#)
        .text(&page)
        .raw(r#"">Open</a><button type="button" class="not-group-data-awake:hidden" value=""#)
        .text(&id)
        .raw(r#"">Copy id</button>"#);
    if subjects == Subjects::Customers {
        markup
            .raw(r#"<a href=""#)
            .text(&page)
            .raw(r#"/timeline">Timeline</a>"#);
    }
    if may {
        markup
            .raw(r#"<a rel="external" href=""#)
            .text(&page)
            .raw(match archived {
                false => r#"/archive" class="danger">Archive…</a>"#,
                true => r#"/unarchive">Unarchive</a>"#,
            });
    }
    markup.raw("</div></td>");
}
