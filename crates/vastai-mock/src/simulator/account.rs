//! What only others bring about in an account: hosts, the service, people who accept an invitation.

use serde_json::{Map, Value};

use super::Simulator;
use crate::state::NotFound;

impl Simulator {
    /// Adds a machine of the host with these GPUs; it replaces one of the same id. It is not offered before
    /// `listMachine`.
    pub fn add_machine(&self, id: u64, gpu_name: &str, num_gpus: u32) {
        self.service().state.account.host.put_machine(id, gpu_name, num_gpus);
    }

    /// Removes a machine of the host. What is offered of it stays offered.
    ///
    /// # Errors
    ///
    /// There is no such machine.
    pub fn remove_machine(&self, id: u64) -> Result<(), NotFound> {
        let removed = self.service().state.account.host.remove_machine(id);
        if removed { Ok(()) } else { Err(NotFound::Machine(id)) }
    }

    /// Adds an offer of volumes of a network disk, which the machines of a cluster reach: so many GB for so many dollars a GB and month. It
    /// replaces one of the same id.
    pub fn add_network_volume_offer(&self, id: u64, cluster: u64, gigabytes: f64, dollars_per_gigabyte: f64) {
        let mut service = self.service();
        let host = &mut service.state.account.host;
        host.put_network_offer(id, &cluster.into(), gigabytes, dollars_per_gigabyte);
    }

    /// Adds a deployment without code, with an endpoint of its own, `NAME-TAG`; it replaces one of the same id. `createDeployment` of the
    /// same name and tag gives it code.
    pub fn add_deployment(&self, id: u64, name: &str, tag: &str) {
        self.service().state.add_deployment(Some(id), name, tag, Map::new());
    }

    /// Has the host of an instance announce another price of its GPUs, in dollars an hour, which the account may accept or reject. The id
    /// of the announced increase.
    ///
    /// # Errors
    ///
    /// There is no such instance.
    pub fn announce_price(&self, instance_id: u64, dollars_per_hour: f64) -> Result<u64, NotFound> {
        let mut service = self.service();
        let at = service.state.now().as_secs_f64();
        let instance = service.state.instance(instance_id).ok_or(NotFound::Instance(instance_id))?;
        let old = instance.gpu_price();
        Ok(service.state.account.announce_price(instance_id, old, dollars_per_hour, at))
    }

    /// Adds a backup of an instance, which may be gone. Its id.
    pub fn add_backup(&self, instance_id: u64) -> u64 {
        let mut service = self.service();
        let at = service.state.now().as_secs_f64();
        service.state.account.add_backup(instance_id, at)
    }

    /// Adds a benchmark: what so many GPUs were measured to do, in tokens a second. Its id.
    pub fn add_benchmark(&self, gpu_name: &str, num_gpus: u32, tokens_per_second: f64) -> u64 {
        let mut service = self.service();
        let at = service.state.now().as_secs_f64();
        service.state.account.add_benchmark(gpu_name, num_gpus, tokens_per_second, at)
    }

    /// Adds somebody to the team, as when an invitation is accepted; it replaces a member of the same id.
    pub fn add_team_member(&self, id: u64, email: &str, role: &str) {
        self.service().state.account.team.add_member(id, email, role);
    }

    /// The snapshots that were taken, the earliest first: of which instance, and to which repository. Who logs in there is not kept.
    pub fn snapshots(&self) -> Vec<Value> {
        self.service().state.account.snapshots.clone()
    }
}
