//! What is on the market.

use std::collections::BTreeMap;

use rmcp::model::Tool;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vastai::filter::field;
use vastai::offers::{OfferKind, OfferSearch};
use vastai::paging::Direction;
use vastai::{Client, Offer};

use super::{Call, Outcome, READS, failed, tool};
use crate::untrusted::word;

/// What to look for. All conditions have to be met; what is not given may be anything.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Search {
    /// The model of the GPU as the service writes it: "RTX 4090", "H100 SXM", "A100 PCIE".
    gpu_name: Option<String>,
    /// How many GPUs the offer has to have, exactly.
    num_gpus: Option<u32>,
    /// Memory of each GPU, at least, in GB.
    min_gpu_ram_gb: Option<f64>,
    /// The most that it may cost, in dollars per hour.
    max_dph: Option<f64>,
    /// Disk that will be rented with it, in GB; the price includes it. 10 unless given.
    disk_gb: Option<f64>,
    /// Reliability of the machine, at least, from 0 to 1.
    min_reliability: Option<f64>,
    /// Further conditions in the query language of the official command line: "cuda_max_good>=12.4 inet_down>500 geolocation in [SE,NO]".
    query: Option<String>,
    /// Prices for interruptible rentals, which go to whoever bids most, instead of those on demand.
    #[serde(default)]
    interruptible: bool,
    /// How many offers to return, the cheapest first, 1 to 64. 10 unless given.
    limit: Option<u64>,
}

/// Offers, the cheapest first.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Offers {
    offers: Vec<OfferRow>,
}

/// An offer of the market.
#[derive(Debug, Serialize, JsonSchema)]
struct OfferRow {
    /// The number to rent it by.
    offer: i64,
    gpu_name: Option<String>,
    num_gpus: Option<i64>,
    /// Memory of each GPU in GB.
    gpu_ram_gb: Option<f64>,
    /// Price with the disk that was asked for, in dollars per hour.
    dph: Option<f64>,
    /// The least bid for an interruptible rental, in dollars per hour.
    min_bid: Option<f64>,
    /// Processor cores.
    cpu_cores: Option<f64>,
    /// Memory of the machine in GB.
    cpu_ram_gb: Option<f64>,
    /// Disk that can be rented, in GB.
    disk_gb: Option<f64>,
    /// From 0 to 1.
    reliability: Option<f64>,
    /// Download speed in Mbit/s.
    inet_down: Option<f64>,
    /// The newest CUDA version that its driver knows.
    cuda: Option<f64>,
    location: Option<String>,
    machine: Option<i64>,
}

impl From<Offer> for OfferRow {
    fn from(offer: Offer) -> Self {
        let gigabytes = |megabytes: f64| (megabytes / 1000.0 * 10.0).round() / 10.0;
        Self {
            offer: offer.id,
            gpu_name: offer.gpu_name.as_deref().map(word),
            num_gpus: offer.num_gpus,
            gpu_ram_gb: offer.gpu_ram.map(gigabytes),
            dph: offer.dph_total,
            min_bid: offer.min_bid,
            cpu_cores: offer.cpu_cores_effective,
            cpu_ram_gb: offer.cpu_ram.map(gigabytes),
            disk_gb: offer.disk_space,
            reliability: offer.reliability2.or(offer.reliability),
            inet_down: offer.inet_down,
            cuda: offer.cuda_max_good,
            location: offer.geolocation.as_deref().map(word),
            machine: offer.machine_id,
        }
    }
}

pub(super) fn search_tool() -> Tool {
    tool::<Search, Offers>(
        "search_offers",
        "Search offers",
        "Finds GPUs that can be rented now, the cheapest first, with their price per hour. Rent one by its number with `rent`; offers go \
         quickly, so search right before.",
        READS,
    )
}

pub(super) async fn search(call: &Call<'_>, search: Search) -> Outcome<Offers> {
    let query = query_of(call.client, &search).map_err(|error| failed(&error))?;
    let found = query.send().await.map_err(|error| failed(&error))?;
    Ok(Offers { offers: found.into_iter().map(OfferRow::from).collect() })
}

fn query_of(client: &Client, search: &Search) -> vastai::Result<OfferSearch> {
    let kind = if search.interruptible { OfferKind::Bid } else { OfferKind::OnDemand };
    let mut query = client
        .offers()
        .kind(kind)
        .order_by("dph_total", Direction::Ascending)
        .limit(search.limit.unwrap_or(10).clamp(1, 64))
        .storage(search.disk_gb.unwrap_or(super::rent::DISK));
    let conditions = [
        search.gpu_name.as_ref().map(|name| field("gpu_name").eq(name.as_str())),
        search.num_gpus.map(|number| field("num_gpus").eq(number)),
        search.min_gpu_ram_gb.map(|gigabytes| field("gpu_ram").gte(gigabytes * 1000.0)),
        search.max_dph.map(|dollars| field("dph_total").lte(dollars)),
        search.min_reliability.map(|least| field("reliability").gte(least)),
        search.disk_gb.map(|gigabytes| field("disk_space").gte(gigabytes)),
    ];
    for condition in conditions.into_iter().flatten() {
        query = query.filter(condition);
    }
    match &search.query {
        Some(text) => query.query(text),
        None => Ok(query),
    }
}

/// What a model of GPU costs now, by the offers of one search.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Price {
    gpu_name: String,
    offers: usize,
    /// Dollars per GPU and hour: the least, the middle and the most.
    least: f64,
    middle: f64,
    most: f64,
}

/// What GPUs cost now on demand, by their models.
pub(crate) async fn prices(client: &Client) -> vastai::Result<Vec<Price>> {
    let offers = client.offers().order_by("dph_total", Direction::Ascending).send().await?;
    let mut models: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for offer in offers {
        if let (Some(name), Some(dph), Some(gpus)) = (offer.gpu_name, offer.dph_total, offer.num_gpus) {
            models.entry(word(&name)).or_default().push(dph / gpus.max(1) as f64);
        }
    }
    let price = |(gpu_name, mut prices): (String, Vec<f64>)| {
        prices.sort_by(f64::total_cmp);
        let (least, most) = (prices.first().copied()?, prices.last().copied()?);
        Some(Price { gpu_name, offers: prices.len(), least, middle: prices[prices.len() / 2], most })
    };
    Ok(models.into_iter().filter_map(price).collect())
}
