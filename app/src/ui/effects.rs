//! A list of consequences in one grammar: figure, words, split. With rows to open where a decision hangs on it, flat beside
//! other facts.

use super::icons;
use crate::money::group_thousands;
use leptos::prelude::*;

/// One consequence, counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    pub figure: u64,
    /// What the figure was when it was last read, where it changed since.
    pub was: Option<u64>,
    pub words: String,
    pub split: Vec<Split>,
    pub notes: Vec<Note>,
    pub rows: Vec<Row>,
    /// Rows that there are beyond `rows`.
    pub more: u64,
    /// Names its rows where they are to be asked for; empty where there are none.
    pub opens: &'static str,
}

/// A part of a figure, such as one currency of several.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Split {
    /// Stands before the value, and does not change: `EUR`.
    pub label: String,
    pub value: String,
    /// What the value was when it was last read, where it changed since.
    pub was: Option<String>,
}

/// A sentence under a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    pub text: String,
    /// Something that people regret not having read.
    pub warns: bool,
}

/// One thing that a figure counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub name: String,
    pub detail: String,
}

impl Line {
    /// Whether it says something else than when it was last read.
    pub fn changed(&self) -> bool {
        self.was.is_some() || self.split.iter().any(|split| split.was.is_some())
    }
}

/// The lines as a decision needs them: each opens the first of its rows. `elsewhere` is the URL that a line's name completes
/// where its rows are to be asked for.
pub fn effects_list(label: &'static str, lines: Vec<Line>, elsewhere: Option<&str>) -> AnyView {
    let items = lines
        .into_iter()
        .map(|line| match elsewhere {
            Some(url) if !line.opens.is_empty() => link(&line, url),
            _ => item(line),
        })
        .collect_view();
    view! { <ul class="effects" aria-label=label>{items}</ul> }.into_any()
}

fn link(line: &Line, url: &str) -> AnyView {
    let notes = line.notes.iter().cloned().map(note).collect_view();
    let href = format!("{url}{}#rows", line.opens);
    view! {
        <li>
            <a class="line" href=href>{head(line)}{icons::small_icon(icons::CHEVRON_RIGHT)}</a>
            {notes}
        </li>
    }
    .into_any()
}

fn item(line: Line) -> AnyView {
    let head = head(&line);
    let notes = line.notes.into_iter().map(note).collect_view();
    if line.rows.is_empty() {
        return view! { <li><div class="line">{head}</div>{notes}</li> }.into_any();
    }
    let rows = line.rows.into_iter().map(row).collect_view();
    let more = (line.more > 0).then(|| {
        let more = format!("and {} more", group_thousands(line.more));
        view! { <li class="text-muted">{more}</li> }
    });
    view! {
        <li>
            <details>
                <summary class="line">{head}{icons::small_icon(icons::CHEVRON_RIGHT)}</summary>
                <ul class="rows">{rows}{more}</ul>
            </details>
            {notes}
        </li>
    }
    .into_any()
}

fn head(line: &Line) -> AnyView {
    let figure = match (line.figure, line.was) {
        (0, None) => None,
        (figure, was) => Some((group_thousands(figure), was)),
    };
    let figure = figure.map(|(figure, was)| match was {
        None => figure.into_any(),
        Some(_) => view! { <ins>{figure}</ins> }.into_any(),
    });
    let was = line
        .was
        .map(|was| view! { <span>"was "<del>{group_thousands(was)}</del></span> });
    let split = line.split.iter().map(part).collect_view();
    view! {
        <span class="fig">{figure}</span>
        <span>{line.words.clone()}</span>
        <span class="split">{was}{split}</span>
    }
    .into_any()
}

fn part(split: &Split) -> AnyView {
    let label = (!split.label.is_empty()).then(|| format!("{} ", split.label));
    let value = split.value.clone();
    match split.was.clone() {
        None => view! { <span>{label}{value}</span> }.into_any(),
        Some(was) => view! { <span>{label}<del>{was}</del>" "<ins>{value}</ins></span> }.into_any(),
    }
}

fn note(note: Note) -> AnyView {
    let class = if note.warns {
        "note text-warn"
    } else {
        "note text-muted"
    };
    view! { <p class=class>{note.text}</p> }.into_any()
}

fn row(row: Row) -> AnyView {
    view! { <li><bdi>{row.name}</bdi><span>{row.detail}</span></li> }.into_any()
}

/// The lines in few words, beside other facts: figure, words, and the first note small under them.
pub fn effects_flat(lines: Vec<Line>) -> AnyView {
    let items = lines
        .into_iter()
        .map(|line| {
            let figure = group_thousands(line.figure);
            let small = line.notes.into_iter().next().map(|note| {
                let class = if note.warns {
                    "text-warn"
                } else {
                    "text-muted"
                };
                view! { <small class=class>{note.text}</small> }
            });
            view! { <li><span class="fig">{figure}</span><span>{line.words}{small}</span></li> }
        })
        .collect_view();
    view! { <ul class="effects-flat">{items}</ul> }.into_any()
}

/// Room for lines that are being counted.
pub fn effects_skeleton() -> AnyView {
    const WIDTHS: [&str; 4] = ["w-32", "w-44", "w-28", "w-48"];
    let bars = WIDTHS
        .map(|width| {
            let class = format!(
                "ml-11 inline-block h-2 rounded-input bg-border motion-safe:animate-pulse {width}"
            );
            view! { <li><div class="line"><span class=class></span></div></li> }
        })
        .into_iter()
        .collect_view();
    view! { <ul class="effects" aria-hidden="true">{bars}</ul> }.into_any()
}
