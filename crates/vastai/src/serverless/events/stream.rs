//! A streamed answer, event by event.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use futures_core::future::BoxFuture;

use super::Event;
use super::decoder::{Decoder, Format, Undecodable};
use crate::error::{Delivery, Error, ErrorKind, Result};

/// What bytes are read from.
pub(crate) trait Source: Send + Sized + 'static {
    /// The next bytes; `None` at the end.
    fn next(&mut self) -> impl Future<Output = Result<Option<Bytes>>> + Send;
}

/// The read that is under way. It has the source until it is done.
type Reading<S> = BoxFuture<'static, (S, Result<Option<Bytes>>)>;

/// Events from any source.
pub(crate) struct EventsOf<S> {
    source: Option<S>,
    reading: Option<Reading<S>>,
    decoder: Decoder,
    events: VecDeque<Event>,
    limit: usize,
    failure: Option<Error>,
}

impl<S: Source> EventsOf<S> {
    pub(crate) fn new(source: S, format: Option<Format>, limit: usize) -> Self {
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
            Undecodable::NoUtf8 => "a line of the worker's stream is no UTF-8".to_owned(),
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

/// A streamed answer of a worker, event by event; made by [`WorkerAnswer::events`](crate::WorkerAnswer::events).
///
/// It ends where the worker ends it, or says `[DONE]`, which is no event. An error ends it, too: [`ErrorKind::Connection`] where the stream
/// breaks off, [`ErrorKind::Timeout`] where nothing comes for too long, [`ErrorKind::Decode`] for an event that is too large. What came
/// before has been given. The worker's work is not undone by any of that, nor by dropping this.
///
/// It is a [`Stream`]; [`next`](Self::next) does without one. A `next` that is dropped while it waits loses nothing.
#[must_use = "nothing is read before the first event is asked for"]
pub struct Events(Pin<Box<dyn Stream<Item = Result<Event>> + Send>>);

impl Events {
    pub(crate) fn new<S: Source + Unpin>(source: S, format: Option<Format>, limit: usize) -> Self {
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
