//! What an operation does: whether it only reads, changes something, spends or destroys.

use vastai::vastai_api::{Method, Operation, operations as op};

/// What calling an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Nothing is changed.
    Reads,
    /// Something is changed that can be changed back.
    Changes,
    /// Money is spent, now or from now on, or may be.
    Spends,
    /// Something is lost, or no longer works for those who use it.
    Destroys,
}

/// What reads although its method is not GET. Whatever is not listed here changes something: a new document makes nothing readable by itself.
const READS: &[&Operation] = &[
    op::FETCH_CONTRACTS,
    op::GET_ENDPOINT_LOGS,
    op::GET_ENDPOINT_WORKERS,
    op::GET_WORKERGROUP_LOGS,
    op::GET_WORKERGROUP_WORKERS,
    op::SEARCH_ASKS,
    op::SEARCH_NETWORK_VOLUMES,
    op::SEARCH_OFFERS,
    op::SEARCH_VOLUMES,
    op::SHOW_LOGS,
];

/// What spends, or lets others spend: rentals and their prices, what scales by itself, what is stored, what moves money, and jobs that may do
/// any of these later.
const SPENDS: &[&Operation] = &[
    op::ACCEPT_PRICE_INCREASE,
    op::CHANGE_BID,
    op::CLONE_VOLUME,
    op::CLOUD_COPY,
    op::CREATE_DEPLOYMENT,
    op::CREATE_ENDPOINT,
    op::CREATE_INSTANCE,
    op::CREATE_INSTANCES,
    op::CREATE_NETWORK_VOLUME,
    op::CREATE_SCHEDULED_JOB,
    op::CREATE_WORKERGROUP,
    op::INITIATE_REMOTE_RSYNC,
    op::LAUNCH_INSTANCE,
    op::MANAGE_INSTANCE,
    op::MANAGE_INSTANCES,
    op::PREPAY_INSTANCE,
    op::RENT_VOLUME,
    op::ROUTE,
    op::SET_DEFJOB,
    op::SET_USER,
    op::START_DEPLOYMENT,
    op::START_RSYNC,
    op::TAKE_SNAPSHOT,
    op::TRANSFER_CREDIT,
    op::UPDATE_ENDPOINT,
    op::UPDATE_INSTANCE,
    op::UPDATE_SCHEDULED_JOB,
    op::UPDATE_WORKERGROUP,
    op::UPDATE_WORKERS,
];

/// What destroys although its method is not DELETE.
const DESTROYS: &[&Operation] = &[
    op::CLEANUP_MACHINE,
    op::DEFRAG_MACHINES,
    op::DELETE_MACHINE,
    op::RECYCLE_INSTANCE,
    op::RESET_API_KEY,
    op::ROTATE_NOTIFICATION_WEBHOOK_SECRET,
    op::STOP_DEPLOYMENT,
    op::TFA_REGEN_CODES,
    op::UNLIST_NETWORK_VOLUME,
    op::UNLIST_VOLUME,
];

impl Effect {
    pub(crate) fn of(operation: &Operation) -> Self {
        let among = |list: &[&Operation]| list.iter().any(|listed| listed.id == operation.id);
        match operation.method {
            Method::Get | Method::Head | Method::Options => Self::Reads,
            _ if among(READS) && operation.repeatable => Self::Reads,
            _ if among(SPENDS) => Self::Spends,
            Method::Delete => Self::Destroys,
            _ if among(DESTROYS) => Self::Destroys,
            _ => Self::Changes,
        }
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Reads => "reads",
            Self::Changes => "changes",
            Self::Spends => "spends",
            Self::Destroys => "destroys",
        }
    }
}

#[cfg(test)]
mod tests {
    use vastai::vastai_api::OPERATIONS;

    use super::*;

    #[test]
    fn what_reads_is_repeatable_and_has_a_name_that_says_so() {
        let words = ["show", "search", "get", "list", "fetch", "tfaStatus"];
        for operation in OPERATIONS.iter().filter(|operation| Effect::of(operation) == Effect::Reads) {
            assert!(operation.repeatable, "{}", operation.id);
            assert!(words.iter().any(|word| operation.id.starts_with(word)), "{}", operation.id);
        }
    }

    #[test]
    fn what_creates_updates_or_deletes_does_not_read() {
        let words =
            ["create", "update", "delete", "destroy", "rent", "set", "start", "stop", "remove", "transfer"];
        for operation in OPERATIONS {
            if words.iter().any(|word| operation.id.starts_with(word)) {
                assert_ne!(Effect::of(operation), Effect::Reads, "{}", operation.id);
            }
        }
    }
}
