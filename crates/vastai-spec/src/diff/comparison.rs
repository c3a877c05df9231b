//! What a comparison knows while it is under way, and how a finding becomes a [`Change`].

use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use serde_json::Value;

use super::flat::{All, Key};
use super::model::{Change, Level, Location, Side};
use super::rules::{Direction, Rule};
use super::site::{Site, Trail};
use super::source::Source;

/// How many pairs of schemas are compared. Two published documents have some five thousand.
const MAX_STEPS: usize = 250_000;
/// How many of them are compared to answer questions.
const MAX_QUESTION_STEPS: usize = 60_000;
/// How many pairs of schemas are looked at for values that fit both.
const MAX_OVERLAP_STEPS: usize = 100_000;
/// How long a value of a finding may be, in bytes of its JSON.
const MAX_SHOWN: usize = 600;

/// Why two documents could not be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DiffError {
    /// Schemas that combine each other without end.
    #[error("{pointer}: the schemas combine to more than can be compared; does an allOf repeat itself?")]
    TooLarge {
        /// The operation in which it was noticed.
        pointer: String,
    },
}

/// There is no end of it.
#[derive(Debug)]
pub(super) struct TooLarge;

/// What is asked about two schemas on the way, where only the answer counts and not the findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Question {
    /// Whether they say the same.
    Same,
    /// Whether one takes every value of the other, and knows all properties that it has.
    Covered,
    /// Whether one takes every value of the other, with properties of any name.
    Narrower,
}

/// A finding that does not know its operation yet.
#[derive(Debug)]
pub(super) struct Found<'d> {
    pub(super) rule: &'static Rule,
    pub(super) level: Level,
    side: Side,
    at: Trail<'d>,
    old: Option<Site<'d>>,
    new: Option<Site<'d>>,
    message: String,
}

/// Schemas of which a change is looked for, and those already looked at.
#[derive(Debug, Default)]
pub(super) struct Walk<'d> {
    pub(super) visited: HashSet<(Key, Key, bool)>,
    pub(super) pending: Vec<Pair<'d>>,
}

/// A schema of the old document and its counterpart in the new one.
#[derive(Debug)]
pub(super) struct Pair<'d> {
    pub(super) old: All<'d>,
    pub(super) new: All<'d>,
    pub(super) at: Trail<'d>,
    /// Below a `not`, where narrowing is widening.
    pub(super) negated: bool,
    /// What is particular about the place.
    pub(super) role: Role,
    /// Properties that other alternatives name, of which a value may fit several.
    pub(super) elsewhere: Rc<BTreeSet<&'d str>>,
}

/// What is particular about the place of a schema.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Role {
    #[default]
    Value,
    /// The body of a form, in which one value is written as a list of one is.
    Form,
    /// The element of a list that was a single value: its default is that of the list.
    Element,
}

/// A question about two schemas: whether it stands below a `not` is the last part.
pub(super) type QuestionKey = (Question, Key, Key, Direction, bool);

/// Two documents and what has been found of the operation at hand.
#[derive(Debug)]
pub(super) struct Comparison<'d> {
    pub(super) old: Source<'d>,
    pub(super) new: Source<'d>,
    found: Vec<Found<'d>>,
    reported: HashSet<(&'static str, Side, usize, usize, String)>,
    steps_left: usize,
    question_steps_left: usize,
    /// The questions that are being asked, one in the other.
    trials: Vec<Question>,
    /// How many pairs of schemas are looked at, in all, for values that fit both.
    pub(super) overlap_steps_left: usize,
    /// Whether an operation of both documents has the document's servers, and whether one has its security.
    pub(super) inherits_servers: bool,
    pub(super) inherits_security: bool,
    pub(super) reported_prose: HashSet<(usize, usize)>,
    /// What the operation's requests and responses have been compared of.
    pub(super) walks: HashMap<Direction, Walk<'d>>,
    /// Answers to questions about two schemas.
    pub(super) answers: HashMap<QuestionKey, bool>,
    /// Questions that are being asked; a question that comes again within itself is answered with yes.
    pub(super) assumed: Vec<QuestionKey>,
    /// Questions answered with yes as long as those that are being asked are, in the order of their answers.
    pub(super) provisional: Vec<QuestionKey>,
}

impl<'d> Comparison<'d> {
    pub(super) fn new(old: &'d Value, new: &'d Value) -> Self {
        Self {
            old: Source::new(old),
            new: Source::new(new),
            found: Vec::new(),
            reported: HashSet::new(),
            steps_left: MAX_STEPS,
            question_steps_left: MAX_QUESTION_STEPS,
            trials: Vec::new(),
            overlap_steps_left: MAX_OVERLAP_STEPS,
            inherits_servers: false,
            inherits_security: false,
            reported_prose: HashSet::new(),
            walks: HashMap::new(),
            answers: HashMap::new(),
            assumed: Vec::new(),
            provisional: Vec::new(),
        }
    }

    #[allow(
        clippy::too_many_arguments,
        reason = "they are the parts of a finding, and every rule has them all"
    )]
    pub(super) fn report(
        &mut self,
        rule: &'static Rule,
        direction: Direction,
        side: Side,
        at: Trail<'d>,
        old: Option<Site<'d>>,
        new: Option<Site<'d>>,
        message: impl Into<String>,
    ) {
        let level = rule.level(direction);
        if self.is_trial() && !self.asks(Question::Same) && level != Level::Breaking {
            return;
        }
        let identity = |site: &Option<Site<'d>>| site.as_ref().map_or(0, Site::identity);
        let message = message.into();
        // One place may be reached by several ways, such as a schema that many alternatives inherit from.
        let statement = (rule.id, side, identity(&old), identity(&new), message.clone());
        if !self.is_trial() && !self.reported.insert(statement) {
            return;
        }
        self.found.push(Found { rule, level, side, at, old, new, message });
    }

    pub(super) fn spend(&mut self, steps: usize) -> Result<(), TooLarge> {
        let left = if self.is_trial() { &mut self.question_steps_left } else { &mut self.steps_left };
        *left = left.checked_sub(steps).ok_or(TooLarge)?;
        Ok(())
    }

    /// Goes on to the next operation, with what was found of the last one.
    pub(super) fn take_found(&mut self) -> Vec<Found<'d>> {
        self.reported.clear();
        self.walks.clear();
        std::mem::take(&mut self.found)
    }

    /// Whether something was found that is not prose.
    pub(super) fn has_found(&self) -> bool {
        !self.found.is_empty()
    }

    /// Whether only a question is asked; then prose is not looked at, and the first finding answers it.
    pub(super) fn is_trial(&self) -> bool {
        !self.trials.is_empty()
    }

    /// Whether that is the question that is asked.
    pub(super) fn asks(&self, question: Question) -> bool {
        self.trials.last() == Some(&question)
    }

    /// Does something of whose findings only counts whether there are any.
    pub(super) fn trial(
        &mut self,
        question: Question,
        attempt: impl FnOnce(&mut Self) -> Result<(), TooLarge>,
    ) -> Result<bool, TooLarge> {
        let kept = std::mem::take(&mut self.found);
        self.trials.push(question);
        let outcome = attempt(self);
        self.trials.pop();
        let holds = !self.has_found();
        self.found = kept;
        outcome.map(|()| holds)
    }
}

impl Found<'_> {
    pub(super) fn into_change(self, operation: &str, tag: Option<&str>) -> Change {
        let location = |site: &Option<Site<'_>>| {
            site.as_ref().map(|site| Location { pointer: site.place.pointer(), line: None })
        };
        let shown = |site: &Option<Site<'_>>| site.as_ref().map(|site| shown(site.value));
        Change {
            id: self.rule.id,
            level: self.level,
            side: self.side,
            operation: operation.to_owned(),
            tag: tag.map(str::to_owned),
            pointer: self.at.pointer(),
            message: self.message,
            old: location(&self.old),
            new: location(&self.new),
            before: shown(&self.old),
            after: shown(&self.new),
        }
    }
}

/// A value as a report shows it: whole if it is short, else the beginning of its text or of its JSON.
fn shown(value: &Value) -> Value {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Object(_) | Value::Array(_) => value.to_string(),
        _ => return value.clone(),
    };
    if text.len() <= MAX_SHOWN {
        return value.clone();
    }
    let end = (0..=MAX_SHOWN).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    Value::String(format!("{}…", &text[..end]))
}

/// A value in a sentence.
pub(super) fn quoted(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
