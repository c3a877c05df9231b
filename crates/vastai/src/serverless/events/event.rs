//! One event of a stream.

use serde::de::DeserializeOwned;

use crate::error::{Error, ErrorKind, Result, shortened};

/// One event of a streamed answer: a server-sent event, or a line of JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// The name of a server-sent event, where it has one.
    pub event: Option<String>,
    /// The id of the last server-sent event that had one.
    pub id: Option<String>,
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
    /// [`ErrorKind::Decode`] where the data is no JSON, or not what is asked for.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(&self.data).map_err(|error| {
            let message = format!(
                "an event is not what is expected: {error}; it begins with: {}",
                shortened(&self.data)
            );
            Error::new(ErrorKind::Decode, message).with_source(error)
        })
    }
}
