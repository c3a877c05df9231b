//! The API key: where it is found, and that it is never shown.

use std::path::{Path, PathBuf};

use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

use crate::error::{Error, ErrorKind};

/// A key that can stand in a header. `Debug` shows that there is one, never which.
#[derive(Clone)]
pub(crate) struct ApiKey(SecretString);

impl ApiKey {
    /// Checks a key; `origin` is where it came from, for the error.
    pub(crate) fn new(key: &str, origin: &str) -> Result<Self, Error> {
        let wrong = |what: &str| {
            let message =
                format!("the API key from {origin} {what}; copy it anew from the console's key page");
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
    pub(crate) fn bearer(&self) -> Result<HeaderValue, Error> {
        let mut value = HeaderValue::from_str(&format!("Bearer {}", self.0.expose_secret()))
            .map_err(|_| Error::new(ErrorKind::Configuration, "the API key cannot stand in a header"))?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// A text without the key, wherever the service repeats it: as it is, and as it stands in a JSON text or in a URL.
    pub(crate) fn redact(&self, text: &str) -> String {
        self.forms()
            .iter()
            .fold(text.to_owned(), |text, form| text.replace(form.expose_secret(), "[redacted]"))
    }

    /// The length in bytes of the longest form that is redacted.
    pub(crate) fn longest_form(&self) -> usize {
        self.forms().iter().map(|form| form.expose_secret().len()).max().unwrap_or(0)
    }

    /// The forms in which a key can stand in a text, the longest first. Of a key of letters and digits there is one.
    fn forms(&self) -> Vec<SecretString> {
        let key = self.0.expose_secret();
        let in_json = key.replace('\\', "\\\\").replace('"', "\\\"");
        let in_url: String = url::form_urlencoded::byte_serialize(key.as_bytes()).collect();
        let mut forms = vec![key.to_owned(), in_json, in_url];
        forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
        forms.dedup();
        forms.into_iter().map(SecretString::from).collect()
    }

    /// A number for the key, made by whoever asks.
    pub(crate) fn hashed(&self, hash: impl Fn(&str) -> u64) -> u64 {
        hash(self.0.expose_secret())
    }

    pub(crate) fn is(&self, other: &Self) -> bool {
        self.0.expose_secret() == other.0.expose_secret()
    }

    /// The key as the official clients find it: `VAST_API_KEY`, then the files.
    pub(crate) fn from_environment() -> Result<Self, Error> {
        const VARIABLE: &str = "VAST_API_KEY";
        if let Some(value) = std::env::var_os(VARIABLE) {
            let Some(key) = value.to_str() else {
                return Err(Error::new(ErrorKind::Configuration, format!("{VARIABLE} is no UTF-8 text")));
            };
            return Self::new(key.trim(), VARIABLE);
        }
        let files = key_files();
        for file in &files {
            if let Some(key) = read(file)? {
                return Self::new(key.trim(), &file.display().to_string());
            }
        }
        let places: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
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

/// Where the official clients keep the key, the newer place first.
fn key_files() -> Vec<PathBuf> {
    let home = std::env::home_dir().filter(|home| !home.as_os_str().is_empty());
    // The XDG standard: a relative path is to be ignored.
    let config = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let config = config.or_else(|| home.as_ref().map(|home| home.join(".config")));
    let new = config.map(|config| config.join("vastai").join("vast_api_key"));
    new.into_iter().chain(home.map(|home| home.join(".vast_api_key"))).collect()
}

fn read(file: &Path) -> Result<Option<String>, Error> {
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(error)
            if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) =>
        {
            Ok(None)
        }
        Err(error) => {
            let message = format!("cannot read the API key from {}", file.display());
            Err(Error::new(ErrorKind::Configuration, message).with_source(error))
        }
    }
}
