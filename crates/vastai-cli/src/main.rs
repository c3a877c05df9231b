//! `vastai`: the Vast.ai API from a terminal.
//!
//! Every operation of the document is a command, named by the words of its summary: the commands are made at run time from the
//! operations table, so a new document brings new commands without a line of code here.
//!
//! Beside them stand the commands of the official client, whose words and options are data: a line of that client means the same here.
//!
//! From below to above, each module knows those before it alone:
//!
//! - [`quoting`] makes strings of others safe to print; [`json`] lays out JSON; [`records`] are lines of JSON, and CSV; [`look`] is how wide and
//!   coloured results are; [`table`] draws tables, which are [`styled`] texts.
//! - [`globals`] has the options of every command; [`arguments`] what a command takes; [`offers`] the query of a search for offers.
//! - [`view`] and [`workers`] make a response readable; [`raw`] makes it what the official client prints.
//! - [`failure`] is what is printed when a command failed, with its exit code; [`output`] prints; [`stop`] hears of the end.
//! - [`watch`] draws what goes on, [`export`] serves it as metrics; [`builtins`] are the commands of this program's own.
//! - [`progress`] shows what long work is at; [`connection`] has the client; [`request`] is what is sent; [`consent`] asks before what
//!   destroys, pays or rents; [`session`] sends it, or shows it; [`waiting`] waits for an instance; [`pages`] puts pages together; [`rental`] rents once; [`outcome`] is what came
//!   of it, and prints it.
//! - [`overview`] is the first page of the help, [`suggestions`] are of what may have been meant; [`official`] has the commands of the official client; [`help`] says what they take.
//! - [`commands`] makes the tree of commands, and reads a command line; [`app`] runs it.

mod app;
mod arguments;
mod builtins;
mod commands;
mod connection;
mod consent;
mod export;
mod failure;
mod globals;
mod help;
mod invoked;
mod json;
mod look;
mod narrow;
mod offers;
mod official;
mod outcome;
mod output;
mod overview;
mod pages;
mod progress;
mod quoting;
mod raw;
mod records;
mod rental;
mod request;
mod session;
mod stop;
mod styled;
mod suggestions;
mod table;
#[cfg(test)]
mod test_operations;
mod view;
mod waiting;
mod watch;
mod workers;

fn main() -> std::process::ExitCode {
    app::main(std::env::args_os())
}
