//! The options that every command has: where requests go, and how the response is written.

use clap::builder::PossibleValuesParser;
use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, ValueHint};
use vastai::ClientBuilder;
use vastai_api::Operation;

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
/// JSON.
pub(crate) const RAW: &str = "raw";
/// Names that no parameter's flag can have.
pub(crate) const ALL: [&str; 9] =
    [API_KEY, CONSOLE_URL, RUN_URL, MOCK, NO_RETRY, OUTPUT, RAW, "help", "version"];

/// Whether people or programs read the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Table,
    Json,
}

/// Where requests go. Without `Debug`, as it may hold a key.
pub(crate) enum Target {
    /// The service; what is not given comes from the environment.
    Service {
        api_key: Option<String>,
        console_url: Option<String>,
        run_url: Option<String>,
        /// Whether what is safe to repeat is tried again.
        retry: bool,
    },
    /// The embedded simulator, whatever the environment says.
    #[cfg(feature = "mock")]
    Mock,
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
            .value_name("table|json")
            .value_parser(PossibleValuesParser::new(["table", "json"]))
            .hide_possible_values(true)
            .help("A table for people (the default), or the JSON of the service for programs"),
        flag(RAW).action(ArgAction::SetTrue).help("The same as --output json"),
    ]
}

/// How the output is written, from the options.
pub(crate) fn format(matches: &ArgMatches) -> Format {
    let is_json = matches.get_one::<String>(OUTPUT).is_some_and(|output| output == "json");
    if is_json || matches.get_flag(RAW) { Format::Json } else { Format::Table }
}

/// Where requests go, from the options.
pub(crate) fn target(matches: &ArgMatches) -> Result<Target, (ErrorKind, String)> {
    let given = |name: &str| matches.get_one::<String>(name).cloned();
    #[cfg(feature = "mock")]
    if matches.get_flag(MOCK) {
        return match [API_KEY, CONSOLE_URL, RUN_URL].into_iter().find(|name| given(name).is_some()) {
            Some(name) => Err((
                ErrorKind::ArgumentConflict,
                format!("the argument '--mock' cannot be used with '--{name}'"),
            )),
            None => Ok(Target::Mock),
        };
    }
    Ok(Target::Service {
        api_key: given(API_KEY),
        console_url: given(CONSOLE_URL),
        run_url: given(RUN_URL),
        retry: !matches.get_flag(NO_RETRY),
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
