//! What calling an operation does: whether it only reads, spends or destroys.

use std::fmt;

use serde_json::Value;

use crate::Operation;

/// What calling an operation does, from what matters least to what matters most.
///
/// It is what people have reviewed, operation by operation, and no published document decides it. One that is new in a document and was
/// not looked at yet reads with GET and HEAD, destroys with DELETE, and else changes something.
///
/// ```
/// use vastai_api::{Effect, Operation};
///
/// let effect = |id| Operation::by_id(id).map(|operation| operation.effect);
/// assert_eq!(effect("searchOffers"), Some(Effect::Reads));
/// assert_eq!(effect("createInstance"), Some(Effect::Spends));
/// assert!(effect("destroyInstance") > effect("createInstance"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Effect {
    /// Nothing is changed.
    Reads,
    /// Something is changed that can be changed back.
    Changes,
    /// Data is copied: its traffic is billed by the amount, and what stands at the target may be replaced.
    Copies,
    /// Something is billed from then on until it is given back, or may be: what rents, stores or scales, and jobs that do so later.
    Spends,
    /// Money goes at once, or a higher price is agreed to. Neither can be taken back.
    Pays,
    /// Something is lost, or no longer works for those who use it.
    Destroys,
}

impl Effect {
    /// In a word: `spends`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reads => "reads",
            Self::Changes => "changes",
            Self::Copies => "copies",
            Self::Spends => "spends",
            Self::Pays => "pays",
            Self::Destroys => "destroys",
        }
    }

    /// Whether it costs money, at once or from then on.
    #[must_use]
    pub const fn costs(self) -> bool {
        matches!(self, Self::Copies | Self::Spends | Self::Pays)
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A field with which an operation does more than without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct EffectWhere {
    /// The name of the parameter or field.
    pub field: &'static str,
    /// Values with which it does no more. Nor does it with null, false, zero, or an empty text, list or object.
    pub unless: &'static [&'static str],
    /// What it does with every other value.
    pub effect: Effect,
}

impl EffectWhere {
    fn is_meant_by(&self, value: &Value) -> bool {
        match value {
            Value::Null | Value::Bool(false) => false,
            Value::Bool(true) => true,
            Value::Number(number) => number.as_f64() != Some(0.0),
            Value::String(text) => !text.is_empty() && !self.unless.contains(&text.as_str()),
            Value::Array(values) => !values.is_empty(),
            Value::Object(fields) => !fields.is_empty(),
        }
    }
}

impl Operation {
    /// What calling it does with these values, which are found by their names.
    ///
    /// ```
    /// use serde_json::json;
    /// use vastai_api::{Effect, Operation};
    ///
    /// let manage = Operation::by_id("manageInstance").ok_or("no such operation")?;
    /// let with = |fields: serde_json::Value| manage.effect_with(|name| fields.get(name));
    /// assert_eq!(with(json!({ "label": "mine" })), Effect::Changes);
    /// assert_eq!(with(json!({ "state": "stopped" })), Effect::Changes);
    /// assert_eq!(with(json!({ "state": "running" })), Effect::Spends);
    /// # Ok::<(), &str>(())
    /// ```
    #[must_use]
    pub fn effect_with<'value>(&self, value_of: impl Fn(&str) -> Option<&'value Value>) -> Effect {
        let more = self
            .effect_where
            .iter()
            .filter(|more| value_of(more.field).is_some_and(|it| more.is_meant_by(it)));
        more.map(|more| more.effect).fold(self.effect, Effect::max)
    }
}
