//! YAML: the parser gives events with their places, and this gives the builder what they mean.

use std::borrow::Cow;
use std::collections::HashMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Tag};
use serde_json::Value;

use super::duplicates::DuplicateKeys;
use super::error::Place;
use super::scalar;
use super::tree::{Builder, Complete, Duplicates, Key, Refusal};

/// What a document may begin with.
pub(super) const BYTE_ORDER_MARK: char = '\u{feff}';

/// How many lists, mappings and commas of the flow style a document may have.
///
/// Where a flow collection could be a key, the parser keeps all its tokens, of a kilobyte for each comma at worst, until the collection
/// ends. Blocks with a lot of prose have a fifth of these marks, and large documents in the flow style are JSON.
const MAX_FLOW_MARKS: usize = 500_000;

/// The value of an input with one YAML document; `None` where it has none.
pub(super) fn read(
    text: &str,
    duplicates_are: Duplicates,
) -> Result<Option<(Value, DuplicateKeys)>, Refusal> {
    check_flow_marks(text)?;
    let marks = InnerMarks::of(text);
    let text: &str = &marks.hidden(text);
    let mut reading =
        Reading { builder: Builder::new(duplicates_are), anchors: HashMap::new(), open: Vec::new() };
    let mut documents = 0_usize;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            let at = place(*error.marker());
            // The parser's own limit, which it may reach while it looks ahead.
            match error.info() {
                "recursion limit exceeded" => Refusal::too_deep(at),
                reason => Refusal::new(at, reason),
            }
        })?;
        let at = place(span.start);
        match event {
            Event::DocumentStart(_) => {
                documents += 1;
                if documents > 1 {
                    return Err(Refusal::new(at, "the file holds more than one YAML document"));
                }
            }
            Event::Alias(anchor) => reading.alias(anchor, at)?,
            Event::Scalar(text, style, anchor, tag) => {
                reading.scalar(&marks.shown(&text), style, anchor, tag.as_deref(), at)?;
            }
            Event::SequenceStart(anchor, tag) => {
                check_tag(tag.as_deref(), "seq", at)?;
                reading.begin(anchor, at, Builder::begin_list)?;
            }
            Event::MappingStart(anchor, tag) => {
                check_tag(tag.as_deref(), "map", at)?;
                reading.begin(anchor, at, Builder::begin_mapping)?;
            }
            Event::SequenceEnd | Event::MappingEnd => reading.end()?,
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
    }
    Ok(reading.builder.finish())
}

struct Reading {
    builder: Builder,
    anchors: HashMap<usize, Anchored>,
    /// The anchors of the lists and mappings that are open, 0 where there is none, and where they begin.
    open: Vec<(usize, Place)>,
}

/// What an alias stands for.
struct Anchored {
    complete: Complete,
    /// How a scalar is written, for an alias that stands as a key.
    written: Option<String>,
}

impl Reading {
    fn begin(
        &mut self,
        anchor: usize,
        at: Place,
        begin: impl FnOnce(&mut Builder, Place) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        if self.builder.awaits_key() {
            return Err(not_a_key(at));
        }
        self.open.push((anchor, at));
        begin(&mut self.builder, at)
    }

    fn end(&mut self) -> Result<(), Refusal> {
        let (anchor, at) = self.open.pop().unwrap_or_default();
        let complete = self.builder.end();
        self.keep(anchor, &complete, None, at)?;
        self.builder.add(complete, at)
    }

    /// Keeps a copy of what has an anchor.
    fn keep(
        &mut self,
        anchor: usize,
        complete: &Complete,
        written: Option<&str>,
        at: Place,
    ) -> Result<(), Refusal> {
        if anchor != 0 {
            self.builder.spend(complete.size, at)?;
            let anchored = Anchored { complete: complete.clone(), written: written.map(str::to_owned) };
            self.anchors.insert(anchor, anchored);
        }
        Ok(())
    }

    fn alias(&mut self, anchor: usize, at: Place) -> Result<(), Refusal> {
        let Some(anchored) = self.anchors.get(&anchor) else {
            return Err(Refusal::new(at, "the alias stands inside of what it repeats"));
        };
        if self.builder.awaits_key() {
            let written = anchored.written.clone().ok_or_else(|| not_a_key(at))?;
            return self.builder.key(Key::Name(written), at);
        }
        self.builder.copy(&anchored.complete, at)
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        at: Place,
    ) -> Result<(), Refusal> {
        if self.builder.awaits_key() {
            let is_merge_key = text == "<<"
                && match tag {
                    None => style == ScalarStyle::Plain,
                    Some(tag) => scalar::core_name(tag) == Some("merge"),
                };
            if let Some(tag) = tag.filter(|_| !is_merge_key) {
                scalar::tagged(text, tag).map_err(|message| Refusal::new(at, message))?;
            }
            // A key is a string as it is written: `200:` is "200".
            let key = if is_merge_key { Key::Merge } else { Key::Name(text.to_owned()) };
            self.keep(anchor, &Complete::scalar(Value::from(text)), Some(text), at)?;
            return self.builder.key(key, at);
        }
        let value = scalar::value(text, style, tag).map_err(|message| Refusal::new(at, message))?;
        self.keep(anchor, &Complete::scalar(value.clone()), Some(text), at)?;
        self.builder.scalar(value, at)
    }
}

fn not_a_key(at: Place) -> Refusal {
    Refusal::new(at, "a list or a mapping cannot be a key: JSON's keys are strings")
}

/// Refuses a tag that makes of a list or a mapping something that JSON does not have.
fn check_tag(tag: Option<&Tag>, plain: &str, at: Place) -> Result<(), Refusal> {
    match tag {
        Some(tag) if scalar::core_name(tag) != Some(plain) && !scalar::is_non_specific(tag) => {
            Err(Refusal::new(at, scalar::unknown_tag(tag)))
        }
        _ => Ok(()),
    }
}

fn place(marker: Marker) -> Place {
    Place { line: marker.line(), column: marker.col() + 1 }
}

/// The character U+FEFF inside of a string, where it is a byte order mark no more.
///
/// The standard, and so the parser, knows it in quotes alone. Published prose has it anywhere, and other readers take it as any other
/// character. So another one stands for it while the text is parsed: one that Unicode will never use, and the text does not.
struct InnerMarks {
    stand_in: Option<char>,
}

impl InnerMarks {
    fn of(text: &str) -> Self {
        let is_needed = text.contains(BYTE_ORDER_MARK);
        let stand_in = ('\u{fdd0}'..='\u{fdef}').find(|stand_in| is_needed && !text.contains(*stand_in));
        Self { stand_in }
    }

    fn hidden<'text>(&self, text: &'text str) -> Cow<'text, str> {
        replaced(text, BYTE_ORDER_MARK, self.stand_in)
    }

    fn shown<'text>(&self, text: &'text str) -> Cow<'text, str> {
        match self.stand_in {
            Some(stand_in) => replaced(text, stand_in, Some(BYTE_ORDER_MARK)),
            None => Cow::Borrowed(text),
        }
    }
}

fn replaced(text: &str, old: char, new: Option<char>) -> Cow<'_, str> {
    match new {
        Some(new) if text.contains(old) => Cow::Owned(text.replace(old, new.encode_utf8(&mut [0; 4]))),
        _ => Cow::Borrowed(text),
    }
}

fn check_flow_marks(text: &str) -> Result<(), Refusal> {
    let mut marks = text.bytes().enumerate().filter(|(_, byte)| matches!(byte, b',' | b'[' | b'{'));
    let Some((at, _)) = marks.nth(MAX_FLOW_MARKS) else { return Ok(()) };
    Err(Refusal::new(
        Place::behind(&text[..at]),
        format!(
            "more than {MAX_FLOW_MARKS} commas and brackets in one YAML document; large documents are read as JSON"
        ),
    ))
}
