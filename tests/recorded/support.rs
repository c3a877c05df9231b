//! A service that gives one response.

use serde::Serialize;
use serde_json::Value;
use vastai_api::{Client, ResponseValue, Result, SharedTransport, http_client_builder};
use vastai_mock::http::StatusCode;
use vastai_mock::{RawResponse, Simulator};

use crate::losses::losses;

/// A simulator that answers requests for `path` so, and a client of it.
pub(crate) async fn answering(path: &str, answer: RawResponse) -> (Simulator, Client) {
    let simulator = Simulator::start().await.unwrap();
    simulator.respond_with(path, answer);
    let http = http_client_builder().no_proxy().build().unwrap();
    let client = Client::new_with_client(simulator.url(), http, SharedTransport::default());
    (simulator, client)
}

/// What a call makes of a response of status 200, after a look that nothing of it was lost.
pub(crate) async fn kept<T: Serialize>(
    path: &str,
    sent: Value,
    call: impl AsyncFnOnce(Client) -> Result<ResponseValue<T>>,
) -> T {
    let (_simulator, client) = answering(path, RawResponse::json(StatusCode::OK, &sent)).await;
    let decoded = match call(client).await {
        Ok(answer) => answer.into_inner(),
        Err(error) => panic!("{sent} does not decode: {error}"),
    };
    let losses = losses(&sent, &serde_json::to_value(&decoded).unwrap());
    assert!(losses.is_empty(), "{}", losses.join("\n"));
    decoded
}
