//! One command line, from its words to its exit code.

use std::ffi::OsString;
use std::process::ExitCode;

use vastai::CallResponse;
use vastai_api::{OPERATIONS, Operation};

use crate::commands::{Commands, Invocation, Misuse, Parsed};
use crate::connection::{self, Connection};
use crate::failure::Failure;
use crate::globals::Format;
use crate::table::Rendered;
use crate::{offers, output, view, workers};

/// Does what the command line says.
pub(crate) fn main(line: impl IntoIterator<Item = OsString>) -> ExitCode {
    let commands = Commands::new(OPERATIONS);
    let done = match commands.parse(line) {
        Ok(Parsed::Call(invocation)) => run(&invocation),
        Ok(Parsed::Builtin(invocation)) => invocation.run(&commands.command()),
        Err(Misuse(error)) => return output::print_clap(&error),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::fail(&failure);
            failure.exit_code()
        }
    }
}

fn run(invocation: &Invocation) -> Result<(), Failure> {
    let Shown { body, notes } = connection::runtime()?.block_on(shown(invocation))?;
    match body {
        Body::Text(text) => output::print(&text)?,
        Body::Json(response) => output::print_json(response.bytes())?,
    }
    notes.iter().for_each(|note| output::note(note));
    Ok(())
}

/// What is printed of a response.
struct Shown {
    /// Goes to stdout.
    body: Body,
    /// Go to stderr.
    notes: Vec<String>,
}

enum Body {
    Text(String),
    /// As it came.
    Json(CallResponse),
}

impl From<Rendered> for Shown {
    fn from(Rendered { text, notes }: Rendered) -> Self {
        Self { body: Body::Text(text), notes }
    }
}

/// Makes the one call of an invocation.
async fn shown(invocation: &Invocation) -> Result<Shown, Failure> {
    let Invocation { operation, .. } = invocation;
    let connection = Connection::open(&invocation.target).await?;
    called(&connection, invocation).await.map_err(|error| Failure::of_call(&error, operation))
}

async fn called(connection: &Connection, invocation: &Invocation) -> vastai::Result<Shown> {
    let Invocation { operation, given, query, format, .. } = invocation;
    let client = connection.client();
    let mut call = client.call(operation);
    if !given.defaults || query.is_some() {
        // A query says by itself which of them hold.
        call = call.without_defaults();
    }
    if let Some(query) = query {
        for (name, value) in offers::body(client, query, given.defaults)? {
            call = call.set_field(name, value);
        }
    }
    // What is given by a flag stands above what a query means.
    for (parameter, value) in given.values() {
        call = call.set_in(parameter.location, parameter.name, value.clone())?;
    }
    let response = call.send().await?;
    let as_it_came = |response| Shown { body: Body::Json(response), notes: Vec::new() };
    let cut_off = match offers::is_search(operation) {
        true => offers::cut_off(given.limit(), response.bytes()),
        false => None,
    };
    if lists_workers(operation) {
        let workers = vastai::serverless::workers_in(&response)?;
        return Ok(match format {
            Format::Json => as_it_came(response),
            Format::Table => workers::render(&workers, connection.now()).into(),
        });
    }
    let mut shown = match format {
        Format::Json => {
            response.check_json()?;
            as_it_came(response)
        }
        Format::Table => view::render(operation, &response.json()?).into(),
    };
    shown.notes.extend(cut_off);
    Ok(shown)
}

/// Whether the response of an operation has a type of its own, and with it a table of its own.
fn lists_workers(operation: &Operation) -> bool {
    matches!(operation.id, "getEndpointWorkers" | "getWorkergroupWorkers")
}
