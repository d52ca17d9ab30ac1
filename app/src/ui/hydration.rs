//! Whether the page is awake. Before that, and without JavaScript, everything shown works as a link or a submit; controls that
//! need a script appear with it.

use leptos::prelude::*;

#[derive(Clone, Copy)]
struct Awake(RwSignal<bool>);

/// Turns true in the browser, after the first render. Called once.
pub fn provide() {
    let awake = RwSignal::new(false);
    provide_context(Awake(awake));
    Effect::new(move || awake.set(true));
}

/// False on the server and while hydrating, true afterwards.
pub fn awake() -> Signal<bool> {
    expect_context::<Awake>().0.into()
}
