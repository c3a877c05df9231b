//! Trials of machines and models: they rent, measure, and give back.

use crate::failure::Failure;
use crate::official::Line;
use crate::outcome::Outcome;
use crate::session::{Session, Stop};

pub(super) async fn benchmarks(_line: &Line, _session: &Session<'_>) -> Result<Outcome, Stop> {
    Err(Failure::local("todo".to_owned()).into())
}

pub(super) async fn self_test(_line: &Line, _session: &Session<'_>) -> Result<Outcome, Stop> {
    Err(Failure::local("todo".to_owned()).into())
}
