//! Pages that never wake: made on the server, links and forms, and a few lines of script where a job goes on or rows of a preview
//! are opened. What is seen seldom, or only without a script, is not worth a place in what every browser loads.

use crate::{
    auth::page::SessionsPage,
    bulk_jobs::page::{JobPage, JobsPage, PreviewPage, StartPage},
    confirm::{ConfirmPage, Subjects, Transition},
    error::AppError,
    routes::{NotFoundPage, Page, house},
    ui::{
        button,
        failure::{failed_page, refusal},
        title,
    },
};
use leptos::prelude::*;
use leptos_router::{
    SsrMode,
    components::{FlatRoutes, Route},
    hooks::use_location,
    path,
};

/// What a form asked for and was not done, or a file that is not to be had: shown in place of a page.
#[derive(Debug, Clone)]
pub struct Refused(pub AppError);

/// Says why, and where to go on.
fn refused(error: &AppError) -> AnyView {
    title::set("This did not work");
    if let AppError::NotFound(_) | AppError::Forbidden { .. } = error {
        return failed_page("This", error);
    }
    let here = use_location();
    let path = here.pathname.get_untracked();
    let list = || match here.search.get_untracked() {
        search if search.is_empty() => path.clone(),
        search => format!("{path}?{search}"),
    };
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let (back, label) = match parts.as_slice() {
        ["jobs", id, ..] => (format!("/jobs/{id}"), "Back to the job"),
        ["bulk", "preview", id, ..] => (format!("/bulk/preview/{id}"), "Back to the preview"),
        ["bulk", ..] => ("/bulk".to_owned(), "Back to your list"),
        ["settings", ..] => (path.clone(), "Back to your sessions"),
        ["customers"] => (list(), "Back to customers"),
        ["billing-configurations"] => (list(), "Back to billing configurations"),
        ["billing-configurations", ..] => (
            "/billing-configurations".to_owned(),
            "Back to billing configurations",
        ),
        _ => ("/customers".to_owned(), "Back to customers"),
    };
    view! {
        <div class="grid gap-3 px-(--page-x) py-4">
            <h1>"This did not work"</h1>
            {refusal(error)}
            <div><a class=button::NEUTRAL href=back>{label}</a></div>
        </div>
    }
    .into_any()
}

/// The pages.
#[component]
pub fn Still() -> impl IntoView {
    if let Some(Refused(error)) = use_context() {
        return house(move || refused(&error));
    }
    house(|| {
        view! {
            <FlatRoutes fallback=NotFoundPage>
                <Route path=path!("/settings/sessions") view=SESSIONS ssr=SsrMode::Async/>
                <Route path=path!("/bulk") view=START ssr=SsrMode::Async/>
                <Route path=path!("/bulk/preview/:id") view=PREVIEW ssr=SsrMode::Async/>
                <Route path=path!("/jobs") view=JOBS ssr=SsrMode::Async/>
                <Route path=path!("/jobs/:id") view=JOB ssr=SsrMode::Async/>
                <Route path=path!("/customers/archive") view=ARCHIVE_CUSTOMERS ssr=SsrMode::Async/>
                <Route path=path!("/customers/unarchive") view=UNARCHIVE_CUSTOMERS ssr=SsrMode::Async/>
                <Route path=path!("/customers/:id/archive") view=ARCHIVE_CUSTOMERS ssr=SsrMode::Async/>
                <Route path=path!("/customers/:id/unarchive") view=UNARCHIVE_CUSTOMERS ssr=SsrMode::Async/>
                <Route path=path!("/billing-configurations/archive") view=ARCHIVE_CONFIGURATIONS ssr=SsrMode::Async/>
                <Route path=path!("/billing-configurations/unarchive") view=UNARCHIVE_CONFIGURATIONS ssr=SsrMode::Async/>
                <Route path=path!("/billing-configurations/:id/archive") view=ARCHIVE_CONFIGURATIONS ssr=SsrMode::Async/>
                <Route path=path!("/billing-configurations/:id/unarchive") view=UNARCHIVE_CONFIGURATIONS ssr=SsrMode::Async/>
            </FlatRoutes>
        }
        .into_any()
    })
}

const SESSIONS: Page = || view! { <SessionsPage/> }.into_any();
const START: Page = || view! { <StartPage/> }.into_any();
const PREVIEW: Page = || view! { <PreviewPage/> }.into_any();
const JOBS: Page = || view! { <JobsPage/> }.into_any();
const JOB: Page = || view! { <JobPage/> }.into_any();
const ARCHIVE_CUSTOMERS: Page = || confirm(Subjects::Customers, Transition::Archive);
const UNARCHIVE_CUSTOMERS: Page = || confirm(Subjects::Customers, Transition::Unarchive);
const ARCHIVE_CONFIGURATIONS: Page = || confirm(Subjects::Configurations, Transition::Archive);
const UNARCHIVE_CONFIGURATIONS: Page = || confirm(Subjects::Configurations, Transition::Unarchive);

fn confirm(subjects: Subjects, transition: Transition) -> AnyView {
    view! { <ConfirmPage subjects transition/> }.into_any()
}
