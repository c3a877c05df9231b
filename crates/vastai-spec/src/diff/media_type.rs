//! Media types as keys of `content`: which of them are one, and which covers which.

use std::borrow::Cow;
use std::collections::BTreeMap;

/// A media type or a range of them, in one spelling.
///
/// Of its parameters, `charset` says how text is written: without it, any charset may come. `boundary` and `q` say nothing about the
/// format. Any other parameter (`version`, `profile`, …) makes another format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MediaType {
    /// Type and subtype in small letters, such as `text/plain` or `application/*`.
    essence: String,
    charset: Option<String>,
    others: BTreeMap<String, String>,
}

impl MediaType {
    pub(super) fn parse(text: &str) -> Self {
        let mut parts = split_outside_quotes(text, ';').into_iter();
        let essence = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
        let mut media_type = Self { essence, charset: None, others: BTreeMap::new() };
        for part in parts {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let (name, value) = (name.trim().to_ascii_lowercase(), unquoted(value.trim()));
            match name.as_str() {
                "" | "boundary" | "q" => {}
                "charset" => media_type.charset = Some(charset(&value)),
                _ => drop(media_type.others.insert(name, value.into_owned())),
            }
        }
        media_type
    }

    /// Whether the two are one format. JSON is written in UTF-8 and knows no charset.
    pub(super) fn is_same_format(&self, other: &Self) -> bool {
        self.essence == other.essence
            && self.others == other.others
            && (self.charset == other.charset || self.is_json())
    }

    /// Whether all that the other means is meant by this one, too.
    pub(super) fn covers(&self, other: &Self) -> bool {
        let charset_fits = self.charset.is_none() || self.charset == other.charset;
        match self.essence.strip_suffix("/*") {
            Some(kind) => {
                let is_of_kind = kind == "*" || other.essence.split('/').next() == Some(kind);
                let has = |(name, value): (&String, &String)| other.others.get(name) == Some(value);
                is_of_kind && charset_fits && self.others.iter().all(has)
            }
            None => {
                self.is_same_format(other)
                    || (self.essence == other.essence && self.others == other.others && charset_fits)
            }
        }
    }

    /// Of several that cover a media type, the one with the greatest counts.
    pub(super) fn precision(&self) -> (usize, usize, bool) {
        let stars = self.essence.split('/').filter(|part| *part == "*").count();
        (2 - stars.min(2), self.others.len(), self.charset.is_some())
    }

    /// Whether it is the body of a form, whose fields are written by name.
    pub(super) fn is_form(&self) -> bool {
        matches!(self.essence.as_str(), "application/x-www-form-urlencoded" | "multipart/form-data")
    }

    fn is_json(&self) -> bool {
        let subtype = self.essence.split_once('/').map_or("", |(_, subtype)| subtype);
        subtype == "json" || subtype.ends_with("+json")
    }
}

impl std::fmt::Display for MediaType {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.essence)?;
        if let Some(charset) = &self.charset {
            write!(formatter, "; charset={charset}")?;
        }
        self.others.iter().try_for_each(|(name, value)| write!(formatter, "; {name}={value}"))
    }
}

/// Several media types in a list, such as the `contentType` of an encoding, in one spelling and any order.
pub(super) fn list(text: &str) -> Vec<String> {
    let mut spelled: Vec<String> =
        split_outside_quotes(text, ',').into_iter().map(|one| MediaType::parse(one).to_string()).collect();
    spelled.sort_unstable();
    spelled
}

fn split_outside_quotes(text: &str, separator: char) -> Vec<&str> {
    let (mut quoted, mut escaped) = (false, false);
    let split = text.split(move |character| {
        let (was_quoted, was_escaped) = (quoted, std::mem::take(&mut escaped));
        match character {
            '"' if !was_escaped => quoted = !was_quoted,
            '\\' if was_quoted && !was_escaped => escaped = true,
            _ => {}
        }
        character == separator && !was_quoted
    });
    split.collect()
}

/// A charset in one spelling. Of its aliases, only the one is known that is written everywhere and registered nowhere.
fn charset(name: &str) -> String {
    match name.to_ascii_lowercase().as_str() {
        "utf8" => "utf-8".to_owned(),
        other => other.to_owned(),
    }
}

/// A parameter's value without its quotation marks.
fn unquoted(value: &str) -> Cow<'_, str> {
    let Some(inner) = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return Cow::Borrowed(value);
    };
    let mut plain = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        let escaped = if character == '\\' { characters.next() } else { None };
        plain.push(escaped.unwrap_or(character));
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spelling_makes_no_other_media_type() {
        for (one, other) in [
            ("Text/Plain; Charset=UTF-8", "text/plain;charset=\"utf-8\""),
            ("a/b; x=1; y=2", "a/b;y=\"2\" ;X=1"),
            ("a/b; x=\"1;2\"", "a/b; x=\"1\\;2\""),
            ("multipart/form-data; boundary=abc", "multipart/form-data"),
            ("a/b;", "a/b"),
            ("text/plain; charset=utf8", "text/plain; charset=\"UTF-8\""),
            ("application/json; charset=latin1", "application/json"),
            ("application/vnd.x+json; charset=utf-8; version=1", "application/vnd.x+json; version=1"),
        ] {
            assert!(MediaType::parse(one).is_same_format(&MediaType::parse(other)), "{one} and {other}");
        }
        for (one, other) in [
            ("a/b; version=1", "a/b; version=2"),
            ("a/b", "a/b; version=1"),
            ("text/plain; charset=utf-8", "text/plain"),
            ("application/xml; charset=utf-8", "application/xml; charset=utf-16"),
            ("application/json; profile=a", "application/json; profile=A"),
        ] {
            assert!(!MediaType::parse(one).is_same_format(&MediaType::parse(other)), "{one} and {other}");
        }
    }

    #[test]
    fn what_covers_what() {
        for (wide, narrow) in [
            ("*/*", "a/b; version=1"),
            ("text/*", "text/plain; charset=utf-8"),
            ("text/plain", "text/plain; charset=utf-8"),
        ] {
            let (wide, narrow) = (MediaType::parse(wide), MediaType::parse(narrow));
            assert!(wide.covers(&narrow) && !narrow.covers(&wide), "{wide} and {narrow}");
        }
        for (one, other) in
            [("a/b", "a/b; version=1"), ("text/*", "texts/plain"), ("text/*; charset=a", "text/plain")]
        {
            assert!(!MediaType::parse(one).covers(&MediaType::parse(other)), "{one} and {other}");
        }
    }
}
