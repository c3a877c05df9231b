//! The kinds of things that requests are about: which operation shows one, and what of it people know it by.

use serde_json::{Value, json};
use vastai::filter::field;
use vastai::{Client, Instance, Worker};
use vastai_api::Operation;

use super::words::{per_hour, quoted};
use crate::request::Request;

/// A month's hours, by which storage is priced.
const HOURS: f64 = 730.0;
/// The longest text of the service in a question, in characters.
const LONGEST: usize = 60;

/// How a thing is looked up and named.
pub(super) struct Kind {
    /// Shows it, alone or among others.
    operation: &'static str,
    /// The field of the response that has it or the list; empty where the response is it.
    list: &'static str,
    /// The field of a row that has the id.
    id: &'static str,
    /// Asks for this one, where the operation can be asked so: the request that shows it, the one in question, and the id.
    narrow: fn(&mut Request, &Request, Option<&Value>),
    /// What people know it by.
    parts: fn(&Value, &Request) -> Vec<Option<String>>,
    /// What it costs in an hour.
    price: fn(&Value) -> Option<f64>,
    /// Whose workers it has.
    workers: Option<WorkersOf>,
    /// What is said where there is none.
    pub(super) absent: &'static str,
}

#[derive(Clone, Copy)]
enum WorkersOf {
    Endpoint,
    Workergroup,
}

/// Of which the list is fetched, and which is known by its id.
const LISTED: Kind = Kind {
    operation: "",
    list: "",
    id: "id",
    narrow: |_, _, _| {},
    parts: |_, _| Vec::new(),
    price: |_| None,
    workers: None,
    absent: "not found",
};

pub(super) const INSTANCE: Kind = Kind {
    operation: "showInstance",
    list: "instances",
    narrow: |show, _, id| show.set_if("id", id.cloned()),
    parts: |row, _| {
        let label = text(row, "label").map(|label| format!("label {label}"));
        vec![gpus(row), label, number(row, "dph_total").map(per_hour)]
    },
    price: |row| number(row, "dph_total"),
    ..LISTED
};

/// An offer, looked up with the disk that it is rented with, or the first that a search finds.
pub(super) const OFFER: Kind = Kind {
    operation: "searchOffers",
    list: "offers",
    // Of a search by id there is none but the one.
    id: "",
    narrow: search,
    parts: |row, request| {
        let id = request.get("q").and_then(|_| row.get("id")).map(|id| format!("offer {id}"));
        let price = match number_of(request, "price") {
            Some(bid) => Some(format!("a bid of {}", per_hour(bid))),
            None => number(row, "dph_total").map(per_hour),
        };
        vec![id, gpus(row), price]
    },
    price: |row| number(row, "dph_total"),
    absent: "not on the market",
    ..LISTED
};

pub(super) const ENDPOINT: Kind = Kind {
    operation: "showEndpoints",
    list: "results",
    parts: |row, _| vec![text(row, "endpoint_name")],
    workers: Some(WorkersOf::Endpoint),
    ..LISTED
};

pub(super) const WORKERGROUP: Kind = Kind {
    operation: "showWorkergroup",
    list: "results",
    parts: |row, _| vec![text(row, "endpoint_name").map(|name| format!("of endpoint {name}"))],
    workers: Some(WorkersOf::Workergroup),
    ..LISTED
};

pub(super) const DEPLOYMENT: Kind = Kind {
    operation: "showDeployments",
    list: "deployments",
    parts: |row, _| vec![text(row, "name"), text(row, "tag").map(|tag| format!("tag {tag}"))],
    ..LISTED
};

pub(super) const VOLUME: Kind = Kind {
    operation: "listVolumes",
    list: "volumes",
    narrow: |show, _, _| show.set("type", "all_volume"),
    parts: |row, _| {
        let size = number(row, "disk_space").map(|size| format!("{size:.0} GB"));
        let price = number(row, "storage_total_cost").map(|price| format!("{:.2} $/month", price * HOURS));
        vec![text(row, "label").map(|label| format!("label {label}")), size, price]
    },
    ..LISTED
};

pub(super) const API_KEY: Kind = Kind {
    operation: "showApiKeys",
    list: "apikeys",
    parts: |row, _| {
        vec![text(row, "name").or_else(|| text(row, "rights").map(|rights| format!("rights {rights}")))]
    },
    ..LISTED
};

pub(super) const SSH_KEY: Kind = Kind {
    operation: "getSshKeysUser",
    parts: |row, _| {
        // `ssh-ed25519 AAAA… somebody@laptop`: people know it by its end.
        let key =
            row.get("public_key").or_else(|| row.get("key")).and_then(Value::as_str).unwrap_or_default();
        let mut words = key.trim().splitn(3, ' ');
        let (kind, comment) = (words.next(), words.nth(1));
        let some = |text: Option<&str>| text.map(str::trim).filter(|text| !text.is_empty()).map(shown);
        vec![text(row, "name"), some(kind), some(comment)]
    },
    ..LISTED
};

pub(super) const TEMPLATE: Kind = Kind {
    operation: "searchTemplates",
    list: "templates",
    narrow: |show, _, id| show.set("select_filters", json!({ "id": { "eq": id } }).to_string()),
    parts: |row, _| vec![text(row, "name"), text(row, "image").map(|image| format!("image {image}"))],
    ..LISTED
};

pub(super) const TEMPLATE_BY_HASH: Kind = Kind {
    id: "hash_id",
    narrow: |show, _, id| show.set("select_filters", json!({ "hash_id": { "eq": id } }).to_string()),
    ..TEMPLATE
};

pub(super) const SCHEDULED_JOB: Kind = Kind {
    operation: "showScheduledJobs",
    parts: |row, _| {
        let frequency =
            row.get("frequency").and_then(Value::as_str).map(|frequency| shown(&frequency.to_lowercase()));
        vec![frequency, text(row, "api_endpoint")]
    },
    ..LISTED
};

pub(super) const WEBHOOK: Kind = Kind {
    operation: "listNotificationWebhooks",
    list: "webhooks",
    parts: |row, _| vec![text(row, "name")],
    ..LISTED
};

pub(super) const TEAM_MEMBER: Kind = Kind {
    operation: "showTeamMembers",
    parts: |row, _| vec![text(row, "username").or_else(|| text(row, "fullname")), text(row, "email")],
    ..LISTED
};

pub(super) const SECOND_FACTOR: Kind = Kind {
    operation: "tfaStatus",
    list: "methods",
    parts: |row, _| vec![row.get("method").and_then(Value::as_str).map(shown), text(row, "label")],
    ..LISTED
};

pub(super) const MACHINE: Kind = Kind {
    operation: "showMachine",
    narrow: |show, _, id| show.set_if("machine_id", id.cloned()),
    parts: |row, _| {
        let rentals = number(row, "current_rentals_running").map(|count| count_of(count, "running rental"));
        vec![gpus(row), text(row, "hostname").or_else(|| text(row, "name")), rentals]
    },
    ..LISTED
};

impl Kind {
    /// What people know a thing by, and what it costs in an hour. `None` where it is not there.
    pub(super) async fn look(
        &self,
        client: &Client,
        request: &Request,
        id: Option<&Value>,
    ) -> vastai::Result<Option<(Vec<String>, Option<f64>)>> {
        let mut show = Request::of(self.operation)?;
        (self.narrow)(&mut show, request, id);
        let response = show.call(client)?.send().await?.json()?;
        let found = if self.list.is_empty() { Some(&response) } else { response.get(self.list) };
        let is_meant = |row: &&Value| self.id.is_empty() || id.is_none() || row.get(self.id) == id;
        let row = match found {
            Some(Value::Array(rows)) => rows.iter().find(is_meant),
            Some(row @ Value::Object(_)) => Some(row),
            _ => None,
        };
        let Some(row) = row else { return Ok(None) };
        let mut parts: Vec<String> = (self.parts)(row, request).into_iter().flatten().collect();
        let mut price = (self.price)(row);
        if let (Some(of), Some(id)) = (self.workers, id.and_then(Value::as_i64)) {
            let workers = match of {
                WorkersOf::Endpoint => client.endpoint(id).workers().await,
                WorkersOf::Workergroup => client.workergroup(id).workers().await,
            };
            // An engine that says nothing of workers keeps no name from being said.
            if let Ok(workers) = workers {
                parts.push(count_of(workers.len() as f64, "worker"));
                price = together(client, &workers).await;
                parts.extend(price.map(per_hour));
            }
        }
        Ok(Some((parts, price)))
    }
}

/// What workers cost in an hour, where each of them is an instance of the account with a price.
async fn together(client: &Client, workers: &[Worker]) -> Option<f64> {
    if workers.is_empty() {
        return None;
    }
    let ids = workers.iter().map(|worker| worker.id);
    let instances: Vec<Instance> =
        client.instances().filter(field("id").is_in(ids)).pages().collect().await.ok()?;
    let price = |worker: &Worker| instances.iter().find(|instance| instance.id == worker.id)?.dph_total;
    workers.iter().map(price).sum()
}

fn search(search: &mut Request, request: &Request, id: Option<&Value>) {
    search.leave_out_defaults();
    if let Some(Value::Object(query)) = request.get("q") {
        query.iter().for_each(|(name, value)| search.set(name, value.clone()));
        return;
    }
    search.set("ask_contract_id", json!({ "eq": id }));
    search.set("type", if request.get("price").is_some() { "bid" } else { "on-demand" });
    search.set("limit", 1);
    let disk = request.get("disk").cloned().or_else(|| default_disk(request.operation()));
    search.set_if("allocated_storage", disk);
}

fn default_disk(operation: &Operation) -> Option<Value> {
    let disk = operation.parameters.iter().find(|parameter| parameter.name == "disk")?;
    serde_json::from_str(disk.default?.json).ok()
}

/// `2x RTX 4090`.
fn gpus(row: &Value) -> Option<String> {
    let name = row.get("gpu_name").and_then(Value::as_str)?;
    Some(match number(row, "num_gpus") {
        Some(count) if count > 1.0 => format!("{count}x {name}"),
        _ => name.to_owned(),
    })
}

fn count_of(count: f64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1.0 { "" } else { "s" })
}

fn number(row: &Value, name: &str) -> Option<f64> {
    row.get(name).and_then(Value::as_f64)
}

fn number_of(request: &Request, name: &str) -> Option<f64> {
    request.get(name).and_then(Value::as_f64)
}

/// A text that somebody has chosen, in quotes.
fn text(row: &Value, name: &str) -> Option<String> {
    let text = row.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())?;
    Some(quoted(&cut(text)))
}

/// A word of the service.
fn shown(text: &str) -> String {
    cut(text)
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
