//! What a request is about, as the service knows it: asked for once, and not for long.

use std::time::Duration;

use serde_json::Value;
use tokio::time::{Instant, timeout_at};
use vastai::{Client, ErrorKind};

use super::kinds::{self, Kind};
use super::words::{dollars, per_hour, plain, words};
use crate::request::Request;

/// Of several, so many are named.
const NAMED: usize = 8;
/// How long people wait for a question. What is not known by then is named by its id alone.
const PATIENCE: Duration = Duration::from_secs(5);

/// What operations are about, and how it is said.
struct Subject {
    operations: &'static [&'static str],
    /// The field of the request that has the id, or several.
    field: &'static str,
    kind: &'static Kind,
    /// The whole, with the named subject: `7 (RTX 4090, 0.40 $/h)`.
    phrase: fn(&Self, &Request, &str) -> String,
    /// Whether it has a price that whoever writes the line may not know, so that it is said where nobody can be asked.
    has_new_price: bool,
}

const SUBJECTS: &[Subject] = &[
    about(&["destroyInstance", "recycleInstance", "updateInstance"], "id", &kinds::INSTANCE),
    about(&["destroyInstances"], "instance_ids", &kinds::INSTANCE),
    Subject { phrase: starts, ..about(&["manageInstance"], "id", &kinds::INSTANCE) },
    Subject { phrase: starts, ..about(&["manageInstances"], "ids", &kinds::INSTANCE) },
    Subject { phrase: prepays, ..about(&["prepayInstance"], "id", &kinds::INSTANCE) },
    Subject { phrase: bids, has_new_price: true, ..about(&["changeBid"], "id", &kinds::INSTANCE) },
    Subject { phrase: rents, has_new_price: true, ..about(&["createInstance"], "id", &kinds::OFFER) },
    Subject { phrase: rents, has_new_price: true, ..about(&["createInstances"], "ids", &kinds::OFFER) },
    Subject { phrase: rents_found, has_new_price: true, ..about(&["launchInstance"], "", &kinds::OFFER) },
    about(&["deleteEndpoint", "updateEndpoint"], "id", &kinds::ENDPOINT),
    about(&["deleteWorkergroup", "updateWorkergroup"], "id", &kinds::WORKERGROUP),
    about(&["updateWorkers"], "workergroup_id", &kinds::WORKERGROUP),
    about(&["deleteDeployment", "startDeployment", "stopDeployment"], "id", &kinds::DEPLOYMENT),
    about(&["deleteVolume"], "id", &kinds::VOLUME),
    about(&["deleteApiKey"], "id", &kinds::API_KEY),
    about(&["deleteSshKey"], "id", &kinds::SSH_KEY),
    about(&["deleteTemplate"], "hash_id", &kinds::TEMPLATE_BY_HASH),
    about(&["deleteTemplate"], "template_id", &kinds::TEMPLATE),
    about(&["deleteScheduledJob", "updateScheduledJob"], "id", &kinds::SCHEDULED_JOB),
    about(&["deleteNotificationWebhook", "rotateNotificationWebhookSecret"], "id", &kinds::WEBHOOK),
    about(&["removeTeamMember"], "id", &kinds::TEAM_MEMBER),
    about(&["tfaDelete"], "target_id", &kinds::SECOND_FACTOR),
    about(
        &["deleteMachine", "cleanupMachine", "scheduleMaint", "cancelMaint"],
        "machine_id",
        &kinds::MACHINE,
    ),
    about(&["setDefjob"], "machine", &kinds::MACHINE),
];

const fn about(operations: &'static [&'static str], field: &'static str, kind: &'static Kind) -> Subject {
    Subject { operations, field, kind, phrase: plainly, has_new_price: false }
}

fn plainly(subject: &Subject, request: &Request, named: &str) -> String {
    plain(request, subject.field, named)
}

fn starts(subject: &Subject, request: &Request, named: &str) -> String {
    match request.get("state").and_then(Value::as_str) {
        Some("running") => format!("start instance{} {named}", plural(subject, request)),
        _ => plain(request, subject.field, named),
    }
}

fn prepays(_: &Subject, request: &Request, named: &str) -> String {
    format!("prepay {:.2} $ for instance {named}", dollars(request, "amount"))
}

fn bids(_: &Subject, request: &Request, named: &str) -> String {
    format!("change the bid of instance {named} to {}", per_hour(dollars(request, "price")))
}

fn rents(subject: &Subject, request: &Request, named: &str) -> String {
    format!("rent offer{} {named}", plural(subject, request))
}

fn rents_found(_: &Subject, request: &Request, named: &str) -> String {
    format!("{}{named}", words(request))
}

fn plural(subject: &Subject, request: &Request) -> &'static str {
    if request.get(subject.field).is_some_and(Value::is_array) { "s" } else { "" }
}

/// Whether a request agrees to a price that whoever wrote the line may not know.
pub(crate) fn has_new_price(request: &Request) -> bool {
    subject_of(request).is_some_and(|subject| subject.has_new_price)
}

/// What a request does, with what the service says of what it is about.
pub(crate) async fn described(client: &Client, request: &Request) -> String {
    let Some(subject) = subject_of(request) else { return words(request) };
    let named = match request.get(subject.field) {
        Some(Value::Array(ids)) => several(subject.kind, client, request, ids).await,
        id => one(subject.kind, client, request, id, Instant::now() + PATIENCE).await.0,
    };
    (subject.phrase)(subject, request, &named)
}

fn subject_of(request: &Request) -> Option<&'static Subject> {
    let id = request.operation().id;
    SUBJECTS.iter().find(|subject| {
        subject.operations.contains(&id) && (subject.field.is_empty() || request.get(subject.field).is_some())
    })
}

/// An id with what it stands for, and what that costs in an hour.
async fn one(
    kind: &Kind,
    client: &Client,
    request: &Request,
    id: Option<&Value>,
    until: Instant,
) -> (String, Option<f64>) {
    let found = match timeout_at(until, kind.look(client, request, id)).await {
        Ok(Ok(Some((parts, price)))) => Some((parts.join(", "), price)),
        Ok(Ok(None)) => Some((kind.absent.to_owned(), None)),
        Ok(Err(error)) if error.kind() == ErrorKind::NotFound => Some((kind.absent.to_owned(), None)),
        // It is asked with the id alone.
        Ok(Err(_)) | Err(_) => None,
    };
    let id = id.map(super::words::in_words).unwrap_or_default();
    match found {
        Some((text, price)) if !text.is_empty() => (format!("{id} ({text})"), price),
        _ => (id, None),
    }
}

async fn several(kind: &Kind, client: &Client, request: &Request, ids: &[Value]) -> String {
    let until = Instant::now() + PATIENCE;
    let (mut named, mut together) = (Vec::new(), Some(0.0));
    for id in ids.iter().take(NAMED) {
        let (name, price) = one(kind, client, request, Some(id), until).await;
        named.push(name);
        together = together.zip(price).map(|(sum, price)| sum + price);
    }
    let text = named.join(", ");
    let rest: Vec<String> = ids.iter().skip(NAMED).map(Value::to_string).collect();
    match (rest.len(), together) {
        (0, Some(price)) if ids.len() > 1 => format!("{text}; together {}", per_hour(price)),
        (0, _) => text,
        (more, _) => format!("{text}, and {more} more: {}", rest.join(", ")),
    }
}
