//! The client of one command line, and what it is made from.

use std::time::SystemTime;

use vastai::{Client, ClientBuilder, DEFAULT_RUN_URL, RetryPolicy};
use vastai_api::Operation;

use crate::failure::Failure;
use crate::output;

/// Whom to ask. Without `Debug`, as it may hold a key.
pub(crate) enum Target {
    /// The service, as the environment says where nothing is given.
    Service {
        api_key: Option<String>,
        console_url: Option<String>,
        run_url: Option<String>,
        /// Whether what is safe to repeat is tried again.
        retry: bool,
    },
    /// The embedded simulator, whatever the environment says.
    #[cfg(feature = "mock")]
    Mock,
}

/// A client, and with `--mock` the simulator that answers it.
pub(crate) struct Connection {
    client: Client,
    #[cfg(feature = "mock")]
    simulator: Option<vastai_mock::Simulator>,
}

impl Connection {
    pub(crate) async fn open(target: &Target) -> Result<Self, Failure> {
        match target {
            Target::Service { api_key, console_url, run_url, retry } => {
                let mut builder = ClientBuilder::from_env();
                if let Some(key) = api_key {
                    builder = builder.api_key(key);
                }
                if let Some(url) = console_url {
                    builder = builder.console_url(url);
                }
                if let Some(url) = run_url {
                    builder = builder.run_url(url);
                }
                if !retry {
                    builder = builder.retry(RetryPolicy::never());
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
                let simulator = vastai_mock::Simulator::start().await;
                let simulator = simulator
                    .map_err(|error| Failure::local(format!("the simulator cannot be started: {error}")))?;
                let builder = Client::builder().api_key(simulator.api_key());
                let client = builder.console_url(simulator.url()).run_url(simulator.url()).build();
                output::note("answers come from the embedded simulator");
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

    /// The time by which ages are told: the simulator's where it answers, as its clock stands still.
    pub(crate) fn now(&self) -> SystemTime {
        #[cfg(feature = "mock")]
        if let Some(simulator) = &self.simulator {
            return SystemTime::UNIX_EPOCH + simulator.now();
        }
        SystemTime::now()
    }
}

/// Whether an operation belongs to the serverless engine, and not to the console.
pub(crate) fn is_of_engine(operation: &Operation) -> bool {
    operation.server.eq_ignore_ascii_case(DEFAULT_RUN_URL)
}

/// The server of an operation, for people.
pub(crate) fn server_in_words(operation: &Operation) -> &'static str {
    if is_of_engine(operation) { "serverless engine" } else { "console" }
}
