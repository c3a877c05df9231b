//! The addresses of workers and instances, as Prometheus's discovery over HTTP takes them.

use std::net::IpAddr;

use serde::Serialize;
use vastai::{Instance, Worker};

use super::metric::{value, value_of};

/// One address with what is known of it; the labels that begin with `__meta_` are there for relabelling and go afterwards.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Target {
    targets: [String; 1],
    labels: Vec<(&'static str, String)>,
}

/// The document that `http_sd_configs` reads.
pub(super) fn document<'target>(targets: impl Iterator<Item = &'target Target>) -> String {
    let groups = targets.map(|Target { targets, labels }| {
        let labels: serde_json::Map<String, serde_json::Value> =
            labels.iter().map(|(name, value)| ((*name).to_owned(), value.clone().into())).collect();
        serde_json::json!({ "targets": targets, "labels": labels })
    });
    serde_json::Value::Array(groups.collect()).to_string()
}

/// A worker at the address where it takes requests. One without an address, or with one that is none, is no target.
pub(super) fn of_worker(endpoint: i64, name: &str, worker: &Worker) -> Option<Target> {
    let uri: http::Uri = worker.url.as_deref()?.trim().parse().ok()?;
    let scheme = uri.scheme_str().filter(|scheme| matches!(*scheme, "http" | "https"))?;
    let port = uri.port_u16().unwrap_or(if scheme == "https" { 443 } else { 80 });
    Some(Target {
        targets: [format!("{}:{port}", uri.host()?)],
        labels: vec![
            ("__scheme__", scheme.to_owned()),
            ("__meta_vastai_kind", "worker".to_owned()),
            ("__meta_vastai_endpoint_id", endpoint.to_string()),
            ("__meta_vastai_endpoint_name", value(name)),
            ("__meta_vastai_worker_id", worker.id.to_string()),
            ("__meta_vastai_worker_state", super::serverless::state(worker).to_owned()),
        ],
    })
}

/// An instance at each port that is open to the internet; which of them is to be scraped is for relabelling to say.
pub(super) fn of_instance(instance: &Instance) -> impl Iterator<Item = Target> + use<'_> {
    let ip = instance.public_ipaddr.as_deref().and_then(|ip| ip.trim().parse::<IpAddr>().ok());
    let bindings = instance.ports.iter().flatten().flat_map(|(container, bindings)| {
        bindings.iter().flatten().filter_map(move |binding| Some((container, binding.host_port?)))
    });
    bindings.filter_map(move |(container, port)| {
        let (container, protocol) = container.split_once('/')?;
        let port = u16::try_from(port).ok()?;
        let host = match ip? {
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => format!("[{ip}]"),
        };
        (protocol == "tcp").then(|| Target {
            targets: [format!("{host}:{port}")],
            labels: vec![
                ("__meta_vastai_kind", "instance".to_owned()),
                ("__meta_vastai_instance_id", instance.id.to_string()),
                ("__meta_vastai_instance_label", value_of(instance.label.as_deref())),
                ("__meta_vastai_gpu_name", value_of(instance.gpu_name.as_deref())),
                ("__meta_vastai_container_port", value(container)),
            ],
        })
    })
}
