//! Help on a narrow terminal: lines that would be cut anywhere are wrapped at their words, under what they are about.

use std::borrow::Cow;

use crate::arguments::wrapped;
use crate::look::Look;

/// How much room a description needs beside its command or option; with less it stands below.
const ROOM: usize = 30;

/// Help as it fits stdout, where its width is known.
pub(crate) fn for_stdout(help: &str) -> Cow<'_, str> {
    match Look::of_stdout(true, None).width {
        Some(width) => fitted(help, width),
        None => help.into(),
    }
}

/// Help in lines of at most this width, where its words allow. What fits stays as it is, and so do command lines, which are copied.
fn fitted(help: &str, width: usize) -> Cow<'_, str> {
    let is_long = |line: &str| line.chars().count() > width;
    if !help.lines().any(is_long) {
        return help.into();
    }
    let mut text = String::with_capacity(help.len());
    let mut lines = help.lines().peekable();
    while let Some(line) = lines.next() {
        let indent = indent_of(line);
        let mut block = vec![line];
        if let Some(column) = column_of(line) {
            while let Some(next) = lines.next_if(|next| !next.is_empty() && indent_of(next) >= column) {
                block.push(next);
            }
            match block.iter().any(|line| is_long(line)) {
                true => text.push_str(&entry(&block, column, width)),
                false => push_as_they_are(&mut text, &block),
            }
        } else if indent > 0 || line.is_empty() || line.starts_with("Usage: ") {
            let hanging = " ".repeat(indent + 4);
            match is_long(line) && !line.trim_start().starts_with("vastai ") {
                true => {
                    let room = width.saturating_sub(indent + 4);
                    let lines = wrapped(line.trim_start(), room, &hanging);
                    text.push_str(&format!("{:indent$}{lines}\n", ""));
                }
                false => push_as_they_are(&mut text, &block),
            }
        } else {
            while let Some(next) = lines.next_if(|next| !next.is_empty() && indent_of(next) == 0) {
                block.push(next);
            }
            match block.iter().any(|line| is_long(line)) {
                true => text.push_str(&(wrapped(&block.join(" "), width, "") + "\n")),
                false => push_as_they_are(&mut text, &block),
            }
        }
    }
    text.into()
}

fn push_as_they_are(text: &mut String, lines: &[&str]) {
    for line in lines {
        text.push_str(line);
        text.push('\n');
    }
}

/// An option or a command with its description, which goes on in the lines below at this column.
fn entry(block: &[&str], column: usize, width: usize) -> String {
    let at = |line: &str| line.char_indices().nth(column).map_or(line.len(), |(at, _)| at);
    let (head, first) = block[0].split_at(at(block[0]));
    // Paragraphs: items of a list, and what is in brackets, begin one.
    let mut paragraphs = vec![first.to_owned()];
    let mut is_item = false;
    for line in &block[1..] {
        let words = line.trim_start();
        let goes_on = !words.starts_with("- ") && (!is_item || indent_of(line) > column);
        match paragraphs.last_mut() {
            Some(last) if goes_on => *last = format!("{last} {words}"),
            _ => paragraphs.push(words.to_owned()),
        }
        is_item = words.starts_with("- ") || is_item && goes_on;
    }
    let is_beside = column + ROOM <= width;
    let indent = if is_beside { column } else { indent_of(head) + 4 };
    let mut text = if is_beside { head.to_owned() } else { format!("{}\n{:indent$}", head.trim_end(), "") };
    for (place, paragraph) in paragraphs.iter().enumerate() {
        let item = if paragraph.starts_with("- ") { 2 } else { 0 };
        let hanging = " ".repeat(indent + item);
        if place > 0 {
            text.push_str(&" ".repeat(indent));
        }
        text.push_str(&wrapped(paragraph, width.saturating_sub(indent + item), &hanging));
        text.push('\n');
    }
    text
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// At which character the description begins that stands beside an option or a command: behind a gap.
fn column_of(line: &str) -> Option<usize> {
    let indent = indent_of(line);
    let (head, rest) = line.get(indent..)?.split_once("  ").filter(|_| indent >= 2)?;
    let words = rest.trim_start();
    (!words.is_empty()).then(|| indent + head.chars().count() + 2 + (rest.len() - words.len()))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    const HELP: &str = "\
Create a thing from a thing

Usage: vastai create thing [OPTIONS] <ID> [NAME]

Options:
      --runtype <TEXT>  How it is started:
                        - ssh_proxy, or ssh for short: by way of
                          a server.
                        - args: without it.
                        [default: ssh]
  -y, --yes             Do not ask

Example:
  vastai create thing 7 --runtype ssh --yes

Everything is a thing, and what is none
is not made.
";

    #[test]
    fn descriptions_stand_below_where_there_is_no_room_beside() {
        expect![[r#"
            Create a thing from a thing

            Usage: vastai create thing
                [OPTIONS] <ID> [NAME]

            Options:
                  --runtype <TEXT>
                      How it is started:
                      - ssh_proxy, or
                        ssh for short: by
                        way of a server.
                      - args: without
                        it.
                      [default: ssh]
              -y, --yes
                  Do not ask

            Example:
              vastai create thing 7 --runtype ssh --yes

            Everything is a thing, and
            what is none is not made.
        "#]]
        .assert_eq(&fitted(HELP, 30));
    }

    #[test]
    fn what_fits_stays_as_it_is() {
        assert!(matches!(fitted(HELP, 80), Cow::Borrowed(HELP)));
        // Of what does not, the descriptions stay where they are as long as there is room.
        let help = fitted(HELP, 60);
        assert!(help.contains("      --runtype <TEXT>  How it is started:\n"), "{help}");
        assert!(help.contains("  -y, --yes             Do not ask\n"), "{help}");
    }
}
