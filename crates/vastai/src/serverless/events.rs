//! The streamed response of a worker, event by event.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use futures_core::future::BoxFuture;
use serde::de::DeserializeOwned;

use super::event_decoder::{Decoder, Event, Format, Undecodable};
use crate::error::{Delivery, Error, ErrorKind, Result};

/// What bytes are read from.
pub(super) trait Source: Send + Sized + 'static {
    /// The next bytes; `None` at the end.
    fn next(&mut self) -> impl Future<Output = Result<Option<Bytes>>> + Send;
}

/// The read that is under way. It has the source until it is done.
type Reading<S> = BoxFuture<'static, (S, Result<Option<Bytes>>)>;

/// Events from any source.
struct EventsOf<S> {
    source: Option<S>,
    reading: Option<Reading<S>>,
    decoder: Decoder,
    events: VecDeque<Event>,
    limit: usize,
    failure: Option<Error>,
}

impl<S: Source> EventsOf<S> {
    fn new(source: S, format: Option<Format>, limit: usize) -> Self {
        let decoder = Decoder::new(format, limit);
        Self { source: Some(source), reading: None, decoder, events: VecDeque::new(), limit, failure: None }
    }

    /// Takes in what was read; the source goes on unless the stream has ended.
    fn take(&mut self, source: S, read: Result<Option<Bytes>>) {
        let decoded = match read {
            Ok(Some(bytes)) => {
                let decoded = self.decoder.push(&bytes, &mut self.events);
                self.source = (!self.decoder.is_done()).then_some(source);
                decoded
            }
            Ok(None) => self.decoder.finish(&mut self.events),
            Err(error) => {
                self.failure = Some(error);
                return;
            }
        };
        if let Err(undecodable) = decoded {
            self.source = None;
            self.failure = Some(self.undecodable(&undecodable));
        }
    }

    fn undecodable(&self, why: &Undecodable) -> Error {
        let message = match why {
            Undecodable::TooLong => {
                format!(
                    "an event of the worker's stream is larger than {} bytes, the limit for this request",
                    self.limit
                )
            }
            Undecodable::NotUtf8 => "a line of the worker's stream is not UTF-8".to_owned(),
        };
        Error::new(ErrorKind::Decode, message).with_delivery(Delivery::Answered)
    }
}

impl<S: Source + Unpin> Stream for EventsOf<S> {
    type Item = Result<Event>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let events = self.get_mut();
        loop {
            // What came before a failure is given before it.
            if let Some(event) = events.events.pop_front() {
                return Poll::Ready(Some(Ok(event)));
            }
            if let Some(failure) = events.failure.take() {
                return Poll::Ready(Some(Err(failure)));
            }
            let reading = match (&mut events.reading, events.source.take()) {
                (Some(reading), _) => reading,
                (none, Some(mut source)) => none.insert(Box::pin(async move {
                    let read = source.next().await;
                    (source, read)
                })),
                (None, None) => return Poll::Ready(None),
            };
            let (source, read) = ready!(reading.as_mut().poll(context));
            events.reading = None;
            events.take(source, read);
        }
    }
}

/// A streamed response of a worker, event by event; made by [`WorkerResponse::events`](super::WorkerResponse::events).
///
/// It ends where the worker ends it, or says `[DONE]`, which is not given as an event. An error ends it, too: [`ErrorKind::Connection`] where the stream
/// breaks off, [`ErrorKind::Timeout`] where nothing comes for too long, [`ErrorKind::Decode`] for an event that is too large. What came
/// before has been given. The worker's work is not undone by any of that, nor by dropping this.
///
/// It is a [`Stream`]; [`next`](Self::next) does without one. A `next` that is dropped while it waits loses nothing.
#[must_use = "nothing is read before the first event is asked for"]
pub struct Events(Pin<Box<dyn Stream<Item = Result<Event>> + Send>>);

impl Events {
    pub(super) fn new<S: Source + Unpin>(source: S, format: Option<Format>, limit: usize) -> Self {
        Self(Box::pin(EventsOf::new(source, format, limit)))
    }

    /// The next event; `None` at the end, and after an error.
    ///
    /// # Errors
    ///
    /// As [the stream](Self).
    pub async fn next(&mut self) -> Option<Result<Event>> {
        poll_fn(|context| self.0.as_mut().poll_next(context)).await
    }

    /// The same stream with the data of each event decoded, as [`Event::json`] does it; names and ids of events are left out.
    ///
    /// An event that does not decode is an error ([`ErrorKind::Decode`]), after which the stream goes on.
    ///
    /// ```no_run
    /// # async fn example(response: vastai::serverless::WorkerResponse) -> vastai::Result<()> {
    /// #[derive(serde::Deserialize)]
    /// struct Chunk {
    ///     choices: Vec<Choice>,
    /// }
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Choice {
    ///     text: String,
    /// }
    ///
    /// let mut chunks = response.events().json::<Chunk>();
    /// while let Some(chunk) = chunks.next().await {
    ///     for choice in chunk?.choices {
    ///         print!("{}", choice.text);
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn json<T: DeserializeOwned>(self) -> JsonEvents<T> {
        JsonEvents { events: self, decoded: PhantomData }
    }
}

impl Stream for Events {
    type Item = Result<Event>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().0.as_mut().poll_next(context)
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Events").finish_non_exhaustive()
    }
}

/// The events of a worker's response, each decoded from its JSON; made by [`Events::json`].
///
/// It is a [`Stream`]; [`next`](Self::next) does without one. It ends and fails as [`Events`] do.
#[must_use = "nothing is read before the first event is asked for"]
pub struct JsonEvents<T> {
    events: Events,
    decoded: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> JsonEvents<T> {
    /// The next event; `None` at the end, and after an error of the stream.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Decode`] for an event that is not a `T`, after which there may be others; else as [the stream](Events).
    pub async fn next(&mut self) -> Option<Result<T>> {
        self.events.next().await.map(|event| event?.json())
    }
}

impl<T: DeserializeOwned> Stream for JsonEvents<T> {
    type Item = Result<T>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let event = ready!(Pin::new(&mut self.get_mut().events).poll_next(context));
        Poll::Ready(event.map(|event| event?.json()))
    }
}

impl<T> fmt::Debug for JsonEvents<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("JsonEvents").finish_non_exhaustive()
    }
}
