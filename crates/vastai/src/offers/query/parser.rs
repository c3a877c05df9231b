//! Reads a query.

use serde_json::Value;

use super::values::{Written, read, symbol};
use super::{Fields, QueryError, Term};
use crate::filter::{Condition, Operator};
use crate::offers::fields::{self, Field, Kind};

type Result<T> = std::result::Result<T, QueryError>;

pub(super) fn parse(query: &str, fields: Fields) -> Result<Vec<Term>> {
    let mut parser = Parser { query, fields, at: 0 };
    let mut terms: Vec<Term> = Vec::new();
    let mut seen: Vec<(&str, Option<Operator>)> = Vec::new();
    loop {
        parser.skip_space();
        if parser.rest().is_empty() {
            return Ok(terms);
        }
        let start = parser.at;
        let (term, field, operator) = parser.term()?;
        if seen.contains(&(field, operator)) {
            let how = operator.map_or("any value", symbol);
            return Err(parser.error(start, format!("`{field}` has a second condition with `{how}`")));
        }
        seen.push((field, operator));
        terms.push(term);
    }
}

/// A place in a query.
struct Parser<'query> {
    query: &'query str,
    fields: Fields,
    at: usize,
}

impl<'query> Parser<'query> {
    fn rest(&self) -> &'query str {
        &self.query[self.at..]
    }

    fn error(&self, at: usize, message: impl Into<String>) -> QueryError {
        QueryError::new(self.query, at, message)
    }

    fn skip_space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    /// Takes the characters that go on with this.
    fn take_while(&mut self, goes_on: impl Fn(char) -> bool) -> &'query str {
        let rest = self.rest();
        let taken = &rest[..rest.find(|letter| !goes_on(letter)).unwrap_or(rest.len())];
        self.at += taken.len();
        taken
    }

    /// One comparison with its field, and its operator unless it lets the field have any value.
    fn term(&mut self) -> Result<(Term, &'query str, Option<Operator>)> {
        let field = self.field()?;
        self.skip_space();
        let operator_at = self.at;
        let operator = self.operator(field)?;
        self.skip_space();
        let value_at = self.at;
        let written = self.written(operator, field)?;
        if matches!(&written[..], [(_, Written::Bare("any" | "*" | "?"))]) {
            if operator != Operator::Eq {
                return Err(self.error(operator_at, "any value goes with `=` alone"));
            }
            return Ok((Term::Any(field.name.to_owned()), field.name, None));
        }
        let mut values = Vec::new();
        for (at, written) in written {
            let value = read(field, operator, &written);
            values.push(value.map_err(|why| self.error(at, format!("`{}` takes {why}", field.name)))?);
        }
        let value = match operator.takes_list() {
            true if values.is_empty() => return Err(self.error(value_at, "the list is empty")),
            true => Value::Array(values),
            false => values.pop().unwrap_or_default(),
        };
        Ok((Term::Condition(Condition::new(field.name, operator, value)), field.name, Some(operator)))
    }

    fn field(&mut self) -> Result<Field<'query>> {
        let start = self.at;
        let name = self.take_while(is_of_word);
        if name.is_empty() {
            return Err(self.error(start, "the name of a field is expected here"));
        }
        match self.fields {
            Fields::OfOffers => fields::named(name).ok_or_else(|| self.error(start, fields::unknown(name))),
            Fields::Any => Ok(Field { name, kind: Kind::Any }),
        }
    }

    fn operator(&mut self, field: Field<'_>) -> Result<Operator> {
        const KNOWN: &str = "operators are =, !=, <, <=, >, >=, in, notin";
        let start = self.at;
        let symbol = self.take_while(|letter| "=<>!~".contains(letter));
        if !symbol.is_empty() {
            return match symbol {
                "=" | "==" => Ok(Operator::Eq),
                "!=" => Ok(Operator::Neq),
                "<" => Ok(Operator::Lt),
                "<=" => Ok(Operator::Lte),
                ">" => Ok(Operator::Gt),
                ">=" => Ok(Operator::Gte),
                _ => Err(self.error(start, format!("`{symbol}` is not an operator; {KNOWN}"))),
            };
        }
        let word = self.take_while(is_of_word);
        let operator = match word {
            "eq" => Operator::Eq,
            "neq" | "noteq" => Operator::Neq,
            "gt" => Operator::Gt,
            "gte" => Operator::Gte,
            "lt" => Operator::Lt,
            "lte" => Operator::Lte,
            "in" => Operator::In,
            "notin" | "nin" => Operator::NotIn,
            "not" => {
                self.skip_space();
                match self.take_while(is_of_word) {
                    "in" => Operator::NotIn,
                    "eq" => Operator::Neq,
                    _ => return Err(self.error(start, "`not` goes with `in` and `eq`")),
                }
            }
            "" => {
                return Err(
                    self.error(start, format!("an operator is missing after `{}`; {KNOWN}", field.name))
                );
            }
            word => return Err(self.error(start, format!("`{word}` is not an operator; {KNOWN}"))),
        };
        Ok(operator)
    }

    /// The values as they are written, each with its place: one, or several of a list.
    fn written(&mut self, operator: Operator, field: Field<'_>) -> Result<Vec<(usize, Written<'query>)>> {
        let start = self.at;
        let written = match self.rest().chars().next() {
            None => return Err(self.error(start, format!("a value for `{}` is missing", field.name))),
            Some('[') if operator.takes_list() => self.list()?,
            Some('[') => return Err(self.error(start, "a list goes with `in` and `notin`")),
            Some('"' | '\'') => vec![(start, self.quoted()?)],
            Some(_) => self.bare(operator, field)?,
        };
        // As in the official command line, a comma may stand between two comparisons.
        let comma = self.take_while(|letter| letter == ',');
        match self.rest().chars().next() {
            Some(letter) if comma.is_empty() && !letter.is_whitespace() => {
                Err(self.error(self.at, "a space is missing here"))
            }
            _ => Ok(written),
        }
    }

    /// A word, or for a list several with commas between them.
    fn bare(&mut self, operator: Operator, field: Field<'_>) -> Result<Vec<(usize, Written<'query>)>> {
        let start = self.at;
        let rest = self.rest();
        let word = &rest[..rest.find(char::is_whitespace).unwrap_or(rest.len())];
        let word = word.trim_end_matches(',');
        if let Some(at) = word.find(|letter| "=<>![]\"'".contains(letter)) {
            let message = "this cannot stand in a value without quotes; is a space missing before it?";
            return Err(self.error(start + at, message));
        }
        self.at += word.len();
        if word.is_empty() {
            return Err(self.error(start, format!("a value for `{}` is missing", field.name)));
        }
        if !operator.takes_list() {
            return Ok(vec![(start, Written::Bare(word))]);
        }
        let mut at = start;
        let mut items = Vec::new();
        for item in word.split(',') {
            if !item.is_empty() {
                items.push((at, Written::Bare(item)));
            }
            at += item.len() + 1;
        }
        Ok(items)
    }

    fn list(&mut self) -> Result<Vec<(usize, Written<'query>)>> {
        let start = self.at;
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.skip_space();
            let at = self.at;
            match self.rest().chars().next() {
                None => return Err(self.error(start, "this list has no end: `]` is missing")),
                Some(']') => {
                    self.at += 1;
                    return Ok(items);
                }
                Some(',') => self.at += 1,
                Some('"' | '\'') => {
                    items.push((at, self.quoted()?));
                    self.skip_space();
                    if !self.rest().is_empty() && !self.rest().starts_with([',', ']']) {
                        return Err(self.error(self.at, "a comma is missing here"));
                    }
                }
                Some(_) => {
                    let item = self.take_while(|letter| !",[]\"'".contains(letter)).trim_end();
                    if self.rest().starts_with(['[', '"', '\'']) {
                        return Err(self.error(self.at, "this cannot stand in a value without quotes"));
                    }
                    items.push((at, Written::Bare(item)));
                }
            }
        }
    }

    /// A text in quotes. In single ones a backslash takes what follows as it is.
    fn quoted(&mut self) -> Result<Written<'query>> {
        let start = self.at;
        let quote = self.rest().chars().next().unwrap_or_default();
        self.at += quote.len_utf8();
        let inside = self.rest();
        let mut text = String::new();
        let mut letters = inside.char_indices();
        while let Some((at, letter)) = letters.next() {
            match letter {
                letter if letter == quote => {
                    self.at += at + letter.len_utf8();
                    return Ok(if quote == '"' {
                        Written::DoubleQuoted(&inside[..at])
                    } else {
                        Written::SingleQuoted(text)
                    });
                }
                '\\' if quote == '\'' => match letters.next() {
                    Some((_, letter)) => text.push(letter),
                    None => break,
                },
                letter => text.push(letter),
            }
        }
        Err(self.error(start, "this quote is not closed"))
    }
}

fn is_of_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}
