//! Classes of buttons. A button is whatever element fits, a link, a submit or a button, with one of these: `<a class=NEUTRAL>`.
//! One primary a view; destruction is an outline on pages and filled only where it is confirmed. What is not possible stays
//! focusable with `aria-disabled="true"`, and the reason stands beside it.

macro_rules! button {
    ($look:literal, $size:literal) => {
        concat!(
            "inline-flex items-center justify-center gap-1.5 rounded-button border text-label whitespace-nowrap \
             transition-colors aria-disabled:border-dashed aria-disabled:border-border aria-disabled:bg-transparent \
             aria-disabled:text-faint aria-busy:cursor-progress print:hidden ",
            $look,
            " ",
            $size
        )
    };
}

macro_rules! neutral {
    ($size:literal) => {
        button!(
            "border-border bg-surface text-text hover:border-border-strong hover:bg-hover active:bg-sunken",
            $size
        )
    };
}

macro_rules! danger {
    ($size:literal) => {
        button!(
            "border-danger-line bg-surface text-danger hover:border-danger hover:bg-danger-bg hover:text-danger-hover",
            $size
        )
    };
}

macro_rules! plain {
    ($size:literal) => {
        button!(
            "border-transparent text-muted hover:bg-hover hover:text-text",
            $size
        )
    };
}

pub const NEUTRAL: &str = neutral!("h-(--control) px-3");
pub const NEUTRAL_SMALL: &str = neutral!("h-(--control-sm) px-2.5");
pub const PRIMARY: &str = button!(
    "border-accent bg-accent text-on-accent hover:border-accent-hover hover:bg-accent-hover",
    "h-(--control) px-3"
);
/// Leads to destruction, which is confirmed elsewhere.
pub const DANGER: &str = danger!("h-(--control) px-3");
pub const DANGER_SMALL: &str = danger!("h-(--control-sm) px-2.5");
/// Does it. Only where the effects were shown.
pub const CONFIRM: &str = button!(
    "border-danger bg-danger text-on-danger hover:border-danger-hover hover:bg-danger-hover",
    "min-h-(--control) px-3"
);
pub const PLAIN_SMALL: &str = plain!("h-(--control-sm) px-2");
/// A square with an icon; needs an `aria-label`.
pub const PLAIN_ICON: &str = plain!("size-(--control-sm)");
/// A button that reads as part of a sentence.
pub const LINK: &str =
    "min-h-6 font-medium text-accent hover:text-accent-hover hover:underline underline-offset-3";
