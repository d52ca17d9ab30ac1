//! The commands of `mothball`, each with a help text that says what it does and what it needs.

use crate::{
    broom,
    bulk::Bulk,
    config::{self, Config, Deployment},
    router,
    serve::{self, Limits},
    state::AppState,
    telemetry, worker,
};
use app::{
    auth::{
        Role,
        service::{self as accounts, KeyFacts},
    },
    clock::Clock,
    context::{Ctx, Request},
    db::{self, Db, MIGRATOR},
    demo,
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use clap::{Args, Parser, Subcommand};
use sqlx::{Connection, PgConnection, PgPool, migrate::MigrateDatabase};
use std::{
    error::Error,
    io::{BufRead, IsTerminal, Write},
    num::NonZero,
    process::ExitCode,
    str::FromStr,
    sync::Arc,
    thread::available_parallelism,
};
use tokio::{net::TcpListener, runtime::Builder};

type Fallible<T = ()> = Result<T, Box<dyn Error>>;

/// The console in which support staff take customers and their billing configurations out of service, and bring them back.
#[derive(Debug, Parser)]
#[command(
    name = "mothball",
    version,
    after_help = "Every command but bulk reads DATABASE_URL. See docs/operating.md for the rest."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the console and the API until SIGTERM or Ctrl-C
    ///
    /// Reads DATABASE_URL, MOTHBALL_PUBLIC_URL (default http://localhost:3000; decides cookies and the trusted origin),
    /// LEPTOS_SITE_ADDR (default 127.0.0.1:3000), MOTHBALL_UNARCHIVE (allowed or forbidden), MOTHBALL_TRUSTED_PROXIES.
    /// Refuses to start on a schema older than the binary.
    Serve,
    /// Do bulk jobs without serving, until SIGTERM or Ctrl-C
    ///
    /// Every server does bulk jobs too; this adds a worker beside them, on this machine or another. Reads what `serve` reads
    /// but the site: give both the same MOTHBALL_UNARCHIVE. It may be stopped or killed at any moment: what it was doing is
    /// undone, and done by another. Refuses to start on a schema older than the binary.
    Work,
    /// Bring the database's schema up to date with this binary
    ///
    /// Runs as MIGRATE_DATABASE_URL where it is set (the owner of the tables), else as DATABASE_URL. Where the two name
    /// different roles, grants the application's role what it needs: on the audit log that is insert and select. Safe while
    /// the previous binary serves, and safe to run twice.
    Migrate {
        /// Create the database first if it is missing
        #[arg(long)]
        create_database: bool,
    },
    /// Fill an empty database with demo data: invented companies, the same for the same numbers
    SeedDemo(SeedDemo),
    /// Keep the accounts of people
    #[command(subcommand)]
    User(User),
    /// Keep API keys
    #[command(subcommand)]
    Key(Key),
    /// Archive or unarchive many rows at once, over the API
    #[command(subcommand)]
    Bulk(Bulk),
}

#[derive(Debug, Args)]
struct SeedDemo {
    /// How many customers; each has about 2 contracts, 6 invoices and 1.2 configurations
    #[arg(long, default_value_t = 13_187, value_parser = clap::value_parser!(u32).range(1..=5_000_000))]
    customers: u32,
    /// The number that decides everything else
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The day that the data is of; when not given the last one of which nothing is still to come
    #[arg(long, value_name = "YYYY-MM-DD")]
    as_of: Option<NaiveDate>,
}

#[derive(Debug, Subcommand)]
enum User {
    /// Add a person who may sign in; the password is asked for
    Add {
        #[arg(long)]
        email: String,
        #[arg(long)]
        name: String,
        /// viewer reads and previews; operator also archives, unarchives, creates and voids; admin also manages staff and keys
        #[arg(long, value_parser = Role::from_str)]
        role: Role,
        /// Read the password from the first line of standard input
        #[arg(long)]
        password_stdin: bool,
    },
    /// Set a new password and end every session of the person
    SetPassword {
        #[arg(long)]
        email: String,
        /// Read the password from the first line of standard input
        #[arg(long)]
        password_stdin: bool,
    },
    /// Keep a person out, from their next request on
    Disable {
        #[arg(long)]
        email: String,
    },
}

#[derive(Debug, Subcommand)]
enum Key {
    /// Make an API key and print it alone on standard output; it is not stored and cannot be shown again
    Add {
        #[arg(long)]
        name: String,
        #[arg(long, default_value = "operator", value_parser = Role::from_str)]
        role: Role,
        /// After so many days the key is worth nothing; when not given it lives until it is revoked
        #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=3_650))]
        expires_in_days: Option<u32>,
    },
    /// Show the latest API keys, by name and first characters: when each was made, used last, and until when it lives
    List,
    /// Revoke every live key of this name, or the one that starts with this prefix
    Revoke {
        #[arg(long)]
        name: String,
    },
}

/// Beside one for each processor, which makes pages: for passwords, files and names of hosts. Every thread keeps memory of its
/// own, so there are no more than have something to do.
const SPARE_THREADS: usize = 6;

/// Does what the command line says. Here rather than in the binary, which would be compiled after the library, with nothing
/// beside it.
pub fn main() -> ExitCode {
    let command = match Cli::try_parse() {
        Ok(command) => command,
        Err(told) => return explained(&told),
    };
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

/// Help that was asked for is a success. What was typed wrongly is a failure like any other: the code that clap has for it is
/// what `bulk` says of rows that are left.
fn explained(told: &clap::Error) -> ExitCode {
    let printed = told.print();
    if told.use_stderr() || printed.is_err() {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

impl Cli {
    /// Answers what to exit with.
    async fn run(self) -> Fallible<ExitCode> {
        match self.command {
            Command::Serve => serve_until_stopped().await?,
            Command::Work => work_until_stopped().await?,
            Command::Migrate { create_database } => migrate(create_database).await?,
            Command::SeedDemo(args) => seed_demo(args).await?,
            Command::User(command) => user(command).await?,
            Command::Key(command) => key(command).await?,
            Command::Bulk(command) => return tokio::task::block_in_place(|| command.run()),
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn serve_until_stopped() -> Fallible {
    let config = Config::from_environment()?;
    let db = start(&config.deployment).await?;
    let address = config.options.site_addr;
    let listener = TcpListener::bind(address).await.map_err(|error| {
        format!("cannot listen on {address}: {error}. Set LEPTOS_SITE_ADDR to a free address")
    })?;
    let settings = Arc::new(config.deployment.settings);
    tracing::info!(%address, public_url = settings.public_url, "serving");
    let state = AppState {
        db,
        clock: Clock::Database,
        settings,
        options: config.options,
        assets: config.assets,
        reload_port: config.reload_port,
        trusted_proxies: config.trusted_proxies.into(),
    };
    let worker = tokio::spawn(worker::work(state.anonymous(Request::default())));
    let broom = tokio::spawn(broom::sweep_hourly(state.db.clone(), state.clock.clone()));
    serve::serve(
        listener,
        router::router(state)?,
        Limits::default(),
        stopped(),
    )
    .await;
    broom.abort();
    worker.abort();
    tracing::info!("stopped");
    Ok(())
}

async fn work_until_stopped() -> Fallible {
    let deployment = Deployment::from_environment()?;
    let db = start(&deployment).await?;
    let ctx = Ctx {
        db,
        clock: Clock::Database,
        settings: Arc::new(deployment.settings),
        request: Request::default(),
        actor: None,
        session: None,
        job: None,
    };
    tracing::info!("working");
    tokio::select! {
        () = worker::work(ctx) => {}
        () = stopped() => {}
    }
    tracing::info!("stopped");
    Ok(())
}

/// Begins to log, and answers with the database once it is known to be there and not older than this binary.
async fn start(deployment: &Deployment) -> Fallible<Db> {
    telemetry::start(deployment.log_json);
    let limits = db::Limits::of(deployment.connections_max);
    let db = Db::connect(&deployment.database_url, limits)?;
    match db.schema_is_current().await {
        Ok(true) => Ok(db),
        Ok(false) => Err(
            "the database's schema is older than this binary. Run `mothball migrate` first".into(),
        ),
        Err(error) => {
            Err(format!("the database cannot be reached: {error}. Check DATABASE_URL").into())
        }
    }
}

/// Resolves on SIGTERM or Ctrl-C.
async fn stopped() {
    let interrupt = tokio::signal::ctrl_c();
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => {
            let _ = interrupt.await;
        }
    }
}

async fn migrate(create_database: bool) -> Fallible {
    let owner = config::migrate_url()?;
    if create_database && !sqlx::Postgres::database_exists(&owner).await? {
        sqlx::Postgres::create_database(&owner).await?;
        eprintln!("created the database");
    }
    let mut connection = PgConnection::connect(&owner).await?;
    MIGRATOR.run(&mut connection).await?;
    let role = sqlx::postgres::PgConnectOptions::from_str(&config::database_url()?)?
        .get_username()
        .to_owned();
    app::db::grant(&mut connection, &role).await?;
    eprintln!(
        "the schema is up to date ({} migrations)",
        MIGRATOR.iter().count()
    );
    Ok(())
}

async fn seed_demo(args: SeedDemo) -> Fallible {
    let pool = PgPool::connect(&config::migrate_url()?).await?;
    let as_of = args
        .as_of
        .unwrap_or_else(|| demo::Plan::last_day(Clock::Database.now()));
    let plan = demo::Plan {
        customers: args.customers,
        seed: args.seed,
        as_of,
    };
    let counter = std::io::stderr().is_terminal();
    demo::seed(&pool, &plan, |done| {
        if counter {
            eprint!("\r{done} of {} customers", args.customers);
        }
    })
    .await?;
    if counter {
        eprintln!();
    }
    eprintln!(
        "seeded {} customers as of {as_of}, seed {}",
        args.customers, args.seed
    );
    Ok(())
}

async fn user(command: User) -> Fallible {
    let db = connect()?;
    let now = Clock::Database.now();
    match command {
        User::Add {
            email,
            name,
            role,
            password_stdin,
        } => {
            let password = password(password_stdin)?;
            accounts::add_person(&db, &email, &name, role, password, now).await?;
            eprintln!("added {email} as {role}");
        }
        User::SetPassword {
            email,
            password_stdin,
        } => {
            let password = password(password_stdin)?;
            if !accounts::set_password(&db, &email, password, now).await? {
                return Err(format!("there is no {email}").into());
            }
            eprintln!("set the password of {email} and ended their sessions");
        }
        User::Disable { email } => {
            if !accounts::disable_person(&db, &email, now).await? {
                return Err(format!("there is no {email} in service").into());
            }
            eprintln!("{email} can no longer sign in");
        }
    }
    Ok(())
}

async fn key(command: Key) -> Fallible {
    let db = connect()?;
    let now = Clock::Database.now();
    match command {
        Key::Add {
            name,
            role,
            expires_in_days,
        } => {
            let expires_at = expires_in_days.map(|days| now + TimeDelta::days(days.into()));
            let (_, secret) = accounts::add_key(&db, &name, role, expires_at, now).await?;
            writeln!(std::io::stdout(), "{}", secret.expose())?;
        }
        Key::List => list_keys(&accounts::keys(&db).await?, now)?,
        Key::Revoke { name } => {
            let revoked = accounts::revoke_key(&db, &name, now).await?;
            if revoked == 0 {
                return Err(format!("there is no live key {name}").into());
            }
            eprintln!("revoked {revoked}");
        }
    }
    Ok(())
}

fn list_keys(keys: &[KeyFacts], now: DateTime<Utc>) -> Fallible {
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{:<24} {:<9} {:<13} {:<17} {:<17} ends",
        "name", "role", "begins with", "made", "last used"
    )?;
    let minute = |at: DateTime<Utc>| at.format("%Y-%m-%d %H:%M").to_string();
    for key in keys {
        let ends = match (key.revoked_at, key.expires_at) {
            (Some(at), _) => format!("revoked {}", minute(at)),
            (None, Some(at)) if at <= now => format!("expired {}", minute(at)),
            (None, Some(at)) => minute(at),
            (None, None) => "when revoked".to_owned(),
        };
        writeln!(
            out,
            "{:<24} {:<9} {:<13} {:<17} {:<17} {ends}",
            key.name,
            key.role,
            key.prefix,
            minute(key.created_at),
            key.last_used_at.map_or_else(|| "never".to_owned(), minute),
        )?;
    }
    Ok(())
}

fn connect() -> Fallible<Db> {
    Ok(Db::connect(&config::database_url()?, db::Limits::of(2))?)
}

/// From the first line of standard input, or asked for. What is typed at a terminal is shown: pipe it in to keep it hidden.
fn password(from_stdin: bool) -> Fallible<String> {
    if !from_stdin {
        if !std::io::stdin().is_terminal() {
            return Err("nobody is there to type a password. Use --password-stdin".into());
        }
        eprint!(
            "Password (at least {} characters): ",
            accounts::PASSWORD_CHARACTERS_MIN
        );
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
