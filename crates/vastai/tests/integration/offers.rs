//! Searching offers.

use serde_json::{Value, json};
use vastai::filter::field;
use vastai::offers::OfferKind;
use vastai::paging::Direction;
use vastai::{Client, ErrorKind};
use vastai_mock::http::StatusCode;
use vastai_mock::{RawResponse, Simulator};

use crate::support::client_of;

const PATH: &str = "/api/v0/bundles";

async fn answering(answer: Value) -> (Simulator, Client) {
    let simulator = Simulator::start().await.unwrap();
    simulator.respond_with(PATH, RawResponse::json(StatusCode::OK, &answer));
    let client = client_of(&simulator);
    (simulator, client)
}

#[tokio::test]
async fn a_search_is_sent_as_the_official_command_line_sends_it() {
    let (simulator, client) = answering(json!({ "offers": [] })).await;
    assert_eq!(client.offers().send().await.unwrap(), []);
    let search = client.offers().query("gpu_name=RTX_4090 num_gpus>=2 num_gpus<=8 verified=any").unwrap();
    let search = search.filter(field("cluster_id").eq(7)).order_by("dph", Direction::Ascending);
    search
        .order_by("reliability", Direction::Descending)
        .kind(OfferKind::Bid)
        .limit(3)
        .storage(32.0)
        .send()
        .await
        .unwrap();
    client.offers().unfiltered().filter(field("rented").eq(true)).send().await.unwrap();
    let sent: Vec<Value> = simulator.requests().iter().map(|request| request.json().unwrap()).collect();
    assert_eq!(
        sent,
        [
            json!({
                "verified": { "eq": true }, "external": { "eq": false }, "rentable": { "eq": true }, "rented": { "eq": false },
                "order": [["score", "desc"]], "type": "on-demand", "allocated_storage": 5.0,
            }),
            json!({
                "external": { "eq": false }, "rentable": { "eq": true }, "rented": { "eq": false },
                "gpu_name": { "eq": "RTX 4090" }, "num_gpus": { "gte": 2, "lte": 8 }, "cluster_id": { "eq": 7 },
                "order": [["dph_total", "asc"], ["reliability", "desc"]], "type": "bid", "limit": 3, "allocated_storage": 32.0,
            }),
            json!({
                "rented": { "eq": true }, "order": [["score", "desc"]], "type": "on-demand", "allocated_storage": 5.0,
            }),
        ]
    );
}

#[tokio::test]
async fn what_cannot_be_a_search_is_not_sent() {
    let (simulator, client) = answering(json!({ "offers": [] })).await;
    for (search, words) in [
        (
            client.offers().filter(field("limit").eq(3)),
            "`limit` is not a field of offers; it has a method of its own",
        ),
        (
            client.offers().filter(field("num_gpus").gte(json!([1]))),
            "the operator `gte` on `num_gpus` takes one value, not [1]",
        ),
        (
            client.offers().filter(field("id").eq(501)),
            "a search by `id` finds nothing; use `ask_contract_id`, which has the same number",
        ),
        (
            client.offers().filter(field("gpu_nmae").eq("RTX 4090")),
            "`gpu_nmae` is not a field of offers; did you mean `gpu_name`?",
        ),
        (client.offers().filter(field("zzz").eq(1)), "`zzz` is not a field of offers"),
        (
            client.offers().order_by("dph_totl", Direction::Ascending),
            "offers cannot be ordered by `dph_totl`, which is not one of their fields; did you mean `dph_total`?",
        ),
        (
            client.offers().order_by("limit", Direction::Ascending),
            "offers cannot be ordered by `limit`, which is not one of their fields",
        ),
        (client.offers().limit(0), "the limit of a search for offers is 0; it begins at 1"),
        (
            client.offers().storage(f64::NAN),
            "the disk to quote prices with is NaN GB; it has to be more than 0",
        ),
    ] {
        let error = search.send().await.unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::InvalidRequest, words));
    }
    assert_eq!(client.offers().query("num_gpus").unwrap_err().kind(), ErrorKind::InvalidRequest);
    assert!(simulator.requests().is_empty());
}

#[tokio::test]
async fn offers_are_read_as_they_come() {
    let offer = json!({
        "id": 12345678, "gpu_name": "RTX 4090", "num_gpus": "2", "dph_total": 0.234567, "min_bid": null, "static_ip": 1,
        "external": null, "gpu_ram": 24576, "verification": "verified", "hosting_type": 0, "search": { "gpuCostPerHour": 0.123456 },
    });
    let (_simulator, client) = answering(json!({ "offers": [offer, { "id": 2 }] })).await;
    let offers = client.offers().send().await.unwrap();
    let first = &offers[0];
    assert_eq!(
        (first.id, first.gpu_name.as_deref(), first.num_gpus),
        (12_345_678, Some("RTX 4090"), Some(2))
    );
    assert_eq!((first.dph_total, first.min_bid, first.static_ip), (Some(0.234567), None, Some(true)));
    assert_eq!(
        Value::Object(first.extra.clone().into()),
        json!({ "external": null, "search": { "gpuCostPerHour": 0.123456 } }),
        "nothing is lost"
    );
    assert_eq!((offers[1].id, offers[1].dph_total), (2, None));
    let again: vastai::Offer = serde_json::from_value(serde_json::to_value(first).unwrap()).unwrap();
    assert_eq!(&again, first);
}

#[tokio::test]
async fn a_single_offer_where_the_list_belongs_is_one() {
    let (_simulator, client) = answering(json!({ "offers": { "id": 1 } })).await;
    assert_eq!(client.offers().send().await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_no_offer_is_told_with_its_place() {
    for (answer, words) in [
        (json!({ "offers": [{ "id": 1 }, { "gpu_name": "x" }] }), "/offers/1: this has no `id`; "),
        (json!({ "offers": [7] }), "/offers/0: an object is expected here, and this is a number; "),
        (json!({}), "an object without a list `offers`; "),
        (json!([7]), "/offers/0: an object is expected here, and this is a number; "),
        (json!(7), "neither a list `offers` nor an error; "),
    ] {
        let (_simulator, client) = answering(answer).await;
        let error = client.offers().send().await.unwrap_err();
        assert_eq!((error.kind(), error.operation()), (ErrorKind::Decode, Some("searchOffers")));
        assert!(error.message().starts_with(words), "{error}");
    }
    let (_simulator, client) =
        answering(json!({ "success": false, "error": "invalid_request", "msg": "no" })).await;
    assert_eq!(client.offers().send().await.unwrap_err().kind(), ErrorKind::Refused);
}

#[tokio::test]
async fn underscores_and_spaces_in_names_of_gpus_mean_the_same() {
    let (simulator, client) = answering(json!({ "offers": [] })).await;
    let search = client.offers().unfiltered();
    search.clone().filter(field("gpu_name").eq("RTX_4090")).send().await.unwrap();
    search.clone().filter(field("gpu_name").not_in(["RTX_4090", "H100 SXM"])).send().await.unwrap();
    // Other fields are sent as they are, and aliases by their names on the wire.
    search.filter(field("cpu_name").eq("a_b")).filter(field("dph").lt(1.5)).send().await.unwrap();
    let sent: Vec<Value> = simulator.requests().iter().map(|request| request.json().unwrap()).collect();
    assert_eq!(sent[0]["gpu_name"], json!({ "eq": "RTX 4090" }));
    assert_eq!(sent[1]["gpu_name"], json!({ "notin": ["RTX 4090", "H100 SXM"] }));
    assert_eq!(
        (&sent[2]["cpu_name"], &sent[2]["dph_total"]),
        (&json!({ "eq": "a_b" }), &json!({ "lt": 1.5 }))
    );
}

#[tokio::test]
async fn every_field_of_an_offer_can_be_searched_and_ordered_by() {
    let (simulator, client) = answering(json!({ "offers": [] })).await;
    let names = vastai_api::types::Offer::FIELDS.iter().filter(|name| **name != "id");
    let count = names.clone().count();
    for name in names {
        let search = client.offers().filter(field(*name).eq(1)).order_by(name, Direction::Ascending);
        search.send().await.unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    assert_eq!(simulator.requests().len(), count);
    client.offers().order_by("id", Direction::Ascending).send().await.unwrap();
}
