//! One command line, from its words to its exit code.

use std::ffi::OsString;
use std::process::ExitCode;

use vastai_api::OPERATIONS;

use crate::commands::{Commands, Invocation, Misuse, Parsed, Task};
use crate::failure::Failure;
use crate::outcome::Outcome;
use crate::request::Request;
use crate::session::{Session, Stop};
use crate::{connection, offers, official, output};

/// Does what the command line says.
pub(crate) fn main(line: impl IntoIterator<Item = OsString>) -> ExitCode {
    let commands = Commands::new(OPERATIONS).with_official();
    let done = match commands.parse(line) {
        Ok(Parsed::Call(invocation)) => run(&invocation),
        Ok(Parsed::Builtin(invocation)) => invocation.run(&|| commands.whole()).map(|()| 0),
        Err(Misuse(error)) => return output::print_clap(&error),
    };
    match done {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            output::fail(&failure);
            failure.exit_code()
        }
    }
}

fn run(invocation: &Invocation) -> Result<u8, Failure> {
    if let Task::Official(line) = &invocation.task
        && let Some(done) = line.here()
    {
        return output::print(&done?).map(|()| 0);
    }
    connection::runtime()?.block_on(async {
        let session = Session::open(&invocation.settings).await?;
        match outcome(&invocation.task, &session).await {
            Ok(outcome) => outcome.print(&session),
            Err(Stop::Failed(failure)) => Err(failure),
            Err(Stop::Shown(request)) => {
                output::print(&request)?;
                if matches!(&invocation.task, Task::Official(line) if line.goes_on()) {
                    output::note("this is the first request; what follows depends on its response");
                }
                Ok(0)
            }
        }
    })
}

async fn outcome(task: &Task, session: &Session<'_>) -> Result<Outcome, Stop> {
    let (operation, given, query) = match task {
        Task::Official(line) => return line.run(session).await,
        Task::Call { operation, given, query } => (operation, given, query),
    };
    let mut request = Request::new(operation);
    if !given.defaults || query.is_some() {
        // A query says by itself which of them hold.
        request.leave_out_defaults();
    }
    if let Some(query) = query {
        let body = offers::body(session.client(), query, given.defaults);
        for (name, value) in body.map_err(|error| Failure::of_call(&error, operation))? {
            request.set(&name, value);
        }
    }
    // What is given by a flag stands above what a query means.
    for (parameter, value) in given.values() {
        request.give(parameter, value.clone());
    }
    official::complete(&mut request)?;
    Outcome::of_call(session, request).await
}
