//! The guardrails: what an operation does, what may be spent, and who has to agree.

mod consent;
mod limits;

use std::collections::BTreeSet;

pub(crate) use consent::{Answered, Consents, Question, Withheld};
pub(crate) use limits::{Added, Limits, Turn};
use vastai::vastai_api::{Effect, Operation};

use crate::audit::Audit;
use crate::{Error, Options};

/// The guardrails of a server, shared by all of its sessions.
#[derive(Debug)]
pub(crate) struct Guard {
    pub(crate) read_only: bool,
    pub(crate) hides_secrets: bool,
    pub(crate) limits: Limits,
    pub(crate) consents: Consents,
    pub(crate) audit: Audit,
    allow: BTreeSet<&'static str>,
}

impl Guard {
    pub(crate) fn new(options: &Options) -> Result<Self, Error> {
        options.check()?;
        Ok(Self {
            read_only: options.read_only,
            hides_secrets: !options.show_secrets,
            limits: Limits::new(options.max_dph, options.max_instances, options.max_total),
            consents: Consents::default(),
            audit: Audit::open(options.audit_log.as_deref())?,
            allow: options.allowed()?,
        })
    }

    /// Whether the server's options let `call_operation` call an operation; else why not.
    pub(crate) fn permits(&self, operation: &Operation) -> Result<(), String> {
        let id = operation.id;
        match operation.effect {
            Effect::Reads => Ok(()),
            _ if self.read_only => {
                Err(format!("refused: `{id}` changes something, and this server is read-only"))
            }
            _ if !self.allow.contains(id) => Err(format!(
                "refused: `{id}` changes something; whoever runs this server can permit it with --allow {id}"
            )),
            _ => Ok(()),
        }
    }

    /// The limits in words, for the model.
    pub(crate) fn in_words(&self) -> String {
        if self.read_only {
            return "This server is read-only.".to_owned();
        }
        let limits = [
            self.limits.max_dph.map(|most| format!("an instance may cost ${most} per hour at most")),
            self.limits.max_instances.map(|most| format!("the account may have {most} instances at most")),
            self.limits
                .max_total
                .map(|most| format!("all instances together may cost ${most} per day at most")),
        ];
        let limits: Vec<String> = limits.into_iter().flatten().collect();
        match limits.is_empty() {
            true => "No limit on spending is set.".to_owned(),
            false => format!("Limits that the server holds: {}.", limits.join("; ")),
        }
    }
}
