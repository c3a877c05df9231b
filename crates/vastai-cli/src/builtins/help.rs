//! `vastai help`: of a command, or about a subject.

use clap::{Arg, ArgAction, Command};
use vastai_api::OPERATIONS;

use crate::arguments::first_paragraph;
use crate::failure::Failure;
use crate::invoked::Invoked;
use crate::{narrow, offers, output, overview};

const WORDS: &str = "words";
const COMMANDS: &str = "commands";
/// How offers are searched.
const SEARCH_QUERY: &str = "search-query";
/// The width of what is said of a field.
const WIDTH: usize = 76;

const QUERY: &str = "\
A query is a list of comparisons, all of which must hold:

  vastai search offers 'gpu_name=RTX_4090 num_gpus>=2 dph<1.5 geolocation in [SE,NO]'

  =  ==  !=  <  <=  >  >=      compare with a value; of a text = and != alone
  in [A,B]   not in [A,B]      one of several, or none of them
  FIELD=any                    takes back what holds unless it is said

Spaces in a text are written as _: RTX_4090. The conditions verified=true external=false
rentable=true rented=false hold unless the query says otherwise. In a query, memory is in GB and
duration in days. Each field is a flag too, which takes JSON in the units of the service, such as
--gpu-ram '{\"gte\": 24000}'.

Fields, with the units of the service:
";

pub(super) fn command(command: Command) -> Command {
    command
        .about("Print the help of a command, of all commands, or about search queries")
        .override_usage(
            "vastai help [WORDS]...\n       vastai help commands\n       vastai help search-query",
        )
        .arg(
            Arg::new(WORDS)
                .value_name("WORDS")
                .num_args(0..)
                .action(ArgAction::Append)
                .help("The words of a command"),
        )
}

/// Prints it.
pub(super) fn run(invoked: &Invoked<'_>) -> Result<(), Failure> {
    let words: Vec<&str> =
        invoked.matches.get_many::<String>(WORDS).unwrap_or_default().map(String::as_str).collect();
    match words.as_slice() {
        [COMMANDS] => output::print(&narrow::for_stdout(&overview::all_commands(OPERATIONS))),
        [SEARCH_QUERY] => output::print(&narrow::for_stdout(&search_query())),
        words => {
            let line = ["vastai"].iter().chain(words).chain(&["--help"]);
            match (invoked.commands)().try_get_matches_from(line) {
                Err(help) if !help.use_stderr() => {
                    output::print(&narrow::for_stdout(&help.render().to_string()))
                }
                _ => Err(Failure::usage(format!(
                    "there is no command `{}`; `vastai help commands` has all of them",
                    words.join(" ")
                ))),
            }
        }
    }
}

/// The query language, and the fields that a search for offers knows.
fn search_query() -> String {
    let mut text = QUERY.to_owned();
    let search = OPERATIONS.iter().find(|operation| offers::is_search(operation));
    for parameter in search.into_iter().flat_map(offers::filters) {
        let about = first_paragraph(parameter.description, WIDTH).replace('\n', " ");
        let about: String = about.split_whitespace().collect::<Vec<_>>().join(" ");
        text.push_str(&format!("  {:<22} {about}\n", parameter.name));
    }
    text
}
