//! What the market asks for GPUs: percentiles of prices by model.

use std::collections::{BTreeMap, HashSet};

use vastai::filter::field;
use vastai::offers::OfferSearch;
use vastai::paging::Direction;
use vastai::{Client, Offer, Result};
use vastai_api::types::Verification;

use super::metric::{Families, Metric, labels, value};

/// How many searches a poll makes at most, each of which finds 64 offers.
const MOST_SEARCHES: usize = 400;
/// How many models have metrics of their own; those of which there are fewest have none.
const MOST_MODELS: usize = 150;

const PRICE: Metric = Metric::gauge(
    "vastai_market_gpu_price",
    "dollars_per_hour",
    "Percentiles of the price of a GPU by model: on demand, or the lowest bid for an interruptible rental",
);
const GPUS: Metric = Metric::gauge("vastai_market_gpus", "", "GPUs on the market by model");
const COMPLETE: Metric = Metric::gauge(
    "vastai_market_is_complete",
    "",
    "Whether all offers and models are in the numbers; else those with the highest prices, or the rarest models, are missing",
);
const COUNT_COMPAT: Metric = Metric::gauge("vastai_gpu_count", "", "GPUs on the market by model");
const COMPAT: [(Metric, f64); 3] = [
    (
        Metric::gauge(
            "vastai_ondemand_price_10th_percentile_dollars",
            "",
            "Tenth percentile of prices on demand",
        ),
        0.1,
    ),
    (Metric::gauge("vastai_ondemand_price_median_dollars", "", "Median of prices on demand"), 0.5),
    (
        Metric::gauge(
            "vastai_ondemand_price_90th_percentile_dollars",
            "",
            "Ninetieth percentile of prices on demand",
        ),
        0.9,
    ),
];
const PERCENTILES: [(&str, f64); 5] = [("10", 0.1), ("25", 0.25), ("50", 0.5), ("75", 0.75), ("90", 0.9)];

/// What counts of an offer.
#[derive(Debug, Clone, Copy)]
struct Priced {
    gpus: u32,
    /// Of one GPU.
    on_demand: Option<f64>,
    bid: Option<f64>,
    is_rented: bool,
    is_verified: bool,
}

/// The metrics of the whole market, or of these models.
pub(super) async fn poll(client: &Client, gpus: &[String], compat: bool) -> Result<Families> {
    let (offers, mut complete) = offers(client, gpus).await?;
    let mut models: BTreeMap<String, Vec<Priced>> = BTreeMap::new();
    for offer in &offers {
        if let Some((name, priced)) = priced(offer) {
            models.entry(name).or_default().push(priced);
        }
    }
    let mut models: Vec<_> = models.into_iter().collect();
    models.sort_by_key(|(_, offers)| std::cmp::Reverse(offers.len()));
    complete &= models.len() <= MOST_MODELS;
    models.truncate(MOST_MODELS);
    let mut families = Families::default();
    families.flag(COMPLETE, &labels([]), complete);
    for (name, offers) in &models {
        of(name, offers, &mut families);
        if compat {
            of_compat(name, offers, &mut families);
        }
    }
    Ok(families)
}

/// All offers in the order of their prices, and whether those are all. A search finds 64 at most, so each next one begins at the last price.
async fn offers(client: &Client, gpus: &[String]) -> Result<(Vec<Offer>, bool)> {
    let search = |from: Option<f64>| -> OfferSearch {
        // Rented or not, and verified or not, is told apart below.
        let mut search = client.offers().unfiltered().filter(field("external").eq(false));
        if !gpus.is_empty() {
            search = search.filter(field("gpu_name").is_in(gpus.iter().map(String::as_str)));
        }
        if let Some(from) = from {
            search = search.filter(field("dph_total").gte(from));
        }
        search.order_by("dph_total", Direction::Ascending)
    };
    let (mut known, mut all, mut from) = (HashSet::new(), Vec::new(), None);
    for _ in 0..MOST_SEARCHES {
        let found = search(from).send().await?;
        let last = found
            .iter()
            .filter_map(|offer| offer.dph_total)
            .fold(from, |last: Option<f64>, price| Some(last.map_or(price, |last| last.max(price))));
        let is_last = found.len() < OfferSearch::MAX_OFFERS;
        let before = all.len();
        all.extend(found.into_iter().filter(|offer| known.insert(offer.id)));
        if is_last {
            return Ok((all, true));
        }
        // All that were found are of one price, and more of it cannot be had.
        if all.len() == before {
            return Ok((all, false));
        }
        from = last;
    }
    Ok((all, false))
}

fn priced(offer: &Offer) -> Option<(String, Priced)> {
    let name = value(offer.gpu_name.as_deref()?);
    let gpus = u32::try_from(offer.num_gpus?).ok().filter(|gpus| *gpus > 0)?;
    let of_one = |price: Option<f64>| {
        price.map(|price| price / f64::from(gpus)).filter(|it| it.is_finite() && *it > 0.0)
    };
    let priced = Priced {
        gpus,
        on_demand: of_one(offer.dph_total),
        bid: of_one(offer.min_bid),
        is_rented: offer.rentable == Some(false) || offer.rented == Some(true),
        is_verified: offer.verification == Some(Verification::Verified),
    };
    (!name.is_empty()).then_some((name, priced))
}

fn of(name: &str, offers: &[Priced], families: &mut Families) {
    for (rented, is_rented) in [("no", false), ("yes", true)] {
        let group = || offers.iter().filter(|offer| offer.is_rented == is_rented);
        let gpu_name = || ("gpu_name", name.to_owned());
        let rented = || ("rented", rented.to_owned());
        families.set(
            GPUS,
            &labels([gpu_name(), rented()]),
            group().map(|offer| f64::from(offer.gpus)).sum::<f64>(),
        );
        for (kind, price) in
            [("ondemand", (|it| it.on_demand) as fn(&Priced) -> Option<f64>), ("bid", |it| it.bid)]
        {
            let prices = sorted(group().filter_map(price));
            for (percentile, share) in PERCENTILES {
                let labels = labels([
                    gpu_name(),
                    ("rental_type", kind.to_owned()),
                    rented(),
                    ("percentile", percentile.to_owned()),
                ]);
                families.set(PRICE, &labels, quantile_of(&prices, share));
            }
        }
    }
}

/// The same by the names of the exporter of 500farm, which counts a machine as rented, available or either, and verified or not.
fn of_compat(name: &str, offers: &[Priced], families: &mut Families) {
    let choices = [("yes", Some(true)), ("no", Some(false)), ("any", None)];
    for (verified, is_verified) in choices {
        for (rented, is_rented) in choices {
            let group = || {
                offers.iter().filter(|offer| {
                    is_verified.is_none_or(|it| it == offer.is_verified)
                        && is_rented.is_none_or(|it| it == offer.is_rented)
                })
            };
            let labels = labels([
                ("gpu_name", name.to_owned()),
                ("verified", verified.to_owned()),
                ("rented", rented.to_owned()),
            ]);
            if is_verified.is_some() && is_rented.is_some() {
                families.set(COUNT_COMPAT, &labels, group().map(|offer| f64::from(offer.gpus)).sum::<f64>());
            }
            let prices = sorted(group().filter_map(|offer| offer.on_demand));
            for (metric, share) in COMPAT {
                families.set(metric, &labels, quantile_of(&prices, share));
            }
        }
    }
}

fn sorted(prices: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut prices: Vec<f64> = prices.collect();
    prices.sort_by(f64::total_cmp);
    prices
}

/// The least price that so large a share of offers does not exceed; none of nothing.
fn quantile_of(sorted: &[f64], share: f64) -> Option<f64> {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "a share of the length of a list"
    )]
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied()
}

#[cfg(test)]
mod tests {
    use super::quantile_of;

    #[test]
    fn quantiles_are_prices_that_somebody_asks() {
        assert_eq!(quantile_of(&[], 0.5), None);
        assert_eq!(quantile_of(&[0.3], 0.9), Some(0.3));
        let prices = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0];
        assert_eq!(
            [0.1, 0.5, 0.9].map(|share| quantile_of(&prices, share)),
            [Some(0.1), Some(0.5), Some(0.9)]
        );
    }
}
