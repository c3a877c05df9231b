//! What sets the command line up: completions and pages for man.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::support::Vastai;

/// Whether a program says that this input is well-formed; none where the program is not there.
#[expect(clippy::print_stdout, reason = "a skip is said")]
fn is_accepted(program: &str, arguments: &[&str], input: &str) -> Option<bool> {
    let spawned = Command::new(program).args(arguments).stdin(Stdio::piped()).stdout(Stdio::null()).spawn();
    let Ok(mut child) = spawned else {
        println!("skipped: there is no {program}");
        return None;
    };
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    Some(child.wait().unwrap().success())
}

#[test]
fn completions_are_what_their_shells_read() {
    for (shell, program, arguments, word) in [
        ("bash", "bash", &["-n"][..], "vastai__subcmd__show"),
        ("zsh", "zsh", &["-n"], "#compdef vastai"),
        ("fish", "fish", &["--no-execute"], "complete -c vastai"),
        ("powershell", "pwsh", &["-NoProfile", "-Command", "-"], "Register-ArgumentCompleter"),
    ] {
        let script = Vastai::new(&["completions", shell]).run().answer();
        assert!(script.contains(word), "{shell}: {}", &script[..2_000]);
        assert!(
            script.contains("endpoint") && script.contains("--output") && script.contains("watch"),
            "{shell}"
        );
        assert_ne!(is_accepted(program, arguments, &script), Some(false), "{shell}");
    }
    let done = Vastai::new(&["completions", "tcsh"]).run();
    assert_eq!((done.code, done.stdout.as_str()), (Some(2), ""), "{}", done.transcript());
}

#[test]
fn bash_completes_words_of_commands_and_flags() {
    let script = Vastai::new(&["completions", "bash"]).run().answer();
    let directory = TempDir::new().unwrap();
    fs::write(directory.path().join("completions"), script).unwrap();
    let complete = |line: &str| {
        let words: Vec<String> = line.split(' ').map(|word| format!("'{word}'")).collect();
        let last = words.len() - 1;
        // From a file, as the script is longer than an argument may be.
        let asked = format!(
            ". completions; COMP_WORDS=({}); COMP_CWORD={last}; _vastai vastai {} {}; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            words.join(" "),
            words[last],
            words[last - 1]
        );
        let output =
            Command::new("bash").args(["-c", &asked]).current_dir(directory.path()).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(complete("vastai watch i"), "instances\n");
    assert_eq!(complete("vastai get endpoint work"), "workers\n");
    assert_eq!(complete("vastai show instances --console"), "--console-url\n");
}

#[test]
fn each_command_has_a_page() {
    let page = Vastai::new(&["man"]).run().answer();
    assert!(page.contains(".TH vastai 1") && page.contains("vastai"), "{page}");
    let directory = TempDir::new().unwrap();
    let out = directory.path().join("share/man1");
    Vastai::new(&["man", "--out", out.to_str().unwrap()]).run().answer();
    for page in
        ["vastai.1", "vastai-show-instances.1", "vastai-get-endpoint-workers.1", "vastai-watch-endpoint.1"]
    {
        let text = fs::read_to_string(out.join(page)).unwrap();
        assert!(text.contains(".SH NAME"), "{page}: {text}");
    }
    let file = directory.path().join("file");
    fs::write(&file, "").unwrap();
    let done = Vastai::new(&["man", "--out", file.to_str().unwrap()]).run();
    assert_eq!(done.code, Some(1));
    assert!(done.stderr.contains("cannot be written to"), "{}", done.stderr);
}
