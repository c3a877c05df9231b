//! What calling an operation does: a mark of the overlay, as no document can be trusted to say what its own calls cost.

use serde_json::{Map, Value};

use super::Operation;
use crate::pointer;
use crate::report::{self, Report, Rule};

/// The extension with which the overlay says what calling an operation does: a word of [`Effect::as_str`].
pub const EFFECT: &str = "x-vastai-effect";

/// The extension with which the overlay says that an operation does more where a field has a value: a list of
/// `{ field, unless: [value, …], effect }`.
pub const EFFECT_WHERE: &str = "x-vastai-effect-where";

static EFFECT_MALFORMED: Rule = Rule {
    id: "effect-malformed",
    reason: "an effect is one of the known words, and where it depends on a field, it is no less than the effect of the operation",
    effect: report::Effect::Ignored,
};

/// What calling an operation does, from what matters least to what matters most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Nothing is changed.
    Reads,
    /// Something is changed that can be changed back.
    Changes,
    /// Data is copied, and its traffic billed.
    Copies,
    /// Something is billed from then on, or may be, until it is given back.
    Spends,
    /// Money goes at once, or a higher price is agreed to.
    Pays,
    /// Something is lost, or no longer works for those who use it.
    Destroys,
}

impl Effect {
    const ALL: [Self; 6] =
        [Self::Reads, Self::Changes, Self::Copies, Self::Spends, Self::Pays, Self::Destroys];

    /// The word of the overlay.
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

    fn of_word(word: &Value) -> Option<Self> {
        Self::ALL.into_iter().find(|effect| word == effect.as_str())
    }

    /// What an operation does of which the overlay says nothing.
    fn of_method(method: &str) -> Self {
        match method {
            "get" | "head" | "options" | "trace" => Self::Reads,
            "delete" => Self::Destroys,
            _ => Self::Changes,
        }
    }
}

/// A field with which an operation does more than without.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EffectWhere {
    /// The name of the parameter or field.
    pub field: String,
    /// Values with which it does no more. Nor does it with null, false, zero, or an empty text, list or object.
    pub unless: Vec<String>,
    /// What it does with every other value.
    pub effect: Effect,
}

impl Operation {
    /// What it does, in words: `changes; spends with state unless stopped`.
    #[must_use]
    pub fn effects(&self) -> String {
        let mut text = self.effect.as_str().to_owned();
        for EffectWhere { field, unless, effect } in &self.effect_where {
            text.push_str(&format!("; {} with {field}", effect.as_str()));
            if !unless.is_empty() {
                text.push_str(&format!(" unless {}", unless.join(" or ")));
            }
        }
        text
    }
}

/// What an operation does, and with which fields it does more.
pub(super) fn of(
    operation: &Map<String, Value>,
    method: &str,
    at: &str,
    report: &mut Report,
) -> (Effect, Vec<EffectWhere>) {
    let mut malformed = |mark: &str, written: &Value| {
        report.note(&EFFECT_MALFORMED, &pointer::child(at, mark), written.to_string());
    };
    let mut effect = Effect::of_method(method);
    if let Some(word) = operation.get(EFFECT) {
        match Effect::of_word(word) {
            Some(marked) => effect = marked,
            None => malformed(EFFECT, word),
        }
    }
    let mut wheres = Vec::new();
    let written = operation.get(EFFECT_WHERE);
    match written.map(|written| written.as_array().map(Vec::as_slice)) {
        None => {}
        // What only reads is called unasked, so it has to do so whatever is sent.
        Some(Some(entries)) if effect != Effect::Reads => {
            for entry in entries {
                match effect_where(entry).filter(|more| more.effect > effect) {
                    Some(more) => wheres.push(more),
                    None => malformed(EFFECT_WHERE, entry),
                }
            }
        }
        Some(_) => malformed(EFFECT_WHERE, written.unwrap_or(&Value::Null)),
    }
    (effect, wheres)
}

fn effect_where(entry: &Value) -> Option<EffectWhere> {
    let unless = match entry.get("unless") {
        None => Vec::new(),
        Some(values) => {
            let values = values.as_array()?.iter().map(|value| value.as_str().map(str::to_owned));
            values.collect::<Option<_>>()?
        }
    };
    let field = entry.get("field")?.as_str()?.to_owned();
    Some(EffectWhere { field, unless, effect: Effect::of_word(entry.get("effect")?)? })
}
