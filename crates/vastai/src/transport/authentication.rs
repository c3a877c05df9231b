//! Authentication: the key of this client, in the header and nowhere else.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use reqwest::Request;
use reqwest::header::AUTHORIZATION;
use vastai_api::{Authentication, Operation, Secrets};

use crate::config::ApiKey;
use crate::error::Error;

/// The key that is sent, and all that must not be shown.
#[derive(Debug, Clone)]
pub(crate) struct Credentials {
    key: ApiKey,
    /// A number for the key, by which its calls are paced; it tells nothing of the key.
    number: u64,
    numbers: Arc<RandomState>,
    /// The key, and those of the clients that this one was made from: the service may repeat them too.
    secrets: Secrets,
}

impl Credentials {
    pub(crate) fn new(key: ApiKey) -> Self {
        let numbers = Arc::new(RandomState::new());
        let number = key.hashed(|text| numbers.hash_one(text));
        Self { secrets: key.added_to(&Secrets::default()), key, number, numbers }
    }

    /// With another key in the place of this one.
    pub(crate) fn with_key(&self, key: ApiKey) -> Self {
        let number = key.hashed(|text| self.numbers.hash_one(text));
        Self { secrets: key.added_to(&self.secrets), key, number, numbers: self.numbers.clone() }
    }

    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Every key that this client knows.
    pub(crate) fn secrets(&self) -> &Secrets {
        &self.secrets
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
