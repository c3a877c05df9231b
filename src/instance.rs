//! Instances: whether they run, and how to log in.

use std::net::IpAddr;

use crate::Ssh;
use crate::types::{Instance, InstanceStatus, PortBinding};

impl Instance {
    /// Whether the container is running.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.actual_status == Some(InstanceStatus::Running)
    }

    /// How to log in by SSH: directly where the machine can be reached, else through the proxy. `None` where the service says neither, as
    /// before the container runs, or gives something that is not an address.
    #[must_use]
    pub fn ssh(&self) -> Option<Ssh> {
        self.ssh_direct().or_else(|| self.ssh_proxy())
    }

    /// How to log in to the machine directly: its public address, and the port behind which the container's port 22 is.
    #[must_use]
    pub fn ssh_direct(&self) -> Option<Ssh> {
        let bindings = self.ports.as_ref()?.get("22/tcp")?.as_ref()?;
        let open = bindings.iter().filter(|binding| !binding.is_loopback());
        let port = open.filter_map(|binding| binding.host_port).find_map(|port| u16::try_from(port).ok())?;
        Ssh::direct(self.public_ipaddr.as_deref()?, port)
    }

    /// How to log in through the proxy of the service.
    #[must_use]
    pub fn ssh_proxy(&self) -> Option<Ssh> {
        let runs_jupyter =
            self.image_runtype.as_ref().is_some_and(|it| it.to_ascii_lowercase().contains("jupyter"));
        // The port itself is Jupyter's then.
        let port = self.ssh_port?.checked_add(i64::from(runs_jupyter))?;
        Ssh::through_proxy(self.ssh_host.as_deref()?, u16::try_from(port).ok()?)
    }
}

impl PortBinding {
    /// Whether the port is bound where only the machine itself reaches it.
    fn is_loopback(&self) -> bool {
        let ip = self.host_ip.as_deref().and_then(|ip| ip.trim().parse::<IpAddr>().ok());
        ip.is_some_and(|ip| ip.is_loopback())
    }
}

impl InstanceStatus {
    /// Whether nothing runs and nothing is on its way. Of a new rental that is final; an instance that was started again reports it for a
    /// while and then runs.
    #[must_use]
    pub fn looks_dead(&self) -> bool {
        matches!(self, Self::Exited | Self::Unknown | Self::Offline)
    }
}
