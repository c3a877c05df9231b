//! The generated client alone, with an HTTP client of one's own: key, servers, operations, types, and the operations table.

use std::time::Duration;

use vastai_api::reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use vastai_api::{Client, Error, Operation, SharedTransport, http_client_builder, reqwest, types};

/// An HTTP client that sends the key with each request.
///
/// # Errors
///
/// The key cannot be in a header, or there is no TLS.
pub fn http_client(key: &str) -> Result<reqwest::Client, Box<dyn std::error::Error>> {
    let mut authorization = HeaderValue::try_from(format!("Bearer {key}"))?;
    authorization.set_sensitive(true);
    let headers = HeaderMap::from_iter([(AUTHORIZATION, authorization)]);
    Ok(http_client_builder().default_headers(headers).timeout(Duration::from_secs(30)).build()?)
}

/// A generated client of the console at this base URL.
pub fn client(console: &str, http: reqwest::Client) -> Client {
    Client::new_with_client(console, http, SharedTransport::default())
}

/// The names of the account's endpoints.
///
/// # Errors
///
/// Whatever the call failed with.
pub async fn endpoint_names(client: &Client) -> Result<Vec<String>, Error> {
    let endpoints: types::ShowEndpointsResponse = client.show_endpoints().send().await?.into_inner();
    Ok(endpoints
        .results
        .unwrap_or_default()
        .into_iter()
        .filter_map(|endpoint| endpoint.endpoint_name)
        .collect())
}

/// The server that the workers of an endpoint are asked from.
pub fn server_of_workers() -> Option<&'static str> {
    Operation::by_id("getEndpointWorkers").map(|operation| operation.server)
}

#[cfg(test)]
mod tests {
    use vastai_api::ErrorKind;
    use vastai_api::reqwest::StatusCode;
    use vastai_mock::{Fault, Offer, RateLimitForm, Simulator};

    use super::*;

    fn client_of(simulator: &Simulator) -> Client {
        client(simulator.url(), http_client(simulator.api_key()).unwrap())
    }

    #[tokio::test]
    async fn an_answer_comes_back_typed() {
        let simulator = Simulator::start().await.unwrap();
        assert_eq!(endpoint_names(&client_of(&simulator)).await.unwrap(), ["vLLM-Qwen3-8B"]);
        assert_eq!(simulator.requests()[0].bearer(), Some(simulator.api_key()));
    }

    /// This crate sends each request once, and its errors say as much as those of the facade.
    #[tokio::test]
    async fn a_failure_has_its_kind_and_nothing_is_sent_twice() {
        let limited = Fault::too_many_requests(RateLimitForm::Json { retry_after: 4 });
        for (fault, kind, in_doubt) in [
            (limited, ErrorKind::RateLimited, false),
            (
                Fault::refusal(400, "insufficient_credit", "Your account lacks credit."),
                ErrorKind::NoCredit,
                false,
            ),
            (Fault::html(502), ErrorKind::Server, true),
            (Fault::cut_after_effect(), ErrorKind::Connection, true),
            (Fault::half_body(), ErrorKind::Connection, true),
        ] {
            let simulator = Simulator::builder().empty().offer(Offer::new(7)).start().await.unwrap();
            simulator.inject("createInstance", fault.clone()).unwrap();
            let client = client_of(&simulator);
            let rental = client.create_instance().id(7).body_map(|body| body.image("ubuntu:24.04"));
            let error = rental.send().await.unwrap_err();
            assert_eq!((error.kind(), error.may_have_been_done()), (kind, in_doubt), "{fault}: {error:?}");
            assert!(!format!("{error} {error:?} {error:#?}").contains(simulator.api_key()), "{error:#?}");
            assert_eq!(simulator.requests().len(), 1, "{fault}");
        }
    }

    #[tokio::test]
    async fn a_redirect_of_a_rental_is_not_followed() {
        let simulator = Simulator::builder().empty().offer(Offer::new(7)).start().await.unwrap();
        simulator.redirect("/api/v0/asks/7/", StatusCode::FOUND, "/elsewhere/").unwrap();
        let client = client_of(&simulator);
        let rental = client.create_instance().id(7).body_map(|body| body.image("ubuntu:24.04"));
        let error = rental.send().await.unwrap_err();
        assert_eq!((error.kind(), error.may_have_been_done()), (ErrorKind::Redirect, true), "{error:?}");
        assert_eq!(simulator.requests().len(), 1);
    }

    #[tokio::test]
    async fn a_wrong_key_is_refused() {
        let simulator = Simulator::start().await.unwrap();
        let client = client(simulator.url(), http_client("0123456789abcdef").unwrap());
        assert_eq!(endpoint_names(&client).await.unwrap_err().kind(), ErrorKind::Unauthorized);
        assert_eq!(http_client("two\nlines").unwrap_err().to_string(), "failed to parse header value");
    }

    #[test]
    fn the_table_names_the_server() {
        assert_eq!(server_of_workers(), Some("https://run.vast.ai"));
    }
}
