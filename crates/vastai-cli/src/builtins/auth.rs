//! `vastai auth`: stores a key after asking the service whose it is.

use std::io::{IsTerminal, Read, stdin};

use clap::Command;
use crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};
use vastai::keys::{KeyFiles, KeySource};
use vastai::{Client, ErrorKind};
use vastai_api::operations;
use vastai_api::types::User;

use super::key_store;
use crate::connection::{self, Connection};
use crate::failure::Failure;
use crate::globals::{Format, Target};
use crate::invoked::Invoked;
use crate::outcome::print_records;
use crate::output;
use crate::quoting::one_line;

const STATUS: &str = "status";
const LOGOUT: &str = "logout";
/// What is read of stdin: a key has 64 characters, and key files may have no more than this.
const MOST: u64 = 4096;

pub(super) fn command(command: Command) -> Command {
    command
        .about("Store an API key, after asking the service whose it is")
        .after_help(
            "Without a terminal, the key is read from stdin:\n  pass show vast | vastai auth\n\nIt is stored in \
             $XDG_CONFIG_HOME/vastai/vast_api_key (~/.config/vastai/vast_api_key), where the official\ncommand line looks too; nobody \
             else can read it. Keys are made on the console's key page.",
        )
        .subcommands([
            Command::new(STATUS).about("Say which key is used, whose it is, and what it can spend"),
            Command::new(LOGOUT).about("Remove the stored keys, also that of a two-factor session"),
        ])
}

/// Does what the line says.
pub(super) fn run(invoked: &Invoked<'_>) -> Result<(), Failure> {
    match invoked.matches.subcommand_name() {
        Some(LOGOUT) => log_out(),
        Some(STATUS) => status(invoked),
        _ => log_in(invoked),
    }
}

fn log_in(invoked: &Invoked<'_>) -> Result<(), Failure> {
    let Target::Service { api_key, console_url, run_url, attempts } = invoked.target else {
        let message = "the simulator needs no key, and its key is not stored; leave out --mock";
        return Err(Failure::usage(message.to_owned()));
    };
    let key = match api_key {
        Some(key) => key.clone(),
        None => read_key()?,
    };
    let target = Target::Service {
        api_key: Some(key.clone()),
        console_url: console_url.clone(),
        run_url: run_url.clone(),
        attempts: *attempts,
    };
    let user = connection::runtime()?.block_on(async {
        let connection = Connection::open(&target).await?;
        match user(connection.client()).await {
            Ok(user) => Ok(Some(user)),
            // The service knows the key, which may just not say whose it is.
            Err(error) if error.kind() == ErrorKind::Forbidden => Ok(None),
            Err(error) => Err(Failure::of_call(&error, operations::SHOW_USER)),
        }
    })?;
    let files = KeyFiles::from_env();
    let file = key_store::store(&files, key.trim())?;
    let whose = user.as_ref().map_or_else(
        || "the service knows it, and its permissions do not tell whose it is".to_owned(),
        |user| format!("it is the key of {}", name_of(user)),
    );
    output::print(&format!("stored in {}: {whose}\n", file.display()))?;
    if std::env::var_os("VAST_API_KEY").is_some_and(|value| !value.is_empty()) {
        output::warn("VAST_API_KEY is set and comes before the file; unset it to use the stored key");
    } else if let Some(session) = files.session.as_ref().filter(|file| file.exists()) {
        output::warn(&format!(
            "the key of a two-factor session comes before it; remove {} to use the stored key",
            session.display()
        ));
    }
    Ok(())
}

/// Asks for a key, which is not shown; without a terminal, the key is what stdin has.
fn read_key() -> Result<String, Failure> {
    let failed = |error: std::io::Error| Failure::local(format!("the key cannot be read: {error}"));
    let key = if stdin().is_terminal() {
        typed("API key (it is not shown): ").map_err(failed)?
    } else {
        let mut key = String::new();
        stdin().lock().take(MOST + 1).read_to_string(&mut key).map_err(failed)?;
        if key.len() as u64 > MOST {
            return Err(Failure::usage(format!("stdin has more than {MOST} bytes, which is no key")));
        }
        key
    };
    let key = key.trim().to_owned();
    if key.is_empty() {
        return Err(Failure::usage("no key was given: type one, or pipe one in".to_owned()));
    }
    Ok(key)
}

/// A line that is typed or pasted on the terminal without being shown; empty where it was given up by Ctrl-C, Ctrl-D or Esc.
fn typed(prompt: &str) -> std::io::Result<String> {
    // Before the prompt is there: whoever pastes at once would see the key.
    let unseen = Unseen::begin()?;
    output::prompt(prompt);
    let mut line = String::new();
    loop {
        let Event::Key(key) = event::read()? else { continue };
        let is_control = key.modifiers.contains(KeyModifiers::CONTROL);
        if key.kind == KeyEventKind::Release {
            continue;
        }
        match (key.code, is_control) {
            (KeyCode::Enter, _) => break,
            (KeyCode::Esc, _) | (KeyCode::Char('c' | 'd'), true) => {
                line.clear();
                break;
            }
            (KeyCode::Char('u'), true) => line.clear(),
            (KeyCode::Backspace, _) => drop(line.pop()),
            (KeyCode::Char(letter), false) if (line.len() as u64) < MOST => line.push(letter),
            _ => {}
        }
    }
    drop(unseen);
    output::prompt("\n");
    Ok(line)
}

/// A terminal that does not show what is typed, until this goes. (rpassword hides it only after the prompt stands there.)
struct Unseen;

impl Unseen {
    fn begin() -> std::io::Result<Self> {
        crossterm::terminal::enable_raw_mode().map(|()| Self)
    }
}

impl Drop for Unseen {
    fn drop(&mut self) {
        // Where it fails, the terminal is gone.
        let _ = crossterm::terminal::disable_raw_mode();
    }
}

fn status(invoked: &Invoked<'_>) -> Result<(), Failure> {
    let source = match invoked.target {
        Target::Service { .. } => source_in_words(connection::builder(invoked.target).key_source()),
        #[cfg(feature = "mock")]
        Target::Mock => "the embedded simulator".to_owned(),
    };
    let user = connection::runtime()?.block_on(async {
        let connection = Connection::open(invoked.target).await?;
        user(connection.client()).await.map_err(|error| Failure::of_call(&error, operations::SHOW_USER))
    })?;
    match invoked.format {
        Format::Table => {
            let credit = user.credit.or(user.balance).map(|credit| format!("credit   {credit:.2} $\n"));
            output::print(&format!(
                "key      {source}\naccount  {}\n{}",
                name_of(&user),
                credit.unwrap_or_default()
            ))
        }
        format => {
            let json = serde_json::json!({"key": source, "id": user.id, "username": user.username, "email": user.email,
                "credit": user.credit.or(user.balance)});
            match format {
                Format::JsonLines | Format::Csv => print_records(&json, format, invoked.look),
                _ => output::print_json(json.to_string().as_bytes()),
            }
        }
    }
}

/// Where the key is from.
pub(super) fn source_in_words(source: Option<&KeySource>) -> String {
    match source {
        Some(KeySource::Given) => "--api-key".to_owned(),
        Some(KeySource::Variable(name)) => (*name).to_owned(),
        Some(KeySource::File(file)) => file.display().to_string(),
        _ => "none".to_owned(),
    }
}

/// The account of a client's key.
pub(super) async fn user(client: &Client) -> vastai::Result<User> {
    Ok(client.api().show_user().send().await?.into_inner())
}

/// What an account is called.
pub(super) fn name_of(user: &User) -> String {
    let names = [user.username.as_deref(), user.email.as_deref()]
        .into_iter()
        .flatten()
        .filter(|name| !name.is_empty());
    let mut names: Vec<String> = names.map(one_line).collect();
    names.dedup();
    match (names.as_slice(), user.id) {
        ([], Some(id)) => format!("account {id}"),
        ([], None) => "an account without a name".to_owned(),
        (names, Some(id)) => format!("{} (account {id})", names.join(", ")),
        (names, None) => names.join(", "),
    }
}

fn log_out() -> Result<(), Failure> {
    let removed = key_store::remove(&KeyFiles::from_env())?;
    if removed.is_empty() {
        output::note("no key is stored");
    }
    for file in &removed {
        output::print(&format!("removed {}\n", file.display()))?;
    }
    if std::env::var_os("VAST_API_KEY").is_some_and(|value| !value.is_empty()) {
        output::warn("VAST_API_KEY is still set");
    }
    if !removed.is_empty() {
        output::note("the key itself is still valid; the console's key page deletes it");
    }
    Ok(())
}
