//! That jobs run, on every page, and the way to them.

use super::server_fns::count_running_jobs;
use crate::{
    error::AppError,
    ui::{fetched::Fetched, waiting::waiting},
};
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use std::time::Duration;

/// While some run they are counted again this often; else on the way to another page.
const LOOK: Duration = Duration::from_secs(5);

/// Found by its id from the script of a job's page, which does not wake.
pub fn pill() -> AnyView {
    let path = use_location().pathname;
    let looks = RwSignal::new(0_u32);
    let jobs = Fetched::new(
        move || format!("{} {}", path.get(), looks.get()),
        count_running_jobs,
    );
    Effect::new(move || {
        let again = match jobs.get() {
            Some(Ok(count)) => count > 0,
            Some(Err(error)) => error != AppError::SignInRequired,
            None => false,
        };
        if again && let Ok(timer) = set_timeout_with_handle(move || looks.update(|n| *n += 1), LOOK)
        {
            on_cleanup(move || timer.clear());
        }
    });
    let told = move || match jobs.get() {
        Some(Ok(count)) if count > 0 => running(count),
        _ => ().into_any(),
    };
    view! { <div id="running-jobs" class="contents">{waiting(told)}</div> }.into_any()
}

fn running(jobs: u32) -> AnyView {
    let label = match jobs {
        1 => "1 job running".to_owned(),
        jobs => format!("{jobs} jobs running"),
    };
    view! {
        <a href="/jobs" rel="external" class="inline-flex h-5 items-center rounded-badge bg-info-bg px-2 text-micro text-info">
            {label}
        </a>
    }
    .into_any()
}
