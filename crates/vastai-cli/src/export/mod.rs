//! `vastai export prometheus`: what an account has, costs and earns, as metrics.
//!
//! From below to above: [`metric`] writes samples as text; [`targets`] are addresses for Prometheus's discovery; [`renter`], [`serverless`],
//! [`host`] and [`market`] make metrics of what the service says, [`compat`] by the names of another exporter, too; [`poller`] asks the
//! service, and keeps what it said; [`server`] shows that to whoever asks.

mod compat;
mod host;
mod market;
mod metric;
mod poller;
mod renter;
mod server;
mod serverless;
mod targets;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use clap::builder::{NonEmptyStringValueParser, PossibleValuesParser};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::connection::{self, Connection};
use crate::failure::Failure;
use crate::invoked::Invoked;
use crate::output;
use crate::stop::stopped;
use poller::{Snapshot, Source};

const PROMETHEUS: &str = "prometheus";
const LISTEN: &str = "listen";
const INTERVAL: &str = "interval";
const HOST: &str = "host";
const MARKET: &str = "market";
const MARKET_INTERVAL: &str = "market-interval";
const GPU: &str = "gpu";
const NO_RENTER: &str = "no-renter";
const COMPAT: &str = "compat";

const HELP: &str = "\
It polls the service in its own time, and however many read /metrics, they read
what was polled last: vastai_source_age_seconds says how old that is, vastai_up
whether the last poll failed. It serves until Ctrl-C. Beside /metrics there are
/healthz, and /sd/endpoints for http_sd_configs. docs/prometheus.md has the
metrics; monitoring/ a dashboard and alerts.

Example:
  vastai export prometheus --listen 127.0.0.1:9836 --market --gpu 'RTX 4090'";

pub(crate) fn command(command: Command) -> Command {
    let flag = |name: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue);
    let seconds = |name: &'static str| {
        Arg::new(name).long(name).value_name("SECONDS").value_parser(value_parser!(u32).range(1..=86_400))
    };
    command
        .about("Export what the account has, costs and earns as metrics")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
            Command::new(PROMETHEUS)
                .about("Serve metrics for Prometheus: instances, balance, endpoints and workers")
                .after_help(HELP)
                .arg(
                    Arg::new(LISTEN)
                        .long(LISTEN)
                        .value_name("ADDRESS")
                        .value_parser(value_parser!(SocketAddr))
                        .default_value("127.0.0.1:9836")
                        .help(
                            "Where to serve, such as 0.0.0.0:9836 for other machines; port 0 is a free one",
                        ),
                )
                .arg(
                    seconds(INTERVAL)
                        .default_value("30")
                        .help("How far polls are apart, from 1 to 86400; failures make them rarer"),
                )
                .arg(
                    flag(HOST).help("Also the machines of this host: rentals, earnings, reliability, prices"),
                )
                .arg(flag(MARKET).help("Also prices of the market by GPU model"))
                .arg(
                    Arg::new(GPU)
                        .long(GPU)
                        .value_name("NAME")
                        .value_parser(NonEmptyStringValueParser::new())
                        .action(ArgAction::Append)
                        .requires(MARKET)
                        .help("Only this model of the market; may be repeated"),
                )
                .arg(
                    seconds(MARKET_INTERVAL)
                        .default_value("300")
                        .requires(MARKET)
                        .help("How far polls of the market are apart: a whole one takes many searches"),
                )
                .arg(flag(NO_RENTER).help("Without instances, balance and endpoints").requires("others"))
                .group(clap::ArgGroup::new("others").args([HOST, MARKET]).multiple(true))
                .arg(
                    Arg::new(COMPAT)
                        .long(COMPAT)
                        .value_name("500farm")
                        .value_parser(PossibleValuesParser::new(["500farm"]))
                        .hide_possible_values(true)
                        .help("Also the names that the exporter of 500farm gives"),
                ),
        )
}

pub(crate) fn run(invoked: &Invoked<'_>) -> Result<(), Failure> {
    // There is no other command below this one.
    let Some((_, matches)) = invoked.matches.subcommand() else { return Ok(()) };
    connection::runtime()?.block_on(async {
        let connection = Connection::open(invoked.target).await?;
        export(matches, &connection).await
    })
}

async fn export(matches: &ArgMatches, connection: &Connection) -> Result<(), Failure> {
    let Some(&address) = matches.get_one::<SocketAddr>(LISTEN) else { return Ok(()) };
    let listener = TcpListener::bind(address).await;
    let listener =
        listener.map_err(|error| Failure::local(format!("cannot listen on {address}: {error}")))?;
    let address = listener.local_addr().unwrap_or(address);
    let stop = stopped()?;
    if !address.ip().is_loopback() {
        output::warn("whoever reaches this address can read what the account has and costs");
    }
    let snapshot = Arc::new(Snapshot::default());
    let polls = poller::start(connection.client(), sources(matches), &snapshot, connection.clock());
    output::print(&format!("http://{address}/metrics\n"))?;
    server::serve(listener, snapshot, stop).await;
    drop(polls);
    Ok(())
}

/// What is polled, and how far apart.
fn sources(matches: &ArgMatches) -> Vec<(Source, Duration)> {
    let seconds =
        |name: &str| Duration::from_secs(matches.get_one::<u32>(name).copied().map_or(30, u64::from));
    let compat = matches.contains_id(COMPAT);
    let mut sources = Vec::new();
    if !matches.get_flag(NO_RENTER) {
        sources.push(Source::Account);
        sources.push(Source::Instances { compat });
        sources.push(Source::Endpoints(serverless::Endpoints::default()));
    }
    if matches.get_flag(HOST) {
        sources.push(Source::Host { host: host::Host::default(), compat });
    }
    let mut sources: Vec<_> = sources.into_iter().map(|source| (source, seconds(INTERVAL))).collect();
    if matches.get_flag(MARKET) {
        let gpus = matches.get_many::<String>(GPU).into_iter().flatten();
        let gpus = gpus.map(|name| name.replace('_', " ")).collect();
        sources.push((Source::Market { gpus, compat }, seconds(MARKET_INTERVAL)));
    }
    sources
}

/// A number among fields that no document has, also where it is written as a string, as some are.
fn number(fields: &vastai_api::Extra, name: &str) -> Option<f64> {
    match fields.get(name)? {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}
