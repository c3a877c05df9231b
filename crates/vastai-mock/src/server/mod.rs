//! The HTTP server: it hands each request to the service and sends the answer, or breaks off where a fault wants it so.

mod body;
mod running;

use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::{Request, Response};
use http_body_util::{BodyExt, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::exchange::{Answering, Delivery, Manner};
use crate::record::RecordedRequest;
use body::AnswerBody;

pub(crate) use running::{Place, Running};

/// The longest request body that is read, in bytes.
const BODY_LIMIT: usize = 4 << 20;

/// Closes the connection instead of answering.
#[derive(Debug, thiserror::Error)]
#[error("the connection is cut on purpose")]
struct Cut;

/// Says when to stop: its sender is gone. Nothing is ever sent.
type Stop = watch::Receiver<()>;

/// A free port of 127.0.0.1, not yet served.
fn bind() -> io::Result<std::net::TcpListener> {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Serves until `stop`, then lets the open requests finish.
async fn serve<S: Answering>(
    listener: TcpListener,
    service: Arc<Mutex<S>>,
    mut stop: Stop,
) -> io::Result<()> {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(converse(stream, Arc::clone(&service), stop.clone()));
                }
                // The client was gone before it was met, or there are too many open files: later ones may fare better.
                Err(_) => tokio::task::yield_now().await,
            },
            // The finished ones are let go of.
            Some(_) = connections.join_next() => {}
            _ = stop.changed() => break,
        }
    }
    while connections.join_next().await.is_some() {}
    Ok(())
}

/// Answers the requests of a connection.
async fn converse<S: Answering>(stream: TcpStream, service: Arc<Mutex<S>>, mut stop: Stop) {
    // A drip is to arrive as it is sent. If it cannot be had, the bytes arrive in larger pieces.
    stream.set_nodelay(true).ok();
    let until = stop.clone();
    let answering = service_fn(move |request| answer(request, Arc::clone(&service), until.clone()));
    let mut connection =
        std::pin::pin!(http1::Builder::new().serve_connection(TokioIo::new(stream), answering));
    // An error is that of a cut, or of a client that went away: there is nobody to tell.
    tokio::select! {
        done = connection.as_mut() => return drop(done),
        _ = stop.changed() => connection.as_mut().graceful_shutdown(),
    }
    connection.await.ok();
}

async fn answer<S: Answering>(
    request: Request<Incoming>,
    service: Arc<Mutex<S>>,
    mut stop: Stop,
) -> Result<Response<AnswerBody>, Cut> {
    let (parts, body) = request.into_parts();
    let Ok(body) = Limited::new(body, BODY_LIMIT).collect().await else {
        let unread = RecordedRequest::new(parts, Bytes::new());
        return Ok(response(locked(&service).refuse_unread(unread)));
    };
    let request = RecordedRequest::new(parts, body.to_bytes());
    let delivery = {
        let reception = locked(&service).receive(request);
        wait(reception.delay(), &mut stop).await?;
        locked(&service).perform(reception)
    };
    wait(delivery.delay, &mut stop).await?;
    if delivery.manner == Manner::Cut { Err(Cut) } else { Ok(response(delivery)) }
}

/// Lets an injected delay pass, but not beyond the end of the server.
async fn wait(delay: std::time::Duration, stop: &mut Stop) -> Result<(), Cut> {
    if delay.is_zero() {
        return Ok(());
    }
    tokio::select! {
        () = tokio::time::sleep(delay) => Ok(()),
        _ = stop.changed() => Err(Cut),
    }
}

fn locked<S>(service: &Mutex<S>) -> MutexGuard<'_, S> {
    service.lock().unwrap_or_else(PoisonError::into_inner)
}

fn response(delivery: Delivery) -> Response<AnswerBody> {
    let answer = delivery.answer;
    let mut response = Response::new(AnswerBody::new(answer.body, answer.streamed, delivery.manner));
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    response
}
