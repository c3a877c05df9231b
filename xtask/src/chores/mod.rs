//! Commands that look at a document or refresh what is made of it.

pub(crate) mod check_document;
pub(crate) mod diff;
pub(crate) mod lower;
pub(crate) mod operations;
pub(crate) mod surface;
