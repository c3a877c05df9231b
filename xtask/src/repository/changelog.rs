//! The entry of `CHANGELOG.md` that a sync writes.

/// The file, at the repository's root.
pub(crate) const CHANGELOG: &str = "CHANGELOG.md";

const UNRELEASED: &str = "## Unreleased";

/// The CHANGELOG with an entry about a document in its section of what is not released yet.
///
/// `document` names the document, and is the same for the same one: an entry about it that is there already is replaced.
pub(crate) fn with_entry(changelog: &str, document: &str, body: &str) -> String {
    let heading = format!("### The API: {document}");
    let lines: Vec<&str> = changelog.lines().collect();
    let is_section = |line: &&str| line.starts_with("## ");
    let (before, section, after) = match lines.iter().position(|line| line.trim_end() == UNRELEASED) {
        Some(at) => {
            let rest = &lines[at + 1..];
            let end = rest.iter().position(is_section).unwrap_or(rest.len());
            (&lines[..at], &rest[..end], &rest[end..])
        }
        // The newest release comes first, and what is not released before it.
        None => {
            let at = lines.iter().position(is_section).unwrap_or(lines.len());
            (&lines[..at], &[][..], &lines[at..])
        }
    };
    let mut kept: Vec<&str> = Vec::new();
    let mut skipping = false;
    for line in section {
        if line.starts_with("### ") {
            skipping = line.trim_end() == heading;
        }
        if !skipping {
            kept.push(line);
        }
    }
    let mut text = String::new();
    for part in [
        before.join("\n"),
        UNRELEASED.to_owned(),
        kept.join("\n"),
        heading,
        body.to_owned(),
        after.join("\n"),
    ] {
        let part = part.trim_matches('\n');
        if !part.is_empty() {
            text.push_str(part);
            text.push_str("\n\n");
        }
    }
    text.pop();
    text
}

/// The text of a release's section, without its heading, which may have a date behind the version.
pub(crate) fn section<'text>(changelog: &'text str, name: &str) -> Option<&'text str> {
    let mut sections = changelog.split("\n## ").skip(1).filter_map(|section| section.split_once('\n'));
    let is_named = |heading: &str| heading.split([' ', '\t', '\r']).next() == Some(name);
    sections.find(|(heading, _)| is_named(heading)).map(|(_, text)| text)
}

#[cfg(test)]
mod tests {
    use super::{section, with_entry};

    #[test]
    fn a_section_is_found_by_its_version() {
        let changelog =
            "# Changelog\n\n## Unreleased\n\n## 0.2.0 (2026-11-26)\n\n- One.\n\n## 0.1.0\n\n- Two.\n";
        assert_eq!(section(changelog, "Unreleased").map(str::trim), Some(""));
        assert_eq!(section(changelog, "0.2.0").map(str::trim), Some("- One."));
        assert_eq!(section(changelog, "0.1.0").map(str::trim), Some("- Two."));
        assert_eq!(section(changelog, "0.1"), None);
    }

    const OLD: &str =
        "# Changelog\n\nWords.\n\n## Unreleased\n\n### Added\n\n- A thing.\n\n## 0.1.0\n\n- All.\n";

    #[test]
    fn an_entry_stands_at_the_end_of_what_is_not_released() {
        let new = with_entry(OLD, "of today", "Wire: breaking.\n\n- Gone.\n");
        assert_eq!(
            new,
            "# Changelog\n\nWords.\n\n## Unreleased\n\n### Added\n\n- A thing.\n\n### The API: of today\n\nWire: breaking.\n\n- Gone.\n\n## 0.1.0\n\n- All.\n"
        );
        assert_eq!(with_entry(&new, "of today", "Wire: breaking.\n\n- Gone.\n"), new);
        let next = with_entry(&new, "of tomorrow", "Wire: compatible.\n");
        assert!(
            next.contains("- Gone.\n\n### The API: of tomorrow\n\nWire: compatible.\n\n## 0.1.0\n"),
            "{next}"
        );
    }

    #[test]
    fn the_section_is_made_where_there_is_none() {
        assert_eq!(
            with_entry("# Changelog\n\n## 0.1.0\n\n- All.\n", "d", "B."),
            "# Changelog\n\n## Unreleased\n\n### The API: d\n\nB.\n\n## 0.1.0\n\n- All.\n"
        );
        assert_eq!(
            with_entry("# Changelog\n", "d", "B."),
            "# Changelog\n\n## Unreleased\n\n### The API: d\n\nB.\n"
        );
    }
}
