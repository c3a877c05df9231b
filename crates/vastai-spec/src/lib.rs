//! From a published OpenAPI document to what the Vast.ai client is generated from.
//!
//! ```text
//! document ─ load ─ identify ─ overlay ─ lower ─┬─ generate ─ client.rs
//!                                               └─ operations ─ operations.rs
//! ```
//!
//! Each step is a module, takes what the step before gave, and reads nothing but its arguments: no file, no network, no
//! environment. [`pipeline::prepare`] runs them in order.
//!
//! ```
//! use vastai_spec::pipeline::{Source, Staleness, prepare};
//!
//! let document = r#"
//! openapi: 3.1.0
//! info: { title: Example, version: "1" }
//! servers: [{ url: https://console.example }]
//! paths:
//!   /workers/:
//!     post:
//!       summary: get endpoint workers
//!       responses: { "200": { description: the workers } }
//! "#;
//! let prepared = prepare(Source::new("example.yaml", document), None, Staleness::Fail)?;
//! assert_eq!(prepared.operations[0].id, "getEndpointWorkers");
//! # Ok::<(), vastai_spec::pipeline::Error>(())
//! ```

#[cfg(feature = "diff")]
pub mod diff;
mod filled;
#[cfg(feature = "generate")]
pub mod generate;
pub mod identify;
pub mod load;
pub mod lower;
pub mod marks;
#[cfg(feature = "diff")]
pub mod merge;
pub mod operations;
pub mod overlay;
pub mod pipeline;
pub mod pointer;
pub mod report;
#[cfg(feature = "diff")]
pub mod reword;
#[cfg(feature = "generate")]
mod sample_calls;
pub mod samples;
#[cfg(all(feature = "diff", feature = "generate"))]
pub mod surface;
pub mod visible;
pub mod words;
