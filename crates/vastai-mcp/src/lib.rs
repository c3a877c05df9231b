//! A server of the Model Context Protocol for the Vast.ai API: what a model needs to find, rent, use and give back GPUs, with limits that
//! the server holds and the model cannot talk its way around.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use vastai_mcp::{Options, Server};
//!
//! let mut options = Options::default();
//! options.max_dph = Some(0.5);
//! options.max_instances = Some(2);
//! Server::new(vastai::Client::from_env()?, options)?.serve_stdio().await?;
//! # Ok(())
//! # }
//! ```
//!
//! - [`Options`] are the guardrails, which hold for every tool: what may be spent, what may be called, what is shown and what is recorded.
//! - What spends or destroys asks the person behind the client by elicitation, bound to the exact arguments and the live price.
//! - What comes from machines is marked as untrusted, and keys and passwords are left out.
//!
//! From below to above: `untrusted` and `hidden` make responses fit for a model; `audit` records; `guard` knows what an operation does and what
//! it may cost, and asks; `tools`, `resources` and `prompts` are what a client sees; `server` speaks the protocol, and `http` carries it, with `tls`.

mod audit;
mod error;
mod guard;
mod hidden;
mod http;
mod market;
mod options;
mod prompts;
mod resources;
mod server;
mod tls;
mod tools;
mod untrusted;

pub use error::Error;
pub use http::HttpOptions;
pub use options::Options;
pub use server::Server;
pub use tls::TlsFiles;
