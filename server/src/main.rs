//! `mothball`: one binary that serves, migrates, seeds and keeps accounts.

use clap::Parser;
use mimalloc::MiMalloc;
use server::cli::Cli;
use std::process::ExitCode;
use tokio::runtime::Builder;

/// Making a page is thousands of small allocations, on whatever thread is free: a fourth less CPU than with the C library's
/// allocator, which also keeps what each thread freed for that thread.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Threads for passwords, files and pages; each of these has its own, lower limit. More would only keep memory apart.
const BLOCKING_THREADS_MAX: usize = 4;

fn main() -> ExitCode {
    let command = Cli::parse();
    let ended = Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING_THREADS_MAX)
        .build()
        .map_err(Into::into)
        .and_then(|runtime| runtime.block_on(command.run()));
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("mothball: {error}");
            ExitCode::FAILURE
        }
    }
}
