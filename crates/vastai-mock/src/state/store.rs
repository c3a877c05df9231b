//! Things that the service keeps by their ids.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

/// Things with ids, in their order. Their strings may be secrets, so `Debug` shows the ids alone.
pub(crate) struct Store {
    items: BTreeMap<u64, Value>,
    next_id: u64,
}

impl Store {
    pub(super) fn from(first_id: u64) -> Self {
        Self { items: BTreeMap::new(), next_id: first_id }
    }

    /// Adds what is made for its id.
    pub(crate) fn add(&mut self, make: impl FnOnce(u64) -> Value) -> &Value {
        let id = self.next_id;
        self.next_id = self.next_id.saturating_add(1);
        self.items.entry(id).or_insert_with(|| make(id))
    }

    /// Puts a thing in the place of one of the same id.
    pub(crate) fn put(&mut self, id: u64, item: Value) {
        self.items.insert(id, item);
        self.next_id = self.next_id.max(id.saturating_add(1));
    }

    pub(crate) fn get(&self, id: u64) -> Option<&Value> {
        self.items.get(&id)
    }

    pub(crate) fn get_mut(&mut self, id: u64) -> Option<&mut Value> {
        self.items.get_mut(&id)
    }

    pub(crate) fn take(&mut self, id: u64) -> Option<Value> {
        self.items.remove(&id)
    }

    /// Whether there was such a thing.
    pub(crate) fn remove(&mut self, id: u64) -> bool {
        self.take(id).is_some()
    }

    pub(crate) fn find(&self, is_it: impl Fn(&Value) -> bool) -> Option<&Value> {
        self.items.values().find(|item| is_it(item))
    }

    pub(crate) fn find_mut(&mut self, is_it: impl Fn(&Value) -> bool) -> Option<&mut Value> {
        self.items.values_mut().find(|item| is_it(item))
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &Value> {
        self.items.values()
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Value> {
        self.items.values_mut()
    }

    /// All of them, as a list in JSON.
    pub(crate) fn list(&self) -> Value {
        self.iter().cloned().collect()
    }

    pub(crate) fn clear(&mut self) {
        self.items.clear();
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.items.keys()).finish()
    }
}
