//! What a server may do.

use std::collections::BTreeSet;
use std::path::PathBuf;

use vastai::vastai_api::Operation;

use crate::Error;

/// What a server may do, spend, show and record. Nothing is limited by default but what `call_operation` may change.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Options {
    /// Nothing is changed: tools that change something are neither listed nor carried out.
    pub read_only: bool,
    /// The most that one instance may cost, in dollars per hour.
    pub max_dph: Option<f64>,
    /// The most instances that the account may have, stopped ones and those that others have rented included.
    pub max_instances: Option<usize>,
    /// The most that all instances of the account may cost together, in dollars per day.
    pub max_total: Option<f64>,
    /// Operations that change something and may be called with `call_operation`, by their operationIds. What only reads needs no permission.
    pub allow: Vec<String>,
    /// Keys, tokens and passwords are shown to the model.
    pub show_secrets: bool,
    /// Where each call that changes something is recorded, as a line of JSON, with its outcome. Not recorded unless set.
    pub audit_log: Option<PathBuf>,
}

impl Options {
    /// The operations that are allowed.
    pub(crate) fn allowed(&self) -> Result<BTreeSet<&'static str>, Error> {
        let of = |id: &String| match Operation::by_id(id) {
            Some(operation) => Ok(operation.id),
            None => Err(Error::Options(format!(
                "--allow {id}: there is no such operation; the tool find_operation lists them, as in createEndpoint"
            ))),
        };
        self.allow.iter().map(of).collect()
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        let limits = [("--max-dph", self.max_dph), ("--max-total", self.max_total)];
        if let Some((name, limit)) = limits
            .iter()
            .filter_map(|(name, limit)| limit.map(|limit| (name, limit)))
            .find(|(_, limit)| !(limit.is_finite() && *limit >= 0.0))
        {
            return Err(Error::Options(format!(
                "{name} is {limit}; it has to be a number of dollars, 0 or more"
            )));
        }
        if self.read_only && !self.allow.is_empty() {
            let message = "--allow permits changes, and --read-only none: give one of them";
            return Err(Error::Options(message.to_owned()));
        }
        Ok(())
    }
}
