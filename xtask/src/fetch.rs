//! The one door to the network: a GET, bounded in time and size.
//!
//! What comes back is whole or an error. `https` only, but for loopback; a redirect stays on its host.

use std::time::Duration;

use anyhow::{anyhow, bail};
use reqwest::header::{CONTENT_LENGTH, ETAG, HeaderMap, IF_NONE_MATCH, LOCATION, TRANSFER_ENCODING};
use reqwest::redirect::{Attempt, Policy};
use reqwest::{Client, Response, StatusCode, Version};
use url::{Host, Url};
use vastai_spec::load::MAX_BYTES;

/// How often a server may send on.
const MAX_REDIRECTS: usize = 5;
/// What a person can do where the network fails.
const INSTEAD: &str = "give another --source, which may be a file";

/// What a server answered.
#[derive(Debug)]
pub(crate) enum Fetched {
    Document {
        bytes: Vec<u8>,
        etag: Option<String>,
    },
    /// What has the ETag that was sent is still what it has.
    NotModified,
}

/// Whether a document is fetched from there at all.
pub(crate) fn check_url(url: &Url) -> Result<(), String> {
    if !url.username().is_empty() || url.password().is_some() {
        return Err("a URL with credentials; the lock file would keep them".to_owned());
    }
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_loopback(url) => Ok(()),
        "http" => Err("plain http, which anyone on the way can change; use https".to_owned()),
        other => Err(format!("`{other}` is not fetched; https is")),
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Fetches a document. With an `etag`, the server may say that nothing has changed.
pub(crate) fn get(url: &Url, etag: Option<&str>, timeout: Duration) -> anyhow::Result<Fetched> {
    // An error means that a provider is installed already, which is all that is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(fetched(url, etag, timeout)).map_err(|error| error.context(url.to_string()))
}

async fn fetched(url: &Url, etag: Option<&str>, timeout: Duration) -> anyhow::Result<Fetched> {
    let mut client = Client::builder()
        .user_agent(concat!("vastai-rs-xtask/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::custom(redirect))
        .timeout(timeout);
    if is_loopback(url) {
        client = client.no_proxy();
    }
    if url.scheme() == "http" {
        // No certificate is looked at, so a machine that has none will do.
        client = client.tls_certs_only([]);
    }
    let client =
        client.build().map_err(|error| anyhow!("no client for it ({}); {INSTEAD}", innermost(&error)))?;
    let mut request = client.get(url.clone());
    if let Some(etag) = etag {
        request = request.header(IF_NONE_MATCH, etag);
    }
    let response = request.send().await.map_err(|error| unreachable(&error, timeout))?;
    match response.status() {
        StatusCode::NOT_MODIFIED if etag.is_some() => Ok(Fetched::NotModified),
        StatusCode::OK => {
            let etag = header(response.headers(), ETAG.as_str());
            Ok(Fetched::Document { bytes: body(response, timeout).await?, etag })
        }
        status if status.is_redirection() => {
            let to = header(response.headers(), LOCATION.as_str()).unwrap_or_else(|| "nowhere".to_owned());
            bail!(
                "the server answered {status}, to {to}; a redirect is followed {MAX_REDIRECTS} times at most, and \
                 neither to another host nor from https to http. If the document is there now, give that address \
                 as --source"
            )
        }
        status => bail!("the server answered {status}; has the document another address now? Else {INSTEAD}"),
    }
}

fn redirect(attempt: Attempt<'_>) -> reqwest::redirect::Action {
    let Some(from) = attempt.previous().last() else { return attempt.stop() };
    let to = attempt.url();
    let stays = from.host() == to.host() && (to.scheme() == "https" || to.scheme() == from.scheme());
    let allowed = stays && check_url(to).is_ok() && attempt.previous().len() <= MAX_REDIRECTS;
    if allowed { attempt.follow() } else { attempt.stop() }
}

/// The whole body, or an error: half a document may well be a document.
async fn body(mut response: Response, timeout: Duration) -> anyhow::Result<Vec<u8>> {
    let framed =
        [CONTENT_LENGTH, TRANSFER_ENCODING].iter().any(|header| response.headers().contains_key(header));
    if !framed && response.version() < Version::HTTP_2 {
        bail!(
            "the answer does not tell its length, so half a document could pass for a whole one; {INSTEAD}"
        );
    }
    let told = response.content_length();
    let too_large = || {
        anyhow!(
            "the answer has more than {MAX_BYTES} bytes, the most that is read; is this an OpenAPI document?"
        )
    };
    if told.is_some_and(|told| told > MAX_BYTES as u64) {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if bytes.len() + chunk.len() > MAX_BYTES => return Err(too_large()),
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) => return Ok(bytes),
            Err(error) if error.is_timeout() => return Err(unreachable(&error, timeout)),
            Err(error) => {
                let of = told.map(|told| format!(" of {told}")).unwrap_or_default();
                bail!(
                    "the answer broke off after {}{of} bytes ({}); try again, or {INSTEAD}",
                    bytes.len(),
                    innermost(&error)
                );
            }
        }
    }
}

fn unreachable(error: &reqwest::Error, timeout: Duration) -> anyhow::Error {
    if error.is_timeout() {
        let timeout = humantime::format_duration(timeout);
        return anyhow!("no whole answer within {timeout}; try again, or {INSTEAD}");
    }
    let what = if error.is_connect() { "cannot be reached" } else { "the request failed" };
    anyhow!("{what} ({}); is the network up? Else {INSTEAD}", innermost(error))
}

/// The cause of a cause: what the system said.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}
