//! Deployments, each with an endpoint of its own.

use serde_json::{Map, Value, json};

use super::{Endpoint, State, Workergroup};

impl State {
    /// Adds a deployment without a version, with an endpoint that scales so, and a workergroup; its id, which is chosen unless it is given.
    pub(crate) fn add_deployment(
        &mut self,
        id: Option<u64>,
        name: &str,
        tag: &str,
        scaling: Map<String, Value>,
    ) -> u64 {
        let endpoint_id = self.new_serverless_id();
        let endpoint = Endpoint::new(endpoint_id, format!("{name}-{tag}"));
        self.add_endpoint(scaling.into_iter().fold(endpoint, |it, (name, value)| it.field(name, value)));
        let workergroup_id = self.new_serverless_id();
        // The endpoint was added a moment ago.
        self.add_workergroup(endpoint_id, Workergroup::new(workergroup_id)).ok();
        let at = self.now.as_secs_f64();
        let deployment = |id: u64| {
            json!({
                "id": id,
                "name": name,
                "tag": tag,
                "image": "vastai/base-image:latest",
                "endpoint_id": endpoint_id,
                "workergroup_id": workergroup_id,
                "file_hash": "",
                "current_version_id": 0,
                "created_at": at,
                "updated_at": at,
                "versions": [],
            })
        };
        match id {
            Some(id) => {
                self.account.deployments.put(id, deployment(id));
                id
            }
            None => self.account.deployments.add(deployment)["id"].as_u64().unwrap_or_default(),
        }
    }
}
