//! A client that keeps its connection and little else.

use super::Outcome;
use serde_json::Value;
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};
use uuid::Uuid;

const CONNECTIONS: usize = 8;
const ANSWER_SECONDS: u64 = 60;
/// People who look at lists, and how long each of them looks at one.
const PEOPLE: u32 = 20;
const LOOKING: Duration = Duration::from_millis(400);

struct Connection(BufReader<TcpStream>);

struct Answer {
    status: u16,
    cookie: String,
    body: Vec<u8>,
}

impl Connection {
    fn open(address: &str) -> Outcome<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(ANSWER_SECONDS)))?;
        Ok(Self(BufReader::new(stream)))
    }

    fn ask(&mut self, head: &str, body: &str) -> Outcome<Answer> {
        let stream = self.0.get_mut();
        let length = match body.len() {
            0 => String::new(),
            length => format!("Content-Length: {length}\r\n"),
        };
        stream.write_all(format!("{head}{length}\r\n{body}").as_bytes())?;
        let mut answer = Answer {
            status: self.line()?.split(' ').nth(1).unwrap_or_default().parse()?,
            cookie: String::new(),
            body: Vec::new(),
        };
        let (mut length, mut chunked) = (0, false);
        loop {
            let line = self.line()?;
            let Some((name, value)) = line.split_once(": ") else {
                break;
            };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.parse()?,
                "transfer-encoding" => chunked = true,
                "set-cookie" => value
                    .split(';')
                    .next()
                    .unwrap_or_default()
                    .clone_into(&mut answer.cookie),
                _ => {}
            }
        }
        if !chunked {
            answer.body.resize(length, 0);
            self.0.read_exact(&mut answer.body)?;
            return Ok(answer);
        }
        loop {
            let size = usize::from_str_radix(&self.line()?, 16)?;
            let from = answer.body.len();
            answer.body.resize(from + size, 0);
            self.0.read_exact(&mut answer.body[from..])?;
            self.line()?;
            if size == 0 {
                return Ok(answer);
            }
        }
    }

    /// How many milliseconds a page takes.
    fn timed(&mut self, head: &str) -> Outcome<f64> {
        let asked = Instant::now();
        let answer = self.ask(head, "")?;
        match answer.status {
            200 => Ok(asked.elapsed().as_secs_f64() * 1_000.0),
            status => Err(format!("a page answered {status}").into()),
        }
    }

    fn line(&mut self) -> Outcome<String> {
        let mut line = String::new();
        self.0.read_line(&mut line)?;
        Ok(line.trim_end().to_owned())
    }
}

fn get(path: &str, host: &str, cookie: &str, more: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n{more}")
}

/// Someone who is signed in.
pub(super) struct Client {
    pub(super) address: String,
    pub(super) cookie: String,
    key: String,
}

impl Client {
    pub(super) fn sign_in(url: &str, password: &str, key: String) -> Outcome<Self> {
        let address = url.trim_start_matches("http://").to_owned();
        let mut client = Self {
            address,
            cookie: String::new(),
            key,
        };
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("email", "operator@example.com")
            .append_pair("password", password)
            .finish();
        client.cookie = client.post("/sign-in", &form)?;
        Ok(client)
    }

    /// On a connection of its own: the server ends those that were silent while something else was measured.
    fn ask(&self, head: &str, body: &str) -> Outcome<Answer> {
        Connection::open(&self.address)?.ask(head, body)
    }

    /// The answer as it came.
    pub(super) fn get(&self, path: &str, more: &str) -> Outcome<Vec<u8>> {
        let head = get(path, &self.address, &self.cookie, more);
        let answer = self.ask(&head, "")?;
        match answer.status {
            200 => Ok(answer.body),
            status => Err(format!("{path} answered {status}").into()),
        }
    }

    /// Sends a form that must lead on; answers the cookie that was set.
    pub(super) fn post(&self, path: &str, form: &str) -> Outcome<String> {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {0}\r\nOrigin: http://{0}\r\nSec-Fetch-Site: same-origin\r\nCookie: {1}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n",
            self.address, self.cookie
        );
        let answer = self.ask(&head, form)?;
        match answer.status {
            303 => Ok(answer.cookie),
            status => Err(format!(
                "{path} answered {status}: {}",
                String::from_utf8_lossy(&answer.body)
            )
            .into()),
        }
    }

    /// Asks the API; a body makes it a POST. Answers `data`.
    pub(super) fn api(&self, path: &str, body: Option<&Value>) -> Outcome<Value> {
        let method = if body.is_some() { "POST" } else { "GET" };
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n",
            self.address, self.key
        );
        let body = body.map(Value::to_string).unwrap_or_default();
        let answer = self.ask(&head, &body)?;
        match answer.status {
            200 | 202 => Ok(serde_json::from_slice::<Value>(&answer.body)?["data"].take()),
            status => Err(format!(
                "{path} answered {status}: {}",
                String::from_utf8_lossy(&answer.body)
            )
            .into()),
        }
    }
}

/// The confirm form, filled in for these customers.
pub(super) fn archive_form(rows: &[(Uuid, i64)]) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    for (id, version) in rows {
        form.append_pair("ids", &id.to_string())
            .append_pair("versions", &version.to_string());
    }
    form.append_pair("preset", "churned")
        .append_pair("number", &rows.len().to_string())
        .append_pair("idempotency_key", &Uuid::now_v7().to_string())
        .finish()
}

/// Asks until a page answers.
pub(super) fn wait_for(address: &str, path: &str, limit: Duration) -> Outcome<()> {
    let started = Instant::now();
    loop {
        let answered = Connection::open(address)
            .and_then(|mut connection| connection.ask(&get(path, address, "", ""), ""));
        match answered {
            Ok(answer) if answer.status == 200 => return Ok(()),
            _ if started.elapsed() > limit => {
                return Err(format!("{address} does not answer").into());
            }
            _ => thread::sleep(Duration::from_millis(2)),
        }
    }
}

/// What came of asking for the same page again and again.
#[derive(Default)]
pub(super) struct Load {
    took: Duration,
    /// Milliseconds of each request, ascending.
    times: Vec<f64>,
}

impl Load {
    pub(super) fn add(&mut self, more: Self) {
        self.took += more.took;
        self.times.extend(more.times);
        self.times.sort_by(f64::total_cmp);
    }

    pub(super) fn requests(&self) -> usize {
        self.times.len()
    }

    pub(super) fn per_second(&self) -> f64 {
        self.times.len() as f64 / self.seconds()
    }

    pub(super) fn seconds(&self) -> f64 {
        self.took.as_secs_f64()
    }

    pub(super) fn percentile(&self, percent: usize) -> f64 {
        let at = (self.times.len() * percent / 100).min(self.times.len().saturating_sub(1));
        self.times.get(at).copied().unwrap_or_default()
    }
}

/// Each connection asks as soon as it was answered.
pub(super) fn load(address: &str, path: &str, cookie: &str, span: Duration) -> Outcome<Load> {
    let head = get(path, address, cookie, "");
    let started = Instant::now();
    side_by_side(CONNECTIONS as u32, |_| {
        let mut connection = Connection::open(address)?;
        let mut times = Vec::new();
        while started.elapsed() < span {
            times.push(connection.timed(&head)?);
        }
        Ok(times)
    })
}

/// Twenty people ask for 50 pages a second among them, for as long as `goes_on`.
pub(super) fn people(
    address: &str,
    path: &str,
    cookie: &str,
    goes_on: impl Fn() -> bool + Sync,
) -> Outcome<Load> {
    let head = get(path, address, cookie, "");
    side_by_side(PEOPLE, |person| {
        let mut connection = Connection::open(address)?;
        let mut times = Vec::new();
        let mut next = Instant::now() + LOOKING * person / PEOPLE;
        while goes_on() {
            thread::sleep(next.saturating_duration_since(Instant::now()));
            // Measured from when it was due: whoever is held up holds up the next look, too.
            let late = Instant::now().saturating_duration_since(next);
            times.push(connection.timed(&head)? + late.as_secs_f64() * 1_000.0);
            next += LOOKING;
        }
        Ok(times)
    })
}

/// Times of all, in milliseconds.
fn side_by_side(count: u32, one: impl Fn(u32) -> Outcome<Vec<f64>> + Sync) -> Outcome<Load> {
    let started = Instant::now();
    let mut times = Vec::new();
    thread::scope(|scope| -> Outcome<()> {
        let one = &one;
        let threads: Vec<_> = (0..count).map(|n| scope.spawn(move || one(n))).collect();
        for thread in threads {
            times.extend(thread.join().map_err(|_| "a client failed")??);
        }
        Ok(())
    })?;
    let took = started.elapsed();
    times.sort_by(f64::total_cmp);
    Ok(Load { took, times })
}
