//! What the builders' setters take.

use std::fmt::Display;

/// What a setter takes for a value of type `T`: such a value, or whatever converts into one with [`TryInto`].
///
/// It is implemented for every type that converts and whose failure can be shown. A value that does not convert is told by
/// `send`, which then sends nothing: [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest), with the name of the value.
///
/// ```
/// # fn example(client: &vastai_api::Client) {
/// // An unsigned number where the document has a signed one, and a text where it has an optional text.
/// let call = client.create_instance().id(7_u32).body_map(|body| body.label("trainer".to_owned()));
/// # let _ = call;
/// # }
/// ```
pub trait IntoValue<T> {
    /// Converts the value for the setter `name`.
    #[doc(hidden)]
    fn into_value(self, name: &str) -> Result<T, String>;
}

impl<V, T> IntoValue<T> for V
where
    V: TryInto<T>,
    V::Error: Display,
{
    fn into_value(self, name: &str) -> Result<T, String> {
        self.try_into().map_err(|error| format!("{name}: {error}"))
    }
}
