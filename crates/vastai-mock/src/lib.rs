//! A simulator of the Vast.ai service, for examples and tests.
//!
//! [`Simulator`] is an HTTP server on a free loopback port that answers like the console and the
//! serverless engine. It keeps a small world of endpoints, workergroups, workers and instances,
//! moves it by a clock that stands still until it is told to [advance](Simulator::advance), records
//! every [request](Simulator::requests), and answers on demand in each form the service has been
//! seen to use, wrong ones included.
//!
//! | operation | method and path | served like |
//! |---|---|---|
//! | show endpoints | `GET /api/v0/endptjobs/` | console |
//! | show instances | `GET /api/v1/instances/` | console |
//! | get endpoint workers | `POST /get_endpoint_workers/` | serverless engine |
//! | get endpoint logs | `POST /get_endpoint_logs/` | serverless engine |
//! | get workergroup workers | `POST /get_workergroup_workers/` | serverless engine |
//! | get workergroup logs | `POST /get_workergroup_logs/` | serverless engine |
//! | route | `POST /route/` | serverless engine |
//!
//! Each path is served with and without its last slash. Everything is deterministic but the port
//! and, unless [set](Builder::now), the time at the start. Nothing here sleeps, prints or reads the
//! environment.
//!
//! In what is shown of a request, its key is left out: see [`RecordedRequest`].

mod answers;
mod builder;
mod document;
mod exchange;
mod fault;
mod files;
mod key;
mod record;
mod script;
mod server;
mod service;
mod simulator;
mod state;
mod worker;

pub use answers::{AuthFailure, LogsShape, RawAnswer, WorkersShape};
pub use builder::Builder;
pub use document::{DocumentError, UnknownOperation};
pub use fault::{Fault, FaultPlan, RateLimitForm};
/// The vocabulary of HTTP that answers and recorded requests are written in.
pub use http;
pub use record::RecordedRequest;
pub use simulator::Simulator;
pub use state::{Charge, Endpoint, Instance, Invoice, NotFound, Offer, Phase, Worker, Workergroup};
pub use worker::{ServedWorker, WorkerReply};
