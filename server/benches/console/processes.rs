//! CPU time and memory of processes, as Linux tells them.

use super::{Outcome, setting};
use std::{fs, net::TcpListener, time::Duration};

/// Linux counts in hundredths of a second.
const TICK_MILLISECONDS: u64 = 10;

/// CPU time spent so far by a web process and by the database's processes for this database.
pub(super) struct Cpu(u64);

impl Cpu {
    pub(super) fn now(web: u32) -> Outcome<Self> {
        let url = setting("MIGRATE_DATABASE_URL")?;
        let database = url.rsplit('/').next().unwrap_or_default();
        let mut ticks = spent(&web.to_string()).ok_or("the web process is gone")?;
        for entry in fs::read_dir("/proc")? {
            let pid = entry?.file_name().to_string_lossy().into_owned();
            let command = fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            if command.starts_with("postgres:") && command.contains(database) {
                ticks += spent(&pid).unwrap_or_default();
            }
        }
        Ok(Self(ticks))
    }

    pub(super) fn since(&self, before: &Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(before.0) * TICK_MILLISECONDS)
    }
}

fn spent(pid: &str) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in brackets may hold spaces; user and system time are the 12th and 13th field after it.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    Some(fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?)
}

pub(super) fn peak_memory_mb(pid: u32) -> Outcome<f64> {
    memory_mb(pid, "VmHWM:")
}

/// Forgets the peak so far; answers what is in use.
pub(super) fn begin_new_peak(pid: u32) -> Outcome<f64> {
    fs::write(format!("/proc/{pid}/clear_refs"), "5")?;
    memory_mb(pid, "VmRSS:")
}

fn memory_mb(pid: u32, name: &str) -> Outcome<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let kib: f64 = status
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .and_then(|rest| rest.split_whitespace().next())
        .ok_or("the memory cannot be read")?
        .parse()?;
    Ok(kib / 1_024.0)
}

pub(super) fn free_address() -> Outcome<String> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}
