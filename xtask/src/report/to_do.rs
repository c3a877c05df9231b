//! What a maintainer has to do about a difference.

use vastai_spec::diff::Level;

use super::{Report, counted};
use crate::facade::SOURCES;
use crate::repository::accepted::ACCEPTED;
use crate::repository::{DOCUMENT, MANIFEST, OVERLAY, UNDOCUMENTED};

/// How many places are named before they are only counted.
const LISTED: usize = 10;

/// The work, one sentence each, in the order in which it is done.
pub(super) fn of(report: &Report<'_>) -> Vec<String> {
    let mut work = Vec::new();
    for name in [OVERLAY, UNDOCUMENTED] {
        let in_file = || report.stale.iter().filter(|stale| stale.place.starts_with(&format!("{name}:")));
        let count = in_file().filter(|stale| stale.documented.is_none()).count();
        if count > 0 {
            let what = if count == 1 {
                "a correction matches".to_owned()
            } else {
                format!("{count} corrections match")
            };
            work.push(format!(
                "Mend or remove in {name}: {what} nothing in the new document, and a sync is refused until then."
            ));
        }
        let count = in_file().filter(|stale| stale.documented.is_some()).count();
        if count > 0 {
            let what = counted(count, "addition is", "additions are");
            work.push(format!(
                "Remove from {name}: {what} in the new document by now, and a sync is refused until then."
            ));
        }
    }
    if !report.duplicates.is_empty() {
        work.push(format!(
            "Look at each key that the new document has more than once in one mapping; its last value was taken: {}.",
            listed(report.duplicates, "; "),
        ));
    }
    let breaks = report.diff.changes.iter().filter(|change| change.level == Level::Breaking);
    let (mut open, mut accepted) = (0, 0);
    for change in breaks {
        *(if report.acceptance(change).is_some() { &mut accepted } else { &mut open }) += 1;
    }
    if open > 0 {
        let known = if accepted > 0 { format!(" ({accepted} more are accepted)") } else { String::new() };
        work.push(format!(
            "Read the {}{known}: programs built from the old document can fail against the service. \
             Correct in {OVERLAY} what the document says wrongly, and accept the rest: `cargo xtask sync-spec --accept REASON` \
             notes it in {ACCEPTED}.",
            counted(open, "breaking change of the wire", "breaking changes of the wire"),
        ));
    }
    let features = report.broken_features().len();
    if features > 0 {
        work.push(format!(
            "Change {SOURCES} where the new document breaks it, in {} (see Facade); a sync is refused until then.",
            counted(features, "feature", "features"),
        ));
    }
    if let Some(verdict) = report.diff.rust.as_ref().filter(|verdict| !verdict.renames.is_empty()) {
        let count = counted(verdict.renames.len(), "item is", "items are");
        work.push(format!(
            "Write the new names where the old ones are used: {count} only called otherwise (see Rust)."
        ));
    }
    if report.replaces_our_words {
        work.push(format!(
            "Describe in our own words (or sync with --in-our-words, which keeps those that we have) what {DOCUMENT} describes in the publisher's: their prose is not ours to hand on. \
             Then run `cargo xtask surface`."
        ));
    }
    if !report.undescribed.is_empty() {
        work.push(format!(
            "Describe in {DOCUMENT} what only the publisher describes, then run `cargo xtask surface`: {}.",
            listed(report.undescribed, ", ")
        ));
    }
    if let Some(release) = &report.release {
        work.push(format!(
            "Set the version in {MANIFEST} from {} to {}, in [workspace.package] and [workspace.dependencies]: {}.",
            release.current, release.next, release.reason
        ));
    }
    work
}

/// The first of some things, and how many more there are.
fn listed(things: &[String], separator: &str) -> String {
    match things.split_last() {
        Some((last, rest)) if !rest.is_empty() && rest.len() < LISTED => {
            format!("{} and {last}", rest.join(separator))
        }
        _ if things.len() > LISTED => {
            format!("{} and {} more", things[..LISTED].join(separator), things.len() - LISTED)
        }
        _ => things.concat(),
    }
}
