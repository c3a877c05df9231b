//! What is spent, and what may be.

use std::collections::BTreeMap;
use std::time::Duration;

use rmcp::model::Tool;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vastai::billing::TimeRange;
use vastai::vastai_api::operations;

use super::{Call, Outcome, READS, failed};
use crate::market;
use crate::untrusted::word;

/// The most charges that are added up.
const MOST: u64 = 1_000;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Over {
    /// Over how many days charges are added up, 1 to 365. 7 unless given.
    days: Option<u32>,
}

/// What the account has and spends, in dollars.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Costs {
    /// What is left on the account.
    credit: Option<f64>,
    instances: usize,
    /// What all instances cost together now, per hour.
    dph_now: f64,
    per_day_now: f64,
    /// For how many hours the credit lasts, if nothing changes.
    hours_left: Option<f64>,
    days: u32,
    /// Charges of these days by their kind.
    charges: BTreeMap<String, f64>,
    /// Whether there were more charges than are added up here.
    charges_cut_off: bool,
    /// What the server's limits are.
    limits: String,
}

pub(super) fn tool() -> Tool {
    let description = "What the account has left and spends: per hour now, and charged over the last days; with the limits that this server holds.";
    super::tool::<Over, Costs>("costs", "Show costs", description, READS)
}

pub(super) async fn costs(call: &Call<'_>, over: Over) -> Outcome<Costs> {
    let days = over.days.unwrap_or(7).clamp(1, 365);
    let range = TimeRange::last(Duration::from_secs(u64::from(days) * 24 * 60 * 60))
        .map_err(|error| failed(&error))?;
    let instances = market::instances(call.client).await.map_err(|error| failed(&error))?;
    let user = call.client.call(operations::SHOW_USER).send().await.map_err(|error| failed(&error))?;
    let user = user.json().map_err(|error| failed(&error))?;
    let credit = ["credit", "balance"].iter().find_map(|name| user.get(name)?.as_f64());
    let charged =
        call.client.charges(range).limit(MOST).pages().collect().await.map_err(|error| failed(&error))?;
    let mut charges: BTreeMap<String, f64> = BTreeMap::new();
    for charge in &charged {
        let kind = charge.type_.as_ref().map_or_else(|| "other".to_owned(), |kind| word(&kind.to_string()));
        *charges.entry(kind).or_default() += charge.amount.unwrap_or(0.0);
    }
    let dph_now: f64 = instances.iter().filter_map(market::cost_now).sum();
    Ok(Costs {
        credit,
        instances: instances.len(),
        dph_now,
        per_day_now: dph_now * 24.0,
        hours_left: credit.filter(|_| dph_now > 0.0).map(|credit| (credit / dph_now).max(0.0)),
        days,
        charges,
        charges_cut_off: charged.len() as u64 >= MOST,
        limits: call.guard.in_words(),
    })
}
