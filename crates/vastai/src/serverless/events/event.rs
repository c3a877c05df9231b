//! One event of a stream.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use vastai_api::AnswerLimit;

use crate::error::{Delivery, Error, ErrorKind, Result, without_quoted_values};

/// One event of a streamed answer: a server-sent event, or a line of JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// The name of a server-sent event, where it has one.
    pub event: Option<String>,
    /// The id of the last server-sent event that had one. Events share it.
    pub id: Option<Arc<str>>,
    /// The data: the line of JSON, or the data of the server-sent event, several lines joined by `\n`.
    pub data: String,
}

impl Event {
    /// The data as JSON.
    ///
    /// ```no_run
    /// # async fn example(mut events: vastai::Events) -> vastai::Result<()> {
    /// while let Some(event) = events.next().await {
    ///     let chunk: serde_json::Value = event?.json()?;
    ///     print!("{}", chunk["choices"][0]["text"].as_str().unwrap_or_default());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Decode`] where the data is no JSON, not what is asked for, or larger as a [`serde_json::Value`] than an answer
    /// [may be](vastai_api::AnswerLimit) by default. It does not repeat the data, which the caller has.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        AnswerLimit::default().check(self.data.as_bytes(), &[]).map_err(Error::too_large)?;
        serde_json::from_str(&self.data).map_err(|error| {
            let (why, bytes) = (without_quoted_values(&error.to_string()), self.data.len());
            Error::new(ErrorKind::Decode, format!("an event of {bytes} bytes is not what is expected: {why}"))
                .with_delivery(Delivery::Answered)
        })
    }
}
