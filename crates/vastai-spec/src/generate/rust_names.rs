//! Names on the wire that would be one in Rust, or one that the generated code needs.
//!
//! The generator makes the Rust name out of the wire's, so it is given a placeholder that becomes the right Rust name, and the code
//! that comes back says the wire's name again. A placeholder ends in characters that no document has and no identifier keeps.

use std::collections::BTreeMap;

use proc_macro2::{Literal, TokenTree};
use serde_json::{Map, Value};

use crate::lower::{RUST_NAME, RUST_NAMES};

/// The first of the private characters that make a placeholder.
const FIRST: u32 = 0xE000;
/// How many of them there are.
const COUNT: usize = 6_000;

/// The names on the wire, and what stands for them.
#[derive(Debug, Default)]
pub(super) struct Placeholders {
    /// By the private characters in which a placeholder ends: what stands before them, and the name that it stands for.
    by_ending: BTreeMap<String, (String, String)>,
}

impl Placeholders {
    /// Puts placeholders into a lowered document.
    pub(super) fn insert_into(document: &mut Value) -> Self {
        let mut placeholders = Self::default();
        if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
            schemas.values_mut().for_each(|schema| placeholders.in_schema(schema));
        }
        if let Some(paths) = document["paths"].as_object_mut() {
            placeholders.in_paths(paths);
        }
        placeholders
    }

    fn in_schema(&mut self, schema: &mut Value) {
        let Some(Value::Object(names)) = schema.as_object_mut().and_then(|schema| schema.remove(RUST_NAMES))
        else {
            return;
        };
        for (wire, rust) in names {
            let placeholder = self.for_name(&wire, rust.as_str().unwrap_or_default());
            if let Some(properties) = schema["properties"].as_object_mut()
                && let Some(property) = properties.remove(&wire)
            {
                properties.insert(placeholder.clone(), property);
            }
            for name in schema.get_mut("required").and_then(Value::as_array_mut).into_iter().flatten() {
                if *name == *wire {
                    *name = Value::String(placeholder.clone());
                }
            }
        }
    }

    fn in_paths(&mut self, paths: &mut Map<String, Value>) {
        let mut moved: Vec<(String, String, Value)> = Vec::new();
        for (path, item) in paths.iter_mut() {
            for (method, operation) in item.as_object_mut().into_iter().flatten() {
                let renamed_path = self.in_operation(path, operation);
                if renamed_path != *path {
                    moved.push((renamed_path, method.clone(), operation.take()));
                }
            }
            if let Some(item) = item.as_object_mut() {
                item.retain(|_, operation| !operation.is_null());
            }
        }
        for (path, method, operation) in moved {
            let item = paths.entry(path).or_insert_with(|| Value::Object(Map::new()));
            item[method] = operation;
        }
    }

    /// Puts placeholders into an operation and gives its path, which names some of its parameters.
    fn in_operation(&mut self, path: &str, operation: &mut Value) -> String {
        let mut path = path.to_owned();
        for parameter in operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
            let Some(Value::String(rust)) =
                parameter.as_object_mut().and_then(|parameter| parameter.remove(RUST_NAME))
            else {
                continue;
            };
            let wire = parameter["name"].as_str().unwrap_or_default().to_owned();
            let placeholder = self.for_name(&wire, &rust);
            if parameter["in"] == "path" {
                path = path.replace(&format!("{{{wire}}}"), &format!("{{{placeholder}}}"));
            }
            parameter["name"] = Value::String(placeholder);
        }
        path
    }

    fn for_name(&mut self, wire: &str, rust: &str) -> String {
        let mut ending = String::new();
        let mut number = self.by_ending.len();
        loop {
            ending.push(private(number % COUNT));
            number /= COUNT;
            if number == 0 {
                break;
            }
        }
        let placeholder = format!("{rust}{ending}");
        self.by_ending.insert(ending, (rust.to_owned(), wire.to_owned()));
        placeholder
    }

    /// Puts the names of the wire back into the strings of one level of the generated code.
    pub(super) fn replace_in(&self, tokens: &mut [TokenTree]) {
        if self.by_ending.is_empty() {
            return;
        }
        for token in tokens {
            if let TokenTree::Literal(literal) = token
                && let Some(named) = self.in_literal(literal)
            {
                *literal = named;
            }
        }
    }

    fn in_literal(&self, literal: &Literal) -> Option<Literal> {
        // Reading every literal to find the few took a thirtieth of the whole pipeline.
        let written = literal.to_string();
        if written.is_ascii() && !written.contains("\\u{") {
            return None;
        }
        let syn::Lit::Str(text) = syn::Lit::new(literal.clone()) else { return None };
        let text = text.value();
        text.chars().any(is_private).then(|| Literal::string(&self.named(&text)))
    }

    /// A text with the names of the wire in the place of their placeholders.
    fn named(&self, text: &str) -> String {
        let mut named = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find(is_private) {
            let (before, after) = rest.split_at(start);
            let (ending, after) =
                after.split_at(after.find(|other| !is_private(other)).unwrap_or(after.len()));
            match self
                .by_ending
                .get(ending)
                .and_then(|(rust, wire)| Some((before.strip_suffix(rust.as_str())?, wire)))
            {
                Some((before, wire)) => named.extend([before, wire]),
                None => named.extend([before, ending]),
            }
            rest = after;
        }
        named.push_str(rest);
        named
    }
}

fn private(number: usize) -> char {
    u32::try_from(number).ok().and_then(|number| char::from_u32(FIRST + number)).unwrap_or('\u{F8FF}')
}

fn is_private(character: char) -> bool {
    ('\u{E000}'..='\u{F8FF}').contains(&character)
}
