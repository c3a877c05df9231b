//! The account and its proofs.

use serde_json::Value;
use vastai::Client;

use super::files;
use super::said::Said;
use crate::failure::Failure;
use crate::request::Request;

/// How it is said whether a method is the first that is asked for.
pub(super) const PRIMARY: &[&str] = &["t", "true", "f", "false", "T", "True", "TRUE", "F", "False", "FALSE"];

/// The fields of a file of JSON, as they are.
pub(super) fn of_file(said: &Said, _: &Client, request: &mut Request) -> Result<(), Failure> {
    let file = said.word("--file").unwrap_or_default();
    match files::json(file)? {
        Value::Object(fields) => {
            for (name, value) in fields {
                request.set(&name, value);
            }
            Ok(())
        }
        _ => Err(Failure::usage(format!("the file '{file}' is not an object of JSON"))),
    }
}

/// The name and the permissions of a role, where they stand in their places.
pub(super) fn team_role(said: &Said, _: &Client, request: &mut Request) -> Result<(), Failure> {
    let (name, permissions) = match (said.word("NAME"), said.word("PERMISSIONS_JSON")) {
        (name, Some(permissions)) => (name, Some(permissions)),
        (permissions, None) => (None, permissions),
    };
    for (option, place) in [("--name", name), ("--permissions", permissions)] {
        if place.is_some() && said.has(option) {
            return Err(Failure::usage(format!("{option} is said twice, by its flag and by its place")));
        }
    }
    request.set_if("name", name);
    if let Some(json) = permissions {
        let read = serde_json::from_str::<Value>(json);
        let read = read.map_err(|error| Failure::usage(format!("the permissions are not JSON: {error}")))?;
        request.set("permissions", read);
    }
    match request.get("permissions") {
        Some(_) => Ok(()),
        None => Err(Failure::usage("say what the role allows, by --permissions FILE".to_owned())),
    }
}

/// Whether a new account is a host's.
pub(super) fn subaccount(said: &Said, _: &Client, request: &mut Request) -> Result<(), Failure> {
    if said.word("--type").is_some_and(|kind| kind.eq_ignore_ascii_case("host")) {
        request.set("host_only", true);
    }
    Ok(())
}

/// Of a code and a backup code one has to be said, and not both; a method goes by its kind or by its id.
pub(super) fn one_proof(said: &Said, _: &Client, _: &mut Request) -> Result<(), Failure> {
    match (said.has("--code"), said.has("--backup-code")) {
        (true, true) => return Err(Failure::usage("--code and --backup-code exclude each other".to_owned())),
        (false, false) => return Err(Failure::usage("say --code, or --backup-code".to_owned())),
        _ => {}
    }
    if said.has("--method-type") && said.has("--method-id") {
        return Err(Failure::usage("--method-type and --method-id exclude each other".to_owned()));
    }
    let needs_secret = matches!(said.word("--method-type"), Some("sms" | "email"));
    if needs_secret && said.has("--code") && !said.has("--secret") {
        return Err(Failure::usage("a code that came by SMS or e-mail goes with its --secret".to_owned()));
    }
    Ok(())
}

/// What changes of a method.
pub(super) fn primary(said: &Said, _: &Client, request: &mut Request) -> Result<(), Failure> {
    if let Some(primary) = said.word("--set-primary") {
        request.set("is_primary", primary.to_ascii_lowercase().starts_with('t'));
    }
    if !said.has("--label") && !said.has("--set-primary") {
        return Err(Failure::usage("say what changes, by --label or --set-primary".to_owned()));
    }
    Ok(())
}
