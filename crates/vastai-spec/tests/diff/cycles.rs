//! References that turn in circles: the comparison ends, and what differs in a circle is reported a bounded number of times.

use serde_json::{Map, Value, json};
use vastai_spec::diff::{Change, Diff};
use vastai_spec::identify::identify;
use vastai_spec::load;
use vastai_spec::report::Report;

use crate::robustness::{Random, cases};

fn read(text: &str) -> Value {
    let mut document = load::openapi(text, "document").unwrap();
    identify(&mut document, &mut Report::default());
    document
}

/// Names of components of each kind, few, so that references meet and turn in circles.
const NAMES: [&str; 3] = ["A", "B", "C"];

/// A document of random parts that refer to each other.
struct Generator {
    random: Random,
}

impl Generator {
    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.random.below(of.len())]
    }

    fn reference(&mut self, section: &str) -> Value {
        json!({ "$ref": format!("#/components/{section}/{}", self.one(&NAMES)) })
    }

    fn schema(&mut self, depth: usize) -> Value {
        let inner = |generator: &mut Self| generator.schema(depth + 1);
        match self.random.below(if depth > 3 { 4 } else { 18 }) {
            0 | 1 => self.reference("schemas"),
            2 => {
                json!({ "type": self.one(&["string", "integer", "number", "boolean", "null", "object", "array"]) })
            }
            3 => [
                json!({}),
                json!(true),
                json!(false),
                json!(null),
                json!({ "const": 1 }),
                json!({ "enum": ["a", 1, null] }),
            ][self.random.below(6)]
            .clone(),
            4 => {
                json!({ "type": "object", "properties": { "a": inner(self), "b": inner(self) }, "required": ["a"] })
            }
            5 => json!({ "properties": { "a": inner(self) }, "additionalProperties": inner(self) }),
            6 => json!({ "type": "array", "items": inner(self), "contains": inner(self) }),
            7 => json!({ "prefixItems": [inner(self), inner(self)], "unevaluatedItems": inner(self) }),
            8 => json!({ "allOf": [inner(self), inner(self)] }),
            9 => json!({ "anyOf": [inner(self), inner(self), inner(self)] }),
            10 | 11 => json!({ "oneOf": [inner(self), inner(self)] }),
            12 => {
                json!({ "oneOf": [inner(self), inner(self)], "discriminator": { "propertyName": "a", "mapping": { "x": self.one(&NAMES) } } })
            }
            13 => json!({ "not": inner(self), "minimum": self.random.below(3) }),
            14 => json!({ "if": inner(self), "then": inner(self), "else": inner(self) }),
            15 => json!({ "dependentSchemas": { "a": inner(self) }, "unevaluatedProperties": inner(self) }),
            16 => json!({ "patternProperties": { "^a": inner(self) }, "propertyNames": inner(self) }),
            _ => {
                let mut beside = self.reference("schemas");
                beside["maxLength"] = json!(self.random.below(3));
                beside["nullable"] = json!(true);
                beside
            }
        }
    }

    fn content(&mut self) -> Value {
        let media_type = self.one(&["application/json", "text/*", "a/b; version=1", "multipart/form-data"]);
        json!({ media_type: { "schema": self.schema(0) } })
    }

    fn operation(&mut self, depth: usize) -> Value {
        let mut operation = json!({
            "parameters": [self.reference("parameters"), { "name": "q", "in": "query", "schema": self.schema(1) }],
            "requestBody": self.reference("requestBodies"),
            "responses": { "200": self.reference("responses"), "4XX": { "content": self.content() } },
        });
        if depth < 2 && self.random.below(2) == 0 {
            operation["callbacks"] =
                json!({ "c": self.reference("callbacks"), "d": { "{$url}": self.path_item(depth + 1) } });
        }
        operation
    }

    fn path_item(&mut self, depth: usize) -> Value {
        match self.random.below(4) {
            0 => self.reference("pathItems"),
            1 => json!({ "$ref": "#/paths/~1a" }),
            _ => {
                let method = self.one(&["get", "post"]);
                json!({ method: self.operation(depth), "parameters": [self.reference("parameters")] })
            }
        }
    }

    fn part(&mut self, section: &str) -> Value {
        if self.random.below(4) == 0 {
            return self.reference(section);
        }
        match section {
            "schemas" => self.schema(0),
            "parameters" => json!({ "name": self.one(&["p", "q"]), "in": "query", "schema": self.schema(1) }),
            "requestBodies" => json!({ "content": self.content() }),
            "responses" => {
                json!({ "content": self.content(), "headers": { "H": self.reference("headers") }, "links": { "l": self.reference("links") } })
            }
            "headers" => json!({ "schema": self.schema(1) }),
            "links" => json!({ "operationId": "get" }),
            "callbacks" => json!({ "{$url}": self.path_item(1) }),
            _ => self.path_item(1),
        }
    }

    fn document(&mut self) -> Value {
        let mut components = json!({});
        for section in [
            "schemas",
            "parameters",
            "requestBodies",
            "responses",
            "headers",
            "links",
            "callbacks",
            "pathItems",
        ] {
            components[section] = NAMES.iter().map(|name| ((*name).to_owned(), self.part(section))).collect();
        }
        let paths = ["/a", "/b", "/b/"].map(|path| (path.to_owned(), self.path_item(0)));
        json!({
            "openapi": "3.1.0",
            "paths": paths.into_iter().collect::<Map<String, Value>>(),
            "webhooks": { "w": self.path_item(0) },
            "components": components,
        })
    }
}

/// Documents that are nothing but circles, and each of them in other words.
#[test]
fn random_circles_are_compared_to_their_end() {
    let mut generator = Generator { random: Random(0xC1C1_E5C1_C1E5_C1C1) };
    let mut refused = 0;
    let mut earlier = read("{openapi: 3.1.0, paths: {}}");
    let count = cases(12);
    for number in 0..count {
        let mut document = generator.document();
        identify(&mut document, &mut Report::default());
        assert!(Diff::between(&document, &document.clone()).unwrap().is_empty(), "{number}");
        // One operation more, so that the rest is looked at; it is the same, and nothing is reported of it.
        let mut more = document.clone();
        more["paths"]["/more"] = json!({ "get": { "operationId": "more" } });
        for (one, other, id) in
            [(&document, &more, "operation-added"), (&more, &document, "operation-removed")]
        {
            match Diff::between(one, other) {
                Ok(diff) => {
                    let found: Vec<_> = diff.changes.iter().map(|change| change.id).collect();
                    assert_eq!(found, [id], "{number}: {:#?}\n{document:#}", diff.changes);
                }
                // Schemas may combine each other without end, and that is reported.
                Err(_) => refused += 1,
            }
        }
        // Two that have nothing to do with each other, both ways.
        for (one, other) in [(&earlier, &document), (&document, &earlier)] {
            if let Ok(diff) = Diff::between(one, other) {
                assert!(!diff.is_empty(), "{number}");
            }
        }
        earlier = document;
    }
    assert!(refused <= count / 2, "{refused} of {} comparisons were refused", 2 * count);
}

/// A document's parts as it is, and with one more required parameter, limit or the like in the circle.
struct Circle {
    name: &'static str,
    text: &'static str,
    /// What takes the place of `CHANGE`.
    change: &'static str,
    id: &'static str,
}

const PARAMETER: &str = ", parameters: [{name: z, in: query, required: true, schema: {type: string}}]";

const CIRCLES: &[Circle] = &[
    Circle {
        name: "a callback whose callback is itself",
        text: "paths: {/t: {post: {callbacks: {c: {$ref: '#/components/callbacks/c'}}}}}, components: {callbacks: {c: {'{$request.body#/u}': \
               {post: {callbacks: {c: {$ref: '#/components/callbacks/c'}} CHANGE}}}}}",
        change: PARAMETER,
        id: "required-parameter-added",
    },
    Circle {
        name: "two callbacks, each of the other",
        text: "paths: {/t: {post: {callbacks: {a: {$ref: '#/components/callbacks/a'}}}}}, components: {callbacks: \
               {a: {'{$request.body#/u}': {post: {callbacks: {b: {$ref: '#/components/callbacks/b'}}}}}, \
               b: {'{$request.body#/v}': {put: {callbacks: {a: {$ref: '#/components/callbacks/a'}} CHANGE}}}}}",
        change: PARAMETER,
        id: "required-parameter-added",
    },
    Circle {
        name: "a callback of the path that it stands in",
        text: "paths: {/t: {post: {callbacks: {c: {'{$request.body#/u}': {$ref: '#/paths/~1t'}}} CHANGE}}}",
        change: PARAMETER,
        id: "required-parameter-added",
    },
    Circle {
        name: "a callback of a path item that has it",
        text: "paths: {/t: {$ref: '#/components/pathItems/P'}}, components: {pathItems: {P: {post: {callbacks: {c: \
               {'{$url}': {$ref: '#/components/pathItems/P'}}} CHANGE}}}}",
        change: PARAMETER,
        id: "required-parameter-added",
    },
    Circle {
        name: "a webhook whose callback is itself",
        text: "paths: {}, webhooks: {w: {$ref: '#/components/pathItems/W'}}, components: {pathItems: {W: {post: {callbacks: {c: \
               {'{$url}': {$ref: '#/components/pathItems/W'}}} CHANGE}}}}",
        change: ", requestBody: {required: true, content: {text/plain: {}}}",
        id: "required-body-added",
    },
    Circle {
        name: "path items that are each other",
        text: "paths: {/a: {$ref: '#/paths/~1b'}, /b: {$ref: '#/paths/~1a'}, /c: {get: {summary: c CHANGE}}}",
        change: PARAMETER,
        id: "required-parameter-added",
    },
    Circle {
        name: "a webhook that is itself",
        text: "paths: {/c: {get: {summary: c CHANGE}}}, webhooks: {w: {$ref: '#/webhooks/w'}}",
        change: PARAMETER,
        id: "required-parameter-added",
    },
    Circle {
        name: "headers, parameters, bodies, responses and links that are themselves",
        text: "paths: {/t: {post: {parameters: [{$ref: '#/components/parameters/P'}, {name: q, in: query CHANGE}], requestBody: \
               {$ref: '#/components/requestBodies/B'}, responses: {'200': {$ref: '#/components/responses/R'}, '201': {headers: \
               {H: {$ref: '#/components/headers/H'}}, links: {l: {$ref: '#/components/links/L'}}}}}}}, components: {parameters: \
               {P: {$ref: '#/components/parameters/P'}}, requestBodies: {B: {$ref: '#/components/requestBodies/C'}, \
               C: {$ref: '#/components/requestBodies/B'}}, responses: {R: {$ref: '#/components/responses/R'}}, headers: \
               {H: {$ref: '#/components/headers/H'}}, links: {L: {$ref: '#/components/links/L'}}}",
        change: ", required: true",
        id: "parameter-became-required",
    },
    Circle {
        name: "links from operation to operation",
        text: "paths: {/a: {get: {operationId: a, responses: {'200': {links: {next: {operationId: b}}}}}}, /b: {get: {operationId: b, \
               responses: {'200': {links: {back: {operationId: a CHANGE}}}}}}}",
        change: ", parameters: {id: 7}",
        id: "link-changed",
    },
    Circle {
        name: "properties",
        text: "S: {properties: {next: {$ref: S}, n: {type: integer CHANGE}}}",
        change: ", maximum: 5",
        id: "limit-tightened",
    },
    Circle {
        name: "items",
        text: "S: {type: array, items: {$ref: S} CHANGE}",
        change: ", maxItems: 5",
        id: "limit-tightened",
    },
    Circle {
        name: "allOf",
        text: "S: {allOf: [{$ref: S}, {type: integer CHANGE}]}",
        change: ", maximum: 5",
        id: "limit-tightened",
    },
    Circle {
        name: "two that are allOf of each other",
        text: "S: {allOf: [{$ref: T}], properties: {a: {type: integer CHANGE}}}, T: {allOf: [{$ref: S}], properties: {b: {type: string}}}",
        change: ", maximum: 5",
        id: "limit-tightened",
    },
    Circle {
        name: "oneOf",
        text: "S: {oneOf: [{$ref: S}, {type: object, properties: {s: {$ref: S}, n: {type: integer CHANGE}}}]}",
        change: ", maximum: 5",
        id: "limit-tightened",
    },
    Circle {
        name: "anyOf",
        text: "S: {anyOf: [{type: array, items: {$ref: S}}, {type: integer, x-a: 1 CHANGE}]}",
        change: ", maximum: 5",
        id: "limit-tightened",
    },
    Circle {
        name: "anyOf of itself alone",
        text: "S: {anyOf: [{$ref: S}], maxLength: 9 CHANGE}",
        change: ", minLength: 5",
        id: "limit-tightened",
    },
    Circle {
        name: "not",
        text: "S: {type: object, not: {properties: {s: {$ref: S}}, required: [s]} CHANGE}",
        change: ", maxProperties: 5",
        id: "limit-tightened",
    },
    Circle {
        name: "not of itself",
        text: "S: {type: integer, not: {$ref: S} CHANGE}",
        change: ", maximum: 5",
        id: "limit-tightened",
    },
    Circle {
        name: "additionalProperties",
        text: "S: {type: object, additionalProperties: {$ref: S} CHANGE}",
        change: ", maxProperties: 5",
        id: "limit-tightened",
    },
    Circle {
        name: "patternProperties",
        text: "S: {type: object, patternProperties: {a: {$ref: S}} CHANGE}",
        change: ", maxProperties: 5",
        id: "limit-tightened",
    },
    Circle {
        name: "propertyNames",
        text: "S: {type: object, propertyNames: {$ref: S}, minProperties: 1 CHANGE}",
        change: ", maxProperties: 5",
        id: "limit-tightened",
    },
    Circle {
        name: "unevaluatedProperties",
        text: "S: {type: object, anyOf: [{required: [a]}, {required: [b]}], unevaluatedProperties: {$ref: S} CHANGE}",
        change: ", maxProperties: 5",
        id: "limit-tightened",
    },
    Circle {
        name: "if, then and else",
        text: "S: {type: object, if: {$ref: S}, then: {$ref: S}, else: {$ref: S} CHANGE}",
        change: ", maxProperties: 5",
        id: "limit-tightened",
    },
    Circle {
        name: "dependentSchemas",
        text: "S: {type: object, dependentSchemas: {a: {$ref: S}} CHANGE}",
        change: ", maxProperties: 5",
        id: "limit-tightened",
    },
    Circle {
        name: "prefixItems and contains",
        text: "S: {type: array, prefixItems: [{$ref: S}], contains: {$ref: S} CHANGE}",
        change: ", maxItems: 5",
        id: "limit-tightened",
    },
    Circle {
        name: "contentSchema",
        text: "S: {type: string, contentSchema: {$ref: S} CHANGE}",
        change: ", maxLength: 5",
        id: "limit-tightened",
    },
    Circle {
        name: "a discriminator's mapping",
        text: "S: {oneOf: [{$ref: T}, {$ref: U}], discriminator: {propertyName: k, mapping: {t: S, u: U}}}, T: {type: object, properties: \
               {k: {type: string}, s: {$ref: S}}}, U: {type: object, properties: {k: {type: string}, n: {type: integer CHANGE}}}",
        change: ", maximum: 5",
        id: "limit-tightened",
    },
    Circle {
        name: "a schema that is itself",
        text: "S: {$ref: S}, T: {type: integer CHANGE}",
        change: ", maximum: 5",
        id: "",
    },
];

fn document(circle: &Circle, change: &str) -> Value {
    let text = circle.text.replace("CHANGE", change);
    let text = if text.starts_with("paths") {
        text
    } else {
        let text = ["S", "T", "U"].iter().fold(text, |text, name| {
            text.replace(&format!("{{$ref: {name}}}"), &format!("{{$ref: '#/components/schemas/{name}'}}"))
        });
        let content = "content: {application/json: {schema: {$ref: '#/components/schemas/S'}}}";
        format!(
            "paths: {{/t: {{post: {{requestBody: {{{content}}}, responses: {{'200': {{{content}}}}}}}}}}}, components: {{schemas: {{{text}}}}}"
        )
    };
    read(&format!("{{openapi: 3.1.0, info: {{title: t, version: '1'}}, {text}}}"))
}

#[test]
fn a_circle_is_compared_to_its_end() {
    for circle in CIRCLES {
        let (old, new) = (document(circle, ""), document(circle, circle.change));
        assert_ne!(old, new, "{}", circle.name);
        for (one, other) in [(&old, &new), (&new, &old)] {
            let diff = Diff::between(one, other).unwrap();
            assert!(diff.changes.len() <= 8, "{}: {:#?}", circle.name, diff.changes);
            assert!(!diff.is_empty(), "{}", circle.name);
        }
        if !circle.id.is_empty() {
            let diff = Diff::between(&old, &new).unwrap();
            let found: Vec<&Change> = diff.changes.iter().filter(|change| change.id == circle.id).collect();
            assert!((1..=4).contains(&found.len()), "{}: {:#?}", circle.name, diff.changes);
        }
    }
}

/// That a document is itself is seen at once, so one operation more makes the comparison look at the rest.
#[test]
fn a_circle_is_the_same_as_itself() {
    for circle in CIRCLES {
        let old = document(circle, "");
        assert!(Diff::between(&old, &old.clone()).unwrap().is_empty(), "{}", circle.name);
        let mut new = old.clone();
        new["paths"]["/new"] = serde_json::json!({ "get": { "operationId": "new" } });
        let diff = Diff::between(&old, &new).unwrap();
        let found: Vec<_> = diff.changes.iter().map(|change| change.id).collect();
        assert_eq!(found, ["operation-added"], "{}: {:#?}", circle.name, diff.changes);
    }
}
