//! The API key: where it is found, that it goes into the header and nowhere else, and that it is never shown.

use std::fs::{File, Metadata};
use std::hash::{BuildHasher, RandomState};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use reqwest::Request;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use vastai_api::{Authentication, Operation, Secrets};

use crate::error::{Error, ErrorKind};

/// A key that can stand in a header. `Debug` shows that there is one, never which.
#[derive(Clone)]
pub(crate) struct ApiKey(SecretString);

impl ApiKey {
    /// Checks a key; `origin` is where it came from, for the error.
    pub(crate) fn new(key: &str, origin: &str) -> Result<Self, Error> {
        Self::checked(key, origin, "copy it anew from the console's key page")
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

    /// The key as the official clients find it: `VAST_API_KEY`, then the files. With it comes a warning about the file, if there is one.
    pub(crate) fn from_environment() -> Result<(Self, Option<String>), Error> {
        const VARIABLE: &str = "VAST_API_KEY";
        if let Some(value) = std::env::var_os(VARIABLE) {
            let Some(key) = value.to_str() else {
                return Err(Error::new(ErrorKind::Configuration, format!("{VARIABLE} is not UTF-8")));
            };
            return Ok((Self::new(key.trim(), VARIABLE)?, None));
        }
        let places = KeyPlaces::of_environment();
        if let Some(session) = &places.session
            && let Some(KeyFile { text, warning }) = KeyFile::read(session)?
        {
            let remedy = "log in again with `vastai tfa login`, or remove the file to use the API key";
            let key = Self::checked(text.expose_secret().trim(), &session.display().to_string(), remedy)?;
            return Ok((key, warning));
        }
        for file in &places.keys {
            if let Some(KeyFile { text, warning }) = KeyFile::read(file)? {
                return Ok((Self::new(text.expose_secret().trim(), &file.display().to_string())?, warning));
            }
        }
        let places: Vec<String> = places.keys.iter().map(|file| file.display().to_string()).collect();
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
    key: ApiKey,
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
        Self { secrets: known.with([key.0.expose_secret()]), key, number, numbers }
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
        request.headers_mut().remove(AUTHORIZATION);
        match operation.authentication {
            Authentication::None => {}
            // A scheme that is not known is tried with the key: the service knows no other.
            _ => drop(request.headers_mut().insert(AUTHORIZATION, self.key.bearer()?)),
        }
        Ok(())
    }
}

/// Where the official command line keeps keys.
struct KeyPlaces {
    /// The key of a session that began with two-factor authentication. It goes before the others: without it, most calls of an account that
    /// has two-factor authentication are refused.
    session: Option<PathBuf>,
    /// The API key, the newer place first.
    keys: Vec<PathBuf>,
}

impl KeyPlaces {
    fn of_environment() -> Self {
        let home = std::env::home_dir().filter(|home| !home.as_os_str().is_empty());
        // The XDG standard: a relative path is to be ignored.
        let config = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        let config = config.or_else(|| home.as_ref().map(|home| home.join(".config")));
        let directory = config.map(|config| config.join("vastai"));
        let new = directory.as_ref().map(|directory| directory.join("vast_api_key"));
        let old = home.map(|home| home.join(".vast_api_key"));
        Self {
            session: directory.map(|directory| directory.join("vast_tfa_key")),
            keys: new.into_iter().chain(old).collect(),
        }
    }
}

/// The content of a key file.
struct KeyFile {
    text: SecretString,
    warning: Option<String>,
}

impl KeyFile {
    /// The largest file that is read, in bytes. Keys have 64 characters.
    const MAX: u64 = 4096;

    /// Reads a plain file, or what a link to one leads to; `None` where there is none. Nothing else is opened: a FIFO would block, and a
    /// device may never end.
    fn read(path: &Path) -> Result<Option<Self>, Error> {
        use std::io::ErrorKind::{NotADirectory, NotFound};
        let failed = |what: &str| {
            Error::new(ErrorKind::Configuration, format!("the API key file {} {what}", path.display()))
        };
        let unreadable = |error: std::io::Error| failed("cannot be read").with_source(error);
        let refused = |metadata: &Metadata| {
            if !metadata.is_file() {
                Some(failed(&format!("is {}; it must be a plain file", kind_of(metadata))))
            } else if metadata.len() > Self::MAX {
                let bytes = metadata.len();
                Some(failed(&format!(
                    "has {bytes} bytes; a key has no more than {}, so it was not read",
                    Self::MAX
                )))
            } else {
                None
            }
        };
        match std::fs::metadata(path) {
            Ok(metadata) => refused(&metadata).map_or(Ok(()), Err)?,
            Err(error) if matches!(error.kind(), NotFound | NotADirectory) => return Ok(None),
            Err(error) => return Err(unreadable(error)),
        }
        let file = File::open(path).map_err(unreadable)?;
        // The path may lead elsewhere by now.
        let metadata = file.metadata().map_err(unreadable)?;
        refused(&metadata).map_or(Ok(()), Err)?;
        let mut text = String::new();
        file.take(Self::MAX).read_to_string(&mut text).map_err(unreadable)?;
        Ok(Some(Self { text: SecretString::from(text), warning: warning(path, &metadata) }))
    }
}

fn kind_of(metadata: &Metadata) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        let kind = metadata.file_type();
        if kind.is_fifo() {
            return "a FIFO";
        }
        if kind.is_socket() {
            return "a socket";
        }
        if kind.is_block_device() || kind.is_char_device() {
            return "a device";
        }
    }
    if metadata.is_dir() { "a directory" } else { "not a file" }
}

/// What is wrong with the permissions of a key file. Windows has none that a mode would show: the home directory protects it there.
#[cfg(unix)]
fn warning(path: &Path, metadata: &Metadata) -> Option<String> {
    use std::os::unix::fs::PermissionsExt;
    let mode = metadata.permissions().mode();
    let path = path.display();
    (mode & 0o066 != 0).then(|| {
        format!(
            "the API key file {path} is open to other users (mode {:03o}); run `chmod 600` on it",
            mode & 0o777
        )
    })
}

#[cfg(not(unix))]
fn warning(_path: &Path, _metadata: &Metadata) -> Option<String> {
    None
}
