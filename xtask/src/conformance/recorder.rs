//! A server on loopback that records every request and answers something that a client can go on with.

use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use super::request::Request;
use super::responses::{RESULTS, Responses};

/// Serves until the process ends.
#[derive(Debug)]
pub(crate) struct Recorder {
    url: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Recorder {
    pub(crate) fn start(responses: Responses) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = runtime
            .block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
            .context("no port of 127.0.0.1 is free to record requests on")?;
        let url = format!("http://{}", listener.local_addr()?);
        let requests = Arc::default();
        let server = Arc::new(Server { url: url.clone(), responses, requests: Arc::clone(&requests) });
        std::thread::Builder::new().name("recorder".to_owned()).spawn(move || {
            runtime.block_on(async move {
                // A connection that cannot be accepted has no request to record.
                while let Ok((stream, _)) = listener.accept().await {
                    let server = Arc::clone(&server);
                    tokio::spawn(async move {
                        let service = service_fn(|request| {
                            let server = Arc::clone(&server);
                            async move { Ok::<_, Infallible>(server.respond(request).await) }
                        });
                        // A client that hangs up has said what it had to say.
                        http1::Builder::new().serve_connection(TokioIo::new(stream), service).await.ok();
                    });
                }
            });
        })?;
        Ok(Self { url, requests })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// What has been sent since the last call.
    pub(crate) fn take(&self) -> Vec<Request> {
        std::mem::take(&mut self.requests.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

struct Server {
    url: String,
    responses: Responses,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    async fn respond(&self, request: hyper::Request<Incoming>) -> hyper::Response<Full<Bytes>> {
        let (parts, body) = request.into_parts();
        // Half a body is recorded as an empty one: the client is gone.
        let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
        let authorized = parts.headers.contains_key(AUTHORIZATION);
        let request = Request::new(parts.method.as_str(), target, &body, authorized);
        let body = self.responses.to(&request.method, &request.path, &self.url);
        // A result is fetched from the URL of a response: that is not a request of the API.
        if !request.path.starts_with(RESULTS) {
            self.requests.lock().unwrap_or_else(PoisonError::into_inner).push(request);
        }
        let mut response = hyper::Response::new(Full::from(body.to_string()));
        // To the letter: the official search takes no charset beside it.
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }
}
