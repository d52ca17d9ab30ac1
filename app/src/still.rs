//! Pages that never wake: made on the server, links and forms alone. What is seen seldom, or only without a script, is not
//! worth a place in what every browser loads.

use crate::{
    auth::page::SessionsPage,
    bulk_jobs::page::{JobPage, JobsPage, PreviewPage, StartPage},
    confirm::{ConfirmPage, Subjects, Transition},
    routes::{NotFoundPage, Page, house},
};
use leptos::prelude::*;
use leptos_router::{
    SsrMode,
    components::{FlatRoutes, Route},
    path,
};

/// The pages.
#[component]
pub fn Still() -> impl IntoView {
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
