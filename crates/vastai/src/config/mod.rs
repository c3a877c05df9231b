//! What a client needs to know before its first call: the key and the servers.

mod key;
mod redaction;
mod servers;

pub(crate) use key::ApiKey;
pub(crate) use redaction::{is_secret, without_secret_values};
pub(crate) use servers::{BaseUrl, Servers, is_loopback, is_of_engine};
pub use servers::{DEFAULT_CONSOLE_URL, DEFAULT_RUN_URL};
