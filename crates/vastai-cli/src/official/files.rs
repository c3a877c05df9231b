//! What command lines name by files.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use serde_json::Value;

use crate::failure::Failure;

/// The largest file that is read, in bytes: more than any request takes.
const LARGEST: u64 = 1024 * 1024;

/// The JSON in a file.
pub(super) fn json(file: &str) -> Result<Value, Failure> {
    let text = read(file)?;
    serde_json::from_str(&text)
        .map_err(|error| Failure::usage(format!("the file '{file}' is not JSON: {error}")))
}

/// The shell commands in a file.
pub(super) fn commands(file: &str) -> Result<String, Failure> {
    if !Path::new(file).exists() {
        let message = format!(
            "there is no file '{file}' to take the commands from; give them themselves with --onstart-cmd"
        );
        return Err(Failure::usage(message));
    }
    read(file)
}

/// A public key, given itself or by its file.
pub(super) fn public_key(given: &str) -> Result<String, Failure> {
    let key = match given.len() < 4096 && Path::new(given).is_file() {
        true => read(given)?,
        false => given.to_owned(),
    };
    // Of a private key nothing is said, and nothing is sent.
    if key.contains("PRIVATE KEY") {
        return Err(Failure::usage(
            "this is a private key; give the public one, whose file ends in .pub".to_owned(),
        ));
    }
    if !key.trim_start().starts_with("ssh") {
        let message = "neither a public key, which begins with `ssh-`, nor a file that has one";
        return Err(Failure::usage(message.to_owned()));
    }
    Ok(key)
}

fn read(file: &str) -> Result<String, Failure> {
    let failed = |why: String| Failure::usage(format!("the file '{file}' cannot be read: {why}"));
    let opened = fs::File::open(file).map_err(|error| failed(error.to_string()))?;
    let mut text = String::new();
    let read =
        opened.take(LARGEST + 1).read_to_string(&mut text).map_err(|error| failed(error.to_string()))?;
    if read as u64 > LARGEST {
        return Err(failed(format!("it has more than {LARGEST} bytes")));
    }
    Ok(text)
}
