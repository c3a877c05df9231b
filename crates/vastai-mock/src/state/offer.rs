//! Offers: machines that can be rented.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::fields::{Fields, object, settable_fields};

/// For how long a machine is offered.
const OFFERED: Duration = Duration::from_secs(90 * 86_400);

/// An offer to put into the simulator: a machine that *search offers* finds, until it is rented.
///
/// ```
/// use vastai_mock::Offer;
///
/// let cheap = Offer::new(9_001).gpus("RTX 3060", 1).dph_total(0.07);
/// let odd = Offer::new(9_002).field("gpu_name", "Tesla T4").without_field("reliability");
/// # let _ = (cheap, odd);
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Offer {
    id: u64,
    gpu_name: String,
    num_gpus: u32,
    dph_total: f64,
    reliability: f64,
    verified: bool,
    fields: Fields,
}

impl Offer {
    /// A verified machine with one RTX 4090 for 0.40 dollars an hour.
    pub fn new(id: u64) -> Self {
        Self {
            id,
            gpu_name: "RTX 4090".to_owned(),
            num_gpus: 1,
            dph_total: 0.4,
            reliability: 0.995,
            verified: true,
            fields: Fields::default(),
        }
    }

    /// The GPUs' name and number.
    pub fn gpus(mut self, name: impl Into<String>, count: u32) -> Self {
        (self.gpu_name, self.num_gpus) = (name.into(), count);
        self
    }

    /// The price with its disk, in dollars per hour.
    pub fn dph_total(mut self, dollars_per_hour: f64) -> Self {
        self.dph_total = dollars_per_hour;
        self
    }

    /// The reliability, from 0 to 1.
    pub fn reliability(mut self, reliability: f64) -> Self {
        self.reliability = reliability;
        self
    }

    /// Whether Vast.ai has verified the machine.
    pub fn verified(mut self, verified: bool) -> Self {
        self.verified = verified;
        self
    }
}

settable_fields!(Offer, fields);

/// An offer in the world.
#[derive(Debug)]
pub(crate) struct LiveOffer {
    spec: Offer,
    /// Since the Unix epoch.
    since: Duration,
    rented: bool,
}

impl LiveOffer {
    pub(super) fn new(spec: Offer, since: Duration) -> Self {
        Self { spec, since, rented: false }
    }

    pub(crate) fn id(&self) -> u64 {
        self.spec.id
    }

    pub(crate) fn is_rented(&self) -> bool {
        self.rented
    }

    pub(super) fn rent(&mut self) {
        self.rented = true;
    }

    /// The GPUs and the price, which its instance will have.
    pub(super) fn terms(&self) -> (&str, u32, f64) {
        (&self.spec.gpu_name, self.spec.num_gpus, self.spec.dph_total)
    }

    /// What its instance shows of the machine.
    pub(super) fn machine(&self) -> Map<String, Value> {
        const SHARED: [&str; 21] = [
            "machine_id",
            "host_id",
            "mobo_name",
            "cpu_name",
            "cpu_arch",
            "cpu_cores_effective",
            "disk_name",
            "disk_bw",
            "pci_gen",
            "pcie_bw",
            "inet_up",
            "inet_down",
            "inet_up_cost",
            "inet_down_cost",
            "static_ip",
            "geolocation",
            "verification",
            "reliability2",
            "driver_version",
            "cuda_max_good",
            "external",
        ];
        let mut machine = self.to_json();
        machine.retain(|name, _| SHARED.contains(&name.as_str()));
        machine
    }

    pub(crate) fn to_json(&self) -> Map<String, Value> {
        let spec = &self.spec;
        let count = f64::from(spec.num_gpus);
        let storage = 0.0021;
        let mut members = object([
            json!({
                "id": spec.id,
                "ask_contract_id": spec.id,
                "bundle_id": spec.id,
                "machine_id": spec.id % 100_000,
                "host_id": spec.id % 1_000,
                "gpu_name": spec.gpu_name,
                "gpu_arch": "nvidia",
                "num_gpus": spec.num_gpus,
                "gpu_frac": 1.0,
                "gpu_ram": 24_576.0,
                "gpu_total_ram": 24_576.0 * count,
                "gpu_mem_bw": 1008.0,
                "bw_nvlink": 0.0,
                "compute_cap": 890.0,
                "cuda_max_good": 12.8,
                "driver_version": "570.124.04",
                "total_flops": 82.6 * count,
                "dlperf": 102.5 * count,
                "dlperf_per_dphtotal": 102.5 * count / spec.dph_total,
                "flops_per_dphtotal": 82.6 * count / spec.dph_total,
                "score": 102.5 * count / spec.dph_total,
            }),
            json!({
                "cpu_name": "Core i5-13600K",
                "cpu_arch": "amd64",
                "cpu_cores": 20.0,
                "cpu_cores_effective": 20.0,
                "cpu_ghz": 3.5,
                "cpu_ram": 64_320.0,
                "mobo_name": "Z790 Gaming",
                "disk_name": "Samsung SSD 990",
                "disk_space": 640.0,
                "disk_bw": 5120.0,
                "pci_gen": 4.0,
                "pcie_bw": 24.6,
                "inet_up": 812.5,
                "inet_down": 905.1,
                "inet_up_cost": 0.003,
                "inet_down_cost": 0.003,
                "direct_port_count": 100,
                "static_ip": false,
                "public_ipaddr": "192.0.2.46",
                "geolocation": "California, US",
                "reliability": spec.reliability,
                "reliability2": spec.reliability,
                "verification": if spec.verified { "verified" } else { "unverified" },
                "hosting_type": 0,
                "external": false,
                "rentable": !self.rented,
                "rented": self.rented,
                "is_bid": false,
                "vms_enabled": false,
            }),
            json!({
                "dph_base": spec.dph_total - storage,
                "dph_total": spec.dph_total,
                "min_bid": (spec.dph_total - storage) / 2.0,
                "storage_cost": 0.15,
                "storage_total_cost": storage,
                "duration": OFFERED.as_secs_f64(),
                "start_date": self.since.as_secs_f64(),
                "end_date": self.since.saturating_add(OFFERED).as_secs_f64(),
            }),
        ]);
        spec.fields.apply(&mut members);
        members
    }
}
