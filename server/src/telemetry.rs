//! Logs: one line an event on standard error, as text or JSON. Standard output belongs to the commands.

use tracing_subscriber::EnvFilter;

/// `RUST_LOG` decides how much is said; without it, what an operator wants to know.
pub fn start(json: bool) {
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn,leptos=warn,hyper=warn"));
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    if json {
        lines.json().init();
    } else {
        lines.init();
    }
}
