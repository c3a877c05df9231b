//! What things cost right now, as the service says it.

use vastai::filter::field;
use vastai::offers::OfferKind;
use vastai::{Client, Instance, InstanceStatus, Offer};

/// What an instance costs now, in dollars per hour: with its GPUs, or stopped with its disk alone. `None` where the service does not say.
pub(crate) fn cost_now(instance: &Instance) -> Option<f64> {
    match is_stopped(instance) {
        true => Some(instance.storage_total_cost.unwrap_or(0.0)),
        false => instance.dph_total,
    }
}

/// Whether an instance is stopped, and not on its way to run.
pub(crate) fn is_stopped(instance: &Instance) -> bool {
    let stopped = |state: &Option<String>| state.as_deref() == Some("stopped");
    instance.intended_status == Some(InstanceStatus::Stopped)
        && !instance.is_running()
        && (instance.next_state.is_none() || stopped(&instance.next_state))
}

/// All instances of the account.
pub(crate) async fn instances(client: &Client) -> vastai::Result<Vec<Instance>> {
    client.instances().pages().collect().await
}

/// An offer as it is on the market now, priced with a disk of this size. `None` where it is not on the market, or taken.
pub(crate) async fn offer(
    client: &Client,
    id: i64,
    disk: f64,
    kind: OfferKind,
) -> vastai::Result<Option<Offer>> {
    let search =
        client.offers().unfiltered().filter(field("ask_contract_id").eq(id)).storage(disk).kind(kind);
    let found = search.send().await?;
    Ok(found.into_iter().find(|offer| offer.id == id && offer.rented != Some(true)))
}
