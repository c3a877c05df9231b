//! The operations of the console.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::refusal::Refusal;
use super::{Service, keys};
use crate::record::RecordedRequest;
use crate::state::{LiveEndpoint, LiveInstance};

/// The most instances on a page, and how many there are if the request does not say.
const PAGE: usize = 25;
/// The instances on a page if the request asks for none or fewer.
const SMALL_PAGE: usize = 5;

pub(super) fn endpoints(service: &Service, request: &RecordedRequest) -> Result<Value, Refusal> {
    keys::account(request, &service.settings)?;
    let results: Vec<Value> = service.state.endpoints().map(LiveEndpoint::to_json).collect();
    Ok(json!({ "success": true, "results": results }))
}

pub(super) fn instances(service: &Service, request: &RecordedRequest) -> Result<Value, Refusal> {
    keys::account(request, &service.settings)?;
    let parameter = |name| request.query_pairs().find(|(it, _)| it == name).map(|(_, value)| value);
    let limit = match parameter("limit") {
        None => PAGE,
        Some(limit) => page_size(&limit)?,
    };
    let all: Vec<&LiveInstance> = service.state.instances().collect();
    let begin = match parameter("after_token") {
        None => 0,
        Some(token) => {
            let last = all.iter().position(|instance| page_token(instance.id()) == token);
            let msg = "after_token is none that the simulator gave.".to_owned();
            1 + last.ok_or(Refusal::Invalid { error: "invalid_token", msg })?
        }
    };
    let rest = all.get(begin..).unwrap_or_default();
    let (page, later) = rest.split_at(limit.min(rest.len()));
    let next_token = page.last().filter(|_| !later.is_empty()).map(|last| page_token(last.id()));
    let mut label_counts: BTreeMap<&str, usize> = BTreeMap::new();
    for instance in &all {
        *label_counts.entry(instance.label()).or_default() += 1;
    }
    let now = service.state.now();
    Ok(json!({
        "success": true,
        "instances_found": page.len(),
        "total_instances": all.len(),
        "label_counts": label_counts,
        "next_token": next_token,
        "instances": page.iter().map(|instance| instance.to_json(now)).collect::<Vec<_>>(),
    }))
}

fn page_size(limit: &str) -> Result<usize, Refusal> {
    let msg = || format!("limit is not an integer: {limit}");
    let limit: i64 = limit.parse().map_err(|_| Refusal::Invalid { error: "invalid_request", msg: msg() })?;
    Ok(if limit <= 0 { SMALL_PAGE } else { usize::try_from(limit).map_or(PAGE, |limit| limit.min(PAGE)) })
}

/// What asks for the instances after this one: like the service's, Base64 with characters that a
/// query has to escape.
fn page_token(id: u64) -> String {
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
        assert_eq!(page_token(123), "eyJ2YWx1ZXMiOiB7ImlkIjogMTIzfX0=");
    }
}
