//! Endpoints, their workers, and requests through them.

use rmcp::model::Tool;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use vastai::Client;

use super::{Call, Nothing, Object, Outcome, READS, SPENDS, Stop, failed, scaling, tool};
use crate::untrusted::{LONGEST, Untrusted, word};

/// The largest response of a worker that is read, in bytes.
const RESPONSE_LIMIT: usize = LONGEST * 8;

/// A serverless endpoint.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct EndpointRow {
    endpoint: i64,
    name: Option<Untrusted>,
    state: Option<String>,
    /// Workers that are kept ready while they do not work.
    cold_workers: Option<i64>,
    max_workers: Option<i64>,
    min_load: Option<f64>,
    target_util: Option<f64>,
}

/// The endpoints of the account.
pub(crate) async fn list(client: &Client, hides_secrets: bool) -> vastai::Result<Vec<EndpointRow>> {
    let endpoints = client.endpoints().list().await?;
    let row = |endpoint: vastai::vastai_api::types::ServerlessEndpoint| EndpointRow {
        endpoint: endpoint.id,
        name: endpoint.endpoint_name.as_deref().map(|name| Untrusted::short(name, hides_secrets)),
        state: endpoint.endpoint_state.as_ref().map(|state| word(&state.to_string())),
        cold_workers: endpoint.cold_workers,
        max_workers: endpoint.max_workers,
        min_load: endpoint.min_load,
        target_util: endpoint.target_util,
    };
    Ok(endpoints.into_iter().map(row).collect())
}

#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Endpoints {
    endpoints: Vec<EndpointRow>,
}

pub(super) fn endpoints_tool() -> Tool {
    let description = "The serverless endpoints of the account, with how far each may scale.";
    tool::<Nothing, Endpoints>("endpoints", "Show endpoints", description, READS)
}

pub(super) async fn endpoints(call: &Call<'_>, _: Nothing) -> Outcome<Endpoints> {
    let endpoints = list(call.client, call.guard.hides_secrets).await.map_err(|error| failed(&error))?;
    Ok(Endpoints { endpoints })
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OfEndpoint {
    /// The number of the endpoint.
    endpoint: i64,
}

/// A worker of an endpoint.
#[derive(Debug, Serialize, JsonSchema)]
struct WorkerRow {
    worker: i64,
    /// idle, loading, stopped, error and others.
    status: String,
    /// Work under way, in the units of the endpoint.
    load: Option<f64>,
    measured_perf: Option<f64>,
    requests: Option<i64>,
    reliability: Option<f64>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Workers {
    workers: Vec<WorkerRow>,
}

pub(super) fn workers_tool() -> Tool {
    let description =
        "The workers of an endpoint: what each does, how loaded it is, and how fast it was measured to be.";
    tool::<OfEndpoint, Workers>("workers", "Show an endpoint's workers", description, READS)
}

pub(super) async fn workers(call: &Call<'_>, of: OfEndpoint) -> Outcome<Workers> {
    let workers = call.client.endpoint(of.endpoint).workers().await.map_err(|error| failed(&error))?;
    let row = |worker: vastai::Worker| WorkerRow {
        worker: worker.id,
        status: word(&worker.status().to_string()),
        load: worker.cur_load,
        measured_perf: worker.measured_perf,
        requests: worker.reqs_working,
        reliability: worker.reliability,
    };
    Ok(Workers { workers: workers.into_iter().map(row).collect() })
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    /// The name of the endpoint.
    endpoint: String,
    /// The path at the worker, such as "/v1/completions".
    path: String,
    /// What is sent to the worker, as JSON.
    payload: Object,
    /// How much work it is, in the endpoint's units (tokens, for language models). 100 unless given.
    cost: Option<f64>,
    /// The code of a refusal that asked for the user's word, where the client cannot ask.
    #[serde(default)]
    #[allow(dead_code, reason = "taken out before, and listed for the schema")]
    confirm: Option<String>,
}

/// What a worker answered.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Response {
    status: u16,
    content_type: Option<String>,
    body: Untrusted,
}

pub(super) fn request_tool() -> Tool {
    tool::<Request, Response>(
        "endpoint_request",
        "Send a request through an endpoint",
        "Sends JSON to a worker of a serverless endpoint and returns its response. It is sent to one worker once. The endpoint may start or rent \
         workers for it: then the user is asked with the price, and the server's limits hold.",
        SPENDS,
    )
}

pub(super) async fn request(call: &Call<'_>, request: Request) -> Outcome<Response> {
    let limits = &call.guard.limits;
    if let Some(grows) = scaling::by_request(call, &request.endpoint).await? {
        grows.check(call).await?;
        call.ask(grows.question(call, &request.endpoint, &request.path), grows.dph()).await?;
        let _turn = limits.turn().await;
        if let Some(now) = scaling::by_request(call, &request.endpoint).await? {
            now.check(call).await?;
            if now.dph() > grows.dph() {
                return Err(Stop::Failed(
                    "not sent: the price has risen meanwhile; call again to be asked anew".to_owned(),
                ));
            }
        }
    }
    call.record("sending", &json!(null))?;
    let endpoint = call.client.endpoint_named(request.endpoint);
    let mut sending =
        endpoint.request(request.path, Value::Object(request.payload)).response_limit(RESPONSE_LIMIT);
    if let Some(cost) = request.cost {
        sending = sending.cost(cost);
    }
    let response = sending.send().await.map_err(|error| failed(&error))?;
    let (status, content_type) = (response.status(), response.content_type().map(word));
    let body = response.bytes().await.map_err(|error| failed(&error))?;
    Ok(Response { status, content_type, body: call.untrusted(&String::from_utf8_lossy(&body)) })
}
