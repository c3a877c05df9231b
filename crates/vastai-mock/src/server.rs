//! The HTTP server: it hands each request to the service and sends the answer.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{self, Body};
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::answers::RawAnswer;
use crate::record::RecordedRequest;
use crate::service::Service;

/// The longest request body that is read, in bytes.
const BODY_LIMIT: usize = 4 << 20;

/// Serves until `stop` is dropped, then lets the open requests finish.
pub(crate) async fn serve(
    listener: TcpListener,
    service: Arc<Mutex<Service>>,
    stop: oneshot::Receiver<()>,
) -> io::Result<()> {
    // One handler for all: also a request for an unknown path must be recorded, and faults stand
    // before the operations.
    let app = Router::new().fallback(receive).with_state(service);
    axum::serve(listener, app)
        .with_graceful_shutdown(async {
            // Nothing is ever sent: the error says that the other end is gone.
            stop.await.ok();
        })
        .await
}

async fn receive(State(service): State<Arc<Mutex<Service>>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = body::to_bytes(body, BODY_LIMIT).await;
    let mut service = service.lock().unwrap_or_else(PoisonError::into_inner);
    let answer = match body {
        Ok(body) => service.answer(RecordedRequest::new(parts, body)),
        Err(_) => {
            service.record(RecordedRequest::new(parts, body::Bytes::new()));
            RawAnswer::failure(
                StatusCode::PAYLOAD_TOO_LARGE,
                "invalid_args",
                "The body is too long or broke off.",
            )
        }
    };
    response(answer)
}

fn response(answer: RawAnswer) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    response
}
