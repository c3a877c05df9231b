//! Sums what a month has cost, by instance.

use std::collections::BTreeMap;

use anyhow::Context;
use vastai::Client;
use vastai::billing::TimeRange;

/// The charges of a month in US dollars, by the instance: `instance-28004311`.
///
/// # Errors
///
/// There is no such month, a page failed, or a charge does not say what or how much was charged: a sum without it would be wrong.
pub async fn charges_by_instance(
    client: &Client,
    year: u16,
    month: u8,
) -> anyhow::Result<BTreeMap<String, f64>> {
    let mut sums = BTreeMap::new();
    for charge in client.charges(TimeRange::month(year, month)?).kind("instance").pages().collect().await? {
        let source = charge.source.context("a charge without its instance")?;
        let amount = charge.amount.with_context(|| format!("a charge without its amount, for {source}"))?;
        *sums.entry(source).or_default() += amount;
    }
    Ok(sums)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use vastai::ErrorKind;
    use vastai_mock::{Charge, Fault, Simulator};

    use super::charges_by_instance;
    use crate::test_client::client_of;

    /// 2026-10-01T00:00:00Z
    const OCTOBER: u64 = 1_790_812_800;
    const DAY: u64 = 24 * 60 * 60;

    async fn simulator() -> Simulator {
        let simulator = Simulator::builder().empty().start().await.unwrap();
        let charge = |id, at| Charge::new(id, Duration::from_secs(at)).amount(0.25);
        // 250 charges of two instances are three pages.
        (0..250).for_each(|hour| simulator.add_charge(charge(7 + hour % 2, OCTOBER + hour * 3_600)));
        simulator.add_charge(charge(7, OCTOBER - DAY));
        simulator.add_charge(charge(7, OCTOBER + 31 * DAY));
        simulator.add_charge(charge(9, OCTOBER).kind("volume"));
        simulator
    }

    #[tokio::test]
    async fn a_month_is_summed_over_all_pages() {
        let simulator = simulator().await;
        let sums = charges_by_instance(&client_of(&simulator), 2026, 10).await.unwrap();
        let expected = [("instance-7".to_owned(), 31.25), ("instance-8".to_owned(), 31.25)];
        assert_eq!(sums.into_iter().collect::<Vec<_>>(), expected);
        assert_eq!(simulator.requests().len(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn a_page_that_fails_for_good_gives_no_sum_and_one_that_fails_once_the_right_one() {
        let simulator = simulator().await;
        let client = client_of(&simulator);
        simulator.inject("showCharges", Fault::none()).unwrap();
        simulator.inject("showCharges", Fault::half_body()).unwrap();
        let sums = charges_by_instance(&client, 2026, 10).await.unwrap();
        assert_eq!(sums.values().sum::<f64>(), 62.5);

        simulator.inject("showCharges", Fault::none()).unwrap();
        simulator.inject("showCharges", Fault::status(503).always()).unwrap();
        let error = charges_by_instance(&client, 2026, 10).await.unwrap_err();
        assert_eq!(error.downcast_ref::<vastai::Error>().unwrap().kind(), ErrorKind::Server);

        simulator.clear_faults();
        simulator.inject("showCharges", Fault::wrong_types()).unwrap();
        charges_by_instance(&client, 2026, 10).await.unwrap_err();
        let error = charges_by_instance(&client, 2026, 13).await.unwrap_err();
        assert_eq!(error.to_string(), "invalid request: there is no month 13; months are 1 to 12");
    }
}
