//! `mothball bulk`: bulk jobs from a terminal or a script, over the API like any other client.

mod api;
mod told;

use api::{Api, BRIEFLY, RESTART, Trouble};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    error::Error,
    io::{BufRead, IsTerminal, Read, Write},
    path::PathBuf,
    process::ExitCode,
    thread,
    time::Duration,
};
use told::{ROWS_SHOWN, difference, ended, figures, progress, rows, tell_unresolved};

type Fallible<T> = Result<T, Box<dyn Error>>;

/// Larger files are more than a job may hold.
const FILE_BYTES_MAX: u64 = 4 * 1_024 * 1_024;
const LOOK: Duration = Duration::from_secs(1);
/// Exit codes, beside 0.
const FAILED: u8 = 1;
const SOME_LEFT: u8 = 2;
const STOPPED: u8 = 3;
const EXIT_CODES: &str = "Ends with 0 when every row was done or needed nothing; 2 when some failed, were refused or not \
    found; 3 when the job was cancelled or paused, or you did not go on; and with 1 when it was used wrongly or something else \
    is in the way: it says what. With --dry-run, 0 and 2 tell what would come.";

#[derive(Debug, Subcommand)]
pub enum Bulk {
    /// Archive the customers or configurations that a file lists
    ///
    /// Shows what would happen, asks for the number of rows, then starts a job and follows it to its end.
    #[command(after_help = EXIT_CODES)]
    Archive(Run),
    /// Bring back the customers or configurations that a file lists
    ///
    /// Shows what would happen, asks for the number of rows, then starts a job and follows it to its end.
    #[command(after_help = EXIT_CODES)]
    Unarchive(Run),
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Rows {
    Customers,
    BillingConfigurations,
}

impl Rows {
    fn noun(self) -> &'static str {
        match self {
            Self::Customers => "customers",
            Self::BillingConfigurations => "billing_configurations",
        }
    }
}

#[derive(Debug, Args)]
pub struct Run {
    /// Ids, keys or ingest aliases: one a line, or a CSV file with a column id, key or alias; - reads standard input
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
        eprintln!(
            "Counting what it would do to {} rows of the file",
            references.len()
        );
        let asked = self.asked(verb, &references);
        let mut preview = match api.post("/v1/bulk-previews", &asked, BRIEFLY) {
            Err(Trouble::Said { told, .. }) if told["code"] == "none_found" => {
                eprintln!("{}", told["message"].as_str().unwrap_or_default());
                return Ok(ExitCode::from(SOME_LEFT));
            }
            preview => preview?,
        };
        loop {
            let all = if tell(&api, &preview)? { SOME_LEFT } else { 0 };
            let changing = count(&preview, "changing");
            if self.dry_run || changing == 0 {
                return Ok(ExitCode::from(all));
            }
            if !self.yes && !agreed(changing)? {
                eprintln!("Nothing was done.");
                return Ok(ExitCode::from(STOPPED));
            }
            match self.confirm(&api, &preview) {
                Err(Trouble::Said { told, .. }) if told["code"] == "changed_since_preview" => {
                    preview = self.moved(told)?;
                }
                Err(trouble) if trouble.may_pass() => {
                    return Err(told::in_doubt(&api.url, &trouble).into());
                }
                job => return self.see_through(&api, &job?, all),
            }
        }
    }

    fn asked(&self, verb: &str, references: &BTreeSet<String>) -> Value {
        json!({
            "action": format!("{verb}_{}", self.rows.noun()),
            "selection": { "references": references },
            "options": {
                "archive_billing_provider_configurations": self.archive_configurations,
                "release_ingest_aliases": self.release_aliases,
                "keep_paid_invoices": self.keep_paid_invoices,
                "all_or_nothing": self.all_or_nothing,
            },
        })
    }

    fn confirm(&self, api: &Api, preview: &Value) -> Result<Value, Trouble> {
        let yes = json!({ "preview_token": preview["token"], "reason": self.reason });
        api.post("/v1/bulk-jobs", &yes, RESTART)
    }

    /// Tells what is not as it was previewed; answers what would happen now, where somebody is there to read it.
    fn moved(&self, mut told: Value) -> Fallible<Value> {
        eprintln!("Something changed since the preview, so nothing was done.");
        eprint!("{}", difference(&told["difference"]));
        match told["preview"].take() {
            Value::Null => Err("what it would do now could not be counted. Run it again".into()),
            _ if self.yes => Err("nobody agreed to the new figures. Run it again to go on".into()),
            preview => Ok(preview),
        }
    }

    /// Follows a job to its end. `all` is what to exit with where it does all that it was to do.
    fn see_through(&self, api: &Api, job: &Value, all: u8) -> Fallible<ExitCode> {
        let id = job["id"].as_str().unwrap_or_default();
        let page = format!("{}/jobs/{id}", api.url);
        eprintln!("Started. Cancel in the first 10 s to change nothing: {page}");
        let job = follow(api, &format!("/v1/bulk-jobs/{id}"))
            .map_err(|trouble| format!("{trouble}. The job goes on without this: {page}"))?;
        println!("{}", ended(&job));
        let failed = job[format!("{}_failed", self.rows.noun())].as_array();
        let failed = failed.map(Vec::as_slice).unwrap_or_default();
        eprint!("{}", rows("failed", failed, count(&job, "failed_count")));
        let state = job["state"].as_str().unwrap_or_default();
        let code = exit_code(state, all);
        if state == "paused" {
            eprintln!("It waits until someone resumes or cancels it: {page}");
        }
        if code != 0 {
            eprintln!("What came of each row: {page}, as a file {page}/results.csv");
        }
        Ok(ExitCode::from(code))
    }

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
        let references = crate::references::references(&text)
            .map_err(|error| format!("{} {error}", self.file.display()))?;
        if references.is_empty() {
            return Err(format!("{} lists nothing", self.file.display()).into());
        }
        Ok(references)
    }
}

fn count(told: &Value, name: &str) -> u64 {
    told[name].as_u64().unwrap_or_default()
}

/// Tells what would happen, and which rows would be left; answers whether there are any.
fn tell(api: &Api, preview: &Value) -> Fallible<bool> {
    let unresolved = tell_unresolved(preview);
    let refused = count(preview, "blocked");
    let named = api.blocked(preview, refused.min(ROWS_SHOWN) as usize)?;
    eprint!("{}", rows("blocked", &named, refused));
    print!("{}", figures(preview));
    Ok(unresolved || refused > 0)
}

/// `all` where a job did all that it was to do.
fn exit_code(state: &str, all: u8) -> u8 {
    match state {
        "completed" => all,
        "completed_with_failures" => SOME_LEFT,
        "cancelled" | "paused" => STOPPED,
        _ => FAILED,
    }
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
fn follow(api: &Api, path: &str) -> Result<Value, Trouble> {
    let bar = std::io::stderr().is_terminal();
    let mut quarter = 0;
    loop {
        let job = api.get(path)?;
        // Rows that need nothing have their results from the start.
        let total = job["changing"].as_u64().or(job["total"].as_u64());
        let total = total.unwrap_or_default().max(1);
        let done = total - count(&job, "remaining_count").min(total);
        let over = !matches!(
            job["state"].as_str(),
            Some("held" | "running" | "scheduled")
        );
        if bar {
            // What is said next, stands over it.
            eprint!("{}\r", progress(&job, done, total));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_in_which_a_job_stands_still_has_its_exit_code() {
        for (state, all, code) in [
            ("completed", 0, 0),
            ("completed", SOME_LEFT, 2),
            ("completed_with_failures", 0, 2),
            ("cancelled", 0, 3),
            ("paused", SOME_LEFT, 3),
            ("of a newer server", 0, 1),
        ] {
            assert_eq!(exit_code(state, all), code, "{state}");
        }
    }
}
