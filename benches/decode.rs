//! How long it takes to read a page of 1,000 instances: `cargo bench -p vastai-api --bench decode`.
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

macro_rules! derived {
    ($name:ident $($rest:ident)?: $($type:ty: $($field:ident)*;)*) => {
        #[derive(Deserialize, Serialize)]
        struct $name {
            $($(#[serde(default, skip_serializing_if = "Option::is_none")] $field: Option<$type>,)*)*
            $(#[serde(flatten)] $rest: Map<String, Value>,)?
        }
    };
    (@page $page:ident $of:ident) => {
        #[derive(Deserialize, Serialize)]
        struct $page {
            instances: Option<Vec<$of>>,
            instances_found: Option<i64>,
            label_counts: Option<Map<String, Value>>,
            next_token: Option<String>,
            success: Option<bool>,
            total_instances: Option<i64>,
        }
    };
}

macro_rules! derived_instance {
    ($name:ident $($rest:ident)?) => {
        derived! { $name $($rest)?:
            i64: cpu_cores cpu_ram direct_port_count direct_port_end direct_port_start gpu_lanes gpu_ram gpu_totalram host_id id
                machine_dir_ssh_port machine_id num_gpus ssh_port template_id;
            f64: bw_nvlink client_run_time cpu_cores_effective cpu_util credit_balance credit_discount credit_discount_max disk_bw
                disk_space disk_usage disk_util dlperf dlperf_per_dphtotal dph_base dph_total duration end_date flops_per_dphtotal
                gpu_frac gpu_mem_bw gpu_temp gpu_util host_run_time mem_limit mem_usage min_bid pci_gen pcie_bw reliability2 score
                start_date storage_cost storage_total_cost total_flops uptime_mins vmem_usage vram_costperhour;
            bool: external is_bid rentable static_ip;
            String: actual_status country_code cpu_arch cpu_name cur_state disk_name geolocation gpu_arch gpu_name image_runtype
                image_uuid intended_status label local_ipaddrs mobo_name next_state onstart os_version public_ipaddr ssh_host
                ssh_idx status_msg template_hash_id template_name time_remaining time_remaining_isbid verification webpage
                jupyter_token;
            Vec<String>: image_args;
            Vec<Vec<String>>: extra_env;
            Map<String, Value>: instance search;
            Vec<Map<String, Value>>: volume_info;
            BTreeMap<String, Option<Vec<Binding>>>: ports;
        }
    };
}

#[derive(Deserialize, Serialize)]
struct Binding {
    #[serde(rename = "HostIp")]
    host_ip: Option<String>,
    #[serde(rename = "HostPort")]
    host_port: Option<String>,
}

derived_instance!(Plain);
derived_instance!(WithRest extra);
derived!(@page PlainPage Plain);
derived!(@page PageWithRest WithRest);

fn main() {
    let page = page();
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
