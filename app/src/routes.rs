//! URL → page. Each page is rendered whole on the server, so that nothing waits for a script to appear.

use crate::{
    auth::page::SignInPage,
    billing_configurations::page::{ConfigurationPage, ConfigurationsPage, ConfirmConfigurationsPage},
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
                    <Route path=path!("/sign-in") view=SignInPage ssr=SsrMode::Async/>
                    <Route path=path!("/customers") view=CustomersPage ssr=SsrMode::Async/>
                    <Route path=path!("/customers/archive") view=confirm_customers(Transition::Archive) ssr=SsrMode::Async/>
                    <Route path=path!("/customers/unarchive") view=confirm_customers(Transition::Unarchive) ssr=SsrMode::Async/>
                    <Route path=path!("/customers/:id/archive") view=confirm_customers(Transition::Archive) ssr=SsrMode::Async/>
                    <Route path=path!("/customers/:id/unarchive") view=confirm_customers(Transition::Unarchive) ssr=SsrMode::Async/>
                    <Route path=path!("/customers/:id/:tab?") view=CustomerPage ssr=SsrMode::Async/>
                    <Route path=path!("/billing-configurations") view=ConfigurationsPage ssr=SsrMode::Async/>
                    <Route path=path!("/billing-configurations/archive") view=confirm_configurations(Transition::Archive) ssr=SsrMode::Async/>
                    <Route path=path!("/billing-configurations/unarchive") view=confirm_configurations(Transition::Unarchive) ssr=SsrMode::Async/>
                    <Route path=path!("/billing-configurations/:id/archive") view=confirm_configurations(Transition::Archive) ssr=SsrMode::Async/>
                    <Route path=path!("/billing-configurations/:id/unarchive") view=confirm_configurations(Transition::Unarchive) ssr=SsrMode::Async/>
                    <Route path=path!("/billing-configurations/:id") view=ConfigurationPage ssr=SsrMode::Async/>
                </FlatRoutes>
            </Frame>
        </Router>
        {toast::toast_region(toasts)}
        {announce::live_regions(announcer)}
    }
}

fn confirm_customers(transition: Transition) -> impl Fn() -> AnyView + Clone + Send + 'static {
    move || view! { <ConfirmCustomersPage transition/> }.into_any()
}

fn confirm_configurations(transition: Transition) -> impl Fn() -> AnyView + Clone + Send + 'static {
    move || view! { <ConfirmConfigurationsPage transition/> }.into_any()
}

/// Inside the console the server answers unknown URLs; this is for links followed in the browser.
#[component]
fn NotFoundPage() -> impl IntoView {
    title::set("Page not found");
    failure("The page", &AppError::NotFound(Noun::Page))
}
