//! Injected faults, and the count of what was done in spite of them.

use std::time::Duration;

use http::StatusCode;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use reqwest::Response;
use serde_json::{Value, json};
use vastai_mock::{Fault, FaultPlan, RateLimitForm, RawResponse, Simulator};

use crate::client::{client, get, send};

const CREATE: &str = "createInstance";

/// Asks for a machine with this label.
async fn rent(sim: &Simulator, label: &str) -> reqwest::Result<Response> {
    let body = json!({ "image": "ubuntu:24.04", "disk": 10.0, "label": label });
    let request = client().put(format!("{}/api/v0/asks/6/", sim.url())).bearer_auth(sim.api_key());
    request.json(&body).send().await
}

async fn status(sim: &Simulator, label: &str) -> Option<StatusCode> {
    rent(sim, label).await.ok().map(|response| response.status())
}

#[tokio::test]
async fn without_faults_a_machine_is_rented_and_counted() {
    let sim = Simulator::start().await.unwrap();
    let response: Value = rent(&sim, "a").await.unwrap().json().await.unwrap();
    assert_eq!(response["success"], true);
    assert_eq!((sim.effects(CREATE), sim.machines_rented()), (Ok(1), 1));
    assert_eq!((sim.machines_rented_with_label("a"), sim.machines_rented_with_label("b")), (1, 0));
    let shown = get(&sim, &format!("/api/v0/instances/{}/", response["new_contract"])).await.json();
    assert_eq!(
        (&shown["instances"]["label"], &shown["instances"]["actual_status"]),
        (&json!("a"), &json!("loading"))
    );
    let request = &sim.requests()[0];
    assert_eq!((request.operation(), request.carried_out()), (Some(CREATE), true));
    assert_eq!((request.answered_with(), request.fault()), (Some(StatusCode::OK), None));
}

#[tokio::test]
async fn a_refused_call_has_no_effect() {
    let sim = Simulator::start().await.unwrap();
    let url = format!("{}/api/v0/asks/6/", sim.url());
    assert_eq!(send(client().put(url).json(&json!({}))).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!((sim.effects(CREATE), sim.machines_rented()), (Ok(0), 0));
    assert_eq!(sim.requests()[0].answered_with(), Some(StatusCode::UNAUTHORIZED));
}

#[tokio::test]
async fn faults_hit_in_order_and_so_often() {
    let sim = Simulator::start().await.unwrap();
    sim.inject(CREATE, Fault::status(503).times(2)).unwrap();
    sim.inject(CREATE, Fault::none()).unwrap();
    sim.inject(CREATE, Fault::status(502).times(0)).unwrap();
    sim.inject(CREATE, Fault::html(504)).unwrap();
    sim.inject(CREATE, Fault::cut_before_effect().always()).unwrap();
    let mut seen = Vec::new();
    for _ in 0..6 {
        seen.push(status(&sim, "a").await.map(|status| status.as_u16()));
    }
    assert_eq!(seen, [Some(503), Some(503), Some(200), Some(504), None, None]);
    assert_eq!(sim.effects(CREATE), Ok(1));
    assert_eq!(get(&sim, "/api/v0/endptjobs/").await.status, StatusCode::OK, "another operation");
    sim.clear_faults();
    assert_eq!(status(&sim, "a").await, Some(StatusCode::OK));
}

#[tokio::test]
async fn an_unknown_operation_is_an_error() {
    let sim = Simulator::start().await.unwrap();
    let error = sim.inject("createNothing", Fault::status(500)).unwrap_err();
    assert_eq!(error.to_string(), "the simulated document has no operation `createNothing`");
    assert_eq!(sim.effects("createNothing"), Err(error.clone()));
    assert_eq!(sim.plan_faults(FaultPlan::seeded(1).only("createNothing")), Err(error));
}

#[tokio::test]
async fn the_effect_is_before_or_after_the_cut() {
    let sim = Simulator::start().await.unwrap();
    for (fault, effects) in [
        (Fault::cut_before_effect(), 0),
        (Fault::cut_after_effect(), 1),
        (Fault::status(503), 1),
        (Fault::status(503).after_effect(), 2),
        (Fault::status(200).after_effect().before_effect(), 2),
        (Fault::response(RawResponse::empty(StatusCode::OK)), 2),
        (Fault::half_body(), 3),
        (Fault::wrong_types(), 4),
    ] {
        sim.inject(CREATE, fault.clone()).unwrap();
        let response = rent(&sim, "a").await;
        let cut = fault == Fault::cut_before_effect() || fault == Fault::cut_after_effect();
        assert_eq!(response.is_err(), cut, "{fault}");
        assert_eq!(sim.effects(CREATE), Ok(effects), "{fault}");
        let done = sim.requests().pop().unwrap();
        assert_eq!(done.answered_with().is_none(), cut, "{fault}");
        assert_eq!(done.fault(), Some(&fault));
    }
    let carried_out = sim.requests().iter().filter(|request| request.carried_out()).count();
    assert_eq!((carried_out, sim.machines_rented()), (4, 4));
}

#[tokio::test]
async fn a_soft_failure_has_status_200() {
    let sim = Simulator::start().await.unwrap();
    sim.inject(CREATE, Fault::soft_failure("no credit")).unwrap();
    let response: Value = rent(&sim, "a").await.unwrap().json().await.unwrap();
    assert_eq!(response, json!({ "success": false, "error": "failed", "msg": "no credit" }));
    assert_eq!(sim.effects(CREATE), Ok(0));
    assert_eq!(sim.requests()[0].answered_with(), Some(StatusCode::OK));
}

#[test]
fn every_kind_of_fault_has_a_name_and_words_of_its_own() {
    let each = Fault::each();
    let names: std::collections::BTreeSet<_> = each.iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), each.len());
    let words: Vec<String> = each.iter().map(|(_, fault)| fault.to_string()).collect();
    for expected in [
        "status 503 after the effect",
        "cut before the effect",
        "no fault, delayed by 1s before the effect",
        "drip of 64 bytes every 1s",
    ] {
        assert!(words.iter().any(|it| it == expected), "{expected}: {words:?}");
    }
}

#[tokio::test]
async fn half_a_body_announces_the_whole() {
    let sim = Simulator::start().await.unwrap();
    let whole = get(&sim, "/api/v0/endptjobs/").await.body;
    sim.inject("showEndpoints", Fault::half_body()).unwrap();
    let url = format!("{}/api/v0/endptjobs/", sim.url());
    let mut response = client().get(url).bearer_auth(sim.api_key()).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()[CONTENT_LENGTH], whole.len().to_string());
    let mut half = Vec::new();
    let error = loop {
        match response.chunk().await {
            Ok(Some(chunk)) => half.extend(chunk),
            Ok(None) => break None,
            Err(error) => break Some(error),
        }
    };
    assert!(error.is_some(), "the end is not the end");
    assert_eq!(half, &whole.as_bytes()[..whole.len() / 2]);
}

#[tokio::test]
async fn types_are_wrong_everywhere_or_in_numbers() {
    let sim = Simulator::start().await.unwrap();
    sim.inject(CREATE, Fault::wrong_types()).unwrap();
    sim.inject(CREATE, Fault::numbers_as_strings()).unwrap();
    let wrong: Value = rent(&sim, "a").await.unwrap().json().await.unwrap();
    assert!(wrong.as_array().unwrap().contains(&json!("true")), "{wrong}");
    let strings: Value = rent(&sim, "a").await.unwrap().json().await.unwrap();
    assert_eq!((&strings["success"], strings["new_contract"].is_string()), (&json!(true), true));
}

#[tokio::test]
async fn a_slash_redirect_is_for_paths_without_slash() {
    let sim = Simulator::start().await.unwrap();
    sim.inject("showEndpoints", Fault::slash_redirect().always()).unwrap();
    let redirected = get(&sim, "/api/v0/endptjobs?owner=me").await;
    assert_eq!(redirected.status, StatusCode::MOVED_PERMANENTLY);
    assert_eq!(redirected.headers[LOCATION], "/api/v0/endptjobs/?owner=me");
    assert_eq!(redirected.headers[CONTENT_TYPE], "text/html; charset=utf-8");
    assert_eq!(sim.effects("showEndpoints"), Ok(0));
    assert_eq!(get(&sim, "/api/v0/endptjobs/").await.status, StatusCode::OK);
}

#[tokio::test]
async fn too_many_requests_come_in_each_form() {
    let sim = Simulator::start().await.unwrap();
    for (form, header, limits, in_body) in [
        (RateLimitForm::PlainText, None, false, None),
        (RateLimitForm::HeaderOnly { retry_after: 7 }, Some("7"), false, None),
        (RateLimitForm::JsonBodyOnly { retry_after: 10 }, None, false, Some(10)),
        (RateLimitForm::Json { retry_after: 10 }, Some("10"), true, Some(10)),
    ] {
        sim.inject("showEndpoints", Fault::too_many_requests(form)).unwrap();
        let response = get(&sim, "/api/v0/endptjobs/").await;
        assert_eq!(response.status, StatusCode::TOO_MANY_REQUESTS);
        let found = response.headers.get(RETRY_AFTER).map(|value| value.to_str().unwrap());
        assert_eq!((found, response.headers.contains_key("x-ratelimit-limit")), (header, limits), "{form:?}");
        let body: Option<Value> = serde_json::from_str(&response.body).ok();
        assert_eq!(body.map(|body| body["retry_after"].as_u64().unwrap()), in_body, "{form:?}");
        assert!(response.body.contains("API requests too frequent"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_drip_comes_in_pieces() {
    let sim = Simulator::start().await.unwrap();
    let whole = get(&sim, "/api/v0/endptjobs/").await.body;
    sim.inject("showEndpoints", Fault::drip(10, Duration::from_secs(3))).unwrap();
    let begin = tokio::time::Instant::now();
    let dripped = get(&sim, "/api/v0/endptjobs/").await;
    assert_eq!(dripped.body, whole);
    assert_eq!(dripped.headers[CONTENT_LENGTH], whole.len().to_string());
    let pauses = u64::try_from(whole.len().div_ceil(10) - 1).unwrap();
    assert_eq!(begin.elapsed().as_secs(), 3 * pauses);
}

#[tokio::test(start_paused = true)]
async fn a_delay_is_after_or_before_the_effect() {
    let sim = Simulator::start().await.unwrap();
    let hour = Duration::from_secs(3600);
    for (fault, effects) in [
        (Fault::delay(hour), 1),
        (Fault::delay(hour).before_effect(), 1),
        (Fault::status(503).delayed(hour), 1),
    ] {
        sim.inject(CREATE, fault.clone()).unwrap();
        // The client gives up after a minute.
        let minute = Duration::from_secs(60);
        assert!(tokio::time::timeout(minute, rent(&sim, "a")).await.is_err(), "{fault}");
        assert_eq!(sim.effects(CREATE), Ok(effects), "{fault}");
    }
    sim.inject(CREATE, Fault::delay(hour).before_effect()).unwrap();
    let begin = tokio::time::Instant::now();
    assert_eq!(status(&sim, "b").await, Some(StatusCode::OK));
    assert_eq!((begin.elapsed().as_secs(), sim.effects(CREATE)), (3600, Ok(2)));
}

#[tokio::test]
async fn a_stop_does_not_wait_for_delays() {
    let sim = Simulator::start().await.unwrap();
    sim.inject(CREATE, Fault::delay(Duration::from_secs(1_000_000))).unwrap();
    let request = client().put(format!("{}/api/v0/asks/6/", sim.url())).bearer_auth(sim.api_key());
    let waits = tokio::spawn(request.json(&json!({ "image": "a" })).send());
    while sim.effects(CREATE) == Ok(0) {
        tokio::task::yield_now().await;
    }
    sim.stop().await.unwrap();
    assert!(waits.await.unwrap().is_err());
}

#[tokio::test(start_paused = true)]
async fn a_plan_is_the_same_for_the_same_seed() {
    let mut runs = Vec::new();
    for seed in [7, 7, 8] {
        let sim = Simulator::start().await.unwrap();
        let plan = Fault::each()
            .into_iter()
            .fold(FaultPlan::seeded(seed).healthy(4), |plan, (_, fault)| plan.fault(1, fault));
        sim.plan_faults(plan.only(CREATE)).unwrap();
        let mut seen = Vec::new();
        for call in 0..40 {
            seen.push(status(&sim, &call.to_string()).await);
            assert!(sim.machines_rented_with_label(&call.to_string()) <= 1);
        }
        let done = sim.requests().iter().map(|it| (it.carried_out(), it.answered_with())).collect::<Vec<_>>();
        assert_eq!(done.iter().filter(|(done, _)| *done).count() as u64, sim.machines_rented());
        runs.push((seen, done));
    }
    assert_eq!(runs[0], runs[1]);
    assert_ne!(runs[0], runs[2]);
}

#[tokio::test]
async fn only_the_last_requests_are_kept_if_so_wished() {
    let sim = Simulator::builder().keep_requests(2).start().await.unwrap();
    for label in ["a", "b", "c"] {
        rent(&sim, label).await.unwrap();
    }
    let kept = sim.requests();
    let labels: Vec<Value> = kept.iter().map(|request| request.json().unwrap()["label"].clone()).collect();
    assert_eq!(labels, ["b", "c"]);
    assert!(kept.iter().all(|request| request.carried_out()));
    assert_eq!((sim.request_count(), sim.effects(CREATE)), (3, Ok(3)));
    let none = Simulator::builder().keep_requests(0).start().await.unwrap();
    rent(&none, "a").await.unwrap();
    assert_eq!((none.requests().len(), none.request_count()), (0, 1));
}

#[test]
fn a_simulator_runs_on_a_thread_of_its_own() {
    let sim = Simulator::start_on_thread().unwrap();
    sim.inject(CREATE, Fault::cut_after_effect()).unwrap();
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let seen = runtime().block_on(async { (status(&sim, "a").await, status(&sim, "b").await) });
    assert_eq!(seen, (None, Some(StatusCode::OK)));
    assert_eq!(sim.machines_rented(), 2);
    let url = sim.url().to_owned();
    runtime().block_on(sim.stop()).unwrap();
    assert!(runtime().block_on(client().get(url).send()).is_err());
}

#[test]
fn faults_have_names() {
    for (name, fault) in [
        ("503", Fault::status(503)),
        ("html", Fault::html(502)),
        ("soft-failure", Fault::soft_failure("The service could not do it.")),
        ("slash-redirect", Fault::slash_redirect()),
        ("cut-before", Fault::cut_before_effect()),
        ("cut-after", Fault::cut_after_effect()),
        ("half-body", Fault::half_body()),
        ("drip", Fault::drip(64, Duration::from_secs(1))),
        ("wrong-types", Fault::wrong_types()),
        ("numbers-as-strings", Fault::numbers_as_strings()),
        ("delay:2.5", Fault::delay(Duration::from_millis(2_500))),
        ("429", Fault::too_many_requests(RateLimitForm::Json { retry_after: 1 })),
    ] {
        assert_eq!(name.parse(), Ok(fault), "{name}");
    }
    for none in ["", "200", "600", "delay:", "delay:-1", "delay:1e300", "flood"] {
        let error = none.parse::<Fault>().unwrap_err().to_string();
        assert!(error.starts_with(&format!("`{none}` is no fault: a status from 400 to 599, ")), "{error}");
    }
}

#[tokio::test]
async fn plans_stand_beside_each_other() {
    let sim = Simulator::start().await.unwrap();
    let always = |status, operation| FaultPlan::seeded(1).fault(1, Fault::status(status)).only(operation);
    sim.plan_faults(always(500, "showInstances")).unwrap();
    sim.also_plan_faults(always(503, "showEndpoints")).unwrap();
    sim.also_plan_faults(always(504, "showEndpoints")).unwrap();
    assert!(sim.also_plan_faults(always(500, "rentMachine")).is_err());
    let status = async |path: &str| get(&sim, path).await.status.as_u16();
    assert_eq!((status("/api/v1/instances/").await, status("/api/v0/endptjobs/").await), (500, 503));
    sim.plan_faults(always(500, "showApiKeys")).unwrap();
    assert_eq!((status("/api/v1/instances/").await, status("/api/v0/endptjobs/").await), (200, 200));
}
