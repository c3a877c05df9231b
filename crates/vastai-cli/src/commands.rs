//! The commands: a tree of words with an operation at each leaf, and at an inner node where the words of one operation start those of another.

use std::collections::BTreeMap;
use std::ffi::OsString;

use clap::builder::Styles;
use clap::error::ErrorKind;
use clap::{ArgMatches, Command};
use vastai_api::Operation;
use vastai_spec::words::{self, Named};

use crate::arguments::{Arguments, Given, wrapped};
use crate::builtins;
use crate::globals::{self, Format, Target, server_in_words};
use crate::offers;

/// The width of the help, in columns. Terminals are at least so wide.
const HELP_WIDTH: usize = 80;

/// Commands to start with; those of operations that the document lacks are left out.
const EXAMPLES: [(&str, &str); 4] = [
    #[cfg(feature = "mock")]
    ("getEndpointWorkers", "vastai --mock get endpoint workers 12345     # try it, without a key"),
    #[cfg(not(feature = "mock"))]
    ("getEndpointWorkers", "vastai get endpoint workers 12345"),
    ("searchOffers", "vastai search offers 'gpu_name=RTX_4090 num_gpus>=2 dph<1.5' --limit 5"),
    ("showInstances", "vastai show instances --limit 5"),
    ("showEndpoints", "vastai show endpoints --output json          # all that the service sent"),
];

const AFTER_HELP: &str = "\
API key:
  --api-key, else VAST_API_KEY, else the first of these files:
  vast_tfa_key, vast_api_key in $XDG_CONFIG_HOME/vastai (~/.config/vastai); ~/.vast_api_key

Exit codes:
  0  success    1  the service or the network failed    2  wrong usage or configuration";

/// Help of words that are not a command yet: the list of what can follow says what they are about.
const BRANCH_HELP: &str = "{usage-heading} {usage}\n\n{all-args}{after-help}";

/// A parsed command line. Without `Debug`, as it may hold a key.
pub(crate) struct Invocation {
    pub(crate) operation: &'static Operation,
    pub(crate) given: Given,
    /// The query of a search for offers, beside the parameters.
    pub(crate) query: Option<String>,
    pub(crate) format: Format,
    pub(crate) target: Target,
}

/// What a command line asks for.
pub(crate) enum Parsed {
    /// An operation.
    Call(Invocation),
    /// A command of this program's own.
    Builtin(builtins::Invocation),
}

/// A command line that makes no call: it is wrong, or asks for help.
#[derive(Debug)]
pub(crate) struct Misuse(pub(crate) clap::Error);

/// All commands.
#[derive(Debug)]
pub(crate) struct Commands {
    root: Node,
}

/// A place in the tree.
#[derive(Debug, Default)]
struct Node {
    operation: Option<(&'static Operation, Arguments)>,
    next: BTreeMap<String, Node>,
}

impl Commands {
    pub(crate) fn new(operations: &'static [Operation]) -> Self {
        let mut root = Node::default();
        let named = operations.iter().map(|it| Named { id: it.id, name: it.name, summary: it.summary });
        for (operation, words) in operations.iter().zip(words::of(named)) {
            let end = words.into_iter().fold(&mut root, |node, word| node.next.entry(word).or_default());
            end.operation = Some((operation, Arguments::of(operation)));
        }
        Self { root }
    }

    /// Reads a command line, the program's name first.
    pub(crate) fn parse(&self, line: impl IntoIterator<Item = OsString>) -> Result<Parsed, Misuse> {
        let mut command = self.command();
        let matches = command.try_get_matches_from_mut(line).map_err(Misuse)?;
        if let Some(invocation) = builtins::Invocation::of(&matches) {
            return match invocation {
                Ok(invocation) => Ok(Parsed::Builtin(invocation)),
                Err((kind, message)) => Err(Misuse(command.error(kind, message))),
            };
        }
        let call = self.invocation(&matches);
        call.map(Parsed::Call).map_err(|(kind, message)| Misuse(command.error(kind, message)))
    }

    fn invocation(&self, matches: &ArgMatches) -> Result<Invocation, (ErrorKind, String)> {
        let (mut node, mut matches) = (&self.root, matches);
        while let Some((word, below)) = matches.subcommand() {
            // A command whose words start those of others: its arguments cannot stand before their words.
            let stray = node
                .operation
                .as_ref()
                .filter(|(_, arguments)| arguments.given(matches).values().next().is_some());
            if let Some((operation, _)) = stray {
                let message = format!("'{word}' cannot follow the arguments of '{}'", title(operation));
                return Err((ErrorKind::ArgumentConflict, message));
            }
            let Some(next) = node.next.get(word) else { break };
            (node, matches) = (next, below);
        }
        let Some((operation, arguments)) = &node.operation else {
            return Err((ErrorKind::MissingSubcommand, "a word is missing; see --help".to_owned()));
        };
        let query = match offers::is_search(operation) {
            true => offers::given(matches)
                .map_err(|error| (ErrorKind::ValueValidation, format!("the query is wrong: {error}")))?,
            false => None,
        };
        Ok(Invocation {
            operation,
            given: arguments.given(matches),
            query,
            format: globals::format(matches),
            target: globals::target(matches)?,
        })
    }

    /// The commands as clap knows them.
    pub(crate) fn command(&self) -> Command {
        let examples: Vec<String> = EXAMPLES
            .iter()
            .filter(|(id, _)| self.root.has(id))
            .map(|(_, example)| format!("  {example}"))
            .collect();
        let after_help = match examples.as_slice() {
            [] => AFTER_HELP.to_owned(),
            examples => format!("Examples:\n{}\n\n{AFTER_HELP}", examples.join("\n")),
        };
        let root = Command::new("vastai")
            .about("The Vast.ai API from a terminal: GPU rental and serverless endpoints")
            .version(env!("CARGO_PKG_VERSION"))
            // All that is printed is escaped; see `output::print_clap`.
            .styles(Styles::plain())
            .after_help(after_help)
            .args(globals::args())
            .disable_help_subcommand(self.root.next.contains_key("help"));
        self.root.fill(root).subcommands(builtins::commands())
    }
}

impl Node {
    fn has(&self, id: &str) -> bool {
        self.operation.as_ref().is_some_and(|(operation, _)| operation.id == id)
            || self.next.values().any(|node| node.has(id))
    }

    fn fill(&self, mut command: Command) -> Command {
        if let Some((operation, arguments)) = &self.operation {
            let server = server_in_words(operation);
            let request = format!("Request: {} {} ({server})", operation.method, operation.path);
            let example = EXAMPLES.iter().find(|(id, _)| *id == operation.id);
            command = command
                .after_help(match example {
                    Some((_, example)) => format!("Example:\n  {example}\n\n{request}"),
                    None => request,
                })
                .args(offers::is_search(operation).then(|| offers::arg(HELP_WIDTH)))
                .args(arguments.iter().map(|argument| argument.arg(HELP_WIDTH)))
                .args(arguments.no_defaults());
        }
        if self.next.is_empty() {
            return command;
        }
        command = match &self.operation {
            Some(_) => command.subcommand_negates_reqs(true),
            None => command.subcommand_required(true).arg_required_else_help(true),
        };
        command.subcommands(self.next.iter().map(|(word, node)| {
            let below = Command::new(word.clone()).about(node.about()).disable_help_subcommand(true);
            node.fill(below.help_template(match &node.operation {
                Some((operation, _)) => format!("{}\n\n{BRANCH_HELP}", sentence(title(operation))),
                None => BRANCH_HELP.to_owned(),
            }))
        }))
    }

    /// The description in a list of commands: what the command takes, and which words can follow.
    fn about(&self) -> String {
        const WIDTH: usize = 76;
        let following = self.next.iter().map(|(word, node)| {
            let below: Vec<&str> = node.next.keys().map(String::as_str).collect();
            if below.is_empty() { word.clone() } else { format!("{word} ({})", below.join(", ")) }
        });
        let following = following.collect::<Vec<_>>().join(", ");
        let about = match &self.operation {
            Some((operation, arguments)) => {
                let command = format!("{} {}", sentence(title(operation)), arguments.places());
                let also = if following.is_empty() { String::new() } else { format!("; also: {following}") };
                format!("{}{also}", command.trim_end())
            }
            None => following,
        };
        wrapped(&about, WIDTH, "")
    }
}

/// The name of an operation for people.
fn title(operation: &Operation) -> &str {
    if operation.summary.is_empty() { operation.id } else { operation.summary }
}

/// A string with a capital at its start.
fn sentence(text: &str) -> String {
    let mut letters = text.trim().chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use vastai_api::{Location, Parameter, ValueKind};

    use super::*;
    use crate::test_operations::{operation, parameter};

    const CREATE_TEAM: &[Parameter] = &[
        parameter("team_name", Location::Body, true, ValueKind::Text),
        parameter("transfer_credit", Location::Body, false, ValueKind::Number),
    ];
    const CREATE_TEAM_ROLE: &[Parameter] = &[
        parameter("name", Location::Body, true, ValueKind::Text),
        parameter("permissions", Location::Body, true, ValueKind::Json),
        parameter("team", Location::Path, true, ValueKind::Text),
    ];
    const SHOW_INSTANCE: &[Parameter] = &[parameter("id", Location::Path, true, ValueKind::Integer)];
    const COPY: &[Parameter] = &[
        parameter("output", Location::Body, false, ValueKind::Text),
        parameter("api_key", Location::Query, false, ValueKind::Text),
        parameter("force", Location::Body, false, ValueKind::Boolean),
        parameter("force", Location::Query, false, ValueKind::Boolean),
        parameter("name", Location::Body, true, ValueKind::Text),
        parameter("name", Location::Path, true, ValueKind::Integer),
    ];

    fn commands() -> Commands {
        Commands::new(Vec::leak(vec![
            Operation { summary: "create team", ..operation("createTeam", CREATE_TEAM) },
            Operation { summary: "create team role", ..operation("createTeamRole", CREATE_TEAM_ROLE) },
            Operation { summary: "show instance", ..operation("showInstance", SHOW_INSTANCE) },
            Operation { summary: "show instances", ..operation("showInstances", &[]) },
            Operation { summary: "copy", ..operation("copy", COPY) },
        ]))
    }

    /// What a command line means, or the start of the error.
    fn parsed(line: &[&str]) -> String {
        let line = std::iter::once("vastai").chain(line.iter().copied()).map(OsString::from);
        match commands().parse(line) {
            Ok(Parsed::Builtin(_)) => "a builtin".to_owned(),
            Ok(Parsed::Call(invocation)) => {
                let values = invocation.given.values();
                let values: Vec<String> =
                    values.map(|(parameter, value)| format!(r#""{}":{value}"#, parameter.name)).collect();
                format!("{} {{{}}} {:?}", invocation.operation.id, values.join(","), invocation.format)
            }
            Err(Misuse(error)) => error.to_string().split("\n\nUsage").next().unwrap_or_default().to_owned(),
        }
    }

    #[test]
    fn clap_finds_no_fault_with_the_commands() {
        commands().command().debug_assert();
        let all = Commands::new(vastai_api::OPERATIONS);
        all.command().debug_assert();
        for builtin in builtins::commands() {
            assert!(
                !all.root.next.contains_key(builtin.get_name()),
                "{} is an operation's",
                builtin.get_name()
            );
        }
    }

    #[test]
    fn a_command_can_be_the_begin_of_another() {
        assert_eq!(parsed(&["create", "team", "blue"]), r#"createTeam {"team_name":"blue"} Table"#);
        let role = parsed(&["create", "team", "role", "blue", "admin", "{\"all\": [1]}"]);
        assert_eq!(role, r#"createTeamRole {"team":"blue","name":"admin","permissions":{"all":[1]}} Table"#);
        assert_eq!(parsed(&["create", "team", "--", "role"]), r#"createTeam {"team_name":"role"} Table"#);
        expect![[r#"
            error: the following required arguments were not provided:
              <PERMISSIONS>"#]]
        .assert_eq(&parsed(&["create", "team", "--transfer-credit", "5", "role", "admin", "{}"]));
        assert_eq!(parsed(&["show", "instance", "7"]), r#"showInstance {"id":7} Table"#);
        assert_eq!(parsed(&["show", "instances"]), "showInstances {} Table");
    }

    #[test]
    fn global_flags_stand_before_between_and_after_the_words() {
        for line in [
            ["--output", "json", "show", "instance", "7"],
            ["show", "--output", "json", "instance", "7"],
            ["show", "instance", "--output", "json", "7"],
            ["show", "instance", "7", "--output", "json"],
        ] {
            assert_eq!(parsed(&line), r#"showInstance {"id":7} Json"#, "{line:?}");
        }
        assert_eq!(parsed(&["show", "--raw", "instances"]), "showInstances {} Json");
        assert_eq!(
            parsed(&["create", "--raw", "team", "role", "blue", "a", "1"]),
            r#"createTeamRole {"team":"blue","name":"a","permissions":1} Json"#
        );
        assert_eq!(
            parsed(&["create", "team", "--raw", "role", "blue", "a", "1"]),
            r#"createTeamRole {"team":"blue","name":"a","permissions":1} Json"#
        );
    }

    #[test]
    fn what_would_be_another_is_called_by_its_location_too() {
        let line = ["copy", "7", "x", "--body-output", "x", "--query-api-key", "y", "--force", "true"];
        let line = [&line[..], &["--query-force", "false", "--output", "json"]].concat();
        assert_eq!(
            parsed(&line),
            r#"copy {"name":7,"name":"x","output":"x","api_key":"y","force":true,"force":false} Json"#
        );
        expect![[r#"
            error: the following required arguments were not provided:
              <NAME>
              <BODY_NAME>"#]]
        .assert_eq(&parsed(&["copy"]));
    }

    #[test]
    fn values_are_checked_by_their_kind() {
        let errors = [
            parsed(&["show", "instance", "seven"]),
            parsed(&["show", "instance", "1.5"]),
            parsed(&["show", "instance", "99999999999999999999"]),
            parsed(&["show", "instance"]),
            parsed(&["create", "team", "blue", "--transfer-credit", "much"]),
            parsed(&["create", "team", "blue", "--transfer-credit", "1e999"]),
            parsed(&["create", "team", "role", "blue", "admin", "{\"all\": }"]),
            parsed(&["create", "team", "role", "", "admin", "{}"]),
            parsed(&["copy", "7", "x", "--force", "yes"]),
        ];
        expect![[r#"
            error: invalid value 'seven' for '<ID>': not a whole number

            For more information, try '--help'.

            --
            error: invalid value '1.5' for '<ID>': not a whole number

            For more information, try '--help'.

            --
            error: invalid value '99999999999999999999' for '<ID>': too large

            For more information, try '--help'.

            --
            error: the following required arguments were not provided:
              <ID>
            --
            error: invalid value 'much' for '--transfer-credit <NUMBER>': not a number

            For more information, try '--help'.

            --
            error: invalid value '1e999' for '--transfer-credit <NUMBER>': not a finite number

            For more information, try '--help'.

            --
            error: invalid value '{"all": }' for '<PERMISSIONS>': not JSON: expected value at line 1 column 9

            For more information, try '--help'.

            --
            error: invalid value '' for '<TEAM>': it is empty

            For more information, try '--help'.

            --
            error: invalid value 'yes' for '--force <true|false>': neither true nor false

            For more information, try '--help'.
        "#]]
        .assert_eq(&errors.join("\n--\n"));
        assert_eq!(parsed(&["show", "instance", "-7"]), r#"showInstance {"id":-7} Table"#);
        assert_eq!(
            parsed(&["create", "team", "x", "--transfer-credit", "-2.50"]),
            r#"createTeam {"team_name":"x","transfer_credit":-2.5} Table"#
        );
    }
}
