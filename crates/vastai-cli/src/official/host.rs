//! Machines of hosts.

use serde_json::Value;
use vastai::Client;

use super::said::Said;
use super::volume;
use crate::failure::Failure;
use crate::request::Request;

/// The machines whose maintenances are shown: numbers with commas between them.
pub(super) fn maintenances(said: &Said, _: &Client, request: &mut Request) -> Result<(), Failure> {
    let ids = said.word("--ids").unwrap_or_default().split(',').map(|id| id.trim().parse::<i64>());
    let ids: Vec<i64> = ids.collect::<Result<_, _>>().map_err(|_| {
        Failure::usage("--ids takes numbers of machines with commas between them: 7,8".to_owned())
    })?;
    request.set("machine_ids", Value::from(ids).to_string());
    Ok(())
}

/// What a machine is offered for, and until when.
pub(super) fn prices(said: &Said, _: &Client, request: &mut Request) -> Result<(), Failure> {
    volume::end_date(said, request)
}

/// What a default job costs and runs, as far as it is said: the rest is null, which leaves it to the service.
pub(super) fn default_job(_: &Said, _: &Client, request: &mut Request) -> Result<(), Failure> {
    for field in ["price_gpu", "price_inetu", "price_inetd", "image"] {
        if request.get(field).is_none() {
            request.set_as_sent(field, Value::Null);
        }
    }
    Ok(())
}
