//! A documentation page in Markdown that carries the document of one operation in a fence.

use super::error::{LoadError, Place};

/// The OpenAPI document in a documentation page, or `None` where the text is not such a page.
///
/// The document stands in a fence whose info string begins with `yaml`, `yml` or `json` and whose text has an `openapi:` of
/// its own. A fence closes only with as many of its marks as opened it, so a document may itself hold shorter fences.
///
/// # Errors
///
/// [`LoadError`] with its line where a fence opens and never closes (half a page), or where two fences hold a document each.
///
/// ```
/// let page = "# get endpoint workers\n\n````yaml /api-reference/openapi.yaml post /route/\nopenapi: 3.1.0\n````\n";
/// let document = vastai_spec::load::document_in_page(page, "route.md")?;
/// assert_eq!(document.as_deref(), Some("openapi: 3.1.0\n"));
/// # Ok::<(), vastai_spec::load::LoadError>(())
/// ```
pub fn document_in_page(text: &str, name: &str) -> Result<Option<String>, LoadError> {
    let mut found: Option<String> = None;
    let mut lines = text.lines().enumerate();
    while let Some((opened_at, line)) = lines.next() {
        let Some(fence) = Fence::opened_by(line) else { continue };
        let mut body = String::new();
        let closed = lines.by_ref().any(|(_, line)| {
            let closed = fence.closed_by(line);
            if !closed {
                body.push_str(line.strip_prefix(fence.indent).unwrap_or(line));
                body.push('\n');
            }
            closed
        });
        if !(fence.holds_data && is_openapi(&body)) {
            continue;
        }
        let opening = Place { line: opened_at + 1, column: 1 };
        if !closed {
            let message = "the fence with the document never closes; is the page cut short?";
            return Err(LoadError::at(name, opening, message));
        }
        if found.replace(body).is_some() {
            let message = "a second fence with an OpenAPI document; which of them is meant?";
            return Err(LoadError::at(name, opening, message));
        }
    }
    Ok(found)
}

fn is_openapi(body: &str) -> bool {
    body.lines().any(|line| line.starts_with("openapi:") || line.trim_start().starts_with("\"openapi\""))
}

struct Fence<'line> {
    indent: &'line str,
    mark: char,
    length: usize,
    holds_data: bool,
}

impl<'line> Fence<'line> {
    fn opened_by(line: &'line str) -> Option<Self> {
        let rest = line.trim_start_matches(' ');
        let indent = &line[..line.len() - rest.len()];
        let mark = rest.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
        let info = rest.trim_start_matches(mark);
        let length = rest.len() - info.len();
        if length < 3 || (mark == '`' && info.contains('`')) {
            return None;
        }
        let language = info.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
        Some(Self { indent, mark, length, holds_data: matches!(language.as_str(), "yaml" | "yml" | "json") })
    }

    fn closed_by(&self, line: &str) -> bool {
        let line = line.trim();
        let marks = line.len() - line.trim_start_matches(self.mark).len();
        marks >= self.length && line[marks..].trim().is_empty()
    }
}
