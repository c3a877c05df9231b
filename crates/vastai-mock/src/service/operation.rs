//! The operations that are answered from the state of the simulated world.

use serde_json::Value;

use super::call::Call;
use super::refusal::Refusal;
use super::{Service, billing, console, instances, serverless};

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
        "showEndpoints" => console::endpoints(service),
        "showInstances" => console::instances(service, request),
        "createInstance" => instances::create(service, call),
        "showInstance" => instances::show(service, call),
        "manageInstance" => instances::manage(service, call),
        "destroyInstance" => instances::destroy(service, call),
        "showLogs" | "execute" => instances::result_file(service, call),
        "showInvoices" => billing::invoices(service, call),
        "showCharges" => billing::charges(service, call),
        _ => return None,
    })
}
