//! What a command line runs in: the client, and whether requests are sent or shown.

use std::cell::Cell;

use serde_json::Value;
use vastai::{CallResponse, Client, reqwest};
use vastai_api::{Authentication, Effect, Operation};

use crate::connection::Connection;
use crate::consent::{self, Asks};
use crate::failure::Failure;
use crate::globals::{Settings, Showing};
use crate::progress::Progress;
use crate::quoting::shell_word;
use crate::request::Request;
use crate::{json, output};

/// Why a command ends before its result.
pub(crate) enum Stop {
    Failed(Failure),
    /// The request is shown and not sent.
    Shown(String),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// The run of a command line.
pub(crate) struct Session<'line> {
    connection: Connection,
    settings: &'line Settings,
    /// Whether it was asked already: once for a command line.
    asked: Cell<bool>,
}

impl<'line> Session<'line> {
    pub(crate) async fn open(settings: &'line Settings) -> Result<Self, Failure> {
        let connection = Connection::showing(&settings.target, settings.showing).await?;
        Ok(Self { connection, settings, asked: Cell::new(false) })
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    pub(crate) fn client(&self) -> &Client {
        self.connection.client()
    }

    pub(crate) fn settings(&self) -> &Settings {
        self.settings
    }

    /// Sends a request, or shows it in place of that. What destroys, pays or spends is agreed to before.
    pub(crate) async fn send(&self, request: &Request) -> Result<CallResponse, Stop> {
        let sent = self.tried(request).await?;
        sent.map_err(|error| Stop::Failed(Failure::of_call(&error, request.operation())))
    }

    /// As [`send`](Self::send), for those who look into the error.
    pub(crate) async fn tried(&self, request: &Request) -> Result<vastai::Result<CallResponse>, Stop> {
        let operation = request.operation();
        let failed = |error: vastai::Error| Stop::Failed(Failure::of_call(&error, operation));
        let call = request.call(self.client()).map_err(failed)?;
        let shown = match self.settings.showing {
            Showing::Nothing => {
                // What is wrong with it is said before anybody is asked.
                call.request().map_err(failed)?;
                self.agree(request).await?;
                return Ok(call.send().await);
            }
            Showing::Explained => {
                let effect = operation.effect_with(|name| request.get(name));
                explained(operation, effect, &call.request().map_err(failed)?)
            }
            Showing::Curl => curl(operation, &call.request().map_err(failed)?).map_err(Stop::Failed)?,
        };
        Err(Stop::Shown(shown))
    }

    /// Asks whether a request may be sent, where it destroys, pays or spends, and nobody was asked before.
    pub(crate) async fn agree(&self, request: &Request) -> Result<(), Stop> {
        let effect = consent::effect(request).filter(|_| self.settings.showing == Showing::Nothing);
        let Some(effect) = effect.filter(|_| !self.asked.replace(true)) else { return Ok(()) };
        let asks = Asks::of(self.settings, effect);
        let what = match asks {
            // What the line says itself is no news to whoever wrote it.
            Asks::Said if !consent::has_new_price(request) => return Ok(()),
            Asks::Said | Asks::Terminal => consent::described(self.client(), request).await,
            Asks::Nobody | Asks::Absent => consent::words(request),
        };
        Ok(asks.agreed(&what)?)
    }

    /// Asks whether this may be done, unless somebody was asked before.
    pub(crate) fn agree_to(&self, what: &str, effect: Effect) -> Result<(), Failure> {
        if self.settings.showing != Showing::Nothing || self.asked.replace(true) {
            return Ok(());
        }
        Asks::of(self.settings, effect).agreed(what)
    }

    /// Sends a request, and reads the response as JSON.
    pub(crate) async fn json(&self, request: &Request) -> Result<Value, Stop> {
        let response = self.send(request).await?;
        let read = response.json();
        read.map_err(|error| Stop::Failed(Failure::of_call(&error, request.operation())))
    }

    /// The text of the file to which a response points.
    pub(crate) async fn text(&self, url: &str, operation: &'static Operation) -> Result<String, Stop> {
        let failed = |error: vastai::Error| Stop::Failed(Failure::of_call(&error, operation));
        let file = self.client().result_file(url).map_err(failed)?;
        let _progress = Progress::begin("waiting for the machine to write its answer");
        file.text().await.map_err(failed)
    }

    /// Says what is going on; nothing where only the data is wanted.
    pub(crate) fn note(&self, text: &str) {
        output::note(text);
    }
}

/// A request in words: the operation, its method and URL, and the body.
fn explained(operation: &Operation, effect: Effect, request: &reqwest::Request) -> String {
    let mut text = format!("{} {}\n", request.method(), request.url());
    text.push_str(&format!(
        "operation: {} ({})\n",
        operation.id,
        if operation.documented { "documented" } else { "not documented: as the official client calls it" }
    ));
    text.push_str(match operation.authentication {
        Authentication::None => "authorization: none\n",
        _ => "authorization: Bearer, with the API key\n",
    });
    text.push_str(match operation.repeatable {
        true => "repeatable: yes; it is tried again where it fails for a while\n",
        false => "repeatable: no; it is sent once\n",
    });
    text.push_str(&format!("effect: {effect}\n"));
    if let Some(body) = body(request) {
        let mut pretty = Vec::new();
        // Writing to memory does not fail.
        let _ = json::write_indented(body, &mut pretty);
        text.push_str("body: ");
        text.push_str(&String::from_utf8_lossy(&pretty));
    }
    text
}

/// A command of curl that sends the same request, with `$VAST_API_KEY` in the place of the key.
fn curl(operation: &Operation, request: &reqwest::Request) -> Result<String, Failure> {
    let word = |text: &str| {
        shell_word(text)
            .ok_or_else(|| Failure::usage("a value has a NUL, which no argument can hold".to_owned()))
    };
    let mut text = format!("curl -X {} {}", request.method(), word(request.url().as_str())?);
    if operation.authentication != Authentication::None {
        text.push_str(" \\\n  -H \"Authorization: Bearer $VAST_API_KEY\"");
    }
    if let Some(body) = body(request) {
        text.push_str(" \\\n  -H 'Content-Type: application/json' \\\n  -d ");
        text.push_str(&word(&String::from_utf8_lossy(body))?);
    }
    Ok(text + "\n")
}

fn body(request: &reqwest::Request) -> Option<&[u8]> {
    request.body().and_then(reqwest::Body::as_bytes)
}
