//! One run of the lowering: the document, what has come of it, and how deep in it the run is.

use std::collections::VecDeque;

use serde_json::{Map, Value, json};

use super::components::{Components, Direction};
use super::rules;
use crate::pointer;
use crate::report::Report;
use crate::visible::in_one_line;

/// What no rule can put into OpenAPI 3.0.3.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LowerError {
    /// A reference to another document.
    #[error(
        "{}: the reference `{}` leaves the document; bundle the document into one file first",
        in_one_line(.pointer), in_one_line(.reference)
    )]
    ExternalReference {
        /// Where it stands.
        pointer: String,
        /// What it says.
        reference: String,
    },
    /// A reference to nothing.
    #[error("{}: the reference `{}` points to nothing in the document", in_one_line(.pointer), in_one_line(.reference))]
    DanglingReference {
        /// Where it stands.
        pointer: String,
        /// What it says.
        reference: String,
    },
    /// Something that is not what OpenAPI has in this place.
    #[error("{}: {expected} is expected here", in_one_line(.pointer))]
    Malformed {
        /// Where it stands.
        pointer: String,
        /// What should stand there.
        expected: &'static str,
    },
    /// Schemas that refer to each other so often that what they stand for has no end that one could wait for.
    #[error(
        "{}: the schemas of the document stand for more than {MAX_VISITS} others; do they repeat each other?",
        in_one_line(.pointer)
    )]
    TooLarge {
        /// Where the lowering gave up.
        pointer: String,
    },
}

/// How many aliases may stand in each other, and schemas that were put together from parts.
pub(super) const MAX_IN_PROGRESS: usize = 64;

/// How many schemas are visited. A large document has some tens of thousands.
const MAX_VISITS: usize = 1_000_000;

/// How many schemas may stand in each other.
const MAX_DEPTH: usize = 128;

/// How many lists and maps may stand in each other.
const MAX_NESTING: usize = 16;

/// Where a schema stands, which way its values travel, and what its type is called if it becomes one.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// Its JSON pointer.
    pub(super) at: String,
    pub(super) direction: Direction,
    /// The name that its type gets if that is free.
    pub(super) name: String,
}

impl Place {
    pub(super) fn new(at: impl Into<String>, direction: Direction, name: impl Into<String>) -> Self {
        Self { at: at.into(), direction, name: name.into() }
    }

    pub(super) fn is_response(&self) -> bool {
        self.direction == Direction::Response
    }

    /// The place under a key or an index, for what has the same name.
    pub(super) fn child(&self, key: &str) -> Self {
        self.moved(pointer::child(&self.at, key))
    }

    /// Another place, for what has the same name.
    pub(super) fn moved(&self, at: impl Into<String>) -> Self {
        Self { at: at.into(), ..self.clone() }
    }

    /// The place of what is named after a part of this.
    pub(super) fn named(&self, part: &str) -> Self {
        Self { name: format!("{} {part}", self.name), ..self.clone() }
    }
}

/// A schema on its way through the steps.
pub(super) struct Schema<'place> {
    pub(super) place: &'place Place,
    /// What is left of its keywords: a step that settles something leaves a simpler schema to the next.
    pub(super) keywords: Map<String, Value>,
    /// Whether null is among its values.
    pub(super) is_nullable: bool,
}

impl Schema<'_> {
    /// Whether this is its one type.
    pub(super) fn is_of_type(&self, name: &str) -> bool {
        self.keywords.get("type").is_some_and(|kind| kind == name)
    }
}

/// What a step makes of a schema.
pub(super) enum Outcome {
    /// The next step goes on.
    Next,
    /// The lowered schema, which gets its description and its null yet.
    Lowered(Value),
    /// The lowered schema as a whole.
    Whole(Value),
}

/// A step of the lowering of schemas.
pub(super) type Step = fn(&mut Lowering<'_, '_>, &mut Schema<'_>) -> Result<Outcome, LowerError>;

/// What lowers a schema that has keywords, and comes back to the run for the schemas in it.
type LowerKeywords = fn(&mut Lowering<'_, '_>, &Map<String, Value>, &Place) -> Result<Value, LowerError>;

/// A component that a reference met, and that is lowered when what refers to it is done.
pub(super) struct Waiting {
    pub(super) pointer: String,
    pub(super) direction: Direction,
}

/// One run of the lowering.
pub(super) struct Lowering<'document, 'report> {
    pub(super) root: &'document Value,
    pub(super) report: &'report mut Report,
    pub(super) components: Components,
    lower_keywords: LowerKeywords,
    /// Components that are in use and not lowered yet: one after the other, so that a long chain of them is not a deep recursion.
    pub(super) waiting: VecDeque<Waiting>,
    /// Whether what stands beside a `$ref` counts, as it does since 3.1.
    pub(super) siblings_count: bool,
    /// Schemas that are being lowered and make no component, to notice one that holds itself.
    in_progress: Vec<String>,
    /// References whose parts are being gathered, to notice one that is a part of itself.
    pub(super) gathering: Vec<String>,
    /// How deep the schema that is being lowered stands in others.
    depth: usize,
    /// In how many lists and maps it stands, up to the next type with a name.
    pub(super) nesting: usize,
    /// How many more schemas are visited.
    visits_left: usize,
}

impl<'document, 'report> Lowering<'document, 'report> {
    pub(super) fn new(
        root: &'document Value,
        report: &'report mut Report,
        siblings_count: bool,
        lower_keywords: LowerKeywords,
    ) -> Self {
        Self {
            root,
            report,
            components: Components::new(),
            lower_keywords,
            waiting: VecDeque::new(),
            siblings_count,
            in_progress: Vec::new(),
            gathering: Vec::new(),
            depth: 0,
            nesting: 0,
            visits_left: MAX_VISITS,
        }
    }

    /// Follows a reference, or says why it leads nowhere.
    pub(super) fn follow(&self, reference: &str, at: &str) -> Result<&'document Value, LowerError> {
        let error = |external| {
            let (pointer, reference) = (at.to_owned(), reference.to_owned());
            if external {
                LowerError::ExternalReference { pointer, reference }
            } else {
                LowerError::DanglingReference { pointer, reference }
            }
        };
        let target =
            pointer::of_local_reference(reference).ok_or_else(|| error(!reference.starts_with('#')))?;
        self.root.pointer(&target).ok_or_else(|| error(false))
    }

    /// What a reference stands for, or the value itself.
    pub(super) fn resolved<'value>(
        &self,
        mut value: &'value Value,
        at: &str,
    ) -> Result<&'value Value, LowerError>
    where
        'document: 'value,
    {
        for _ in 0..16 {
            let Some(reference) = value.get("$ref").and_then(Value::as_str) else { break };
            value = self.follow(reference, at)?;
        }
        Ok(value)
    }

    /// Counts a visit to a schema.
    pub(super) fn visit(&mut self, at: &str) -> Result<(), LowerError> {
        match self.visits_left.checked_sub(1) {
            Some(left) => {
                self.visits_left = left;
                Ok(())
            }
            None => Err(LowerError::TooLarge { pointer: at.to_owned() }),
        }
    }

    /// Lowers the components that references met, and those that they refer to.
    pub(super) fn lower_waiting(&mut self) -> Result<(), LowerError> {
        while let Some(Waiting { pointer, direction }) = self.waiting.pop_front() {
            let Some(target) = self.root.pointer(&pointer) else { continue };
            let own_name = pointer::last_token(&pointer);
            let lowered = self.schema(target, &Place::new(&*pointer, direction, own_name))?;
            let description = target.get("description").and_then(Value::as_str);
            self.components.declare(&pointer, direction, lowered, description);
        }
        Ok(())
    }

    /// Lowers a schema. An object, a union or an enum becomes a component.
    pub(super) fn schema(&mut self, schema: &Value, place: &Place) -> Result<Value, LowerError> {
        self.visit(&place.at)?;
        if self.depth >= MAX_DEPTH {
            self.report.note(&rules::CIRCLE, &place.at, format!("deeper than {MAX_DEPTH} schemas"));
            return Ok(json!({}));
        }
        let (rule, detail) = match schema {
            Value::Object(keywords) => {
                self.depth += 1;
                let lowered = (self.lower_keywords)(self, keywords, place);
                self.depth -= 1;
                return lowered;
            }
            Value::Bool(true) => return Ok(json!({})),
            Value::Bool(false) => (&rules::FALSE_SCHEMA, "`false`"),
            Value::Null => (&rules::EMPTY_SCHEMA, ""),
            _ => (&rules::EMPTY_SCHEMA, "this is not a schema"),
        };
        self.report.note(rule, &place.at, detail);
        Ok(json!({}))
    }

    /// Lowers what a list or a map holds. Types of lists in lists have no names, so the generator and the compiler walk down them all.
    pub(super) fn element(&mut self, schema: &Value, place: &Place) -> Result<Value, LowerError> {
        if self.nesting >= MAX_NESTING {
            self.report.note(&rules::CIRCLE, &place.at, format!("in {MAX_NESTING} lists or maps"));
            return Ok(json!({}));
        }
        self.nesting += 1;
        let lowered = self.schema(schema, place);
        self.nesting -= 1;
        lowered
    }

    /// Lowers what makes no component, unless that is being lowered already: then it holds itself, and any value goes.
    pub(super) fn unless_in_progress(
        &mut self,
        key: String,
        at: &str,
        detail: &str,
        lower: impl FnOnce(&mut Self) -> Result<Value, LowerError>,
    ) -> Result<Value, LowerError> {
        if self.in_progress.contains(&key) || self.in_progress.len() >= MAX_IN_PROGRESS {
            self.report.note(&rules::CIRCLE, at, detail);
            return Ok(json!({}));
        }
        self.in_progress.push(key);
        let lowered = lower(self);
        self.in_progress.pop();
        lowered
    }
}
