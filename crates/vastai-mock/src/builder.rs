//! How a simulator is set up.

use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::document::Document;
use crate::key::Key;
use crate::responses::AuthFailure;
use crate::server::Place;
use crate::service::{Service, Settings};
use crate::simulator::Simulator;
use crate::state::{Endpoint, Instance, Offer, State, sample};

/// Sets up a [`Simulator`]; made by [`Simulator::builder`].
///
/// ```
/// use std::time::Duration;
/// use vastai_mock::{Endpoint, Offer, Simulator, Worker, Workergroup};
///
/// # async fn example() -> std::io::Result<()> {
/// let group = Workergroup::new(10).worker(Worker::new(100)).worker(Worker::new(101));
/// let sim = Simulator::builder()
///     .empty()
///     .endpoint(Endpoint::new(1, "embeddings").workergroup(group))
///     .offer(Offer::new(9_001).gpus("RTX 3060", 1).dph_total(0.07))
///     .rent_only_offers(true)
///     .now(Duration::from_secs(1_700_000_000))
///     .start()
///     .await?;
/// # let _ = sim;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Builder {
    settings: Settings,
    now: Option<Duration>,
    port: u16,
    sample: bool,
    document: Option<String>,
    endpoints: Vec<Endpoint>,
    instances: Vec<Instance>,
    offers: Vec<Offer>,
}

impl Builder {
    pub(crate) fn new() -> Self {
        Self {
            settings: Settings {
                api_key: Key::new("mock-account-key"),
                auth_failure: AuthFailure::default(),
                console_slash_redirects: false,
                route_accepts_account_key: true,
                step: Duration::ZERO,
                speed: 0.0,
                kept_requests: None,
                strict: true,
                only_offers: false,
                recruits: false,
            },
            now: None,
            port: 0,
            sample: true,
            document: None,
            endpoints: Vec::new(),
            instances: Vec::new(),
            offers: Vec::new(),
        }
    }

    /// The account's key. The default, `mock-account-key`, is a key for nothing else.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.settings.api_key = Key::new(key);
        self
    }

    /// How a missing or wrong key is refused.
    pub fn auth_failure(mut self, form: AuthFailure) -> Self {
        self.settings.auth_failure = form;
        self
    }

    /// Whether a console path (`/api/…`) without its last slash answers 301 with HTML and a
    /// `Location` that has it. The default is to serve both.
    pub fn console_slash_redirects(mut self, redirects: bool) -> Self {
        self.settings.console_slash_redirects = redirects;
        self
    }

    /// Whether *route* takes the account's key as well as the endpoint's. It does by default: the
    /// document asks for the account's key, the official clients send the endpoint's. A test that a
    /// client sends the endpoint's key turns this off.
    pub fn route_accepts_account_key(mut self, accepts: bool) -> Self {
        self.settings.route_accepts_account_key = accepts;
        self
    }

    /// The time at the start, since the Unix epoch. The default is the real time; golden tests set
    /// it.
    pub fn now(mut self, since_epoch: Duration) -> Self {
        self.now = Some(since_epoch);
        self
    }

    /// By how much the clock moves before each request is answered. The default is zero: only
    /// [`Simulator::advance`] moves it. With another step, a client that waits and asks again gets
    /// somewhere although nobody advances the clock.
    pub fn step(mut self, step: Duration) -> Self {
        self.settings.step = step;
        self
    }

    /// How many seconds of the simulated clock pass in a real one: 1 lets it go as clocks do, 60 a minute a second. The default is 0. What
    /// is not above 0 is 0.
    pub fn speed(mut self, times: f64) -> Self {
        self.settings.speed = times;
        self
    }

    /// The port of 127.0.0.1 to serve on; the default, 0, is a free one. Files at a `result_url` and [served
    /// workers](Simulator::serve_worker) have free ones in any case.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Whether requests that are not as the document says are refused with 400 and a `msg` that names the place. They are by default: a
    /// misspelt field or a missing parameter is what a test wants to hear of; so is a field that does not exist in the filters or the order
    /// of a list. What the service is known to take beyond the document, such
    /// as `api_key` in a body for the serverless engine, is taken in any case.
    pub fn strict(mut self, strict: bool) -> Self {
        self.settings.strict = strict;
        self
    }

    /// Whether only [offers](Offer) can be rented: an id that is none is refused with 404, `no_such_ask`. By default any id can be rented
    /// any number of times, as long as it is not that of an offer that was rented before.
    pub fn rent_only_offers(mut self, only: bool) -> Self {
        self.settings.only_offers = only;
        self
    }

    /// Whether a workergroup that a request makes gets a worker, as the service's engine rents one: one of the offer that its
    /// `search_params` name the GPUs of, or of a machine with one RTX 4090. It loads by the clock, is listed among the instances, and goes
    /// with its workergroup. Requests are routed to it once it is [served](crate::ServedWorker). By default there are no workers but those that are added.
    pub fn recruit_workers(mut self, recruits: bool) -> Self {
        self.settings.recruits = recruits;
        self
    }

    /// Adds an offer; it replaces one of the same id.
    pub fn offer(mut self, offer: Offer) -> Self {
        self.offers.push(offer);
        self
    }

    /// Simulates the API of another document, YAML or JSON, instead of the one that comes with this crate. The corrections that come with
    /// this crate are made to it where they fit.
    ///
    /// Operations whose ids are those of the service keep their state; others answer the document's examples.
    ///
    /// ```
    /// use vastai_mock::Simulator;
    ///
    /// # async fn example() -> std::io::Result<()> {
    /// let document = r#"{
    ///     "openapi": "3.1.0",
    ///     "info": { "title": "Next version", "version": "2" },
    ///     "servers": [{ "url": "https://console.example" }],
    ///     "paths": { "/api/v2/gpus": { "get": {
    ///         "operationId": "listGpus",
    ///         "responses": { "200": { "description": "The GPUs." } }
    ///     } } }
    /// }"#;
    /// let sim = Simulator::builder().document(document).start().await?;
    /// assert_eq!(sim.operations(), ["listGpus"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn document(mut self, text: impl Into<String>) -> Self {
        self.document = Some(text.into());
        self
    }

    /// Keeps only the last `count` requests in [`Simulator::requests`]. The default is to keep all; a test that sends hundreds of thousands
    /// may not want their memory. What is [counted](Simulator::effects) stays counted.
    pub fn keep_requests(mut self, count: usize) -> Self {
        self.settings.kept_requests = Some(count);
        self
    }

    /// Starts with nothing but what is added here: without the sample that [`Simulator`] describes.
    pub fn empty(mut self) -> Self {
        self.sample = false;
        self
    }

    /// Adds an endpoint; it replaces one of the same id.
    pub fn endpoint(mut self, endpoint: Endpoint) -> Self {
        self.endpoints.push(endpoint);
        self
    }

    /// Adds an instance; it replaces one of the same id.
    pub fn instance(mut self, instance: Instance) -> Self {
        self.instances.push(instance);
        self
    }

    /// Starts the simulator on the [port](Self::port).
    ///
    /// # Errors
    ///
    /// The port could not be had, the [document](Self::document) is not one ([`DocumentError`](crate::DocumentError)), or there is no Tokio runtime. The runtime must have I/O and time enabled.
    #[allow(
        clippy::unused_async,
        reason = "a start that waits for something is to be no change for its callers"
    )]
    pub async fn start(self) -> io::Result<Simulator> {
        let port = self.port;
        Simulator::run(self.service()?, Place::Here, port)
    }

    /// Starts the simulator on a thread with a Tokio runtime of its own. See [`Simulator::start_on_thread`].
    ///
    /// # Errors
    ///
    /// No port is free, or no thread can be started, or the [document](Self::document) is not one ([`DocumentError`](crate::DocumentError)).
    pub fn start_on_thread(self) -> io::Result<Simulator> {
        let port = self.port;
        Simulator::run(self.service()?, Place::Thread, port)
    }

    fn service(self) -> io::Result<Service> {
        let document = match &self.document {
            None => Document::vendored(),
            Some(text) => Document::with_corrections(text).map(Arc::new),
        };
        let document = document.map_err(io::Error::other)?;
        let now = self.now.unwrap_or_else(|| SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default());
        let mut state = State::new(now);
        let (endpoints, instances) = if self.sample {
            (vec![sample::endpoint()], sample::instances())
        } else {
            (Vec::new(), Vec::new())
        };
        endpoints.into_iter().chain(self.endpoints).for_each(|endpoint| state.add_endpoint(endpoint));
        instances.into_iter().chain(self.instances).for_each(|instance| state.add_instance(instance));
        let offers = if self.sample { sample::offers() } else { Vec::new() };
        offers.into_iter().chain(self.offers).for_each(|offer| state.add_offer(offer));
        if self.sample {
            for (id, machine, gigabytes, price) in sample::VOLUME_OFFERS {
                state.account.put_volume_offer(id, machine, gigabytes, price);
            }
            for (id, gpu_name, num_gpus) in sample::MACHINES {
                state.account.host.put_machine(id, gpu_name, num_gpus);
            }
            sample::invoices(now).into_iter().for_each(|invoice| state.add_invoice(invoice));
            sample::charges(now).into_iter().for_each(|charge| state.add_charge(charge));
        }
        Ok(Service::new(self.settings, document, state))
    }
}
