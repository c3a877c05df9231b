//! A simulator of the Vast.ai service, for examples and tests.
//!
//! [`Simulator`] is an HTTP server on a free loopback port that answers like the console and the
//! serverless engine. It records every [request](Simulator::requests), counts what was
//! [really done](Simulator::effects), and [fails](Fault) in each way the service and the network
//! have been seen to fail.
//!
//! All operations of the document answer. Those with a state answer from a small world, which a
//! clock moves that stands still until it is asked to [advance](Simulator::advance): offers and
//! [instances](Instance), [endpoints](Endpoint), [workergroups](Workergroup) and [workers](Worker)
//! with their logs, *route*, [invoices](Invoice) and [charges](Charge) in pages, keys and variables,
//! templates, volumes, deployments, scheduled jobs, the team, second factors, the machines of a host
//! with what is offered of them, and what was called. The others, such as the notifications, answer the document's examples.
//!
//! ```
//! use serde_json::json;
//! use vastai_mock::{Fault, Simulator};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let sim = Simulator::start().await?;
//! // The machine is rented, and the response gets lost.
//! sim.inject("createInstance", Fault::cut_after_effect())?;
//!
//! let client = reqwest::Client::new();
//! let rent = client.put(format!("{}/api/v0/asks/14000001/", sim.url())).bearer_auth(sim.api_key());
//! let lost = rent.json(&json!({ "image": "ubuntu:24.04", "label": "mine" })).send().await;
//! assert!(lost.is_err());
//! assert_eq!(sim.machines_rented_with_label("mine"), 1);
//! # Ok(())
//! # }
//! ```
//!
//! # What it is strict about
//!
//! A request that is not as the document says is refused with 400 and the place, also where it has
//! a field or a parameter that the document does not know: a test should hear of it. What the
//! service is known to take beyond the document is taken, since official clients send it: `owner=me`,
//! `client_id`, an id of the path again in the body, null for what is not given, a number of a filter
//! as a string. [`Builder::strict`] turns it off.
//!
//! # What it leaves out
//!
//! Scheduled jobs are kept and not run. A second factor is shown and proved, with the code `123456`, and nothing asks for a session of one.
//! Whoever is invited to the team does not accept by themselves, and no host raises a price:
//! [`add_team_member`](Simulator::add_team_member) and [`announce_price`](Simulator::announce_price) do. Addresses to upload to or to
//! download from lead nowhere.
//!
//! # What it promises
//!
//! Each path is served with and without its last slash. Everything is deterministic but the port
//! and, unless [set](Builder::now), the time at the start. Nothing here sleeps but an injected
//! delay, prints or reads the environment. In what is shown of a request, its keys are left out: see
//! [`RecordedRequest`].

mod builder;
mod document;
mod exchange;
mod fault;
mod files;
mod key;
mod record;
mod responses;
mod script;
mod server;
mod service;
mod simulator;
mod state;
mod worker;

pub use builder::Builder;
pub use document::{DocumentError, UnknownOperation};
pub use fault::{Fault, FaultError, FaultPlan, RateLimitForm};
/// The vocabulary of HTTP that responses and recorded requests are written in.
pub use http;
pub use record::RecordedRequest;
pub use responses::{AuthFailure, LogsShape, RawResponse, WorkersShape};
pub use simulator::Simulator;
pub use state::{Charge, Endpoint, Instance, Invoice, NotFound, Offer, Phase, Worker, Workergroup};
pub use worker::{ServedWorker, WorkerReply};

/// The README's example is compiled with the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
