//! What the operator decided, from the environment and Leptos.toml. The only reader of
//! environment variables, but for the options that the command line takes from there.

use app::{
    Assets,
    context::{Settings, Unarchive},
};
use leptos::{config::get_configuration, prelude::LeptosOptions};
use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    path::Path,
    time::SystemTime,
};

/// Options of `serve`.
#[derive(Debug, Clone)]
pub struct Config {
    pub deployment: Deployment,
    pub options: LeptosOptions,
    pub assets: Assets,
    /// Where a development build tells its pages to reload.
    pub reload_port: Option<u32>,
    /// Addresses whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
}

/// What every process of a deployment is told alike, whether it serves or only works.
#[derive(Debug, Clone)]
pub struct Deployment {
    pub database_url: String,
    pub settings: Settings,
    pub connections_max: u32,
    pub log_json: bool,
}

/// A variable that is missing or makes no sense, and what to write instead.
#[derive(Debug)]
pub struct ConfigError(String);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the environment"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name)
        .ok()
        .map(|value| value.trim().to_owned())
        .filter(|value| !value.is_empty())
}

/// Where the application connects to.
pub fn database_url() -> Result<String, ConfigError> {
    variable("DATABASE_URL").ok_or_else(|| {
        ConfigError("DATABASE_URL is not set. Set it to a PostgreSQL URL, e.g. postgres://mothball_app@localhost/mothball".into())
    })
}

/// Where migrations run: as the owner of the tables, where that is another role than the application's.
pub fn migrate_url() -> Result<String, ConfigError> {
    variable("MIGRATE_DATABASE_URL").map_or_else(database_url, Ok)
}

impl Config {
    pub fn from_environment() -> Result<Self, ConfigError> {
        let options = site_options()?;
        let trusted_proxies = variable("MOTHBALL_TRUSTED_PROXIES")
            .map(|list| {
                list.split(',')
                    .map(|one| {
                        one.trim().parse().map_err(|_| {
                            ConfigError(format!("MOTHBALL_TRUSTED_PROXIES holds {one}. List IP addresses, with commas"))
                        })
                    })
                    .collect::<Result<Vec<_>, _>>()
            })
            .transpose()?
            .unwrap_or_default();
        let assets = assets(&options)?;
        // Set by cargo-leptos for the server that it watches.
        let reload_port = variable("LEPTOS_WATCH")
            .map(|_| options.reload_external_port.unwrap_or(options.reload_port));
        Ok(Self {
            deployment: Deployment::of(&options)?,
            assets,
            reload_port,
            options,
            trusted_proxies,
        })
    }
}

impl Deployment {
    pub fn from_environment() -> Result<Self, ConfigError> {
        Self::of(&site_options()?)
    }

    fn of(options: &LeptosOptions) -> Result<Self, ConfigError> {
        let public_url = variable("MOTHBALL_PUBLIC_URL")
            .unwrap_or_else(|| format!("http://localhost:{}", options.site_addr.port()))
            .trim_end_matches('/')
            .to_owned();
        check_public_url(
            &public_url,
            variable("MOTHBALL_INSECURE_HTTP").as_deref() == Some("1"),
        )?;
        let unarchive = match variable("MOTHBALL_UNARCHIVE").as_deref() {
            None | Some("allowed") => Unarchive::Allowed,
            Some("forbidden") => Unarchive::Forbidden,
            Some(other) => {
                return Err(ConfigError(format!(
                    "MOTHBALL_UNARCHIVE is {other}. Set it to allowed or forbidden"
                )));
            }
        };
        let environment = variable("MOTHBALL_ENVIRONMENT").unwrap_or_else(|| "Production".into());
        let connections_max = match variable("MOTHBALL_DATABASE_CONNECTIONS") {
            None => 16,
            Some(number) => number.parse().ok().filter(|number| (2..=200).contains(number)).ok_or_else(|| {
                ConfigError(format!("MOTHBALL_DATABASE_CONNECTIONS is {number}. Set it to a number from 2 to 200"))
            })?,
        };
        Ok(Self {
            database_url: database_url()?,
            settings: Settings {
                unarchive,
                public_url,
                environment,
            },
            connections_max,
            log_json: variable("MOTHBALL_LOG").as_deref() == Some("json"),
        })
    }
}

/// Leptos.toml where the server was started beside it, else defaults; the environment overrides both.
fn site_options() -> Result<LeptosOptions, ConfigError> {
    let path = variable("MOTHBALL_SITE_CONFIG").unwrap_or_else(|| "Leptos.toml".into());
    if Path::new(&path).exists() {
        return get_configuration(Some(&path))
            .map(|found| found.leptos_options)
            .map_err(|error| ConfigError(format!("{path} could not be read: {error}")));
    }
    let address = variable("LEPTOS_SITE_ADDR").unwrap_or_else(|| "127.0.0.1:3000".into());
    let address: SocketAddr = address.parse().map_err(|_| {
        ConfigError(format!(
            "LEPTOS_SITE_ADDR is {address}. Write e.g. 127.0.0.1:3000"
        ))
    })?;
    let root = variable("LEPTOS_SITE_ROOT").unwrap_or_else(|| "target/site".into());
    Ok(LeptosOptions::builder()
        .output_name("mothball")
        .site_root(root)
        .site_addr(address)
        .build())
}

/// What the build left in the site: the newest file of each kind. Those before it stay a while, for servers that still run.
fn assets(options: &LeptosOptions) -> Result<Assets, ConfigError> {
    let folder = Path::new(&*options.site_root).join(&*options.site_pkg_dir);
    let mut files: Vec<(SystemTime, String)> = std::fs::read_dir(&folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let name = entry.file_name().into_string().ok()?;
            Some((entry.metadata().ok()?.modified().ok()?, name))
        })
        .filter(|(_, name)| name.starts_with(&format!("{}.", options.output_name)))
        .collect();
    files.sort();
    let path = |ending: &str| {
        let newest = files.iter().rev().find(|(_, name)| name.ends_with(ending));
        newest
            .map(|(_, name)| format!("/{}/{name}", options.site_pkg_dir).into())
            .ok_or_else(|| {
                ConfigError(format!(
                    "{} holds no {ending} file: the site is not there. Build it, or set LEPTOS_SITE_ROOT to where it is",
                    folder.display()
                ))
            })
    };
    Ok(Assets {
        stylesheet: path(".css")?,
        script: path(".js")?,
        wasm: path(".wasm")?,
    })
}

/// Cookies and origins are only as safe as the connection: plain http is for this machine alone.
fn check_public_url(url: &str, insecure: bool) -> Result<(), ConfigError> {
    let Some((scheme, authority)) = url.split_once("://") else {
        return Err(ConfigError(format!(
            "MOTHBALL_PUBLIC_URL is {url}. Write e.g. https://mothball.example.com"
        )));
    };
    let host = authority
        .rsplit_once(':')
        .filter(|(_, port)| port.parse::<u16>().is_ok())
        .map_or(authority, |(host, _)| host);
    let local = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
    match scheme {
        _ if authority.is_empty() || authority.contains('/') => Err(ConfigError(format!(
            "MOTHBALL_PUBLIC_URL is {url}. Write scheme, host and port alone"
        ))),
        "https" => Ok(()),
        "http" if local || insecure => Ok(()),
        "http" => Err(ConfigError(format!(
            "MOTHBALL_PUBLIC_URL is {url}, plain http on another host than this one. Use https, or set MOTHBALL_INSECURE_HTTP=1 if you know what you do"
        ))),
        _ => Err(ConfigError(format!(
            "MOTHBALL_PUBLIC_URL is {url}. Use http or https"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_this_machine_alone() {
        for (url, insecure, fine) in [
            ("http://localhost:3000", false, true),
            ("http://127.0.0.1:3000", false, true),
            ("http://[::1]:3000", false, true),
            ("https://mothball.example.com", false, true),
            ("http://mothball.example.com", false, false),
            ("http://mothball.example.com", true, true),
            ("http://localhost.example.com", false, false),
            ("mothball", false, false),
            ("ftp://localhost", false, false),
            ("https://", false, false),
        ] {
            assert_eq!(check_public_url(url, insecure).is_ok(), fine, "{url}");
        }
    }
}
