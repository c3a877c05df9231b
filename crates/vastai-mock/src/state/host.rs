//! What the account offers as a host: machines, the disks and clusters that they share, and what is offered of them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::account::USER;
use super::store::Store;

/// Everything goes by ids; of the maintenance and the offers it is that of the machine.
#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) machines: Store,
    pub(crate) maintenance: BTreeMap<u64, Value>,
    /// The offers of machines that are listed.
    pub(crate) offers: BTreeMap<u64, u64>,
    /// Jobs that machines run while nobody rents them.
    pub(crate) default_jobs: BTreeMap<u64, Value>,
    pub(crate) clusters: Store,
    pub(crate) disks: Store,
    pub(crate) network_offers: Store,
}

impl Host {
    pub(super) fn new() -> Self {
        Self {
            machines: Store::from(7),
            maintenance: BTreeMap::new(),
            offers: BTreeMap::new(),
            default_jobs: BTreeMap::new(),
            clusters: Store::from(3),
            disks: Store::from(5),
            network_offers: Store::from(16_000_001),
        }
    }

    /// Puts a machine in the place of one of the same id.
    pub(crate) fn put_machine(&mut self, id: u64, gpu_name: &str, num_gpus: u32) {
        self.machines.put(
            id,
            json!({
                "id": id,
                "num_gpus": num_gpus,
                "gpu_name": gpu_name,
                "disk_space": 640.0,
                "hostname": format!("mock-machine-{id}"),
                "driver_version": "570.124.04",
                "reliability2": 0.995,
                "verification": "verified",
                "public_ipaddr": "192.0.2.46",
                "geolocation": "California, US",
                "num_reports": 0,
                "listed_gpu_cost": null,
                "min_bid_price": null,
                "credit_discount_max": null,
                "listed_inet_up_cost": null,
                "listed_inet_down_cost": null,
                "gpu_occupancy": vec!["x"; usize::try_from(num_gpus).unwrap_or_default()].join(" "),
                "listed": false,
            }),
        );
    }

    /// Puts an offer of volumes of a network disk in the place of one of the same id.
    pub(crate) fn put_network_offer(&mut self, id: u64, cluster: &Value, gigabytes: f64, price: f64) {
        self.network_offers.put(id, network_offer(id, cluster, gigabytes, price));
    }

    /// Offers volumes of a network disk; the id of the offer.
    pub(crate) fn offer_network_volume(&mut self, cluster: &Value, gigabytes: f64, price: f64) -> u64 {
        let offer = self.network_offers.add(|id| network_offer(id, cluster, gigabytes, price));
        offer["id"].as_u64().unwrap_or_default()
    }

    /// Removes a machine with all that is of it; whether there was one.
    pub(crate) fn remove_machine(&mut self, id: u64) -> bool {
        self.maintenance.remove(&id);
        self.default_jobs.remove(&id);
        for cluster in self.clusters.iter_mut() {
            leave(cluster, id);
        }
        self.machines.remove(id)
    }
}

fn network_offer(id: u64, cluster: &Value, gigabytes: f64, price: f64) -> Value {
    json!({
        "id": id,
        "cluster_id": cluster,
        "disk_space": gigabytes,
        "storage_cost": price,
        "host_id": USER,
        "reliability": 0.995,
        "duration": 7_776_000.0,
        "inet_up": 812.5,
        "inet_down": 905.1,
        "nw_disk_min_bw": 400.0,
        "nw_disk_avg_bw": 800.0,
        "nw_disk_max_bw": 1_200.0,
        "geolocation": "California, US",
        "verification": "verified",
        "verified": true,
        "external": false,
    })
}

/// The machines of a cluster.
pub(crate) fn nodes(cluster: &Value) -> impl Iterator<Item = u64> {
    let nodes = cluster.get("nodes").and_then(Value::as_array).into_iter().flatten();
    nodes.filter_map(|node| node.get("machine_id")?.as_u64())
}

/// Takes a machine into a cluster, where it is once.
pub(crate) fn join(cluster: &mut Value, machine: u64, manages: bool) {
    if nodes(cluster).any(|node| node == machine) {
        return;
    }
    if let Some(all) = cluster.get_mut("nodes").and_then(Value::as_array_mut) {
        let local_ip = format!("192.168.1.{}", all.len() + 1);
        all.push(json!({ "machine_id": machine, "is_cluster_manager": manages, "local_ip": local_ip }));
    }
}

/// Takes a machine out of a cluster; whether it was in it.
pub(crate) fn leave(cluster: &mut Value, machine: u64) -> bool {
    let Some(all) = cluster.get_mut("nodes").and_then(Value::as_array_mut) else { return false };
    let before = all.len();
    all.retain(|node| node["machine_id"] != machine);
    all.len() < before
}
