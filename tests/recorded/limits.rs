//! What is refused before it is sent.

use std::fmt::Write as _;

use expect_test::expect;
use vastai_api::{LimitRule, OPERATIONS, Operation};

/// Limits of operations that the document has are the document's, but for those that `overlay.yaml` corrects. Where it has no operation,
/// a limit needs an error of the service that names it.
#[test]
fn every_limit_is_one_that_the_service_is_known_to_enforce() {
    let mut list = String::new();
    for operation in OPERATIONS.iter().filter(|operation| !operation.documented) {
        for limit in operation.limits {
            let _ = writeln!(list, "{} {} {:?}", operation.id, limit.place, limit.rule);
        }
    }
    expect![[r#"
        createInstances args[] MaxLength(16384)
        createInstances image MaxLength(1024)
        createInstances label MaxLength(256)
        createInstances onstart MaxLength(16384)
        updateInstance args MaxLength(16384)
        updateInstance image MaxLength(1024)
        updateInstance onstart MaxLength(16384)
        launchInstance args[] MaxLength(16384)
        launchInstance image MaxLength(1024)
        launchInstance label MaxLength(256)
        launchInstance onstart MaxLength(16384)
        searchNetworkVolumes order[] MinItems(2)
        searchNetworkVolumes order[] MaxItems(2)
        updateTemplate image MaxLength(1024)
    "#]]
    .assert_eq(&list);
}

#[test]
fn what_only_the_official_client_checks_is_sent() {
    for (id, place) in [
        ("createEndpoint", "min_cold_load"),
        ("createEndpoint", "max_queue_time"),
        ("createWorkergroup", "min_cold_load"),
        ("createScheduledJob", "day_of_the_week"),
        ("createScheduledJob", "hour_of_the_day"),
        ("listMachine", "vol_size"),
        ("searchBenchmarks", "limit"),
        ("createInstance", "runtype"),
        ("scheduleMaint", "maintenance_category"),
    ] {
        let operation = Operation::by_id(id).unwrap();
        assert!(operation.parameters.iter().any(|parameter| parameter.name == place), "{id} {place}");
        let limits: Vec<&LimitRule> =
            operation.limits.iter().filter(|limit| limit.place == place).map(|limit| &limit.rule).collect();
        assert!(limits.is_empty(), "{id} {place}: {limits:?}");
    }
}
