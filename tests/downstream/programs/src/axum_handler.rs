//! A web service with the client in its state.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use vastai::{Client, ErrorKind};

/// `GET /endpoints/ID/ready`: how many workers of an endpoint are ready.
pub fn router(client: Client) -> Router {
    Router::new().route("/endpoints/{id}/ready", get(ready)).with_state(client)
}

async fn ready(State(client): State<Client>, Path(id): Path<i64>) -> Result<String, Failure> {
    let workers = client.endpoint(id).workers().await?;
    Ok(workers.iter().filter(|worker| worker.status().is_ready()).count().to_string())
}

/// Whatever a handler fails with.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A call of the service failed.
    #[error(transparent)]
    Vast(#[from] vastai::Error),
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let Self::Vast(error) = &self;
        let status = match error.kind() {
            ErrorKind::NotFound => StatusCode::NOT_FOUND,
            ErrorKind::InvalidRequest => StatusCode::BAD_REQUEST,
            ErrorKind::NotReady | ErrorKind::RateLimited => StatusCode::SERVICE_UNAVAILABLE,
            ErrorKind::Timeout => StatusCode::GATEWAY_TIMEOUT,
            _ => StatusCode::BAD_GATEWAY,
        };
        let retry_after = error.retry_after().map(|after| HeaderValue::from(after.as_secs()));
        let mut response = (status, self.to_string()).into_response();
        if let Some(retry_after) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, retry_after);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use vastai::reqwest;
    use vastai::retry::RetryPolicy;
    use vastai::vastai_api::http_client_builder;
    use vastai_mock::{Fault, RateLimitForm, Simulator};

    use super::*;
    use crate::test_client::client_of;

    #[tokio::test]
    async fn results_and_failures_reach_the_browser() {
        let simulator = Simulator::start().await.unwrap();
        let client = client_of(&simulator).with_retry(RetryPolicy::never());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/endpoints", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router(client)).await });
        let browser: reqwest::Client = http_client_builder().build().unwrap();
        let get = async |id: i64| {
            let response = browser.get(format!("{url}/{id}/ready")).send().await.unwrap();
            let retry_after =
                response.headers().get("retry-after").map(|after| after.to_str().unwrap().to_owned());
            (response.status().as_u16(), retry_after, response.text().await.unwrap())
        };
        assert_eq!(get(12_345).await, (200, None, "2".to_owned()));
        assert_eq!(get(0).await.0, 400);

        let limited = Fault::too_many_requests(RateLimitForm::Json { retry_after: 7 });
        simulator.inject("getEndpointWorkers", limited).unwrap();
        let (status, retry_after, text) = get(12_345).await;
        assert_eq!((status, retry_after.as_deref()), (503, Some("7")));
        assert!(text.starts_with("getEndpointWorkers") && !text.contains(simulator.api_key()), "{text}");

        simulator.inject("getEndpointWorkers", Fault::cut_before_effect()).unwrap();
        assert_eq!(get(12_345).await.0, 502);
    }
}
