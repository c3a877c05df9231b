//! The servers: which origin an operation of the document goes to, and the HTTP clients that reach them, and workers.
//!
//! A host on this machine is contacted directly, whatever proxies the environment names: plain http carries a key to loopback
//! addresses only, and a proxy would read it.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::header::HeaderValue;
use reqwest::{Certificate, Url};
use url::Host;
use vastai_api::Operation;

use crate::error::{Error, ErrorKind, Result};

/// The console API, to which most operations belong.
pub(crate) const DEFAULT_CONSOLE_URL: &str = "https://console.vast.ai";

/// The serverless engine.
pub(crate) const DEFAULT_RUN_URL: &str = "https://run.vast.ai";

/// How long a connection may take to be made. A server that is there answers well within it.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Whether the document gives an operation to the serverless engine.
pub(crate) fn is_of_engine(operation: &Operation) -> bool {
    operation.server.eq_ignore_ascii_case(DEFAULT_RUN_URL)
}

/// A scheme, host and port to which the key may go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BaseUrl(Url);

impl BaseUrl {
    /// Checks a base URL; `origin` is where it came from, for the error. The error shows no part of the URL that may be secret.
    pub(crate) fn new(written: &str, origin: &str) -> Result<Self> {
        let wrong =
            |what: String| Error::new(ErrorKind::Configuration, format!("the base URL from {origin} {what}"));
        let url = Url::parse(written.trim()).map_err(|error| wrong(format!("is not a URL: {error}")))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("holds credentials; give the key as the API key".to_owned()));
        }
        let Some(host) = url.host() else { return Err(wrong("names no host".to_owned())) };
        match url.scheme() {
            "https" => {}
            "http" if is_loopback_host(&host) => {}
            "http" => {
                return Err(wrong(format!(
                    "is plain http to {host}, which would show the key to everyone on the way; use https (plain http is for loopback)"
                )));
            }
            other => return Err(wrong(format!("has the scheme {other}; use https"))),
        }
        if !matches!(url.path(), "" | "/") {
            return Err(wrong(format!("has the path `{}`; give scheme, host and port alone", url.path())));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("has a query or a fragment; give scheme, host and port alone".to_owned()));
        }
        Ok(Self(url))
    }

    pub(crate) fn url(&self) -> &Url {
        &self.0
    }

    /// The URL without a slash at its end.
    pub(crate) fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    /// Moves a request to this origin; its path and query stay.
    pub(crate) fn apply(&self, url: &mut Url) -> Result<()> {
        // It ends in the slash with which every path begins, so no other host begins so.
        if url.as_str().starts_with(self.0.as_str()) && url.fragment().is_none() {
            return Ok(());
        }
        let mut moved = self.0.clone();
        moved.set_path(url.path());
        moved.set_query(url.query());
        *url = moved;
        Ok(())
    }

    pub(crate) fn same_origin(&self, url: &Url) -> bool {
        let of = |url: &Url| (url.scheme() == "https", url.port_or_known_default());
        // Of these two schemes, an origin is scheme, host and port.
        matches!(url.scheme(), "https" | "http") && of(&self.0) == of(url) && self.0.host() == url.host()
    }
}

/// Whether a URL stays on this machine, where plain http shows nothing to anyone: `localhost` itself, 127.0.0.0/8 and `::1`.
///
/// A name below `localhost`, or one with a dot at its end, is a question to a name server, and 0.0.0.0 and IPv4 addresses written as
/// IPv6 ones are other addresses, wherever a system sends them.
pub(crate) fn is_loopback(url: &Url) -> bool {
    url.host().is_some_and(|host| is_loopback_host(&host))
}

fn is_loopback_host(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

/// Which server of the document is where.
#[derive(Debug, Clone)]
pub(crate) struct Servers {
    console: BaseUrl,
    run: BaseUrl,
}

impl Servers {
    pub(crate) fn new(console: BaseUrl, run: BaseUrl) -> Self {
        Self { console, run }
    }

    pub(crate) fn console(&self) -> &BaseUrl {
        &self.console
    }

    pub(crate) fn run(&self) -> &BaseUrl {
        &self.run
    }

    /// The server of an operation: what the document says, or what was put in its place.
    pub(crate) fn of(&self, operation: &'static Operation) -> Result<&BaseUrl> {
        if is_of_engine(operation) {
            Ok(&self.run)
        } else if operation.server.eq_ignore_ascii_case(DEFAULT_CONSOLE_URL) || operation.server.is_empty() {
            Ok(&self.console)
        } else {
            let message = format!(
                "the document sends this operation to {}, which is neither the console nor the serverless engine; the key \
                 goes to these two alone, so update this crate, or call the server with `vastai_api` and a transport of your own",
                operation.server
            );
            Err(Error::new(ErrorKind::Configuration, message).for_operation(operation))
        }
    }
}

/// How HTTP clients are set up.
#[derive(Debug, Clone)]
pub(crate) struct HttpSetUp {
    /// Whose clients they are, for errors: `the service` or `workers`.
    pub(crate) peer: &'static str,
    /// Root certificates to trust in addition to the system's.
    pub(crate) roots: Vec<Certificate>,
    /// Whether proxies of the environment are used, for hosts that are not on this machine.
    pub(crate) system_proxies: bool,
    pub(crate) user_agent: HeaderValue,
    /// How long a connection is kept for the next request; the HTTP client's own time where it is `None`.
    pub(crate) pool_idle: Option<Duration>,
    /// Whether each request has a connection of its own: what must not be done twice is not sent on one on which a response to another
    /// request can be left.
    pub(crate) fresh_connections: bool,
}

/// HTTP clients of one set-up, or a single one that the caller brought. Each is made when it is first needed: a program that uses no TLS
/// needs no certificates, and a small container has none to load.
#[derive(Debug, Clone)]
pub(crate) struct HttpClients(Arc<Inner>);

#[derive(Debug)]
enum Inner {
    Given(reqwest::Client),
    /// By whether the URL is https, and whether its host is on this machine.
    Own(HttpSetUp, [[OnceLock<Result<reqwest::Client>>; 2]; 2]),
}

impl HttpClients {
    pub(crate) fn new(set_up: HttpSetUp) -> Self {
        Self(Arc::new(Inner::Own(set_up, Default::default())))
    }

    /// This client for every URL. Its proxies are the caller's business.
    pub(crate) fn given(http: reqwest::Client) -> Self {
        Self(Arc::new(Inner::Given(http)))
    }

    /// Whether it is the client that the caller brought, with limits of its own.
    pub(crate) fn is_given(&self) -> bool {
        matches!(&*self.0, Inner::Given(_))
    }

    /// The client for a URL.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] where it cannot be made.
    pub(crate) fn of(&self, url: &Url) -> Result<&reqwest::Client> {
        match &*self.0 {
            Inner::Given(http) => Ok(http),
            Inner::Own(set_up, made) => {
                let (encrypted, direct) = (url.scheme() == "https", is_loopback(url));
                let made = &made[usize::from(encrypted)][usize::from(direct)];
                made.get_or_init(|| set_up.make(encrypted, direct)).as_ref().map_err(Clone::clone)
            }
        }
    }
}

impl HttpSetUp {
    fn make(&self, encrypted: bool, direct: bool) -> Result<reqwest::Client> {
        let builder = match self.system_proxies && !direct {
            true => vastai_api::http_client_builder_with_system_proxies(),
            false => vastai_api::http_client_builder(),
        };
        let builder = builder.connect_timeout(CONNECT_TIMEOUT).user_agent(self.user_agent.clone());
        let builder = match self.pool_idle {
            Some(idle) => builder.pool_idle_timeout(idle),
            None => builder,
        };
        let builder = match direct {
            // No name server decides where this name leads.
            true => builder.resolve_to_addrs(
                "localhost",
                &[SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), SocketAddr::from((Ipv6Addr::LOCALHOST, 0))],
            ),
            false => builder,
        };
        let builder = match (encrypted, self.roots.is_empty()) {
            (true, true) => builder,
            (true, false) => builder.tls_certs_merge(self.roots.iter().cloned()),
            (false, _) => builder.tls_certs_only([]),
        };
        let builder = if self.fresh_connections { vastai_api::fresh_connections(builder) } else { builder };
        builder.build().map_err(|error| {
            let message = format!("the HTTP client for {} cannot be made", self.peer);
            Error::new(ErrorKind::Configuration, message).with_source(error)
        })
    }
}

/// The certificates in a string or in bytes, PEM or DER.
pub(crate) fn certificates(written: &[u8]) -> Result<Vec<Certificate>> {
    let wrong = |error: Option<reqwest::Error>| {
        let message = "the root certificate for workers is neither PEM nor DER";
        let wrong = Error::new(ErrorKind::Configuration, message);
        match error {
            Some(error) => wrong.with_source(error),
            None => wrong,
        }
    };
    let is_pem = written.windows(11).any(|part| part == b"-----BEGIN ");
    let certificates = match is_pem {
        true => Certificate::from_pem_bundle(written),
        false => Certificate::from_der(written).map(|certificate| vec![certificate]),
    };
    let certificates = certificates.map_err(|error| wrong(Some(error)))?;
    if certificates.is_empty() {
        return Err(wrong(None));
    }
    // What is inside them is looked at only where they are used, which would be long after the client was made.
    let trial = vastai_api::http_client_builder().tls_certs_only(certificates.iter().cloned()).build();
    trial.map(|_| certificates).map_err(|error| wrong(Some(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(url: &str) -> String {
        BaseUrl::new(url, "`run_url`").unwrap_err().to_string()
    }

    #[test]
    fn only_an_origin_is_a_base_url() {
        for url in [
            "https://run.vast.ai",
            "https://run.vast.ai/",
            "http://localhost:8080",
            "http://127.0.0.2:1",
            "http://[::1]:9",
        ] {
            assert!(BaseUrl::new(url, "a test").is_ok(), "{url}");
        }
        assert!(refused("https://run.vast.ai/route").contains("has the path `/route`"));
        assert!(refused("http://run.vast.ai").contains("plain http to run.vast.ai"));
        assert!(refused("http://10.0.0.1").contains("plain http to 10.0.0.1"));
        for elsewhere in [
            "http://vast.localhost",
            "http://localhost.",
            "http://localhost.example",
            "http://127.0.0.1.nip.io",
            "http://0.0.0.0",
            "http://[::]",
            "http://[::ffff:127.0.0.1]",
            "http://[::ffff:7f00:1]",
            "http://128.0.0.1",
        ] {
            assert!(refused(elsewhere).contains("plain http to"), "{elsewhere}");
        }
        // Other spellings of addresses that cannot leave the machine.
        for here in
            ["http://LOCALHOST", "http://127.1", "http://0x7f.1", "http://2130706433", "http://[0:0::1]"]
        {
            assert!(BaseUrl::new(here, "a test").is_ok(), "{here}");
        }
        assert!(refused("ftp://run.vast.ai").contains("the scheme ftp"));
        assert!(refused("https://run.vast.ai?key=1").contains("a query"));
        assert!(refused("run.vast.ai").contains("is not a URL"));
        assert!(refused("").contains("`run_url`"));
        let credentials = refused("https://someone:hunter2@run.vast.ai");
        assert!(credentials.contains("credentials") && !credentials.contains("hunter2"), "{credentials}");
    }
}
