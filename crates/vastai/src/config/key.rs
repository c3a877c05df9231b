//! The API key: where it is found, that it goes into the header and nowhere else, and that it is never shown.

use std::hash::{BuildHasher, RandomState};
use std::path::PathBuf;
use std::sync::Arc;

use reqwest::Request;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use vastai_api::{Authentication, Operation, Secrets};

use super::key_files::{KeyFile, KeyFiles};
use crate::error::{Error, ErrorKind};

/// Where the key of a client came from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeySource {
    /// It was given by [`ClientBuilder::api_key`](crate::ClientBuilder::api_key).
    Given,
    /// The environment variable of this name.
    Variable(&'static str),
    /// A file, one of [`KeyFiles`].
    File(PathBuf),
}

/// A key of the environment.
pub(crate) struct FoundKey {
    pub(crate) key: ApiKey,
    pub(crate) source: KeySource,
    /// What is unsafe about the file.
    pub(crate) warning: Option<String>,
}

/// What to do about a key that is none.
const COPY_ANEW: &str = "copy it anew from the console's key page";

/// A key that can stand in a header. `Debug` shows that there is one, never which.
#[derive(Clone)]
pub(crate) struct ApiKey(SecretString);

impl ApiKey {
    /// Checks a key; `origin` is where it came from, for the error.
    pub(crate) fn new(key: &str, origin: &str) -> Result<Self, Error> {
        Self::checked(key, origin, COPY_ANEW)
    }

    /// Checks a key; `remedy` is what to do about one that is wrong.
    fn checked(key: &str, origin: &str, remedy: &str) -> Result<Self, Error> {
        let wrong = |what: &str| {
            let message = format!("the API key from {origin} {what}; {remedy}");
            Err(Error::new(ErrorKind::Configuration, message))
        };
        if key.trim().is_empty() {
            return wrong("is empty");
        }
        if key.contains(['\n', '\r']) {
            return wrong("has more than one line");
        }
        if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return wrong("has a space or a character that no key has");
        }
        Ok(Self(SecretString::from(key)))
    }

    /// `Bearer KEY`, marked as sensitive so that the HTTP client does not show it either.
    fn bearer(&self) -> Result<HeaderValue, Error> {
        let mut value = HeaderValue::from_str(&format!("Bearer {}", self.0.expose_secret()))
            .map_err(|_| Error::new(ErrorKind::Configuration, "the API key cannot stand in a header"))?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// The key as the official clients find it: `VAST_API_KEY`, then the files.
    pub(crate) fn from_environment() -> Result<FoundKey, Error> {
        const VARIABLE: &str = "VAST_API_KEY";
        if let Some(value) = std::env::var_os(VARIABLE) {
            let Some(key) = value.to_str() else {
                return Err(Error::new(ErrorKind::Configuration, format!("{VARIABLE} is not UTF-8")));
            };
            let key = Self::new(key.trim(), VARIABLE)?;
            return Ok(FoundKey { key, source: KeySource::Variable(VARIABLE), warning: None });
        }
        let files = KeyFiles::from_env();
        let session = "log in again with `vastai tfa login`, or remove the file to use the API key";
        let remedies = files.session.iter().map(|file| (file, session));
        for (file, remedy) in remedies.chain(files.api_keys().map(|file| (file, COPY_ANEW))) {
            if let Some(KeyFile { text, warning }) = KeyFile::read(file)? {
                let key = Self::checked(text.expose_secret().trim(), &file.display().to_string(), remedy)?;
                return Ok(FoundKey { key, source: KeySource::File(file.clone()), warning });
            }
        }
        let places: Vec<String> = files.api_keys().map(|file| file.display().to_string()).collect();
        let message = format!(
            "no API key: set {VARIABLE}, or put the key into {}",
            if places.is_empty() { "a file in your home directory".to_owned() } else { places.join(" or ") }
        );
        Err(Error::new(ErrorKind::Configuration, message))
    }
}

impl std::fmt::Debug for ApiKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("[redacted]")
    }
}

/// The key that is sent, and all that must not be shown.
#[derive(Debug, Clone)]
pub(crate) struct Credentials {
    /// The key as it stands in the header.
    bearer: Result<HeaderValue, Error>,
    /// A number for the key, by which its calls are paced; it says nothing of the key.
    number: u64,
    numbers: Arc<RandomState>,
    /// The key, and those of the clients that this one was made from: the service may repeat them too.
    secrets: Secrets,
}

impl Credentials {
    pub(crate) fn new(key: ApiKey) -> Self {
        Self::of(key, Arc::default(), &Secrets::default())
    }

    /// With another key in the place of this one.
    pub(crate) fn with_key(&self, key: ApiKey) -> Self {
        Self::of(key, self.numbers.clone(), &self.secrets)
    }

    fn of(key: ApiKey, numbers: Arc<RandomState>, known: &Secrets) -> Self {
        let number = numbers.hash_one(key.0.expose_secret());
        Self { secrets: known.with([key.0.expose_secret()]), bearer: key.bearer(), number, numbers }
    }

    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// Every key that this client knows.
    pub(crate) fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    pub(crate) fn authenticate(&self, request: &mut Request, operation: &Operation) -> Result<(), Error> {
        // Whatever stands there, the key of this client is the one that is sent.
        match operation.authentication {
            Authentication::None => drop(request.headers_mut().remove(AUTHORIZATION)),
            // A scheme that is not known is tried with the key: the service knows no other.
            _ => drop(request.headers_mut().insert(AUTHORIZATION, self.bearer.clone()?)),
        }
        Ok(())
    }
}
