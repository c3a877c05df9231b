//! What belongs to the account: its keys and secrets, and what it has made beside instances and endpoints.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;

use serde_json::{Map, Value, json};

use super::host::Host;
use super::store::Store;
use super::team::Team;
use super::tfa::Tfa;

/// The user that everything belongs to.
pub(crate) const USER: u64 = 456;
/// The id of the account's own key, which no list has.
const OWN_KEY: u64 = 1;
/// How many calls the audit log keeps.
const AUDITED: usize = 1_000;

/// The account's own things.
pub(crate) struct Account {
    pub(crate) api_keys: Store,
    pub(crate) ssh_keys: Store,
    /// The SSH keys of instances, by the instance's id.
    pub(crate) attached: BTreeMap<u64, Store>,
    pub(crate) templates: Store,
    pub(crate) volumes: Store,
    pub(crate) volume_offers: Store,
    /// Environment variables.
    pub(crate) secrets: BTreeMap<String, String>,
    /// Its owner, as *show user* has it.
    pub(crate) user: Map<String, Value>,
    pub(crate) subaccounts: Store,
    /// What was paid ahead, in dollars, by the instance's id.
    pub(crate) prepaid: BTreeMap<u64, f64>,
    pub(crate) jobs: Store,
    pub(crate) deployments: Store,
    pub(crate) price_increases: Store,
    pub(crate) backups: Store,
    pub(crate) snapshots: Vec<Value>,
    pub(crate) benchmarks: Store,
    pub(crate) overlays: Store,
    pub(crate) host: Host,
    pub(crate) team: Team,
    pub(crate) tfa: Tfa,
    /// The latest calls, the earliest first.
    pub(crate) audit: VecDeque<Value>,
}

impl Account {
    pub(super) fn new() -> Self {
        Self {
            api_keys: Store::from(12_345),
            ssh_keys: Store::from(501),
            attached: BTreeMap::new(),
            templates: Store::from(123_456),
            volumes: Store::from(100),
            volume_offers: Store::from(1),
            secrets: BTreeMap::new(),
            user: user(),
            subaccounts: Store::from(12_345),
            prepaid: BTreeMap::new(),
            jobs: Store::from(17),
            deployments: Store::from(644),
            price_increases: Store::from(9),
            backups: Store::from(5),
            snapshots: Vec::new(),
            benchmarks: Store::from(1),
            overlays: Store::from(4),
            host: Host::new(),
            team: Team::new(),
            tfa: Tfa::new(),
            audit: VecDeque::new(),
        }
    }

    /// Puts an API key in the place of one of the same id; `at` is since the Unix epoch, in seconds.
    pub(crate) fn put_api_key(&mut self, id: u64, key: &str, at: f64) {
        self.api_keys.put(id, api_key(id, key, at));
    }

    /// Puts an SSH key in the place of one of the same id.
    pub(crate) fn put_ssh_key(&mut self, id: u64, public_key: &str, at: f64) {
        self.ssh_keys.put(id, ssh_key(id, public_key, at));
    }

    /// Puts an SSH key of an instance in the place of one of the same id.
    pub(crate) fn attach_ssh_key(&mut self, instance: u64, id: u64, public_key: &str, at: f64) {
        self.attached_to(instance).put(id, ssh_key(id, public_key, at));
    }

    /// Adds a template of these contents.
    pub(crate) fn add_template(&mut self, contents: Value, at: f64) -> &Value {
        self.templates.add(|id| template(id, contents, at))
    }

    /// Puts a template in the place of one of the same id.
    pub(crate) fn put_template(&mut self, id: u64, contents: Value, at: f64) {
        self.templates.put(id, template(id, contents, at));
    }

    /// Puts an offer of volumes in the place of one of the same id.
    pub(crate) fn put_volume_offer(&mut self, id: u64, machine: u64, gigabytes: f64, price: f64) {
        self.volume_offers.put(id, volume_offer(id, machine, gigabytes, price));
    }

    /// Offers volumes of a machine; the id of the offer.
    pub(crate) fn offer_volume(&mut self, machine: u64, gigabytes: f64, price: f64) -> u64 {
        let offer = self.volume_offers.add(|id| volume_offer(id, machine, gigabytes, price));
        offer["id"].as_u64().unwrap_or_default()
    }

    /// Whether one of the account's other keys is this: one that it has made, or that of a session.
    pub(crate) fn knows_key(&self, key: &str) -> bool {
        self.key_id(key).is_some() || self.tfa.knows_session(key)
    }

    fn key_id(&self, key: &str) -> Option<u64> {
        self.api_keys.find(|item| item["key"] == key)?.get("id")?.as_u64()
    }

    /// Notes a call with a key.
    pub(crate) fn note_call(&mut self, key: Option<&str>, path: &str, args: Value, at: f64) {
        if self.audit.len() >= AUDITED {
            self.audit.pop_front();
        }
        let key = key.and_then(|key| self.key_id(key)).unwrap_or(OWN_KEY);
        self.audit.push_back(json!({
            "ip_address": "127.0.0.1",
            "api_key_id": key,
            "created_at": at,
            "api_route": path,
            "args": args,
        }));
    }

    /// Takes so many dollars of the credit, if there are as many.
    pub(crate) fn pay(&mut self, dollars: f64) -> Result<(), ()> {
        let credit = self.user.get("credit").and_then(Value::as_f64).unwrap_or_default();
        if dollars > credit {
            return Err(());
        }
        self.user.insert("credit".to_owned(), json!(credit - dollars));
        Ok(())
    }

    /// Announces that the host of an instance wants another price for its GPUs, in dollars an hour.
    pub(crate) fn announce_price(&mut self, instance: u64, old: f64, new: f64, at: f64) -> u64 {
        let announced = self.price_increases.add(|id| {
            json!({
                "pending_price_increase_id": id,
                "contract_id": instance,
                "host_id": 7,
                "old_gpu_costpersec": old / 3_600.0,
                "new_gpu_costpersec": new / 3_600.0,
                "old_disk_ram_costpersec": null,
                "new_disk_ram_costpersec": null,
                "old_bwu_cost": null,
                "new_bwu_cost": null,
                "old_bwd_cost": null,
                "new_bwd_cost": null,
                "old_platform_fee": null,
                "new_platform_fee": null,
                "contract_end_date": null,
                "ask_end_date": null,
                "created_at": at,
            })
        });
        announced["pending_price_increase_id"].as_u64().unwrap_or_default()
    }

    /// Adds a backup of an instance; its id.
    pub(crate) fn add_backup(&mut self, instance: u64, at: f64) -> u64 {
        let backup = self.backups.add(|id| {
            json!({
                "id": id,
                "contract_id": instance,
                "type": "full",
                "machine_id": 12,
                "status": "success",
                "created_at": at,
                "info": null,
            })
        });
        backup["id"].as_u64().unwrap_or_default()
    }

    /// Adds what a machine was measured to do; the id of the benchmark.
    pub(crate) fn add_benchmark(&mut self, gpu_name: &str, num_gpus: u32, value: f64, at: f64) -> u64 {
        let benchmark = self.benchmarks.add(|id| {
            json!({
                "id": id,
                "machine_id": 12,
                "contract_id": 28_004_311,
                "gpu_name": gpu_name,
                "num_gpus": num_gpus,
                "value": value,
                "dph_base": 0.4,
                "type": "tokens/s",
                "template_hash": null,
                "template_id": null,
                "image": "vllm/vllm-openai:latest",
                "launch_args": "",
                "last_update": at,
            })
        });
        benchmark["id"].as_u64().unwrap_or_default()
    }

    pub(crate) fn attached_to(&mut self, instance: u64) -> &mut Store {
        self.attached.entry(instance).or_insert_with(|| Store::from(1))
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("api_keys", &self.api_keys)
            .field("ssh_keys", &self.ssh_keys)
            .field("secrets", &self.secrets.keys().collect::<Vec<_>>())
            .field("host", &self.host)
            .field("tfa", &self.tfa)
            .finish_non_exhaustive()
    }
}

/// Somebody with money and without billing.
fn user() -> Map<String, Value> {
    super::fields::object([json!({
        "id": USER,
        "email": "me@example.com",
        "email_verified": true,
        "username": "me",
        "fullname": "Mock User",
        "balance": 0.0,
        "credit": 1_000.0,
        "can_pay": true,
        "has_billing": false,
        "has_payout": false,
        "host_agreement_accepted": true,
        "balance_threshold": 5.0,
        "balance_threshold_enabled": false,
        "key_id": OWN_KEY,
        "sid": "mock-sid",
        "ssh_key": "",
    })])
}

fn volume_offer(id: u64, machine: u64, gigabytes: f64, price: f64) -> Value {
    json!({
        "id": id,
        "machine_id": machine,
        "disk_space": gigabytes,
        "storage_cost": price,
        "verified": true,
        "verification": "verified",
        "external": false,
        "score": 100.0 / price,
    })
}

/// An API key as it is shown when it is made.
pub(crate) fn api_key(id: u64, key: &str, created_at: f64) -> Value {
    json!({ "id": id, "key": key, "rights": "custom", "user_id": USER, "created_at": created_at })
}

/// An SSH key as the wire has it, which is not as the document has it.
pub(crate) fn ssh_key(id: u64, public_key: &str, created_at: f64) -> Value {
    json!({
        "id": id,
        "user_id": USER,
        "public_key": public_key,
        "created_at": created_at,
        "deleted_at": null,
    })
}

/// A volume as the account's list has it.
pub(crate) fn volume(id: u64, machine: &Value, gigabytes: f64, start_date: f64) -> Value {
    json!({
        "id": id,
        "label": format!("V.{id}"),
        "machine_id": machine,
        "cluster_id": null,
        "disk_space": gigabytes,
        "start_date": start_date,
        "status": "active",
        "instances": [],
    })
}

/// A volume that several machines of a cluster reach.
pub(crate) fn network_volume(id: u64, cluster: &Value, gigabytes: f64, start_date: f64) -> Value {
    let mut volume = volume(id, &Value::Null, gigabytes, start_date);
    volume["cluster_id"] = cluster.clone();
    volume
}

fn template(id: u64, contents: Value, created_at: f64) -> Value {
    let hash = contents.get("hash_id").cloned().unwrap_or_else(|| json!(template_hash(&contents)));
    let mut members = json!({
        "creator_id": USER,
        "created_at": created_at,
        "count_created": 0,
        "recommended_disk_space": 16.0,
        "private": false,
    });
    for (name, value) in contents.as_object().into_iter().flatten() {
        members[name] = value.clone();
    }
    (members["id"], members["hash_id"]) = (json!(id), hash);
    members
}

/// What names the contents of a template: 32 hexadecimal digits, of FNV-1a.
pub(crate) fn template_hash(contents: &Value) -> String {
    const PRIME: u64 = 0x0100_0000_01b3;
    let text = contents.to_string();
    let hash =
        |begin: u64| text.bytes().fold(begin, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME));
    format!("{:016x}{:016x}", hash(0xcbf2_9ce4_8422_2325), hash(0x9e37_79b9_7f4a_7c15))
}
