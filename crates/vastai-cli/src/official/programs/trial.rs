//! Trials of machines and models. They rent by themselves, measure, and give back; here that is not done in one go.

use crate::failure::Failure;
use crate::official::Line;
use crate::outcome::Outcome;
use crate::session::{Session, Stop};

/// Refuses to measure workers, and says by which commands it is done.
pub(super) async fn benchmarks(_: &Line, _: &Session<'_>) -> Result<Outcome, Stop> {
    let message = "`run benchmarks`, which rents workers by itself, is not offered; what others measured is found by `vastai search benchmarks`, \
                   and an endpoint of your own by `create endpoint`, `create workergroup` and `get endpt-workers`";
    Err(Failure::usage(message.to_owned()).into())
}

/// Refuses to try a machine, and says by which commands it is done.
pub(super) async fn self_test(_: &Line, _: &Session<'_>) -> Result<Outcome, Stop> {
    let message = "`self-test machine`, which rents the machine by itself, is not offered; find it by `vastai search offers -n machine_id=ID`, rent it \
                   with `create instance`, and destroy the instance again";
    Err(Failure::usage(message.to_owned()).into())
}
