//! `vastai mock serve`: a simulated world that stays, for any client in any language.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::time::Duration;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use serde_json::json;
use vastai_mock::{Fault, FaultPlan, ServedWorker, Simulator, UnknownOperation};

use crate::connection;
use crate::failure::Failure;
use crate::globals::{Format, Target};
use crate::invoked::Invoked;
use crate::output;
use crate::stop::stopped;

const PORT: &str = "port";
const SEED: &str = "seed";
const SPEED: &str = "speed";
const FAULT: &str = "fault";

/// How often it is looked for workers that are new.
const TURN: Duration = Duration::from_millis(200);
/// How many requests are kept.
const KEPT: usize = 1_000;
/// Shares of requests are in so many parts.
const PARTS: u32 = 10_000;

const HELP: &str = "\
It serves until Ctrl-C, and forgets everything then. Workers take requests, too;
a workergroup that is made gets one.

Faults, by the operation's id (`vastai show instances` is showInstances):
  createInstance=cut-after          every request: the machine is rented, the
                                    response is lost
  createInstance=503x2              the next two requests
  getEndpointWorkers=429@0.2        a fifth of the requests, drawn by the seed
Beside a status there are html, soft-failure, slash-redirect, cut-before,
cut-after, half-body, drip, wrong-types, numbers-as-strings, delay:SECONDS.

Example:
  vastai mock serve --port 8900 --speed 60 --fault showInstances=503@0.1";

/// A fault of a command line: what hits the requests for an operation, and which of them.
#[derive(Debug, Clone, PartialEq)]
struct Given {
    operation: String,
    fault: Fault,
    /// Of so many parts; `None` where it hits whatever comes.
    share: Option<u32>,
}

pub(super) fn command(command: Command) -> Command {
    let number = |name: &'static str, value: &'static str| Arg::new(name).long(name).value_name(value);
    command
        .about("Serve a simulated world, for any client in any language")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
            Command::new("serve")
                .about("Serve a simulated world that stays, and print the variables to set")
                .after_help(HELP)
                .arg(
                    number(PORT, "N")
                        .value_parser(value_parser!(u16))
                        .default_value("0")
                        .help("The port of 127.0.0.1; 0 for a free one"),
                )
                .arg(
                    number(SEED, "N")
                        .value_parser(value_parser!(u64))
                        .default_value("0")
                        .help("What faults are drawn by; the same seed gives the same ones"),
                )
                .arg(
                    number(SPEED, "TIMES")
                        .value_parser(speed)
                        .default_value("1")
                        .help("How many seconds of the world pass in a real one; 0 stops its clock"),
                )
                .arg(
                    number(FAULT, "OPERATION=FAULT")
                        .value_parser(given)
                        .action(ArgAction::Append)
                        .help("What goes wrong with requests for an operation; may be repeated"),
                ),
        )
}

pub(super) fn run(invoked: &Invoked<'_>) -> Result<(), Failure> {
    // There is no other command below this one.
    let Some((_, matches)) = invoked.matches.subcommand() else { return Ok(()) };
    connection::runtime()?.block_on(serve(matches, invoked))
}

async fn serve(matches: &ArgMatches, invoked: &Invoked<'_>) -> Result<(), Failure> {
    let number = |name: &str| matches.get_one::<u64>(name).copied().unwrap_or_default();
    let port = matches.get_one::<u16>(PORT).copied().unwrap_or_default();
    let mut builder = connection::simulated().port(port);
    builder = builder.speed(matches.get_one::<f64>(SPEED).copied().unwrap_or_default());
    // It may serve for days: only the latest requests, and the latest logs that were asked for, are kept.
    builder = builder.keep_requests(KEPT);
    if let Target::Service { api_key: Some(key), .. } = invoked.target {
        builder = builder.api_key(key);
    }
    let failed = |error: std::io::Error| Failure::local(format!("the simulator cannot be started: {error}"));
    let simulator = builder.start().await.map_err(failed)?;
    connection::furnish(&simulator);
    for (given, index) in matches.get_many::<Given>(FAULT).into_iter().flatten().zip(0..) {
        take(&simulator, given, number(SEED).wrapping_add(index)).map_err(|error| {
            Failure::usage(format!("--{FAULT}: {error}; the ids of operations are in docs/operations.md"))
        })?;
    }
    // Before the variables are printed: whoever reads them may end the program at once.
    let stop = stopped()?;
    let mut stop = pin!(stop);
    let mut world = World { simulator: &simulator, served: BTreeMap::new() };
    world.turn().map_err(failed)?;
    output::print(&variables(&simulator, invoked.format))?;
    output::note("serving until Ctrl-C");
    loop {
        tokio::select! {
            () = &mut stop => break,
            () = tokio::time::sleep(TURN) => {
                world.turn().map_err(|error| Failure::local(format!("a worker cannot be served: {error}")))?;
            }
        }
    }
    drop(world);
    simulator.stop().await.map_err(|error| Failure::local(format!("the simulator had failed: {error}")))
}

/// What keeps the workers served that come and go.
struct World<'simulator> {
    simulator: &'simulator Simulator,
    served: BTreeMap<i64, ServedWorker>,
}

impl World<'_> {
    /// Serves the workers that are new.
    fn turn(&mut self) -> std::io::Result<()> {
        let mut present = BTreeSet::new();
        for endpoint in self.simulator.endpoint_ids() {
            present.extend(self.simulator.worker_ids(endpoint));
        }
        self.served.retain(|id, _| present.contains(id));
        for id in present {
            if !self.served.contains_key(&id) {
                match self.simulator.serve_worker(id) {
                    Ok(worker) => drop(self.served.insert(id, worker)),
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }
}

/// Has the simulator take a fault.
fn take(simulator: &Simulator, given: &Given, seed: u64) -> Result<(), UnknownOperation> {
    let Given { operation, fault, share } = given;
    match share {
        None => simulator.inject(operation, fault.clone()),
        Some(parts) => {
            let plan = FaultPlan::seeded(seed).healthy(PARTS - parts).fault(*parts, fault.clone());
            simulator.also_plan_faults(plan.only(operation))
        }
    }
}

/// What a client is to have in its environment, as a shell takes it.
fn variables(simulator: &Simulator, format: Format) -> String {
    let (url, key) = (simulator.url(), simulator.api_key());
    let variables = [("VAST_API_KEY", key), ("VAST_URL", url), ("VAST_RUN_URL", url)];
    let object = || -> serde_json::Value {
        variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), json!(value)))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    match format {
        Format::Json | Format::JsonLines | Format::Raw | Format::Ids => format!("{}\n", object()),
        // Texts of one line are always CSV.
        Format::Csv => crate::records::csv(&object(), None).unwrap_or_default(),
        Format::Table => variables.into_iter().map(|(name, value)| set(name, value)).collect(),
    }
}

/// A line of a shell that sets a variable: PowerShell on Windows, sh elsewhere.
fn set(name: &str, value: &str) -> String {
    if cfg!(windows) {
        format!("$env:{name} = '{}'\n", value.replace('\'', "''"))
    } else {
        format!("export {name}='{}'\n", value.replace('\'', r"'\''"))
    }
}

fn speed(text: &str) -> Result<f64, String> {
    let speed = text.parse::<f64>().ok().filter(|speed| speed.is_finite() && *speed >= 0.0);
    speed.ok_or_else(|| "a number of at least 0 is meant".to_owned())
}

/// `OPERATION=FAULT`, with how often: `x2` for the next two requests, `@0.2` for a fifth of all.
fn given(text: &str) -> Result<Given, String> {
    let (operation, fault) = text.split_once('=').ok_or("OPERATION=FAULT is meant")?;
    let (fault, share) = match fault.split_once('@') {
        None => (fault, None),
        Some((fault, share)) => {
            let share = share.parse::<f64>().ok().filter(|share| *share > 0.0 && *share <= 1.0);
            let share = share.ok_or("behind @ stands the share of the requests, above 0 and up to 1")?;
            (fault, Some(parts_of(share)))
        }
    };
    let parsed = |name: &str| name.parse::<Fault>().map_err(|error| error.to_string());
    let counted = fault.rsplit_once('x').and_then(|(fault, times)| Some((fault, times.parse::<u64>().ok()?)));
    let fault = match counted {
        Some(_) if share.is_some() => {
            return Err("a fault has a number of requests or a share, not both".to_owned());
        }
        Some((fault, times)) => parsed(fault)?.times(times),
        None => parsed(fault)?.always(),
    };
    Ok(Given { operation: operation.to_owned(), fault, share })
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share is above 0 and at most 1"
)]
fn parts_of(share: f64) -> u32 {
    ((share * f64::from(PARTS)).round() as u32).clamp(1, PARTS)
}
