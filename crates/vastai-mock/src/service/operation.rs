//! The operations that are answered from the state of the simulated world.

use serde_json::Value;

use super::call::Call;
use super::refusal::Refusal;
use super::{
    Service, account, billing, clusters, deployments, endpoints, instance_list, instances, jobs, machines,
    market, offers, rented, serverless, several, team, templates, tfa, user, volumes,
};

/// What an operation comes to, if it is one of a subject.
type Done = Option<Result<Value, Refusal>>;

/// Carries out an operation of this id, if it is one that the simulator has a state for.
pub(super) fn stateful(service: &mut Service, operation: &str, call: &Call<'_>) -> Done {
    let subjects: [fn(&mut Service, &str, &Call<'_>) -> Done; 13] = [
        of_engine,
        of_instances,
        of_account,
        clusters::carry_out,
        deployments::carry_out,
        jobs::carry_out,
        machines::carry_out,
        market::carry_out,
        rented::carry_out,
        team::carry_out,
        tfa::carry_out,
        user::carry_out,
        volumes::carry_out,
    ];
    subjects.into_iter().find_map(|carry_out| carry_out(service, operation, call))
}

fn of_engine(service: &mut Service, operation: &str, call: &Call<'_>) -> Done {
    let request = call.request;
    Some(match operation {
        "getEndpointLogs" => serverless::endpoint_logs(service, request),
        "getEndpointWorkers" => serverless::endpoint_workers(service, request),
        "getWorkergroupLogs" => serverless::workergroup_logs(service, request),
        "getWorkergroupWorkers" => serverless::workergroup_workers(service, request),
        "route" => serverless::route(service, request),
        "updateWorkers" => serverless::update_workers(service, request),
        "showEndpoints" => endpoints::show(service),
        "showEndpoint" => endpoints::show_one(service, call),
        "createEndpoint" => endpoints::create(service, call),
        "updateEndpoint" => endpoints::update(service, call),
        "deleteEndpoint" => endpoints::delete(service, call),
        "showWorkergroup" => endpoints::show_workergroups(service),
        "createWorkergroup" => endpoints::create_workergroup(service, call),
        "updateWorkergroup" => endpoints::update_workergroup(service, call),
        "deleteWorkergroup" => endpoints::delete_workergroup(service, call),
        _ => return None,
    })
}

fn of_instances(service: &mut Service, operation: &str, call: &Call<'_>) -> Done {
    Some(match operation {
        "searchOffers" => offers::search(service, call),
        "searchAsks" => offers::search_asks(service, call),
        "showInstances" => instance_list::page(service, call.request),
        "createInstance" => instances::create(service, call),
        "showInstance" => instances::show(service, call),
        "manageInstance" => instances::manage(service, call),
        "destroyInstance" => instances::destroy(service, call),
        "createInstances" => several::create(service, call),
        "manageInstances" => several::manage(service, call),
        "destroyInstances" => several::destroy(service, call),
        "launchInstance" => several::launch(service, call),
        "rebootInstance" | "recycleInstance" => instances::restart(service, call),
        "changeBid" => instances::bid(service, call),
        "showLogs" | "execute" => instances::result_file(service, call),
        _ => return None,
    })
}

fn of_account(service: &mut Service, operation: &str, call: &Call<'_>) -> Done {
    Some(match operation {
        "searchTemplates" => templates::search(service, call),
        "createTemplate" => templates::create(service, call),
        "editTemplate" | "updateTemplate" => templates::edit(service, call),
        "deleteTemplate" => templates::delete(service, call),
        "createApiKey" => account::create_api_key(service, call),
        "showApiKeys" => account::api_keys(service),
        "showApiKey" => account::show_api_key(service, call),
        "deleteApiKey" => account::delete_api_key(service, call),
        "resetApiKey" => Ok(account::reset_api_key(service)),
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
        "showInvoices" => billing::invoices(service, call),
        "showCharges" => billing::charges(service, call),
        "searchInvoices" => billing::search(service, call),
        "showUserInvoices" => billing::of_user(service, call),
        _ => return None,
    })
}
