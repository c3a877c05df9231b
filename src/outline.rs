//! How generated requests show themselves: by the names of the values that they have.

use std::fmt::{Debug, Formatter, Result};

/// In the place of a value.
struct NotShown;

impl Debug for NotShown {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        formatter.write_str("_")
    }
}

/// A value that is there, or none.
pub(crate) fn is_there(is_there: bool) -> Option<&'static dyn Debug> {
    is_there.then_some(&NotShown)
}

/// A part that shows itself in the same way.
pub(crate) fn nested<T: Debug>(part: &T) -> &dyn Debug {
    part
}

/// `CreateInstance { id: _, body: CreateInstanceRequest { env: _, image: _ } }`
pub(crate) fn write(
    formatter: &mut Formatter<'_>,
    name: &str,
    fields: &[(&str, Option<&dyn Debug>)],
) -> Result {
    let mut shown = formatter.debug_struct(name);
    for (name, value) in fields {
        if let Some(value) = value {
            shown.field(name, value);
        }
    }
    shown.finish()
}
