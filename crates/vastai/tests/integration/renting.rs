//! From the market to a machine that runs: searching, renting and waiting against a service that keeps its state.

use std::time::Duration;

use serde_json::json;
use vastai::billing::TimeRange;
use vastai::filter::field;
use vastai::paging::Direction;
use vastai::{Client, InstanceStatus};
use vastai_mock::{Offer, Simulator};

use crate::support::client_of;

async fn market() -> (Simulator, Client) {
    let builder = Simulator::builder().empty().step(Duration::from_secs(15));
    let builder = builder
        .offer(Offer::new(1).gpus("RTX 4090", 2).dph_total(0.9))
        .offer(Offer::new(2).gpus("RTX 4090", 2).dph_total(0.7))
        .offer(Offer::new(3).gpus("RTX 4090", 1).dph_total(0.3))
        .offer(Offer::new(4).gpus("H100 SXM", 8).dph_total(16.0))
        .offer(Offer::new(5).gpus("RTX 4090", 2).dph_total(0.1).verified(false));
    let simulator = builder.start().await.unwrap();
    let client = client_of(&simulator);
    (simulator, client)
}

async fn found(client: &Client, query: &str) -> Vec<i64> {
    let search = client.offers().query(query).unwrap().order_by("dph", Direction::Ascending);
    search.send().await.unwrap().iter().map(|offer| offer.id).collect()
}

#[tokio::test]
async fn queries_find_what_they_say() {
    let (_simulator, client) = market().await;
    for (query, ids) in [
        ("gpu_name=RTX_4090 num_gpus>=2", &[2, 1][..]),
        ("gpu_name in [RTX_4090,H100_SXM] dph<20", &[3, 2, 1, 4]),
        ("gpu_name!=RTX_4090", &[4]),
        ("gpu_name=RTX_4090 verified=false", &[5]),
        ("gpu_name=RTX_4090 verified=any num_gpus=2 dph<=0.7", &[5, 2]),
        ("num_gpus>8", &[]),
    ] {
        assert_eq!(found(&client, query).await, ids, "{query}");
    }
    let typed =
        client.offers().filter(field("num_gpus").is_in([1, 8])).order_by("dph_total", Direction::Descending);
    let typed: Vec<i64> = typed.limit(1).send().await.unwrap().iter().map(|offer| offer.id).collect();
    assert_eq!(typed, [4]);
}

#[tokio::test]
async fn the_cheapest_offer_is_rented_and_comes_to_run() {
    let (simulator, client) = market().await;
    let cheapest = found(&client, "gpu_name=RTX_4090 num_gpus>=2").await[0];
    let rented = client.rent(cheapest).image("vllm/vllm-openai:latest").await.unwrap();
    let id = rented.id();
    let wait = rented.wait_until_running().interval(Duration::from_millis(1));
    let running = wait.timeout(Duration::from_secs(60)).await.unwrap();
    assert_eq!((running.actual_status, running.num_gpus), (Some(InstanceStatus::Running), Some(2)));
    assert_eq!(simulator.machines_rented(), 1);
    let mut instances = client.instances().filter(field("actual_status").eq("running")).pages();
    assert_eq!(instances.next().await.unwrap().unwrap().id, id);
    assert!(instances.next().await.is_none());
    rented.destroy().await.unwrap();
    assert_eq!(rented.show().await.unwrap_err().kind(), vastai::ErrorKind::NotFound);
}

#[tokio::test]
async fn what_was_paid_and_charged_is_listed() {
    let simulator = Simulator::start().await.unwrap();
    let client = client_of(&simulator);
    let now = simulator.now().as_secs();
    let range = TimeRange::from_epoch_seconds(now - 10 * 24 * 60 * 60, now + 1).unwrap();
    let mut invoices = client.invoices(range).per_page(1).pages();
    let mut sum = 0.0;
    while let Some(invoice) = invoices.next().await {
        let invoice = invoice.unwrap();
        assert!(invoice.start.is_some() && invoice.type_.is_some() && invoice.description.is_some());
        sum += invoice.amount.unwrap();
    }
    assert_eq!((sum, invoices.total()), (-65.0, Some(3)));
    let mut charges = client.charges(range).per_page(1).latest_first(false).pages();
    let mut sources = Vec::new();
    while let Some(charge) = charges.next().await {
        sources.push(charge.unwrap().source.unwrap());
    }
    assert_eq!(json!(sources), json!(["instance-28004311", "instance-28004313"]));
    // An empty span is no error.
    let long_ago = TimeRange::from_epoch_seconds(0, 1).unwrap();
    assert!(client.invoices(long_ago).pages().next().await.is_none());
}
