//! URL → page. Each page is rendered whole on the server, so that nothing waits for a script to appear.

use crate::{
    auth::page::SignInPage,
    billing_configurations::page::{ConfigurationPage, ConfigurationsPage},
    confirm::Confirming,
    customers::page::{CustomerPage, CustomersPage},
    error::{AppError, Noun},
    frame::Frame,
    ui::{announce, failure::failure, hydration, title, toast},
};
use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::{
    SsrMode,
    components::{FlatRoutes, Route, Router},
    path,
};

/// The pages that wake up in the browser. Those that do not are in [`crate::still`].
#[component]
pub fn App() -> impl IntoView {
    house(|| {
        view! {
            <FlatRoutes fallback=NotFoundPage>
                <Route path=path!("/sign-in") view=SIGN_IN ssr=SsrMode::Async/>
                <Route path=path!("/customers") view=CUSTOMERS ssr=SsrMode::Async/>
                <Route path=path!("/customers/:id/:tab?") view=CUSTOMER ssr=SsrMode::Async/>
                <Route path=path!("/billing-configurations") view=CONFIGURATIONS ssr=SsrMode::Async/>
                <Route path=path!("/billing-configurations/:id") view=CONFIGURATION ssr=SsrMode::Async/>
            </FlatRoutes>
        }
        .into_any()
    })
}

/// What stands around the pages, and what they find in their context.
pub(crate) fn house(pages: impl FnOnce() -> AnyView + Send + 'static) -> AnyView {
    provide_meta_context();
    hydration::provide();
    let announcer = announce::Announcer::provide();
    let toasts = toast::Toasts::provide(announcer);
    Confirming::provide(toasts, announcer);
    view! {
        {title::provide()}
        <Router>
            <Frame>{pages()}</Frame>
        </Router>
        {toast::toast_region(toasts)}
        {announce::live_regions(announcer)}
    }
    .into_any()
}

/// A page, behind a pointer: the router is then compiled for one kind of page, not for each.
pub(crate) type Page = fn() -> AnyView;

const SIGN_IN: Page = || view! { <SignInPage/> }.into_any();
const CUSTOMERS: Page = || view! { <CustomersPage/> }.into_any();
const CUSTOMER: Page = || view! { <CustomerPage/> }.into_any();
const CONFIGURATIONS: Page = || view! { <ConfigurationsPage/> }.into_any();
const CONFIGURATION: Page = || view! { <ConfigurationPage/> }.into_any();

/// Inside the console the server answers unknown URLs; this is for links followed in the browser.
#[component]
pub(crate) fn NotFoundPage() -> impl IntoView {
    title::set("Page not found");
    failure("The page", &AppError::NotFound(Noun::Page))
}
