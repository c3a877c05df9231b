//! What a client needs to know before its first call: the key and the servers.

mod http_clients;
mod key;
mod servers;

pub(crate) use http_clients::{HttpClients, HttpSetUp, certificates};
pub(crate) use key::{ApiKey, Credentials};
pub(crate) use servers::{BaseUrl, Servers, is_loopback, is_of_engine};
pub(crate) use servers::{DEFAULT_CONSOLE_URL, DEFAULT_RUN_URL};
