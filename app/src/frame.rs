//! The console's frame around every page but the sign-in page: rail, top bar with breadcrumb and environment, and who is
//! signed in. Works without JavaScript down to the navigation on small screens.

use crate::{
    auth::{Shell, server_fns::read_shell},
    bulk_jobs,
    confirm::ConfirmDialog,
    ui::{
        button,
        fetched::Fetched,
        hydration,
        icons::{self, icon, word_mark},
        toast::{self, Toasts},
        waiting::waiting,
    },
};
use leptos::{html, prelude::*};
use leptos_router::hooks::use_location;

/// What the frame knows, for pages. `None` until it is known and where nobody is signed in.
#[derive(Clone, Copy)]
pub struct FrameContext {
    shell: Fetched<Shell>,
    crumb: RwSignal<String>,
}

impl FrameContext {
    pub fn expect() -> Self {
        expect_context()
    }

    /// Of the signed-in person. Read below a `Suspense` or `Transition`.
    pub fn shell(self) -> Option<Shell> {
        self.shell.get().and_then(Result::ok)
    }

    /// Names the page below its section in the breadcrumb; empty for the section itself.
    pub fn name_page(self, name: impl Into<String>) {
        let name = name.into();
        if self.crumb.with_untracked(|now| *now != name) {
            self.crumb.set(name);
        }
    }
}

/// The sections: path, name in the rail, name in the breadcrumb, icon.
const SECTIONS: [(&str, &str, &str, &str); 3] = [
    ("/customers", "Customers", "Customers", icons::CUSTOMERS),
    (
        "/billing-configurations",
        "Billing configs",
        "Billing configurations",
        icons::CONFIGURATIONS,
    ),
    (JOBS, "Jobs", "Jobs", icons::JOBS),
];

/// A page that never wakes: the way there is a new page for the browser.
const JOBS: &str = "/jobs";

#[component]
pub fn Frame(children: Children) -> impl IntoView {
    let path = use_location().pathname;
    if path.get_untracked() == "/sign-in" {
        return children().into_any();
    }
    let shell = Fetched::new(String::new, read_shell);
    let context = FrameContext {
        shell,
        crumb: RwSignal::new(String::new()),
    };
    provide_context(context);
    let section = Memo::new(move |_| {
        path.with(|path| {
            // Previews of jobs have a path of their own, and never wake.
            let path = match cfg!(feature = "ssr") && path.starts_with("/bulk") {
                true => JOBS,
                false => path.as_str(),
            };
            SECTIONS
                .iter()
                .position(|(href, ..)| path.starts_with(href))
        })
    });
    view! {
        <a
            href="#main"
            class="absolute -top-16 left-2 z-(--z-toast) inline-flex min-h-(--control) items-center rounded-button bg-surface px-3 focus:top-2 focus:shadow-overlay"
        >
            "Skip to content"
        </a>
        <div class="min-h-screen md:grid md:grid-cols-[var(--rail-now)_minmax(0,1fr)] print:block">
            <nav aria-label="Main" class="sticky top-0 flex h-screen flex-col border-r border-border max-md:hidden print:hidden">
                {brand("px-5 max-xl:px-4 max-xl:[&_.letters]:hidden")}
                {sections(section, "flex-1 p-2")}
                <div class="border-t border-border p-2">{person(shell)}</div>
            </nav>
            <div class="min-w-0">
                {top_bar(context, section)}
                <main id="main" tabindex="-1">{children()}</main>
            </div>
        </div>
        {waiting(flash(context))}
        <ConfirmDialog/>
    }
    .into_any()
}

/// What the last form did: in the page as it comes, then as a toast like any other.
fn flash(context: FrameContext) -> impl Fn() -> AnyView + Send + 'static {
    let (awake, toasts) = (hydration::awake(), Toasts::expect());
    let sentence = move || Some(context.shell()?.flash?.sentence());
    Effect::new(move || {
        if let Some(sentence) = sentence() {
            toasts.show(sentence, None);
        }
    });
    move || match sentence() {
        Some(sentence) if !awake.get() => toast::still(sentence),
        _ => ().into_any(),
    }
}

fn brand(class: &'static str) -> AnyView {
    view! {
        <a href="/customers" class=format!("flex h-(--bar-top) items-center {class}") aria-label="Mothball, customers">
            {word_mark()}
        </a>
    }
    .into_any()
}

/// The sections as links; the rail shows only their icons where it is narrow.
fn sections(section: Memo<Option<usize>>, class: &'static str) -> AnyView {
    let links = SECTIONS
        .into_iter()
        .enumerate()
        .map(|(number, (href, label, _, path))| {
            view! {
                <li>
                    <a href=href rel=(href == JOBS).then_some("external") class=RAIL_ITEM aria-current=move || (section.get() == Some(number)).then_some("page")>
                        {icon(path)}
                        <span class="rail-label">{label}</span>
                    </a>
                </li>
            }
        })
        .collect_view();
    view! { <ul class=format!("grid content-start gap-0.5 {class}")>{links}</ul> }.into_any()
}

const RAIL_ITEM: &str = "flex h-8 w-full items-center gap-2.5 rounded-button px-3 text-label text-muted transition-colors \
    hover:bg-hover hover:text-text aria-[current]:bg-here aria-[current]:text-text pointer-coarse:h-11";

/// Who is signed in, and the way out.
fn person(shell: Fetched<Shell>) -> AnyView {
    let who = move || match shell.get() {
        Some(Ok(shell)) => who(&shell),
        _ => ().into_any(),
    };
    view! {
        {waiting(who)}
        <form method="post" action="/sign-out">
            <button class=RAIL_ITEM>{icon(icons::LEAVE)}<span class="rail-label">"Sign out"</span></button>
        </form>
    }
    .into_any()
}

fn who(shell: &Shell) -> AnyView {
    let name = shell.actor.name.clone();
    view! {
        <a
            href="/settings/sessions"
            rel="external"
            title="Where you are signed in"
            class="flex h-10 items-center gap-2.5 rounded-button px-2 transition-colors hover:bg-hover"
        >
            <span
                class="grid size-6 flex-none place-items-center rounded-full border border-border-strong text-[.625rem] font-semibold"
                aria-hidden="true"
            >
                {initials(&name)}
            </span>
            <span class="rail-label min-w-0 flex-1 text-label leading-4">
                <bdi class="block truncate">{name}</bdi>
                <span class="block text-micro text-faint">{shell.actor.role.label()}</span>
            </span>
        </a>
    }
    .into_any()
}

/// `Demo operator` as `DO`.
fn initials(name: &str) -> String {
    name.split_whitespace()
        .filter_map(|word| word.chars().next())
        .take(2)
        .flat_map(char::to_uppercase)
        .collect()
}

fn top_bar(context: FrameContext, section: Memo<Option<usize>>) -> AnyView {
    let path = use_location().pathname;
    let crumbs = move || {
        section.get().map(|number| {
            let (href, _, label, _) = SECTIONS[number];
            if path.with(|path| path == href) {
                return view! { <li aria-current="page">{label}</li> }.into_any();
            }
            // The page tells its name when it has its data: after the server has written this.
            let page = context.crumb.get();
            let page = (!page.is_empty()).then(|| {
                view! {
                    <li class="text-border-strong" aria-hidden="true">"/"</li>
                    <li class="min-w-0 truncate" aria-current="page"><bdi>{page}</bdi></li>
                }
            });
            view! { <li class="text-muted"><a class="hover:underline" href=href rel=(href == JOBS).then_some("external")>{label}</a></li>{page} }.into_any()
        })
    };
    let environment = move || {
        context.shell().map_or_else(
            || ().into_any(),
            |shell| environment_chip(shell.environment),
        )
    };
    view! {
        <header class="sticky top-0 z-(--z-bar) flex h-(--bar-top) items-center gap-3 border-b border-border bg-bg px-(--page-x) max-md:gap-1 max-md:pl-1 print:hidden">
            {small_navigation(context, section)}
            <div class="md:hidden">{brand("")}</div>
            <nav aria-label="Breadcrumb" class="min-w-0 max-md:hidden"><ol class="flex gap-2 text-table whitespace-nowrap">{crumbs}</ol></nav>
            <div class="ml-auto flex flex-none items-center gap-2">{bulk_jobs::pill()}{waiting(environment)}</div>
        </header>
    }
    .into_any()
}

/// The rail of small screens: a popover, which opens without a script and closes on the way to another page.
fn small_navigation(context: FrameContext, section: Memo<Option<usize>>) -> AnyView {
    let node = NodeRef::<html::Nav>::new();
    let path = use_location().pathname;
    Effect::new(move || {
        path.track();
        if let Some(nav) = node.get_untracked() {
            let _ = web_sys::HtmlElement::hide_popover(&nav);
        }
    });
    view! {
        <button type="button" popovertarget="sections" class=format!("{} md:hidden", button::PLAIN_ICON) aria-label="Menu">
            {icon(icons::MENU)}
        </button>
        <nav popover id="sections" aria-label="Main" class="popover w-60" node_ref=node>
            {sections(section, "p-2")}
            <div class="border-t border-border p-2">{person(context.shell)}</div>
        </nav>
    }
    .into_any()
}

/// Production is told from everything else at a glance.
fn environment_chip(name: String) -> AnyView {
    let look = if name.eq_ignore_ascii_case("production") {
        "bg-danger-bg text-danger"
    } else {
        "bg-sunken text-muted inset-ring inset-ring-border"
    };
    view! {
        <span class=format!("inline-flex h-5 items-center rounded-badge px-2 text-micro {look}")>
            <span class="sr-only">"Environment: "</span>
            {name}
        </span>
    }
    .into_any()
}
