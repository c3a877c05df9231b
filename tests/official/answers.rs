//! What the official client reads of answers: each member has a field here, of its type.

use serde_json::{Map, Value};
use vastai_spec::pipeline::{Source, Staleness, prepare};

use crate::{operation, requests};

/// Members that official clients read of an answer and that are no fields, as an answer that has them is a failure.
const FAILURES: [&str; 1] = ["error"];

/// Numbers by the client, which are whole by the document. One with a fraction is kept beside the field.
const WHOLE: [&str; 2] = ["showInstance.instances.num_gpus", "showInstance.instances.cpu_ram"];

/// What the client takes in whatever form it comes, and in which forms it comes here.
const ANY: [(&str, &str); 2] =
    [("showIpaddrs.results[].first_seen", "one of several"), ("listVolumes.volumes[].instances", "array")];

fn schemas() -> Value {
    let [document, overlay, undocumented] = [
        ("openapi.yaml", include_str!("../../openapi.yaml")),
        ("overlay.yaml", include_str!("../../overlay.yaml")),
        ("undocumented.yaml", include_str!("../../undocumented.yaml")),
    ]
    .map(|(name, text)| Source::new(name, text));
    prepare(document, [overlay, undocumented], Staleness::Fail).unwrap().lowered
}

/// The answers of a document, against which those of the official client are held.
struct Answers {
    document: Value,
    wrong: Vec<String>,
    compared: usize,
}

impl Answers {
    fn resolved<'schema>(&'schema self, schema: &'schema Value) -> &'schema Value {
        let mut schema = schema;
        loop {
            let alone = schema.get("allOf").and_then(Value::as_array).filter(|parts| parts.len() == 1);
            schema = match (schema.get("$ref").and_then(Value::as_str), alone) {
                (Some(pointer), _) => self.document.pointer(pointer.trim_start_matches('#')).unwrap(),
                (None, Some(parts)) => &parts[0],
                (None, None) => return schema,
            };
        }
    }

    /// The schema of what the operation answers, if it says.
    fn schema(&self, id: &str) -> Option<Value> {
        let paths = self.document["paths"].as_object().unwrap();
        let mut operations = paths.values().filter_map(Value::as_object).flat_map(Map::values);
        let operation = operations.find(|it| it.get("operationId").is_some_and(|its| its == id)).unwrap();
        let responses = operation["responses"].as_object().unwrap();
        let (_, response) = responses.iter().find(|(status, _)| status.starts_with('2'))?;
        let content = response.get("content")?.as_object()?;
        content.values().next()?.get("schema").cloned()
    }

    fn compare(&mut self, read: &Value, schema: Option<&Value>, at: &str) {
        let schema = schema.map_or(Value::Null, |schema| self.resolved(schema).clone());
        self.compared += 1;
        match read {
            Value::Array(items) => {
                // A bare list is the only list of the object that is documented.
                let fields = schema.get("properties").and_then(Value::as_object);
                let mut lists = fields.into_iter().flat_map(Map::values);
                let list = lists.find(|field| self.kind(field) == "array").unwrap_or(&schema).clone();
                if self.kind(&list) == "any" {
                    return;
                }
                if self.kind(&list) != "array" {
                    self.wrong.push(format!("{at}: is {}, read as an array", self.kind(&schema)));
                } else if let Some(item @ Value::Object(_)) = items.first() {
                    self.compare(item, list.get("items"), &format!("{at}[]"));
                }
            }
            Value::Object(fields) => {
                for (name, field) in fields {
                    self.field(name, field, &schema, at);
                }
            }
            Value::String(written) => self.of_type(written, &schema, at),
            _ => {}
        }
    }

    /// A member of an object: `name?` may be missing, `<name>` stands for any, and `…` for the whole answer.
    fn field(&mut self, name: &str, field: &Value, schema: &Value, at: &str) {
        if name == "…" {
            return;
        }
        let name = name.trim_end_matches('?');
        let any = name.starts_with('<').then(|| schema.get("additionalProperties")).flatten();
        let known = schema.get("properties").and_then(|properties| properties.get(name)).or(any).cloned();
        match known {
            Some(known) => self.compare(field, Some(&known), &format!("{at}.{name}")),
            None if FAILURES.contains(&name) => {}
            None => self.wrong.push(format!("{at}: lacks {name}, {field}")),
        }
    }

    fn kind<'schema>(&'schema self, schema: &'schema Value) -> &'schema str {
        let schema = self.resolved(schema);
        let several = ["oneOf", "anyOf"].iter().any(|word| schema.get(word).is_some());
        match schema.get("type").and_then(Value::as_str) {
            Some(kind) => kind,
            None if several => "one of several",
            None => "any",
        }
    }

    /// A type in words: `string or null`, `number, Unix seconds`. What begins with another word, and `any 2xx`, speak of the answer.
    fn of_type(&mut self, written: &str, schema: &Value, at: &str) {
        let (theirs, ours) = (written.split([' ', ',', ';', ':']).next().unwrap(), self.kind(schema));
        let types = ["string", "integer", "number", "boolean", "object", "array", "any"];
        let same = theirs == ours
            || !types.contains(&theirs)
            || written.starts_with("any 2xx")
            || ours == "any"
            || (theirs == "integer" && ours == "number")
            || (theirs == "number" && ours == "integer" && WHOLE.contains(&at))
            || (theirs == "any" && ANY.contains(&(at, ours)));
        if !same {
            self.wrong.push(format!("{at}: is {ours}, read as {written}"));
        }
    }
}

#[test]
fn what_the_official_client_reads_of_answers_is_a_field() {
    let Some(table) = requests() else { return };
    let mut answers = Answers { document: schemas(), wrong: Vec::new(), compared: 0 };
    let commands = table["commands"].as_object().unwrap().values();
    let requests = commands.filter_map(|entry| entry.get("requests")?.as_array()).flatten();
    let calls = table["library"].as_array().unwrap().iter();
    for request in requests.chain(calls).filter_map(Value::as_object) {
        // What is no operation is the other tests' concern, or goes to a worker.
        if let (Some(operation), Some(read)) = (operation(request), request.get("answer")) {
            let schema = answers.schema(operation.id);
            answers.compare(read, schema.as_ref(), operation.id);
        }
    }
    answers.wrong.sort();
    answers.wrong.dedup();
    assert!(answers.wrong.is_empty(), "{}", answers.wrong.join("\n"));
    assert!(answers.compared >= 600, "{}", answers.compared);
}
