//! What an official command line says.

use serde_json::Value;

use super::argument::{Argument, Takes};
use super::command::Command;

/// The words of a command line by the arguments that they are for. Without `Debug`, as it may hold secrets.
pub(crate) struct Said {
    command: &'static Command,
    given: Vec<(&'static Argument, Vec<String>)>,
}

impl Said {
    pub(crate) fn nothing(command: &'static Command) -> Self {
        Self { command, given: Vec::new() }
    }

    pub(crate) fn command(&self) -> &'static Command {
        self.command
    }

    /// Takes the words of an argument. The last that is said holds, unless it can be said several times.
    pub(crate) fn say(&mut self, argument: &'static Argument, words: Vec<String>) {
        match self.given.iter_mut().find(|(present, _)| std::ptr::eq(*present, argument)) {
            Some((_, present)) if argument.takes == Takes::OneEach => present.extend(words),
            Some((_, present)) => *present = words,
            None => self.given.push((argument, words)),
        }
    }

    pub(crate) fn given(&self) -> impl Iterator<Item = (&'static Argument, &[String])> {
        self.given.iter().map(|(argument, words)| (*argument, words.as_slice()))
    }

    /// Whether an argument is given, by its name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.given.iter().any(|(argument, _)| argument.name() == name)
    }

    /// The words of an argument; none where it is not given.
    pub(crate) fn words(&self, name: &str) -> &[String] {
        let given = self.given.iter().find(|(argument, _)| argument.name() == name);
        given.map_or(&[], |(_, words)| words)
    }

    /// The word of an argument, if it is given.
    pub(crate) fn word(&self, name: &str) -> Option<&str> {
        self.words(name).first().map(String::as_str)
    }

    /// The words of a place that the shell may have split.
    pub(crate) fn joined(&self, name: &str) -> String {
        self.words(name).join(" ")
    }

    /// A whole number; its words were checked.
    pub(crate) fn integer(&self, name: &str) -> Option<i64> {
        self.word(name).and_then(|word| word.trim().parse().ok())
    }

    /// The whole numbers of a place for several.
    pub(crate) fn integers(&self, name: &str) -> Vec<Value> {
        self.words(name).iter().filter_map(|word| word.trim().parse::<i64>().ok()).map(Value::from).collect()
    }

    /// A number; its words were checked.
    pub(crate) fn number(&self, name: &str) -> Option<f64> {
        self.word(name).and_then(|word| word.trim().parse().ok()).filter(|number: &f64| number.is_finite())
    }
}
