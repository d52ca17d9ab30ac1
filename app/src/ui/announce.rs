//! The two live regions of the console. They are there, empty, from the first byte on; what is put into them is spoken.

use leptos::prelude::*;

/// Says things to people who do not see the page change. Provided to every page.
#[derive(Debug, Clone, Copy)]
pub struct Announcer {
    status: RwSignal<String>,
    alert: RwSignal<String>,
}

impl Announcer {
    pub fn provide() -> Self {
        let announcer = Self {
            status: RwSignal::new(String::new()),
            alert: RwSignal::new(String::new()),
        };
        provide_context(announcer);
        announcer
    }

    pub fn expect() -> Self {
        expect_context()
    }

    /// Spoken when there is time.
    pub fn say(self, sentence: impl Into<String>) {
        self.status.set(sentence.into());
    }

    /// Spoken at once: something went wrong.
    pub fn alert(self, sentence: impl Into<String>) {
        self.alert.set(sentence.into());
    }
}

/// The regions themselves. Once, at the end of the page.
pub fn live_regions(announcer: Announcer) -> AnyView {
    view! {
        <div role="status" class="sr-only">{move || announcer.status.get()}</div>
        <div role="alert" class="sr-only">{move || announcer.alert.get()}</div>
    }
    .into_any()
}
