//! What people do with the commands: the main ones by subject, for the first page of the help, and all of them.

use vastai_api::Operation;
use vastai_spec::words::{self, Named};

/// A subject: what people want to do.
struct Subject {
    title: &'static str,
    /// The tags of the document's operations that belong to it.
    tags: &'static [&'static str],
    /// Its main commands: the words with what they take, and what it is good for.
    commands: &'static [(&'static str, &'static str)],
}

const SUBJECTS: &[Subject] = &[
    Subject {
        title: "Find",
        tags: &["Search", "Templates"],
        commands: &[
            ("search offers [QUERY]", "machines to rent: 'gpu_name=RTX_4090 dph<0.5'"),
            ("search templates", "images with their settings, ready to run"),
            ("search volumes", "disks to rent"),
        ],
    },
    Subject {
        title: "Rent",
        tags: &["Instances", "Volumes"],
        commands: &[
            ("create instance <OFFER>", "rent the machine of an offer"),
            ("show instances", "what is rented, its state and its price"),
            ("start instance <ID>", "run it again; stop instance keeps its disk"),
            ("destroy instance <ID>", "give it back: its data is gone, and so are its costs"),
            ("change bid <ID> [PRICE]", "bid more or less for an interruptible instance"),
            ("list volumes", "the disks that are rented"),
        ],
    },
    Subject {
        title: "Use",
        tags: &[],
        commands: &[
            ("watch instances", "state, use and cost over time"),
            ("ssh <ID> [COMMAND]", "log in; ssh-url and scp-url say where"),
            ("logs <ID>", "what an instance has printed"),
            ("execute <ID> <COMMAND>", "run a command on an instance"),
            ("copy <SRC> <DST>", "files between instances, and from and to here"),
        ],
    },
    Subject {
        title: "Serverless",
        tags: &["Serverless"],
        commands: &[
            ("show endpoints", "the endpoints of the account"),
            ("watch endpoint <ID|NAME>", "its workers, their load and cost over time"),
            ("get endpoint workers <ID>", "its workers now"),
            ("get endpt-logs <ID>", "what the engine has decided, and why"),
            ("create endpoint", "a new one; create workergroup says what runs it"),
        ],
    },
    Subject {
        title: "Money",
        tags: &["Billing"],
        commands: &[
            ("show charges", "what was spent, and on what"),
            ("show invoices", "what was paid"),
            ("transfer credit", "give credit to another account"),
        ],
    },
    Subject {
        title: "Account",
        tags: &["Accounts", "Team", "Notifications"],
        commands: &[
            ("auth", "store an API key; auth status says whose it is"),
            ("doctor", "what is wrong with the set-up, and what to do"),
            ("show user", "the account and its credit"),
            ("show api keys", "its keys; create api-key makes one"),
            ("show ssh keys", "what opens instances; create ssh-key adds one"),
            ("show env vars", "variables that every instance gets"),
        ],
    },
    Subject {
        title: "Host",
        tags: &["Machines"],
        commands: &[
            ("show machines", "the machines that are offered to others"),
            ("list machine <ID>", "offer one; unlist machine takes it back"),
            ("show earnings", "what they have earned"),
        ],
    },
    Subject {
        title: "This program",
        tags: &[],
        commands: &[
            ("top", "all workers and instances, full-screen"),
            ("export prometheus", "instances, workers and prices as metrics"),
            ("mcp", "a server for models, which rent within limits"),
            ("mock serve", "a service to try things on, for any client"),
            ("completions <SHELL>", "for bash, zsh, fish and PowerShell"),
            ("man", "pages for man"),
            ("help commands", "all commands by subject"),
            ("help search-query", "how offers are searched, and by which fields"),
        ],
    },
];

/// The column at which descriptions begin.
const INDENT: usize = 28;

/// The main commands by subject, as far as they are there: what a document lacks is no command.
pub(crate) fn main_commands(is_there: impl Fn(&[&str]) -> bool) -> String {
    let mut text = String::new();
    for subject in SUBJECTS {
        let there = subject.commands.iter().filter(|(usage, _)| is_there(&words_of(usage)));
        let lines: String = there.map(|(usage, what)| line(usage, what)).collect();
        if !lines.is_empty() {
            text.push_str(&format!("{}:\n{lines}\n", subject.title));
        }
    }
    text
}

/// The words of a command: what stands before its places.
fn words_of(usage: &str) -> Vec<&str> {
    usage.split(' ').take_while(|word| !word.starts_with(['<', '['])).collect()
}

fn line(usage: &str, what: &str) -> String {
    let room = INDENT - 3;
    if usage.chars().count() > room {
        format!("  {usage}\n  {:room$} {what}\n", "")
    } else {
        format!("  {usage:room$} {what}\n")
    }
}

/// All commands of operations by subject, with the words and the request of each.
pub(crate) fn all_commands(operations: &'static [Operation]) -> String {
    let named = operations.iter().map(|it| Named { id: it.id, name: it.name, summary: it.summary });
    let mut all: Vec<(usize, String, &Operation)> = operations
        .iter()
        .zip(words::of(named))
        .map(|(operation, words)| {
            let of_tag = |subject: &Subject| operation.tag.is_some_and(|tag| subject.tags.contains(&tag));
            let subject = SUBJECTS.iter().position(of_tag).unwrap_or(SUBJECTS.len());
            (subject, words.join(" "), operation)
        })
        .collect();
    all.sort_by(|(one, words, _), (other, others, _)| (one, words).cmp(&(other, others)));
    let mut text = String::new();
    let mut last = None;
    for (subject, words, operation) in all {
        if last != Some(subject) {
            let title = SUBJECTS.get(subject).map_or("Other", |subject| subject.title);
            text.push_str(&format!("{}{title}:\n", if last.is_some() { "\n" } else { "" }));
            last = Some(subject);
        }
        text.push_str(&format!("  {words:<40} {} {}\n", operation.method, operation.path));
    }
    text
}

#[cfg(test)]
mod tests {
    use vastai_api::OPERATIONS;

    use super::*;

    #[test]
    fn each_tag_of_the_document_has_a_subject() {
        for operation in OPERATIONS {
            let tag = operation.tag.unwrap_or_default();
            assert!(SUBJECTS.iter().any(|subject| subject.tags.contains(&tag)), "{}: {tag}", operation.id);
        }
        let text = all_commands(OPERATIONS);
        assert!(!text.contains("Other:"));
        let commands = text.lines().filter(|line| line.starts_with("  ")).count();
        assert_eq!(commands, OPERATIONS.len());
    }

    #[test]
    fn lines_fit_eighty_columns() {
        let text = main_commands(|_| true);
        for line in text.lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }
}
