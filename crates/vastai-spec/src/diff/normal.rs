//! One spelling for what means the same, with prose set apart.
//!
//! What a member is follows from where it stands, never from its name alone: `description` is prose in a
//! schema, and a property in `properties`.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::pointer;

/// How many values the references of a document may expand to. The published document has some ten thousand.
const MAX_VALUES: usize = 1_000_000;
/// How deep they may nest.
const MAX_DEPTH: usize = 256;

/// Why two documents could not be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DiffError {
    /// References that repeat each other.
    #[error(
        "{pointer}: the document's references expand to more than can be compared; do they repeat each other?"
    )]
    TooLarge {
        /// The operation in which it was noticed.
        pointer: String,
    },
}

/// A part of a document in its normal spelling.
#[derive(Debug, Default)]
pub(super) struct Part {
    /// The operationId, for an operation.
    pub(super) id: String,
    /// All that is not prose.
    pub(super) wire: Value,
    /// Prose by its place, relative to the part.
    pub(super) prose: BTreeMap<String, Value>,
}

/// A document that is being brought into its normal spelling.
#[derive(Debug)]
pub(super) struct Normal<'document> {
    root: &'document Value,
    values_left: usize,
    depth: usize,
    /// References that are being followed, to notice a circle.
    followed: Vec<String>,
    prose: BTreeMap<String, Value>,
}

/// What stands in a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Text for people; it does not travel.
    Prose,
    /// A value as it is.
    Literal,
    /// A list whose order has no meaning.
    Set,
    Schema,
    SchemaMap,
    SchemaList,
    /// Schemas whose order has no meaning.
    SchemaSet,
    /// Reached through references alone.
    Definitions,
    Parameter,
    Header,
    HeaderMap,
    Body,
    MediaType,
    MediaTypeMap,
    Response,
    ResponseMap,
}

impl<'document> Normal<'document> {
    pub(super) fn new(root: &'document Value) -> Self {
        Self { root, values_left: MAX_VALUES, depth: 0, followed: Vec::new(), prose: BTreeMap::new() }
    }

    pub(super) fn operation(&mut self, path: &str, method: &str) -> Result<Part, DiffError> {
        let item = &self.root["paths"][path];
        let Some(operation) = item.get(method).and_then(Value::as_object) else { return Ok(Part::default()) };
        let too_large =
            |Expanded| DiffError::TooLarge { pointer: crate::identify::operation_pointer(path, method) };

        let mut wire = Map::new();
        let mut rest = Map::new();
        for (key, value) in operation {
            match key.as_str() {
                "operationId" | "parameters" | "servers" | "security" => {}
                "requestBody" => {
                    wire.insert(
                        key.clone(),
                        self.normal(value, Kind::Body, "/requestBody").map_err(too_large)?,
                    );
                }
                "responses" => {
                    wire.insert(
                        key.clone(),
                        self.normal(value, Kind::ResponseMap, "/responses").map_err(too_large)?,
                    );
                }
                "tags" => drop(self.prose.insert("/tags".to_owned(), value.clone())),
                _ if is_prose(key) => drop(self.prose.insert(pointer::child("", key), value.clone())),
                _ if is_default(key, value) => {}
                _ => drop(rest.insert(key.clone(), value.clone())),
            }
        }
        let parameters = self.parameters(path, item, operation).map_err(too_large)?;
        wire.insert("parameters".to_owned(), parameters);
        wire.insert(
            "servers".to_owned(),
            servers([operation.get("servers"), item.get("servers"), self.root.get("servers")]),
        );
        wire.insert(
            "security".to_owned(),
            self.security(operation.get("security").or_else(|| self.root.get("security"))),
        );
        wire.insert("rest".to_owned(), Value::Object(rest));
        let id = operation.get("operationId").and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(Part { id, wire: Value::Object(wire), prose: std::mem::take(&mut self.prose) })
    }

    /// What the document says outside of its operations.
    pub(super) fn document(&mut self) -> Result<Part, DiffError> {
        let mut wire = Map::new();
        for (key, value) in self.root.as_object().into_iter().flatten() {
            match key.as_str() {
                // The version of the format is spelling; servers and security are told of each operation;
                // components are told where they are used.
                "openapi" | "paths" | "components" | "servers" | "security" | "jsonSchemaDialect" => {}
                "info" => {
                    for (key, value) in value.as_object().into_iter().flatten() {
                        self.prose.insert(pointer::child("/info", key), value.clone());
                    }
                }
                "tags" => drop(self.prose.insert("/tags".to_owned(), value.clone())),
                _ if is_prose(key) => drop(self.prose.insert(pointer::child("", key), value.clone())),
                _ => drop(wire.insert(key.clone(), value.clone())),
            }
        }
        Ok(Part { id: String::new(), wire: Value::Object(wire), prose: std::mem::take(&mut self.prose) })
    }

    /// Parameters by location and name, the operation's over the path's. Those in the path go by their
    /// position: another name for one of them changes nothing on the wire.
    fn parameters(
        &mut self,
        path: &str,
        item: &Value,
        operation: &Map<String, Value>,
    ) -> Result<Value, Expanded> {
        let mut parameters = Map::new();
        for list in [item.get("parameters"), operation.get("parameters")].into_iter().flatten() {
            for parameter in list.as_array().into_iter().flatten() {
                let target = self.target_of(parameter);
                let text = |key: &str| target.get(key).and_then(Value::as_str).unwrap_or_default();
                let (name, location) = (text("name"), text("in"));
                let key = match location {
                    "path" => match position(path, name) {
                        Some(position) => format!("path parameter {position}"),
                        None => format!("path parameter {name}"),
                    },
                    _ => format!("{location} parameter {name}"),
                };
                let mut normal =
                    self.normal(parameter, Kind::Parameter, &pointer::child("/parameters", &key))?;
                if let Some(members) = normal.as_object_mut() {
                    members.remove("name");
                    members.remove("in");
                    if location == "path" {
                        members.remove("required");
                    }
                }
                parameters.insert(key, normal);
            }
        }
        Ok(Value::Object(parameters))
    }

    /// The alternatives of a security requirement, each scheme with what it is.
    fn security(&self, requirements: Option<&Value>) -> Value {
        let schemes = &self.root["components"]["securitySchemes"];
        let alternatives = requirements.and_then(Value::as_array).into_iter().flatten().map(|alternative| {
            let named = alternative.as_object().into_iter().flatten().map(|(name, scopes)| {
                let mut scheme = self.target_of(&schemes[name]).clone();
                if let Some(members) = scheme.as_object_mut() {
                    members.retain(|key, _| !is_prose(key));
                }
                json!({ "scheme": scheme, "scopes": sorted(scopes) })
            });
            // The name of a scheme is spelling.
            in_order(named.collect())
        });
        in_order(alternatives.collect())
    }

    fn target_of<'value>(&self, mut value: &'value Value) -> &'value Value
    where
        'document: 'value,
    {
        for _ in 0..16 {
            let Some(reference) = value.get("$ref").and_then(Value::as_str) else { break };
            let Some(target) = pointer::resolve(self.root, reference) else { break };
            value = target;
        }
        value
    }

    fn normal(&mut self, value: &Value, kind: Kind, at: &str) -> Result<Value, Expanded> {
        self.values_left = self.values_left.checked_sub(1).ok_or(Expanded)?;
        if self.depth == MAX_DEPTH {
            return Err(Expanded);
        }
        self.depth += 1;
        let normal = self.normal_of(value, kind, at);
        self.depth -= 1;
        normal
    }

    fn normal_of(&mut self, value: &Value, kind: Kind, at: &str) -> Result<Value, Expanded> {
        match (kind, value) {
            (Kind::Set, Value::Array(_)) => Ok(sorted(value)),
            (Kind::SchemaSet | Kind::SchemaList, Value::Array(schemas)) => {
                let normal = schemas
                    .iter()
                    .enumerate()
                    .map(|(index, schema)| self.normal(schema, Kind::Schema, &format!("{at}/{index}")));
                let normal = normal.collect::<Result<Vec<_>, _>>()?;
                Ok(if kind == Kind::SchemaSet { in_order(normal) } else { Value::Array(normal) })
            }
            (
                Kind::SchemaMap | Kind::HeaderMap | Kind::MediaTypeMap | Kind::ResponseMap,
                Value::Object(members),
            ) => {
                let kind = match kind {
                    Kind::SchemaMap => Kind::Schema,
                    Kind::HeaderMap => Kind::Header,
                    Kind::MediaTypeMap => Kind::MediaType,
                    _ => Kind::Response,
                };
                let normal = members.iter().map(|(key, member)| {
                    Ok((key.clone(), self.normal(member, kind, &pointer::child(at, key))?))
                });
                Ok(Value::Object(normal.collect::<Result<_, _>>()?))
            }
            (
                Kind::Schema | Kind::Parameter | Kind::Header | Kind::Body | Kind::MediaType | Kind::Response,
                Value::Object(members),
            ) => match members.get("$ref").and_then(Value::as_str) {
                Some(reference) => self.followed(reference, members, kind, at),
                None => self.members(members, kind, at),
            },
            _ => Ok(value.clone()),
        }
    }

    /// What a reference points to, with what stands beside the reference laid over it.
    fn followed(
        &mut self,
        reference: &str,
        beside: &Map<String, Value>,
        kind: Kind,
        at: &str,
    ) -> Result<Value, Expanded> {
        if let Some(position) = self.followed.iter().position(|followed| followed == reference) {
            // A circle, told by its length: the names of components are spelling.
            return Ok(json!({ "circle": self.followed.len() - position }));
        }
        let Some(target) = pointer::resolve(self.root, reference).filter(|target| target.is_object()) else {
            return Ok(json!({ "$ref": reference }));
        };
        self.followed.push(reference.to_owned());
        let normal = if beside.len() == 1 {
            self.normal(target, kind, at)
        } else {
            let mut target = target.clone();
            for (key, value) in beside.iter().filter(|(key, _)| *key != "$ref") {
                target[key] = value.clone();
            }
            self.normal(&target, kind, at)
        };
        self.followed.pop();
        normal
    }

    fn members(&mut self, members: &Map<String, Value>, kind: Kind, at: &str) -> Result<Value, Expanded> {
        let mut normal = Map::new();
        for (key, member) in members {
            let at = pointer::child(at, key);
            match member_kind(kind, key) {
                Kind::Prose => drop(self.prose.insert(at, member.clone())),
                Kind::Definitions => {}
                _ if is_default(key, member) => {}
                member_kind => drop(normal.insert(key.clone(), self.normal(member, member_kind, &at)?)),
            }
        }
        Ok(if kind == Kind::Schema { schema_spelling(normal) } else { Value::Object(normal) })
    }
}

/// The references expand to too much.
#[derive(Debug)]
struct Expanded;

fn member_kind(of: Kind, key: &str) -> Kind {
    match (of, key) {
        (Kind::Schema, "properties" | "patternProperties" | "dependentSchemas") => Kind::SchemaMap,
        (Kind::Schema, "allOf" | "anyOf" | "oneOf") => Kind::SchemaSet,
        (Kind::Schema, "prefixItems") => Kind::SchemaList,
        (Kind::Schema, "required" | "enum" | "type") => Kind::Set,
        (Kind::Schema, "$defs" | "definitions") => Kind::Definitions,
        (
            Kind::Schema,
            "items"
            | "additionalProperties"
            | "not"
            | "if"
            | "then"
            | "else"
            | "contains"
            | "propertyNames"
            | "unevaluatedItems"
            | "unevaluatedProperties"
            | "contentSchema",
        )
        | (Kind::Parameter | Kind::Header | Kind::MediaType, "schema") => Kind::Schema,
        (Kind::Parameter | Kind::Header | Kind::Body | Kind::Response, "content") => Kind::MediaTypeMap,
        (Kind::Response, "headers") => Kind::HeaderMap,
        _ if is_prose(key) => Kind::Prose,
        _ => Kind::Literal,
    }
}

/// Members that no client acts upon, wherever a member's name is a keyword.
fn is_prose(key: &str) -> bool {
    matches!(key, "description" | "summary" | "title" | "externalDocs" | "example" | "examples" | "$comment")
        || key.starts_with("x-")
}

/// Members that say what holds without them.
fn is_default(key: &str, value: &Value) -> bool {
    match value {
        Value::Bool(false) => {
            matches!(
                key,
                "required"
                    | "deprecated"
                    | "nullable"
                    | "readOnly"
                    | "writeOnly"
                    | "uniqueItems"
                    | "allowEmptyValue"
            )
        }
        Value::Array(elements) => key == "required" && elements.is_empty(),
        _ => false,
    }
}

/// What 3.0 and 3.1 say in different words, and an `allOf` of one.
fn schema_spelling(mut schema: Map<String, Value>) -> Value {
    if let Some(value) = schema.remove("const") {
        schema.insert("enum".to_owned(), json!([value]));
    }
    for (flag, bound) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
        match schema.get(flag) {
            Some(Value::Bool(true)) => {
                schema.remove(flag);
                if let Some(limit) = schema.remove(bound) {
                    schema.insert(flag.to_owned(), limit);
                }
            }
            Some(Value::Bool(false)) => drop(schema.remove(flag)),
            _ => {}
        }
    }
    if schema.get("nullable") == Some(&Value::Bool(true)) && schema.contains_key("type") {
        schema.remove("nullable");
        let mut types = match schema.remove("type") {
            Some(Value::Array(types)) => types,
            one => one.into_iter().collect(),
        };
        types.push(json!("null"));
        schema.insert("type".to_owned(), in_order(types));
    }
    if let Some(Value::Array(types)) = schema.get("type")
        && let [one] = types.as_slice()
    {
        let one = one.clone();
        schema.insert("type".to_owned(), one);
    }
    if let (1, Some(Value::Array(parts))) = (schema.len(), schema.get("allOf"))
        && let [one] = parts.as_slice()
    {
        return one.clone();
    }
    Value::Object(schema)
}

/// The first server of the innermost level that names one, as it is sent to.
fn servers(levels: [Option<&Value>; 3]) -> Value {
    let servers =
        levels.into_iter().flatten().filter_map(Value::as_array).find(|servers| !servers.is_empty());
    let urls = servers.into_iter().flatten().map(|server| {
        let mut url = server.get("url").and_then(Value::as_str).unwrap_or_default().to_owned();
        for (name, variable) in server.get("variables").and_then(Value::as_object).into_iter().flatten() {
            if let Some(default) = variable.get("default").and_then(Value::as_str) {
                url = url.replace(&format!("{{{name}}}"), default);
            }
        }
        Value::String(url.trim_end_matches('/').to_owned())
    });
    Value::Array(urls.collect())
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(elements) => in_order(elements.clone()),
        other => other.clone(),
    }
}

/// The elements in an order that depends on nothing but themselves.
fn in_order(mut elements: Vec<Value>) -> Value {
    for element in &mut elements {
        element.sort_all_objects();
    }
    elements.sort_by_cached_key(Value::to_string);
    elements.dedup();
    Value::Array(elements)
}

/// A path with its parameters' names taken out, and without a slash at its end: `/a/{id}/` → `/a/{}`.
pub(super) fn without_parameter_names(path: &str) -> String {
    let mut shape = String::with_capacity(path.len());
    let mut rest = path.trim_end_matches('/');
    while let Some((before, after)) = rest.split_once('{') {
        let Some((_, behind)) = after.split_once('}') else { break };
        shape.push_str(before);
        shape.push_str("{}");
        rest = behind;
    }
    shape + rest
}

/// Which parameter of the path, counted from one, has the name.
fn position(path: &str, name: &str) -> Option<usize> {
    let names = path.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name);
    names.enumerate().find(|(_, candidate)| *candidate == name).map(|(index, _)| index + 1)
}
