//! The ways in which the body of a response reaches the client.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame, SizeHint};
use tokio::time::Sleep;

use super::Cut;
use crate::exchange::Manner;

/// A body on its way. Unless it is streamed, its length is announced whole, however much will come.
#[derive(Debug)]
pub(super) struct ResponseBody {
    rest: Bytes,
    length: u64,
    /// Whether nobody is to know the length before the end.
    streamed: bool,
    way: Way,
}

#[derive(Debug)]
enum Way {
    Whole,
    /// How much is still to be sent.
    Until(usize),
    /// All that was to be sent is handed over, and has to be on the wire before the connection breaks.
    Flushing,
    Broken,
    Drip {
        bytes: usize,
        every: Duration,
        pause: Option<Pin<Box<Sleep>>>,
    },
}

impl ResponseBody {
    pub(super) fn new(body: Bytes, streamed: bool, manner: Manner) -> Self {
        let way = match manner {
            Manner::Half => Way::Until(body.len() / 2),
            Manner::Drip { bytes, every } => Way::Drip { bytes, every, pause: None },
            Manner::Whole | Manner::Cut => Way::Whole,
        };
        Self { length: body.len() as u64, rest: body, streamed, way }
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        let body = self.get_mut();
        match &mut body.way {
            Way::Whole if body.rest.is_empty() => Poll::Ready(None),
            Way::Whole => Poll::Ready(Some(Ok(Frame::data(std::mem::take(&mut body.rest))))),
            Way::Until(0) | Way::Flushing => {
                body.way = Way::Broken;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Way::Until(bytes) => {
                let part = body.rest.split_to((*bytes).min(body.rest.len()));
                body.way = Way::Flushing;
                Poll::Ready(Some(Ok(Frame::data(part))))
            }
            Way::Broken => Poll::Ready(Some(Err(Cut))),
            Way::Drip { bytes, every, pause } => {
                if let Some(sleep) = pause {
                    std::task::ready!(sleep.as_mut().poll(context));
                    *pause = None;
                }
                if body.rest.is_empty() {
                    return Poll::Ready(None);
                }
                let part = body.rest.split_to((*bytes).min(body.rest.len()));
                if !body.rest.is_empty() {
                    *pause = Some(Box::pin(tokio::time::sleep(*every)));
                }
                Poll::Ready(Some(Ok(Frame::data(part))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.way, Way::Whole | Way::Drip { .. }) && self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        if self.streamed {
            return SizeHint::default();
        }
        SizeHint::with_exact(match self.way {
            // Asked before the first part is taken, which is when the head is written.
            Way::Whole | Way::Drip { .. } => self.rest.len() as u64,
            Way::Until(_) | Way::Flushing | Way::Broken => self.length,
        })
    }
}
