//! Where the document is published, and which of the sources gives it.

use anyhow::bail;

use super::Args;
use crate::console::{Console, with_causes};
use crate::document::{Reading, Source};
use crate::repository::lockfile::Lockfile;

/// Where the document is published: the repository of the documentation, the documentation itself, and the index of its pages, of
/// which each has the document of one operation.
pub(super) const PUBLISHED: [&str; 3] = [
    "https://raw.githubusercontent.com/vast-ai/docs/main/api-reference/openapi.yaml",
    "https://docs.vast.ai/api-reference/openapi.yaml",
    "https://docs.vast.ai/llms.txt",
];

/// The first source that gives a document.
pub(super) fn first_readable(
    args: &Args,
    vendored: &str,
    lockfile: Option<&Lockfile>,
    console: &mut Console<'_>,
) -> anyhow::Result<Reading> {
    let mut sources = args.sources.iter().peekable();
    while let Some(source) = sources.next() {
        let etag = match source {
            // The checksum that is wanted can only be had of a document that is sent.
            Source::Url(_) if args.expect_sha256.is_some() => None,
            Source::Url(url) => lockfile.and_then(|lockfile| lockfile.etag_for(url.as_str(), vendored)),
            Source::File(_) => None,
        };
        let read = source.read(etag, args.timeout, console).and_then(|reading| expected(reading, args));
        match read {
            Ok(reading) => return Ok(reading),
            Err(error) if sources.peek().is_some() => {
                console.warn(format_args!("{}; the next source is tried", with_causes(&error)))?;
            }
            Err(error) => return Err(error),
        }
    }
    bail!("no --source was given")
}

/// Refuses a document that is not the one that is wanted.
fn expected(reading: Reading, args: &Args) -> anyhow::Result<Reading> {
    if let (Reading::Candidate(candidate), Some(wanted)) = (&reading, &args.expect_sha256)
        && candidate.sha256 != *wanted
    {
        bail!("{}: the SHA-256 is {}, and --expect-sha256 wants {wanted}", candidate.name, candidate.sha256);
    }
    Ok(reading)
}

/// A SHA-256 in hexadecimal.
pub(super) fn checksum(text: &str) -> Result<String, String> {
    let is_sum = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_sum { Ok(text.to_ascii_lowercase()) } else { Err("a SHA-256 has 64 hexadecimal digits".to_owned()) }
}
