//! Renting: once, for a price that is known and agreed, within the limits.

use std::collections::BTreeMap;

use rmcp::model::Tool;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use vastai::offers::OfferKind;
use vastai::{Client, Error};

use super::{Call, Outcome, SPENDS, Stop, failed, in_words};
use crate::guard::{Added, Turn};
use crate::market;
use crate::untrusted::word;

/// The disk of a rental unless it is given, in GB.
pub(super) const DISK: f64 = 10.0;

/// What to rent, and what to run on it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Rent {
    /// The number of the offer, from `search_offers`.
    offer: i64,
    /// The Docker image. An image or a template is needed.
    image: Option<String>,
    /// The hash of a template, which says what is not said here.
    template: Option<String>,
    /// The disk in GB, which cannot be made larger later. 10 unless given.
    disk_gb: Option<f64>,
    /// A short name to know the instance by; it begins the label.
    name: Option<String>,
    /// Environment variables.
    #[serde(default)]
    env: BTreeMap<String, String>,
    /// Ports of the container to open: "8080" or "8080/udp".
    #[serde(default)]
    ports: Vec<String>,
    /// Commands that run when the container starts.
    onstart: Option<String>,
    /// Interruptible, for this bid in dollars per hour: it is stopped while somebody bids more.
    bid: Option<f64>,
    /// Whether the container gets a Jupyter server, beside SSH.
    #[serde(default)]
    jupyter: bool,
    /// The code of a refusal that asked for the user's word, where the client cannot ask.
    #[serde(default)]
    #[allow(dead_code, reason = "taken out before, and listed for the schema")]
    confirm: Option<String>,
}

/// A rental.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Rented {
    /// The number of the new instance. It is billed from now on.
    instance: i64,
    /// Its label, by which it is found again.
    label: String,
    /// What it costs, in dollars per hour.
    dph: f64,
    /// What to do next, or what went wrong on the way.
    note: String,
}

pub(super) fn tool() -> Tool {
    super::tool::<Rent, Rented>(
        "rent",
        "Rent an instance",
        "Rents an offer of `search_offers`: the user is asked with the price, and the server's limits hold. Costs money from the moment it is \
         rented until `destroy`. Never call it again because a response was lost: the server looks up what happened.",
        SPENDS,
    )
}

pub(super) async fn rent(call: &Call<'_>, rent: Rent) -> Outcome<Rented> {
    let (client, limits) = (call.client, &call.guard.limits);
    if let Some(rented) = cleared(call, &limits.turn().await).await? {
        return Ok(rented);
    }
    let quoted = quote(client, &rent).await?;
    let added = Added { instances: 1, dph: quoted.dph, before: 0.0 };
    limits.check(client, added).await?;
    call.ask(quoted.question(&rent), Some(quoted.dph)).await?;

    let turn = limits.turn().await;
    if let Some(rented) = cleared(call, &turn).await? {
        return Ok(rented);
    }
    let now = quote(client, &rent).await?;
    if now.dph > quoted.dph + 1e-9 {
        let message = format!(
            "not rented: the price has risen from ${:.4} to ${:.4} per hour since it was agreed to; call again to be asked anew",
            quoted.dph, now.dph
        );
        return Err(Stop::Failed(message));
    }
    limits.check(client, added).await?;
    let label = label_of(rent.name.as_deref());
    call.record("sending", &json!({ "label": label, "dph": now.dph }))?;
    turn.count(&call.subject(), &label, now.dph);
    let rental = as_rental(client, rent, &label);
    let lookup = rental.lookup();
    let sent = rental.await;
    let (id, note) = match sent {
        Ok(instance) => (instance.id(), "wait for it with wait_until_running".to_owned()),
        Err(error) if error.may_have_been_done() => match lookup.find().await {
            Ok(Some(instance)) => {
                (instance.id(), "the response was lost, and the instance was found by its label".to_owned())
            }
            Ok(None) => {
                return Err(Stop::Failed(doubtful(&error, &label, "no instance has this label so far")));
            }
            Err(why) => return Err(Stop::Failed(doubtful(&error, &label, &in_words(&why)))),
        },
        Err(error) => {
            turn.became(&label, None);
            return Err(failed(&error));
        }
    };
    turn.became(&label, Some(id));
    Ok(Rented { instance: id, label, dph: now.dph, note })
}

/// Looks up rentals that are in doubt before another is sent. One with the same arguments that was done after all is the result.
async fn cleared(call: &Call<'_>, turn: &Turn<'_>) -> Outcome<Option<Rented>> {
    for doubt in turn.doubts() {
        let seen = call.client.find_rented(&doubt.label).await;
        let Ok(Some(instance)) = seen else {
            return Err(Stop::Failed(format!(
                "not rented: of a rental before, labelled `{}`, it is not known whether it was done. It is looked up by its label at each call; where it \
                 has not come up within three minutes, another may be rented.",
                doubt.label
            )));
        };
        turn.became(&doubt.label, Some(instance.id()));
        if doubt.subject == call.subject() {
            let note =
                "this is the rental that was in doubt: it was done, and nothing else was rented".to_owned();
            return Ok(Some(Rented { instance: instance.id(), label: doubt.label, dph: doubt.dph, note }));
        }
    }
    Ok(None)
}

/// What a rental costs at this moment.
struct Quote {
    dph: f64,
    gpus: String,
}

impl Quote {
    fn question(&self, rent: &Rent) -> String {
        let Rent { offer, image, template, .. } = rent;
        let what = image.as_deref().or(template.as_deref()).unwrap_or("nothing");
        let disk = rent.disk_gb.unwrap_or(DISK);
        let how = match rent.bid {
            Some(_) => "interruptible, by a bid",
            None => "on demand",
        };
        let onstart = rent.onstart.as_deref().map(|commands| {
            format!("\nIt runs at the start: {}", commands.chars().take(500).collect::<String>())
        });
        let text = format!(
            "Rent offer {offer} ({}) with {what} and {disk} GB of disk, {how}, for ${:.4} per hour (${:.2} per day), until it is destroyed?{}",
            self.gpus,
            self.dph,
            self.dph * 24.0,
            onstart.unwrap_or_default()
        );
        text.split('\n').map(crate::untrusted::cleaned).collect::<Vec<_>>().join("\n")
    }
}

async fn quote(client: &Client, rent: &Rent) -> Outcome<Quote> {
    let kind = if rent.bid.is_some() { OfferKind::Bid } else { OfferKind::OnDemand };
    let disk = rent.disk_gb.unwrap_or(DISK);
    let offer = market::offer(client, rent.offer, disk, kind).await.map_err(|error| failed(&error))?;
    let Some(offer) = offer else {
        return Err(Stop::Failed(format!(
            "not rented: offer {} is not on the market any more; search again, and take another",
            rent.offer
        )));
    };
    let storage = offer.storage_total_cost.unwrap_or(0.0);
    // A bid is for the GPUs; the disk comes on top.
    let dph = rent.bid.map(|bid| bid + storage).or(offer.dph_total);
    let Some(dph) = dph.filter(|dph| dph.is_finite() && *dph >= 0.0) else {
        return Err(Stop::Failed("not rented: the service does not say what this offer costs".to_owned()));
    };
    let gpus = format!(
        "{}× {} in {}",
        offer.num_gpus.unwrap_or(1),
        offer.gpu_name.as_deref().map_or_else(|| "GPU".to_owned(), word),
        offer.geolocation.as_deref().map_or_else(|| "an unknown place".to_owned(), word)
    );
    Ok(Quote { dph, gpus })
}

fn as_rental(client: &Client, rent: Rent, label: &str) -> vastai::instances::Rent {
    let mut rental = client.rent(rent.offer).label(label).disk(rent.disk_gb.unwrap_or(DISK));
    if let Some(image) = rent.image {
        rental = rental.image(image);
    }
    if let Some(template) = rent.template {
        rental = rental.template(template);
    }
    for (name, value) in rent.env {
        rental = rental.env(name, value);
    }
    for port in rent.ports {
        rental = rental.port(port);
    }
    if let Some(commands) = rent.onstart {
        rental = rental.onstart(commands);
    }
    if let Some(bid) = rent.bid {
        rental = rental.bid(bid);
    }
    if rent.jupyter { rental.jupyter() } else { rental }
}

/// A label that no other rental has: what is in doubt is looked up by it.
fn label_of(name: Option<&str>) -> String {
    let name: String = name.map(word).unwrap_or_default();
    let name = name.trim();
    let number = fastrand::u64(..);
    if name.is_empty() { format!("mcp-{number:016x}") } else { format!("{name} mcp-{number:016x}") }
}

fn doubtful(error: &Error, label: &str, seen: &str) -> String {
    format!(
        "it is not known whether the machine was rented: {}\nIt was looked up by its label `{label}`, and {seen}. It was not sent again. Look with \
         show_instances for this label in a minute, before renting another.",
        in_words(error)
    )
}
