//! The commands: a tree of words with an operation at each leaf, and at an inner node where the words of one operation start those of another.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ffi::OsString;

use clap::builder::Styles;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgMatches, Command};
use vastai_api::{Operation, Parameter};
use vastai_spec::words::{self, Named};

use crate::arguments::{Arguments, Given, wrapped};
use crate::globals::{self, Format, Settings, server_in_words};
use crate::{builtins, help, offers, official, overview, suggestions};

/// The form of every line, also where no command is known, as the line names none.
const USAGE: &str = "vastai [OPTIONS] <COMMAND>";

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
    pub(crate) task: Task,
    pub(crate) settings: Settings,
}

/// What a command line is.
pub(crate) enum Parsed {
    /// Calls of operations.
    Call(Invocation),
    /// A command of this program's own.
    Builtin(builtins::Invocation),
}

/// What calls a command line asks for.
pub(crate) enum Task {
    /// A call of an operation, by our words.
    Call {
        operation: &'static Operation,
        given: Given,
        /// The query of a search for offers, beside the parameters.
        query: Option<String>,
    },
    /// A command of the official client.
    Official(official::Line),
}

/// A command line that makes no call: it is wrong, or asks for help.
#[derive(Debug)]
pub(crate) struct Misuse(pub(crate) clap::Error);

/// All commands.
#[derive(Debug)]
pub(crate) struct Commands {
    root: Node,
    /// Whether the official commands are among them.
    has_official: bool,
}

/// An operation, and what it takes; that is made when it is asked for, as a line is about one of them.
#[derive(Debug)]
struct Called {
    operation: &'static Operation,
    arguments: OnceCell<Arguments>,
}

impl Called {
    fn arguments(&self) -> &Arguments {
        self.arguments.get_or_init(|| Arguments::of(self.operation))
    }
}

/// A place in the tree.
#[derive(Debug, Default)]
struct Node {
    operation: Option<Called>,
    official: Option<&'static official::Command>,
    next: BTreeMap<String, Node>,
}

impl Commands {
    /// The commands of these operations, by our words.
    pub(crate) fn new(operations: &'static [Operation]) -> Self {
        let mut root = Node::default();
        let named = operations.iter().map(|it| Named { id: it.id, name: it.name, summary: it.summary });
        for (operation, words) in operations.iter().zip(words::of(named)) {
            root.below(words).operation = Some(Called { operation, arguments: OnceCell::new() });
        }
        Self { root, has_official: false }
    }

    /// With the commands of the official client.
    pub(crate) fn with_official(mut self) -> Self {
        for command in official::commands().filter(|command| command.is_ours_too()) {
            self.root.below(command.words.split(' ').map(str::to_owned)).official = Some(command);
        }
        Self { has_official: true, ..self }
    }

    /// Reads a command line, the program's name first.
    ///
    /// A line of the official client means what it means there. Else our words are tried, and then the official ones with fields of the
    /// operation beside their options.
    pub(crate) fn parse(&self, line: impl IntoIterator<Item = OsString>) -> Result<Parsed, Misuse> {
        let line: Vec<OsString> = line.into_iter().collect();
        let words: Option<Vec<String>> =
            line.iter().skip(1).map(|word| word.to_str().map(str::to_owned)).collect();
        let globals = globals::args();
        let found = words
            .filter(|words| self.has_official && !asks_for_help(words))
            .and_then(|words| official::found(&words, &globals));
        let of_official = |own: &[(String, &'static Parameter)]| {
            found.as_ref().map(|(command, words)| official::read(command, words, &globals, own))
        };
        let refused = match of_official(&[]) {
            Some(Ok(read)) => return self.official_invocation(read).map(Parsed::Call),
            Some(Err(message)) => Some(message),
            None => None,
        };
        let mut command = self.command(&Shown::of(false, &line));
        let parsed = command.try_get_matches_from_mut(joined(&line)).map_err(Misuse);
        let parsed = parsed.and_then(|matches| {
            let parsed = match builtins::Invocation::of(&matches) {
                Some(builtin) => builtin.map(Parsed::Builtin),
                None => self.invocation(&matches).map(Parsed::Call),
            };
            parsed.map_err(|(kind, message)| Misuse(command.error(kind, message)))
        });
        let misuse = match parsed {
            Err(misuse) if self.has_official => misuse,
            parsed => return parsed,
        };
        let Some((official, message)) =
            found.as_ref().zip(refused).map(|((command, _), message)| (*command, message))
        else {
            // Help, and an error that may suggest a word, know all words.
            let mut error = self.helping(&line).try_get_matches_from(&line).err().unwrap_or(misuse.0);
            self.suggest(&mut error, &line);
            return Err(Misuse(error));
        };
        let own: Vec<(String, &'static Parameter)> =
            self.flags_of(official.operation).map(|(flag, parameter)| (flag.to_owned(), parameter)).collect();
        if let Some(Ok(read)) = of_official(&own) {
            return self.official_invocation(read).map(Parsed::Call);
        }
        let next = found.as_ref().and_then(|(_, words)| words.first());
        let is_ours = self.root.at(official.words.split(' ')).is_some_and(|node| {
            node.operation.is_some() || next.is_some_and(|next| node.next.contains_key(next))
        });
        Err(if is_ours { misuse } else { Misuse(usage_error(official, &message)) })
    }

    /// A line of the official client, with what the options of every command say in it.
    fn official_invocation(&self, read: official::Read) -> Result<Invocation, Misuse> {
        let mut globals = Command::new("vastai")
            .override_usage(USAGE)
            .styles(Styles::plain())
            .disable_version_flag(true)
            .args(globals::args());
        let line = std::iter::once("vastai".to_owned()).chain(read.globals);
        let matches = globals.try_get_matches_from_mut(line).map_err(Misuse)?;
        let mut settings =
            globals::settings(&matches).map_err(|(kind, message)| Misuse(globals.error(kind, message)))?;
        if read.line.wants_ids() && settings.format == Format::Table {
            settings.format = Format::Ids;
        }
        if settings.look.columns.is_none() && settings.format == Format::Table {
            settings.look.columns = read.line.columns();
        }
        settings.yes |= read.line.agrees();
        Ok(Invocation { task: Task::Official(read.line), settings })
    }

    /// Our flags for the fields of an operation.
    fn flags_of(&self, operation: &str) -> impl Iterator<Item = (&str, &'static Parameter)> {
        self.root.find(operation).into_iter().flat_map(Arguments::flags)
    }

    fn invocation(&self, matches: &ArgMatches) -> Result<Invocation, (ErrorKind, String)> {
        let (mut node, mut matches) = (&self.root, matches);
        while let Some((word, below)) = matches.subcommand() {
            // A command whose words start those of others: its arguments cannot stand before their words.
            let stray = node
                .operation
                .as_ref()
                .filter(|called| called.arguments().given(matches).values().next().is_some());
            if let Some(called) = stray {
                let title = title(called.operation);
                let message = format!("'{word}' cannot follow the arguments of '{title}'");
                return Err((ErrorKind::ArgumentConflict, message));
            }
            let Some(next) = node.next.get(word) else { break };
            (node, matches) = (next, below);
        }
        let Some(called) = &node.operation else {
            return Err((ErrorKind::MissingSubcommand, "a word is missing; see --help".to_owned()));
        };
        let operation = called.operation;
        let query = match offers::is_search(operation) {
            true => offers::given(matches)
                .map_err(|error| (ErrorKind::ValueValidation, format!("the query is wrong: {error}")))?,
            false => None,
        };
        let task = Task::Call { operation, given: called.arguments().given(matches), query };
        Ok(Invocation { task, settings: globals::settings(matches)? })
    }

    /// All commands as clap knows them, for help, completions and pages.
    pub(crate) fn whole(&self) -> Command {
        self.command(&Shown { is_whole: true, line: None })
    }

    /// Puts the commands that a line may mean into the error for words that are none.
    fn suggest(&self, error: &mut clap::Error, line: &[OsString]) {
        if error.kind() != ErrorKind::InvalidSubcommand {
            return;
        }
        let words =
            line.iter().skip(1).filter_map(|word| word.to_str()).filter(|word| !word.starts_with('-'));
        let mut commands = Vec::new();
        self.root.phrases("", &mut commands);
        for builtin in builtins::commands() {
            commands.extend(
                builtin.get_subcommands().map(|sub| format!("{} {}", builtin.get_name(), sub.get_name())),
            );
            commands.push(builtin.get_name().to_owned());
        }
        let suggested = suggestions::of(&words.collect::<Vec<_>>(), commands.into_iter());
        if !suggested.is_empty() {
            error.insert(ContextKind::SuggestedSubcommand, ContextValue::Strings(suggested));
        }
    }

    /// The commands that a line is about, with a first page that says what people do with them in place of the list of first words.
    fn helping(&self, line: &[OsString]) -> Command {
        let builtins: Vec<Command> = builtins::commands().collect();
        let is_there = |words: &[&str]| {
            self.root
                .at(words.iter().copied())
                .is_some_and(|node| node.operation.is_some() || node.official.is_some())
                || builtins.iter().any(|builtin| {
                    words.first() == Some(&builtin.get_name())
                        && words.get(1).is_none_or(|word| {
                            builtin.get_name() == "help" || builtin.find_subcommand(word).is_some()
                        })
                })
        };
        let main = overview::main_commands(is_there).replace(['{', '}'], "");
        let commands = self.command(&Shown::of(true, line));
        commands.mut_subcommands(|command| command.hide(true)).help_template(format!(
            "{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{main}Every operation of the service is a command: `vastai help commands` lists them, and\n`vastai show --help` those that \
             begin with a word.\n\n{{all-args}}{{after-help}}"
        ))
    }

    /// The commands as clap knows them.
    fn command(&self, shown: &Shown<'_>) -> Command {
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
            .override_usage(USAGE)
            // All that is printed is escaped; see `output::print_clap`.
            .styles(Styles::plain())
            .after_help(after_help)
            .args(globals::args())
            .disable_help_subcommand(true);
        let path = shown.path();
        let leads_to_operation = path.first().is_some_and(|word| self.root.next.contains_key(*word));
        let builtins = builtins::commands().filter(|builtin| match shown.has_no_words() {
            // One, so that clap knows that there are commands.
            true => builtin.get_name() == "help",
            false => shown.names(builtin.get_name()) || !leads_to_operation,
        });
        self.root.fill(root, shown, &path).subcommands(builtins)
    }
}

/// Which of the commands clap gets to know. Of three hundred commands a line is about one, and clap has a price for each that it knows: so it
/// gets those whose words are in the line, and the names of what can stand in the place of the first word that is no command's.
#[derive(Debug, Clone, Copy)]
struct Shown<'line> {
    /// Whether official words and arguments are among them, for the help; clap reads none of them.
    is_whole: bool,
    /// The line, the program's name first; `None` for all commands.
    line: Option<&'line [OsString]>,
}

impl<'line> Shown<'line> {
    fn of(is_whole: bool, line: &'line [OsString]) -> Self {
        Self { is_whole, line: Some(line) }
    }

    /// Whether a word is in the line.
    fn names(&self, word: &str) -> bool {
        self.line.is_none_or(|line| line.iter().skip(1).any(|present| present == word))
    }

    /// The words before the first option, and no value of one.
    fn path(&self) -> Vec<&'line str> {
        let words = self.line.into_iter().flatten().skip(1).map_while(|word| word.to_str());
        words.take_while(|word| !word.starts_with('-')).collect()
    }

    /// Whether the line has nothing but options, whose help has a first page of its own.
    fn has_no_words(&self) -> bool {
        let is_option = |word: &OsString| word.to_str().is_some_and(|word| word.starts_with('-'));
        self.line.is_some_and(|line| line.iter().skip(1).all(is_option))
    }
}

impl Node {
    /// The place of these words, made where there is none.
    fn below(&mut self, words: impl IntoIterator<Item = String>) -> &mut Self {
        words.into_iter().fold(self, |node, word| node.next.entry(word).or_default())
    }

    /// The place of these words.
    fn at<'word>(&self, words: impl IntoIterator<Item = &'word str>) -> Option<&Self> {
        words.into_iter().try_fold(self, |node, word| node.next.get(word))
    }

    /// The words of all commands here and below.
    fn phrases(&self, before: &str, all: &mut Vec<String>) {
        if self.operation.is_some() || self.official.is_some() {
            all.push(before.to_owned());
        }
        for (word, node) in &self.next {
            node.phrases(format!("{before} {word}").trim_start(), all);
        }
    }

    /// The arguments of an operation, by its operationId.
    fn find(&self, id: &str) -> Option<&Arguments> {
        match &self.operation {
            Some(called) if called.operation.id == id => Some(called.arguments()),
            _ => self.next.values().find_map(|node| node.find(id)),
        }
    }

    /// Whether there is a command here or below that clap is to know.
    fn is_shown(&self, shown: &Shown<'_>) -> bool {
        shown.is_whole || self.operation.is_some() || self.next.values().any(|node| node.is_shown(shown))
    }

    fn has(&self, id: &str) -> bool {
        self.operation.as_ref().is_some_and(|called| called.operation.id == id)
            || self.next.values().any(|node| node.has(id))
    }

    /// Puts what there is here, and below, into a command; `path` are the words of the line that are still to come.
    fn fill(&self, mut command: Command, shown: &Shown<'_>, path: &[&str]) -> Command {
        let official = self.official.filter(|_| shown.is_whole);
        if let Some(called) = &self.operation {
            let (operation, arguments) = (called.operation, called.arguments());
            let server = server_in_words(operation);
            let request = format!("Request: {} {} ({server})", operation.method, operation.path);
            let example = EXAMPLES.iter().find(|(id, _)| *id == operation.id);
            command = command
                .after_help(match example {
                    Some((_, example)) => format!("Example:\n  {example}\n\n{request}"),
                    None => request,
                })
                .args(offers::is_search(operation).then(|| offers::arg(HELP_WIDTH)))
                .args(arguments.iter().map(|argument| argument.arg(HELP_WIDTH)).map(|arg| {
                    // Sixty filters would hide what else there is; a topic of the help has them.
                    let is_filter = offers::is_filter(operation, arg.get_long().unwrap_or_default());
                    arg.hide(is_filter)
                }))
                .args(arguments.no_defaults());
        }
        if let Some(official) = official {
            let own = self.operation.as_ref().map(|called| called.operation);
            command = help::with_official(command, own, official);
        }
        let next = self.next.iter().filter(|(_, node)| node.is_shown(shown));
        if next.clone().next().is_none() {
            return command;
        }
        command = match self.operation.as_ref().map(|_| ()).or(official.map(|_| ())) {
            Some(()) => command.subcommand_negates_reqs(true),
            None => command.subcommand_required(true).arg_required_else_help(true),
        };
        let (goes_on, rest) = match path.split_first() {
            Some((word, rest)) => (self.next.contains_key(*word), rest),
            None => (false, path),
        };
        let next = next.filter(|(word, _)| shown.names(word) || !(goes_on || shown.has_no_words()));
        command.subcommands(next.map(|(word, node)| {
            let below = Command::new(word.clone()).about(node.about()).disable_help_subcommand(true);
            if !shown.names(word) {
                return below;
            }
            let title = match (&node.operation, node.official) {
                (Some(called), _) => Some(title(called.operation)),
                (None, Some(official)) => Some(official.words),
                (None, None) => None,
            };
            let template = match title {
                Some(title) => format!("{}\n\n{BRANCH_HELP}", sentence(title)),
                None => BRANCH_HELP.to_owned(),
            };
            let rest = if path.first() == Some(&word.as_str()) { rest } else { &[] };
            node.fill(below.help_template(template), shown, rest)
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
        let command = match (&self.operation, self.official) {
            (Some(called), _) => {
                Some(format!("{} {}", sentence(title(called.operation)), called.arguments().places()))
            }
            (None, Some(official)) => {
                Some(format!("{} {}", sentence(official.words), help::places(official)))
            }
            (None, None) => None,
        };
        let about = match command {
            Some(command) => {
                let also = if following.is_empty() { String::new() } else { format!("; also: {following}") };
                format!("{}{also}", command.trim_end())
            }
            None => following,
        };
        wrapped(&about, WIDTH, "")
    }
}

/// Whether a line asks for help, which clap gives.
fn asks_for_help(words: &[String]) -> bool {
    let options = words.iter().take_while(|word| *word != "--" && *word != "--args");
    words.first().is_some_and(|word| word == "help")
        || options.into_iter().any(|word| word == "-h" || word == "--help")
}

/// A line in which a value that begins with a dash and has a space in it, so that it is no option, is joined to the option before it: clap
/// takes it for one.
fn joined(line: &[OsString]) -> Vec<OsString> {
    let text = |word: Option<&OsString>| word.and_then(|word| word.to_str()).map(str::to_owned);
    let mut joined: Vec<OsString> = Vec::with_capacity(line.len());
    for word in line {
        let value = text(Some(word)).filter(|value| value.starts_with('-') && value.contains(' '));
        let option =
            text(joined.last()).filter(|option| option.starts_with("--") && !option.contains(['=', ' ']));
        match (option, value) {
            (Some(option), Some(value)) if !value.split(' ').next().unwrap_or_default().contains('=') => {
                joined.pop();
                joined.push(format!("{option}={value}").into());
            }
            _ => joined.push(word.clone()),
        }
    }
    joined
}

/// The error for a line that begins with the words of an official command, and is none.
fn usage_error(command: &'static official::Command, message: &str) -> clap::Error {
    let usage = format!("vastai {} {}", command.words, help::usage(command));
    let text = format!("{message}\n\nUsage: {}\n\nFor more information, try '--help'.\n", usage.trim_end());
    clap::Error::raw(ErrorKind::UnknownArgument, text)
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
            Ok(Parsed::Call(Invocation { task: Task::Call { operation, given, .. }, settings })) => {
                let values: Vec<String> = given
                    .values()
                    .map(|(parameter, value)| format!(r#""{}":{value}"#, parameter.name))
                    .collect();
                format!("{} {{{}}} {:?}", operation.id, values.join(","), settings.format)
            }
            Ok(_) => "a line of the official client".to_owned(),
            Err(Misuse(error)) => error.to_string().split("\n\nUsage").next().unwrap_or_default().to_owned(),
        }
    }

    #[test]
    fn clap_finds_no_fault_with_the_commands() {
        commands().command(&Shown { is_whole: false, line: None }).debug_assert();
        let all = Commands::new(vastai_api::OPERATIONS).with_official();
        for is_whole in [false, true] {
            all.command(&Shown { is_whole, line: None }).debug_assert();
        }
        for builtin in builtins::commands() {
            let name = builtin.get_name();
            assert!(!all.root.next.contains_key(name), "{name} is an operation's");
        }
    }

    #[test]
    fn every_option_says_what_it_is() {
        fn silent(command: &Command, words: &str, found: &mut Vec<String>) {
            for arg in command.get_arguments().filter(|arg| !arg.is_positional() && !arg.is_hide_set()) {
                if arg.get_help().is_none_or(|help| help.to_string().is_empty()) {
                    found.push(format!("{words} {}", arg.get_id()));
                }
            }
            for next in command.get_subcommands() {
                silent(next, &format!("{words} {}", next.get_name()), found);
            }
        }
        let mut found = Vec::new();
        silent(&Commands::new(vastai_api::OPERATIONS).with_official().whole(), "vastai", &mut found);
        assert_eq!(found, Vec::<String>::new());
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
        assert_eq!(parsed(&["show", "--raw", "instances"]), "showInstances {} Raw");
        assert_eq!(
            parsed(&["create", "--raw", "team", "role", "blue", "a", "1"]),
            r#"createTeamRole {"team":"blue","name":"a","permissions":1} Raw"#
        );
        assert_eq!(
            parsed(&["create", "team", "--raw", "role", "blue", "a", "1"]),
            r#"createTeamRole {"team":"blue","name":"a","permissions":1} Raw"#
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
