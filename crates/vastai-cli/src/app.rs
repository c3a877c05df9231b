//! One command line, from its words to its exit code.

use std::ffi::OsString;
use std::process::ExitCode;

use vastai_api::{OPERATIONS, Operation};

use crate::commands::{Commands, Format, Invocation, Misuse};
use crate::connection::Connection;
use crate::failure::Failure;
use crate::table::Rendered;
use crate::{json, offers, output, view, workers};

/// Does what the command line says.
pub(crate) fn main(line: impl IntoIterator<Item = OsString>) -> ExitCode {
    let invocation = match Commands::new(OPERATIONS).parse(line) {
        Ok(invocation) => invocation,
        Err(Misuse(told)) => return output::tell(&told),
    };
    match run(&invocation) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::fail(&failure);
            failure.exit_code()
        }
    }
}

fn run(invocation: &Invocation) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime
        .map_err(|error| Failure::local(format!("the asynchronous runtime cannot be made: {error}")))?;
    let rendered = runtime.block_on(answered(invocation))?;
    output::print(&rendered.text)?;
    rendered.notes.iter().for_each(|note| output::note(note));
    Ok(())
}

/// Makes the one call of an invocation.
async fn answered(invocation: &Invocation) -> Result<Rendered, Failure> {
    let Invocation { operation, .. } = invocation;
    let connection = Connection::open(&invocation.target).await?;
    called(&connection, invocation).await.map_err(|error| Failure::of_call(&error, operation))
}

async fn called(connection: &Connection, invocation: &Invocation) -> vastai::Result<Rendered> {
    let Invocation { operation, given, query, format, .. } = invocation;
    let client = connection.client();
    let mut call = client.call(operation);
    if let Some(query) = query {
        for (name, value) in offers::body(client, query)? {
            call = call.set_member(name, value);
        }
    }
    // What is given by a flag stands above what a query means.
    for (parameter, value) in given.values() {
        call = call.set_in(parameter.location, parameter.name, value.clone())?;
    }
    let answer = call.send().await?;
    let as_it_came = || Rendered::of(json::indented(answer.bytes()));
    if lists_workers(operation) {
        let workers = answer.workers()?;
        return Ok(match format {
            Format::Json => as_it_came(),
            Format::Table => workers::render(&workers, connection.now()),
        });
    }
    let value = answer.json()?;
    Ok(match format {
        Format::Json => as_it_came(),
        Format::Table => view::render(operation, &value),
    })
}

/// Whether the answer of an operation has a type of its own, and a table of its own with it.
fn lists_workers(operation: &Operation) -> bool {
    matches!(operation.id, "getEndpointWorkers" | "getWorkergroupWorkers")
}
