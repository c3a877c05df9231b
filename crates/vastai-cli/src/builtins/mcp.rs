//! A server of the Model Context Protocol, for models and agents; what it does stands in its crate.

use std::fs::File;
use std::io::Read as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Arg, ArgAction, ArgMatches, Command, ValueHint, value_parser};
use vastai_mcp::{HttpOptions, Options, Server, TlsFiles};

use super::key_store;
use crate::connection::{self, Connection};
use crate::failure::Failure;
use crate::globals::Target;
use crate::invoked::Invoked;
use crate::output;

const READ_ONLY: &str = "read-only";
const MAX_DPH: &str = "max-dph";
const MAX_INSTANCES: &str = "max-instances";
const MAX_TOTAL: &str = "max-total";
const ALLOW: &str = "allow";
const SHOW_SECRETS: &str = "show-secrets";
const AUDIT_LOG: &str = "audit-log";
const HTTP: &str = "http";
const TOKEN_FILE: &str = "token-file";
const TLS_CERT: &str = "tls-cert";
const TLS_KEY: &str = "tls-key";
const HTTP_HOST: &str = "http-host";
const HTTP_ORIGIN: &str = "http-origin";

/// What clients over HTTP have to show, where no file has it.
const TOKEN_VARIABLE: &str = "VASTAI_MCP_TOKEN";
/// The longest file with a token, in bytes.
const LONGEST_TOKEN: u64 = 4_096;

const HOW: &str = "\
It speaks over standard input and output, as clients start it; with --http, at http://ADDRESS/mcp, or
https with a certificate.

Examples:
  vastai mcp --max-dph 0.5 --max-instances 2
  vastai mcp --read-only
  vastai mcp --mock
  vastai mcp --http 0.0.0.0:8765 --http-host gpu.example.com \\
    --tls-cert chain.pem --tls-key key.pem --token-file token";

pub(super) fn command(command: Command) -> Command {
    let flag = |name: &'static str| Arg::new(name).long(name);
    let switch = |name: &'static str| flag(name).action(ArgAction::SetTrue);
    let dollars = |name: &'static str| flag(name).value_name("DOLLARS").value_parser(value_parser!(f64));
    let file = |name: &'static str| {
        flag(name).value_name("FILE").value_parser(value_parser!(PathBuf)).value_hint(ValueHint::FilePath)
    };
    let many = |name: &'static str| flag(name).action(ArgAction::Append);
    command.about("Serve the Model Context Protocol, so that a model can rent within limits").after_help(HOW).args([
        switch(READ_ONLY).conflicts_with(ALLOW).help("Change nothing"),
        dollars(MAX_DPH).help("The most that an instance may cost per hour"),
        flag(MAX_INSTANCES)
            .value_name("NUMBER")
            .value_parser(value_parser!(usize))
            .help("The most instances that the account may have, those of others included"),
        dollars(MAX_TOTAL).help("The most that all instances together may cost per day"),
        many(ALLOW)
            .value_name("OPERATION")
            .help("An operation that changes something and has no tool of its own, such as createSshKey; may be given again"),
        switch(SHOW_SECRETS).help("Show keys, tokens and passwords to the model"),
        file(AUDIT_LOG)
            .help("Where each change is recorded; else $XDG_STATE_HOME/vastai/mcp.jsonl (~/.local/state), with --mock nowhere"),
        flag(HTTP)
            .value_name("ADDRESS")
            .value_parser(value_parser!(SocketAddr))
            .help("Serve over HTTP at this address, such as 127.0.0.1:8765; others than loopback need TLS and a token"),
        file(TOKEN_FILE)
            .requires(HTTP)
            .help("A file with what clients over HTTP have to show; else VASTAI_MCP_TOKEN"),
        file(TLS_CERT)
            .requires(TLS_KEY)
            .help("The server's certificate in PEM, followed by those that lead to a root: it then serves https"),
        file(TLS_KEY).requires(TLS_CERT).requires(HTTP).help("The key of the certificate, in PEM"),
        many(HTTP_HOST)
            .value_name("NAME")
            .requires(HTTP)
            .help("A name by which clients reach it, also through a proxy with TLS; may be given again, needs a token"),
        many(HTTP_ORIGIN)
            .value_name("ORIGIN")
            .requires(HTTP)
            .help("An origin whose web pages may call, such as https://app.example.com; else none may"),
    ])
}

/// Serves until the client goes.
pub(super) fn run(invoked: &Invoked<'_>) -> Result<(), Failure> {
    let Invoked { matches, target, .. } = invoked;
    let options = options(matches, target)?;
    let failed = |error: vastai_mcp::Error| match error {
        vastai_mcp::Error::Options(message) => Failure::usage(message),
        error @ vastai_mcp::Error::Tls { .. } => Failure::usage(error.to_string()),
        error => Failure::local(error.to_string()),
    };
    let http = http(matches)?;
    connection::runtime()?.block_on(async {
        let connection = Connection::open(target).await?;
        let server = Server::new(connection.client().clone(), options).map_err(failed)?;
        let serving = async {
            match http {
                None => server.serve_stdio().await,
                Some(options) => {
                    let scheme = if options.tls.is_some() { "https" } else { "http" };
                    let say =
                        |address: SocketAddr| output::note(&format!("listening at {scheme}://{address}/mcp"));
                    server.serve_http(options, say).await
                }
            }
        };
        tokio::select! {
            served = serving => served.map_err(failed),
            never = let_time_pass(&connection) => match never {},
        }
    })
}

/// Ten times as fast as a clock, where the simulator answers: an instance runs after some seconds.
async fn let_time_pass(connection: &Connection) -> std::convert::Infallible {
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        connection.let_pass(Duration::from_secs(10));
    }
}

fn options(matches: &ArgMatches, target: &Target) -> Result<Options, Failure> {
    let audit_log = matches.get_one::<PathBuf>(AUDIT_LOG).cloned();
    let audit_log = match (audit_log, target) {
        (Some(path), _) => Some(path),
        #[cfg(feature = "mock")]
        (None, Target::Mock) => None,
        (None, Target::Service { .. }) if matches.get_flag(READ_ONLY) => None,
        (None, Target::Service { .. }) => Some(default_audit_log()?),
    };
    let mut options = Options::default();
    options.read_only = matches.get_flag(READ_ONLY);
    options.max_dph = matches.get_one(MAX_DPH).copied();
    options.max_instances = matches.get_one(MAX_INSTANCES).copied();
    options.max_total = matches.get_one(MAX_TOTAL).copied();
    options.allow = all(matches, ALLOW);
    options.show_secrets = matches.get_flag(SHOW_SECRETS);
    options.audit_log = audit_log;
    Ok(options)
}

fn http(matches: &ArgMatches) -> Result<Option<HttpOptions>, Failure> {
    let Some(address) = matches.get_one::<SocketAddr>(HTTP) else { return Ok(None) };
    let path = |name: &str| matches.get_one::<PathBuf>(name);
    let mut options = HttpOptions::new(*address);
    options.token = token(path(TOKEN_FILE).map(PathBuf::as_path))?;
    options.hosts = all(matches, HTTP_HOST);
    options.origins = all(matches, HTTP_ORIGIN);
    options.tls = path(TLS_CERT)
        .zip(path(TLS_KEY))
        .map(|(certificate, key)| TlsFiles { certificate: certificate.clone(), key: key.clone() });
    for secret in path(TOKEN_FILE).into_iter().chain(path(TLS_KEY)) {
        if let Some((what, advice)) = key_store::exposure(secret) {
            output::warn(&format!("{what}; {advice}"));
        }
    }
    Ok(Some(options))
}

/// The token: never an argument, which others on the machine may see.
fn token(file: Option<&Path>) -> Result<Option<String>, Failure> {
    let Some(path) = file else {
        return match std::env::var(TOKEN_VARIABLE) {
            Ok(token) => Ok(Some(token)),
            Err(std::env::VarError::NotPresent) => Ok(None),
            Err(std::env::VarError::NotUnicode(_)) => {
                Err(Failure::usage(format!("{TOKEN_VARIABLE} is not text in UTF-8")))
            }
        };
    };
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(LONGEST_TOKEN).read_to_string(&mut text));
    match read {
        Ok(_) => Ok(Some(text.trim().to_owned())),
        Err(error) => Err(Failure::usage(format!("the token in {} cannot be read: {error}", path.display()))),
    }
}

fn all(matches: &ArgMatches, name: &str) -> Vec<String> {
    matches.get_many::<String>(name).into_iter().flatten().cloned().collect()
}

/// Where what was done is kept, by the XDG standard: a relative path is to be ignored.
fn default_audit_log() -> Result<PathBuf, Failure> {
    let state = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || std::env::home_dir().filter(|home| !home.as_os_str().is_empty());
    let state = state.or_else(|| home().map(|home| home.join(".local").join("state")));
    let no_home = || {
        Failure::usage(
            "there is no home directory to keep the audit log in; name a file with --audit-log".to_owned(),
        )
    };
    Ok(state.ok_or_else(no_home)?.join("vastai").join("mcp.jsonl"))
}
