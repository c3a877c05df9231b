//! `vastai doctor`: what works of what the commands need, and what to do about the rest.

use std::path::Path;
use std::time::{Duration, SystemTime};

use clap::Command;
use serde_json::{Value, json};
use vastai::keys::KeyFiles;
use vastai::observe::{Ping, Server};
use vastai::{Client, ErrorKind};
use vastai_api::{OPERATIONS, operations};

use super::{auth, key_store};
use crate::connection;
use crate::failure::{Failure, NO_KEY};
use crate::globals::{Format, Target};
use crate::invoked::Invoked;
use crate::look::Look;
use crate::outcome::print_records;
use crate::output;
use crate::quoting::one_line;
use crate::styled::{Style, Styled};

/// How long a check may take.
const PATIENCE: Duration = Duration::from_secs(15);
/// From this on, a clock is wrong. Dates of the service come to the second, and responses take their time.
const SKEW: Duration = Duration::from_secs(30);
/// From this on, a server is slow.
const SLOW: Duration = Duration::from_secs(3);

pub(super) fn command(command: Command) -> Command {
    command
        .about("Check the key, the servers, the clock and the set-up, and say what to do")
        .after_help("Each line is ok, warn or fail. Exit code 1 where one is fail. No call changes anything.")
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Ok,
    Warn,
    Fail,
}

impl Verdict {
    fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// One thing that was looked at.
#[derive(Debug)]
struct Check {
    name: &'static str,
    verdict: Verdict,
    said: String,
    /// What to do.
    advice: Option<String>,
}

impl Check {
    fn ok(name: &'static str, said: impl Into<String>) -> Self {
        Self { name, verdict: Verdict::Ok, said: said.into(), advice: None }
    }

    fn warn(name: &'static str, said: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { name, verdict: Verdict::Warn, said: said.into(), advice: Some(advice.into()) }
    }

    fn fail(name: &'static str, said: impl Into<String>, advice: Option<String>) -> Self {
        Self { name, verdict: Verdict::Fail, said: said.into(), advice }
    }

    fn of_failure(name: &'static str, failure: &Failure) -> Self {
        Self::fail(name, failure.message(), failure.hint().map(str::to_owned))
    }

    fn json(&self) -> Value {
        json!({"check": self.name, "verdict": self.verdict.as_str(), "said": self.said, "advice": self.advice})
    }
}

/// A line for each check, and one below it that says what to do.
fn lines(checks: &[Check], look: &Look) -> Styled {
    let mut text = Styled::default();
    for check in checks {
        let style = match check.verdict {
            Verdict::Ok => Style::Green,
            Verdict::Warn => Style::Yellow,
            Verdict::Fail => Style::Red,
        };
        text.push_in(look.colour.then_some(style), check.verdict.as_str());
        let space = 5 - check.verdict.as_str().len();
        text.push(&format!("{:space$}{:<9}{}\n", "", check.name, one_line(&check.said)));
        if let Some(advice) = &check.advice {
            text.push(&format!("              → {}\n", one_line(advice)));
        }
    }
    text
}

fn as_json(checks: &[Check]) -> Value {
    checks.iter().map(Check::json).collect()
}

/// Makes all checks and prints them.
pub(super) fn run(invoked: &Invoked<'_>) -> Result<(), Failure> {
    let checks = connection::runtime()?.block_on(checks(invoked.target));
    match invoked.format {
        Format::Table | Format::Ids => output::print_styled(&lines(&checks, invoked.look))?,
        Format::Json | Format::Raw => output::print_json(as_json(&checks).to_string().as_bytes())?,
        format => print_records(&as_json(&checks), format, invoked.look)?,
    }
    match checks.iter().filter(|check| check.verdict == Verdict::Fail).count() {
        0 => Ok(()),
        failed => Err(Failure::local(format!("{failed} of {} checks failed", checks.len()))),
    }
}

async fn checks(target: &Target) -> Vec<Check> {
    let mut checks = vec![version()];
    match target {
        Target::Service { .. } => {
            checks.extend(files());
            checks.push(proxies());
            let builder = connection::builder(target).timeout(PATIENCE);
            let source = builder.key_source().cloned();
            // A ping carries no key, so that servers can be looked at without one.
            let keyless = builder.clone().api_key("none").build();
            match keyless {
                Ok(client) => {
                    checks.extend(servers(&client).await);
                    checks.push(match builder.build() {
                        Ok(client) => key(&client, &auth::source_in_words(source.as_ref())).await,
                        Err(error) => {
                            Check::fail("key", Failure::of_client(&error).message(), Some(NO_KEY.to_owned()))
                        }
                    });
                }
                // Nothing can be asked then.
                Err(error) => checks.push(Check::of_failure("servers", &Failure::of_client(&error))),
            }
        }
        #[cfg(feature = "mock")]
        Target::Mock => match connection::Connection::open(target).await {
            Ok(connection) => {
                checks.extend(servers(connection.client()).await);
                checks.push(key(connection.client(), "the embedded simulator").await);
            }
            Err(failure) => checks.push(Check::of_failure("servers", &failure)),
        },
    }
    checks
}

fn version() -> Check {
    let (version, count) = (env!("CARGO_PKG_VERSION"), OPERATIONS.len());
    let (system, machine) = (std::env::consts::OS, std::env::consts::ARCH);
    Check::ok("version", format!("vastai {version} on {system} {machine}, {count} operations"))
}

/// Who can read and change the files with keys.
fn files() -> Vec<Check> {
    let files = KeyFiles::from_env();
    let Some(directory) = files.api_key.as_deref().and_then(Path::parent) else {
        return vec![Check::warn(
            "files",
            "there is no home directory",
            "set HOME, or keep the key in VAST_API_KEY",
        )];
    };
    let keys = [&files.session, &files.api_key, &files.older_api_key];
    let there: Vec<&Path> =
        keys.into_iter().flatten().map(AsRef::as_ref).filter(|file: &&Path| file.exists()).collect();
    let exposed = std::iter::once(directory).chain(there.iter().copied()).filter_map(key_store::exposure);
    let exposed: Vec<Check> = exposed.map(|(said, advice)| Check::warn("files", said, advice)).collect();
    if !exposed.is_empty() {
        return exposed;
    }
    let names: Vec<String> = there.iter().map(|file| file.display().to_string()).collect();
    vec![Check::ok(
        "files",
        match names.as_slice() {
            [] => format!("no key is stored in {} or the home directory", directory.display()),
            names => format!("{}, for this user alone", names.join(", ")),
        },
    )]
}

/// The proxies that the environment names; of their URLs, which may hold a password, the origins.
fn proxies() -> Check {
    const NAMES: [&str; 3] = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"];
    let variable = |name: &str| {
        let value = std::env::var(name).or_else(|_| std::env::var(name.to_lowercase())).ok()?;
        Some(value.trim().to_owned()).filter(|value| !value.is_empty())
    };
    let mut named = Vec::new();
    for name in NAMES {
        let Some(value) = variable(name) else { continue };
        // Without a scheme it is a host with a port.
        let url = vastai::reqwest::Url::parse(&value);
        let url = url.or_else(|_| vastai::reqwest::Url::parse(&format!("http://{value}")));
        match url.ok().filter(|url| url.has_host()) {
            Some(url) => named.push(format!(
                "{name} {}://{}{}",
                url.scheme(),
                url.host_str().unwrap_or_default(),
                url.port().map(|port| format!(":{port}")).unwrap_or_default()
            )),
            None => {
                let advice = format!("write it as http://HOST:PORT, or unset {name}");
                return Check::warn("proxy", format!("{name} is not a URL"), advice);
            }
        }
    }
    match named.as_slice() {
        [] => Check::ok("proxy", "none"),
        named => {
            let not_for = variable("NO_PROXY").map(|hosts| format!("; not for {hosts}"));
            Check::ok("proxy", named.join(", ") + &not_for.unwrap_or_default())
        }
    }
}

/// Both servers, and the clock by theirs.
async fn servers(client: &Client) -> Vec<Check> {
    let (console, engine) = tokio::join!(client.ping(Server::Console), client.ping(Server::Engine));
    let now = SystemTime::now();
    let date = [&console, &engine].into_iter().find_map(|ping| ping.as_ref().ok()?.date);
    let reached = |name, operation, ping: vastai::Result<Ping>| match ping {
        Ok(ping) if ping.took > SLOW => {
            let said = format!("{} took {}", ping.url, milliseconds(ping.took));
            Check::warn(name, said, "the network or a proxy is slow; calls may time out")
        }
        Ok(ping) => Check::ok(name, format!("{} in {}", ping.url, milliseconds(ping.took))),
        Err(error) => Check::of_failure(name, &Failure::of_call(&error, operation)),
    };
    let mut checks = vec![
        reached("console", operations::SHOW_USER, console),
        reached("engine", operations::GET_ENDPOINT_WORKERS, engine),
    ];
    checks.extend(date.map(|date| clock(now, date)));
    checks
}

fn clock(now: SystemTime, date: SystemTime) -> Check {
    let (skew, is_fast) = match now.duration_since(date) {
        Ok(fast) => (fast, true),
        Err(slow) => (slow.duration(), false),
    };
    let seconds = skew.as_secs();
    if skew <= SKEW {
        return Check::ok("clock", format!("within {} s of the service's", SKEW.as_secs()));
    }
    let said = format!("{seconds} s {} the service's", if is_fast { "ahead of" } else { "behind" });
    Check::warn("clock", said, "set the clock, by NTP best: dates and ages will be wrong, and TLS may fail")
}

/// Whether the service takes the key.
async fn key(client: &Client, source: &str) -> Check {
    match auth::user(client).await {
        Ok(user) => {
            let said = format!("from {source}, of {}", auth::name_of(&user));
            match user.credit.or(user.balance) {
                Some(credit) if credit <= 0.0 => Check::warn(
                    "key",
                    format!("{said}; its credit is {credit:.2} $"),
                    "add credit to rent something",
                ),
                _ => Check::ok("key", said),
            }
        }
        Err(error) if error.kind() == ErrorKind::Forbidden => {
            let said = format!("from {source}; the service knows it, but it may not read the account");
            Check::warn("key", said, "fine for a key of narrow permissions; else use one with user_read")
        }
        Err(error) => {
            let failure = Failure::of_call(&error, operations::SHOW_USER);
            Check::fail(
                "key",
                format!("from {source}: {}", failure.message()),
                failure.hint().map(str::to_owned),
            )
        }
    }
}

fn milliseconds(span: Duration) -> String {
    format!("{} ms", span.as_millis())
}
