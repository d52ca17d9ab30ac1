//! `mothball`: one binary that serves, migrates, seeds and keeps accounts.

use clap::Parser;
use mimalloc::MiMalloc;
use server::cli::Cli;
use std::{num::NonZero, process::ExitCode, thread::available_parallelism};
use tokio::runtime::Builder;

/// Making a page is thousands of small allocations, and malloc and free were a third of its CPU with the C library's
/// allocator, which also keeps what each thread freed for that thread.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Beside one for each processor, which makes pages: for passwords, files and names of hosts. Every thread keeps memory of its
/// own, so there are no more than have something to do.
const SPARE_THREADS: usize = 6;

fn main() -> ExitCode {
    let command = Cli::parse();
    let processors = available_parallelism().map_or(2, NonZero::get);
    let ended = Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(processors + SPARE_THREADS)
        .build()
        .map_err(Into::into)
        .and_then(|runtime| runtime.block_on(command.run()));
    match ended {
        Ok(code) => code,
        Err(error) => {
            eprintln!("mothball: {error}");
            ExitCode::FAILURE
        }
    }
}
