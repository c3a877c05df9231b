//! The report for a browser: one page that needs nothing else, and is whole without its script.

use std::collections::BTreeSet;
use std::fmt::{self, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use vastai_spec::diff::{Change, Level};
use vastai_spec::visible::in_lines;

use super::groups::{self, Group, word};
use super::{Report, counted, rust_items, to_do};
use crate::repository::UNDOCUMENTED;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

pub(super) fn of(report: &Report<'_>) -> String {
    let mut page = String::new();
    // Writing to a string does not fail.
    let _ = whole(report, &mut page);
    page
}

fn whole(report: &Report<'_>, out: &mut String) -> fmt::Result {
    // Only this style and this script are allowed, whatever a string of a document might turn out to be.
    let sum = |text: &str| STANDARD.encode(Sha256::digest(text));
    let (style, script) = (sum(STYLE), sum(SCRIPT));
    writeln!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>What the service changed</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>"
    )?;
    header(report, out)?;
    work(report, out)?;
    filters(report, out)?;
    writeln!(out, "<section id=\"changes\" aria-label=\"Changes\">")?;
    for group in groups::of(report) {
        self::group(&group, report, out)?;
    }
    writeln!(out, "<p id=\"none\" hidden>Nothing matches these filters.</p>\n</section>")?;
    undocumented(report, out)?;
    rust(report, out)?;
    facade(report, out)?;
    writeln!(out, "</main>\n<script>{SCRIPT}</script>\n</body>\n</html>")
}

fn header(report: &Report<'_>, out: &mut String) -> fmt::Result {
    let release = report.release.as_ref();
    let release =
        release.map(|release| format!(" ({} → {})", escaped(&release.current), escaped(&release.next)));
    writeln!(
        out,
        "<header>\n<h1>What the service changed</h1>\n<p class=\"documents\"><code>{}</code> → <code>{}</code></p>\n<p class=\"verdict\">\
         <span class=\"badge {}\">Wire: {}</span> <span class=\"badge {}\">Rust: {}{}</span></p>",
        escaped(report.old),
        escaped(report.new),
        report.wire().replace(' ', "-"),
        report.wire(),
        report.rust().replace(' ', "-"),
        report.rust(),
        release.unwrap_or_default(),
    )?;
    let operations = &report.diff.operations;
    let of_level = |level| report.diff.changes.iter().filter(|change| change.level == level).count();
    writeln!(out, "<dl class=\"counts\">")?;
    for (what, count) in [
        ("breaking", of_level(Level::Breaking)),
        ("compatible", of_level(Level::Compatible)),
        ("prose", report.diff.docs),
        ("operations removed", operations.removed.len()),
        ("changed", operations.changed.len()),
        ("moved", operations.moved.len()),
        ("added", operations.added.len()),
    ] {
        writeln!(out, "<div><dt>{what}</dt><dd>{count}</dd></div>")?;
    }
    writeln!(out, "</dl>\n</header>")
}

fn work(report: &Report<'_>, out: &mut String) -> fmt::Result {
    let work = to_do::of(report);
    if work.is_empty() {
        return Ok(());
    }
    writeln!(out, "<section id=\"work\">\n<h2>What to do</h2>\n<ol>")?;
    for work in work {
        writeln!(out, "<li>{}</li>", escaped(&work))?;
    }
    writeln!(out, "</ol>")?;
    if !report.stale.is_empty() {
        writeln!(out, "<ul>")?;
        for stale in report.stale_lines() {
            writeln!(out, "<li><code>{}</code></li>", escaped(&stale))?;
        }
        writeln!(out, "</ul>")?;
    }
    writeln!(out, "</section>")
}

/// What is shown is chosen here; without the script there is nothing to choose, and all is shown.
fn filters(report: &Report<'_>, out: &mut String) -> fmt::Result {
    writeln!(out, "<form id=\"filters\" hidden>\n<fieldset><legend>Level</legend>")?;
    for level in [Level::Breaking, Level::Compatible, Level::Docs] {
        let (word, count) =
            (word(level), report.diff.changes.iter().filter(|change| change.level == level).count());
        let checked = if level == Level::Docs { "" } else { " checked" };
        writeln!(
            out,
            "<label class=\"{word}\"><input type=\"checkbox\" name=\"level\" value=\"{word}\"{checked}> {word} ({count})</label>"
        )?;
    }
    writeln!(out, "</fieldset>\n<label>Tag <select name=\"tag\"><option value=\"\">all</option>")?;
    let tags: BTreeSet<&str> =
        report.diff.changes.iter().filter_map(|change| change.tag.as_deref()).collect();
    for tag in tags {
        writeln!(out, "<option value=\"{0}\">{0}</option>", escaped(tag))?;
    }
    writeln!(
        out,
        "</select></label>\n<label>Search <input type=\"search\" name=\"text\" placeholder=\"path, rule, word\"></label>\n\
         <output id=\"shown\"></output>\n</form>"
    )
}

fn group(group: &Group<'_>, report: &Report<'_>, out: &mut String) -> fmt::Result {
    writeln!(out, "<section class=\"operation\">\n<h2>{}", name(group.name()))?;
    if let Some(was) = group.was {
        writeln!(out, " <span class=\"was\">was {}</span>", name(&was.from))?;
    }
    if let Some(tag) = group.tag {
        writeln!(out, " <span class=\"tag\">{}</span>", escaped(tag))?;
    }
    writeln!(out, "</h2>")?;
    for finding in &group.changes {
        change(finding.change, group.tag, report, out)?;
    }
    writeln!(out, "</section>")
}

/// Method and path, the one in small letters before the other.
fn name(operation: &str) -> String {
    match operation.split_once(' ') {
        Some((method, path)) if path.starts_with('/') => {
            format!("<span class=\"method\">{}</span> <code>{}</code>", escaped(method), escaped(path))
        }
        _ => escaped(operation),
    }
}

fn change(change: &Change, tag: Option<&str>, report: &Report<'_>, out: &mut String) -> fmt::Result {
    let level = word(change.level);
    let lines = groups::lines(change).map(|lines| format!(", {lines}")).unwrap_or_default();
    writeln!(
        out,
        "<article class=\"change {level}\" data-level=\"{level}\" data-tag=\"{}\">\n<p><span class=\"badge {level}\">{level}</span> {}</p>\n\
         <p class=\"place\"><code>{}</code>{} at <code>{}</code>{lines}</p>",
        escaped(tag.unwrap_or_default()),
        with_code(&change.message),
        escaped(change.id),
        groups::side(change),
        escaped(&change.pointer),
    )?;
    if let Some(accepted) = report.acceptance(change) {
        writeln!(
            out,
            "<p class=\"accepted\">Accepted on {}: {}</p>",
            escaped(&accepted.date.to_string()),
            escaped(&accepted.reason)
        )?;
    }
    if change.before.is_some() || change.after.is_some() {
        writeln!(out, "<div class=\"values\">")?;
        side("Old", "del", change.before.as_ref(), out)?;
        side("New", "ins", change.after.as_ref(), out)?;
        writeln!(out, "</div>")?;
    }
    writeln!(out, "</article>")
}

fn side(title: &str, element: &str, value: Option<&Value>, out: &mut String) -> fmt::Result {
    let text = value.map(|value| match value {
        Value::String(text) => text.clone(),
        // A value can always be written.
        value => serde_json::to_string_pretty(value).unwrap_or_default(),
    });
    match text {
        Some(text) => writeln!(
            out,
            "<figure><figcaption>{title}</figcaption><pre><{element}>{}</{element}></pre></figure>",
            escaped(&text)
        ),
        None => {
            writeln!(out, "<figure><figcaption>{title}</figcaption><p class=\"nothing\">nothing</p></figure>")
        }
    }
}

fn rust(report: &Report<'_>, out: &mut String) -> fmt::Result {
    let Some(verdict) = &report.diff.rust else { return Ok(()) };
    let items = rust_items::of(report);
    if items.is_empty() && verdict.renames.is_empty() && verdict.kept_names == 0 {
        return Ok(());
    }
    writeln!(out, "<section id=\"rust\">\n<h2>Rust</h2>")?;
    if !verdict.renames.is_empty() {
        writeln!(out, "<ul>")?;
        for rename in &verdict.renames {
            writeln!(
                out,
                "<li><code>{}</code> is now <code>{}</code>: {}</li>",
                escaped(&rename.from),
                escaped(&rename.to),
                with_code(&rename.reason)
            )?;
        }
        writeln!(out, "</ul>")?;
    }
    if let Some(kept) = rust_items::kept(verdict) {
        writeln!(out, "<p>{kept}</p>")?;
    }
    if items.is_empty() {
        return writeln!(out, "</section>");
    }
    writeln!(out, "<table>\n<thead><tr><th>Item</th><th>Is</th><th>From</th></tr></thead>\n<tbody>")?;
    for item in items {
        let parts = if item.parts > 0 {
            format!(" and its {}", counted(item.parts, "part", "parts"))
        } else {
            String::new()
        };
        writeln!(
            out,
            "<tr class=\"{0}\"><td><code>{1}</code>{parts}</td><td>{0}</td><td>{2}</td></tr>",
            item.fate.word(),
            escaped(item.line),
            escaped(&item.from)
        )?;
    }
    writeln!(out, "</tbody>\n</table>\n</section>")
}

fn undocumented(report: &Report<'_>, out: &mut String) -> fmt::Result {
    let undocumented = &report.undocumented;
    if undocumented.is_empty() {
        return Ok(());
    }
    writeln!(out, "<section id=\"undocumented\">\n<h2>Undocumented operations</h2>")?;
    if !undocumented.documented.is_empty() {
        writeln!(out, "<ul>")?;
        for found in &undocumented.documented {
            writeln!(out, "<li>{} is documented by now; it was {}</li>", name(&found.to), name(&found.from))?;
        }
        writeln!(out, "</ul>")?;
    }
    if !undocumented.lacking.is_empty() {
        let count = counted(undocumented.lacking.len(), "operation is", "operations are");
        writeln!(out, "<details><summary>{count} in {UNDOCUMENTED} alone</summary>\n<ul>")?;
        for place in &undocumented.lacking {
            writeln!(out, "<li>{}</li>", name(place))?;
        }
        writeln!(out, "</ul>\n</details>")?;
    }
    writeln!(out, "</section>")
}

fn facade(report: &Report<'_>, out: &mut String) -> fmt::Result {
    let features = report.broken_features();
    if features.is_empty() {
        return Ok(());
    }
    writeln!(out, "<section id=\"facade\">\n<h2>Facade</h2>\n<dl>")?;
    for (feature, breaks) in features {
        writeln!(out, "<dt>{}</dt>", escaped(feature))?;
        for found in breaks {
            let place = escaped(&found.place());
            writeln!(out, "<dd><code>{place}</code>: {}</dd>", with_code(&found.message))?;
        }
    }
    writeln!(out, "</dl>\n</section>")
}

/// A string whose words in backticks are code.
fn with_code(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return escaped(text);
    }
    let write = |(index, part): (usize, &&str)| {
        let part = escaped(part);
        if index % 2 == 0 { part } else { format!("<code>{part}</code>") }
    };
    parts.iter().enumerate().map(write).collect()
}

/// A string as text, between tags and in attributes; its line ends matter in values alone.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in in_lines(text).chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            character => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn a_document_cannot_write_html() {
        assert_eq!(
            escaped("<script>\"a\" & 'b'</script>"),
            "&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39;&lt;/script&gt;"
        );
        assert_eq!(escaped("a\u{1b}[2J\u{202e}b\nc"), "a\\u{1b}[2J\\u{202e}b\nc");
    }
}
