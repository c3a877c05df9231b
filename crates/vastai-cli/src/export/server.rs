//! The HTTP server: three pages, read by Prometheus and by people.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::{Body as _, Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::metric::Text;
use super::poller::Snapshot;

/// How many connections are served at a time; others wait.
const CONNECTIONS: usize = 64;
/// How long a client may take to send the head of a request.
const HEAD: Duration = Duration::from_secs(10);
/// The longest head of a request that is read, in bytes.
const HEAD_LIMIT: usize = 16 << 10;
/// For how long a connection is kept, however much is sent over it. Prometheus makes a new one then.
const LIFE: Duration = Duration::from_secs(120);
/// How long the request that is being answered has then, or when the server ends.
const GRACE: Duration = Duration::from_secs(5);
/// How long to wait before the next connection is accepted when accepting fails, as with too many open files.
const ACCEPT_AGAIN: Duration = Duration::from_millis(50);

/// Serves until it is told to stop, and leaves no connection behind.
pub(super) async fn serve(listener: TcpListener, snapshot: Arc<Snapshot>, stop: impl Future<Output = ()>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let (ending, ended) = watch::channel(());
    let mut connections = JoinSet::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = async {
            // The semaphore is never closed.
            let place = Arc::clone(&places).acquire_owned().await.map_err(io::Error::other)?;
            listener.accept().await.map(|(stream, _)| (stream, place))
        };
        tokio::select! {
            () = &mut stop => break,
            accepted = accepted => match accepted {
                Ok((stream, place)) => {
                    let (snapshot, ended) = (Arc::clone(&snapshot), ended.clone());
                    connections.spawn(async move {
                        converse(stream, snapshot, ended).await;
                        drop(place);
                    });
                }
                Err(_) => sleep(ACCEPT_AGAIN).await,
            },
            // The finished ones are let go of.
            Some(_) = connections.join_next() => {}
        }
    }
    drop((listener, ending));
    let finished = async { while connections.join_next().await.is_some() {} };
    timeout(GRACE, finished).await.ok();
    connections.shutdown().await;
}

/// Answers the requests of a connection. An error is that of a client that went away or sent what is no request: nobody hears of it.
async fn converse(stream: TcpStream, snapshot: Arc<Snapshot>, mut ended: watch::Receiver<()>) {
    let answering = service_fn(move |request| {
        let response = answer(&request, &snapshot);
        async move { Ok::<_, Infallible>(response) }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD).max_buf_size(HEAD_LIMIT);
    let mut connection = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), answering));
    tokio::select! {
        done = connection.as_mut() => return drop(done),
        _ = ended.changed() => {}
        () = sleep(LIFE) => {}
    }
    connection.as_mut().graceful_shutdown();
    timeout(GRACE, connection).await.ok();
}

fn answer(request: &Request<Incoming>, snapshot: &Snapshot) -> Response<Full<Bytes>> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut refused = page(StatusCode::METHOD_NOT_ALLOWED, TEXT, "only GET and HEAD are served\n");
        refused.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return refused;
    }
    if !request.body().is_end_stream() {
        return closing(page(StatusCode::PAYLOAD_TOO_LARGE, TEXT, "a request here has no body\n"));
    }
    match request.uri().path() {
        "/metrics" => {
            let accept = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
            let text = Text::accepted(accept);
            match text.write(snapshot.families()) {
                Ok(metrics) => page(StatusCode::OK, text.content_type(), metrics),
                Err(error) => {
                    let message = format!("the metrics cannot be written: {error}\n");
                    page(StatusCode::INTERNAL_SERVER_ERROR, TEXT, message)
                }
            }
        }
        // It is healthy as long as it serves: what the service does stands in `vastai_up`, and a restart would not help.
        "/healthz" if snapshot.is_filled() => page(StatusCode::OK, TEXT, "ok\n"),
        "/healthz" => page(StatusCode::SERVICE_UNAVAILABLE, TEXT, "the first polls have not ended\n"),
        "/sd/endpoints" => page(StatusCode::OK, "application/json", snapshot.targets()),
        "/" => page(StatusCode::OK, TEXT, "/metrics\n/healthz\n/sd/endpoints\n"),
        _ => page(StatusCode::NOT_FOUND, TEXT, "there are /metrics, /healthz and /sd/endpoints\n"),
    }
}

const TEXT: &str = "text/plain; charset=utf-8";

fn page(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

fn closing(mut response: Response<Full<Bytes>>) -> Response<Full<Bytes>> {
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}
