//! Instances as they live.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::{EXITED, Instance, LOADING, LOADS, RUNNING};
use crate::state::fields::object;

/// How long an instance can be rented from its start.
const RENTAL: Duration = Duration::from_secs(60 * 86_400);
/// What the disk of an instance costs, in dollars per hour.
const DISK_PER_HOUR: f64 = 0.0021;
/// The GPU memory of an instance's GPU, in MB.
const GPU_RAM_MB: u32 = 24_576;

/// An instance in the world. Times are since the Unix epoch.
#[derive(Debug)]
pub(crate) struct LiveInstance {
    spec: Instance,
    started_at: Duration,
    /// Since when it has its status.
    since: Duration,
    /// Whether its owner wants it to run.
    wanted: bool,
}

impl LiveInstance {
    pub(in crate::state) fn new(spec: Instance, now: Duration) -> Self {
        let started_at = now.saturating_sub(spec.age);
        Self { spec, started_at, since: now, wanted: true }
    }

    /// Goes through the statuses that are over by `now`.
    pub(in crate::state) fn advance_to(&mut self, now: Duration) {
        while let Some((lasts, _)) = self.spec.later.front() {
            let due = self.since.saturating_add(*lasts);
            if due > now {
                break;
            }
            if let Some((_, status)) = self.spec.later.pop_front() {
                self.since = due;
                self.spec.actual_status = status;
            }
        }
    }

    /// Gives it a status that the clock does not end.
    pub(crate) fn set_status(&mut self, status: String, now: Duration) {
        self.spec = self.spec.clone().actual_status(status);
        self.since = now;
    }

    pub(crate) fn set_label(&mut self, label: &str) {
        self.spec.label = Some(label.to_owned());
    }

    /// Wants it to run. One that runs or loads goes on; one whose machine is gone stays so.
    pub(crate) fn start(&mut self, now: Duration) {
        self.wanted = true;
        if self.spec.actual_status == EXITED {
            self.set_status(LOADING.to_owned(), now);
            self.spec.later.push_back((LOADS, RUNNING.to_owned()));
            self.started_at = now;
        }
    }

    /// Loads again, if it runs or loads.
    pub(crate) fn restart(&mut self, now: Duration) {
        if matches!(self.spec.actual_status.as_str(), RUNNING | LOADING) {
            self.set_status(LOADING.to_owned(), now);
            self.spec.later.push_back((LOADS, RUNNING.to_owned()));
        }
    }

    /// The price at which its owner bids, in dollars per hour.
    pub(crate) fn set_bid(&mut self, price: f64) {
        self.spec = self.spec.clone().field("min_bid", price).field("is_bid", true);
    }

    /// The price of its GPUs, in dollars per hour.
    pub(crate) fn set_gpu_price(&mut self, price: f64) {
        self.spec.dph_total = price + DISK_PER_HOUR;
    }

    pub(crate) fn gpu_price(&self) -> f64 {
        self.spec.dph_total - DISK_PER_HOUR
    }

    /// Sets a field of its JSON.
    pub(crate) fn set_field(&mut self, name: &str, value: Value) {
        self.spec.fields.extend(Map::from_iter([(name.to_owned(), value)]));
    }

    /// Sets those fields of its JSON that nothing was said of.
    pub(crate) fn complete(&mut self, members: Map<String, Value>) {
        self.spec.fields.complete(members);
    }

    /// Wants it to stop, which it does at once.
    pub(crate) fn stop(&mut self, now: Duration) {
        self.wanted = false;
        if matches!(self.spec.actual_status.as_str(), RUNNING | LOADING) {
            self.set_status(EXITED.to_owned(), now);
        }
    }

    pub(crate) fn id(&self) -> u64 {
        self.spec.id
    }

    /// The label; empty without one, as the labels are counted.
    pub(crate) fn label(&self) -> &str {
        self.spec.label.as_deref().unwrap_or_default()
    }

    pub(crate) fn to_json(&self, now: Duration) -> Value {
        self.json_fields(now).into()
    }

    pub(crate) fn json_fields(&self, now: Duration) -> Map<String, Value> {
        let mut members = object([
            self.life(now),
            Self::image(),
            self.network(),
            self.machine(),
            self.gpus(),
            self.price(),
        ]);
        self.spec.fields.apply(&mut members);
        members
    }

    fn is_running(&self) -> bool {
        self.spec.actual_status == RUNNING
    }

    fn life(&self, now: Duration) -> Value {
        let spec = &self.spec;
        let end = self.started_at.saturating_add(RENTAL);
        let remaining = end.saturating_sub(now);
        let uptime = now.saturating_sub(self.started_at);
        let uptime_mins = self.is_running().then(|| uptime.as_secs_f64() / 60.0);
        let status_msg = self.is_running().then_some("success, running");
        let words = format!("{} D {} Hr", remaining.as_secs() / 86_400, remaining.as_secs() / 3_600 % 24);
        // An instance that has exited, or whose state nobody knows, is still meant to run.
        let cur_state = if matches!(spec.actual_status.as_str(), "exited" | "offline" | "unknown") {
            "stopped"
        } else {
            "running"
        };
        json!({
            "id": spec.id,
            "label": spec.label,
            "actual_status": spec.actual_status,
            "intended_status": if self.wanted { RUNNING } else { "stopped" },
            "cur_state": cur_state,
            "next_state": cur_state,
            "status_msg": status_msg,
            "start_date": self.started_at.as_secs_f64(),
            "end_date": end.as_secs_f64(),
            "duration": remaining.as_secs_f64(),
            "uptime_mins": uptime_mins,
            "time_remaining": words,
            "time_remaining_isbid": words,
            "client_run_time": 1.0,
            "host_run_time": 2_592_000.0,
        })
    }

    fn image() -> Value {
        json!({
            "template_id": 2048,
            "template_hash_id": "abcde12345",
            "template_name": "vLLM",
            "image_uuid": "vllm/vllm-openai:latest",
            "image_args": [],
            "image_runtype": "ssh_direc ssh_proxy",
            "extra_env": [["MODEL_NAME", "Qwen/Qwen3-8B"], ["-p 8000:8000", "1"]],
            "onstart": "entrypoint.sh",
            // Made up, like every other value here.
            "jupyter_token": "mock-jupyter-token",
        })
    }

    fn network(&self) -> Value {
        let ports = json!({
            "22/tcp": [{ "HostIp": "0.0.0.0", "HostPort": "20000" }],
            "8000/tcp": [{ "HostIp": "0.0.0.0", "HostPort": "20001" }],
        });
        json!({
            "public_ipaddr": "192.0.2.45",
            "local_ipaddrs": "10.0.0.5 172.17.0.2",
            "static_ip": false,
            "ssh_host": "ssh6.example.com",
            "ssh_idx": "6",
            "ssh_port": 10_600,
            "machine_dir_ssh_port": 20_000,
            "direct_port_count": 2,
            "direct_port_start": 20_000,
            "direct_port_end": 20_001,
            "ports": if self.is_running() { ports } else { Value::Null },
        })
    }

    fn machine(&self) -> Value {
        json!({
            "machine_id": 12,
            "host_id": 7,
            "mobo_name": "Z790 Gaming",
            "os_version": "22.04",
            "cpu_name": "Core i5-13600K",
            "cpu_arch": "amd64",
            "cpu_cores": 20,
            "cpu_cores_effective": 20.0,
            "cpu_ram": 64_320,
            "cpu_util": if self.is_running() { 0.12 } else { 0.0 },
            "mem_limit": 62.8,
            "mem_usage": if self.is_running() { json!(18.4) } else { Value::Null },
            "disk_name": "Samsung SSD 990",
            "disk_space": 64.0,
            "disk_bw": 5120.0,
            "disk_usage": 22.4,
            "disk_util": 0.35,
            "pci_gen": 4.0,
            "pcie_bw": 24.6,
            "geolocation": "California, United States",
            "country_code": "US",
            "verification": "verified",
            "reliability2": 0.9952,
            "external": false,
            "webpage": null,
            "volume_info": [],
        })
    }

    fn gpus(&self) -> Value {
        let spec = &self.spec;
        let count = f64::from(spec.num_gpus);
        let running = |value: f64| {
            if self.is_running() { json!(value) } else { Value::Null }
        };
        json!({
            "gpu_name": spec.gpu_name,
            "gpu_arch": "nvidia",
            "num_gpus": spec.num_gpus,
            "gpu_frac": 1.0,
            "gpu_ram": GPU_RAM_MB,
            "gpu_totalram": u64::from(GPU_RAM_MB) * u64::from(spec.num_gpus),
            "gpu_lanes": 16,
            "gpu_mem_bw": 1008.0,
            "bw_nvlink": 0.0,
            "gpu_util": running(87.0),
            "gpu_temp": running(61.0),
            "vmem_usage": running(21.5),
            "total_flops": 82.6 * count,
            "dlperf": 102.5 * count,
            "score": null,
        })
    }

    fn price(&self) -> Value {
        let (total, count) = (self.spec.dph_total, f64::from(self.spec.num_gpus));
        let base = total - DISK_PER_HOUR;
        let hourly = json!({
            "gpuCostPerHour": base,
            "diskHour": DISK_PER_HOUR,
            "totalHour": total,
            "discountTotalHour": 0,
            "discountedTotalPerHour": total,
        });
        json!({
            "is_bid": false,
            "rentable": true,
            "min_bid": base / 2.0,
            "dph_base": base,
            "dph_total": total,
            "dlperf_per_dphtotal": 102.5 * count / total,
            "flops_per_dphtotal": 82.6 * count / total,
            "vram_costperhour": total / (f64::from(GPU_RAM_MB) * count),
            "storage_cost": 0.15,
            "storage_total_cost": DISK_PER_HOUR,
            "credit_balance": null,
            "credit_discount": null,
            "credit_discount_max": 0.4,
            "search": hourly.clone(),
            "instance": hourly,
        })
    }
}
