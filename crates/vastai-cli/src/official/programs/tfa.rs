//! Two-factor login.

use std::io::{self, BufRead as _, Read as _, Write as _};

use serde_json::Value;
use vastai::keys::KeyFiles;

use crate::builtins::key_store;
use crate::failure::Failure;
use crate::globals::Format;
use crate::official::{Line, account};
use crate::outcome::Outcome;
use crate::request::Request;
use crate::session::{Session, Stop};

/// Logs in, and stores the key of the session, which is then used in the place of the API key.
pub(super) async fn login(line: &Line, session: &Session<'_>) -> Result<Outcome, Stop> {
    let mut request = line.request(session.client())?;
    account::one_proof(&line.said, session.client(), &mut request)?;
    let response = session.json(&request).await?;
    let Some(key) = response.get("session_key").and_then(Value::as_str) else {
        return Ok(Outcome::value(response, request.operation()));
    };
    let Some(file) = KeyFiles::from_env().session else {
        let message = "logged in, but there is no home directory to store the key of the session in; set HOME, and log in again";
        return Err(Failure::local(message.to_owned()).into());
    };
    key_store::store_in(&file, key)?;
    let left = response.get("backup_codes_remaining").and_then(Value::as_i64);
    let note = format!("the key of the session is stored in {}, and used from now on", file.display());
    let outcome = match session.settings().format {
        Format::Raw | Format::Json | Format::JsonLines | Format::Csv => {
            Outcome::value(response, request.operation())
        }
        Format::Table | Format::Ids => Outcome::text("logged in\n".to_owned()),
    };
    let outcome = outcome.noting(note);
    Ok(match left {
        Some(left) => outcome.noting(format!("{left} backup codes are left")),
        None => outcome,
    })
}

/// Allows a new method: asks for a proof of an old one, and confirms it.
pub(super) async fn auth_new(line: &Line, session: &Session<'_>) -> Result<Outcome, Stop> {
    let said = &line.said;
    let (code, secret) = (said.word("--code"), said.word("--secret"));
    if let (Some(code), Some(secret)) = (code, secret) {
        return confirmed(session, code, secret).await;
    }
    let ways =
        ["--method-type", "--backup-code", "--method-id"].into_iter().filter(|name| said.has(name)).count();
    if ways > 1 {
        let message = "--method-type, --backup-code and --method-id exclude each other";
        return Err(Failure::usage(message.to_owned()).into());
    }
    let mut request = Request::of("tfaAuthNew").map_err(|error| Failure::of_client(&error))?;
    match (said.word("--backup-code"), said.word("--method-id")) {
        (Some(backup), _) => request.set("backup_code", backup),
        (None, Some(method)) => request.set("tfa_method_id", method),
        (None, None) => request.set("tfa_method", said.word("--method-type").unwrap_or("email")),
    }
    let response = session.json(&request).await?;
    if said.has("--backup-code") {
        return Ok(Outcome::value(response, request.operation()));
    }
    let secret = secret.or_else(|| response.get("secret").and_then(Value::as_str));
    let Some(secret) = secret.map(str::to_owned) else {
        return Ok(Outcome::value(response, request.operation()));
    };
    let code = match code {
        Some(code) => code.to_owned(),
        None => typed("the code that was sent: ")?,
    };
    confirmed(session, &code, &secret).await
}

async fn confirmed(session: &Session<'_>, code: &str, secret: &str) -> Result<Outcome, Stop> {
    let mut request = Request::of("tfaConfirmAuthNew").map_err(|error| Failure::of_client(&error))?;
    request.set("code", code);
    request.set("secret", secret);
    Outcome::of_call(session, request).await
}

/// A line that is typed.
fn typed(question: &str) -> Result<String, Failure> {
    const LONGEST: u64 = 1_024;
    let mut stderr = io::stderr();
    // Where nobody sees the question, the answer may come all the same.
    let _ = stderr.write_all(question.as_bytes()).and_then(|()| stderr.flush());
    let mut line = String::new();
    let read = io::stdin().lock().take(LONGEST).read_line(&mut line);
    read.map_err(|error| Failure::local(format!("what is typed cannot be read: {error}")))?;
    match line.trim() {
        "" => {
            Err(Failure::usage("no code was typed; give it with --code, together with --secret".to_owned()))
        }
        code => Ok(code.to_owned()),
    }
}
