//! Whether a server can be reached, without a key and without a call.

use std::time::{Duration, SystemTime};

use reqwest::header::{DATE, USER_AGENT};
use reqwest::{Method, Request};
use tokio::time::Instant;

use super::ServiceTransport;
use super::attempt::within;
use crate::error::{Error, Result};

/// One of the two servers to which operations belong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Server {
    /// The console, to which most operations belong.
    Console,
    /// The serverless engine.
    Engine,
}

/// A server that answered; see [`Client::ping`](crate::Client::ping).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ping {
    /// The base URL of the server, without a slash at its end.
    pub url: String,
    /// The status of the response, whatever it is: a server that refuses is there.
    pub status: u16,
    /// From the request to the head of the response, with the connection that was made for it.
    pub took: Duration,
    /// What the server's clock says, to the second; `None` where the response has no `Date`.
    pub date: Option<SystemTime>,
}

impl ServiceTransport {
    /// Asks a server for the head of its first page. No key goes along, no redirect is followed, and nothing is tried again.
    pub(crate) async fn ping(&self, server: Server) -> Result<Ping> {
        let server = match server {
            Server::Console => self.shared.servers.console(),
            Server::Engine => self.shared.servers.run(),
        };
        let http = self.shared.http.reads.of(server.url())?;
        let mut request = Request::new(Method::HEAD, server.url().clone());
        request.headers_mut().insert(USER_AGENT, self.shared.http.user_agent.clone());
        let began = Instant::now();
        let sent = async { http.execute(request).await.map_err(Error::from_http) };
        let response =
            within(self.call_deadline(), sent).await.map_err(|error| error.redacted(self.secrets()))?;
        let date = response.headers().get(DATE).and_then(|date| date.to_str().ok());
        Ok(Ping {
            url: server.as_str().to_owned(),
            status: response.status().as_u16(),
            took: began.elapsed(),
            date: date.and_then(|date| httpdate::parse_http_date(date).ok()),
        })
    }
}
