//! Four times the operations cost four times the work, in each half of the pipeline and in a comparison.
//!
//! Work is what is allocated: unlike time, that is the same on every machine. A binary of its own with one test in it: what is counted
//! is what the whole process allocates.

#![allow(clippy::unwrap_used, reason = "a test that fails panics")]

#[path = "../../benches/growth/document.rs"]
mod document;

use std::alloc::System;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use vastai_spec::diff::Diff;
use vastai_spec::load;
use vastai_spec::pipeline::{Keep, Prepared, Source, Staleness, prepare_published};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// How much more than four times as much may be allocated: tables and lists double, and paths get longer.
const TOLERANCE: f64 = 1.15;

/// How many allocations, and how many bytes, some work takes.
fn work<T>(action: impl FnOnce() -> T) -> ([usize; 2], T) {
    let region = Region::new(ALLOCATOR);
    let result = action();
    let change = region.change();
    let grown = usize::try_from(change.bytes_reallocated.max(0)).unwrap();
    ([change.allocations + change.reallocations, change.bytes_allocated + grown], result)
}

fn prepared(document: &Value, overlay: &str) -> Prepared {
    let published = load::published(&document.to_string(), "document").unwrap();
    let overlay = Source::new("overlay.yaml", overlay);
    prepare_published(published, "document", Some(overlay), Staleness::Warn, Keep::Everything).unwrap()
}

#[test]
fn work_grows_with_the_operations_and_no_faster() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let read = |name: &str| fs::read_to_string(repository.join(name)).unwrap();
    let base = load::openapi(&read("openapi.yaml"), "openapi.yaml").unwrap();
    let base = document::thinned(&base, 8);
    let overlay = read("overlay.yaml");
    let count = 4 * document::count(&base);
    let none = prepared(&json!({ "openapi": "3.1.0", "info": base["info"], "paths": {} }), &overlay);
    let measured = [count, 4 * count].map(|count| {
        let document = document::grown(&base, count);
        let (preparing, prepared) = work(|| prepared(&document, &overlay));
        let (checking, checked) = work(|| prepared.check().unwrap());
        assert_eq!(checked, count);
        let (comparing, diff) = work(|| {
            let mut diff = Diff::between(&none.published, &prepared.published).unwrap();
            diff.judge_rust(&none, &prepared).unwrap();
            diff
        });
        assert_eq!(diff.operations.added.len(), count);
        [preparing, checking, comparing]
    });
    for (step, name) in ["preparing", "checking", "comparing"].into_iter().enumerate() {
        for (unit, what) in ["allocations", "bytes"].into_iter().enumerate() {
            let [small, large] = measured.map(|steps| steps[step][unit] as f64);
            assert!(
                large < 4.0 * small * TOLERANCE,
                "{name} {count} operations takes {small} {what}, four times as many {large}"
            );
        }
    }
}
