//! What a read notes beside its result, in the thread that reads.
//!
//! Both notes are about rare cases, and serde has no place for them: an error of serde knows no path, and a number that was rounded
//! looks like any other.

use std::cell::RefCell;

/// Notes of a read.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    /// Whether a number may have been rounded that should be exact.
    pub(crate) rounded: bool,
    /// The way to what failed, innermost step first.
    steps: Vec<String>,
}

thread_local! {
    static NOTES: RefCell<Notes> = RefCell::default();
}

impl Notes {
    /// Where the read failed: `instances[3].id`. `None` for the whole response.
    pub(crate) fn path(&self) -> Option<String> {
        let path: String = self.steps.iter().rev().map(String::as_str).collect();
        let path = path.trim_start_matches('.');
        (!path.is_empty()).then(|| path.to_owned())
    }
}

/// The notes since they were last taken.
pub(crate) fn take_notes() -> Notes {
    NOTES.take()
}

/// Notes that a number may have been rounded.
pub(super) fn may_be_rounded() {
    NOTES.with_borrow_mut(|notes| notes.rounded = true);
}

/// Notes that an error passes through a field.
#[cold]
pub(super) fn through_field(name: &str) {
    NOTES.with_borrow_mut(|notes| notes.steps.push(format!(".{name}")));
}

/// Notes that an error passes through an element.
#[cold]
pub(super) fn through_element(index: usize) {
    NOTES.with_borrow_mut(|notes| notes.steps.push(format!("[{index}]")));
}
