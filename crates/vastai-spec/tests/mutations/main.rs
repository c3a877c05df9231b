//! Mutated documents through the pipeline: each gives a client or an error, in bounded time and memory.
//!
//! A binary of its own, so that the peak memory of its process is the pipeline's. `VASTAI_MUTATIONS` sets how many documents are made
//! (40 unless set); the published documents are used where they lie beside the checkout, else the vendored one.

#![cfg(feature = "generate")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that fails panics, and says what it did"
)]

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vastai_spec::generate::GenerateError;
use vastai_spec::pipeline::{Source, Staleness, prepare};

/// What a document may take, on a machine that does other things too.
const PATIENCE: Duration = Duration::from_secs(30);

/// A small random number generator with a seed: a failure can be repeated.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound.max(1) as u64).unwrap()
    }

    fn one_of<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

const KEYWORDS: [&str; 40] = [
    "type",
    "enum",
    "const",
    "properties",
    "required",
    "items",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "$ref",
    "nullable",
    "format",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "minLength",
    "maxLength",
    "pattern",
    "default",
    "example",
    "examples",
    "additionalProperties",
    "patternProperties",
    "prefixItems",
    "if",
    "$defs",
    "title",
    "description",
    "schema",
    "content",
    "parameters",
    "responses",
    "requestBody",
    "servers",
    "security",
    "operationId",
    "summary",
    "in",
    "name",
];

fn any_value(random: &mut Random, depth: usize) -> Value {
    match random.below(if depth > 3 { 9 } else { 12 }) {
        0 => Value::Null,
        1 => json!(random.below(2) == 0),
        2 => json!(random.next() as i64),
        3 => json!(f64::from(u32::try_from(random.next() >> 40).unwrap()) / 7.0),
        4 => json!(""),
        5 => json!(*random.one_of(&[
            "string",
            "integer",
            "number",
            "object",
            "array",
            "boolean",
            "null",
            "any",
            "file",
            "date-time"
        ])),
        6 => json!(*random.one_of(&[
            "#/components/schemas/Error",
            "#/components/schemas/Gone",
            "#",
            "other.yaml#/a",
            "#/paths",
            "#/a%zz"
        ])),
        7 => json!(*random.one_of(&[
            "日本語",
            "fn",
            "self",
            "Self",
            "crate",
            "a-b",
            "a_b",
            "1st",
            "+1",
            "-1",
            "{id}",
            "\u{0}\n\"",
            "r#type",
            "x"
        ])),
        8 => json!(*random.one_of(KEYWORDS.as_slice())),
        9 => Value::Array((0..random.below(4)).map(|_| any_value(random, depth + 1)).collect()),
        _ => Value::Object(
            (0..random.below(4))
                .map(|_| (random.one_of(KEYWORDS.as_slice()).to_string(), any_value(random, depth + 1)))
                .collect(),
        ),
    }
}

fn pointers(value: &Value, at: String, found: &mut Vec<String>) {
    found.push(at.clone());
    match value {
        Value::Object(members) => {
            members
                .iter()
                .for_each(|(key, member)| pointers(member, vastai_spec::pointer::child(&at, key), found));
        }
        Value::Array(elements) => {
            elements
                .iter()
                .enumerate()
                .for_each(|(index, element)| pointers(element, format!("{at}/{index}"), found));
        }
        _ => {}
    }
}

/// Changes a document in one place.
fn mutate(document: &mut Value, places: &[String], random: &mut Random) {
    let place = random.one_of(places).clone();
    let other = document.pointer(random.one_of::<String>(places)).cloned().unwrap_or_default();
    let fresh = any_value(random, 0);
    let keyword = random.one_of(KEYWORDS.as_slice()).to_string();
    let choice = random.below(7);
    let Some(target) = document.pointer_mut(&place) else { return };
    match (choice, target) {
        (0, target) => *target = fresh,
        (1, target) => *target = other,
        (2, Value::Object(members)) => drop(members.insert(keyword, fresh)),
        (3, Value::Object(members)) => drop(members.insert(keyword, other)),
        (4, Value::Object(members)) => {
            let first = members.keys().nth(random.below(members.len())).cloned();
            first.and_then(|key| members.remove(&key)).map(|member| members.insert(keyword, member));
        }
        (5, Value::Object(members)) => {
            let first = members.keys().nth(random.below(members.len())).cloned();
            first.map(|key| members.remove(&key));
        }
        (6, Value::Array(elements)) => elements.push(other),
        (_, target) => *target = fresh,
    }
}

/// Changes text where no value could be changed: a line twice, a number beyond all bounds, nesting without end.
fn mutate_text(text: &mut String, random: &mut Random) {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let place = random.below(lines.len());
    let line = lines[place].clone();
    let indent = " ".repeat(line.len() - line.trim_start().len());
    let key = line.trim_start().split(':').next().unwrap_or_default().to_owned();
    match random.below(6) {
        0 => lines.insert(place, line),
        1 => lines.insert(place, format!("{indent}{key}: 1")),
        2 => lines[place] = format!("{indent}{key}: -{}", "9".repeat(random.below(400))),
        3 => {
            lines[place] = format!(
                "{indent}{key}: {}",
                random.one_of(&[
                    ".inf",
                    ".nan",
                    "0x1p3",
                    "1e400",
                    "0123",
                    "<<",
                    "*a",
                    "&a",
                    "!x",
                    "\"\\ud800\""
                ])
            )
        }
        4 => {
            lines[place] = format!(
                "{indent}{key}: {}1",
                random.one_of(&["[", "{a: ", "- ", "? ", "{\"a\":"]).repeat(random.below(1_000))
            )
        }
        _ => lines[place] = line.chars().take(random.below(line.len() + 1)).collect(),
    }
    *text = lines.join("\n");
}

fn documents() -> Vec<String> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let published = repository.join("../shared/upstream");
    let mut documents = vec![std::fs::read_to_string(repository.join("openapi.yaml")).unwrap()];
    for name in ["2025-10-10.yaml", "2026-04-10.yaml", "2026-07-22.yaml"] {
        match std::fs::read_to_string(published.join(name)) {
            Ok(text) => documents.push(text),
            Err(_) => eprintln!("skipped: {name} is not beside the checkout"),
        }
    }
    documents
}

/// A document with a handful of the operations of another, so that many can be tried.
fn excerpt(document: &Value, random: &mut Random) -> Value {
    let mut excerpt = document.clone();
    let paths = excerpt["paths"].as_object_mut().unwrap();
    let kept: Vec<String> =
        (0..4).map(|_| paths.keys().nth(random.below(paths.len())).unwrap().clone()).collect();
    paths.retain(|path, _| kept.contains(path));
    excerpt
}

#[test]
fn no_mutation_makes_the_pipeline_panic() {
    let count: usize = std::env::var("VASTAI_MUTATIONS").ok().map_or(40, |count| count.parse().unwrap());
    let documents: Vec<Value> =
        documents().iter().map(|text| vastai_spec::load::openapi(text, "document").unwrap()).collect();
    let mut random = Random(0x5EED_5EED_5EED_5EED);
    let (mut clients, mut refused, mut panicked) = (0, 0, Vec::new());
    let mut slowest = Duration::ZERO;
    for number in 0..count {
        let whole = random.one_of(&documents).clone();
        let mut document = excerpt(&whole, &mut random);
        let mut places = Vec::new();
        // Most of a document is operations; every fourth time, all the rest of it counts too.
        match number % 4 {
            0 => pointers(&document, String::new(), &mut places),
            _ => pointers(&document["paths"], "/paths".to_owned(), &mut places),
        }
        for _ in 0..=random.below(4) {
            mutate(&mut document, &places, &mut random);
        }
        let text = document.to_string();
        let started = Instant::now();
        match prepare(Source::new("mutated", &text), None, Staleness::Warn) {
            Err(_) => refused += 1,
            Ok(prepared) => match prepared.generate() {
                Ok(_) => clients += 1,
                Err(GenerateError::Panicked(message)) => panicked.push(format!("{number}: {message}")),
                Err(error) => panicked.push(format!("{number}: {error}")),
            },
        }
        slowest = slowest.max(started.elapsed());
    }
    eprintln!("{count} mutations: {clients} clients, {refused} refused; the slowest took {slowest:?}");
    assert!(
        panicked.is_empty(),
        "{} of {count}:\n{}",
        panicked.len(),
        panicked[..panicked.len().min(40)].join("\n")
    );
    assert!(slowest < PATIENCE, "a document took {slowest:?}");
    assert!(clients > refused, "most mutations leave a document that makes a client");
    #[cfg(target_os = "linux")]
    assert!(peak_memory_kb() < 200 * 1024, "the peak is {} KB", peak_memory_kb());
}

#[test]
fn no_mutated_text_makes_the_loader_panic() {
    let documents = documents();
    let mut random = Random(0xD0C5_D0C5_D0C5_D0C5);
    let (mut read, mut with_duplicates) = (0, 0);
    for _ in 0..400 {
        // A piece of a document is as good as the whole, and sooner read.
        let lines: Vec<&str> = random.one_of(&documents).lines().collect();
        let start = random.below(lines.len());
        let indent = |line: &str| line.len() - line.trim_start().len();
        let is_inside = |line: &&&str| indent(line) >= indent(lines[start]);
        let piece: Vec<&str> = lines[start..].iter().take(60).take_while(is_inside).copied().collect();
        let mut text = format!("openapi: 3.1.0\npaths: {{}}\nx-piece:\n{}\n", piece.join("\n"));
        for _ in 0..=random.below(3) {
            mutate_text(&mut text, &mut random);
        }
        match vastai_spec::load::published(&text, "mutated") {
            Ok(published) => {
                read += 1;
                with_duplicates += usize::from(!published.duplicates.is_empty());
            }
            Err(error) => {
                let message = error.to_string();
                assert!(message.starts_with("mutated") && message.len() < 1_000, "{message}");
            }
        }
    }
    eprintln!("400 mutated documents: {read} read, {with_duplicates} of them with duplicate keys");
    assert!(read > 20 && with_duplicates > 5, "{read} were read, {with_duplicates} with duplicate keys");
}

/// The peak memory of this process.
#[cfg(target_os = "linux")]
fn peak_memory_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
