//! What the tests share: a client of a simulator, and servers that do what the simulator does not.
#![allow(dead_code, reason = "each test binary uses a part of it")]

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use vastai::retry::RetryPolicy;
use vastai::{Client, ClientBuilder};
use vastai_mock::Simulator;

/// A client whose two servers are one simulator.
pub(crate) fn client_of(simulator: &Simulator) -> Client {
    client(simulator.url(), simulator.url(), simulator.api_key())
}

/// A client that sends everything once; what is tried again has tests of its own.
pub(crate) fn client(console: &str, run: &str, key: &str) -> Client {
    builder(console, run, key).retry(RetryPolicy::never()).build().unwrap()
}

pub(crate) fn builder(console: &str, run: &str, key: &str) -> ClientBuilder {
    Client::builder().api_key(key).console_url(console).run_url(run)
}

/// A server that answers every connection with these bytes once a request has begun, and closes it.
pub(crate) async fn server_that_responds(bytes: impl Into<Vec<u8>>) -> String {
    let bytes = bytes.into();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut connection, _) = listener.accept().await.unwrap();
            let bytes = bytes.clone();
            tokio::spawn(async move {
                let mut request = [0; 16 * 1024];
                let _ = connection.read(&mut request).await;
                let _ = connection.write_all(&bytes).await;
                let _ = connection.shutdown().await;
            });
        }
    });
    format!("http://{address}")
}

/// A server that takes connections and never answers.
pub(crate) async fn silent_server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut connections = Vec::new();
        loop {
            connections.push(listener.accept().await.unwrap());
        }
    });
    format!("http://{address}")
}

/// The address of a port on which nothing listens.
pub(crate) async fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}
