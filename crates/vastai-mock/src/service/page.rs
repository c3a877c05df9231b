//! Lists that come in pages.

use serde_json::Value;

use super::refusal::Refusal;
use crate::record::RecordedRequest;

/// A page of a list.
#[derive(Debug)]
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    /// What asks for the next page; null on the last one.
    pub(super) next_token: Value,
}

/// The value of a parameter in the query.
pub(super) fn parameter<'a>(request: &'a RecordedRequest, name: &str) -> Option<std::borrow::Cow<'a, str>> {
    request.query_pairs().find(|(it, _)| it == name).map(|(_, value)| value)
}

/// The page that follows the item of the request's `after_token`, of at most `limit` items.
pub(super) fn page<T: Copy>(
    all: &[T],
    id: impl Fn(T) -> u64,
    limit: usize,
    request: &RecordedRequest,
) -> Result<Page<T>, Refusal> {
    let begin = match parameter(request, "after_token") {
        None => 0,
        Some(given) => {
            let last = all.iter().position(|&item| token(id(item)) == given);
            let msg = "after_token is none that the simulator gave.".to_owned();
            1 + last.ok_or(Refusal::Invalid { error: "invalid_token", msg })?
        }
    };
    let rest = all.get(begin..).unwrap_or_default();
    let (items, later) = rest.split_at(limit.min(rest.len()));
    let next_token = items.last().filter(|_| !later.is_empty()).map(|&last| token(id(last)));
    Ok(Page { items: items.to_vec(), next_token: next_token.into() })
}

/// What asks for the items after this one: like the service's, Base64 with characters that a query
/// has to escape.
fn token(id: u64) -> String {
    base64(format!(r#"{{"values": {{"id": {id}}}}}"#).as_bytes())
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = chunk
            .iter()
            .enumerate()
            .fold(0_usize, |group, (i, &byte)| group | usize::from(byte) << (16 - 8 * i));
        for i in 0..4 {
            let digit = char::from(ALPHABET[group >> (18 - 6 * i) & 63]);
            text.push(if i <= chunk.len() { digit } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_follows_the_standard() {
        for (plain, encoded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
            ("\u{3ff}\u{3fe}", "z7/Pvg=="),
        ] {
            assert_eq!(base64(plain.as_bytes()), encoded);
        }
        assert_eq!(token(123), "eyJ2YWx1ZXMiOiB7ImlkIjogMTIzfX0=");
    }
}
