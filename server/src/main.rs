//! `mothball`: one binary that serves, works, migrates, seeds, keeps accounts and asks for bulk jobs.

use mimalloc::MiMalloc;
use std::process::ExitCode;

/// Making a page is thousands of small allocations, and malloc and free were a third of its CPU with the C library's
/// allocator, which also keeps what each thread freed for that thread.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    server::cli::main()
}
