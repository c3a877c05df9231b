//! What a document says where OpenAPI has something else: reported, and left out.

use serde_json::{Map, Value};

use super::context::{LowerError, Lowering, Outcome, Schema};
use super::rules;
use crate::pointer;

/// What a keyword of a schema holds.
#[derive(Clone, Copy)]
enum Shape {
    Text,
    Number,
    /// A number since 3.1, a flag before.
    Bound,
    List,
    Members,
    Schema,
    /// A schema, or a list of them as before 2020-12.
    Schemas,
}

const KEYWORDS: [(&str, Shape); 25] = [
    ("description", Shape::Text),
    ("title", Shape::Text),
    ("format", Shape::Text),
    ("pattern", Shape::Text),
    ("minimum", Shape::Number),
    ("maximum", Shape::Number),
    ("multipleOf", Shape::Number),
    ("minLength", Shape::Number),
    ("maxLength", Shape::Number),
    ("minItems", Shape::Number),
    ("maxItems", Shape::Number),
    ("minProperties", Shape::Number),
    ("maxProperties", Shape::Number),
    ("exclusiveMinimum", Shape::Bound),
    ("exclusiveMaximum", Shape::Bound),
    ("enum", Shape::List),
    ("allOf", Shape::List),
    ("anyOf", Shape::List),
    ("oneOf", Shape::List),
    ("required", Shape::List),
    ("prefixItems", Shape::List),
    ("properties", Shape::Members),
    ("patternProperties", Shape::Members),
    ("additionalProperties", Shape::Schema),
    ("items", Shape::Schemas),
];

impl Shape {
    fn fits(self, value: &Value) -> bool {
        match self {
            Self::Text => value.is_string(),
            Self::Number => value.is_number(),
            Self::Bound => value.is_number() || value.is_boolean(),
            Self::List => value.is_array(),
            Self::Members => value.is_object(),
            Self::Schema => value.is_object() || value.is_boolean(),
            Self::Schemas => value.is_object() || value.is_boolean() || value.is_array(),
        }
    }

    fn expected(self) -> &'static str {
        match self {
            Self::Text => "a string",
            Self::Number => "a number",
            Self::Bound => "a number or a flag",
            Self::List => "a list",
            Self::Members => "a mapping",
            Self::Schema | Self::Schemas => "a schema",
        }
    }
}

/// Drops what the keywords of a schema cannot hold.
pub(super) fn lower(lowering: &mut Lowering<'_, '_>, schema: &mut Schema<'_>) -> Result<Outcome, LowerError> {
    lowering.drop_malformed(&mut schema.keywords, &schema.place.at);
    Ok(Outcome::Next)
}

impl<'document> Lowering<'document, '_> {
    /// Takes out of a schema what its keywords cannot hold.
    pub(super) fn drop_malformed(&mut self, schema: &mut Map<String, Value>, at: &str) {
        for (key, shape) in KEYWORDS {
            if schema.get(key).is_some_and(|value| !shape.fits(value))
                && let Some(value) = schema.remove(key)
            {
                // `items:` without a value is met in the wild and means any item; that is reported as such.
                if !(key == "items" && value.is_null()) {
                    self.note_malformed(&pointer::child(at, key), shape.expected(), &value);
                }
            }
        }
        if let Some(Value::Array(names)) = schema.get_mut("required") {
            let before = names.len();
            names.retain(Value::is_string);
            if names.len() < before {
                self.note_malformed(&pointer::child(at, "required"), "a list of strings", &Value::Null);
            }
        }
    }

    /// A field that is a list.
    pub(super) fn list<'value>(
        &mut self,
        holder: &'value Map<String, Value>,
        key: &str,
        at: &str,
    ) -> &'value [Value] {
        match holder.get(key) {
            None => &[],
            Some(Value::Array(elements)) => elements,
            Some(other) => {
                self.note_malformed(&pointer::child(at, key), Shape::List.expected(), other);
                &[]
            }
        }
    }

    /// A field that is a mapping.
    pub(super) fn mapping<'value>(
        &mut self,
        holder: &'value Map<String, Value>,
        key: &str,
        at: &str,
    ) -> Option<&'value Map<String, Value>> {
        match holder.get(key)? {
            Value::Object(members) => Some(members),
            other => {
                self.note_malformed(&pointer::child(at, key), Shape::Members.expected(), other);
                None
            }
        }
    }

    /// A field that is a string.
    pub(super) fn text<'value>(
        &mut self,
        holder: &'value Map<String, Value>,
        key: &str,
        at: &str,
    ) -> Option<&'value str> {
        match holder.get(key)? {
            Value::String(text) => Some(text),
            other => {
                self.note_malformed(&pointer::child(at, key), Shape::Text.expected(), other);
                None
            }
        }
    }

    /// A field that is true or false.
    pub(super) fn flag(&mut self, holder: &Map<String, Value>, key: &str, at: &str) -> Option<bool> {
        match holder.get(key)? {
            Value::Bool(flag) => Some(*flag),
            other => {
                self.note_malformed(&pointer::child(at, key), "true or false", other);
                None
            }
        }
    }

    /// Follows references to an object that is not a schema: a parameter, a body, a response.
    pub(super) fn object<'value>(
        &self,
        value: &'value Value,
        at: &str,
        expected: &'static str,
    ) -> Result<&'value Map<String, Value>, LowerError>
    where
        'document: 'value,
    {
        let object = self.resolved(value, at)?.as_object();
        object.ok_or_else(|| LowerError::Malformed { pointer: at.to_owned(), expected })
    }

    pub(super) fn note_malformed(&mut self, at: &str, expected: &str, found: &Value) {
        let found = match found {
            Value::Null => "nothing",
            Value::Bool(_) => "a flag",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "a list",
            Value::Object(_) => "a mapping",
        };
        self.report.note(&rules::MALFORMED, at, format!("{expected} is expected, not {found}"));
    }
}
