//! The HTTP client that this crate recommends.

/// A builder of an HTTP client for this API: TLS by rustls with ring, no redirects, and no repetition.
///
/// Redirects are off because a client that follows them turns a redirected POST into a GET, and may carry the key to another
/// host. Where the process has no default TLS provider yet, ring becomes it; a program that wants another installs it first.
///
/// By itself the HTTP client would send a request again that an HTTP/2 server refused: whoever counts attempts and decides what may
/// be repeated must know of each.
pub fn http_client_builder() -> reqwest::ClientBuilder {
    ensure_tls_provider();
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).retry(reqwest::retry::never())
}

/// Without a provider, making any HTTP client panics.
pub(crate) fn ensure_tls_provider() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Another thread may have been faster, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
}
