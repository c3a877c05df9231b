//! A client in parts, for callers that do not need all of its code at once.
//!
//! What the generator makes of an operation takes a hundred times the memory of what the document says of it. Of a part all is
//! forgotten before the next one is begun, and each processor has one.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::{Map, Value, json};

use crate::operations::Operation;

/// How many operations a part has at most, unless parts would share too much.
const OPERATIONS: usize = 64;

/// As much as a main thread has: documents may nest deeply.
const STACK: usize = 8 << 20;

/// Operations of a lowered document, and all schemas that they refer to.
#[derive(Debug)]
pub(super) struct Part<'lowered> {
    pub(super) operations: Vec<&'lowered Operation>,
    pub(super) schemas: BTreeSet<&'lowered str>,
}

impl<'lowered> Part<'lowered> {
    /// All operations, in parts.
    pub(super) fn all_of(lowered: &'lowered Value, operations: &[&'lowered Operation]) -> Vec<Self> {
        let references = References::of(lowered);
        let all = references.direct.keys().copied().collect();
        Self::split(lowered, &references, operations, &all)
    }

    /// These operations in parts; schemas of `also` that none of them refers to are in the first.
    pub(super) fn split(
        lowered: &'lowered Value,
        references: &References<'lowered>,
        operations: &[&'lowered Operation],
        also: &BTreeSet<&'lowered str>,
    ) -> Vec<Self> {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let mut size = operations.len().div_ceil(threads).clamp(1, OPERATIONS);
        let mut reaching: Vec<(BTreeSet<&str>, &Operation)> = operations
            .iter()
            .map(|of| (references.reached([&lowered["paths"][&of.path][&of.method]].into_iter()), *of))
            .collect();
        // A schema is generated for each part that refers to it: operations with the same ones go together.
        reaching.sort_by(|(one, _), (other, _)| one.cmp(other));
        // No more than twice as much as in one.
        let mut parts = loop {
            let enough = 2 * references.direct.len() + 16 * operations.len().div_ceil(size);
            let is_whole = size >= operations.len();
            let mut schemas = 0;
            let parts: Option<Vec<Self>> = reaching
                .chunks(size)
                .map(|chunk| {
                    let operations = chunk.iter().map(|(_, operation)| *operation).collect();
                    let reached = chunk.iter().flat_map(|(reached, _)| reached.iter().copied());
                    let part = Self { operations, schemas: reached.collect() };
                    schemas += part.schemas.len();
                    (schemas <= enough || is_whole).then_some(part)
                })
                .collect();
            match parts {
                Some(parts) => break parts,
                None => size *= 4,
            }
        };
        let reached: BTreeSet<&str> = parts.iter().flat_map(|part| part.schemas.iter().copied()).collect();
        let rest: BTreeSet<&str> = also.difference(&reached).copied().collect();
        match parts.first_mut() {
            _ if rest.is_empty() => {}
            Some(first) => first.schemas.extend(rest),
            None => parts.push(Self { operations: Vec::new(), schemas: rest }),
        }
        parts
    }

    /// The part as a lowered document of its own.
    pub(super) fn document(&self, lowered: &Value) -> Value {
        let mut paths = Map::new();
        for operation in &self.operations {
            let item = paths.entry(operation.path.as_str()).or_insert_with(|| json!({}));
            item[&operation.method] = lowered["paths"][&operation.path][&operation.method].clone();
        }
        let written = &lowered["components"]["schemas"];
        let schemas: Map<String, Value> =
            self.schemas.iter().map(|name| ((*name).to_owned(), written[*name].clone())).collect();
        let mut document = json!({ "openapi": lowered["openapi"], "info": lowered["info"] });
        document["paths"] = Value::Object(paths);
        document["components"]["schemas"] = Value::Object(schemas);
        document
    }
}

/// Which schemas of a lowered document refer to which.
#[derive(Debug)]
pub(super) struct References<'lowered> {
    pub(super) direct: BTreeMap<&'lowered str, BTreeSet<&'lowered str>>,
}

impl<'lowered> References<'lowered> {
    pub(super) fn of(lowered: &'lowered Value) -> Self {
        let schemas = lowered["components"]["schemas"].as_object().into_iter().flatten();
        Self { direct: schemas.map(|(name, schema)| (name.as_str(), direct(schema))).collect() }
    }

    /// The schemas that these values refer to, directly or through each other.
    pub(super) fn reached(&self, values: impl Iterator<Item = &'lowered Value>) -> BTreeSet<&'lowered str> {
        self.closed(values.flat_map(direct))
    }

    /// These schemas, and those that they refer to.
    pub(super) fn closed(&self, names: impl Iterator<Item = &'lowered str>) -> BTreeSet<&'lowered str> {
        let mut reached = BTreeSet::new();
        let mut waiting: Vec<&str> = names.collect();
        while let Some(name) = waiting.pop() {
            if let Some((name, direct)) =
                self.direct.get_key_value(name).filter(|(name, _)| reached.insert(**name))
            {
                waiting.extend(direct.iter().copied().filter(|to| to != name));
            }
        }
        reached
    }

    /// Adds all that refers to these schemas, directly or through each other.
    pub(super) fn add_users(&self, names: &mut BTreeSet<&'lowered str>) {
        let mut users: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (name, direct) in &self.direct {
            for to in direct {
                users.entry(to).or_default().push(name);
            }
        }
        let mut waiting: Vec<&str> = names.iter().copied().collect();
        while let Some(name) = waiting.pop() {
            let users = users.get(name).into_iter().flatten();
            waiting.extend(users.filter(|user| names.insert(user)));
        }
    }

    /// Whether schemas refer to each other in a circle; one that refers to itself makes none.
    pub(super) fn have_circles(&self) -> bool {
        // What refers to nothing that is left is taken away, until nothing is left or all that is refers to each other.
        let mut users: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut left: BTreeMap<&str, usize> = BTreeMap::new();
        for (name, direct) in &self.direct {
            let others = direct.iter().filter(|to| *to != name && self.direct.contains_key(*to));
            let count = others.map(|to| users.entry(to).or_default().push(name)).count();
            left.insert(name, count);
        }
        let mut waiting: Vec<&str> =
            left.iter().filter(|(_, count)| **count == 0).map(|(name, _)| *name).collect();
        let mut taken = 0;
        while let Some(name) = waiting.pop() {
            taken += 1;
            for user in users.get(name).into_iter().flatten() {
                if let Some(count) = left.get_mut(user) {
                    *count -= 1;
                    waiting.extend((*count == 0).then_some(*user));
                }
            }
        }
        taken < self.direct.len()
    }
}

/// The schemas that a value refers to itself.
pub(super) fn direct(value: &Value) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    let mut waiting = vec![value];
    while let Some(value) = waiting.pop() {
        match value {
            Value::Object(members) => {
                let reference = members.get("$ref").and_then(Value::as_str);
                found.extend(reference.and_then(|to| to.strip_prefix("#/components/schemas/")));
                waiting.extend(members.values());
            }
            Value::Array(elements) => waiting.extend(elements),
            _ => {}
        }
    }
    found
}

/// Does so many pieces of work, as many at once as there are processors; the results in their order.
pub(super) fn in_parallel<T: Send>(count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let take = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count {
                return done;
            }
            done.push((index, work(index)));
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from).min(count);
    let mut done = thread::scope(|scope| {
        // The thread that waits does nothing: its memory is in pieces by what it has read, and allocating in it takes twice the time.
        let spawn = |_| thread::Builder::new().stack_size(STACK).spawn_scoped(scope, take).ok();
        let running: Vec<_> = (0..threads).filter_map(spawn).collect();
        let joined = running.into_iter().map(|running| running.join());
        let mut done: Vec<(usize, T)> =
            joined.flat_map(|done| done.unwrap_or_else(|panic| resume_unwind(panic))).collect();
        // What no thread could be had for.
        done.extend(take());
        done
    });
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that fails panics")]

    use super::*;
    use crate::pipeline::{Source, Staleness, prepare};

    /// Operations in turn refer to one of 32 chains of four schemas.
    #[test]
    fn operations_that_share_schemas_make_no_large_parts() {
        let field = |of: &str| json!({ "type": "object", "properties": { of: { "$ref": format!("#/components/schemas/{of}") } } });
        let schemas: Map<String, Value> = (0..32)
            .flat_map(|chain| (0..4).map(move |at| (chain, at)))
            .map(|(chain, at)| {
                let next = format!("Chain{chain}At{}", at + 1);
                let schema = match at {
                    3 => json!({ "type": "object", "properties": { format!("end{chain}"): { "type": "string" } } }),
                    _ => field(&next),
                };
                (format!("Chain{chain}At{at}"), schema)
            })
            .collect();
        let paths: Map<String, Value> = (0..512)
            .map(|at| {
                let schema = json!({ "$ref": format!("#/components/schemas/Chain{}At0", at % 32) });
                let content = json!({ "application/json": { "schema": schema } });
                let response = json!({ "description": "It is done.", "content": content });
                let operation = json!({ "operationId": format!("do{at}"), "responses": { "200": response } });
                (format!("/things{at}"), json!({ "get": operation }))
            })
            .collect();
        let mut document = json!({ "openapi": "3.1.0", "info": { "title": "Things", "version": "1" } });
        document["servers"] = json!([{ "url": "https://console.example" }]);
        document["paths"] = Value::Object(paths);
        document["components"] = json!({ "schemas": schemas });
        let prepared =
            prepare(Source::new("document", &document.to_string()), None, Staleness::Fail).unwrap();
        let offered: Vec<&Operation> = prepared.offered().collect();
        let parts = Part::all_of(&prepared.lowered, &offered);
        assert_eq!(parts.iter().map(|part| part.operations.len()).sum::<usize>(), 512);
        assert!(parts.iter().all(|part| part.operations.len() <= OPERATIONS));
        let schemas: usize = parts.iter().map(|part| part.schemas.len()).sum();
        assert!(schemas <= 2 * 128 + parts.len(), "{schemas} schemas in {} parts", parts.len());
    }
}
