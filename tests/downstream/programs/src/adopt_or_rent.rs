//! One's own code under test: it keeps exactly one machine with a label, however often it is called.

use vastai::instances::InstanceHandle;
use vastai::{Client, Result};

/// The machine with this label; where there is none, one is rented.
///
/// # Errors
///
/// Whatever a call failed with. Calling it again is safe.
pub async fn adopt_or_rent(client: &Client, label: &str, offer: i64) -> Result<InstanceHandle> {
    if let Some(instance) = client.find_rented(label).await? {
        return Ok(instance);
    }
    match client.rent(offer).image("ubuntu:24.04").label(label).await {
        Err(error) if error.may_have_been_done() => client.find_rented(label).await?.ok_or(error),
        result => result,
    }
}

#[cfg(test)]
mod tests {
    use vastai_mock::{Fault, FaultPlan, Offer, Simulator};

    use super::adopt_or_rent;
    use crate::test_client::client_of;

    async fn simulator() -> Simulator {
        Simulator::builder().empty().offer(Offer::new(7)).start().await.unwrap()
    }

    /// Every fault of the simulator hits the rental, before and after it is carried out.
    #[tokio::test(start_paused = true)]
    async fn no_fault_makes_it_rent_twice() {
        for (name, fault) in Fault::each() {
            let simulator = simulator().await;
            let client = client_of(&simulator);
            simulator.inject("createInstance", fault).unwrap();
            let first = adopt_or_rent(&client, "trainer", 7).await;
            let second = adopt_or_rent(&client, "trainer", 7).await;
            assert_eq!(simulator.machines_rented_with_label("trainer"), 1, "{name}: {first:?}, {second:?}");
            assert_eq!(second.unwrap().id() as u64, simulator.instance_ids()[0], "{name}");
        }
    }

    /// All calls fail at random; the seed is in the message, so a failure can be repeated.
    #[tokio::test(start_paused = true)]
    async fn it_gets_there_in_the_end_in_bad_weather() {
        for seed in 0..20 {
            let simulator = simulator().await;
            let client = client_of(&simulator);
            let plan = FaultPlan::seeded(seed).healthy(3).fault(1, Fault::cut_after_effect());
            simulator.plan_faults(plan.fault(1, Fault::status(503)).fault(1, Fault::half_body())).unwrap();
            let mut calls = 0;
            while adopt_or_rent(&client, "trainer", 7).await.is_err() {
                calls += 1;
                assert!(calls < 50, "seed {seed}");
            }
            assert_eq!(simulator.machines_rented_with_label("trainer"), 1, "seed {seed}");
        }
    }
}
