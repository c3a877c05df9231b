//! What a request through an endpoint may cost: the engine starts or rents workers for the load that it is told of.

use vastai::{ErrorKind, Instance};

use super::{Call, Outcome, failed};
use crate::guard::Added;
use crate::market;
use crate::untrusted::cleaned;

/// What an endpoint may grow by.
pub(super) struct Growth {
    /// How many workers it may have, where it says so.
    most: Option<i64>,
    /// A worker more, at the price of the dearest that it has. `None` where the service does not say what its workers cost.
    added: Option<Added>,
}

/// What a request may make an endpoint grow by; `None` where all the workers that it may have run already.
pub(super) async fn by_request(call: &Call<'_>, name: &str) -> Outcome<Option<Growth>> {
    let endpoints = call.client.endpoints().list().await.map_err(|error| failed(&error))?;
    let named = endpoints.into_iter().find(|endpoint| endpoint.endpoint_name.as_deref() == Some(name));
    let endpoint = named
        .ok_or_else(|| "not sent: there is no endpoint of this name; look with `endpoints`".to_owned())?;
    let workers = match call.client.endpoint(endpoint.id).workers().await {
        Ok(workers) => workers,
        // The engine has nothing to say of it yet: there is none.
        Err(error) if error.kind() == ErrorKind::NotReady => Vec::new(),
        Err(error) => return Err(failed(&error)),
    };
    let instances = market::instances(call.client).await.map_err(|error| failed(&error))?;
    let of_worker = |id: i64| instances.iter().find(|instance| instance.id == id);
    let rented: Vec<Option<&Instance>> = workers.iter().map(|worker| of_worker(worker.id)).collect();
    let has_room =
        endpoint.max_workers.is_none_or(|most| i64::try_from(workers.len()).is_ok_and(|count| count < most));
    let sleeping: Vec<&Instance> = rented.iter().flatten().copied().filter(|it| !it.is_running()).collect();
    let is_known = rented.iter().all(Option::is_some);
    if !has_room && is_known && sleeping.is_empty() {
        return Ok(None);
    }
    let dearest = |among: &mut dyn Iterator<Item = &Instance>| -> Option<(f64, f64)> {
        let prices: Option<Vec<_>> = among.map(|it| Some((it.dph_total?, market::cost_now(it)?))).collect();
        prices?.into_iter().max_by(|(one, _), (other, _)| one.total_cmp(other))
    };
    let added = match (has_room, is_known) {
        (_, false) => None,
        (true, _) => dearest(&mut rented.iter().flatten().copied()).map(|(dph, _)| Added {
            instances: 1,
            dph,
            before: 0.0,
        }),
        // A worker that sleeps costs its disk already.
        (false, _) => {
            dearest(&mut sleeping.into_iter()).map(|(dph, before)| Added { instances: 0, dph, before })
        }
    };
    Ok(Some(Growth { most: endpoint.max_workers, added }))
}

impl Growth {
    /// What a worker more costs, in dollars per hour.
    pub(super) fn dph(&self) -> Option<f64> {
        self.added.map(|added| added.dph)
    }

    /// Whether a worker more is within the limits. One whose price is not known counts for nothing: the person who is asked is told so.
    pub(super) async fn check(&self, call: &Call<'_>) -> Outcome<()> {
        match self.added {
            Some(added) => Ok(call.guard.limits.check(call.client, added).await?),
            None => Ok(()),
        }
    }

    pub(super) fn question(&self, call: &Call<'_>, endpoint: &str, path: &str) -> String {
        let most = self.most.map(|most| format!(", up to {most} in all")).unwrap_or_default();
        let price = match self.dph() {
            Some(dph) => format!("for about ${dph:.4} per hour each"),
            None if call.guard.limits.are_set() => {
                "at a price that is not known, which the limits of this server cannot count".to_owned()
            }
            None => "at a price that is not known".to_owned(),
        };
        cleaned(&format!(
            "Send a request to `{path}` of the endpoint `{endpoint}`? It may start or rent workers for it{most}, {price}."
        ))
    }
}
