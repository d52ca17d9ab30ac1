//! Markup written as text, for the rows of lists. A view is built and walked part by part, on the server and again in the
//! browser; a page of a list has a thousand parts that nothing ever changes one by one.
//!
//! What lives as long as the program goes in as it is, words of the source that is; everything else is escaped.

use leptos::prelude::*;
use std::fmt::{self, Display, Write};

#[derive(Debug, Default)]
pub struct Markup(String);

/// A row of a table, with the cells that `write` writes.
pub fn row(class: Option<&'static str>, write: impl FnOnce(&mut Markup)) -> AnyView {
    let cells = Markup::of(write);
    view! { <tr class=class inner_html=cells></tr> }.into_any()
}

/// A cell of a row that is a view.
pub fn cell(class: &'static str, write: impl FnOnce(&mut Markup)) -> AnyView {
    let content = Markup::of(write);
    view! { <td class=class inner_html=content></td> }.into_any()
}

/// For inside a `textarea`: whatever stands there, views write as it is.
pub fn escaped(text: &str) -> String {
    Markup::of(|markup| {
        markup.text(&text);
    })
}

impl Markup {
    fn of(write: impl FnOnce(&mut Self)) -> String {
        let mut markup = Self::default();
        write(&mut markup);
        markup.0
    }

    /// As the source says it.
    pub fn raw(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// As text, or as the value of an attribute in double quotes.
    pub fn text(&mut self, text: &dyn Display) -> &mut Self {
        // A string takes everything; only a `Display` that fails by itself could, and then its text ends there.
        let _whole = write!(Escaped(&mut self.0), "{text}");
        self
    }
}

struct Escaped<'a>(&'a mut String);

impl Write for Escaped<'_> {
    fn write_str(&mut self, mut text: &str) -> fmt::Result {
        while let Some(at) = text.find(['&', '<', '>', '"', '\'']) {
            self.0.push_str(&text[..at]);
            self.0.push_str(match text.as_bytes()[at] {
                b'&' => "&amp;",
                b'<' => "&lt;",
                b'>' => "&gt;",
                b'"' => "&quot;",
                _ => "&#39;",
            });
            text = &text[at + 1..];
        }
        self.0.push_str(text);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn text_never_becomes_markup(text in r#"[&<>"'a-z ;\u{e9}\u{1f98b}]{0,40}"#) {
            let written = Markup::of(|markup| {
                markup.text(&text);
            });
            prop_assert!(!written.contains(['<', '>', '"', '\'']));
            let read = written
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", r#"""#)
                .replace("&#39;", "'")
                .replace("&amp;", "&");
            prop_assert_eq!(read, text);
        }
    }

    #[test]
    fn the_source_stands_as_it_is() {
        let written = Markup::of(|markup| {
            markup
                .raw(r#"<b title=""#)
                .text(&r#""><script>"#)
                .raw(r#"">"#)
                .text(&7)
                .raw("</b>");
        });
        assert_eq!(written, r#"<b title="&quot;&gt;&lt;script&gt;">7</b>"#);
    }
}
