//! Authentication: the key of this client, in the header and nowhere else.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use reqwest::Request;
use reqwest::header::AUTHORIZATION;
use vastai_api::{Authentication, Operation};

use crate::config::{ApiKey, without_secret_values};
use crate::error::Error;

/// The key that is sent, and all that must not be shown.
#[derive(Debug, Clone)]
pub(crate) struct Credentials {
    key: ApiKey,
    /// A number for the key, by which its calls are paced; it tells nothing of the key.
    number: u64,
    numbers: Arc<RandomState>,
    /// Keys of the clients that this one was made from: the service may repeat them too.
    others: Arc<[ApiKey]>,
}

impl Credentials {
    pub(crate) fn new(key: ApiKey) -> Self {
        let numbers = Arc::new(RandomState::new());
        let number = key.hashed(|text| numbers.hash_one(text));
        Self { key, number, numbers, others: Arc::default() }
    }

    /// With another key in the place of this one.
    pub(crate) fn with_key(&self, key: ApiKey) -> Self {
        let number = key.hashed(|text| self.numbers.hash_one(text));
        let others = self.others.iter().chain([&self.key]).filter(|other| !other.is(&key)).cloned();
        Self { others: others.collect(), key, number, numbers: self.numbers.clone() }
    }

    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// A text without any key that this client knows, and without what is secret by its name.
    pub(crate) fn redact(&self, text: &str) -> String {
        let text = self.others.iter().fold(self.key.redact(text), |text, key| key.redact(&text));
        without_secret_values(&text)
    }

    /// The length of the longest form in which a key may stand in a text.
    pub(super) fn longest(&self) -> usize {
        self.others.iter().chain([&self.key]).map(ApiKey::longest_form).max().unwrap_or(0)
    }

    pub(super) fn authenticate(&self, request: &mut Request, operation: &Operation) -> Result<(), Error> {
        // Whatever stands there, the key of this client is the one that is sent.
        request.headers_mut().remove(AUTHORIZATION);
        match operation.authentication {
            Authentication::None => {}
            // A scheme that is not known is tried with the key: the service knows no other.
            _ => drop(request.headers_mut().insert(AUTHORIZATION, self.key.bearer()?)),
        }
        Ok(())
    }
}
