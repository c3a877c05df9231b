//! TLS for the server over HTTP, from files as certificate authorities and their tools write them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

use crate::Error;

/// The files of a certificate and its key, both in PEM. They are read when the server starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The server's certificate, and after it those that lead to a root.
    pub certificate: PathBuf,
    /// The key of the certificate, without a password.
    pub key: PathBuf,
}

impl TlsFiles {
    pub(crate) fn acceptor(&self) -> Result<TlsAcceptor, Error> {
        let wrong = |path: &Path, reason: String| Error::Tls { path: path.to_owned(), reason };
        let of_certificate = |error| wrong(&self.certificate, reason(error, "certificate"));
        let chain = CertificateDer::pem_file_iter(&self.certificate).map_err(of_certificate)?;
        let chain = chain.collect::<Result<Vec<_>, _>>().map_err(of_certificate)?;
        if chain.is_empty() {
            return Err(of_certificate(pem::Error::NoItemsFound));
        }
        let key = PrivateKeyDer::from_pem_file(&self.key)
            .map_err(|error| wrong(&self.key, reason(error, "private key")))?;
        // Named, as several providers may be compiled into the program.
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| wrong(&self.certificate, error.to_string()))?
            .with_no_client_auth()
            .with_single_cert(chain, key);
        let mut config = config.map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => wrong(
                &self.key,
                format!("the key is not that of the certificate in {}", self.certificate.display()),
            ),
            error => wrong(&self.certificate, error.to_string()),
        })?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

/// Why a file is of no use; nothing of a key is quoted.
fn reason(error: pem::Error, wanted: &str) -> String {
    match error {
        pem::Error::Io(error) => error.to_string(),
        pem::Error::NoItemsFound => format!("there is no {wanted} in PEM in it (-----BEGIN …)"),
        _ => format!("it is not a {wanted} in PEM (-----BEGIN …)"),
    }
}
