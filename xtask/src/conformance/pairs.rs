//! The table of pairs: command lines with the same intent, the official one and ours.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Context as _;
use serde::Deserialize;

/// Our own table; others may be given that have the same form.
pub(crate) const PAIRS: &str = "xtask/conformance/pairs.toml";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Table {
    /// The official commands that send nothing to the API. Where they are listed, all others have to have a pair.
    #[serde(default)]
    pub(crate) local: Vec<String>,
    #[serde(rename = "pair")]
    pub(crate) pairs: Vec<Pair>,
}

/// Two command lines that are to send the same request.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pair {
    pub(crate) name: String,
    /// The words behind `vastai`; `{FILES}` stands for a folder with `permissions.json`, `user.json` and `id.pub`.
    pub(crate) official: Vec<String>,
    /// Empty where there are no other words for it than the official ones, which are then tried.
    #[serde(default)]
    pub(crate) ours: Vec<String>,
    /// Why there were none, for people.
    #[serde(default)]
    #[allow(dead_code, reason = "people read it")]
    none: Option<String>,
    /// What is typed at the client.
    #[serde(default)]
    pub(crate) stdin: String,
    /// Differences that mean the same for this pair, such as `body.size`, each with its reason.
    #[serde(default)]
    pub(crate) same: BTreeMap<String, String>,
    /// Why this pair differs, and should.
    #[serde(default)]
    pub(crate) expected_difference: Option<String>,
    /// A judgement, for people.
    #[serde(default)]
    #[allow(dead_code, reason = "people read it")]
    note: Option<String>,
}

pub(crate) fn read(file: &Path) -> anyhow::Result<Table> {
    let text = fs::read_to_string(file).with_context(|| format!("{} could not be read", file.display()))?;
    toml::from_str(&text).with_context(|| file.display().to_string())
}

impl Table {
    /// The commands for which there is no pair, although there should be.
    pub(crate) fn lacking(&self, commands: Vec<String>) -> Vec<String> {
        let is_covered = |command: &String| {
            let words: Vec<&str> = command.split(' ').collect();
            self.local.contains(command)
                || self.pairs.iter().any(|pair| pair.official.iter().take(words.len()).eq(&words))
        };
        match self.local.is_empty() {
            true => Vec::new(),
            false => commands.into_iter().filter(|command| !is_covered(command)).collect(),
        }
    }
}

/// The files that the pairs name, as they are in every table.
pub(crate) fn write_files(folder: &Path) -> anyhow::Result<()> {
    let files = [
        ("permissions.json", r#"{"api": {"misc": {}, "user_read": {}, "instance_read": {}}}"#),
        (
            "user.json",
            r#"{"fullname": "Bob B", "username": "bob", "paypal_email": "bob@example.com", "balance_threshold": "10"}"#,
        ),
        ("id.pub", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample me@host\n"),
    ];
    fs::create_dir_all(folder)
        .and_then(|()| files.iter().try_for_each(|(name, text)| fs::write(folder.join(name), text)))
        .with_context(|| format!("{} could not be written", folder.display()))
}

/// The words with the folder of files put in.
pub(crate) fn with_files(words: &[String], folder: &Path) -> Vec<String> {
    words.iter().map(|word| word.replace("{FILES}", &folder.display().to_string())).collect()
}
