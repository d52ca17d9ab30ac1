//! URL → page. Each page is rendered whole on the server, so that nothing waits for a script to appear.

use crate::{
    auth::page::SignInPage,
    billing_configurations::page::{
        ConfigurationPage, ConfigurationsPage, ConfirmConfigurationsPage,
    },
    confirm::{Transition, request::Confirming},
    customers::page::{ConfirmCustomersPage, CustomerPage, CustomersPage},
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

#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    hydration::provide();
    let announcer = announce::Announcer::provide();
    let toasts = toast::Toasts::provide(announcer);
    Confirming::provide(toasts, announcer);
    view! {
        {title::provide()}
        <Router>
            <Frame>
                <FlatRoutes fallback=NotFoundPage>
                    <Route path=path!("/sign-in") view=SIGN_IN ssr=SsrMode::Async/>
                    <Route path=path!("/customers") view=CUSTOMERS ssr=SsrMode::Async/>
                    <Route path=path!("/customers/archive") view=ARCHIVE_CUSTOMERS ssr=SsrMode::Async/>
                    <Route path=path!("/customers/unarchive") view=UNARCHIVE_CUSTOMERS ssr=SsrMode::Async/>
                    <Route path=path!("/customers/:id/archive") view=ARCHIVE_CUSTOMERS ssr=SsrMode::Async/>
                    <Route path=path!("/customers/:id/unarchive") view=UNARCHIVE_CUSTOMERS ssr=SsrMode::Async/>
                    <Route path=path!("/customers/:id/:tab?") view=CUSTOMER ssr=SsrMode::Async/>
                    <Route path=path!("/billing-configurations") view=CONFIGURATIONS ssr=SsrMode::Async/>
                    <Route path=path!("/billing-configurations/archive") view=ARCHIVE_CONFIGURATIONS ssr=SsrMode::Async/>
                    <Route path=path!("/billing-configurations/unarchive") view=UNARCHIVE_CONFIGURATIONS ssr=SsrMode::Async/>
                    <Route path=path!("/billing-configurations/:id/archive") view=ARCHIVE_CONFIGURATIONS ssr=SsrMode::Async/>
                    <Route path=path!("/billing-configurations/:id/unarchive") view=UNARCHIVE_CONFIGURATIONS ssr=SsrMode::Async/>
                    <Route path=path!("/billing-configurations/:id") view=CONFIGURATION ssr=SsrMode::Async/>
                </FlatRoutes>
            </Frame>
        </Router>
        {toast::toast_region(toasts)}
        {announce::live_regions(announcer)}
    }
}

/// A page, behind a pointer: the router is then compiled for one kind of page, not for each.
type Page = fn() -> AnyView;

const SIGN_IN: Page = || view! { <SignInPage/> }.into_any();
const CUSTOMERS: Page = || view! { <CustomersPage/> }.into_any();
const CUSTOMER: Page = || view! { <CustomerPage/> }.into_any();
const ARCHIVE_CUSTOMERS: Page =
    || view! { <ConfirmCustomersPage transition=Transition::Archive/> }.into_any();
const UNARCHIVE_CUSTOMERS: Page =
    || view! { <ConfirmCustomersPage transition=Transition::Unarchive/> }.into_any();
const CONFIGURATIONS: Page = || view! { <ConfigurationsPage/> }.into_any();
const CONFIGURATION: Page = || view! { <ConfigurationPage/> }.into_any();
const ARCHIVE_CONFIGURATIONS: Page =
    || view! { <ConfirmConfigurationsPage transition=Transition::Archive/> }.into_any();
const UNARCHIVE_CONFIGURATIONS: Page =
    || view! { <ConfirmConfigurationsPage transition=Transition::Unarchive/> }.into_any();

/// Inside the console the server answers unknown URLs; this is for links followed in the browser.
#[component]
fn NotFoundPage() -> impl IntoView {
    title::set("Page not found");
    failure("The page", &AppError::NotFound(Noun::Page))
}
