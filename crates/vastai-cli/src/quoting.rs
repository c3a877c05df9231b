//! Strings from outside, made safe for a terminal and for a shell.
//!
//! Responses, errors of the service and the document come from outside. A terminal obeys some of their characters, and shows others
//! not at all or in another order; such characters are [hidden](is_hidden), and all that this program prints has escapes in their place.

use std::fmt::Write as _;

use vastai_spec::visible::{in_one_line, is_hidden};

/// A string on one line: white space becomes a space, and other hidden characters an escape such as `\u{1b}`.
pub(crate) fn one_line(text: &str) -> String {
    let text = text.trim();
    if text.contains(['\n', '\r', '\t']) {
        in_one_line(&text.replace(['\n', '\r', '\t'], " ")).into_owned()
    } else {
        in_one_line(text).into_owned()
    }
}

/// A string as one word of a POSIX shell, whatever is in it; `None` where it has a NUL, which no argument can have.
///
/// In single quotes everything stands for itself but the quote. A string with hidden characters cannot be shown so; it stands in `$'…'`,
/// which POSIX has had since 2024 (bash, zsh and ksh before), with octal escapes. No quote stands between those quotes, so that an older
/// shell takes it for another string, but still for one word. PowerShell, cmd and fish quote otherwise and are not considered.
pub(crate) fn shell_word(text: &str) -> Option<String> {
    if text.contains('\0') {
        return None;
    }
    if !text.contains(is_hidden) {
        return Some(format!("'{}'", text.replace('\'', r"'\''")));
    }
    let mut word = "$'".to_owned();
    for character in text.chars() {
        match character {
            '\\' => word.push_str(r"\\"),
            character if character == '\'' || is_hidden(character) => {
                for byte in character.encode_utf8(&mut [0; 4]).bytes() {
                    // Writing to a string does not fail.
                    let _ = write!(word, "\\{byte:03o}");
                }
            }
            character => word.push(character),
        }
    }
    word.push('\'');
    Some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One of each kind; the tag and the last of the musical marks are beyond 16 bits.
    const HIDDEN: &str = "\0\u{1b}\u{7f}\u{80}\u{9b}\u{9f}\u{ad}\u{61c}\u{180e}\u{200b}\u{200e}\u{200f}\u{2028}\u{2029}\u{202a}\u{202e}\
                          \u{2060}\u{2066}\u{2069}\u{206a}\u{feff}\u{fff9}\u{1d17a}\u{e0001}\u{e007f}\u{e0100}";

    #[test]
    fn hidden_characters_become_escapes() {
        assert!(HIDDEN.chars().all(is_hidden));
        assert!(!one_line(HIDDEN).contains(is_hidden));
        assert_eq!(one_line(" a\n\u{1b}[31mb\u{202e}c\u{9b} "), "a \\u{1b}[31mb\\u{202e}c\\u{9b}");
        let shown = "größe 中文\u{3000}🙂 ☂\u{fe0f} e\u{301}";
        assert_eq!(one_line(shown), shown);
    }

    #[test]
    fn a_shell_word_shows_nothing_hidden() {
        assert_eq!(shell_word("a' ; id ; 'b").as_deref(), Some(r"'a'\'' ; id ; '\''b'"));
        assert_eq!(shell_word("a'\u{1b}\\\u{202e}b").as_deref(), Some(r"$'a\047\033\\\342\200\256b'"));
        assert_eq!(shell_word("").as_deref(), Some("''"));
        assert_eq!(shell_word("a\0b"), None);
        assert!(!shell_word(&HIDDEN[1..]).unwrap_or_default().contains(is_hidden));
    }

    #[cfg(unix)]
    #[test]
    fn a_shell_takes_a_word_for_what_it_was() {
        let words = [
            "plain",
            "",
            "a' ; id ; 'b",
            "-x",
            "$(id) `id` $HOME !! \" \\ * ~ #",
            "'",
            "''",
            "größe 🙂",
            "a\\'b",
        ];
        let shown_otherwise =
            ["two\nlines\n", "\t'\u{1b}[2J\\'\\", "\u{202e}$(id)'; id; '", "tag \u{e0041}7"];
        for word in words {
            assert_eq!(printed("sh", word), word);
            assert_eq!(printed("bash", word), word);
        }
        for word in shown_otherwise {
            assert_eq!(printed("bash", word), word);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_shell_that_is_older_takes_one_word_all_the_same() {
        for word in ["a'\u{1b}b", "'\u{1b}; echo two", "\u{1b}\\", "\u{1b}\\'; echo two #"] {
            let line = format!("set -- {}; echo $#", shell_word(word).unwrap_or_default());
            assert_eq!(output("sh", &line), "1\n", "{line}");
        }
    }

    /// What a shell makes of the word for a string.
    #[cfg(unix)]
    fn printed(shell: &str, text: &str) -> String {
        output(shell, &format!("printf %s {}", shell_word(text).unwrap_or_default()))
    }

    #[cfg(unix)]
    fn output(shell: &str, line: &str) -> String {
        let output = std::process::Command::new(shell).args(["-c", line]).output();
        output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default()
    }
}
