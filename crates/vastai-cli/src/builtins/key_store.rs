//! Keys in files: stored so that nobody else reads them and a file is never half written, and removed.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;
use vastai::keys::KeyFiles;

use crate::failure::Failure;

/// Stores a key where the client looks for it; gives the file.
pub(crate) fn store(files: &KeyFiles, key: &str) -> Result<PathBuf, Failure> {
    let Some(file) = &files.api_key else {
        let message = "there is no home directory to store the key in; set HOME, or use VAST_API_KEY";
        return Err(Failure::usage(message.to_owned()));
    };
    store_in(file, key)?;
    Ok(file.clone())
}

/// Stores a key in a file, which nobody else can read.
pub(crate) fn store_in(file: &Path, key: &str) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        Failure::local(format!("the key cannot be stored in {}: {error}", file.display()))
    };
    let directory = file.parent().unwrap_or(Path::new("."));
    make_private_directory(directory).map_err(failed)?;
    // On Unix, its mode is 0600 from the beginning.
    let mut new = NamedTempFile::new_in(directory).map_err(failed)?;
    writeln!(new, "{key}").map_err(failed)?;
    new.as_file().sync_all().map_err(failed)?;
    new.persist(file).map_err(|error| failed(error.error))?;
    Ok(())
}

#[cfg(unix)]
fn make_private_directory(directory: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)
}

#[cfg(not(unix))]
fn make_private_directory(directory: &Path) -> std::io::Result<()> {
    fs::create_dir_all(directory)
}

/// Removes every key that is stored; gives the files that were there.
pub(super) fn remove(files: &KeyFiles) -> Result<Vec<PathBuf>, Failure> {
    let mut removed = Vec::new();
    for file in [&files.session, &files.api_key, &files.older_api_key].into_iter().flatten() {
        match fs::remove_file(file) {
            Ok(()) => removed.push(file.clone()),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
            Err(error) => {
                return Err(Failure::local(format!("{} cannot be removed: {error}", file.display())));
            }
        }
    }
    Ok(removed)
}

/// What others can do with a file or a directory that holds keys, and what to do about it.
#[cfg(unix)]
pub(super) fn exposure(path: &Path) -> Option<(String, String)> {
    use std::os::unix::fs::PermissionsExt;
    let metadata = fs::metadata(path).ok()?;
    let mode = metadata.permissions().mode() & 0o777;
    let path = path.display();
    if metadata.is_dir() {
        let open = mode & 0o022 != 0;
        return open.then(|| {
            (format!("others can put files into {path} (mode {mode:03o})"), format!("run `chmod 700 {path}`"))
        });
    }
    (mode & 0o066 != 0).then(|| {
        (format!("{path} is open to other users (mode {mode:03o})"), format!("run `chmod 600 {path}`"))
    })
}

/// Windows has no modes: the home directory protects what is in it.
#[cfg(not(unix))]
pub(super) fn exposure(_path: &Path) -> Option<(String, String)> {
    None
}
