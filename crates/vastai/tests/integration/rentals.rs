//! Renting by the typed way: what is sent, what is refused before, and that no machine is left behind.

use std::time::Duration;

use futures_util::FutureExt;
use serde_json::{Value, json};
use vastai::instances::InstanceHandle;
use vastai::{Client, Error, ErrorKind};
use vastai_mock::{Fault, Offer, RateLimitForm, Simulator};

use crate::clock::Clock;
use crate::support::{builder, client_of};

const IMAGE: &str = "ubuntu:24.04";

async fn market() -> (Simulator, Client) {
    let builder = Simulator::builder().empty().step(Duration::from_secs(15));
    let builder = (7..10).fold(builder, |builder, id| builder.offer(Offer::new(id).gpus("RTX 4090", 1)));
    let simulator = builder.start().await.unwrap();
    let client = client_of(&simulator);
    (simulator, client)
}

fn sent(simulator: &Simulator) -> Value {
    let requests = simulator.requests();
    let creation = requests.iter().find(|request| request.path().starts_with("/api/v0/asks/")).unwrap();
    creation.json().unwrap()
}

#[tokio::test]
async fn a_rental_is_sent_as_the_official_clients_send_it() {
    let (simulator, client) = market().await;
    let rental = client
        .rent(7)
        .image(IMAGE)
        .disk(40)
        .label("trainer")
        .env("MODEL", "llama")
        .port("8080/tcp")
        .port(70000)
        .onstart("nvidia-smi")
        .ssh()
        .direct()
        .bid(0.2)
        .volume(55, "/data");
    let instance = rental.await.unwrap();
    assert_eq!(
        sent(&simulator),
        json!({
            "image": IMAGE, "disk": 40.0, "label": "trainer", "onstart": "nvidia-smi", "price": 0.2,
            "env": { "MODEL": "llama", "-p 8080:8080/tcp": "1", "-p 70000:70000": "1" },
            "runtype": "ssh_direc ssh_proxy", "cancel_unavail": true,
            "volume_info": { "volume_id": 55, "mount_path": "/data" },
        })
    );
    assert_eq!(client.find_rented("trainer").await.unwrap().map(|found| found.id()), Some(instance.id()));
    assert!(client.find_rented("other").await.unwrap().is_none());
}

#[tokio::test]
async fn what_is_not_set_is_left_to_the_template_or_has_the_official_default() {
    let (simulator, client) = market().await;
    let plain = client.rent(7).image(IMAGE);
    let label = plain.rental_label().to_owned();
    assert!(label.starts_with("rental-") && label != client.rent(7).rental_label(), "{label}");
    plain.await.unwrap();
    let expected = json!({ "image": IMAGE, "disk": 10.0, "label": label, "runtype": "ssh_proxy", "cancel_unavail": true });
    assert_eq!(sent(&simulator), expected);

    type Change = fn(vastai::instances::Rent) -> vastai::instances::Rent;
    let changes: [(Change, &str); 4] = [
        (|rental| rental.direct(), "ssh_direc ssh_proxy"),
        (|rental| rental.jupyter(), "jupyter_proxy ssh_proxy"),
        (|rental| rental.jupyter().direct(), "jupyter_direc ssh_direc ssh_proxy"),
        (|rental| rental.args(["sleep", "infinity"]), "args"),
    ];
    for (change, runtype) in changes {
        let (simulator, client) = market().await;
        change(client.rent(7).image(IMAGE)).await.unwrap();
        assert_eq!(sent(&simulator)["runtype"], runtype);
    }
}

#[tokio::test]
async fn a_rental_that_cannot_be_is_refused_before_it_is_sent() {
    let (simulator, client) = market().await;
    for (rental, why) in [
        (client.rent(7), "image or a template"),
        (client.rent(0).image(IMAGE), "ids of offers begin at 1"),
        (client.rent(7).image("x".repeat(1_025)), "`image` has 1025 characters"),
        (client.rent(7).image(IMAGE).onstart("x".repeat(16_385)), "`onstart` has 16385 characters"),
        (client.rent(7).image(IMAGE).label("é".repeat(257)), "`label` has 257 characters"),
        (client.rent(7).image(IMAGE).disk(0), "more than 0"),
        (client.rent(7).image(IMAGE).disk(f64::NAN), "more than 0"),
        (client.rent(7).image(IMAGE).bid(200.0), "from 0.001 to 128"),
        (client.rent(7).image(IMAGE).port("http"), "is not a port"),
        (client.rent(7).image(IMAGE).port("80/icmp"), "is not a port"),
        (client.rent(7).image(IMAGE).env("A=B", "c"), "name of an environment variable"),
        (client.rent(7).image(IMAGE).args(["a"]).ssh(), "set one of them"),
    ] {
        let error = rental.await.unwrap_err();
        assert_eq!((error.kind(), error.operation()), (ErrorKind::InvalidRequest, Some("createInstance")));
        assert!(error.to_string().contains(why), "{error}");
    }
    assert_eq!(simulator.request_count(), 0);
}

#[tokio::test]
async fn a_rental_takes_strings_as_long_as_the_service_does() {
    let (simulator, client) = market().await;
    let onstart = "é".repeat(16_384);
    let rental = client.rent(7).image("x".repeat(1_024)).onstart(onstart.as_str()).label("é".repeat(256));
    rental.await.unwrap();
    assert_eq!(sent(&simulator)["onstart"], onstart);
    client.rent(8).image(IMAGE).args(["a".repeat(10_000), "b".repeat(6_384)]).await.unwrap();
    let error = client.rent(9).image(IMAGE).args(["a".repeat(10_000), "b".repeat(6_385)]).await.unwrap_err();
    assert_eq!(error.message(), "`args` have 16385 characters; the service takes 16384 at most");
}

#[tokio::test]
async fn values_of_a_rental_are_not_shown() {
    let (_simulator, client) = market().await;
    let rental = client.rent(7).image(IMAGE).env("TOKEN", "hunter2").onstart("export KEY=hunter2");
    let rental = rental.image_login("-u me -p hunter2 docker.io");
    let shown = format!("{rental:?} {rental:#?}");
    assert!(!shown.contains("hunter2") && shown.contains("TOKEN"), "{shown}");
}

#[tokio::test]
async fn a_doubt_says_how_to_find_out() {
    let (simulator, client) = market().await;
    simulator.inject("createInstance", Fault::cut_after_effect()).unwrap();
    let rental = client.rent(7).image(IMAGE);
    let label = rental.rental_label().to_owned();
    let error = rental.await.unwrap_err();
    assert!(error.may_have_been_done(), "{error}");
    assert!(error.to_string().contains(&format!("`Client::find_rented(\"{label}\")`")), "{error}");
    let found = client.find_rented(&label).await.unwrap().unwrap();
    found.destroy().await.unwrap();
    assert!(client.find_rented(&label).await.unwrap().is_none());
}

async fn nothing_is_left(client: &Client) -> bool {
    client.cleaned_up().await;
    client.instances().pages().next().await.is_none()
}

async fn ok(instance: InstanceHandle) -> Result<i64, Error> {
    instance.show().await.map(|shown| shown.id)
}

#[tokio::test]
async fn a_scoped_rental_ends_with_its_closure() {
    let (simulator, client) = market().await;
    let id = client.rent(7).image(IMAGE).scoped(ok).await.unwrap();
    assert!(id > 0 && nothing_is_left(&client).await);

    let failed: Result<(), Error> =
        client.rent(8).image(IMAGE).scoped(|_| async { Err(Error::new(ErrorKind::Refused, "mine")) }).await;
    assert_eq!(failed.unwrap_err().message(), "mine");
    assert!(nothing_is_left(&client).await);

    let panicking = client.rent(9).image(IMAGE).scoped(|_| async {
        if simulator.machines_rented() > 0 {
            panic!("the closure panics");
        }
        Ok::<_, Error>(())
    });
    let panic = std::panic::AssertUnwindSafe(panicking).catch_unwind().await.unwrap_err();
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"the closure panics"));
    assert!(nothing_is_left(&client).await);
    assert_eq!(simulator.machines_rented(), 3);
}

#[tokio::test]
async fn a_scoped_rental_that_is_dropped_ends_in_the_background() {
    let (simulator, client) = market().await;
    let (began, begins) = tokio::sync::oneshot::channel();
    let rental = client.rent(7).image(IMAGE).scoped(async move |_| {
        let _ = began.send(());
        std::future::pending::<Result<(), Error>>().await
    });
    let task = tokio::spawn(rental);
    begins.await.unwrap();
    assert_eq!(simulator.machines_rented(), 1);
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    assert!(nothing_is_left(&client).await);
}

#[tokio::test]
async fn a_scoped_rental_whose_response_is_lost_is_found_and_ends() {
    let (simulator, client) = market().await;
    simulator.inject("createInstance", Fault::cut_after_effect()).unwrap();
    let id = client.rent(7).image(IMAGE).scoped(ok).await.unwrap();
    assert!(id > 0 && nothing_is_left(&client).await);
    assert_eq!(simulator.machines_rented(), 1, "none was rented twice");
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_the_service_asks_for_does_not_keep_a_scoped_rental_for_ever() {
    let simulator = Simulator::builder().empty().offer(Offer::new(7)).start_on_thread().unwrap();
    let client = Clock::default().client(builder(simulator.url(), simulator.url(), simulator.api_key()));
    let year = Fault::too_many_requests(RateLimitForm::HeaderOnly { retry_after: 31_536_000 });
    simulator.inject("destroyInstance", year).unwrap();
    let began = tokio::time::Instant::now();
    client.rent(7).image(IMAGE).scoped(async |_| Ok::<_, Error>(())).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(3600), "{:?}", began.elapsed());
    assert!(nothing_is_left(&client).await);
}

#[tokio::test]
async fn logs_and_output_are_strings() {
    let (simulator, client) = market().await;
    simulator.write_results("first line\nsecond line\n");
    let instance = client.rent(7).image(IMAGE).await.unwrap();
    assert_eq!(instance.logs().await.unwrap(), "first line\nsecond line\n");
    assert_eq!(instance.execute("ls /").await.unwrap(), "first line\nsecond line\n");
    let mut log = instance.follow_logs().interval(Duration::from_millis(1));
    assert_eq!(log.next().await.unwrap().unwrap(), "first line\nsecond line\n");
    simulator.write_results("second line\nthird line\nhalf a li");
    assert_eq!(log.next().await.unwrap().unwrap(), "third line\n");
}

#[tokio::test(start_paused = true)]
async fn a_log_that_comes_a_minute_after_the_start_is_waited_for() {
    let simulator = Simulator::builder().empty().offer(Offer::new(7)).start_on_thread().unwrap();
    let client = Clock::default().client(builder(simulator.url(), simulator.url(), simulator.api_key()));
    simulator.write_results("it runs\n");
    simulator.let_results_wait(0);
    let instance = client.rent(7).image(IMAGE).await.unwrap();
    // Polls every 0.3 seconds, so it is there after a minute.
    simulator.inject_into_results(Fault::status(404).times(200));
    let error = instance.logs().await.unwrap_err();
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::NotReady, true));
    assert_eq!(instance.follow_logs().next().await.unwrap().unwrap(), "it runs\n");
    assert_eq!(simulator.result_requests().len(), 201);
}

#[tokio::test]
async fn what_a_handle_does_arrives() {
    let (simulator, client) = market().await;
    let instance = client.rent(7).image(IMAGE).await.unwrap();
    instance.stop().await.unwrap();
    instance.start().await.unwrap();
    instance.label("renamed").await.unwrap();
    assert_eq!(instance.show().await.unwrap().label.as_deref(), Some("renamed"));
    instance.reboot().await.unwrap();
    instance.recycle().await.unwrap();
    instance.destroy().await.unwrap();
    assert_eq!(instance.show().await.unwrap_err().kind(), ErrorKind::NotFound);
    for (operation, times) in [("manageInstance", 3), ("rebootInstance", 1), ("recycleInstance", 1)] {
        assert_eq!(simulator.effects(operation).unwrap(), times, "{operation}");
    }
}

#[tokio::test]
async fn futures_of_handles_own_what_they_need() {
    let simulator = Simulator::start().await.unwrap();
    let client = client_of(&simulator);
    let (first, second) = tokio::join!(client.endpoint(12345).workers(), client.endpoint(12345).workers());
    assert_eq!(first.unwrap().len(), second.unwrap().len());
    let spawned = tokio::spawn(client.endpoint(12345).workers());
    assert!(!spawned.await.unwrap().unwrap().is_empty());
    let sent = tokio::spawn(client.api().show_endpoints().send());
    assert!(sent.await.unwrap().is_ok());
    let all = futures_util::future::join_all([12345, 12345].map(|id| client.endpoint(id).workers())).await;
    assert!(all.into_iter().all(|workers| workers.is_ok()));
}

#[tokio::test]
async fn an_endpoint_by_its_name_has_the_same_methods() {
    let simulator = Simulator::start().await.unwrap();
    let client = client_of(&simulator);
    let (by_id, by_name) = (client.endpoint(12345), client.endpoint_named("vLLM-Qwen3-8B"));
    assert_eq!(by_name.workers().await.unwrap().len(), by_id.workers().await.unwrap().len());
    assert_eq!(by_name.logs().await.unwrap(), by_id.logs().await.unwrap());
    assert_eq!(by_name.id().await.unwrap(), 12345);
    // The id was looked up once.
    let listed = simulator.requests().iter().filter(|request| request.path().contains("endptjobs")).count();
    assert_eq!(listed, 1);
    let error = client.endpoint_named("nobody").workers().await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::NotFound, Some("showEndpoints")));
}
