//! Rents the cheapest machine, sets it up, runs a job on it, and leaves nothing behind.

use anyhow::{Context, bail};
use vastai::instances::InstanceHandle;
use vastai::paging::Direction;
use vastai::{Client, ErrorKind};

const DISK_GB: f64 = 20.0;

/// Runs `job` on the cheapest machine that matches the query, which `public_key` may log in to. The machine is destroyed afterwards,
/// whatever happens.
///
/// # Errors
///
/// No machine could be had, it does not run, or the job failed.
pub async fn on_the_cheapest<T>(
    client: &Client,
    query: &str,
    public_key: &str,
    job: impl AsyncFn(InstanceHandle) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let search = client.offers().query(query)?.order_by("dph_total", Direction::Ascending).storage(DISK_GB);
    for offer in search.limit(5).send().await? {
        let rental = client
            .rent(offer.id)
            .image("pytorch/pytorch:latest")
            .disk(DISK_GB)
            .env("HF_HOME", "/workspace/hf")
            .onstart("pip install accelerate")
            .ssh();
        let result = rental
            .scoped(async |instance| {
                instance.attach_ssh_key(public_key).await.context("the SSH key")?;
                instance.wait_until_running().await?;
                job(instance).await
            })
            .await;
        match result.as_ref().map_err(|error| error.downcast_ref::<vastai::Error>()) {
            Err(Some(error)) if error.kind() == ErrorKind::OfferGone => continue,
            _ => return result,
        }
    }
    bail!("no offer for `{query}` could be rented")
}

#[cfg(test)]
mod tests {

    use serde_json::json;
    use vastai_mock::{Fault, Instance, Offer, Simulator};

    use super::*;
    use crate::test_client::client_of;

    const QUERY: &str = "gpu_name=RTX_4090 num_gpus=1";
    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHpYd2Jc0 me@here";

    async fn market() -> (Simulator, Client) {
        let offers =
            [Offer::new(7).dph_total(0.5), Offer::new(8).dph_total(0.3), Offer::new(9).dph_total(0.4)];
        let builder =
            offers.into_iter().fold(Simulator::builder().empty(), |builder, offer| builder.offer(offer));
        let simulator = builder.start().await.unwrap();
        simulator.rent_like(Instance::new(1).actual_status("running"));
        let client = client_of(&simulator);
        (simulator, client)
    }

    fn sent_to(simulator: &Simulator, path: &str) -> Vec<serde_json::Value> {
        let requests = simulator.requests();
        let of_path = requests.iter().filter(|request| request.path().starts_with(path));
        of_path.map(|request| request.json().unwrap()).collect()
    }

    #[tokio::test]
    async fn the_cheapest_is_rented_as_wanted_and_given_back() {
        let (simulator, client) = market().await;
        let id = on_the_cheapest(&client, QUERY, KEY, async |instance| {
            assert!(instance.show().await?.is_running());
            Ok(instance.id())
        });
        let id = id.await.unwrap();
        let rented = &sent_to(&simulator, "/api/v0/asks/8")[0];
        assert_eq!(rented["env"], json!({ "HF_HOME": "/workspace/hf" }));
        assert_eq!(
            (&rented["onstart"], &rented["runtype"]),
            (&json!("pip install accelerate"), &json!("ssh_proxy"))
        );
        assert_eq!(sent_to(&simulator, &format!("/api/v0/instances/{id}/ssh"))[0]["ssh_key"], KEY);
        assert_eq!((simulator.machines_rented(), simulator.instance_ids()), (1, vec![]));
    }

    #[tokio::test]
    async fn an_offer_that_is_gone_makes_way_for_the_next() {
        let (simulator, client) = market().await;
        // Taken between the search and the rental: the search of the simulator still finds it.
        let gone = Fault::refusal(404, "no_such_ask", "Instance type by id 8 is not available.");
        simulator.inject("createInstance", gone).unwrap();
        on_the_cheapest(&client, QUERY, KEY, async |_| Ok(())).await.unwrap();
        assert_eq!((sent_to(&simulator, "/api/v0/asks/9").len(), simulator.machines_rented()), (1, 1));

        let none = on_the_cheapest(&client, "gpu_name=H100_SXM", KEY, async |_| Ok(())).await.unwrap_err();
        assert_eq!(none.to_string(), "no offer for `gpu_name=H100_SXM` could be rented");
    }

    /// Whatever goes wrong with whichever call: at most one machine at a time, and none at the end.
    #[tokio::test(start_paused = true)]
    async fn nothing_is_left_behind_whatever_fails() {
        for operation in ["createInstance", "attachSshKey", "showInstance", "destroyInstance"] {
            for (name, fault) in Fault::each() {
                let (simulator, client) = market().await;
                simulator.inject(operation, fault).unwrap();
                let result = on_the_cheapest(&client, QUERY, KEY, async |_| Ok(())).await;
                client.cleaned_up().await;
                assert!(simulator.instance_ids().is_empty(), "{operation}, {name}: {result:?}");
                assert!(simulator.machines_rented() <= 1, "{operation}, {name}: {result:?}");
            }
        }
    }

    #[tokio::test]
    async fn nothing_is_left_behind_by_a_job_that_fails_panics_or_is_given_up() {
        let (simulator, client) = market().await;
        let failed =
            on_the_cheapest(&client, QUERY, KEY, async |_| -> anyhow::Result<()> { bail!("no data") });
        assert_eq!(failed.await.unwrap_err().to_string(), "no data");
        assert_eq!((simulator.machines_rented(), simulator.instance_ids()), (1, vec![]));

        let (simulator, client) = market().await;
        let of_task = client.clone();
        let panics = async move {
            on_the_cheapest(&of_task, QUERY, KEY, async |_| -> anyhow::Result<()> { panic!("a bug") }).await
        };
        let local = tokio::task::LocalSet::new();
        assert!(
            local.run_until(async { tokio::task::spawn_local(panics).await }).await.unwrap_err().is_panic()
        );
        assert_eq!((simulator.machines_rented(), simulator.instance_ids()), (1, vec![]));

        let (simulator, client) = market().await;
        let started = tokio::sync::Notify::new();
        tokio::select! {
            _ = on_the_cheapest(&client, QUERY, KEY, async |_| {
                started.notify_one();
                std::future::pending::<anyhow::Result<()>>().await
            }) => unreachable!("the job never ends"),
            () = started.notified() => {}
        }
        client.cleaned_up().await;
        assert_eq!((simulator.machines_rented(), simulator.instance_ids()), (1, vec![]));
    }
}
