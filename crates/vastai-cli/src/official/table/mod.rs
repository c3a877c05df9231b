//! The commands of the official client 1.9.1: their words, what they take, and which operation they call. These are facts about the official
//! client, as its requests show them; a command of an operation that is not here goes by our words alone.

mod account;
mod hosts;
mod instances;
mod market;
mod serverless;
mod storage;

use super::command::Command;

/// All official commands.
pub(crate) fn all() -> impl Iterator<Item = &'static Command> {
    [
        market::COMMANDS,
        instances::COMMANDS,
        storage::COMMANDS,
        serverless::COMMANDS,
        account::COMMANDS,
        hosts::COMMANDS,
    ]
    .into_iter()
    .flatten()
}
