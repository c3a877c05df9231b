//! An instance, as the console sees it.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde_json::Value;

use super::Ssh;
use crate::view::{flag, integer, number, open_set, text, trimmed, view};

view! {
    /// A rented instance: a contract, what runs under it, and the machine below.
    ///
    /// Of everything but the id the service may say nothing, which is `None`. Prices are in US dollars.
    Instance ("instance", id "The id of the contract, by which the instance goes everywhere.") {
        /// What the container is really doing, as its host last reported; `None` before the first report.
        actual_status: InstanceStatus = status,
        /// What the container has been told to be.
        intended_status: InstanceStatus = status,
        /// The state of the contract.
        cur_state: String = text,
        /// The state that the contract is about to enter.
        next_state: String = text,
        /// The host's last message about the container: the first thing to read where a start fails.
        status_msg: String = text,
        /// The note that its owner attached.
        label: String = text,
        /// The image, as `repository:tag`.
        image_uuid: String = text,
        /// The machine.
        machine_id: i64 = integer,
        /// Who hosts it.
        host_id: i64 = integer,
        /// The model of the GPUs, such as `RTX 4090`.
        gpu_name: String = text,
        /// How many GPUs it has.
        num_gpus: i64 = integer,
        /// The memory of one GPU, in MB.
        gpu_ram: f64 = number,
        /// The load of the GPUs, in percent.
        gpu_util: f64 = number,
        /// The virtual cores that belong to it.
        cpu_cores_effective: f64 = number,
        /// The memory of the whole machine, in MB.
        cpu_ram: f64 = number,
        /// The disk space that it has, in GB. It is billed while the instance is stopped, too.
        disk_space: f64 = number,
        /// The price with everything, in dollars an hour.
        dph_total: f64 = number,
        /// Whether it is interruptible: rented by a bid.
        is_bid: bool = flag,
        /// How the image is run and reached, as words: `jupyter_direc ssh_direc ssh_proxy`.
        image_runtype: String = text,
        /// The address of the machine.
        public_ipaddr: String = trimmed,
        /// The machine's addresses in its own network, with spaces between them.
        local_ipaddrs: String = trimmed,
        /// The host of the SSH proxy.
        ssh_host: String = text,
        /// The port at the SSH proxy; one less than it, for images with Jupyter. [`ssh`](Self::ssh) knows.
        ssh_port: i64 = integer,
        /// Ports that can be reached from outside, by the container's port and protocol: `22/tcp`.
        ports: BTreeMap<String, Vec<PortBinding>> = port_bindings,
        /// Where the machine is.
        geolocation: String = text,
        /// How reliable the machine is, from 0 to 1.
        reliability2: f64 = number,
        /// When the contract began, in seconds since the Unix epoch.
        start_date: f64 = number,
        /// When the contract runs out, in seconds since the Unix epoch.
        end_date: f64 = number,
        /// For how many minutes the container has been running.
        uptime_mins: f64 = number,
    }
}

impl Instance {
    /// Whether the container is running.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.actual_status == Some(InstanceStatus::Running)
    }

    /// How to log in by SSH: directly where the machine can be reached, else through the proxy. `None` where the service says neither, as
    /// before the container runs, or says what is no address.
    #[must_use]
    pub fn ssh(&self) -> Option<Ssh> {
        self.ssh_direct().or_else(|| self.ssh_proxy())
    }

    /// How to log in to the machine directly: its public address, and the port behind which the container's port 22 is.
    #[must_use]
    pub fn ssh_direct(&self) -> Option<Ssh> {
        let bindings = self.ports.as_ref()?.get("22/tcp")?;
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

view! {
    /// Where a port of a container can be reached.
    PortBinding ("port binding") {
        /// The address at the machine; `0.0.0.0` for all of its addresses.
        host_ip: String = text as "HostIp",
        /// The port at the machine.
        host_port: i64 = integer as "HostPort",
    }
}

impl PortBinding {
    /// Whether the port is bound where only the machine itself reaches it.
    fn is_loopback(&self) -> bool {
        let ip = self.host_ip.as_deref().and_then(|ip| ip.trim().parse::<IpAddr>().ok());
        ip.is_some_and(|ip| ip.is_loopback())
    }
}

fn status(value: &Value) -> Option<InstanceStatus> {
    value.as_str().map(InstanceStatus::from)
}

/// A map of ports; a list of bindings that is none of objects stays in `extra`.
fn port_bindings(value: &Value) -> Option<BTreeMap<String, Vec<PortBinding>>> {
    let binding = |value: &Value| PortBinding::from_value(value.clone()).ok();
    let ports = value.as_object()?.iter().map(|(port, bindings)| {
        let bindings: Option<Vec<PortBinding>> = match bindings {
            Value::Null => Some(Vec::new()),
            bindings => bindings.as_array()?.iter().map(binding).collect(),
        };
        Some((port.clone(), bindings?))
    });
    ports.collect()
}

open_set! {
    /// What a container is doing. The set is open: what is not here is [`Other`](Self::Other).
    InstanceStatus {
        /// Being created.
        Created = "created",
        /// The image is pulled, or the container starts.
        Loading = "loading",
        /// Running.
        Running = "running",
        /// Stopped; its disk is still paid for.
        Stopped = "stopped",
        /// Paused, with its memory kept; its GPUs are billed all the same.
        Frozen = "frozen",
        /// The container has ended. It never runs again by itself, unless it is being started again.
        Exited = "exited",
        /// The host does not know, or has not reported in time.
        Unknown = "unknown",
        /// The machine is offline, or has not reported in time.
        Offline = "offline",
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
