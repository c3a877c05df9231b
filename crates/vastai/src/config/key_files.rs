//! The files in which the official command line, and this client, keep keys.

use std::fs::{File, Metadata};
use std::io::Read;
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use crate::error::{Error, ErrorKind};

/// Where keys are kept: the files that [`Client::from_env`](crate::Client::from_env) looks into, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyFiles {
    /// `vast_tfa_key`, the key of a session that began with two-factor authentication. It goes before the others: without it, most calls of an
    /// account that has two-factor authentication are refused.
    pub session: Option<PathBuf>,
    /// `vast_api_key`, the API key. Here one is stored.
    pub api_key: Option<PathBuf>,
    /// `~/.vast_api_key`, where older command lines stored it.
    pub older_api_key: Option<PathBuf>,
}

impl KeyFiles {
    /// The files of the user whose environment this is: in `$XDG_CONFIG_HOME/vastai`, else in `~/.config/vastai`, and in the home directory.
    /// `None` stands for those of a user without a home directory. Nothing is read, and none of them need be there.
    #[must_use]
    pub fn from_env() -> Self {
        let home = std::env::home_dir().filter(|home| !home.as_os_str().is_empty());
        // The XDG standard: a relative path is to be ignored.
        let config = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        let config = config.or_else(|| home.as_ref().map(|home| home.join(".config")));
        let directory = config.map(|config| config.join("vastai"));
        Self {
            session: directory.as_ref().map(|directory| directory.join("vast_tfa_key")),
            api_key: directory.map(|directory| directory.join("vast_api_key")),
            older_api_key: home.map(|home| home.join(".vast_api_key")),
        }
    }

    /// Those of API keys, the newer place first.
    pub(super) fn api_keys(&self) -> impl Iterator<Item = &PathBuf> {
        self.api_key.iter().chain(&self.older_api_key)
    }
}

/// The content of a key file.
pub(super) struct KeyFile {
    pub(super) text: SecretString,
    pub(super) warning: Option<String>,
}

impl KeyFile {
    /// The largest file that is read, in bytes. Keys have 64 characters.
    const MAX: u64 = 4096;

    /// Reads a plain file, or what a link to one leads to; `None` where there is none. Nothing else is opened: a FIFO would block, and a
    /// device may never end.
    pub(super) fn read(path: &Path) -> Result<Option<Self>, Error> {
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
