//! The team that the account may be.

use serde_json::{Value, json};

use super::account::USER;
use super::store::Store;

/// A team, its roles, and who belongs to it.
#[derive(Debug)]
pub(crate) struct Team {
    /// Nothing as long as the account is of one person.
    pub(crate) name: Option<String>,
    pub(crate) roles: Store,
    pub(crate) members: Store,
    /// The mail addresses that were invited, with their roles.
    pub(crate) invited: Vec<(String, String)>,
}

impl Team {
    pub(super) fn new() -> Self {
        Self { name: None, roles: Store::from(1), members: Store::from(1_001), invited: Vec::new() }
    }

    /// Begins a team whose one member is the account's owner; whether there was none.
    pub(crate) fn found(&mut self, name: String, owner: Value) -> bool {
        if self.name.is_some() {
            return false;
        }
        self.name = Some(name);
        self.members.put(USER, owner);
        true
    }

    /// Whether there was a team. Nothing of it is left.
    pub(crate) fn dissolve(&mut self) -> bool {
        self.members.clear();
        self.roles.clear();
        self.invited.clear();
        self.name.take().is_some()
    }

    pub(crate) fn add_member(&mut self, id: u64, email: &str, role: &str) {
        let name = email.split('@').next().unwrap_or_default();
        self.members.put(
            id,
            json!({ "id": id, "email": email, "fullname": name, "username": name, "roles": [role] }),
        );
    }

    /// The id of a role, which goes by its name or its id.
    pub(crate) fn role(&self, named: &str) -> Option<u64> {
        let role = self.roles.find(|role| role["name"] == named);
        role.or_else(|| self.roles.get(named.parse().ok()?))?.get("id")?.as_u64()
    }
}
