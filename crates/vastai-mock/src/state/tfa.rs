//! The second factors of the account.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Value, json};

use super::account::USER;
use super::store::Store;

/// The code that every second factor of the simulator gives.
const CODE: &str = "123456";
/// How many backup codes there are at a time.
const BACKUP_CODES: u64 = 10;

/// Methods, and what proves them. `Debug` shows no code and no key.
pub(crate) struct Tfa {
    pub(crate) methods: Store,
    backup_codes: Vec<String>,
    /// What codes are on their way for, by the secret that belongs to each.
    pending: BTreeMap<String, Pending>,
    sessions: Vec<String>,
    /// How many secrets and backup codes there ever were.
    given: u64,
}

/// What a secret stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pending {
    Totp,
    Sms(Option<String>),
    Email,
}

/// Why a proof does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unproved {
    /// The account has no such method.
    NoMethod,
    /// The code, or the backup code, is wrong.
    WrongCode,
    /// No code was sent that this secret belongs to.
    UnknownSecret,
}

impl Tfa {
    pub(super) fn new() -> Self {
        Self {
            methods: Store::from(5),
            backup_codes: Vec::new(),
            pending: BTreeMap::new(),
            sessions: Vec::new(),
            given: 0,
        }
    }

    /// A new secret, for what a code is to come.
    pub(crate) fn begin(&mut self, pending: Pending) -> String {
        self.given += 1;
        let secret = format!("s-{}", self.given);
        self.pending.insert(secret.clone(), pending);
        secret
    }

    pub(crate) fn knows(&self, secret: &str) -> bool {
        self.pending.contains_key(secret)
    }

    /// Whether a body proves who sends it: the method of the account that it goes by, if it goes by one. A backup code is used up.
    pub(crate) fn prove(&mut self, body: &Value) -> Result<Option<u64>, Unproved> {
        let text = |name: &str| body.get(name).and_then(Value::as_str);
        if let Some(code) = text("code") {
            let method = self.method(text("tfa_method"), text("tfa_method_id"));
            match text("tfa_method") {
                Some("email" | "sms") if !text("secret").is_some_and(|secret| self.knows(secret)) => {
                    return Err(Unproved::UnknownSecret);
                }
                // The mail address is there without being set up.
                Some("email") => {}
                _ if method.is_none() => return Err(Unproved::NoMethod),
                _ => {}
            }
            return if code == CODE { Ok(method) } else { Err(Unproved::WrongCode) };
        }
        let given = text("backup_code").ok_or(Unproved::WrongCode)?;
        let at = self.backup_codes.iter().position(|code| code == given).ok_or(Unproved::WrongCode)?;
        self.backup_codes.remove(at);
        Ok(None)
    }

    /// The method of a kind or an id; the only one, or the first of them, where neither is said.
    fn method(&self, kind: Option<&str>, id: Option<&str>) -> Option<u64> {
        let is_meant = |method: &&Value| {
            kind.is_none_or(|kind| method["method"] == kind)
                && id.is_none_or(|id| kind.is_some() || method["id"].as_u64() == id.parse().ok())
        };
        self.methods.iter().find(is_meant)?.get("id")?.as_u64()
    }

    /// Takes the code that belongs to a secret.
    pub(crate) fn confirm(&mut self, secret: &str, code: &str) -> Result<Pending, Unproved> {
        if !self.knows(secret) {
            return Err(Unproved::UnknownSecret);
        }
        if code != CODE {
            return Err(Unproved::WrongCode);
        }
        self.pending.remove(secret).ok_or(Unproved::UnknownSecret)
    }

    /// Adds a method; the backup codes that come with the first one.
    pub(crate) fn add(&mut self, kind: &str, phone: Option<&str>, label: &Value, at: f64) -> Option<Value> {
        let is_first = self.methods.iter().len() == 0;
        self.methods.add(|id| {
            json!({
                "id": id,
                "user_id": USER,
                "method": kind,
                "is_primary": is_first,
                "label": label,
                "phone_number": phone,
                "created_at": at,
                "last_used": null,
                "fail_count": 0,
                "locked_until": null,
            })
        });
        is_first.then(|| self.new_backup_codes())
    }

    /// New backup codes, in the place of the old ones.
    pub(crate) fn new_backup_codes(&mut self) -> Value {
        let first = self.given + 1;
        self.given += BACKUP_CODES;
        self.backup_codes = (first..=self.given).map(|number| format!("MOCK-CODE-{number:04}")).collect();
        json!(self.backup_codes)
    }

    pub(crate) fn backup_codes_left(&self) -> usize {
        self.backup_codes.len()
    }

    /// Removes a method; whether there was one. With the last one the backup codes go.
    pub(crate) fn remove(&mut self, id: u64) -> bool {
        let removed = self.methods.remove(id);
        if self.methods.iter().len() == 0 {
            self.backup_codes.clear();
        }
        removed
    }

    /// A key that opens what the account's key opens.
    pub(crate) fn new_session(&mut self) -> &str {
        let key = format!("mock-session-key-{}", self.sessions.len() + 1);
        self.sessions.push(key);
        self.sessions.last().map(String::as_str).unwrap_or_default()
    }

    pub(crate) fn knows_session(&self, key: &str) -> bool {
        self.sessions.iter().any(|session| session == key)
    }
}

impl fmt::Debug for Tfa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tfa").field("methods", &self.methods).finish_non_exhaustive()
    }
}
