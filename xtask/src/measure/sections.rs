//! BENCHMARKS.md: a section for each group, so that one can be measured again without the others.

const HEAD: &str = "# Measurements\n\n`cargo xtask measure` makes this file; with `--only`, some of its sections.\n\n\
    CPU is the time of all cores together, with all that a program starts; builds are debug builds from nothing, without incremental \
    compilation. A ratio is ours by the reference.\n";

/// The file with one section replaced, or put in its place among those with these titles.
pub(super) fn with(file: &str, titles: &[&str], title: &str, section: &str) -> String {
    let mut text = HEAD.to_owned();
    for name in titles {
        let kept = match *name == title {
            true => Some(section.trim()),
            false => section_of(file, name),
        };
        if let Some(kept) = kept {
            text += &format!("\n## {name}\n\n{kept}\n");
        }
    }
    text
}

fn section_of<'file>(file: &'file str, title: &str) -> Option<&'file str> {
    let (_, rest) = file.split_once(&format!("\n## {title}\n"))?;
    Some(rest.split_once("\n## ").map_or(rest, |(section, _)| section).trim())
}

#[cfg(test)]
mod tests {
    use super::with;

    #[test]
    fn the_other_sections_stay_and_all_have_their_order() {
        let titles = ["A", "B"];
        let one = with("", &titles, "B", "| b |\n\n### Missed\n\n- b");
        let both = with(&one, &titles, "A", "| a |");
        let again = with(&both, &titles, "B", "| c |");
        assert!(both.ends_with("\n\n## A\n\n| a |\n\n## B\n\n| b |\n\n### Missed\n\n- b\n"), "{both}");
        assert!(again.ends_with("\n\n## A\n\n| a |\n\n## B\n\n| c |\n"), "{again}");
        assert!(again.starts_with("# Measurements\n"), "{again}");
    }
}
