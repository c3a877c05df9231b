//! What an account has rented, and what it has to pay that with.

use std::time::SystemTime;

use vastai::{Client, Instance, Result};
use vastai_api::types::{InstanceStatus, User};

use super::metric::{Families, Labels, Metric, count, labels, value, value_of};
use super::number;
use super::targets::{Target, of_instance};

/// A GB of the service in bytes.
const GIGABYTE: f64 = 1e9;
/// A Mb/s of the service in bytes per second.
const MEGABIT_PER_SECOND: f64 = 125_000.0;

const CREDIT: Metric = Metric::gauge("vastai_account_credit", "dollars", "What is left of what was paid in");
const BALANCE: Metric = Metric::gauge("vastai_account_balance", "dollars", "The balance beside the credit");
const BURN_RATE: Metric = Metric::gauge(
    "vastai_account_burn_rate",
    "dollars_per_hour",
    "What all instances cost: running ones their price, others their disk",
);
const INSTANCES: Metric = Metric::gauge("vastai_instances", "", "Instances by state");
const INFO: Metric = Metric::gauge(
    "vastai_instance_info",
    "",
    "What an instance is; always 1. docker_image is the image that runs",
);
const STATE: Metric = Metric::gauge("vastai_instance_state", "", "1 for the state that an instance is in");
const WANTED: Metric = Metric::gauge("vastai_instance_is_wanted", "", "Whether the instance is meant to run");
const RUNNING: Metric = Metric::gauge("vastai_instance_is_running", "", "Whether the instance runs");
const PRICE: Metric =
    Metric::gauge("vastai_instance_price", "dollars_per_hour", "Price while it runs, with its disk");
const STORAGE_PRICE: Metric = Metric::gauge(
    "vastai_instance_storage_price",
    "dollars_per_hour",
    "Price of the disk, also while it is stopped",
);
const BID: Metric = Metric::gauge(
    "vastai_instance_bid",
    "dollars_per_hour",
    "Price without the disk: of an interruptible instance, its bid",
);
const MIN_BID: Metric =
    Metric::gauge("vastai_instance_min_bid", "dollars_per_hour", "The bid below which it is outbid");
const COST: Metric = Metric::gauge(
    "vastai_instance_cost_estimate",
    "dollars",
    "Its age times its present price; charges say what it really cost",
);
const AGE: Metric = Metric::gauge("vastai_instance_age", "seconds", "Time since it was started");
const REMAINING: Metric =
    Metric::gauge("vastai_instance_contract_remaining", "seconds", "Time until its contract ends");
const RELIABILITY: Metric =
    Metric::gauge("vastai_instance_reliability", "ratio", "Reliability of its machine");
const GPUS: Metric = Metric::gauge("vastai_instance_gpus", "", "Its GPUs");
const GPU_USE: Metric =
    Metric::gauge("vastai_instance_gpu_utilization", "ratio", "Use of its GPUs, from 0 to 1");
const GPU_TEMPERATURE: Metric =
    Metric::gauge("vastai_instance_gpu_temperature", "celsius", "Temperature of its GPUs");
const CPU_USE: Metric =
    Metric::gauge("vastai_instance_cpu_load", "", "Load of its processor, in the unit of the service");
const MEMORY: Metric = Metric::gauge("vastai_instance_memory_used", "bytes", "Main memory in use");
const MEMORY_LIMIT: Metric =
    Metric::gauge("vastai_instance_memory_limit", "bytes", "Main memory that it may use");
const DISK: Metric = Metric::gauge("vastai_instance_disk_used", "bytes", "Disk in use");
const DISK_SIZE: Metric = Metric::gauge("vastai_instance_disk_size", "bytes", "Disk that it has");
const BANDWIDTH: Metric = Metric::gauge(
    "vastai_instance_network_bandwidth",
    "bytes_per_second",
    "Measured bandwidth of its machine, up and down",
);

/// The metrics of the account itself.
pub(super) async fn account(client: &Client) -> Result<Families> {
    let user: User = client.api().show_user().send().await?.into_inner();
    let mut families = Families::default();
    let none = labels([]);
    families.set(CREDIT, &none, user.credit);
    families.set(BALANCE, &none, user.balance);
    Ok(families)
}

/// The metrics of the account's instances, and where they can be scraped themselves.
pub(super) async fn instances(
    client: &Client,
    now: SystemTime,
    compat: bool,
) -> Result<(Families, Vec<Target>)> {
    let instances = client.instances().pages().collect().await?;
    let mut families = Families::default();
    let mut states = STATES.map(|state| (state, 0_u32));
    let mut burn_rate = 0.0;
    for instance in &instances {
        let state = state(instance);
        states.iter_mut().filter(|(it, _)| *it == state).for_each(|(_, count)| *count += 1);
        burn_rate += cost_per_hour(instance).filter(|cost| cost.is_finite()).unwrap_or_default();
        of(instance, state, now, &mut families);
        if compat {
            super::compat::instance(instance, &mut families);
        }
    }
    for (state, count) in states {
        families.set(INSTANCES, &labels([("state", state.to_owned())]), f64::from(count));
    }
    families.set(BURN_RATE, &labels([]), burn_rate);
    Ok((families, instances.iter().flat_map(of_instance).collect()))
}

/// The states of the label, whatever else the service comes to say.
const STATES: [&str; 9] =
    ["created", "loading", "running", "stopped", "exited", "frozen", "offline", "unknown", "other"];

fn state(instance: &Instance) -> &'static str {
    match &instance.actual_status {
        Some(InstanceStatus::Created) => "created",
        Some(InstanceStatus::Loading) => "loading",
        Some(InstanceStatus::Running) => "running",
        Some(InstanceStatus::Stopped) => "stopped",
        Some(InstanceStatus::Exited) => "exited",
        Some(InstanceStatus::Frozen) => "frozen",
        Some(InstanceStatus::Offline) => "offline",
        Some(InstanceStatus::Unknown) | None => "unknown",
        Some(_) => "other",
    }
}

fn cost_per_hour(instance: &Instance) -> Option<f64> {
    if instance.is_running() { instance.dph_total } else { instance.storage_total_cost }
}

/// How it is paid for.
pub(super) fn rental_type(instance: &Instance) -> &'static str {
    if instance.is_bid == Some(true) { "bid" } else { "ondemand" }
}

fn of(instance: &Instance, state: &str, now: SystemTime, families: &mut Families) {
    let id = || ("instance_id", instance.id.to_string());
    let own: Labels = labels([id()]);
    let info = labels([
        id(),
        ("machine_id", instance.machine_id.map_or_else(String::new, |id| id.to_string())),
        ("rental_type", rental_type(instance).to_owned()),
        ("gpu_name", value_of(instance.gpu_name.as_deref())),
        ("docker_image", value_of(instance.image_uuid.as_deref())),
        ("label", value_of(instance.label.as_deref())),
        ("geolocation", value_of(instance.geolocation.as_deref())),
    ]);
    families.set(INFO, &info, 1.0);
    families.set(STATE, &labels([id(), ("state", state.to_owned())]), 1.0);
    // With the labels that the exporter of 500farm gives it, which has a metric of this name, too.
    let rented = labels([
        id(),
        ("machine_id", instance.machine_id.map_or_else(String::new, |id| id.to_string())),
        ("rental_type", rental_type(instance).to_owned()),
    ]);
    families.flag(RUNNING, &rented, instance.is_running());
    families.flag(WANTED, &own, instance.intended_status.as_ref().map(|it| *it == InstanceStatus::Running));
    families.set(PRICE, &own, instance.dph_total);
    families.set(STORAGE_PRICE, &own, instance.storage_total_cost);
    if instance.is_bid == Some(true) {
        families.set(BID, &own, instance.dph_base);
        families.set(MIN_BID, &own, instance.min_bid);
    }
    let now = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    let age = instance.start_date.map(|it| milliseconds(now - it.seconds())).filter(|age| *age >= 0.0);
    families.set(AGE, &own, age);
    families.set(COST, &own, age.and_then(|age| Some(age / 3_600.0 * instance.dph_total?)));
    families.set(REMAINING, &own, instance.end_date.map(|it| milliseconds(it.seconds() - now).max(0.0)));
    families.set(RELIABILITY, &own, instance.reliability2);
    families.set(GPUS, &own, instance.num_gpus.and_then(count));
    families.set(GPU_USE, &own, instance.gpu_util.map(|percent| percent / 100.0));
    families.set(GPU_TEMPERATURE, &own, instance.gpu_temp);
    families.set(CPU_USE, &own, instance.cpu_util);
    families.set(MEMORY, &own, gigabytes(instance.mem_usage));
    families.set(MEMORY_LIMIT, &own, gigabytes(instance.mem_limit));
    families.set(DISK, &own, gigabytes(instance.disk_usage));
    families.set(DISK_SIZE, &own, gigabytes(instance.disk_space));
    for (direction, field) in [("up", "inet_up"), ("down", "inet_down")] {
        let bandwidth = number(&instance.extra, field).map(|it| it * MEGABIT_PER_SECOND);
        families.set(BANDWIDTH, &labels([id(), ("direction", value(direction))]), bandwidth);
    }
}

/// Seconds without what two large times leave of rounding.
fn milliseconds(seconds: f64) -> f64 {
    (seconds * 1_000.0).round() / 1_000.0
}

/// Bytes; the service says -1 for what it does not know.
fn gigabytes(value: Option<f64>) -> Option<f64> {
    value.filter(|value| *value >= 0.0).map(|value| value * GIGABYTE)
}
