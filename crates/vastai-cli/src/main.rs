//! `vastai`: the Vast.ai API from a terminal.
//!
//! Every operation of the document is a command, named by the words of its summary: the commands are made at run time from the
//! operations table, so a new document brings new commands without a line of code here.
//!
//! From below to above, each module knows those before it alone:
//!
//! - [`quoting`] makes strings of others safe to print; [`json`] lays out JSON; [`table`] draws tables.
//! - [`globals`] has the options of every command; [`arguments`] what a command takes; [`offers`] the query of a search for offers.
//! - [`failure`] is what is printed when a command failed, with its exit code; [`output`] prints; [`connection`] has the client.
//! - [`watch`] draws what goes on; [`builtins`] are the commands that are no operation.
//! - [`words`] names each operation; [`commands`] makes the tree of commands of the names.
//! - [`view`] and [`workers`] make a response readable; [`app`] makes the call of a command line.

mod app;
mod arguments;
mod builtins;
mod commands;
mod connection;
mod failure;
mod globals;
mod invoked;
mod json;
mod offers;
mod output;
mod quoting;
mod table;
#[cfg(test)]
mod test_operations;
mod view;
mod watch;
mod workers;

fn main() -> std::process::ExitCode {
    app::main(std::env::args_os())
}
