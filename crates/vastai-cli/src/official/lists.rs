//! Lists: which rows are asked for.

use serde_json::{Map, Value, json};
use vastai::Client;

use super::argument::Reads;
use super::said::Said;
use crate::failure::Failure;
use crate::request::Request;

pub(super) const YES_OR_NO: Reads = Reads::OneOf(&["true", "false", "all"]);
pub(super) const NUMBERS_OF_GPUS: Reads = Reads::OneOf(&["all", "1", "2", "4", "8", "other"]);

/// The GPUs whose trends are shown unless said.
const COMMON_GPUS: &str = "RTX 5090,RTX 4090,RTX 3090";

/// The columns of `show instances -v`.
pub(super) const ALL_OF_INSTANCES: &[&str] = &[
    "id",
    "label",
    "actual_status",
    "num_gpus",
    "gpu_name",
    "gpu_util",
    "dph_total",
    "disk_space",
    "disk_usage",
    "disk_util",
    "image_uuid",
    "start_date",
    "verification",
    "machine_id",
    "template_id",
    "template_name",
    "geolocation",
    "inet_up",
    "inet_down",
    "ssh_host",
    "ssh_port",
    "status_msg",
];

/// Which instances, and in which order.
pub(super) fn instances(said: &Said, _: &Client, request: &mut Request) -> Result<(), Failure> {
    const FILTERS: [(&str, &str); 4] = [
        ("--status", "actual_status"),
        ("--label", "label"),
        ("--gpu-name", "gpu_name"),
        ("--verification", "verification"),
    ];
    let mut filters = Map::new();
    for (option, field) in FILTERS {
        let words = said.words(option);
        if words.is_empty() {
            continue;
        }
        // An instance without a label has none, and not an empty one.
        let value = |word: &String| if word.is_empty() { Value::Null } else { word.as_str().into() };
        filters.insert(field.to_owned(), json!({ "in": words.iter().map(value).collect::<Vec<_>>() }));
    }
    if !filters.is_empty() && request.get("select_filters").is_none() {
        request.set("select_filters", Value::Object(filters).to_string());
    }
    let columns = said.words("--order-by");
    if !columns.is_empty() && !columns.iter().all(|column| column.trim_start().starts_with('[')) {
        let mut order = Vec::new();
        for column in columns {
            let mut words = column.split_whitespace();
            let (Some(column), direction) =
                (words.next(), words.next().unwrap_or("asc").to_ascii_lowercase())
            else {
                continue;
            };
            if !["asc", "desc"].contains(&direction.as_str()) || words.next().is_some() {
                return Err(Failure::usage(format!(
                    "--order-by takes a column, and asc or desc: '{column} desc'"
                )));
            }
            order.push(json!({ "col": column, "dir": direction }));
        }
        // Ties are broken by the id, or pages would overlap.
        if !order.iter().any(|column| column["col"] == "id") {
            order.push(json!({ "col": "id", "dir": "asc" }));
        }
        request.set("order_by", Value::Array(order).to_string());
    } else if let Some(order) = columns.last() {
        request.set("order_by", order.as_str());
    }
    Ok(())
}

/// Volumes of one kind.
pub(super) fn volumes(said: &Said, _: &Client, request: &mut Request) -> Result<(), Failure> {
    let kind = match said.word("--type") {
        Some("local") => "local_volume",
        Some("network") => "network_volume",
        None | Some("all") => "all_volume",
        // As the service has it.
        Some(kind @ ("local_volume" | "network_volume" | "all_volume")) => kind,
        Some(other) => {
            return Err(Failure::usage(format!(
                "invalid value '{other}' for '--type': one of all, local, network"
            )));
        }
    };
    request.set("type", kind);
    Ok(())
}

/// Of which machines the market of GPUs is shown.
pub(super) fn gpu_metrics(said: &Said, _: &Client, request: &mut Request) -> Result<(), Failure> {
    request.set("verified", chosen(said, "--verified", "yes", "no"));
    request.set("hosting_type", chosen(said, "--datacenter", "secure_cloud", "community"));
    if request.named("gpu_name").is_some() {
        let names =
            said.word("NAMES").map_or_else(|| COMMON_GPUS.to_owned(), |names| names.replace('_', " "));
        request.set("gpu_name", names);
    }
    Ok(())
}

fn chosen(said: &Said, option: &str, yes: &'static str, no: &'static str) -> &'static str {
    match said.word(option) {
        Some("true") => yes,
        Some("false") => no,
        _ => "all",
    }
}
