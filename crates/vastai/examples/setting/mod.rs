//! What the examples share: a client of the service, or with `--mock` one of a simulator, which needs no key and costs nothing.
#![allow(dead_code, reason = "each example uses a part of it")]

use std::error::Error;
use std::fmt;
use std::time::Duration;

use vastai::Client;
use vastai_mock::{Endpoint, ServedWorker, Simulator, Worker, WorkerReply, Workergroup};

/// How an example ends.
pub(crate) type Outcome = Result<(), Failure>;

/// Whatever an example fails with, shown in words where `main` ends with it.
pub(crate) struct Failure(Box<dyn Error>);

impl<E: Into<Box<dyn Error>>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)
    }
}

/// The client of an example and what it was given.
pub(crate) struct Setting {
    pub(crate) client: Client,
    arguments: Vec<String>,
    simulator: Option<Simulator>,
}

impl Setting {
    /// The setting that the command line asks for.
    pub(crate) async fn of_command_line() -> Result<Self, Failure> {
        let (flags, arguments): (Vec<String>, Vec<String>) =
            std::env::args().skip(1).partition(|argument| argument.starts_with("--"));
        if flags.is_empty() {
            return Ok(Self { client: Client::from_env()?, arguments, simulator: None });
        }
        if flags != ["--mock"] {
            return Err(format!("the only flag is --mock, not {}", flags.join(" ")).into());
        }
        // Its time goes on with every request, so what takes minutes takes some of those.
        let simulator = Simulator::builder().step(Duration::from_secs(20)).start().await?;
        let (url, key) = (simulator.url(), simulator.api_key());
        let client = Client::builder().api_key(key).console_url(url).run_url(url).build()?;
        Ok(Self { client, arguments, simulator: Some(simulator) })
    }

    /// The argument at this place, or what stands for it with the simulator.
    pub(crate) fn argument(&self, place: usize, name: &str, of_mock: &str) -> Result<String, Failure> {
        match self.arguments.get(place) {
            Some(argument) => Ok(argument.clone()),
            None if self.simulator.is_some() => Ok(of_mock.to_owned()),
            None => Err(format!("{name} is missing; --mock does without").into()),
        }
    }

    /// A pause between two looks, which need not be as long with the simulator.
    pub(crate) fn pause(&self, pause: Duration) -> Duration {
        if self.simulator.is_some() { pause / 100 } else { pause }
    }

    /// With the simulator, a worker that answers so; of the service, workers answer by themselves.
    pub(crate) fn worker(&self, reply: WorkerReply) -> Result<Option<ServedWorker>, Failure> {
        let Some(simulator) = &self.simulator else { return Ok(None) };
        // The workers of the sample are at addresses where nothing answers.
        let group = Workergroup::new(4242).worker(Worker::new(30_215_871));
        simulator.add_endpoint(Endpoint::new(12_345, "vLLM-Qwen3-8B").workergroup(group));
        let worker = simulator.serve_worker(30_215_871)?;
        worker.reply_with(reply);
        Ok(Some(worker))
    }
}
