//! Asks before what destroys, pays or rents.
//!
//! Which operations do is data: by the first word of their ids, and by two lists. A new operation of the service that deletes something is
//! asked about without a line here.

use std::io::{BufRead as _, IsTerminal, Read as _, stderr, stdin};

use serde_json::{Value, json};
use vastai::Client;
use vastai_api::Operation;

use crate::failure::Failure;
use crate::globals::{Format, Settings, YES_VARIABLE};
use crate::output;
use crate::quoting::one_line;
use crate::request::Request;

/// Operations whose ids begin so destroy.
const DESTROYING: [&str; 2] = ["delete", "destroy"];
/// Others that do: what is in the container is gone.
const DESTROYING_TOO: [&str; 1] = ["recycleInstance"];
/// Credit goes away at once, or a higher price holds from then on.
const PAYING: [&str; 3] = ["acceptPriceIncrease", "prepayInstance", "transferCredit"];
/// Something is billed from then on, until it is given back.
const RENTING: [&str; 7] = [
    "changeBid",
    "cloneVolume",
    "createInstance",
    "createInstances",
    "createNetworkVolume",
    "launchInstance",
    "rentVolume",
];
/// Of several, so many are named.
const NAMED: usize = 8;
/// What is read of an answer.
const MOST: u64 = 1024;

/// Why something is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    /// It cannot be had back.
    Destroys,
    /// Money goes at once, or more of it from then on.
    Pays,
    /// It costs until it is given back.
    Rents,
}

/// Why a request is asked about; `None` for all others.
pub(crate) fn weight(request: &Request) -> Option<Weight> {
    let operation = request.operation();
    let gives_credit =
        || request.get("transfer_credit").and_then(Value::as_f64).is_some_and(|credit| credit > 0.0);
    match operation.id {
        id if PAYING.contains(&id) => Some(Weight::Pays),
        id if RENTING.contains(&id) => Some(Weight::Rents),
        id if DESTROYING_TOO.contains(&id) || DESTROYING.contains(&first_word(id)) => Some(Weight::Destroys),
        // A team gets credit of the caller's own.
        "createTeam" if gives_credit() => Some(Weight::Pays),
        _ => None,
    }
}

/// Who is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Asks {
    /// Nobody: it is agreed to, or it is no more than the simulator's.
    Nobody,
    /// Whoever sits at the terminal.
    Terminal,
    /// Nobody, as there is no terminal: it is refused.
    Absent,
    /// Nobody, and what it costs is said: what is rented can be given back.
    Said,
}

impl Asks {
    pub(crate) fn of(settings: &Settings, weight: Weight) -> Self {
        let is_agreed = settings.yes || settings.target.is_mock();
        // A question that is not seen cannot be answered.
        let is_terminal = stdin().is_terminal() && stderr().is_terminal();
        match weight {
            _ if !is_agreed && is_terminal => Self::Terminal,
            // Lines of the official client in scripts send what they sent there.
            Weight::Rents if settings.format == Format::Raw => Self::Nobody,
            Weight::Rents => Self::Said,
            _ if is_agreed => Self::Nobody,
            _ => Self::Absent,
        }
    }

    /// Whether the service is asked what it is about.
    pub(crate) fn names_what(self) -> bool {
        matches!(self, Self::Terminal | Self::Said)
    }

    /// Asks; an error where it is not agreed to.
    pub(crate) fn agreed(self, what: &str) -> Result<(), Failure> {
        let what = one_line(what);
        match self {
            Self::Nobody => Ok(()),
            Self::Said => {
                output::note(&what);
                Ok(())
            }
            Self::Absent => {
                let message =
                    format!("{what}: needs -y (--yes), as there is no terminal to ask on; nothing was sent");
                let hint = format!("{YES_VARIABLE}=1 in the environment agrees for a whole script");
                Err(Failure::usage(message).hinting(hint))
            }
            Self::Terminal => {
                output::prompt(&format!("{what}? [y/N] "));
                match is_yes()
                    .map_err(|error| Failure::local(format!("the answer cannot be read: {error}")))?
                {
                    true => Ok(()),
                    false => Err(Failure::local("not agreed to: nothing was sent".to_owned())),
                }
            }
        }
    }
}

fn is_yes() -> std::io::Result<bool> {
    let mut answer = String::new();
    let count = stdin().lock().take(MOST).read_line(&mut answer)?;
    if count == 0 {
        // Ctrl-D leaves the cursor behind the question.
        output::prompt("\n");
    }
    Ok(["y", "yes"].contains(&answer.trim().to_lowercase().as_str()))
}

/// What a request does, with what the service says of it.
pub(crate) async fn described(client: &Client, request: &Request) -> String {
    let words = words(request);
    let about = match request.operation().id {
        "destroyInstance" | "recycleInstance" | "prepayInstance" | "changeBid" => {
            let id = request.get("id").and_then(Value::as_i64);
            match id {
                Some(id) => instance(client, id).await.map(|found| found.text),
                None => None,
            }
        }
        "destroyInstances" => return instances(client, request).await,
        "createInstance" | "launchInstance" => offer(client, request).await,
        _ => None,
    };
    match (about, request.operation().id) {
        (Some(about), "prepayInstance" | "changeBid") => {
            let value = request.get("amount").or_else(|| request.get("price")).and_then(Value::as_f64);
            let id = request.get("id").cloned().unwrap_or_default();
            match (request.operation().id, value) {
                ("changeBid", Some(bid)) => format!("change the bid of {id} ({about}) to {}", per_hour(bid)),
                (_, Some(amount)) => format!("prepay {amount:.2} $ for instance {id} ({about})"),
                _ => format!("{words} ({about})"),
            }
        }
        (Some(about), _) => format!("{words} ({about})"),
        (None, _) => words,
    }
}

/// What a request does, as far as it says itself.
pub(crate) fn words(request: &Request) -> String {
    let get = |name: &str| request.get(name).map(in_words).unwrap_or_default();
    let dollars = |name: &str| request.get(name).and_then(Value::as_f64).unwrap_or_default();
    match request.operation().id {
        "transferCredit" => {
            format!("transfer {:.2} $ of credit to {}", dollars("amount"), get("recipient"))
        }
        "createTeam" => {
            format!(
                "create team {} and move {:.2} $ of credit to it",
                get("team_name"),
                dollars("transfer_credit")
            )
        }
        "createInstance" => format!("rent offer {}", get("id")),
        "launchInstance" => "rent the first offer of the search".to_owned(),
        "createInstances" => format!("rent offers {}", get("ids")),
        id => {
            let mut text = spaced(id);
            let operation = request.operation();
            let names = operation.parameters.iter().map(|parameter| parameter.name);
            for name in names.filter(|name| names_something(name)) {
                let value = get(name);
                if !value.is_empty() && !text.ends_with(&format!(" {value}")) {
                    text.push_str(&format!(" {value}"));
                }
            }
            text
        }
    }
}

/// Whether a parameter says what an operation is about.
fn names_something(name: &str) -> bool {
    let is = |end: &str| name == end || name.ends_with(&format!("_{end}"));
    is("id") || is("ids") || is("name") || name == "key" || name == "size" || name == "tag"
}

/// The words of an operation's id: `destroy instance`.
fn spaced(id: &str) -> String {
    let mut text = String::new();
    for letter in id.chars() {
        if letter.is_uppercase() {
            text.push(' ');
        }
        text.extend(letter.to_lowercase());
    }
    text
}

fn first_word(id: &str) -> &str {
    id.split(char::is_uppercase).next().unwrap_or_default()
}

fn in_words(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Array(values) => values.iter().map(in_words).collect::<Vec<_>>().join(", "),
        Value::Null => String::new(),
        value => value.to_string(),
    }
}

/// A text in quotes, which it cannot end by itself.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', r"\\").replace('"', "\\\""))
}

/// A price, as people write it.
pub(crate) fn per_hour(price: f64) -> String {
    match price {
        price if price < 0.095 => format!("{price:.4} $/h"),
        price => format!("{price:.2} $/h"),
    }
}

/// An instance, for people.
struct Found {
    text: String,
    price: f64,
}

async fn instance(client: &Client, id: i64) -> Option<Found> {
    let mut request = Request::of("showInstance").ok()?;
    request.set("id", id);
    match request.call(client).ok()?.send().await {
        Ok(response) => {
            let response = response.json().ok()?;
            let row = response.get("instances")?;
            let label = row.get("label").and_then(Value::as_str).filter(|label| !label.is_empty());
            let price = row.get("dph_total").and_then(Value::as_f64);
            let parts =
                [machine(row), label.map(|label| format!("label {}", quoted(label))), price.map(per_hour)];
            let text = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
            Some(Found { text, price: price.unwrap_or_default() })
        }
        Err(error) => Some(Found { text: format!("not found: {}", error.kind()), price: 0.0 }),
    }
}

async fn instances(client: &Client, request: &Request) -> String {
    let ids = request.get("instance_ids").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut named = Vec::new();
    let mut price = 0.0;
    for id in ids.iter().take(NAMED) {
        let found = match id.as_i64() {
            Some(id) => instance(client, id).await,
            None => None,
        };
        price += found.as_ref().map_or(0.0, |found| found.price);
        named.push(found.map_or_else(|| id.to_string(), |found| format!("{id} ({})", found.text)));
    }
    let text = format!("destroy {} instances: {}", ids.len(), named.join(", "));
    match ids.len().saturating_sub(NAMED) {
        0 if ids.len() > 1 => format!("{text}; together {}", per_hour(price)),
        0 => text,
        more => {
            let rest: Vec<String> = ids.iter().skip(NAMED).map(Value::to_string).collect();
            format!("{text}, and {more} more: {}", rest.join(", "))
        }
    }
}

/// What would be rented, and its price. An offer is looked up with the disk that it is rented with.
async fn offer(client: &Client, request: &Request) -> Option<String> {
    let mut search = Request::of("searchOffers").ok()?;
    search.leave_out_defaults();
    let bid = request.get("price").and_then(Value::as_f64);
    match request.get("q") {
        Some(Value::Object(query)) => {
            query.iter().for_each(|(name, value)| search.set(name, value.clone()));
        }
        _ => {
            search.set("ask_contract_id", json!({ "eq": request.get("id")? }));
            search.set("type", if bid.is_some() { "bid" } else { "on-demand" });
            search.set("limit", 1);
            let disk = request.get("disk").cloned().or_else(|| default_disk(request.operation()));
            search.set_if("allocated_storage", disk);
        }
    }
    let response = search.call(client).ok()?.send().await.ok()?.json().ok()?;
    let Some(row) = response.get("offers")?.as_array()?.first().cloned() else {
        return Some("not on the market".to_owned());
    };
    let id = request.get("q").and_then(|_| row.get("id")).map(|id| format!("offer {id}"));
    let price = match bid {
        Some(bid) => Some(format!("a bid of {}", per_hour(bid))),
        None => row.get("dph_total").and_then(Value::as_f64).map(per_hour),
    };
    Some([id, machine(&row), price].into_iter().flatten().collect::<Vec<_>>().join(", "))
}

fn default_disk(operation: &Operation) -> Option<Value> {
    let disk = operation.parameters.iter().find(|parameter| parameter.name == "disk")?;
    serde_json::from_str(disk.default?.json).ok()
}

/// `2x RTX 4090`.
fn machine(row: &Value) -> Option<String> {
    let name = row.get("gpu_name").and_then(Value::as_str)?;
    Some(match row.get("num_gpus").and_then(Value::as_f64) {
        Some(count) if count > 1.0 => format!("{count}x {name}"),
        _ => name.to_owned(),
    })
}
