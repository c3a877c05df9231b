//! Why a server cannot be started, or ended.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why a server cannot be started, or ended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An option asks for what cannot be.
    #[error("{0}")]
    Options(String),
    /// What is done is recorded before it is done, so nothing is done without the record.
    #[error("the audit log {path} cannot be written: {source}; name another file with --audit-log")]
    #[non_exhaustive]
    AuditLog {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The address is not this machine's, is taken, or needs privileges.
    #[error("cannot listen on {address}: {source}")]
    #[non_exhaustive]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The certificate or its key is of no use.
    #[error("{path}: {reason}")]
    #[non_exhaustive]
    Tls {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The client and this server did not come to terms, or the connection broke.
    #[error("the connection to the client failed: {0}")]
    Protocol(String),
}
