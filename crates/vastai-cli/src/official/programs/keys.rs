//! Keys that are kept on this machine.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use vastai::keys::KeyFiles;

use crate::builtins::key_store;
use crate::failure::Failure;
use crate::official::{Line, files};
use crate::outcome::Outcome;
use crate::session::{Session, Stop};

/// Stores the API key where both clients look for it. Unlike `auth`, it asks nobody whether it is one.
pub(super) fn set_api_key(line: &Line) -> Result<String, Failure> {
    let key = line.said.word("NEW_API_KEY").unwrap_or_default().trim();
    if key.is_empty() || key.contains(char::is_whitespace) {
        return Err(Failure::usage("an API key is one word".to_owned()));
    }
    let files = KeyFiles::from_env();
    let file = key_store::store(&files, key)?;
    // The place of older clients: what is in it would be another key.
    if let Some(old) = files.older_api_key.filter(|old| old.exists()) {
        fs::remove_file(&old).map_err(|error| {
            Failure::local(format!("the older key file {} cannot be removed: {error}", old.display()))
        })?;
    }
    Ok(format!("the API key is stored in {}\n", file.display()))
}

/// Stores whether the official client shows the commands of hosts. Here all are shown.
pub(super) fn set_role(line: &Line) -> Result<String, Failure> {
    let file = KeyFiles::from_env().api_key.map(|key| key.with_file_name("vast_role"));
    let file = file.ok_or_else(|| Failure::local("there is no home directory to store it in".to_owned()))?;
    key_store::store_in(&file, line.said.word("ROLE").unwrap_or_default())?;
    Ok(format!(
        "the role is stored in {}, for the official client: here the commands are the same for both\n",
        file.display()
    ))
}

/// Registers a public key: the one that is given, or that of a new pair.
pub(super) async fn create(line: &Line, session: &Session<'_>) -> Result<Outcome, Stop> {
    let mut request = line.request(session.client())?;
    if request.get("ssh_key").is_none() {
        request.set("ssh_key", new_pair()?);
    }
    Outcome::of_call(session, request).await
}

/// Makes a pair of keys with ssh-keygen, where there is none yet; the public one.
fn new_pair() -> Result<String, Failure> {
    let folder = home()
        .ok_or_else(|| Failure::local("there is no home directory to keep a key in".to_owned()))?
        .join(".ssh");
    let (private, public) = (folder.join("id_ed25519"), folder.join("id_ed25519.pub"));
    if private.exists() || public.exists() {
        let message = format!(
            "there is a key already, in {}; register it with: vastai create ssh-key \"$(cat {})\"",
            private.display(),
            public.display()
        );
        return Err(Failure::usage(message));
    }
    create_folder(&folder)?;
    let status = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-f"])
        .arg(&private)
        .status()
        .map_err(|error| Failure::local(format!("ssh-keygen cannot be run: {error}")))?;
    if !status.success() {
        return Err(Failure::local(format!("ssh-keygen ended with {status}")));
    }
    files::public_key(&public.display().to_string())
}

fn create_folder(folder: &Path) -> Result<(), Failure> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder
        .create(folder)
        .map_err(|error| Failure::local(format!("{} cannot be made: {error}", folder.display())))
}

fn home() -> Option<PathBuf> {
    env::home_dir().filter(|home| !home.as_os_str().is_empty())
}
