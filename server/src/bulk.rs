//! `mothball bulk`: bulk jobs from a terminal or a script, over the API like any other client.

use app::money::{Money, group_thousands};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    error::Error,
    fmt::Write as _,
    io::{BufRead, IsTerminal, Read, Write},
    path::PathBuf,
    process::ExitCode,
    thread,
    time::Duration,
};
use ureq::Agent;
use uuid::Uuid;

type Fallible<T> = Result<T, Box<dyn Error>>;

/// Larger files are more than a job may hold.
const FILE_BYTES_MAX: u64 = 4 * 1_024 * 1_024;
/// A preview of the largest job takes seconds.
const ANSWER: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_secs(1);
/// A server that restarts is waited for so many looks.
const MISSES_MAX: u32 = 60;
const BAR: usize = 24;

#[derive(Debug, Subcommand)]
pub enum Bulk {
    /// Archive the customers or configurations that a file lists
    ///
    /// Shows what would happen, asks for the number of rows, then starts a job and follows it to its end. Ends with 0 when
    /// every row was done or needed nothing, 2 when some failed or were not found, 3 when the job was stopped, else 1.
    Archive(Run),
    /// Bring back the customers or configurations that a file lists
    Unarchive(Run),
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Rows {
    Customers,
    BillingConfigurations,
}

#[derive(Debug, Args)]
pub struct Run {
    /// Ids, keys or ingest aliases: one a line, or the first column of a CSV file; - reads standard input
    #[arg(long)]
    file: PathBuf,
    /// Why, for the audit log; must be given to archive
    #[arg(long)]
    reason: Option<String>,
    /// What the file lists
    #[arg(long, value_enum, default_value = "customers")]
    rows: Rows,
    /// Where Mothball serves
    #[arg(
        long,
        env = "MOTHBALL_PUBLIC_URL",
        default_value = "http://localhost:3000"
    )]
    url: String,
    /// An API key of the role operator; better given by the environment, where no list of processes shows it
    #[arg(long, env = "MOTHBALL_API_KEY", hide_env_values = true)]
    api_key: String,
    /// Only show what would happen
    #[arg(long)]
    dry_run: bool,
    /// Do not ask for the number of rows
    #[arg(long)]
    yes: bool,
    /// Archive the customers' configurations as well
    #[arg(long)]
    archive_configurations: bool,
    /// Release their ingest aliases, for others to take
    #[arg(long)]
    release_aliases: bool,
    /// Leave invoices that are paid as they are
    #[arg(long)]
    keep_paid_invoices: bool,
    /// One transaction for all rows, at most 1,000: if one cannot be done, none is
    #[arg(long)]
    all_or_nothing: bool,
}

impl Bulk {
    /// Blocks until the job is over.
    pub fn run(&self) -> Fallible<ExitCode> {
        let (verb, run) = match self {
            Self::Archive(run) => ("archive", run),
            Self::Unarchive(run) => ("unarchive", run),
        };
        if verb == "archive" && run.reason.is_none() && !run.dry_run {
            return Err("archiving needs a --reason, for the audit log".into());
        }
        run.run(verb)
    }
}

impl Run {
    fn run(&self, verb: &str) -> Fallible<ExitCode> {
        let references = self.references()?;
        let api = Api::new(&self.url, &self.api_key);
        let noun = match self.rows {
            Rows::Customers => "customers",
            Rows::BillingConfigurations => "billing_configurations",
        };
        eprintln!(
            "Counting what it would do to {} rows of the file",
            references.len()
        );
        let preview = api.post(
            "/v1/bulk-previews",
            &json!({
                "action": format!("{verb}_{noun}"),
                "selection": { "references": references },
                "options": {
                    "archive_billing_provider_configurations": self.archive_configurations,
                    "release_ingest_aliases": self.release_aliases,
                    "keep_paid_invoices": self.keep_paid_invoices,
                    "all_or_nothing": self.all_or_nothing,
                },
            }),
        )?;
        let unresolved = tell_unresolved(&preview);
        print!("{}", figures(&preview));
        let changing = preview["changing"].as_u64().unwrap_or_default();
        if self.dry_run || changing == 0 {
            return Ok(ExitCode::from(if unresolved { 2 } else { 0 }));
        }
        if !self.yes && !agreed(changing)? {
            eprintln!("Nothing was done.");
            return Ok(ExitCode::from(3));
        }
        let job = api.post(
            "/v1/bulk-jobs",
            &json!({ "preview_token": preview["token"], "reason": self.reason }),
        )?;
        let path = format!("/v1/bulk-jobs/{}", job["id"].as_str().unwrap_or_default());
        eprintln!(
            "Started. Cancel in the first 10 s to change nothing: {}/jobs/{}",
            self.url,
            job["id"].as_str().unwrap_or_default()
        );
        let job = follow(&api, &path)?;
        println!("{}", ended(&job));
        Ok(ExitCode::from(match job["state"].as_str() {
            Some("completed") if !unresolved => 0,
            Some("completed" | "completed_with_failures") => 2,
            _ => 3,
        }))
    }

    /// The first column of each line, without a heading that names it.
    fn references(&self) -> Fallible<BTreeSet<String>> {
        let mut text = String::new();
        let read = if self.file.as_os_str() == "-" {
            std::io::stdin()
                .take(FILE_BYTES_MAX + 1)
                .read_to_string(&mut text)
        } else {
            let file = std::fs::File::open(&self.file)
                .map_err(|error| format!("{} cannot be read: {error}", self.file.display()))?;
            file.take(FILE_BYTES_MAX + 1).read_to_string(&mut text)
        };
        read.map_err(|error| format!("{} is not text: {error}", self.file.display()))?;
        if text.len() as u64 > FILE_BYTES_MAX {
            return Err("the file is larger than 4 MiB: split it".into());
        }
        let references = app::bulk_jobs::rules::references(&text);
        if references.is_empty() {
            return Err(format!("{} lists nothing", self.file.display()).into());
        }
        Ok(references)
    }
}

struct Api {
    agent: Agent,
    url: String,
    authorization: String,
}

impl Api {
    fn new(url: &str, key: &str) -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(ANSWER))
            .http_status_as_error(false)
            .build();
        Self {
            agent: config.into(),
            url: url.trim_end_matches('/').to_owned(),
            authorization: format!("Bearer {key}"),
        }
    }

    /// Sent with a key, so that a repeated request is one effect.
    fn post(&self, path: &str, body: &Value) -> Fallible<Value> {
        let response = self
            .agent
            .post(format!("{}{path}", self.url))
            .header("authorization", &self.authorization)
            .header("idempotency-key", Uuid::now_v7().to_string())
            .send_json(body);
        self.read(response)
    }

    fn get(&self, path: &str) -> Fallible<Value> {
        let request = self.agent.get(format!("{}{path}", self.url));
        self.read(request.header("authorization", &self.authorization).call())
    }

    fn read(
        &self,
        response: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    ) -> Fallible<Value> {
        let mut response =
            response.map_err(|error| format!("{} cannot be reached: {error}", self.url))?;
        let status = response.status();
        let body: Value = response.body_mut().read_json().unwrap_or_default();
        if status.is_success() {
            return Ok(body["data"].clone());
        }
        let message = body["message"]
            .as_str()
            .unwrap_or("no answer that could be read");
        Err(format!("the server says {status}: {message}").into())
    }
}

/// Says which references name no row, or several; answers whether there were any.
fn tell_unresolved(preview: &Value) -> bool {
    let mut any = false;
    for (name, words) in [
        ("not_found", "not found"),
        ("ambiguous", "names several rows"),
    ] {
        let count = preview[format!("{name}_count")]
            .as_u64()
            .unwrap_or_default();
        any |= count > 0;
        let shown = preview[name]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        for reference in shown {
            eprintln!("{words}: {}", reference.as_str().unwrap_or_default());
        }
        if count > shown.len() as u64 {
            eprintln!("{words}: {} more", count - shown.len() as u64);
        }
    }
    any
}

/// What would happen, a line for each kind.
fn figures(preview: &Value) -> String {
    let mut lines = String::new();
    let mut line = |figure: &Value, words: &str| {
        if let Some(count) = figure.as_u64().filter(|count| *count > 0) {
            let _ = writeln!(lines, "{:>8}  {words}", group_thousands(count));
        }
    };
    line(&preview["changing"], "rows change");
    line(&preview["skipped"], "rows are already so");
    line(&preview["blocked"], "rows are blocked");
    if let Some(effects) = preview["effects"].as_object() {
        for (name, count) in effects {
            line(count, &name.replace('_', " "));
        }
    }
    let voided = preview["effects"]["voided"].as_array();
    for money in voided.into_iter().flatten() {
        if let Ok(money) = serde_json::from_value::<Money>(money.clone()) {
            let _ = writeln!(lines, "{:>10}{money} voided", "");
        }
    }
    lines
}

fn agreed(changing: u64) -> Fallible<bool> {
    if !std::io::stdin().is_terminal() {
        return Err("there is no terminal to ask at: give --yes or --dry-run".into());
    }
    eprint!("Type {changing} to go on: ");
    std::io::stderr().flush()?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim().replace(',', "") == changing.to_string())
}

/// Watches a job until it is over or stands still. A server that restarts meanwhile is waited for.
fn follow(api: &Api, path: &str) -> Fallible<Value> {
    let bar = std::io::stderr().is_terminal();
    let mut misses = 0;
    let mut quarter = 0;
    loop {
        let job = match api.get(path) {
            Ok(job) => job,
            Err(error) if misses == MISSES_MAX => return Err(error),
            Err(_) => {
                misses += 1;
                thread::sleep(LOOK);
                continue;
            }
        };
        misses = 0;
        let total = job["total"].as_u64().unwrap_or_default().max(1);
        let done = total
            - job["remaining_count"]
                .as_u64()
                .unwrap_or_default()
                .min(total);
        let over = !matches!(
            job["state"].as_str(),
            Some("held" | "running" | "scheduled")
        );
        if bar {
            eprint!("\r{}", progress(&job, done, total));
        } else if done * 4 / total > quarter {
            quarter = done * 4 / total;
            eprintln!("{}", progress(&job, done, total));
        }
        if over {
            if bar {
                eprintln!();
            }
            return Ok(job);
        }
        thread::sleep(LOOK);
    }
}

/// `[######······]  6214 of 10000, 5 failed, about 12 s left`.
fn progress(job: &Value, done: u64, total: u64) -> String {
    let filled = usize::try_from(done * BAR as u64 / total)
        .unwrap_or(BAR)
        .min(BAR);
    let mut line = format!(
        "[{}{}] {done} of {total}",
        "#".repeat(filled),
        "·".repeat(BAR - filled)
    );
    let failed = job["failed_count"].as_u64().unwrap_or_default();
    if failed > 0 {
        let _ = write!(line, ", {failed} failed");
    }
    if let Some(left) = job["seconds_left"].as_u64() {
        let _ = write!(line, ", about {left} s left");
    }
    // Longer than what stood there before.
    format!("{line:<76}")
}

fn ended(job: &Value) -> String {
    format!(
        "{}: {} done, {} skipped, {} failed, {} left",
        job["state"].as_str().unwrap_or("unknown").replace('_', " "),
        job["successful_count"],
        job["skipped_count"],
        job["failed_count"],
        job["remaining_count"],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preview_is_told_without_its_zeros() {
        let preview = json!({
            "changing": 2, "skipped": 0, "blocked": 1,
            "effects": { "contracts_archived": 3, "paid_kept": 0, "voided": [{ "currency": "EUR", "minor": 1_200 }] },
        });
        let told = figures(&preview);
        assert_eq!(
            told,
            "       2  rows change\n       1  rows are blocked\n       3  contracts archived\n          EUR 12.00 voided\n"
        );
    }

    #[test]
    fn a_bar_is_full_at_the_end() {
        let job = json!({ "failed_count": 5, "seconds_left": null });
        assert!(
            progress(&job, 10, 10).starts_with("[########################] 10 of 10, 5 failed")
        );
        assert!(progress(&job, 0, 10).starts_with("[························] 0 of 10"));
    }
}
