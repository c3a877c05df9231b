//! What went wrong, for a program and for a person.

mod accessors;
mod advice;
mod kind;
mod meaning;
mod transience;

// Last, as rustdoc shows the methods of a type in the order of the modules: these are for transports.
mod build;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::StatusCode;

use crate::{Operation, ServiceError};

pub use build::{LINE, seconds, shortened, without_quoted_values};
pub use kind::{Delivery, ErrorKind};
pub use transience::Transience;

/// The result of a call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call failed. Cheap to clone.
///
/// [`Display`](fmt::Display) is one sentence: the operation, the [kind](ErrorKind), the service's words, the status, the number of attempts, and what
/// to do. A program looks at [`kind`](Self::kind) and at the predicates.
///
/// ```no_run
/// # async fn example(client: &vastai_api::Client) -> vastai_api::Result<()> {
/// use vastai_api::ErrorKind;
///
/// match client.show_endpoints().send().await {
///     Ok(endpoints) => println!("{:?}", endpoints.results),
///     Err(error) => match error.kind() {
///         ErrorKind::RateLimited => println!("wait for {:?}", error.retry_after()),
///         ErrorKind::Unauthorized => println!("check the key: {error}"),
///         _ => return Err(error),
///     },
/// }
/// # Ok(())
/// # }
/// ```
///
/// What rents, creates or pays is never sent a second time by itself once it may have been done, so look before you repeat it:
///
/// ```no_run
/// # async fn example(client: &vastai_api::Client) -> vastai_api::Result<()> {
/// let creation = client.create_instance().id(4001).body_map(|body| body.image("ubuntu:24.04"));
/// match creation.send().await {
///     Ok(created) => println!("rented: {:?}", created.new_contract),
///     Err(error) if error.may_have_been_done() => {
///         println!("{error}");
///         println!("{:?}", client.show_instances().send().await?.instances);
///     }
///     Err(error) => return Err(error),
/// }
/// # Ok(())
/// # }
/// ```
///
/// Converted with `?` into `anyhow::Error`, `Box<dyn Error>` or an error type of one's own, it keeps everything and can be downcast.
/// `Debug` (`{:?}`), which a `main` that returns it prints, reads like `Display` with the causes below; `{:#?}` shows the structure.
#[derive(Clone)]
pub struct Error(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    message: String,
    operation: Option<&'static Operation>,
    status: Option<StatusCode>,
    code: Option<String>,
    retry_after: Option<Duration>,
    min_interval: Option<Duration>,
    delivery: Delivery,
    attempts: u32,
    /// The response did not come whole, or was not JSON.
    is_broken: bool,
    /// An attempt before the last may have been carried out.
    was_ambiguous: bool,
    /// It was not an operation that failed, but the fetching of a file, which changes nothing.
    is_read: bool,
    /// It was a wait that failed, for something that may cost money meanwhile.
    is_wait: bool,
    /// What to do, where the kind alone does not say it.
    advice: Option<String>,
    json_path: Option<String>,
    body_start: Option<String>,
    service_error: Option<Arc<ServiceError>>,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    fn write_sentence(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = self.operation() {
            write!(formatter, "{operation}: ")?;
        }
        write!(formatter, "{}: {}", self.0.kind, self.0.message)?;
        let status = self.0.status.map(|status| format!("status {}", status.as_u16()));
        let attempts = (self.0.attempts > 1).then(|| format!("{} attempts", self.0.attempts));
        // A rate limit's advice says it.
        let asked = self.0.retry_after.filter(|_| self.0.kind != ErrorKind::RateLimited);
        let asked = asked.map(|after| format!("asked to wait {} s", after.as_secs_f64().ceil()));
        let circumstances: Vec<String> = [status, attempts, asked].into_iter().flatten().collect();
        if !circumstances.is_empty() {
            write!(formatter, " ({})", circumstances.join(", "))?;
        }
        Ok(())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_sentence(formatter)?;
        match self.advice() {
            Some(advice) => write!(formatter, "; {advice}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    /// Reads like `Display`, with the causes below: it is what a `main` that returns the error prints. The structure is shown by `{:#?}`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !formatter.alternate() {
            let text = self.to_string();
            formatter.write_str(&text)?;
            let mut cause = std::error::Error::source(self);
            while let Some(error) = cause {
                let of_cause = error.to_string();
                if !text.contains(&of_cause) {
                    write!(formatter, "\n  caused by: {of_cause}")?;
                }
                cause = error.source();
            }
            return Ok(());
        }
        formatter
            .debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("operation", &self.operation())
            .field("status", &self.status())
            .field("code", &self.0.code)
            .field("message", &self.0.message)
            .field("retry_after", &self.0.retry_after)
            .field("attempts", &self.0.attempts)
            .field("delivery", &self.0.delivery)
            .field("may_have_been_done", &self.may_have_been_done())
            .field("json_path", &self.0.json_path)
            .field("source", &self.0.source)
            .finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}
