//! What the setters of the builders take.

use std::fmt::Display;

/// What a setter of a required value takes: a `T`, or whatever converts into one with [`TryInto`].
///
/// A value that does not convert makes `send` fail before anything is sent:
/// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest), with the name of the value.
///
/// ```
/// # fn example(client: &vastai_api::Client) {
/// // An unsigned number where the document has a signed one.
/// let call = client.show_instance().id(7_u32);
/// # let _ = call;
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not convert into `{T}`",
    label = "this setter takes a `{T}` or what converts into one"
)]
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

/// What a setter of an optional value takes: what [`IntoValue`] takes, or an `Option` of it. `None` is as good as not to call the setter.
///
/// `By` is found by the compiler and tells the two apart.
///
/// ```
/// # fn example(client: &vastai_api::Client, label: Option<&str>) {
/// let call = client.create_instance().id(7);
/// let call = call.body_map(|body| body.image("ubuntu:24.04").disk(40).label(label));
/// # let _ = call;
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not convert into `{T}`",
    label = "this setter takes a `{T}`, what converts into one, or an `Option` of it"
)]
pub trait IntoOptional<T, By> {
    /// Converts the value for the setter `name`.
    #[doc(hidden)]
    fn into_optional(self, name: &str) -> Result<Option<T>, String>;
}

/// How [`IntoOptional`] was given a value: as itself.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Itself;

/// How [`IntoOptional`] was given a value: in an `Option`.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct InOption;

impl<V: IntoValue<T>, T> IntoOptional<T, Itself> for V {
    fn into_optional(self, name: &str) -> Result<Option<T>, String> {
        self.into_value(name).map(Some)
    }
}

impl<V: IntoValue<T>, T> IntoOptional<T, InOption> for Option<V> {
    fn into_optional(self, name: &str) -> Result<Option<T>, String> {
        self.map(|value| value.into_value(name)).transpose()
    }
}

/// A number as setters take it: made of any number of the language. An integer beyond 2^53 becomes the nearest number that there is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Double(f64);

macro_rules! numbers {
    ($($number:ident)*) => {$(
        impl From<$number> for Double {
            #[allow(clippy::cast_precision_loss, clippy::cast_lossless, reason = "as the documentation says")]
            fn from(number: $number) -> Self {
                Self(number as f64)
            }
        }
    )*};
}

numbers!(f32 f64 i8 i16 i32 i64 isize u8 u16 u32 u64 usize);

impl From<Double> for f64 {
    fn from(number: Double) -> Self {
        number.0
    }
}

/// A list of strings as setters take it: of `String`s or of `&str`s.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strings(Vec<String>);

impl<S: Into<String>> From<Vec<S>> for Strings {
    fn from(list: Vec<S>) -> Self {
        Self(list.into_iter().map(Into::into).collect())
    }
}

impl<S: Into<String>, const N: usize> From<[S; N]> for Strings {
    fn from(list: [S; N]) -> Self {
        Self(list.into_iter().map(Into::into).collect())
    }
}

impl<S: Clone + Into<String>> From<&[S]> for Strings {
    fn from(list: &[S]) -> Self {
        Self(list.iter().cloned().map(Into::into).collect())
    }
}

impl From<Strings> for Vec<String> {
    fn from(list: Strings) -> Self {
        list.0
    }
}
