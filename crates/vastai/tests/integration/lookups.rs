//! Rentals whose response is lost are looked up by their label, and never sent a second time.

use std::time::Duration;

use vastai::instances::RentalLookup;
use vastai::{Client, Error, ErrorKind};
use vastai_mock::http::StatusCode;
use vastai_mock::{Fault, Instance, Offer, Simulator};

use crate::clock::Clock;
use crate::support::builder;

const IMAGE: &str = "ubuntu:24.04";

/// A market, and an account that has one instance, labelled `train`.
fn market() -> (Simulator, Client) {
    let world = Simulator::builder().empty().instance(Instance::new(500).label("train"));
    let world = (7..10).fold(world, |world, id| world.offer(Offer::new(id)));
    let simulator = world.start_on_thread().unwrap();
    let client = Clock::default().client(builder(simulator.url(), simulator.url(), simulator.api_key()));
    (simulator, client)
}

fn lost() -> [Fault; 3] {
    [Fault::cut_after_effect(), Fault::half_body(), Fault::status(500).after_effect()]
}

/// Rents with a label that another instance has already, and loses the response.
async fn doubt(client: &Client, label: &str) -> (RentalLookup, Error) {
    let rental = client.rent(7).image(IMAGE).label(label);
    let lookup = rental.lookup().except_present().await.unwrap();
    let doubt = rental.await.unwrap_err();
    assert!(doubt.may_have_been_done(), "{doubt}");
    (lookup, doubt)
}

#[tokio::test(start_paused = true)]
async fn a_rental_with_a_label_of_its_own_is_found() {
    for fault in lost() {
        let (simulator, client) = market();
        simulator.inject("createInstance", fault).unwrap();
        let rental = client.rent(7).image(IMAGE);
        let lookup = rental.lookup();
        assert_eq!(lookup.label(), rental.rental_label());
        assert!(rental.await.unwrap_err().may_have_been_done());
        let found = lookup.find().await.unwrap().unwrap();
        assert_eq!(simulator.instance_ids(), [500, u64::try_from(found.id()).unwrap()]);
        assert_eq!((simulator.machines_rented(), simulator.effects("createInstance").unwrap()), (1, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn of_instances_that_had_the_label_before_it_is_none() {
    for fault in lost() {
        let (simulator, client) = market();
        simulator.inject("createInstance", fault).unwrap();
        let (lookup, _) = doubt(&client, "train").await;
        let found = lookup.find().await.unwrap().unwrap();
        assert_eq!(simulator.instance_ids(), [500, u64::try_from(found.id()).unwrap()]);
        assert_eq!(simulator.machines_rented(), 1);
    }
    let (simulator, client) = market();
    simulator.inject("createInstance", Fault::cut_before_effect()).unwrap();
    let (lookup, _) = doubt(&client, "train").await;
    let began = tokio::time::Instant::now();
    assert!(lookup.find().await.unwrap().is_none());
    assert!(began.elapsed() >= RentalLookup::PATIENCE);
    assert_eq!(simulator.machines_rented(), 0);
    // Without the look before, the other instance would be taken for it.
    assert_eq!(client.rental_lookup("train").find().await.unwrap().unwrap().id(), 500);
}

#[tokio::test(start_paused = true)]
async fn of_several_new_ones_none_is_chosen() {
    let (simulator, client) = market();
    simulator.inject("createInstance", Fault::cut_after_effect()).unwrap();
    let (lookup, _) = doubt(&client, "train").await;
    // Somebody else rents with the same label.
    client.rent(8).image(IMAGE).label("train").await.unwrap();
    let error = lookup.find().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    let new: Vec<u64> = simulator.instance_ids().into_iter().filter(|id| *id != 500).collect();
    assert!(error.message().contains(&format!("{new:?}")), "{error}");
    assert_eq!(simulator.machines_rented(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_list_that_fails_for_a_while_is_asked_for_again() {
    let (simulator, client) = market();
    let broken = || Fault::status(404);
    simulator.inject("createInstance", Fault::cut_after_effect()).unwrap();
    let (lookup, _) = doubt(&client, "train").await;
    simulator.inject("showInstances", broken().times(3)).unwrap();
    assert!(lookup.find().await.unwrap().is_some());
    simulator.inject("showInstances", broken().times(4)).unwrap();
    let error = lookup.find().await.unwrap_err();
    assert_eq!(error.status(), Some(StatusCode::NOT_FOUND.as_u16()));
    assert_eq!(simulator.machines_rented(), 1);
    // What had the label before has to be known, or any instance with it would be taken for the rental.
    simulator.inject("showInstances", broken()).unwrap();
    assert!(client.rental_lookup("train").except_present().await.is_err());
}

#[tokio::test(start_paused = true)]
async fn an_instance_that_comes_up_late_is_found() {
    let (simulator, client) = market();
    simulator.inject("createInstance", Fault::cut_before_effect()).unwrap();
    let (lookup, _) = doubt(&client, "train").await;
    let (found, rented) = tokio::join!(lookup.find(), async {
        tokio::time::sleep(Duration::from_secs(7)).await;
        client.rent(8).image(IMAGE).label("train").await
    });
    assert_eq!(found.unwrap().unwrap().id(), rented.unwrap().id());
    assert_eq!(simulator.machines_rented(), 1);
}
