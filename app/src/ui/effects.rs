//! A list of consequences in one grammar: figure, words, split. With rows to open where a decision hangs on it, flat beside
//! other facts.

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
