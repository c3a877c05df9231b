//! Asking again and again for what takes its time, and for no longer than that.

mod clock;
mod deadline;
mod patience;

pub(crate) use clock::{at_most_asked, later, later_than, random_part_of};
pub(crate) use deadline::{Deadline, Polled, poll_until};
pub(crate) use patience::Patience;
