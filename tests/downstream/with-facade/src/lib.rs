//! What a program that watches serverless workers writes.

use vastai::{Client, Result};

/// How many workers of an endpoint take requests.
///
/// # Errors
///
/// Whatever the call failed with.
pub async fn ready_workers(client: &Client, endpoint: i64) -> Result<usize> {
    let workers = client.endpoint(endpoint).workers().await?;
    Ok(workers.iter().filter(|worker| worker.status().is_ready()).count())
}

/// The names of all endpoints, through the generated client.
///
/// # Errors
///
/// Whatever the call failed with.
pub async fn endpoint_names(client: &Client) -> Result<Vec<String>> {
    let response = client.api().show_endpoints().send().await?.into_inner();
    Ok(response
        .results
        .unwrap_or_default()
        .into_iter()
        .filter_map(|endpoint| endpoint.endpoint_name)
        .collect())
}

/// The examples of the project's README are what a user copies.
#[cfg(doctest)]
#[doc = include_str!("../../../../README.md")]
struct Readme;

#[cfg(test)]
mod tests {
    use vastai::ErrorKind;
    use vastai_mock::{Simulator, WorkersShape};

    #[tokio::test]
    async fn a_users_test_runs_on_the_simulator() {
        let simulator = Simulator::start().await.unwrap();
        let client = vastai::Client::builder()
            .api_key(simulator.api_key())
            .console_url(simulator.url())
            .run_url(simulator.url())
            .build()
            .unwrap();
        assert_eq!(super::ready_workers(&client, 12345).await.unwrap(), 2);
        assert_eq!(super::endpoint_names(&client).await.unwrap(), ["vLLM-Qwen3-8B"]);
        simulator.set_workers_shape(WorkersShape::ErrorMsg("not yet".into()));
        assert_eq!(super::ready_workers(&client, 12345).await.unwrap_err().kind(), ErrorKind::NotReady);
    }
}
