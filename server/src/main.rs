//! `mothball`: one binary that serves, migrates, seeds and keeps accounts.

use clap::Parser;
use server::cli::Cli;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    match Cli::parse().run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("mothball: {error}");
            ExitCode::FAILURE
        }
    }
}
