//! How to log in to an instance.

use std::fmt;
use std::net::IpAddr;

/// How to log in to an instance by SSH. It shows itself as the command.
///
/// ```
/// let instance: vastai_api::types::Instance = serde_json::from_str(
///     r#"{"id": 7, "ssh_host": "ssh6.vast.ai", "ssh_port": 19840, "image_runtype": "jupyter_proxy ssh_proxy"}"#,
/// )?;
/// let ssh = instance.ssh().expect("the service says how");
/// assert_eq!(ssh.to_string(), "ssh -p 19841 root@ssh6.vast.ai");
/// assert!(!ssh.is_direct());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Ssh {
    host: String,
    port: u16,
    is_direct: bool,
}

impl Ssh {
    /// Directly, to an IP address.
    pub(crate) fn direct(address: &str, port: u16) -> Option<Self> {
        let address: IpAddr = address.trim().parse().ok()?;
        (port != 0).then(|| Self { host: address.to_string(), port, is_direct: true })
    }

    /// Through the proxy, whose name or address the service says.
    pub(crate) fn through_proxy(host: &str, port: u16) -> Option<Self> {
        let host = host.trim();
        (port != 0 && is_host(host)).then(|| Self { host: host.to_owned(), port, is_direct: false })
    }

    /// The name of the host, or its IP address: nothing that a shell or `ssh` could take for anything else.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port at the host.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The user to log in as: `root` on every instance.
    #[must_use]
    pub fn user(&self) -> &'static str {
        "root"
    }

    /// Whether it is the machine itself, and not the proxy of the service.
    #[must_use]
    pub fn is_direct(&self) -> bool {
        self.is_direct
    }
}

impl fmt::Display for Ssh {
    /// As a command for a shell. There is nothing in it to quote, as the service has no say in its form.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ssh -p {} {}@{}", self.port, self.user(), self.host)
    }
}

/// Whether this is the name of a host or an IP address. What comes from outside could be an option of `ssh`, or a command.
fn is_host(text: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    text.parse::<IpAddr>().is_ok()
        || (text.len() <= 253 && text.strip_suffix('.').unwrap_or(text).split('.').all(is_label))
}
