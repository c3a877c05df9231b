//! The body of a response: the whole of it, within a limit.

use anyhow::{anyhow, bail};
use reqwest::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use reqwest::{Response, Version};

use super::{Deadline, INSTEAD, innermost, unreachable};

/// The whole body, or an error: half a document may well be a document.
pub(super) async fn whole(
    mut response: Response,
    deadline: Deadline,
    limit: usize,
) -> anyhow::Result<Vec<u8>> {
    let framed =
        [CONTENT_LENGTH, TRANSFER_ENCODING].iter().any(|header| response.headers().contains_key(header));
    if !framed && response.version() < Version::HTTP_2 {
        bail!("the response has no length, so half a document could pass for a whole one; {INSTEAD}");
    }
    let length = response.content_length();
    let too_large = || {
        anyhow!(
            "the response has more than {limit} bytes, the most that is read; is this an OpenAPI document?"
        )
    };
    if length.is_some_and(|length| length > limit as u64) {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if bytes.len() + chunk.len() > limit => return Err(too_large()),
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) => return Ok(bytes),
            Err(error) if error.is_timeout() => return Err(unreachable(&error, deadline)),
            Err(error) => {
                let of = length.map(|length| format!(" of {length}")).unwrap_or_default();
                bail!(
                    "the response broke off after {}{of} bytes ({}); try again, or {INSTEAD}",
                    bytes.len(),
                    innermost(&error)
                );
            }
        }
    }
}
