//! Documents from outside: where they are, how they are fetched, and what they turn out to be.
//!
//! Each module uses those before it: `fetch` (the network), `candidate` (what was read), `index` (many pages as one document),
//! `source` (from a URL or a file to a document).

mod candidate;
mod fetch;
mod index;
mod source;

pub(crate) use candidate::{Candidate, Source};
pub(crate) use source::Reading;
