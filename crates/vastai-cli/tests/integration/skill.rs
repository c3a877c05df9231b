//! `skills/vastai/SKILL.md`, which coding agents read: all of its commands, in their order, by a shell in one simulated world.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::support::Vastai;

/// Runs the command, and records how it ended and what it was.
const VASTAI: &str = r#"
# A signal for the simulator has to meet it.
[ "$1" != mock ] || exec "$VASTAI_BINARY" "$@"
code=0
"$VASTAI_BINARY" "$@" || code=$?
echo "$code vastai $*" >> "$HOME/calls"
exit "$code"
"#;

/// What would reach machines that are not there: recorded, and done with.
const STAND_IN: &str = r#"
echo "0 ${0##*/} $*" >> "$HOME/calls"
"#;

/// The world is fast enough for a wait of seconds to be one of a blink.
const SLEEP: &str = "exec /bin/sleep 0.1\n";

fn skill() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../skills/vastai/SKILL.md");
    fs::read_to_string(path).unwrap()
}

/// The fences, each with its language.
fn fences(skill: &str) -> Vec<(&str, &str)> {
    let pieces = skill.split("\n```").skip(1).step_by(2);
    pieces.map(|piece| piece.split_once('\n').unwrap()).collect()
}

/// The words of each command of a text: what stands before its values.
fn commands(text: &str) -> BTreeSet<String> {
    let is_word = |word: &&str| {
        word.starts_with(|first: char| first.is_ascii_lowercase())
            && word.chars().all(|it| it.is_ascii_lowercase() || it == '-')
    };
    let words = |call: &str| call.split([' ', ')']).take_while(is_word).collect::<Vec<_>>().join(" ");
    let calls = text.lines().flat_map(|line| line.split("vastai ").skip(1));
    calls.map(|call| words(call.trim_start_matches("--mock "))).collect()
}

fn program(folder: &Path, name: &str, script: &str) {
    let path = folder.join(name);
    fs::write(&path, format!("#!/bin/sh\n{script}")).unwrap();
    fs::set_permissions(path, PermissionsExt::from_mode(0o755)).unwrap();
}

#[test]
fn every_command_of_the_skill_does_what_it_says() {
    let skill = skill();
    let fences = fences(&skill);
    for (language, text) in &fences {
        assert!(*language == "sh" || !text.contains("vastai "), "commands are in fences of sh: {text}");
    }
    let fences: Vec<&str> = fences.iter().filter(|(language, _)| *language == "sh").map(|it| it.1).collect();
    assert!(fences.len() > 12, "{fences:?}");

    let home = TempDir::new().unwrap();
    let bin = home.path().join("bin");
    for folder in ["bin", "input", ".ssh"] {
        fs::create_dir(home.path().join(folder)).unwrap();
    }
    fs::write(home.path().join(".ssh/id_ed25519.pub"), "ssh-ed25519 AAAAC3Nza me\n").unwrap();
    program(&bin, "vastai", VASTAI);
    program(&bin, "sleep", SLEEP);
    for name in ["ssh", "scp", "rsync"] {
        program(&bin, name, STAND_IN);
    }
    let script = format!("set -eu\ntrap 'kill $!' EXIT\n{}", fences.join("\n"));
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let done = Command::new("sh")
        .args(["-c", &script])
        .current_dir(home.path())
        .env_clear()
        .env("HOME", home.path())
        .env("PATH", path)
        .env("VASTAI_BINARY", env!("CARGO_BIN_EXE_vastai"))
        .output()
        .unwrap();
    let [stdout, stderr] = [done.stdout, done.stderr].map(|text| String::from_utf8(text).unwrap());
    let calls = fs::read_to_string(home.path().join("calls")).unwrap_or_default();
    assert!(done.status.success(), "{stderr}\n{calls}");

    // Pipes and substitutions hide how a command ended; the end of the simulator is the script's.
    let failed: Vec<_> = calls.lines().filter(|call| !call.starts_with("0 ")).collect();
    assert_eq!(failed, Vec::<&str>::new(), "{stderr}");
    let was_run = |words: &String| {
        words == "mock serve"
            || calls.lines().any(|call| call.replace("--mock ", "").starts_with(&format!("0 vastai {words}")))
    };
    let not_run: Vec<_> = commands(&fences.join("\n")).into_iter().filter(|words| !was_run(words)).collect();
    assert_eq!(not_run, Vec::<String>::new(), "{calls}");

    // It came to what the text says: a machine that ran, was logged in to, and is gone; a worker that has answered.
    assert!(stdout.contains("\nrunning\n") && stdout.contains(r#""prompt":"Hi""#), "{stdout}");
    assert!(calls.contains("0 ssh -o StrictHostKeyChecking=accept-new ssh://root@"), "{calls}");
    assert_eq!(calls.lines().filter(|call| call.starts_with("0 rsync ")).count(), 2, "{calls}");
    let last = stdout.rsplit("STATUS").next().unwrap();
    assert!(!last.contains("agent-demo-1") && !last.contains("agent-llm"), "{last}");
    assert!(
        !stdout.contains("mock-instance-key") && !stderr.contains("mock-account-key"),
        "{stdout}{stderr}"
    );
}

#[test]
fn commands_that_the_text_names_are_there() {
    let skill = skill();
    let help = Vastai::new(&["help", "commands"]).run().answer();
    let is_there = |words: &str| help.lines().any(|line| line.trim_start().starts_with(&format!("{words} ")));
    let (_, table) = skill.split_once("| spends, pays or destroys |\n").unwrap();
    let named: Vec<&str> = table.split('`').skip(1).step_by(2).collect();
    assert!(named.len() > 150, "{named:?}");
    let missing: Vec<_> = named.iter().filter(|words| !is_there(words)).collect();
    assert!(missing.is_empty(), "{missing:?}");

    // Outside of fences, too.
    let prose: String = skill.split("\n```").step_by(2).collect();
    let inline: String = prose
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|code| code.starts_with("vastai "))
        .map(|code| format!("{code}\n"))
        .collect();
    for words in commands(&inline).into_iter().filter(|words| !words.is_empty()) {
        let line: Vec<&str> = words.split(' ').chain(["--help"]).collect();
        let done = Vastai::new(&line).run();
        assert_eq!(done.code, Some(0), "{words}: {}", done.transcript());
    }
}

#[test]
fn the_skill_says_what_it_is_for() {
    let skill = skill();
    let front = skill.strip_prefix("---\n").and_then(|text| text.split_once("\n---\n")).unwrap().0;
    let field = |name: &str| front.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    assert_eq!(field("name"), Some("vastai"));
    // What those who load skills accept.
    assert!(
        field("description").is_some_and(|text| (50..1_024).contains(&text.len()) && !text.contains(": ")),
        "{front}"
    );
    assert!(skill.lines().count() < 300);
}
