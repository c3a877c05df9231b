//! The client of one command line.

use std::pin::pin;
use std::time::{Duration, SystemTime};

use vastai::retry::RetryPolicy;
use vastai::{Client, ClientBuilder};

use crate::failure::Failure;
use crate::globals::{Showing, Target};
use crate::output;

/// The runtime of one command line.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::local(format!("the asynchronous runtime cannot be made: {error}")))
}

/// What the client of the service is built from: the options, and for what they do not say the environment. With the simulator there is
/// nothing to say.
pub(crate) fn builder(target: &Target) -> ClientBuilder {
    let mut builder = ClientBuilder::from_env();
    if let Target::Service { api_key, console_url, run_url, attempts } = target {
        if let Some(key) = api_key {
            builder = builder.api_key(key);
        }
        if let Some(url) = console_url {
            builder = builder.console_url(url);
        }
        if let Some(url) = run_url {
            builder = builder.run_url(url);
        }
        match attempts {
            None => {}
            Some(0 | 1) => builder = builder.retry(RetryPolicy::never()),
            Some(attempts) => builder = builder.retry(RetryPolicy::default().max_attempts(*attempts)),
        }
    }
    builder
}

/// The simulator of `--mock` and of `mock serve`: a workergroup that is made gets a worker, as from the service.
#[cfg(feature = "mock")]
pub(crate) fn simulated() -> vastai_mock::Builder {
    vastai_mock::Simulator::builder().recruit_workers(true)
}

/// Puts a template into its world, so that what begins with one can be tried.
#[cfg(feature = "mock")]
pub(crate) fn furnish(simulator: &vastai_mock::Simulator) {
    simulator.add_template(
        123_001,
        serde_json::json!({
            "name": "vLLM",
            "image": "vllm/vllm-openai",
            "tag": "latest",
            "hash_id": "6f1c0a52d9e84b37",
            "extra_filters": r#"{"gpu_ram": {"gte": 16000}}"#,
        }),
    );
}

/// A client, and with `--mock` the simulator behind it.
pub(crate) struct Connection {
    client: Client,
    #[cfg(feature = "mock")]
    simulator: Option<vastai_mock::Simulator>,
}

impl Connection {
    pub(crate) async fn open(target: &Target) -> Result<Self, Failure> {
        Self::showing(target, Showing::Nothing).await
    }

    /// As [`open`](Self::open); where requests are shown and not sent, it needs no key.
    pub(crate) async fn showing(target: &Target, showing: Showing) -> Result<Self, Failure> {
        match target {
            Target::Service { .. } => {
                let mut builder = builder(target);
                if showing != Showing::Nothing {
                    // Nothing is sent, so no key is needed, and none can be shown.
                    builder = builder.api_key("not-sent");
                }
                if let Some(warning) = builder.warning() {
                    output::warn(warning);
                }
                Ok(Self {
                    client: builder.build().map_err(|error| Failure::of_client(&error))?,
                    #[cfg(feature = "mock")]
                    simulator: None,
                })
            }
            #[cfg(feature = "mock")]
            Target::Mock => {
                let simulator = simulated().start().await;
                let simulator = simulator
                    .map_err(|error| Failure::local(format!("the simulator cannot be started: {error}")))?;
                furnish(&simulator);
                let builder = Client::builder().api_key(simulator.api_key());
                let client = builder.console_url(simulator.url()).run_url(simulator.url()).build();
                output::note("responses come from the embedded simulator");
                Ok(Self {
                    client: client.map_err(|error| Failure::of_client(&error))?,
                    simulator: Some(simulator),
                })
            }
        }
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Moves the clock of the simulator, which stands still by itself; the service needs no help.
    #[cfg_attr(not(feature = "mock"), allow(clippy::unused_self, reason = "there is no simulator"))]
    pub(crate) fn let_pass(&self, time: Duration) {
        #[cfg(feature = "mock")]
        if let Some(simulator) = &self.simulator {
            simulator.advance(time);
        }
        #[cfg(not(feature = "mock"))]
        let _ = time;
    }

    /// What a wait for the service gives. With the simulator, its clock goes on meanwhile, twenty times as fast as others.
    pub(crate) async fn waited<T>(&self, wait: impl Future<Output = T>) -> T {
        const TICK: Duration = Duration::from_millis(100);
        let mut wait = pin!(wait);
        loop {
            tokio::select! {
                biased;
                done = &mut wait => return done,
                () = tokio::time::sleep(TICK) => self.let_pass(20 * TICK),
            }
        }
    }

    /// The time from which ages are counted: with the simulator its own, as its clock stands still.
    pub(crate) fn now(&self) -> SystemTime {
        #[cfg(feature = "mock")]
        if let Some(simulator) = &self.simulator {
            return SystemTime::UNIX_EPOCH + simulator.now();
        }
        SystemTime::now()
    }

    /// The clock by which ages are counted, for what goes on for long: with the simulator its own, which stands still.
    pub(crate) fn clock(&self) -> impl Fn() -> SystemTime + Clone + Send + Sync + 'static {
        #[cfg(feature = "mock")]
        let fixed = self.simulator.as_ref().map(|simulator| SystemTime::UNIX_EPOCH + simulator.now());
        #[cfg(not(feature = "mock"))]
        let fixed: Option<SystemTime> = None;
        move || fixed.unwrap_or_else(SystemTime::now)
    }
}
