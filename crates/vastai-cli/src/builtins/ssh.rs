//! `vastai ssh`: a login on an instance.

use std::process::Command as Program;

use clap::{Arg, ArgAction, Command, ValueHint, value_parser};
use vastai_api::operations;

use crate::connection::{Connection, runtime};
use crate::failure::Failure;
use crate::invoked::Invoked;

const ID: &str = "id";
const COMMAND: &str = "command";
const IDENTITY: &str = "identity";

pub(super) fn command(command: Command) -> Command {
    command
        .about("Log in to an instance, or run a command there")
        .after_help("Example:\n  vastai ssh 28004311 nvidia-smi\n\nOptions stand before the ID: what follows it is the command's.")
        .arg(
            Arg::new(IDENTITY)
                .short('i')
                .long(IDENTITY)
                .value_name("FILE")
                .value_hint(ValueHint::FilePath)
                .help("The private key to log in with"),
        )
        .arg(
            Arg::new(ID)
                .value_name("ID")
                .required(true)
                .value_parser(value_parser!(i64).range(1..))
                .help("The instance"),
        )
        .arg(
            Arg::new(COMMAND)
                .value_name("COMMAND")
                .num_args(0..)
                .trailing_var_arg(true)
                .allow_hyphen_values(true)
                .action(ArgAction::Append)
                .help("What to run in place of a shell"),
        )
}

/// Runs ssh, whose exit code is that of the command.
pub(super) fn run(invoked: &Invoked<'_>) -> Result<(), Failure> {
    let id = invoked.matches.get_one::<i64>(ID).copied().unwrap_or_default();
    let ssh = runtime()?.block_on(async {
        let connection = Connection::open(invoked.target).await?;
        let ssh = connection.client().instance(id).ssh().await;
        ssh.map_err(|error| Failure::of_call(&error, operations::SHOW_INSTANCE))
    })?;
    let mut program = Program::new("ssh");
    program.args(["-p", &ssh.port().to_string(), "-o", "StrictHostKeyChecking=accept-new"]);
    if let Some(identity) = invoked.matches.get_one::<String>(IDENTITY) {
        program.args(["-i", identity]);
    }
    program.arg(format!("{}@{}", ssh.user(), ssh.host()));
    program.args(invoked.matches.get_many::<String>(COMMAND).unwrap_or_default());
    become_it(program)
}

/// Runs a program in the place of this one, so that it has the terminal and its signals.
#[cfg(unix)]
fn become_it(mut program: Program) -> Result<(), Failure> {
    use std::os::unix::process::CommandExt as _;

    Err(Failure::local(format!("ssh cannot be run: {}", program.exec())))
}

/// Runs a program to its end.
#[cfg(not(unix))]
fn become_it(mut program: Program) -> Result<(), Failure> {
    match program.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Failure::local(format!("ssh ended with {status}"))),
        Err(error) => Err(Failure::local(format!("ssh cannot be run: {error}"))),
    }
}
