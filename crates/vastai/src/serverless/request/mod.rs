//! Requests through an endpoint to one of its workers.

mod answer;
mod failure;
mod sending;
mod session_ticket;
mod worker_request;

pub use answer::WorkerAnswer;
pub use worker_request::WorkerRequest;

pub(super) use failure::WorkerFailure;
pub(super) use sending::post;
pub(super) use session_ticket::SessionTicket;
