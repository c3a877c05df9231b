//! The index of a documentation site, `llms.txt`: a list of links to pages in Markdown.

/// A page that an index names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexedPage {
    /// The line of the index, counted from one.
    pub line: usize,
    /// The link as it is written: a URL, or a path from the index.
    pub target: String,
}

/// The Markdown pages that an index links to, in its order and each once; none where the text is not an index.
///
/// A page is a list item whose first link leads to a path that ends in `.md`. What follows `#` in a link is a place in the page
/// and is left out.
///
/// ```
/// let index = "# Docs\n\n- [route](/api-reference/route.md#body): asks for a worker\n- [home](https://vast.ai)\n";
/// let pages = vastai_spec::load::pages_in_index(index);
/// assert_eq!((pages.len(), pages[0].line, pages[0].target.as_str()), (1, 3, "/api-reference/route.md"));
/// ```
#[must_use]
pub fn pages_in_index(text: &str) -> Vec<IndexedPage> {
    let mut pages: Vec<IndexedPage> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let Some(target) = link_of(line) else { continue };
        let target = target.split('#').next().unwrap_or_default();
        let path = target.split('?').next().unwrap_or_default();
        if path.ends_with(".md") && !pages.iter().any(|page| page.target == target) {
            pages.push(IndexedPage { line: index + 1, target: target.to_owned() });
        }
    }
    pages
}

/// Where the first link of a list item leads.
fn link_of(line: &str) -> Option<&str> {
    let item = line.trim_start().strip_prefix(['-', '*', '+'])?.trim_start();
    let (_, rest) = item.split_once("](")?;
    let (target, _) = rest.split_once(')')?;
    // A link may have a title: `(page.md "Title")`, and its target may stand in `<>`.
    let target = target.split_whitespace().next()?;
    Some(target.strip_prefix('<').and_then(|target| target.strip_suffix('>')).unwrap_or(target))
}
