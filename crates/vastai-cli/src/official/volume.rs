//! Volumes: their sizes and offers.

use serde_json::Value;
use vastai::Client;

use super::dates;
use super::said::Said;
use crate::failure::Failure;
use crate::request::Request;

/// The size of a new volume: whole GB, 15 unless set.
pub(super) fn size(said: &Said, _: &Client, request: &mut Request) -> Result<(), Failure> {
    let size = said.number("--size").unwrap_or(15.0);
    if !(1.0..1e15).contains(&size) {
        return Err(Failure::usage(format!("a volume of {size} GB cannot be made; it has 1 GB at least")));
    }
    #[allow(clippy::cast_possible_truncation, reason = "a fraction is cut off, as the official client does")]
    request.set("size", size.trunc() as i64);
    Ok(())
}

/// A host's offer of volumes.
pub(super) fn offered(said: &Said, _: &Client, request: &mut Request) -> Result<(), Failure> {
    if let Some(id) = said.integer("ID") {
        request.set("machine", id);
    }
    end_date(said, request)
}

/// Until when an offer stands.
pub(super) fn end_date(said: &Said, request: &mut Request) -> Result<(), Failure> {
    let end = said.word("--end_date").map(dates::seconds).transpose().map_err(Failure::usage)?;
    request.set_if("end_date", end.map(Value::from));
    Ok(())
}
