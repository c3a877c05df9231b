//! Conditions on the fields of what the service lists: a field, an operator and a value.

use std::fmt;

use serde_json::{Map, Value};

/// How a field is compared with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operator {
    /// The value itself: `eq`, written `=`.
    Eq,
    /// Anything but the value: `neq`, written `!=`.
    Neq,
    /// More: `gt`, written `>`.
    Gt,
    /// At least: `gte`, written `>=`.
    Gte,
    /// Less: `lt`, written `<`.
    Lt,
    /// At most: `lte`, written `<=`.
    Lte,
    /// One of a list of values: `in`.
    In,
    /// None of a list of values: `notin`.
    NotIn,
}

impl Operator {
    /// Every operator.
    pub const ALL: [Self; 8] =
        [Self::Eq, Self::Neq, Self::Gt, Self::Gte, Self::Lt, Self::Lte, Self::In, Self::NotIn];

    /// The operator's name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Neq => "neq",
            Self::Gt => "gt",
            Self::Gte => "gte",
            Self::Lt => "lt",
            Self::Lte => "lte",
            Self::In => "in",
            Self::NotIn => "notin",
        }
    }

    /// Whether the operator takes a list of values.
    #[must_use]
    pub const fn takes_list(self) -> bool {
        matches!(self, Self::In | Self::NotIn)
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// A condition on a field: `num_gpus` `gte` 2. Made with [`field`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Condition {
    /// The field's name on the wire.
    pub field: String,
    /// How it is compared.
    pub operator: Operator,
    /// With what, in the units of the wire. A list for [`Operator::In`] and [`Operator::NotIn`].
    pub value: Value,
}

impl Condition {
    pub(crate) fn new(field: impl Into<String>, operator: Operator, value: impl Into<Value>) -> Self {
        Self { field: field.into(), operator, value: value.into() }
    }

    /// The service writes names of GPUs with spaces, the official command line takes underscores for them.
    pub(crate) fn with_spaces_in_gpu_names(mut self) -> Self {
        fn with_spaces(value: &mut Value) {
            match value {
                Value::String(name) => *name = name.replace('_', " "),
                Value::Array(names) => names.iter_mut().for_each(with_spaces),
                _ => {}
            }
        }
        if self.field == "gpu_name" {
            with_spaces(&mut self.value);
        }
        self
    }
}

/// The beginning of a condition on a field, by its name on the wire.
///
/// ```
/// use vastai::filter::field;
///
/// let conditions = [
///     field("gpu_name").is_in(["RTX 4090", "RTX 5090"]),
///     field("dph_total").lt(1.5),
/// ];
/// assert_eq!(conditions[1].operator.as_str(), "lt");
/// ```
pub fn field(name: impl Into<String>) -> Field {
    Field(name.into())
}

/// A field that a condition is made of; see [`field`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a field is not a condition yet"]
pub struct Field(String);

macro_rules! comparisons {
    ($($(#[$doc:meta])* $name:ident = $operator:ident,)*) => {
        impl Field {
            $(
                $(#[$doc])*
                #[must_use]
                pub fn $name(self, value: impl Into<Value>) -> Condition {
                    Condition::new(self.0, Operator::$operator, value)
                }
            )*
        }
    };
}

comparisons! {
    /// The value itself.
    eq = Eq,
    /// Anything but the value.
    neq = Neq,
    /// More than the value.
    gt = Gt,
    /// At least the value.
    gte = Gte,
    /// Less than the value.
    lt = Lt,
    /// At most the value.
    lte = Lte,
}

impl Field {
    /// One of these values.
    #[must_use]
    pub fn is_in<V: Into<Value>>(self, values: impl IntoIterator<Item = V>) -> Condition {
        Condition::new(self.0, Operator::In, list(values))
    }

    /// None of these values.
    #[must_use]
    pub fn not_in<V: Into<Value>>(self, values: impl IntoIterator<Item = V>) -> Condition {
        Condition::new(self.0, Operator::NotIn, list(values))
    }
}

fn list<V: Into<Value>>(values: impl IntoIterator<Item = V>) -> Value {
    Value::Array(values.into_iter().map(Into::into).collect())
}

/// Conditions as the service takes them: `{"num_gpus": {"gte": 2, "lte": 8}}`. Of two with the same operator on a field, the later
/// holds.
pub(crate) fn to_wire<'a>(conditions: impl IntoIterator<Item = &'a Condition>) -> Map<String, Value> {
    let mut wire: Map<String, Value> = Map::new();
    for Condition { field, operator, value } in conditions {
        let of_field = wire.entry(field.clone()).or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(of_field) = of_field {
            of_field.insert(operator.as_str().to_owned(), value.clone());
        }
    }
    wire
}

/// `; did you mean …?` with the name that is most like an unknown one; empty where none is like it.
pub(crate) fn most_like(unknown: &str, names: impl Iterator<Item = &'static str>) -> String {
    /// Less alike than this is not what was meant.
    const ALIKE: f64 = 0.8;
    let alike = names.map(|known| (strsim::jaro_winkler(known, unknown), known));
    let best = alike.filter(|(alike, _)| *alike > ALIKE).max_by(|one, other| one.0.total_cmp(&other.0));
    best.map(|(_, known)| format!("; did you mean `{known}`?")).unwrap_or_default()
}
