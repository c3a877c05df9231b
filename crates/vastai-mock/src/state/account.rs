//! What belongs to the account: its keys and secrets.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Value, json};

/// The user that everything belongs to.
const USER: u64 = 456;

/// Things with ids, in their order. Their strings may be secrets, so `Debug` shows the ids alone.
pub(crate) struct Store {
    items: BTreeMap<u64, Value>,
    next_id: u64,
}

impl Store {
    fn from(first_id: u64) -> Self {
        Self { items: BTreeMap::new(), next_id: first_id }
    }

    /// Adds what is made for its id.
    pub(crate) fn add(&mut self, make: impl FnOnce(u64) -> Value) -> &Value {
        let id = self.next_id;
        self.next_id += 1;
        self.items.entry(id).or_insert_with(|| make(id))
    }

    /// Puts a thing in the place of one of the same id.
    pub(crate) fn put(&mut self, id: u64, item: Value) {
        self.items.insert(id, item);
        self.next_id = self.next_id.max(id.saturating_add(1));
    }

    pub(crate) fn get_mut(&mut self, id: u64) -> Option<&mut Value> {
        self.items.get_mut(&id)
    }

    /// Whether there was such a thing.
    pub(crate) fn remove(&mut self, id: u64) -> bool {
        self.items.remove(&id).is_some()
    }

    pub(crate) fn find_mut(&mut self, is_it: impl Fn(&Value) -> bool) -> Option<&mut Value> {
        self.items.values_mut().find(|item| is_it(item))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Value> {
        self.items.values()
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.items.keys()).finish()
    }
}

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
        self.volume_offers.put(
            id,
            json!({
                "id": id,
                "machine_id": machine,
                "disk_space": gigabytes,
                "storage_cost": price,
                "verified": true,
                "verification": "verified",
                "external": false,
                "score": 100.0 / price,
            }),
        );
    }

    /// Whether one of the account's own keys is this.
    pub(crate) fn knows_key(&self, key: &str) -> bool {
        self.api_keys.iter().any(|item| item.get("key").and_then(Value::as_str) == Some(key))
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
            .finish_non_exhaustive()
    }
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
        "disk_space": gigabytes,
        "start_date": start_date,
        "status": "active",
        "instances": [],
    })
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
