//! How large a response may be, in bytes and decoded.

use std::fmt;

use bytes::Bytes;
use reqwest::Response;

use crate::{Error, Operation, RawResponse, Result};

/// How large a response may be: so many bytes, and decoded no more than [eight times](Self::DECODED) as much memory.
///
/// Both count, as a short response can be large in memory: two bytes of `{}` are a struct of a kilobyte, and `0,` is a value of 32 bytes. What a
/// response takes decoded is estimated before it is decoded, from above: the body itself, its strings, a node of a map for each object
/// and its part of one for each field, twice the size of each element of a list, as lists grow by doubling, and
/// for each object three times the largest type that the operation has at that depth. So the memory of a call stays below eight times the limit,
/// or the response is refused.
///
/// A body that comes compressed counts by what it is after decompression. The default is 32 MiB, and so 256 MiB decoded: all
/// real responses are smaller.
///
/// A [`Transport`](crate::Transport) keeps to it: [`RawResponse::read`](crate::RawResponse::read) does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResponseLimit {
    bytes: usize,
}

/// A response that is larger than it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TooLarge {
    /// It has more bytes than this.
    Bytes(usize),
    /// Decoded, it would take more bytes of memory than this.
    Decoded(usize),
}

impl fmt::Display for TooLarge {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(limit) => {
                write!(formatter, "the response is longer than {limit} bytes, the limit for responses")
            }
            Self::Decoded(limit) => write!(
                formatter,
                "the response would take more than {limit} bytes of memory decoded, {} times the limit for responses",
                ResponseLimit::DECODED
            ),
        }
    }
}

impl std::error::Error for TooLarge {}

/// Why a body could not be read whole.
#[derive(Debug)]
pub enum Unread {
    /// It is larger than it may be.
    TooLarge(TooLarge),
    /// The connection broke.
    Http(reqwest::Error),
}

impl RawResponse {
    /// Reads the body of a response of this operation, if it is no larger than it may be, in bytes and decoded. It takes the headers, too.
    ///
    /// # Errors
    ///
    /// [`Connection`](crate::ErrorKind::Connection) where it breaks off; [`Decode`](crate::ErrorKind::Decode) where it is larger.
    pub async fn read(response: &mut Response, limit: ResponseLimit, operation: &Operation) -> Result<Self> {
        let status = response.status();
        let body = limit.read(response).await.map_err(|unread| match unread {
            Unread::Http(error) => Error::from_http(error).with_status(status).broken(),
            Unread::TooLarge(why) => Error::too_large(why).with_status(status),
        })?;
        limit.check(&body, operation.sizes).map_err(|why| Error::too_large(why).with_status(status))?;
        Ok(Self::new(status, std::mem::take(response.headers_mut()), body))
    }
}

impl Default for ResponseLimit {
    fn default() -> Self {
        Self::bytes(32 * 1024 * 1024)
    }
}

impl ResponseLimit {
    /// How many times as large as the limit in bytes a response may be decoded.
    pub const DECODED: usize = 8;

    /// The limit of responses decoded is not below this, in bytes, however low the limit of their own bytes is.
    const LEAST_DECODED: usize = 1024 * 1024;

    /// So many bytes.
    #[must_use]
    pub const fn bytes(bytes: usize) -> Self {
        Self { bytes }
    }

    /// The limit in bytes.
    #[must_use]
    pub const fn max_bytes(self) -> usize {
        self.bytes
    }

    /// The limit of what a response takes decoded, in bytes.
    #[must_use]
    pub const fn max_decoded(self) -> usize {
        let decoded = self.bytes.saturating_mul(Self::DECODED);
        if decoded < Self::LEAST_DECODED { Self::LEAST_DECODED } else { decoded }
    }

    /// Reads a body whole, and no more of it than is allowed.
    ///
    /// # Errors
    ///
    /// [`Unread`].
    pub async fn read(self, response: &mut Response) -> Result<Bytes, Unread> {
        let too_long = Unread::TooLarge(TooLarge::Bytes(self.bytes));
        if response
            .content_length()
            .is_some_and(|length| usize::try_from(length).is_ok_and(|length| length > self.bytes))
        {
            return Err(too_long);
        }
        let first = response.chunk().await.map_err(Unread::Http)?.unwrap_or_default();
        if first.len() > self.bytes {
            return Err(too_long);
        }
        let Some(second) = response.chunk().await.map_err(Unread::Http)? else { return Ok(first) };
        let mut body = Vec::from(first);
        let mut next = Some(second);
        while let Some(chunk) = next {
            if body.len() + chunk.len() > self.bytes {
                return Err(too_long);
            }
            body.extend_from_slice(&chunk);
            next = response.chunk().await.map_err(Unread::Http)?;
        }
        // It grew by doubling.
        body.shrink_to_fit();
        Ok(Bytes::from(body))
    }

    /// Checks what a body of JSON takes decoded.
    ///
    /// `sizes` has the sizes of the largest types that it is decoded into, by depth; see [`Operation::sizes`](crate::Operation::sizes). Nothing is larger than a
    /// [`serde_json::Value`] where there are none. What is not JSON is not looked at further than to where it breaks off.
    ///
    /// # Errors
    ///
    /// [`TooLarge::Decoded`].
    pub fn check(self, body: &[u8], sizes: &[usize]) -> Result<(), TooLarge> {
        let limit = self.max_decoded();
        // Almost every response is so small that nothing in it could be too large.
        let largest = sizes.iter().copied().max().unwrap_or(0);
        let most_per_value = OBJECT + MEMBER + ELEMENT + LIST + GROWTH * largest;
        if (body.len() / 2 + 1).saturating_mul(most_per_value) <= limit {
            return Ok(());
        }
        // Nor is it where it has few objects and lists for its length; counting takes little of the time that decoding does.
        if most(body, largest, limit).is_some() {
            return Ok(());
        }
        match takes_more(body, sizes, limit) {
            true => Err(TooLarge::Decoded(limit)),
            false => Ok(()),
        }
    }
}

/// What an object takes as a value, in bytes: a node of a tree with room for eleven fields…
const OBJECT: usize = 536;
/// …and each of its fields: the nodes of a tree are six elevenths full at worst.
const MEMBER: usize = 105;
/// What an element of a list takes as a value: lists grow by doubling.
const ELEMENT: usize = 64;
/// What a list takes beside its elements: it begins with room for four.
const LIST: usize = 128;
/// How many times the size of a struct its place in a list may take, while the list grows into twice the room.
const GROWTH: usize = 3;
/// How many depths the sizes of types are listed for; the last of them counts for all that is deeper.
const DEPTHS: usize = 13;
/// How deep JSON may be nested that is decoded.
const DEEPEST: usize = 128;

/// How many bytes are counted at a time: of so many, a byte holds how often one occurs, so processors count many at once. It is a multiple
/// of how many that are.
const COUNTED: usize = 224;

/// The most that a body can take decoded, from how often the bytes occur that JSON is made of, in strings or not; `None` where that may
/// be more than the limit.
///
/// Whether a comma is one of a list or of an object is not looked at: an object has a comma less than it has fields, and a field's name
/// ends in `":`. The decoder may meet something that is not JSON, and refuse it, anywhere: so the commas of lists are counted to where they are
/// most.
fn most(body: &[u8], largest: usize, limit: usize) -> Option<usize> {
    let element = ELEMENT + GROWTH * largest;
    let container = OBJECT.max(LIST + ELEMENT) + GROWTH * largest;
    let (mut containers, mut commas, mut names, mut in_lists) = (0_usize, 0, 0, 0_usize);
    let mut most = 0;
    for start in (0..body.len()).step_by(COUNTED) {
        let chunk = &body[start..body.len().min(start + COUNTED)];
        // Both brackets that open, which differ in one bit.
        containers += count(chunk, |byte| byte | 0x20 == b'{');
        commas += count(chunk, |byte| byte == b',');
        // A name that ends in a backslash is not counted. A quote in a string has one before it.
        let after = |count: usize| body.get(start + count..).unwrap_or_default();
        let (second, third) = (after(1), after(2));
        let ends = chunk.iter().zip(second).zip(third).map(|((before, quote), colon)| {
            u8::from((*before != b'\\') & (*quote == b'"') & (*colon == b':'))
        });
        names += usize::from(ends.sum::<u8>());
        in_lists = in_lists.max((commas + containers).saturating_sub(names));
        most = [
            body.len() * 2,
            containers.saturating_mul(container),
            (commas + containers).saturating_mul(MEMBER),
            (in_lists + COUNTED).saturating_mul(element),
        ]
        .into_iter()
        .fold(0, usize::saturating_add);
        if most > limit {
            return None;
        }
    }
    Some(most)
}

/// In how many of at most [`COUNTED`] bytes something is so.
fn count(chunk: &[u8], is_so: impl Fn(u8) -> bool) -> usize {
    usize::from(chunk.iter().map(|byte| u8::from(is_so(*byte))).sum::<u8>())
}

/// Whether a body takes more than this, decoded.
fn takes_more(body: &[u8], sizes: &[usize], limit: usize) -> bool {
    let size_of = sizes_read(body, sizes);
    let size = |depth: usize| GROWTH * size_of(depth);
    // The containers around: whether each is a list.
    let mut around = [false; DEEPEST];
    let (mut depth, mut at) = (0, 0);
    let mut taken = body.len() * 2;
    let is_object_next =
        |at: usize| body[at..].iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
    while let Some(byte) = body.get(at) {
        at += 1;
        match byte {
            b'"' => {
                at = after_string(body, at);
                continue;
            }
            b'{' | b'[' => {
                if depth == DEEPEST {
                    // The decoder refuses it here.
                    break;
                }
                let is_list = *byte == b'[';
                taken += if is_list { LIST } else { OBJECT + size(depth) };
                around[depth] = is_list;
                depth += 1;
                let is_empty = body[at..].iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b']');
                if is_list && !is_empty {
                    taken += ELEMENT + if is_object_next(at) { 0 } else { size(depth) };
                }
            }
            b'}' | b']' => {
                let Some(above) = depth.checked_sub(1) else { break };
                depth = above;
            }
            b',' if depth > 0 && around[depth - 1] => {
                taken += ELEMENT + if is_object_next(at) { 0 } else { size(depth) };
            }
            b':' => taken += MEMBER,
            _ => {}
        }
        if taken > limit {
            return true;
        }
    }
    false
}

/// The size of the largest type that a value at a depth is read into.
///
/// A list is understood where an object with that list is documented, and the other way around: then all that is in it is one less or one
/// more deep.
fn sizes_read<'sizes>(body: &[u8], sizes: &'sizes [usize]) -> impl Fn(usize) -> usize + use<'sizes> {
    let is_list = body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
    let list_is_documented = sizes.first() == Some(&0);
    let deepest = sizes.get(DEPTHS - 1).copied().unwrap_or(0);
    let documented = move |depth: usize| sizes.get(depth).copied().unwrap_or(deepest);
    move |depth| match (is_list, list_is_documented) {
        // A union may document either.
        (true, false) => documented(depth).max(documented(depth + 1)),
        (false, true) => documented(depth).max(documented(depth.saturating_sub(1))),
        _ => documented(depth),
    }
}

/// What is after the string whose content begins here.
fn after_string(body: &[u8], mut at: usize) -> usize {
    while let Some(byte) = body.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    body.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    /// JSON with lists, and with the bytes that are counted in its strings.
    fn json() -> impl Strategy<Value = Value> {
        let text = "[]{}\\[:,\"\\\\ax ]{0,8}";
        let leaf =
            prop_oneof![Just(Value::Null), any::<i32>().prop_map(Value::from), text.prop_map(Value::from)];
        leaf.prop_recursive(5, 400, 40, move |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..40).prop_map(Value::from),
                proptest::collection::btree_map(text, inner, 0..8)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_counted_is_no_less_than_what_is_read(value in json(), pretty in any::<bool>(), at in 0.0..=1.0_f64, largest in 0_usize..2_000) {
            let text = if pretty { format!("{value:#}") } else { value.to_string() };
            // Up to where it breaks off, whatever follows.
            let body = &text.as_bytes()[..(text.len() as f64 * at) as usize];
            let followed = [body, b"\":\":\":".repeat(200).as_slice()].concat();
            for counted in [body, &followed].map(|body| most(body, largest, usize::MAX).unwrap_or(0)) {
                prop_assert!(!takes_more(body, &[largest; DEPTHS], counted), "{}", text);
            }
        }
    }

    const LIMIT: ResponseLimit = ResponseLimit::bytes(1024 * 1024);

    fn fits(json: &str, sizes: &[usize]) -> bool {
        LIMIT.check(json.as_bytes(), sizes).is_ok()
    }

    #[test]
    fn a_list_of_small_things_counts_by_what_they_become() {
        let list = |item: &str, count: usize| format!("{{\"results\": [{}]}}", vec![item; count].join(","));
        let sizes = &[100, 0, 1_500];
        assert!(fits(&list("{}", 1_500), sizes), "7.5 MiB");
        assert!(!fits(&list("{}", 2_000), sizes), "10 MiB");
        assert!(!fits(&list("null", 2_000), sizes), "a place in a list of structs");
        assert!(fits(&list("{}", 9_000), &[]), "values are smaller than structs");
        assert!(!fits(&list("{}", 16_000), &[]));
        assert!(!fits(&list("0", 150_000), &[]) && fits(&list("0", 120_000), &[]));
        assert!(!fits(&list("[]", 60_000), &[]) && fits(&list("[]", 30_000), &[]));
        // A string is one, whatever is in it.
        assert!(fits(&list(&format!("\"{}\"", "[{},\\\"{},{},{}:".repeat(50_000)), 1), sizes));
        // So are the fields of one large object.
        assert!(fits(
            &format!("{{{}\"a\":1}}", "\"name\": \"some text of a usual length\",".repeat(20_000)),
            sizes
        ));
    }

    #[test]
    fn a_list_in_place_of_an_object_with_it_counts_as_that_list() {
        let bare = format!("[{}]", vec!["{}"; 3_000].join(","));
        let within = format!("{{\"x\": {bare}}}");
        let (object_with_a_list, a_list) = (&[100, 0, 1_500], &[0, 1_500]);
        for sizes in [&object_with_a_list[..], a_list] {
            assert!(!fits(&bare, sizes) && !fits(&within, sizes), "{sizes:?}");
        }
        assert!(fits(&bare, &[]) && fits(&within, &[]));
    }

    #[test]
    fn what_is_deeper_than_the_sizes_is_as_large_as_the_deepest() {
        let deep = format!("{}{}{}", "[".repeat(20), vec!["{}"; 3_000].join(","), "]".repeat(20));
        assert!(fits(&deep, &[1_500; DEPTHS - 1]));
        assert!(!fits(&deep, &[1_500; DEPTHS]));
    }

    #[test]
    fn what_is_not_json_does_no_harm() {
        for odd in ["", "\"", "\"\\", "]]]]", "}", "{", "[", "[,", ",", ":", "\\", "{\"a\""] {
            let long = odd.repeat(1024 * 1024 / odd.len().max(1));
            let _ = fits(odd, &[9]);
            let _ = fits(&long, &[9_000]);
        }
    }
}
