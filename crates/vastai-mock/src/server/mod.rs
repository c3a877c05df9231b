//! The HTTP server: it hands each request to the service and sends the response, or breaks off where a fault wants it so.

mod body;
mod listener;
mod running;

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::{Request, Response};
use http_body_util::{BodyExt, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::exchange::{Answering, Delivery, Manner};
use crate::record::RecordedRequest;
use body::ResponseBody;
use listener::Listener;

pub(crate) use running::{Place, Running};

/// The longest request body that is read, in bytes.
const BODY_LIMIT: usize = 4 << 20;

/// Closes the connection instead of answering.
#[derive(Debug, thiserror::Error)]
#[error("the connection is cut on purpose")]
struct Cut;

/// How long requests that are being answered have to come to their end when the server is stopped. A client that does not read its response,
/// or sends but half a request, must not hold that up.
const GRACE: Duration = Duration::from_secs(1);

/// How long to wait before the next connection is accepted when accepting fails, as with too many open files.
const ACCEPT_AGAIN: Duration = Duration::from_millis(50);

/// What the server's holder wants of it. Once the holder is gone, it is to end at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    Serve,
    /// Accept no more, and answer what has come.
    Finish,
}

type Wishes = watch::Receiver<Wish>;

/// Serves until another wish comes, and leaves no connection behind.
async fn serve<S: Answering>(listener: Listener, service: Arc<Mutex<S>>, mut wishes: Wishes) {
    let mut connections = JoinSet::new();
    let holder_is_there = loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(Some(stream)) => {
                    connections.spawn(converse(stream, Arc::clone(&service), wishes.clone()));
                }
                Ok(None) => break false,
                // The client was gone before it was met.
                Err(error) if is_of_client(&error) => {}
                // There are too many open files, or no memory: the next try would fail as well.
                Err(_) => tokio::time::sleep(ACCEPT_AGAIN).await,
            },
            // The finished ones are let go of.
            Some(_) = connections.join_next() => {}
            changed = wishes.changed() => break changed.is_ok(),
        }
    };
    listener.close();
    if holder_is_there {
        let finished = async { while connections.join_next().await.is_some() {} };
        tokio::select! {
            () = finished => {}
            () = tokio::time::sleep(GRACE) => {}
            _ = wishes.changed() => {}
        }
    }
    connections.shutdown().await;
}

/// Whether accepting failed by the one connection that was to be accepted.
fn is_of_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

/// Answers the requests of a connection.
async fn converse<S: Answering>(stream: TcpStream, service: Arc<Mutex<S>>, mut wishes: Wishes) {
    // A drip is to arrive as it is sent. If it cannot be had, the bytes arrive in larger pieces.
    stream.set_nodelay(true).ok();
    let until = wishes.clone();
    let answering = service_fn(move |request| answer(request, Arc::clone(&service), until.clone()));
    let mut connection =
        std::pin::pin!(http1::Builder::new().serve_connection(TokioIo::new(stream), answering));
    // An error is that of a cut, or of a client that went away: nobody is there to hear of it.
    tokio::select! {
        done = connection.as_mut() => return drop(done),
        _ = wishes.changed() => connection.as_mut().graceful_shutdown(),
    }
    connection.await.ok();
}

async fn answer<S: Answering>(
    request: Request<Incoming>,
    service: Arc<Mutex<S>>,
    mut wishes: Wishes,
) -> Result<Response<ResponseBody>, Cut> {
    let (parts, body) = request.into_parts();
    let body = tokio::select! {
        biased;
        body = Limited::new(body, BODY_LIMIT).collect() => body,
        // What has come but in part is not a request yet.
        _ = wishes.changed() => return Err(Cut),
    };
    let Ok(body) = body else {
        let unread = RecordedRequest::new(parts, Bytes::new());
        return Ok(response(locked(&service).refuse_unread(unread)));
    };
    let request = RecordedRequest::new(parts, body.to_bytes());
    let delivery = {
        let reception = locked(&service).receive(request);
        wait(reception.delay(), &mut wishes).await?;
        locked(&service).perform(reception)
    };
    wait(delivery.delay, &mut wishes).await?;
    if delivery.manner == Manner::Cut { Err(Cut) } else { Ok(response(delivery)) }
}

/// Lets an injected delay pass, but not beyond the end of the server.
async fn wait(delay: Duration, wishes: &mut Wishes) -> Result<(), Cut> {
    if delay.is_zero() {
        return Ok(());
    }
    tokio::select! {
        () = tokio::time::sleep(delay) => Ok(()),
        _ = wishes.changed() => Err(Cut),
    }
}

fn locked<S>(service: &Mutex<S>) -> MutexGuard<'_, S> {
    service.lock().unwrap_or_else(PoisonError::into_inner)
}

fn response(delivery: Delivery) -> Response<ResponseBody> {
    let raw = delivery.response;
    let mut response = Response::new(ResponseBody::new(raw.body, raw.streamed, delivery.manner));
    *response.status_mut() = raw.status;
    *response.headers_mut() = raw.headers;
    response
}
