//! Resources: what a client may show or attach, as JSON.

use rmcp::model::{Resource, ResourceTemplate};
use serde::Serialize;
use serde_json::json;
use vastai::Client;
use vastai::vastai_api::{OPERATIONS, Operation};

use crate::guard::Guard;
use crate::{market, tools};

const INSTANCES: &str = "vastai://instances";
const ENDPOINTS: &str = "vastai://endpoints";
const PRICES: &str = "vastai://prices";
const OPERATION_TABLE: &str = "vastai://operations";

pub(crate) const JSON: &str = "application/json";

/// Why a resource cannot be read.
pub(crate) enum Unread {
    /// There is none of this name.
    Unknown,
    Failed(String),
}

impl From<vastai::Error> for Unread {
    fn from(error: vastai::Error) -> Self {
        Self::Failed(tools::in_words(&error))
    }
}

pub(crate) fn list() -> Vec<Resource> {
    let resource = |uri: &str, name: &str, description: &str| {
        Resource::new(uri, name).with_description(description).with_mime_type(JSON)
    };
    vec![
        resource(INSTANCES, "instances", "The instances of the account, with what each does and costs"),
        resource(ENDPOINTS, "endpoints", "The serverless endpoints of the account"),
        resource(
            PRICES,
            "prices",
            "What GPUs cost now on demand, by their models, in dollars per GPU and hour",
        ),
        resource(OPERATION_TABLE, "operations", "All operations of the service, and what calling each does"),
    ]
}

pub(crate) fn templates() -> Vec<ResourceTemplate> {
    let template = |uri: String, name: &str, description: &str| {
        ResourceTemplate::new(uri, name).with_description(description).with_mime_type(JSON)
    };
    vec![
        template(format!("{INSTANCES}/{{id}}"), "instance", "An instance, by its number"),
        template(
            format!("{OPERATION_TABLE}/{{id}}"),
            "operation",
            "An operation with its parameters, by its name",
        ),
    ]
}

/// The text of a resource.
pub(crate) async fn read(uri: &str, client: &Client, guard: &Guard) -> Result<String, Unread> {
    match uri {
        INSTANCES => {
            let instances = market::instances(client).await?;
            let rows: Vec<_> =
                instances.iter().map(|instance| tools::instance_row(instance, guard.hides_secrets)).collect();
            written(&json!({ "instances": rows }))
        }
        ENDPOINTS => {
            written(&json!({ "endpoints": tools::endpoint_list(client, guard.hides_secrets).await? }))
        }
        PRICES => written(&json!({ "prices": tools::prices(client).await? })),
        OPERATION_TABLE => {
            let row = |operation: &'static Operation| json!({ "operation": operation.id, "summary": operation.summary, "effect": operation.effect.as_str() });
            written(&json!({ "operations": OPERATIONS.iter().map(row).collect::<Vec<_>>() }))
        }
        _ => {
            if let Some(id) = uri.strip_prefix(INSTANCES).and_then(|rest| rest.strip_prefix('/')) {
                let id = id.parse().map_err(|_| Unread::Unknown)?;
                let instance = client.instance(id).show().await?;
                return written(&tools::instance_row(&instance, guard.hides_secrets));
            }
            let id = uri.strip_prefix(OPERATION_TABLE).and_then(|rest| rest.strip_prefix('/'));
            let operation = id.and_then(Operation::by_id).ok_or(Unread::Unknown)?;
            written(&tools::described(operation, guard))
        }
    }
}

fn written(value: &impl Serialize) -> Result<String, Unread> {
    serde_json::to_string_pretty(value).map_err(|error| Unread::Failed(error.to_string()))
}
