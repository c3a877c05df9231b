//! What lets a request into a session.

use std::fmt;

use crate::serverless::route::Assignment;

/// What a request within a session goes by.
#[derive(Clone)]
pub(in crate::serverless) struct SessionTicket {
    id: String,
    assignment: Assignment,
}

impl SessionTicket {
    pub(in crate::serverless) fn new(id: String, assignment: Assignment) -> Self {
        // Whoever has the id can go on with the session, where the signature is known, too.
        let assignment = assignment.also_hiding(&id);
        Self { id, assignment }
    }

    pub(in crate::serverless) fn id(&self) -> &str {
        &self.id
    }

    pub(in crate::serverless) fn assignment(&self) -> &Assignment {
        &self.assignment
    }
}

impl fmt::Debug for SessionTicket {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // With the id and the signature, anyone could go on with the session.
        formatter
            .debug_struct("SessionTicket")
            .field("worker", &self.assignment.url())
            .finish_non_exhaustive()
    }
}
