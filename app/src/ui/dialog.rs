//! A native modal dialog. The browser keeps the rest of the page inert and gives the focus back to where it came from.

use leptos::{ev, html::Dialog, prelude::*};

/// What closing a dialog now would lose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    Nothing,
    /// Something typed: it asks before.
    Typed,
    /// The answer to what was sent: it stays open.
    Answer,
}

/// How a dialog opens, and what it asks before it closes.
#[derive(Clone, Copy)]
pub struct Modal {
    node: NodeRef<Dialog>,
    loss: StoredValue<Box<dyn Fn() -> Loss + Send + Sync>>,
    /// Someone wants to leave and is asked whether to lose it.
    leaving: RwSignal<bool>,
    /// What takes the focus at opening.
    heading: &'static str,
    closed: Callback<()>,
}

impl Modal {
    /// `heading` selects what takes the focus at opening; `closed` runs once after each closing.
    pub fn new(heading: &'static str, closed: Callback<()>) -> Self {
        Self {
            node: NodeRef::new(),
            loss: StoredValue::new(Box::new(|| Loss::Nothing)),
            leaving: RwSignal::new(false),
            heading,
            closed,
        }
    }

    /// Asked for on every attempt to close.
    pub fn set_loss(self, loss: impl Fn() -> Loss + Send + Sync + 'static) {
        self.loss.set_value(Box::new(loss));
    }

    fn loss(self) -> Loss {
        self.loss.with_value(|loss| loss())
    }

    /// Opens after the next frame, when its content is there, with the focus on its heading.
    pub fn open(self) {
        self.leaving.set(false);
        request_animation_frame(move || {
            if let Some(dialog) = self.node.get_untracked()
                && !dialog.open()
            {
                let _ = dialog.show_modal();
                focus(self.heading);
            }
        });
    }

    /// Closes, unless something typed would be lost: then it asks first.
    pub fn leave(self) {
        match self.loss() {
            Loss::Nothing => self.close(),
            Loss::Typed => self.leaving.set(true),
            Loss::Answer => {}
        }
    }

    /// Closes whatever was typed.
    pub fn close(self) {
        self.leaving.set(false);
        if let Some(dialog) = self.node.get_untracked() {
            dialog.close();
        }
        self.closed.run(());
    }

    /// Whether the question about leaving is to be shown.
    pub fn leaving(self) -> RwSignal<bool> {
        self.leaving
    }
}

/// The dialog element around `content`. On small screens it is a sheet at the bottom. `role` is `alertdialog` where a yes is
/// final; `described_by` is the id of the text that says so.
pub fn dialog(
    modal: Modal,
    role: impl Fn() -> &'static str + Send + Sync + 'static,
    labelled_by: &'static str,
    described_by: &'static str,
    content: impl IntoAny,
) -> AnyView {
    let keydown = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" {
            event.prevent_default();
            event.stop_propagation();
            modal.leave();
        }
    };
    let cancel = move |event: ev::Event| {
        event.prevent_default();
        modal.leave();
    };
    // Beside the panel the dialog itself is what was pressed; it ignores that while something is typed.
    let press = move |event: ev::MouseEvent| {
        let beside = event.target() == event.current_target();
        if beside && modal.loss() == Loss::Nothing {
            modal.close();
        }
    };
    let role = Signal::derive(role);
    view! {
        <dialog
            class="dialog"
            node_ref=modal.node
            role=move || role.get()
            aria-labelledby=labelled_by
            aria-describedby=described_by
            on:keydown=keydown
            on:cancel=cancel
            on:mousedown=press
        >
            {content.into_any()}
        </dialog>
    }
    .into_any()
}

/// Moves the focus to an element that may have come with the last change.
pub fn focus_soon(selector: &'static str) {
    request_animation_frame(move || focus(selector));
}

/// Moves the focus to the first element that matches; one that is no control is made to take it.
pub fn focus(selector: &str) {
    use leptos::wasm_bindgen::JsCast;
    let Ok(Some(element)) = document().query_selector(selector) else {
        return;
    };
    if !element.has_attribute("tabindex")
        && element.matches("h1, h2, h3, section, ul").unwrap_or(false)
    {
        let _ = element.set_attribute("tabindex", "-1");
    }
    if let Some(element) = element.dyn_ref::<web_sys::HtmlElement>() {
        let _ = element.focus();
    }
}
