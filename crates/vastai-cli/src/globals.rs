//! The options that every command has: where requests go, and how the response is written.

use clap::builder::PossibleValuesParser;
use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, ValueHint};
use vastai::ClientBuilder;
use vastai_api::Operation;

use crate::look::Look;

/// The account's key.
pub(crate) const API_KEY: &str = "api-key";
/// Where the console is.
pub(crate) const CONSOLE_URL: &str = "console-url";
/// Where the serverless engine is.
pub(crate) const RUN_URL: &str = "run-url";
/// The embedded simulator instead of the service.
pub(crate) const MOCK: &str = "mock";
/// Sends the request once.
pub(crate) const NO_RETRY: &str = "no-retry";
/// A table or JSON.
pub(crate) const OUTPUT: &str = "output";
/// What the official client prints for programs.
pub(crate) const RAW: &str = "raw";
/// Where both servers are.
const URL: &str = "url";
/// How often to try at most.
const RETRY: &str = "retry";
/// Shows the request in words.
const EXPLAIN: &str = "explain";
/// Shows the request as a command.
const CURL: &str = "curl";
/// Nothing in colours.
const NO_COLOR: &str = "no-color";
/// The fields that are shown.
const COLS: &str = "cols";
/// Agrees to what destroys, pays or rents.
pub(crate) const YES: &str = "yes";
/// The variable that does.
pub(crate) const YES_VARIABLE: &str = "VASTAI_YES";
/// No pager, of which there is none.
const FULL: &str = "full";

/// Names that no parameter's flag can have.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    const ALL: [&str; 17] = [
        API_KEY,
        CONSOLE_URL,
        RUN_URL,
        MOCK,
        NO_RETRY,
        OUTPUT,
        RAW,
        URL,
        RETRY,
        EXPLAIN,
        CURL,
        NO_COLOR,
        COLS,
        YES,
        FULL,
        "help",
        "version",
    ];
    ALL.into_iter()
}

/// Whether people or programs read the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// A table for people.
    Table,
    /// The response as it came.
    Json,
    /// JSON as the official client prints it: of a list the list alone.
    Raw,
    /// The ids alone, a line each.
    Ids,
    /// A line of JSON for each element of a list.
    JsonLines,
    /// A row for each element of a list.
    Csv,
}

/// What is shown in place of sending a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Showing {
    /// Nothing: it is sent.
    Nothing,
    /// The request in words.
    Explained,
    /// A command that sends it.
    Curl,
}

/// What the options of every command say. Without `Debug`, as it may hold a key.
pub(crate) struct Settings {
    pub(crate) format: Format,
    pub(crate) target: Target,
    pub(crate) showing: Showing,
    pub(crate) look: Look,
    /// Whether what destroys, pays or spends is agreed to.
    pub(crate) yes: bool,
}

/// Where requests go. Without `Debug`, as it may hold a key.
pub(crate) enum Target {
    /// The service; what is not given comes from the environment.
    Service {
        api_key: Option<String>,
        console_url: Option<String>,
        run_url: Option<String>,
        /// How often what is safe to repeat is tried at most, where it is not as often as usual.
        attempts: Option<u32>,
    },
    /// The embedded simulator, whatever the environment says.
    #[cfg(feature = "mock")]
    Mock,
}

impl Target {
    /// Whether nothing is at stake.
    pub(crate) fn is_mock(&self) -> bool {
        !matches!(self, Self::Service { .. })
    }
}

/// The options, as clap knows them.
pub(crate) fn args() -> Vec<Arg> {
    let flag = |name: &'static str| Arg::new(name).long(name).global(true).help_heading("Global options");
    let url = |name| flag(name).value_name("URL").value_hint(ValueHint::Url);
    vec![
        flag(API_KEY)
            .value_name("KEY")
            .help("API key; others on the machine may see it here, unlike in VAST_API_KEY"),
        url(CONSOLE_URL).help(format!(
            "Where the console is; else VAST_URL, else {}",
            ClientBuilder::DEFAULT_CONSOLE_URL
        )),
        url(RUN_URL).help(format!(
            "Where the serverless engine is; else VAST_RUN_URL, else {}",
            ClientBuilder::DEFAULT_RUN_URL
        )),
        #[cfg(feature = "mock")]
        flag(MOCK)
            .action(ArgAction::SetTrue)
            .help("Use the embedded simulator: no key, no network, no costs"),
        flag(NO_RETRY)
            .action(ArgAction::SetTrue)
            .help("Send the request once; else what is safe to repeat is tried again"),
        flag(OUTPUT)
            .value_name("FORMAT")
            .value_parser(PossibleValuesParser::new(["table", "json", "jsonl", "csv"]))
            .hide_possible_values(true)
            .help("table, the default; json as the service sent it; jsonl or csv, a line for each row"),
        flag(COLS)
            .value_name("A,B,…")
            .value_delimiter(',')
            .help("Show these fields, in this order: of tables, jsonl and csv"),
        flag(RAW)
            .action(ArgAction::SetTrue)
            .help("JSON as the official client prints it; --output json is the response as it came"),
        flag(EXPLAIN).action(ArgAction::SetTrue).help("Show the request in words instead of sending it"),
        flag(CURL)
            .action(ArgAction::SetTrue)
            .conflicts_with(EXPLAIN)
            .help("Show the request as a command of curl instead of sending it"),
        url(URL).help("Where both servers are, unless said for one of them"),
        flag(RETRY)
            .value_name("N")
            .value_parser(clap::value_parser!(u32))
            .conflicts_with(NO_RETRY)
            .help("How often to try at most; what is not safe to repeat is sent once"),
        flag(NO_COLOR).action(ArgAction::SetTrue).help("No colours, as with NO_COLOR in the environment"),
        flag(YES)
            .short('y')
            .action(ArgAction::SetTrue)
            .help("Do not ask before what destroys, pays or gives away, as with VASTAI_YES=1"),
        flag(FULL).action(ArgAction::SetTrue).hide(true),
    ]
}

/// What the options say.
pub(crate) fn settings(matches: &ArgMatches) -> Result<Settings, (ErrorKind, String)> {
    let showing = match (matches.get_flag(EXPLAIN), matches.get_flag(CURL)) {
        (true, _) => Showing::Explained,
        (_, true) => Showing::Curl,
        _ => Showing::Nothing,
    };
    let columns = matches.get_many::<String>(COLS).map(|names| {
        names.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect::<Vec<_>>()
    });
    // What the official client calls all of them.
    let columns = columns.filter(|names| !names.is_empty() && names != &["all"] && names != &["*"]);
    let look = Look::of_stdout(matches.get_flag(NO_COLOR), columns);
    Ok(Settings {
        format: format(matches),
        target: target(matches)?,
        showing,
        look,
        yes: matches.get_flag(YES) || is_agreed(),
    })
}

/// Whether the environment agrees to what is asked about.
fn is_agreed() -> bool {
    std::env::var_os(YES_VARIABLE).is_some_and(|value| !value.is_empty() && value != "0")
}

/// How the output is written, from the options: what is said in so many words stands above `--raw`.
fn format(matches: &ArgMatches) -> Format {
    match matches.get_one::<String>(OUTPUT).map(String::as_str) {
        Some("json") => Format::Json,
        Some("jsonl") => Format::JsonLines,
        Some("csv") => Format::Csv,
        _ if matches.get_flag(RAW) => Format::Raw,
        _ => Format::Table,
    }
}

/// Where requests go, from the options.
fn target(matches: &ArgMatches) -> Result<Target, (ErrorKind, String)> {
    let given = |name: &str| matches.get_one::<String>(name).cloned();
    #[cfg(feature = "mock")]
    if matches.get_flag(MOCK) {
        return match [API_KEY, CONSOLE_URL, RUN_URL, URL].into_iter().find(|name| given(name).is_some()) {
            Some(name) => Err((
                ErrorKind::ArgumentConflict,
                format!("the argument '--mock' cannot be used with '--{name}'"),
            )),
            None => Ok(Target::Mock),
        };
    }
    Ok(Target::Service {
        api_key: given(API_KEY),
        console_url: given(CONSOLE_URL).or_else(|| given(URL)),
        run_url: given(RUN_URL).or_else(|| given(URL)),
        attempts: match matches.get_flag(NO_RETRY) {
            true => Some(1),
            false => matches.get_one::<u32>(RETRY).copied(),
        },
    })
}

/// Whether an operation belongs to the serverless engine, and not to the console.
pub(crate) fn is_of_engine(operation: &Operation) -> bool {
    operation.server.eq_ignore_ascii_case(ClientBuilder::DEFAULT_RUN_URL)
}

/// The server of an operation, for people.
pub(crate) fn server_in_words(operation: &Operation) -> &'static str {
    if is_of_engine(operation) { "serverless engine" } else { "console" }
}
