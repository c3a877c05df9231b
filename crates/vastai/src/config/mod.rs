//! What a client needs to know before its first call: the key and the servers.

mod key;
mod key_files;
mod servers;

pub use key::KeySource;
pub(crate) use key::{ApiKey, Credentials, FoundKey};
pub use key_files::KeyFiles;
pub(crate) use servers::{
    BaseUrl, DEFAULT_CONSOLE_URL, DEFAULT_RUN_URL, HttpClients, HttpSetUp, Servers, certificates,
    is_loopback, is_of_engine,
};
