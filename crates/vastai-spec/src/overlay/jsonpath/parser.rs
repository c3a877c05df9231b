//! The text of a query.

use std::str::FromStr;

use serde_json::Value;

use super::filter::{Comparison, Condition, Operand};
use super::{JsonPath, Segment, Selector};

/// How deep conditions may be nested.
const DEPTH: usize = 64;
/// The largest integer of a query: those that every reader of JSON knows exactly.
const LARGEST: i64 = (1 << 53) - 1;

/// Why a text is not a JSONPath.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at character {at}: {reason}")]
pub(crate) struct ParseError {
    at: usize,
    reason: String,
}

impl FromStr for JsonPath {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let mut parser = Parser { text, at: 0, depth: 0 };
        parser.expect("$")?;
        let segments = parser.segments()?;
        if parser.at < text.len() {
            return Err(parser.error("a segment or the end is expected"));
        }
        Ok(Self { from_root: true, segments })
    }
}

struct Parser<'text> {
    text: &'text str,
    at: usize,
    depth: usize,
}

/// What stands in a condition by itself, or is compared.
enum Term {
    Query(JsonPath),
    Operand(Operand),
}

impl Parser<'_> {
    fn error(&self, reason: impl Into<String>) -> ParseError {
        ParseError { at: self.text[..self.at].chars().count() + 1, reason: reason.into() }
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Takes the next character, if it is such a one.
    fn take_if(&mut self, is_one: impl Fn(char) -> bool) -> Option<char> {
        let next = self.peek().filter(|next| is_one(*next))?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn take(&mut self, word: &str) -> bool {
        let is_there = self.rest().starts_with(word);
        if is_there {
            self.at += word.len();
        }
        is_there
    }

    fn expect(&mut self, word: &str) -> Result<(), ParseError> {
        if self.take(word) { Ok(()) } else { Err(self.error(format!("`{word}` is expected"))) }
    }

    fn blank(&mut self) {
        while self.take_if(|next| matches!(next, ' ' | '\t' | '\n' | '\r')).is_some() {}
    }

    fn segments(&mut self) -> Result<Vec<Segment>, ParseError> {
        let mut segments = Vec::new();
        loop {
            let before = self.at;
            self.blank();
            let (descends, selectors) = if self.take("..") {
                (true, if self.take("[") { self.selectors()? } else { vec![self.shorthand()?] })
            } else if self.take(".") {
                (false, vec![self.shorthand()?])
            } else if self.take("[") {
                (false, self.selectors()?)
            } else {
                self.at = before;
                return Ok(segments);
            };
            segments.push(Segment { descends, selectors });
        }
    }

    /// What stands behind a point.
    fn shorthand(&mut self) -> Result<Selector, ParseError> {
        if self.take("*") {
            return Ok(Selector::Any);
        }
        let is_first = |next: char| next.is_ascii_alphabetic() || next == '_' || !next.is_ascii();
        let from = self.at;
        if self.take_if(is_first).is_none() {
            return Err(self.error("a name or `*` is expected"));
        }
        while self.take_if(|next| is_first(next) || next.is_ascii_digit()).is_some() {}
        Ok(Selector::Name(self.text[from..self.at].to_owned()))
    }

    /// What stands in brackets, and the one that closes.
    fn selectors(&mut self) -> Result<Vec<Selector>, ParseError> {
        let mut selectors = Vec::new();
        loop {
            self.blank();
            selectors.push(self.selector()?);
            self.blank();
            if self.take("]") {
                return Ok(selectors);
            }
            if !self.take(",") {
                return Err(self.error("`,` or `]` is expected"));
            }
        }
    }

    fn selector(&mut self) -> Result<Selector, ParseError> {
        if self.take("*") {
            return Ok(Selector::Any);
        }
        if self.take("?") {
            self.blank();
            return Ok(Selector::Filter(self.any()?));
        }
        if let Some(name) = self.string()? {
            return Ok(Selector::Name(name));
        }
        let start = self.integer()?;
        let before = self.at;
        self.blank();
        if !self.take(":") {
            self.at = before;
            return start.map(Selector::Index).ok_or_else(|| self.error("a selector is expected"));
        }
        self.blank();
        let end = self.integer()?;
        let before = self.at;
        self.blank();
        let step = if self.take(":") {
            self.blank();
            self.integer()?
        } else {
            self.at = before;
            None
        };
        Ok(Selector::Slice { start, end, step: step.unwrap_or(1) })
    }

    /// An integer; `None` where there is none.
    fn integer(&mut self) -> Result<Option<i64>, ParseError> {
        let from = self.at;
        let is_negative = self.take("-");
        let digits = self.at;
        while self.take_if(|next| next.is_ascii_digit()).is_some() {}
        let digits = &self.text[digits..self.at];
        if digits.is_empty() && !is_negative {
            return Ok(None);
        }
        let is_written_well =
            !digits.is_empty() && (!digits.starts_with('0') || (digits == "0" && !is_negative));
        let integer = self.text[from..self.at]
            .parse::<i64>()
            .ok()
            .filter(|integer| is_written_well && (-LARGEST..=LARGEST).contains(integer));
        integer.map(Some).ok_or_else(|| self.error("this is no integer of a query"))
    }

    /// A string in quotes; `None` where there is none.
    fn string(&mut self) -> Result<Option<String>, ParseError> {
        let Some(quote) = self.take_if(|next| matches!(next, '\'' | '"')) else { return Ok(None) };
        let mut string = String::new();
        loop {
            let Some(next) = self.take_if(|next| next >= ' ') else {
                return Err(self.error("the string does not end here"));
            };
            match next {
                _ if next == quote => return Ok(Some(string)),
                '\\' => string.push(self.escaped(quote)?),
                _ => string.push(next),
            }
        }
    }

    /// What stands behind a backslash.
    fn escaped(&mut self, quote: char) -> Result<char, ParseError> {
        let known =
            |next: char| matches!(next, 'b' | 'f' | 'n' | 'r' | 't' | '/' | '\\' | 'u') || next == quote;
        match self.take_if(known) {
            Some('b') => Ok('\u{8}'),
            Some('f') => Ok('\u{c}'),
            Some('n') => Ok('\n'),
            Some('r') => Ok('\r'),
            Some('t') => Ok('\t'),
            Some('u') => {
                let high = self.four_digits()?;
                let is_high = (0xD800..0xDC00).contains(&high);
                let low = if is_high && self.take("\\u") { self.four_digits()? } else { 0 };
                let code = match is_high {
                    true if (0xDC00..0xE000).contains(&low) => {
                        0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00)
                    }
                    _ => high,
                };
                char::from_u32(code).ok_or_else(|| self.error("half a character"))
            }
            Some(other) => Ok(other),
            None => Err(self.error("this is not escaped in a query")),
        }
    }

    fn four_digits(&mut self) -> Result<u32, ParseError> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = self.take_if(|next| next.is_ascii_hexdigit()).and_then(|digit| digit.to_digit(16));
            code = code * 16 + digit.ok_or_else(|| self.error("four hexadecimal digits are expected"))?;
        }
        Ok(code)
    }

    /// Conditions with `||` between them.
    fn any(&mut self) -> Result<Condition, ParseError> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(self.error("conditions are nested too deeply"));
        }
        let any =
            self.joined("||", |parser| parser.joined("&&", Self::condition, Condition::All), Condition::Any);
        self.depth -= 1;
        any
    }

    fn joined(
        &mut self,
        word: &str,
        part: fn(&mut Self) -> Result<Condition, ParseError>,
        join: fn(Vec<Condition>) -> Condition,
    ) -> Result<Condition, ParseError> {
        let first = part(self)?;
        let mut parts = vec![first];
        loop {
            let before = self.at;
            self.blank();
            if !self.take(word) {
                self.at = before;
                return Ok(if parts.len() == 1 { parts.remove(0) } else { join(parts) });
            }
            self.blank();
            parts.push(part(self)?);
        }
    }

    fn condition(&mut self) -> Result<Condition, ParseError> {
        if self.take("!") {
            self.blank();
            let negated = if self.take("(") { self.parenthesised()? } else { self.exists()? };
            return Ok(Condition::Not(Box::new(negated)));
        }
        if self.take("(") {
            return self.parenthesised();
        }
        let from = self.at;
        let one = self.term()?;
        let before = self.at;
        self.blank();
        let Some(comparison) = self.comparison() else {
            self.at = before;
            return match one {
                Term::Query(query) => Ok(Condition::Exists(query)),
                Term::Operand(_) => Err(self.error("a comparison is expected")),
            };
        };
        let one = self.operand(one, from)?;
        self.blank();
        let from = self.at;
        let other = self.term()?;
        let other = self.operand(other, from)?;
        Ok(Condition::Compares(one, comparison, other))
    }

    fn parenthesised(&mut self) -> Result<Condition, ParseError> {
        self.blank();
        let condition = self.any()?;
        self.blank();
        self.expect(")")?;
        Ok(condition)
    }

    fn exists(&mut self) -> Result<Condition, ParseError> {
        match self.term()? {
            Term::Query(query) => Ok(Condition::Exists(query)),
            Term::Operand(_) => Err(self.error("a query is expected")),
        }
    }

    fn comparison(&mut self) -> Option<Comparison> {
        let comparisons = [
            ("==", Comparison::Equal),
            ("!=", Comparison::NotEqual),
            ("<=", Comparison::LessOrEqual),
            (">=", Comparison::GreaterOrEqual),
            ("<", Comparison::Less),
            (">", Comparison::Greater),
        ];
        comparisons.into_iter().find(|(word, _)| self.take(word)).map(|(_, comparison)| comparison)
    }

    /// A term that is compared, which began there.
    fn operand(&self, term: Term, from: usize) -> Result<Operand, ParseError> {
        match term {
            Term::Operand(operand) => Ok(operand),
            Term::Query(query) if query.is_singular() => Ok(Operand::Single(query)),
            Term::Query(_) => {
                let reason = format!("`{}` may find several values", &self.text[from..self.at]);
                Err(self.error(reason))
            }
        }
    }

    fn term(&mut self) -> Result<Term, ParseError> {
        if let Some(start) = self.take_if(|next| matches!(next, '$' | '@')) {
            let segments = self.segments()?;
            return Ok(Term::Query(JsonPath { from_root: start == '$', segments }));
        }
        if let Some(string) = self.string()? {
            return Ok(Term::Operand(Operand::Literal(Value::String(string))));
        }
        if self.peek().is_some_and(|next| next.is_ascii_digit() || next == '-') {
            return self.number().map(|number| Term::Operand(Operand::Literal(number)));
        }
        let from = self.at;
        while self.take_if(|next| next.is_ascii_lowercase() || next.is_ascii_digit() || next == '_').is_some()
        {
        }
        let word = self.text[from..self.at].to_owned();
        if self.take("(") {
            return self.function(&word).map(Term::Operand);
        }
        let literal = match word.as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" => Value::Null,
            _ => return Err(self.error("a query, a function or a literal is expected")),
        };
        Ok(Term::Operand(Operand::Literal(literal)))
    }

    fn number(&mut self) -> Result<Value, ParseError> {
        let from = self.at;
        while self
            .take_if(|next| next.is_ascii_digit() || matches!(next, '-' | '+' | '.' | 'e' | 'E'))
            .is_some()
        {}
        // The numbers of a query are those of JSON.
        let number = serde_json::from_str::<serde_json::Number>(&self.text[from..self.at]);
        number.map(Value::Number).map_err(|_| self.error("this is no number"))
    }

    fn function(&mut self, name: &str) -> Result<Operand, ParseError> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(self.error("functions are nested too deeply"));
        }
        self.blank();
        let from = self.at;
        let argument = self.term()?;
        let function = match (name, argument) {
            ("length", argument) => Operand::Length(Box::new(self.operand(argument, from)?)),
            ("count", Term::Query(query)) => Operand::Count(query),
            ("value", Term::Query(query)) => Operand::Value(query),
            ("count" | "value", Term::Operand(_)) => {
                return Err(self.error(format!("`{name}` takes a query")));
            }
            ("match" | "search", _) => {
                return Err(self.error(format!("`{name}`: regular expressions are not read")));
            }
            _ => return Err(self.error(format!("there is no function `{name}`"))),
        };
        self.blank();
        self.expect(")")?;
        self.depth -= 1;
        Ok(function)
    }
}
