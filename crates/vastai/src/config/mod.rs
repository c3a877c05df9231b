//! What a client needs to know before its first call: the key and the servers.

mod key;
mod servers;

pub(crate) use key::{ApiKey, Credentials};
pub(crate) use servers::{
    BaseUrl, DEFAULT_CONSOLE_URL, DEFAULT_RUN_URL, HttpClients, HttpSetUp, Servers, certificates,
    is_loopback, is_of_engine,
};
