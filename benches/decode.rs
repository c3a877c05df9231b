//! How long it takes to read a page of 1,000 instances: `cargo bench -p vastai-api --bench decode`; with `-- --page FILE` it writes the page
//! to a file, for those who send it.
//!
//! The generated type, which takes any value in any field, is compared with derived structs of the same fields, which fail on one odd value:
//! one without the rest of the fields, and one that keeps them as the generated type does.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "this is a benchmark")]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use vastai_api::types::{Instance, Machine, Offer, PortBinding, ShowInstancesResponse, Worker};
use vastai_spec::pipeline::{Source, Staleness, prepare};
use vastai_spec::samples;

const INSTANCES: usize = 1_000;
const ROUNDS: usize = 40;

include!("../xtask/src/measure/programs/instances.rs");

derived_instance!(WithRest extra);
derived!(@page PageWithRest WithRest);

fn main() {
    let page = page();
    let mut arguments = std::env::args().skip_while(|argument| argument != "--page").skip(1);
    if let Some(file) = arguments.next() {
        return std::fs::write(file, page).unwrap();
    }
    println!(
        "a page of {INSTANCES} instances, {} bytes; the fastest and the median of {ROUNDS} rounds",
        page.len()
    );
    let [plain, rest, generated] = measured([
        &|| drop(serde_json::from_str::<PlainPage>(&page).unwrap()),
        &|| drop(serde_json::from_str::<PageWithRest>(&page).unwrap()),
        &|| drop(serde_json::from_str::<ShowInstancesResponse>(&page).unwrap()),
    ]);
    for (name, [fastest, median]) in [
        ("generated", generated),
        ("derived, the same fields", plain),
        ("derived, with the rest flattened", rest),
    ] {
        println!(
            "{name:<34} {fastest:>9.2?} {median:>9.2?}, {:.2} of the derived one",
            median.as_secs_f64() / plain[1].as_secs_f64()
        );
    }
    for (name, size) in [
        ("Instance", size_of::<Instance>()),
        ("the derived instance", size_of::<Plain>()),
        ("Offer", size_of::<Offer>()),
        ("Machine", size_of::<Machine>()),
        ("Worker", size_of::<Worker>()),
        ("PortBinding", size_of::<PortBinding>()),
    ] {
        println!("{name:<34} {size:>6} bytes in memory, without what it points to");
    }
}

/// The fastest and the median time of each, taken in turns so that what else the machine does falls on all.
fn measured<const N: usize>(reads: [&dyn Fn(); N]) -> [[Duration; 2]; N] {
    let mut times = [(); N].map(|()| Vec::with_capacity(ROUNDS));
    for _ in 0..ROUNDS {
        for (read, times) in reads.iter().zip(&mut times) {
            let started = Instant::now();
            read();
            times.push(started.elapsed());
        }
    }
    times.map(|mut times| {
        times.sort();
        [times[0], times[ROUNDS / 2]]
    })
}

/// The instance of the document's example, with some values of its own in each.
fn page() -> String {
    let file =
        |name: &str| std::fs::read_to_string(format!("{}/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let (document, corrections, additions) =
        (file("openapi.yaml"), file("overlay.yaml"), file("undocumented.yaml"));
    let overlays = [Source::new("overlay.yaml", &corrections), Source::new("undocumented.yaml", &additions)];
    let prepared = prepare(Source::new("openapi.yaml", &document), overlays, Staleness::Fail).unwrap();
    let samples = samples::of(&prepared.overlaid);
    let sample = samples.into_iter().find(|sample| sample.operation == "showInstances").unwrap();
    let mut response = sample.response.unwrap();
    let instance = response["instances"][0].clone();
    let instances = (0..INSTANCES).map(|index| {
        let mut instance = instance.clone();
        instance["id"] = json!(7_000_000 + index);
        instance["gpu_util"] = json!(index as f64 / 10.0);
        instance["status_msg"] = json!(format!("success, running image {index}\n"));
        instance
    });
    response["instances"] = instances.collect();
    // What derived structs would fail on.
    let _: PlainPage = serde_json::from_value(response.clone()).unwrap();
    response.to_string()
}
