//! What the lowered document says to the generator beside OpenAPI.

/// The component that every failure of every operation is: the hand-written error type of the generated crate.
pub const ERROR_COMPONENT: &str = "Error";

/// Components whose Rust type is hand-written in the generated crate, where no schema says what the type does.
pub const HAND_WRITTEN: [&str; 2] = [SECRET, TIMESTAMP];

/// The hand-written type of a string that is not shown.
pub(crate) const SECRET: &str = "Secret";

/// The hand-written type of a point in time.
pub(crate) const TIMESTAMP: &str = "Timestamp";

/// The extension with which the lowered document gives a parameter another name in Rust than its own would be.
pub(crate) const RUST_NAME: &str = "x-rust-name";

/// The same for the properties of a schema: a mapping of their names to those in Rust.
pub(crate) const RUST_NAMES: &str = "x-rust-names";

/// The same for a response: the names of its properties that come with white space around them.
pub(crate) const TRIMMED: &str = "x-trimmed";

/// The same for an answer: the names of the properties that it is nothing without.
pub(crate) const NEVER_MISSING: &str = "x-never-missing";

/// The same for a string that is one of a set which may grow: the words that are known, each with what it means.
pub(crate) const WORDS: &str = "x-words";

/// Which of these words an empty string means.
pub(crate) const WORD_FOR_NOTHING: &str = "x-word-for-nothing";

/// The same for a type that is there whether or not an operation uses it.
pub(crate) const KEPT: &str = "x-kept";
