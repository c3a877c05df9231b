//! One command line, from its words to its exit code.

use std::ffi::OsString;
use std::process::ExitCode;

use vastai_api::{OPERATIONS, Operation};

use crate::answer::{self, Verdict};
use crate::arguments::Given;
use crate::commands::{Commands, Format, Invocation, Misuse};
use crate::connection::Connection;
use crate::failure::Failure;
use crate::table::Rendered;
use crate::{json, output, view, workers};

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
    let Invocation { operation, given, format, .. } = invocation;
    let listing = Listing::of(operation, given)?;
    let connection = Connection::open(&invocation.target).await?;
    if let (Some(listing), Format::Table) = (listing, format) {
        let workers = listing
            .workers(connection.client())
            .await
            .map_err(|error| Failure::of_call(&error, operation))?;
        return Ok(workers::render(&workers, connection.now()));
    }
    let mut call = connection.client().call(operation);
    for (name, value) in given.values() {
        call = call.set(name, value.clone()).map_err(|error| Failure::of_call(&error, operation))?;
    }
    let answer = call.send().await.map_err(|error| Failure::of_call(&error, operation))?;
    let value = answer.json().map_err(|error| Failure::of_call(&error, operation))?;
    if let Verdict::Failed(kind, words) = answer::judge(operation, listing.is_some(), &value) {
        return Err(Failure::of_answer(kind, &words, answer.status(), operation));
    }
    Ok(match format {
        Format::Json => Rendered::of(json::indented(answer.bytes())),
        Format::Table => view::render(operation, &value),
    })
}

/// The two operations whose answer has a type of its own, and the id that they are asked for.
#[derive(Debug, Clone, Copy)]
enum Listing {
    Endpoint(u64),
    Workergroup(u64),
}

impl Listing {
    fn of(operation: &Operation, given: &Given) -> Result<Option<Self>, Failure> {
        let listing = match operation.id {
            "getEndpointWorkers" => Self::Endpoint,
            "getWorkergroupWorkers" => Self::Workergroup,
            _ => return Ok(None),
        };
        let id = given.values().find(|(name, _)| *name == "id").map(|(_, id)| id);
        match id.map(|id| id.as_u64().filter(|&id| id >= 1).ok_or(id)) {
            Some(Ok(id)) => Ok(Some(listing(id))),
            Some(Err(id)) => Err(Failure::usage(format!("invalid value '{id}' for '<ID>': ids begin at 1"))),
            // In a document without this parameter it is an operation like any other.
            None => Ok(None),
        }
    }

    async fn workers(self, client: &vastai::Client) -> vastai::Result<Vec<vastai::Worker>> {
        match self {
            Self::Endpoint(id) => client.endpoint(id).workers().await,
            Self::Workergroup(id) => client.workergroup(id).workers().await,
        }
    }
}
