//! The operations that are answered from the state of the simulated world.

use serde_json::Value;

use super::call::Call;
use super::refusal::Refusal;
use super::{
    Service, account, billing, endpoints, instance_list, instances, offers, serverless, several, templates,
    volumes,
};

/// Carries out an operation of this id, if it is one that the simulator has a state for.
pub(super) fn stateful(
    service: &mut Service,
    operation: &str,
    call: &Call<'_>,
) -> Option<Result<Value, Refusal>> {
    let request = call.request;
    Some(match operation {
        "getEndpointLogs" => serverless::endpoint_logs(service, request),
        "getEndpointWorkers" => serverless::endpoint_workers(service, request),
        "getWorkergroupLogs" => serverless::workergroup_logs(service, request),
        "getWorkergroupWorkers" => serverless::workergroup_workers(service, request),
        "route" => serverless::route(service, request),
        "showEndpoints" => endpoints::show(service),
        "showEndpoint" => endpoints::show_one(service, call),
        "createEndpoint" => endpoints::create(service, call),
        "updateEndpoint" => endpoints::update(service, call),
        "deleteEndpoint" => endpoints::delete(service, call),
        "showWorkergroup" => endpoints::show_workergroups(service),
        "createWorkergroup" => endpoints::create_workergroup(service, call),
        "updateWorkergroup" => endpoints::update_workergroup(service, call),
        "deleteWorkergroup" => endpoints::delete_workergroup(service, call),
        "searchOffers" => offers::search(service, call),
        "showInstances" => instance_list::page(service, request),
        "createInstance" => instances::create(service, call),
        "showInstance" => instances::show(service, call),
        "manageInstance" => instances::manage(service, call),
        "destroyInstance" => instances::destroy(service, call),
        "createInstances" => several::create(service, call),
        "manageInstances" => several::manage(service, call),
        "destroyInstances" => several::destroy(service, call),
        "launchInstance" => several::launch(service, call),
        "searchAsks" => offers::search_asks(service, call),
        "searchTemplates" => templates::search(service, call),
        "createTemplate" => templates::create(service, call),
        "editTemplate" | "updateTemplate" => templates::edit(service, call),
        "deleteTemplate" => templates::delete(service, call),
        "searchVolumes" => volumes::search(service, call),
        "rentVolume" => volumes::rent(service, call),
        "listVolumes" => volumes::list(service),
        "deleteVolume" => volumes::delete(service, call),
        "rebootInstance" | "recycleInstance" => instances::restart(service, call),
        "changeBid" => instances::bid(service, call),
        "createApiKey" => account::create_api_key(service, call),
        "showApiKeys" => account::api_keys(service),
        "showApiKey" => account::show_api_key(service, call),
        "deleteApiKey" => account::delete_api_key(service, call),
        "createSshKey" => account::create_ssh_key(service, call),
        "getSshKeysUser" => account::ssh_keys(service),
        "updateSshKey" => account::update_ssh_key(service, call),
        "deleteSshKey" => account::delete_ssh_key(service, call),
        "attachSshKey" => account::attach_ssh_key(service, call),
        "showSshKeys" => account::attached_ssh_keys(service, call),
        "detachSshKey" => account::detach_ssh_key(service, call),
        "showEnvVars" => account::env_vars(service),
        "createEnvVar" => account::create_env_var(service, call),
        "updateEnvVar" => account::update_env_var(service, call),
        "deleteUserSecret" => account::delete_env_var(service, call),
        "showLogs" | "execute" => instances::result_file(service, call),
        "showInvoices" => billing::invoices(service, call),
        "showCharges" => billing::charges(service, call),
        _ => return None,
    })
}
