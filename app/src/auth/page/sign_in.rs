//! The sign-in page. A plain form: it works before the page is awake, and the browser's password manager knows it.

use crate::{
    error::Refusal,
    ui::{
        banner::{Tone, banner},
        button, field, hydration,
        icons::{self, icon, word_mark},
        title,
    },
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// Why the form came back: a word in the URL, of a closed set.
fn refusal(word: &str) -> Option<Refusal> {
    [Refusal::WrongPassword, Refusal::TooManyAttempts]
        .into_iter()
        .find(|refusal| refusal.code() == word)
}

/// `next` is where to go on, `refused` why the last try failed.
#[component]
pub fn SignInPage() -> impl IntoView {
    let params = use_query_map().get_untracked();
    let refused = params.get("refused").as_deref().and_then(refusal);
    let next = params.get("next");
    title::set(if refused.is_some() {
        "Error: Sign in"
    } else {
        "Sign in"
    });
    let invalid = (refused == Some(Refusal::WrongPassword)).then_some("true");
    let summary = refused.map(|refusal| {
        let body = view! { <p id="refused">{format!("{refusal}.")}</p> };
        view! { <div role="alert">{banner(Tone::Bad, icons::ALERT, body, ())}</div> }
    });
    view! {
        <div class="grid min-h-screen lg:grid-cols-2">
            <main id="main" class="flex flex-col px-12 py-8 max-md:px-5 max-md:py-6">
                <a href="/sign-in" rel="external" class="self-start pointer-coarse:py-2.5 [&>svg]:h-6" aria-label="Mothball">{word_mark()}</a>
                <form method="post" action="/sign-in" class="my-auto grid w-80 gap-4 max-md:mt-18 max-md:w-full">
                    <div>
                        <h1>"Sign in"</h1>
                        <p class="mt-0.5 text-muted">"To the support console"</p>
                    </div>
                    {summary}
                    {next.map(|next| view! { <input type="hidden" name="next" value=next/> })}
                    <label class=field::FIELD>
                        <span class=field::LABEL>"Email"</span>
                        <input
                            class=field::INPUT
                            type="email"
                            name="email"
                            autocomplete="username"
                            required
                            autofocus
                            aria-invalid=invalid
                            aria-describedby=invalid.map(|_| "refused")
                        />
                    </label>
                    {password(invalid)}
                    <button class=format!("{} mt-1", button::PRIMARY)>"Sign in"</button>
                    <p class="text-small text-muted">"Forgot your password? An admin can set a new one."</p>
                </form>
                <p class="text-small text-faint">{concat!("Mothball ", env!("CARGO_PKG_VERSION"))}</p>
            </main>
            {artwork()}
        </div>
    }
}

/// The password can be shown where there is a script to do it.
fn password(invalid: Option<&'static str>) -> AnyView {
    let awake = hydration::awake();
    let shown = RwSignal::new(false);
    let eye = move || {
        awake.get().then(|| {
            view! {
                <button
                    type="button"
                    class=format!("{} absolute right-0.5 bottom-[calc((var(--control)-var(--control-sm))/2)]", button::PLAIN_ICON)
                    aria-label="Show password"
                    aria-pressed=move || shown.get().to_string()
                    on:click=move |_| shown.update(|shown| *shown = !*shown)
                >
                    {icon(icons::EYE)}
                </button>
            }
        })
    };
    view! {
        <div class="relative">
            <label class=field::FIELD>
                <span class=field::LABEL>"Password"</span>
                <input
                    class=format!("{} pr-10", field::INPUT)
                    type=move || if shown.get() { "text" } else { "password" }
                    name="password"
                    autocomplete="current-password"
                    required
                    aria-invalid=invalid
                    aria-describedby=invalid.map(|_| "refused")
                />
            </label>
            {eye}
        </div>
    }
    .into_any()
}

/// Mothballs in rows, of which some are an M that holds a large one.
fn artwork() -> AnyView {
    const M: &str = "M90 162h0M90 198h0M90 234h0M90 270h0M90 306h0M90 342h0M90 378h0M90 414h0\
        M378 162h0M378 198h0M378 234h0M378 270h0M378 306h0M378 342h0M378 378h0M378 414h0\
        M126 198h0M162 234h0M198 270h0M234 306h0M270 270h0M306 234h0M342 198h0";
    view! {
        <div class="grid place-items-center overflow-hidden border-l border-border bg-sunken text-border-strong max-lg:hidden" aria-hidden="true">
            <svg width="468" height="504" viewBox="0 36 468 504">
                <pattern id="balls" width="36" height="36" patternUnits="userSpaceOnUse">
                    <circle class="fill-none stroke-current stroke-[1.5] opacity-55" cx="18" cy="18" r="4"/>
                </pattern>
                <rect class="fill-[url(#balls)]" y="36" width="468" height="504"/>
                <path class="stroke-current stroke-[13] [stroke-linecap:round]" d=M/>
                <circle class="fill-current" cx="234" cy="162" r="25"/>
            </svg>
        </div>
    }
    .into_any()
}
