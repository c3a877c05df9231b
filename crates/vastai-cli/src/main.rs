//! `vastai`: the Vast.ai API from a terminal.
//!
//! Every operation of the document is a command, named by the words of its summary: the commands are made at run time from the
//! operations table, so a new document brings new commands without a line of code here.
//!
//! - [`words`] gives each operation its words; [`commands`] makes the tree of commands of them, and [`arguments`] their arguments.
//! - [`offers`] is the query of a search for offers.
//! - [`app`] makes one call of a command line; [`connection`] is the client it uses.
//! - [`view`] and [`workers`] make text of an answer with [`table`]; [`json`] lays out JSON; [`output`] writes.
//! - [`quoting`] is how text of others may stand there.
//! - [`failure`] is what is said when it went wrong, and the exit code.

mod app;
mod arguments;
mod commands;
mod connection;
mod failure;
mod json;
mod offers;
mod output;
mod quoting;
mod table;
mod view;
mod words;
mod workers;

fn main() -> std::process::ExitCode {
    app::main(std::env::args_os())
}
