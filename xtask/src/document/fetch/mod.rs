//! The one door to the network: GETs, bounded in time and size.
//!
//! What comes back is whole or an error. `https` only, but for loopback; a redirect stays on its host. Proxies are taken from the
//! environment (`HTTPS_PROXY` and the like), but not for loopback.

mod body;

use std::time::{Duration, Instant};

use anyhow::{anyhow, bail};
use reqwest::header::{ETAG, HeaderMap, IF_NONE_MATCH, LOCATION};
use reqwest::redirect::{Attempt, Policy};
use reqwest::{Client, StatusCode};
use tokio::task::JoinSet;
use url::{Host, Url};
use vastai_spec::load::MAX_BYTES;

/// The most redirects that are followed.
const MAX_REDIRECTS: usize = 5;
/// How many pages are requested at a time: enough to hide the way there and back, few enough for any server.
const AT_A_TIME: usize = 4;
/// The largest page that is read, in bytes; those with an operation have some ten thousand.
const MAX_PAGE_BYTES: usize = 1024 * 1024;
/// What a person can do where the network fails.
const INSTEAD: &str = "give another --source, which may be a file";

/// When a source must have given all that it has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline {
    at: Instant,
    whole: Duration,
}

impl Deadline {
    pub(crate) fn after(whole: Duration) -> Self {
        // A time that the clock cannot represent is never reached.
        let at =
            Instant::now().checked_add(whole).unwrap_or_else(|| Instant::now() + Duration::from_secs(86_400));
        Self { at, whole }
    }

    fn left(self) -> Duration {
        self.at.saturating_duration_since(Instant::now())
    }
}

/// The response of a server.
#[derive(Debug)]
pub(crate) enum Fetched {
    Document {
        bytes: Vec<u8>,
        etag: Option<String>,
        /// Where it was in the end, behind redirects.
        url: Url,
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
pub(crate) fn get(url: &Url, etag: Option<&str>, deadline: Deadline) -> anyhow::Result<Fetched> {
    let client = client_for(url)?;
    runtime()?.block_on(fetched(client, url.clone(), etag.map(str::to_owned), deadline, MAX_BYTES))
}

/// Fetches pages, a few at a time, and gives each or why it could not be had, in the order of the requests.
///
/// All are of one origin. `progress` is called after each, with the number of those that are done.
pub(crate) fn get_pages(
    urls: &[Url],
    deadline: Deadline,
    progress: &mut dyn FnMut(usize),
) -> anyhow::Result<Vec<anyhow::Result<Vec<u8>>>> {
    let Some(first) = urls.first() else { return Ok(Vec::new()) };
    let client = client_for(first)?;
    runtime()?.block_on(async {
        let mut waiting = urls.iter().cloned().enumerate();
        let mut running = JoinSet::new();
        let mut pages: Vec<anyhow::Result<Vec<u8>>> = urls.iter().map(|url| Err(anyhow!("{url}: not fetched"))).collect();
        let (mut done, mut bytes) = (0, 0);
        loop {
            while running.len() < AT_A_TIME
                && let Some((index, url)) = waiting.next()
            {
                let fetched = fetched(client.clone(), url, None, deadline, MAX_PAGE_BYTES);
                running.spawn(async move { (index, fetched.await) });
            }
            let Some(joined) = running.join_next().await else { return Ok(pages) };
            let (index, fetched) = joined?;
            let page = fetched.and_then(|fetched| match fetched {
                Fetched::Document { bytes, .. } => Ok(bytes),
                Fetched::NotModified => bail!("the server says \"not modified\", although no ETag was sent"),
            });
            bytes += page.as_ref().map_or(0, Vec::len);
            if bytes > MAX_BYTES {
                bail!("the pages have more than {MAX_BYTES} bytes together, the most that is read; is this the right index?");
            }
            if let Some(place) = pages.get_mut(index) {
                *place = page;
            }
            done += 1;
            progress(done);
        }
    })
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

fn client_for(url: &Url) -> anyhow::Result<Client> {
    // An error means that a provider is installed already, which is all that is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut client = Client::builder()
        .user_agent(concat!("vastai-rs-xtask/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::custom(redirect));
    if is_loopback(url) {
        client = client.no_proxy();
    }
    if url.scheme() == "http" {
        // No certificate is looked at, so a machine that has none will do.
        client = client.tls_certs_only([]);
    }
    client.build().map_err(|error| anyhow!("{url}: no client for it ({}); {INSTEAD}", innermost(&error)))
}

async fn fetched(
    client: Client,
    url: Url,
    etag: Option<String>,
    deadline: Deadline,
    limit: usize,
) -> anyhow::Result<Fetched> {
    response(client, &url, etag, deadline, limit).await.map_err(|error| error.context(url.to_string()))
}

async fn response(
    client: Client,
    url: &Url,
    etag: Option<String>,
    deadline: Deadline,
    limit: usize,
) -> anyhow::Result<Fetched> {
    let mut request = client.get(url.clone()).timeout(deadline.left());
    if let Some(etag) = &etag {
        request = request.header(IF_NONE_MATCH, etag);
    }
    let response = request.send().await.map_err(|error| unreachable(&error, deadline))?;
    match response.status() {
        StatusCode::NOT_MODIFIED if etag.is_some() => Ok(Fetched::NotModified),
        StatusCode::OK => {
            let etag = header(response.headers(), ETAG.as_str());
            let url = response.url().clone();
            Ok(Fetched::Document { bytes: body::whole(response, deadline, limit).await?, etag, url })
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

fn unreachable(error: &reqwest::Error, deadline: Deadline) -> anyhow::Error {
    if error.is_timeout() {
        let whole = humantime::format_duration(deadline.whole);
        return anyhow!("no complete response within {whole}; try again, or {INSTEAD}");
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
