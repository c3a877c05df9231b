//! What an official command takes, as the table of commands says it.

/// An argument of an official command.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Argument {
    /// An option by its spellings, `-s --size`, or a place by its name, `ID`. Underscores and dashes in the middle of an option are one.
    pub(crate) spellings: &'static str,
    /// The parameter or field of the operation that it sets; empty for what code reads.
    pub(crate) field: &'static str,
    pub(crate) takes: Takes,
    pub(crate) reads: Reads,
    /// What is sent where it is not given, as JSON; empty for nothing.
    pub(crate) default: &'static str,
    /// Whether an option has to be given.
    pub(crate) required: bool,
    /// What it is, where no field says so.
    pub(crate) about: &'static str,
    /// Whether the official client does not have it.
    pub(crate) is_ours: bool,
}

/// How many words an argument takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Takes {
    /// None: an option that is there or not.
    Nothing,
    One,
    /// One, or for a place none.
    AtMostOne,
    OneOrMore,
    /// One, each time that it is given.
    OneEach,
    Any,
    /// All that follow, options too.
    Rest,
}

/// How the words of an argument are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reads {
    /// As the parameter or the field wants it.
    ByField,
    Text,
    Integer,
    Number,
    /// As it is typed, whatever the document says: so the official client sends it.
    AsTyped,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// JSON out of a file of this name.
    JsonFile,
    /// A public key, or a file of this name that has one.
    PublicKey,
}

const fn argument(spellings: &'static str, field: &'static str, takes: Takes, reads: Reads) -> Argument {
    Argument { spellings, field, takes, reads, default: "", required: false, about: "", is_ours: false }
}

/// A place that sets a field.
pub(crate) const fn place(name: &'static str, field: &'static str) -> Argument {
    argument(name, field, Takes::One, Reads::ByField)
}

/// A place that code reads.
pub(crate) const fn read_place(name: &'static str, reads: Reads) -> Argument {
    argument(name, "", Takes::One, reads)
}

/// A place for several ids, which set a field with a list.
pub(crate) const fn ids(name: &'static str, field: &'static str) -> Argument {
    argument(name, field, Takes::OneOrMore, Reads::Integer)
}

/// A place for a query: words that the shell may have split.
pub(crate) const fn query() -> Argument {
    argument("QUERY", "", Takes::Any, Reads::Text)
}

/// An option with a value that sets a field.
pub(crate) const fn option(spellings: &'static str, field: &'static str) -> Argument {
    argument(spellings, field, Takes::One, Reads::ByField)
}

/// An option with a value that code reads.
pub(crate) const fn word(spellings: &'static str) -> Argument {
    argument(spellings, "", Takes::One, Reads::Text)
}

/// An option with one value or more that code reads.
pub(crate) const fn words(spellings: &'static str) -> Argument {
    argument(spellings, "", Takes::OneOrMore, Reads::Text)
}

/// An option without a value that sets a field to true.
pub(crate) const fn switch(spellings: &'static str, field: &'static str) -> Argument {
    argument(spellings, field, Takes::Nothing, Reads::ByField)
}

/// An option without a value that code reads, or that says how to print.
pub(crate) const fn mark(spellings: &'static str) -> Argument {
    argument(spellings, "", Takes::Nothing, Reads::Text)
}

/// An option that takes all that follows.
pub(crate) const fn rest(spellings: &'static str, field: &'static str) -> Argument {
    argument(spellings, field, Takes::Rest, Reads::Text)
}

impl Argument {
    /// What is sent where it is not given, as JSON.
    pub(crate) const fn or(self, default: &'static str) -> Self {
        Self { default, ..self }
    }

    /// An option that has to be given.
    pub(crate) const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// What it is, in words for the help.
    pub(crate) const fn says(self, about: &'static str) -> Self {
        Self { about, ..self }
    }

    /// An option of ours.
    pub(crate) const fn ours(self, about: &'static str) -> Self {
        Self { about, is_ours: true, ..self }
    }

    pub(crate) const fn reads(self, reads: Reads) -> Self {
        Self { reads, ..self }
    }

    pub(crate) const fn takes(self, takes: Takes) -> Self {
        Self { takes, ..self }
    }

    /// Whether it goes by its place.
    pub(crate) fn is_place(&self) -> bool {
        !self.spellings.starts_with('-')
    }

    /// What code calls it by: its place's name, or its first long spelling.
    pub(crate) fn name(&self) -> &'static str {
        let mut spellings = self.spellings.split(' ');
        let first = spellings.clone().next().unwrap_or_default();
        spellings.find(|spelling| spelling.starts_with("--")).unwrap_or(first)
    }
}

/// A spelling with dashes for underscores, which stand for the same.
pub(crate) fn dashed(spelling: &str) -> String {
    spelling.replace('_', "-")
}
