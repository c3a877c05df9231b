//! Lists that come in pages.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use vastai::billing::{InvoiceKind, TimeRange};
use vastai::filter::field;
use vastai::paging::{Direction, Pages};
use vastai::{Client, ErrorKind, Result};
use vastai_mock::http::StatusCode;
use vastai_mock::{Instance, RawResponse, Simulator};

use crate::support::client_of;

const INVOICES: &str = "/api/v1/invoices";

async fn with_instances(count: u64) -> (Simulator, Client) {
    let builder =
        (1..=count).fold(Simulator::builder().empty(), |builder, id| builder.instance(Instance::new(id)));
    let simulator = builder.start().await.unwrap();
    let client = client_of(&simulator);
    (simulator, client)
}

/// A simulator that answers with these pages of invoices, one after the other.
async fn with_pages(pages: impl IntoIterator<Item = Value>) -> (Simulator, Client) {
    let simulator = Simulator::start().await.unwrap();
    for page in pages {
        simulator.respond_next_with(INVOICES, RawResponse::json(StatusCode::OK, &page));
    }
    let client = client_of(&simulator);
    (simulator, client)
}

fn page(amounts: &[f64], next: Option<&str>) -> Value {
    let results: Vec<Value> =
        amounts.iter().map(|amount| json!({ "type": "credit", "amount": amount })).collect();
    json!({ "success": true, "count": results.len(), "total": 42, "results": results, "next_token": next })
}

fn day() -> TimeRange {
    TimeRange::from_epoch_seconds(1_769_904_000, 1_769_990_399).unwrap()
}

/// All items, and the error that ended them.
async fn all<T: Unpin>(mut pages: Pages<T>) -> (Vec<T>, Option<vastai::Error>) {
    let mut items = Vec::new();
    while let Some(item) = pages.next().await {
        match item {
            Ok(item) => items.push(item),
            Err(error) => {
                assert!(pages.next().await.is_none(), "an error ends the list");
                return (items, Some(error));
            }
        }
    }
    assert!(pages.next().await.is_none(), "the end stays the end");
    (items, None)
}

fn queries(simulator: &Simulator) -> Vec<String> {
    let pairs = |request: &vastai_mock::RecordedRequest| {
        let pairs = request.query_pairs().map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("&")
    };
    simulator.requests().iter().map(pairs).collect()
}

#[tokio::test]
async fn all_instances_come_in_their_order() {
    let (simulator, client) = with_instances(60).await;
    let (instances, error) = all(client.instances().pages()).await;
    assert!(error.is_none());
    assert_eq!(
        instances.iter().map(|instance| instance.id).collect::<Vec<_>>(),
        (1..=60).collect::<Vec<i64>>()
    );
    let queries = queries(&simulator);
    assert_eq!(queries.len(), 3);
    assert_eq!(queries[0], "limit=25");
    assert!(queries[1].starts_with("limit=25&after_token="), "{queries:?}");
}

#[tokio::test]
async fn a_page_is_fetched_only_when_it_is_asked_for() {
    let (simulator, client) = with_instances(60).await;
    let mut pages = client.instances().per_page(10).pages();
    assert_eq!((simulator.requests().len(), pages.total()), (0, None));
    for fetched in [1, 2] {
        for _ in 0..10 {
            pages.next().await.unwrap().unwrap();
            assert_eq!(simulator.requests().len(), fetched);
        }
    }
    assert_eq!(pages.total(), Some(60));
}

#[tokio::test]
async fn a_limit_ends_the_list_and_makes_pages_no_larger_than_it() {
    let (simulator, client) = with_instances(60).await;
    let (instances, error) = all(client.instances().limit(3).pages()).await;
    assert_eq!((instances.len(), error.is_none()), (3, true));
    assert_eq!(queries(&simulator), ["limit=3"]);
    let (instances, _) = all(client.instances().per_page(4).limit(8).pages()).await;
    assert_eq!(instances.len(), 8);
    assert_eq!(simulator.requests().len(), 1 + 2, "nothing is fetched beyond the limit");
    assert_eq!(all(client.instances().limit(0).pages()).await.0.len(), 0);
    assert_eq!(simulator.requests().len(), 3);
}

#[tokio::test]
async fn filters_and_orders_travel_as_json() {
    let (simulator, client) = with_pages([]).await;
    simulator
        .respond_with("/api/v1/instances", RawResponse::json(StatusCode::OK, &json!({ "instances": [] })));
    let list = client
        .instances()
        .filter(field("actual_status").eq("running"))
        .filter(field("label").is_in(["a", "b"]));
    assert_eq!(all(list.order_by("id", Direction::Descending).per_page(999).pages()).await.0.len(), 0);
    assert_eq!(
        queries(&simulator),
        [concat!(
            r#"order_by=[{"col":"id","dir":"desc"}]&select_filters={"actual_status":{"eq":"running"},"label":{"in":["a","b"]}}"#,
            "&limit=25"
        )]
    );
}

#[tokio::test]
async fn invoices_and_charges_are_asked_for_with_both_ends_of_the_range() {
    let (simulator, client) = with_pages([page(&[-25.0], None)]).await;
    let (invoices, error) =
        all(client.invoices(day()).service("stripe_payments").latest_first(false).pages()).await;
    assert!(error.is_none());
    assert_eq!((invoices[0].amount, invoices[0].type_.clone()), (Some(-25.0), Some(InvoiceKind::Credit)));
    let charge = json!({
        "start": 1_730_419_200, "end": 1_730_678_400, "type": "instance", "source": "instance-1", "amount": 38.421,
        "metadata": { "label": "x" }, "items": [{ "type": "gpu", "amount": 37.344, "source": null, "items": [] }],
    });
    simulator.respond_with(
        "/api/v0/charges",
        RawResponse::json(StatusCode::OK, &json!({ "results": [charge], "next_token": null })),
    );
    let (charges, error) = all(client.charges(day()).kind("instance").as_tree(true).limit(500).pages()).await;
    assert!(error.is_none());
    let item = &charges[0].items.as_ref().unwrap()[0];
    assert_eq!(
        (charges[0].amount, item.type_.as_deref(), item.amount),
        (Some(38.421), Some("gpu"), Some(37.344))
    );
    assert_eq!(charges[0].metadata.as_ref().unwrap().label.as_deref(), Some("x"));
    let again: vastai::billing::Charge =
        serde_json::from_value(serde_json::to_value(&charges[0]).unwrap()).unwrap();
    assert_eq!(again, charges[0]);
    assert_eq!(
        queries(&simulator),
        [
            concat!(
                "latest_first=false&select_filters=",
                r#"{"service":{"in":["stripe_payments"]},"when":{"gte":1769904000,"lte":1769990399}}&limit=100"#
            ),
            concat!(
                "format=tree&select_filters=",
                r#"{"day":{"gte":1769904000,"lte":1769990399},"type":{"in":["instance"]}}&limit=100"#
            ),
        ]
    );
}

#[tokio::test]
async fn what_came_before_an_error_is_kept() {
    let (simulator, client) = with_pages([page(&[1.0, 2.0], Some("a"))]).await;
    simulator.respond_with(INVOICES, RawResponse::text(StatusCode::FORBIDDEN, "no"));
    let (invoices, error) = all(client.invoices(day()).pages()).await;
    assert_eq!((invoices.len(), error.unwrap().kind()), (2, ErrorKind::Forbidden));
    assert_eq!(simulator.requests().len(), 2);
    // So is a failure that has status 200.
    let failure = json!({ "success": false, "error": "Invalid date range", "count": 0, "results": [], "next_token": null });
    let (_simulator, client) = with_pages([page(&[1.0], Some("a")), failure]).await;
    let (invoices, error) = all(client.invoices(day()).pages()).await;
    assert_eq!((invoices.len(), error.unwrap().message()), (1, "Invalid date range"));
}

#[tokio::test]
async fn a_token_that_comes_again_ends_the_list_with_an_error() {
    for tokens in [&["a", "a"][..], &["a", "b", "a"], &["a", "b", "c", "b"]] {
        let pages = tokens.iter().map(|token| page(&[1.0], Some(token)));
        let (simulator, client) = with_pages(pages).await;
        simulator.respond_with(INVOICES, RawResponse::text(StatusCode::IM_A_TEAPOT, "one page too many"));
        let (invoices, error) = all(client.invoices(day()).pages()).await;
        let error = error.unwrap();
        assert_eq!((invoices.len(), error.kind()), (tokens.len(), ErrorKind::Decode), "{error}");
        assert!(error.message().contains("a second time"), "{error}");
    }
}

#[tokio::test]
async fn pages_may_be_empty() {
    let (_simulator, client) =
        with_pages([page(&[], Some("a")), page(&[1.0], Some("")), page(&[2.0], None)]).await;
    assert_eq!(all(client.invoices(day()).pages()).await.0.len(), 1, "an empty token is none");
}

#[tokio::test]
async fn what_is_no_page_is_told_with_its_place() {
    for (answer, words) in [
        (json!(7), "neither a list `results` nor an error; "),
        (json!({ "next_token": "a" }), "an object without a list `results`; "),
        (json!({ "results": [{}, 7] }), "/results/1: an object is expected here, and this is a number; "),
        (json!({ "results": [], "next_token": 7 }), "`next_token` is not a string; "),
    ] {
        let (_simulator, client) = with_pages([answer]).await;
        let error = all(client.invoices(day()).pages()).await.1.unwrap();
        assert_eq!((error.kind(), error.operation()), (ErrorKind::Decode, Some("showInvoices")));
        assert!(error.message().starts_with(words), "{error}");
    }
}

#[tokio::test]
async fn a_next_that_is_dropped_loses_nothing() {
    let (_simulator, client) = with_instances(30).await;
    let mut pages = client.instances().per_page(5).pages();
    let mut ids = Vec::new();
    loop {
        // The first poll asks, and never has the response.
        let next = tokio::select! {
            biased;
            next = pages.next() => next,
            () = std::future::ready(()) => {
                tokio::task::yield_now().await;
                continue;
            }
        };
        match next {
            Some(instance) => ids.push(instance.unwrap().id),
            None => break,
        }
    }
    assert_eq!(ids, (1..=30).collect::<Vec<_>>());
}

#[test]
fn a_range_has_two_ends_in_their_order() -> Result<()> {
    let epoch = SystemTime::UNIX_EPOCH;
    let range = TimeRange::new(epoch + Duration::from_millis(1500), epoch + Duration::from_millis(2001))?;
    assert_eq!((range.from(), range.to()), (1, 3), "rounded outwards");
    for wrong in [
        TimeRange::from_epoch_seconds(2, 1),
        TimeRange::new(epoch - Duration::from_secs(1), epoch),
        TimeRange::last(Duration::MAX),
    ] {
        assert_eq!(wrong.unwrap_err().kind(), ErrorKind::InvalidRequest);
    }
    let hour = TimeRange::last(Duration::from_secs(3600))?;
    assert!((3600..=3602).contains(&(hour.to() - hour.from())));
    Ok(())
}

#[tokio::test]
async fn collecting_gives_all_items_or_the_first_error() {
    let (_simulator, client) = with_instances(60).await;
    // The future owns what it needs.
    let collected = tokio::spawn(client.instances().pages().collect()).await.unwrap().unwrap();
    assert_eq!(
        collected.iter().map(|instance| instance.id).collect::<Vec<_>>(),
        (1..=60).collect::<Vec<_>>()
    );
    assert_eq!(client.instances().limit(30).pages().collect().await.unwrap().len(), 30);
    let mut rest = client.instances().limit(5).pages();
    rest.next().await.unwrap().unwrap();
    assert_eq!(rest.collect().await.unwrap().len(), 4);

    let (simulator, client) = with_pages([page(&[1.0, 2.0], Some("t"))]).await;
    simulator.respond_next_with(
        INVOICES,
        RawResponse::json(StatusCode::BAD_REQUEST, &json!({ "success": false, "error": "no", "msg": "no" })),
    );
    let error = client.invoices(day()).pages().collect().await.unwrap_err();
    assert_eq!(error.status(), Some(400));
    assert_eq!(simulator.requests().len(), 2);
}

#[tokio::test]
async fn an_unknown_field_of_instances_is_not_sent() {
    let (simulator, client) = with_instances(1).await;
    for (list, message) in [
        (
            client.instances().filter(field("actual_statsu").eq("running")),
            "`actual_statsu` is not a field of instances; did you mean `actual_status`?",
        ),
        (
            client.instances().order_by("lable", Direction::Ascending),
            "`lable` is not a field of instances; did you mean `label`?",
        ),
        (client.instances().filter(field("zzz").eq(1)), "`zzz` is not a field of instances"),
    ] {
        let (items, error) = all(list.pages()).await;
        let error = error.unwrap();
        assert_eq!((items.len(), error.kind(), error.message()), (0, ErrorKind::InvalidRequest, message));
        assert_eq!(error.operation(), Some("showInstances"));
    }
    assert!(simulator.requests().is_empty());
    assert_eq!(
        client.instances().filter(field("gpu_name").eq("RTX_4090")).pages().collect().await.unwrap().len(),
        1
    );
    assert!(queries(&simulator)[0].contains(r#"{"gpu_name":{"eq":"RTX 4090"}}"#));
}

/// What another reader of dates says of a moment, in seconds since the Unix epoch.
fn epoch(date: &str) -> Option<u64> {
    let time = humantime::parse_rfc3339(date).ok()?;
    time.duration_since(SystemTime::UNIX_EPOCH).ok().map(|time| time.as_secs())
}

proptest::proptest! {
    #[test]
    fn ranges_of_the_calendar_are_those_of_rfc_3339(year in 1970_u16..=9999, month in 0_u8..=14, day in 0_u8..=33) {
        let ends = |range: Result<TimeRange>| range.ok().map(|range| (range.from(), range.to()));
        let on = |day: u8, time: &str| epoch(&format!("{year:04}-{month:02}-{day:02}T{time}Z"));
        let expected = on(day, "00:00:00").zip(on(day, "23:59:59"));
        proptest::prop_assert_eq!(ends(TimeRange::day(year, month, day)), expected);
        let last = (28..=31).rev().find_map(|day| on(day, "23:59:59"));
        proptest::prop_assert_eq!(ends(TimeRange::month(year, month)), on(1, "00:00:00").zip(last));
        let whole = epoch(&format!("{year:04}-01-01T00:00:00Z")).zip(epoch(&format!("{year:04}-12-31T23:59:59Z")));
        proptest::prop_assert_eq!(ends(TimeRange::year(year)), whole);
    }
}

#[test]
fn months_and_days_that_do_not_exist_are_errors() {
    for (range, message) in [
        (TimeRange::month(2026, 13), "there is no month 13; months are 1 to 12"),
        (TimeRange::day(2100, 2, 29), "there is no day 2100-02-29: that month has the days 1 to 28"),
        (TimeRange::day(2026, 10, 0), "there is no day 2026-10-00: that month has the days 1 to 31"),
        (TimeRange::year(1969), "the year 1969 cannot be in a range of time; the years 1970 to 9999 can"),
        (TimeRange::year(10_000), "the year 10000 cannot be in a range of time; the years 1970 to 9999 can"),
    ] {
        let error = range.unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::InvalidRequest, message));
    }
    let hour_ago = SystemTime::now() - Duration::from_secs(3600);
    let since = TimeRange::since(hour_ago).unwrap();
    assert!(since.to() - since.from() >= 3600);
    assert!(TimeRange::since(hour_ago + Duration::from_secs(7200)).is_err());
}
