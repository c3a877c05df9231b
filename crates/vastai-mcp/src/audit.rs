//! What was done, asked and refused: a file of lines of JSON.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use serde_json::{Value, json};

use crate::{Error, hidden};

/// The record of a server. Nothing in it is a secret.
#[derive(Debug)]
pub(crate) struct Audit(Option<(PathBuf, Mutex<File>)>);

impl Audit {
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, Error> {
        let opened = path.map(|path| {
            let failed = |source| Error::AuditLog { path: path.to_owned(), source };
            Ok((path.to_owned(), Mutex::new(open(path).map_err(failed)?)))
        });
        opened.transpose().map(Self)
    }

    /// Records what happened to a call.
    pub(crate) fn write(
        &self,
        event: &str,
        tool: &str,
        arguments: &Value,
        outcome: &Value,
    ) -> Result<(), String> {
        let Some((path, file)) = &self.0 else { return Ok(()) };
        let time = humantime::format_rfc3339_millis(SystemTime::now()).to_string();
        let mut line = json!({
            "time": time, "event": event, "tool": tool,
            "arguments": hidden::shown(arguments.clone(), true), "outcome": hidden::shown(outcome.clone(), true),
        })
        .to_string();
        line.push('\n');
        let written = file.lock().unwrap_or_else(PoisonError::into_inner).write_all(line.as_bytes());
        written.map_err(|error| {
            format!("nothing was done, as it could not be recorded in {}: {error}", path.display())
        })
    }
}

/// Opens the file to write at its end. Only its owner may read it, also where it was there before.
fn open(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let file = options.open(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        if file.metadata()?.is_file() {
            file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
        }
    }
    Ok(file)
}
