//! Completions for shells, and pages for man, made from the tree of commands.

use std::fs;
use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Arg, Command, ValueHint, value_parser};
use clap_complete::Shell;
use clap_mangen::Man;

use crate::failure::Failure;
use crate::invoked::Invoked;
use crate::output;

const SHELL: &str = "shell";
const DIRECTORY: &str = "out";
const SHELLS: [&str; 4] = ["bash", "zsh", "fish", "powershell"];

const HOW: &str = "\
To use them:
  bash        vastai completions bash > ~/.local/share/bash-completion/completions/vastai
  zsh         vastai completions zsh > \"${fpath[1]}/_vastai\"
  fish        vastai completions fish > ~/.config/fish/completions/vastai.fish
  PowerShell  vastai completions powershell >> $PROFILE";

pub(super) fn command(command: Command) -> Command {
    command.about("Print the completions of all commands for a shell").after_help(HOW).arg(
        Arg::new(SHELL)
            .value_name("SHELL")
            .required(true)
            .value_parser(PossibleValuesParser::new(SHELLS))
            .help("The shell"),
    )
}

/// Prints the completions.
pub(super) fn run(invoked: &Invoked<'_>) -> Result<(), Failure> {
    let shell = match invoked.matches.get_one::<String>(SHELL).map(String::as_str) {
        Some("zsh") => Shell::Zsh,
        Some("fish") => Shell::Fish,
        Some("powershell") => Shell::PowerShell,
        _ => Shell::Bash,
    };
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut (invoked.commands)(), "vastai", &mut script);
    output::print(&String::from_utf8_lossy(&script))
}

pub(super) fn man_command(command: Command) -> Command {
    command
        .about("Print the page for man, or write the pages of all commands")
        .after_help("Example:\n  vastai man | man -l -\n  vastai man --out ~/.local/share/man/man1")
        .arg(
            Arg::new(DIRECTORY)
                .long(DIRECTORY)
                .value_name("DIRECTORY")
                .value_parser(value_parser!(PathBuf))
                .value_hint(ValueHint::DirPath)
                .help("Where to write a page for each command; it is made where it is not there"),
        )
}

/// Prints one page, or writes all.
pub(super) fn run_man(invoked: &Invoked<'_>) -> Result<(), Failure> {
    let mut commands = (invoked.commands)();
    let failed = |error: std::io::Error| Failure::local(format!("the pages cannot be written: {error}"));
    let Some(directory) = invoked.matches.get_one::<PathBuf>(DIRECTORY) else {
        let mut page = Vec::new();
        commands.build();
        Man::new(commands).render(&mut page).map_err(failed)?;
        return output::print(&String::from_utf8_lossy(&page));
    };
    let failed = |error: std::io::Error| {
        Failure::local(format!("the pages cannot be written to {}: {error}", directory.display()))
    };
    fs::create_dir_all(directory).map_err(failed)?;
    clap_mangen::generate_to(commands, directory).map_err(failed)
}
