//! Where an instance is reached.

use serde_json::Value;

use crate::failure::Failure;
use crate::official::Line;
use crate::outcome::Outcome;
use crate::pages;
use crate::session::{Session, Stop};

/// The URL by which an instance is reached: `ssh://root@HOST:PORT`.
pub(super) async fn url(line: &Line, session: &Session<'_>, scheme: &str) -> Result<Outcome, Stop> {
    let id = line.said.integer("ID").unwrap_or_default();
    let list = pages::all(session, line.request(session.client())?, "instances").await?;
    let instances = list.get("instances").and_then(Value::as_array).into_iter().flatten();
    let Some(instance) = instances.into_iter().find(|instance| instance.get("id") == Some(&id.into())) else {
        return Err(Failure::local(format!("there is no instance {id} of this account")).into());
    };
    let Some((host, port)) = address(instance) else {
        let message =
            format!("instance {id} has no address yet; its state is shown by `vastai show instance {id}`");
        return Err(Failure::local(message).into());
    };
    Ok(Outcome::text(format!("{scheme}://root@{host}:{port}\n")))
}

/// The address of an instance's SSH: its own port where that is open, else by way of the proxy.
fn address(instance: &Value) -> Option<(String, u64)> {
    let direct = || {
        let host = instance.get("public_ipaddr")?.as_str()?.trim();
        let port = instance.get("ports")?.get("22/tcp")?.get(0)?.get("HostPort")?;
        let port = port.as_str().and_then(|port| port.parse().ok()).or_else(|| port.as_u64())?;
        (!host.is_empty()).then(|| (host.to_owned(), port))
    };
    let by_proxy = || {
        let host = instance.get("ssh_host")?.as_str()?;
        let port = instance.get("ssh_port")?.as_u64()?;
        // The proxy keeps one port for Jupyter, and the next for SSH.
        let is_jupyter = instance
            .get("image_runtype")
            .and_then(Value::as_str)
            .is_some_and(|runtype| runtype.contains("jupyter"));
        Some((host.to_owned(), port + u64::from(is_jupyter)))
    };
    direct().or_else(by_proxy).filter(|(host, port)| is_host(host) && (1..=65_535).contains(port))
}

/// Whether a text is a name or a number of a host, and so nothing that a shell or a program takes for something else.
pub(super) fn is_host(host: &str) -> bool {
    let is_of_host = |letter: char| letter.is_ascii_alphanumeric() || ".-:".contains(letter);
    !host.is_empty() && !host.starts_with('-') && host.chars().all(is_of_host)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_open_port_comes_before_the_proxy() {
        let mut instance = json!({"ssh_host": "ssh4.vast.ai", "ssh_port": 100, "image_runtype": "jupyter_proxy",
            "public_ipaddr": "10.0.0.1", "ports": {"22/tcp": [{"HostIp": "0.0.0.0", "HostPort": "4022"}]}});
        assert_eq!(address(&instance), Some(("10.0.0.1".to_owned(), 4022)));
        instance["ports"] = json!({});
        assert_eq!(address(&instance), Some(("ssh4.vast.ai".to_owned(), 101)));
        instance["image_runtype"] = json!("ssh_proxy");
        assert_eq!(address(&instance), Some(("ssh4.vast.ai".to_owned(), 100)));
        instance["ssh_host"] = json!("-oProxyCommand=x");
        assert_eq!(address(&instance), None);
    }
}
