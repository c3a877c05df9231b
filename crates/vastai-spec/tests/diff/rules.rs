//! Every rule, each by a change that it sees, with what that does to requests and to responses.

use std::collections::BTreeSet;

use serde_json::Value;
use vastai_spec::diff::Level::{self, Breaking as B, Compatible as C, Docs as D};
use vastai_spec::diff::{Change, Diff, RULES, Side, Wire};
use vastai_spec::load;

/// A change of a schema: the rule, the schema before and after, what it means in a request, and what in a response.
const SCHEMAS: &[(&str, &str, &str, Level, Level)] = &[
    ("type-narrowed", "{type: [string, integer]}", "{type: string}", B, C),
    ("type-narrowed", "{type: number}", "{type: integer}", B, C),
    ("type-narrowed", "{}", "{type: string}", B, C),
    ("type-narrowed", "{properties: {a: true}}", "{properties: {a: false}}", B, C),
    ("type-widened", "{type: integer}", "{type: number}", C, B),
    ("type-widened", "{type: string}", "{}", C, B),
    ("type-changed", "{type: string}", "{type: integer}", B, B),
    ("type-changed", "{type: [string, boolean]}", "{type: [string, integer]}", B, B),
    (
        "type-stated",
        "{properties: {a: {type: string}}}",
        "{type: object, properties: {a: {type: string}}}",
        C,
        C,
    ),
    ("null-added", "{type: string}", "{type: [string, 'null']}", C, B),
    ("null-added", "{type: string}", "{type: string, nullable: true}", C, B),
    (
        "null-added",
        "{$ref: '#/components/schemas/P'}",
        "{oneOf: [{$ref: '#/components/schemas/P'}, {type: 'null'}]}",
        C,
        B,
    ),
    ("null-removed", "{type: [string, 'null']}", "{type: string}", B, C),
    ("enum-value-added", "{enum: [a]}", "{enum: [a, b]}", C, B),
    ("enum-value-removed", "{enum: [a, b]}", "{enum: [a]}", B, C),
    ("enum-value-removed", "{type: string, enum: [a, b]}", "{const: a}", B, C),
    ("enum-added", "{type: string}", "{type: string, enum: [a]}", B, C),
    ("enum-removed", "{enum: [a]}", "{type: string}", C, B),
    ("format-narrowed", "{type: string}", "{type: string, format: date}", B, C),
    ("format-narrowed", "{type: integer, format: int64}", "{type: integer, format: int32}", B, C),
    ("format-widened", "{type: number, format: float}", "{type: number, format: double}", C, B),
    ("format-widened", "{type: string, format: uuid}", "{type: string}", C, B),
    ("format-changed", "{type: string, format: date}", "{type: string, format: date-time}", B, B),
    ("content-changed", "{type: string, format: byte}", "{type: string}", B, B),
    (
        "content-changed",
        "{type: string, contentMediaType: image/png}",
        "{type: string, contentMediaType: image/gif}",
        B,
        B,
    ),
    ("content-changed", "{contentSchema: {type: string}}", "{contentSchema: {type: integer}}", B, B),
    ("default-added", "{type: string}", "{type: string, default: a}", C, C),
    ("default-removed", "{type: string, default: a}", "{type: string}", B, B),
    ("default-changed", "{default: 1}", "{default: 2}", B, B),
    ("schema-deprecated", "{type: string}", "{type: string, deprecated: true}", C, C),
    ("schema-undeprecated", "{type: string, deprecated: true}", "{type: string}", C, C),
    ("xml-changed", "{xml: {name: a}}", "{xml: {name: b}}", B, B),
    ("limit-tightened", "{maximum: 5}", "{maximum: 4}", B, C),
    ("limit-tightened", "{minimum: 4}", "{exclusiveMinimum: 4}", B, C),
    ("limit-tightened", "{type: string}", "{type: string, maxLength: 3}", B, C),
    ("limit-tightened", "{minItems: 1}", "{minItems: 2}", B, C),
    ("limit-tightened", "{maxProperties: 3}", "{maxProperties: 2}", B, C),
    ("limit-tightened", "{multipleOf: 2}", "{multipleOf: 4}", B, C),
    (
        "limit-tightened",
        "{contains: {type: string}, minContains: 1}",
        "{contains: {type: string}, minContains: 2}",
        B,
        C,
    ),
    ("limit-loosened", "{minimum: 5}", "{minimum: 4.5}", C, B),
    ("limit-loosened", "{maximum: 5, exclusiveMaximum: true}", "{maximum: 5}", C, B),
    ("limit-loosened", "{minLength: 3}", "{minLength: 0}", C, B),
    ("multiple-of-changed", "{multipleOf: 2}", "{multipleOf: 3}", B, B),
    ("pattern-added", "{type: string}", "{type: string, pattern: a}", B, C),
    ("pattern-removed", "{type: string, pattern: a}", "{type: string}", C, B),
    ("pattern-changed", "{pattern: a}", "{pattern: b}", B, B),
    ("unique-items-added", "{type: array}", "{type: array, uniqueItems: true}", B, C),
    ("unique-items-removed", "{type: array, uniqueItems: true}", "{type: array}", C, B),
    ("property-added", "{type: object}", "{type: object, properties: {a: {type: string}}}", C, C),
    ("required-property-added", "{type: object}", "{type: object, properties: {a: {}}, required: [a]}", B, C),
    (
        "property-added-to-closed-object",
        "{type: object, additionalProperties: false}",
        "{type: object, properties: {a: {}}, additionalProperties: false}",
        C,
        B,
    ),
    // A property that gets a name was one of those without.
    (
        "type-changed",
        "{type: object, additionalProperties: {type: string}}",
        "{type: object, additionalProperties: {type: string}, properties: {a: {type: integer}}}",
        B,
        B,
    ),
    (
        "type-narrowed",
        "{type: object, properties: {a: {type: string}}, required: [a], additionalProperties: false}",
        "{type: object, required: [a], additionalProperties: false}",
        B,
        C,
    ),
    ("property-removed", "{type: object, properties: {a: {type: string}}}", "{type: object}", B, B),
    (
        "property-became-required",
        "{properties: {a: {type: string}}}",
        "{properties: {a: {type: string}}, required: [a]}",
        B,
        C,
    ),
    (
        "property-became-optional",
        "{properties: {a: {type: string}}, required: [a]}",
        "{properties: {a: {type: string}}}",
        C,
        B,
    ),
    (
        "property-became-read-only",
        "{properties: {a: {type: string}}}",
        "{properties: {a: {type: string, readOnly: true}}}",
        B,
        C,
    ),
    (
        "property-no-longer-read-only",
        "{properties: {a: {type: string, readOnly: true}}}",
        "{properties: {a: {type: string}}}",
        C,
        C,
    ),
    (
        "property-became-write-only",
        "{properties: {a: {type: string}}}",
        "{properties: {a: {type: string, writeOnly: true}}}",
        C,
        B,
    ),
    (
        "property-no-longer-write-only",
        "{properties: {a: {type: string, writeOnly: true}}}",
        "{properties: {a: {type: string}}}",
        C,
        C,
    ),
    (
        "additional-properties-restricted",
        "{type: object}",
        "{type: object, additionalProperties: false}",
        B,
        C,
    ),
    (
        "additional-properties-restricted",
        "{type: object}",
        "{type: object, additionalProperties: {type: string}}",
        B,
        C,
    ),
    (
        "additional-properties-opened",
        "{type: object, additionalProperties: false}",
        "{type: object, additionalProperties: {type: string}}",
        C,
        B,
    ),
    (
        "additional-properties-opened",
        "{type: object, additionalProperties: {type: string}}",
        "{type: object, additionalProperties: true}",
        C,
        B,
    ),
    (
        "pattern-properties-added",
        "{type: object}",
        "{type: object, patternProperties: {a: {type: string}}}",
        B,
        C,
    ),
    (
        "pattern-properties-removed",
        "{type: object, patternProperties: {a: {type: string}}}",
        "{type: object}",
        C,
        B,
    ),
    ("property-names-restricted", "{type: object}", "{type: object, propertyNames: {maxLength: 3}}", B, C),
    ("property-names-opened", "{type: object, propertyNames: {maxLength: 3}}", "{type: object}", C, B),
    ("dependency-added", "{type: object}", "{type: object, dependentRequired: {a: [b]}}", B, C),
    ("dependency-added", "{type: object}", "{type: object, dependentSchemas: {a: {required: [b]}}}", B, C),
    ("dependency-removed", "{type: object, dependentRequired: {a: [b]}}", "{type: object}", C, B),
    ("items-restricted", "{type: array}", "{type: array, items: {type: string}}", B, C),
    ("items-opened", "{type: array, items: {type: string}}", "{type: array, items: {}}", C, B),
    (
        "prefix-items-changed",
        "{prefixItems: [{type: string}]}",
        "{prefixItems: [{type: string}, {type: string}]}",
        B,
        B,
    ),
    ("contains-added", "{type: array}", "{type: array, contains: {type: string}}", B, C),
    ("contains-removed", "{type: array, contains: {type: string}}", "{type: array}", C, B),
    (
        "union-variant-added",
        "{type: object, properties: {a: {type: string}}}",
        "{oneOf: [{type: object, properties: {a: {type: string}}}, {type: string}]}",
        C,
        B,
    ),
    (
        "union-variant-added",
        "{anyOf: [{type: string, maxLength: 1}, {type: integer}]}",
        "{anyOf: [{type: string, maxLength: 1}, {type: integer}, {type: boolean}]}",
        C,
        B,
    ),
    (
        "union-variant-removed",
        "{oneOf: [{type: object, properties: {a: {type: string}}}, {type: string}]}",
        "{type: object, properties: {a: {type: string}}}",
        B,
        C,
    ),
    (
        "union-opened",
        "{oneOf: [{type: string, maxLength: 1}, {type: string, pattern: a}]}",
        "{anyOf: [{type: string, maxLength: 1}, {type: string, pattern: a}]}",
        C,
        B,
    ),
    (
        "union-tightened",
        "{anyOf: [{type: string, maxLength: 1}, {type: string, pattern: a}]}",
        "{oneOf: [{type: string, maxLength: 1}, {type: string, pattern: a}]}",
        B,
        C,
    ),
    (
        "union-variant-covered",
        "{anyOf: [{type: string, maxLength: 3}, {type: integer, maximum: 3}, {type: integer}]}",
        "{anyOf: [{type: string, maxLength: 3}, {type: integer}]}",
        C,
        C,
    ),
    (
        "union-changed",
        "{allOf: [{oneOf: [{required: [a]}, {required: [b]}]}, {oneOf: [{required: [c]}, {required: [d]}]}]}",
        "{oneOf: [{required: [a]}, {required: [b]}]}",
        B,
        B,
    ),
    (
        "discriminator-added",
        "{oneOf: [{$ref: '#/components/schemas/P'}, {$ref: '#/components/schemas/Q'}]}",
        "{oneOf: [{$ref: '#/components/schemas/P'}, {$ref: '#/components/schemas/Q'}], discriminator: {propertyName: a}}",
        B,
        C,
    ),
    ("discriminator-removed", "{type: object, discriminator: {propertyName: a}}", "{type: object}", C, B),
    (
        "discriminator-changed",
        "{type: object, discriminator: {propertyName: a}}",
        "{type: object, discriminator: {propertyName: b}}",
        B,
        B,
    ),
    (
        "discriminator-value-added",
        "{type: object, discriminator: {propertyName: a}}",
        "{type: object, discriminator: {propertyName: a, mapping: {p: P}}}",
        C,
        B,
    ),
    (
        "discriminator-value-removed",
        "{type: object, discriminator: {propertyName: a, mapping: {p: P}}}",
        "{type: object, discriminator: {propertyName: a}}",
        B,
        C,
    ),
    ("not-added", "{type: string}", "{type: string, not: {enum: [a]}}", B, C),
    ("not-removed", "{type: string, not: {enum: [a]}}", "{type: string}", C, B),
    // Below a `not`, what narrows widens.
    ("enum-value-added", "{type: string, not: {enum: [a]}}", "{type: string, not: {enum: [a, b]}}", B, C),
    ("condition-added", "{type: object}", "{type: object, if: {required: [a]}, then: {required: [b]}}", B, C),
    (
        "condition-removed",
        "{type: object, if: {required: [a]}, then: {required: [b]}}",
        "{type: object}",
        C,
        B,
    ),
    (
        "condition-changed",
        "{type: object, if: {required: [a]}, then: {required: [b]}}",
        "{type: object, if: {required: [c]}, then: {required: [b]}}",
        B,
        B,
    ),
    (
        "property-became-required",
        "{type: object, if: {required: [a]}, then: {properties: {b: {}}}}",
        "{type: object, if: {required: [a]}, then: {properties: {b: {}}, required: [b]}}",
        B,
        C,
    ),
    (
        "unevaluated-restricted",
        "{type: object, anyOf: [{required: [a]}, {required: [b]}]}",
        "{type: object, anyOf: [{required: [a]}, {required: [b]}], unevaluatedProperties: false}",
        B,
        C,
    ),
    (
        "unevaluated-opened",
        "{type: array, contains: {type: string}, unevaluatedItems: false}",
        "{type: array, contains: {type: string}}",
        C,
        B,
    ),
    ("extension-changed", "{type: string, x-a: 1}", "{type: string, x-a: 2}", C, C),
    ("unclassified", "{type: string}", "{type: string, newKeyword: 1}", B, B),
    ("unclassified", "{type: string, maxLength: three}", "{type: string, maxLength: four}", B, B),
    ("unclassified", "{$ref: 'elsewhere.yaml#/a'}", "{$ref: 'elsewhere.yaml#/b'}", B, B),
    ("prose-changed", "{type: string}", "{type: string, description: a}", D, D),
];

/// A change of an operation `get` at `/a`: the rule, the fields before and after, what it means, and the side.
const OPERATIONS: &[(&str, &str, &str, Level, Side)] = &[
    ("operation-id-changed", "operationId: a", "operationId: b", C, Side::Operation),
    ("operation-deprecated", "", "deprecated: true", C, Side::Operation),
    ("operation-undeprecated", "deprecated: true", "", C, Side::Operation),
    ("callback-removed", "callbacks: {done: {'{$request.body#/url}': {post: {}}}}", "", B, Side::Operation),
    ("callback-added", "", "callbacks: {done: {'{$request.body#/url}': {post: {}}}}", C, Side::Operation),
    ("server-changed", "", "servers: [{url: https://b.example}]", B, Side::Server),
    ("server-removed", "servers: [{url: https://a.example}, {url: https://b.example}]", "", B, Side::Server),
    ("server-added", "", "servers: [{url: https://a.example}, {url: https://b.example}]", C, Side::Server),
    (
        "server-variable-removed",
        "servers: [{url: 'https://a.example/{v}', variables: {v: {default: x, enum: [x, y]}}}]",
        "servers: [{url: 'https://a.example/{v}', variables: {v: {default: x, enum: [x]}}}]",
        B,
        Side::Server,
    ),
    (
        "server-variable-added",
        "servers: [{url: 'https://a.example/x'}]",
        "servers: [{url: 'https://a.example/{v}', variables: {v: {default: x}}}]",
        C,
        Side::Server,
    ),
    ("security-required", "security: []", "", B, Side::Security),
    ("security-required", "security: [{}, {Key: []}]", "", B, Side::Security),
    ("security-changed", "", "security: [{Other: []}]", B, Side::Security),
    ("security-changed", "", "security: [{Key: [], Other: []}]", B, Side::Security),
    ("security-changed", "security: [{Key: []}, {Other: []}]", "", B, Side::Security),
    (
        "security-scope-added",
        "security: [{OAuth: [read]}]",
        "security: [{OAuth: [read, write]}]",
        B,
        Side::Security,
    ),
    ("security-added", "", "security: [{Key: []}, {Other: []}]", C, Side::Security),
    ("security-dropped", "", "security: []", C, Side::Security),
    ("security-dropped", "security: [{Key: [], Other: []}]", "", C, Side::Security),
    ("parameter-removed", "parameters: [{name: p, in: query, schema: {}}]", "", B, Side::Request),
    ("parameter-added", "", "parameters: [{name: p, in: query, schema: {}}]", C, Side::Request),
    ("required-parameter-added", "", "parameters: [{name: p, in: query, required: true}]", B, Side::Request),
    (
        "parameter-became-required",
        "parameters: [{name: p, in: query}]",
        "parameters: [{name: p, in: query, required: true}]",
        B,
        Side::Request,
    ),
    (
        "parameter-became-optional",
        "parameters: [{name: p, in: query, required: true}]",
        "parameters: [{name: p, in: query}]",
        C,
        Side::Request,
    ),
    (
        "parameter-location-changed",
        "parameters: [{name: p, in: query}]",
        "parameters: [{name: p, in: header}]",
        B,
        Side::Request,
    ),
    (
        "parameter-serialization-changed",
        "parameters: [{name: p, in: query, schema: {type: array}}]",
        "parameters: [{name: p, in: query, explode: false, schema: {type: array}}]",
        B,
        Side::Request,
    ),
    (
        "parameter-serialization-changed",
        "parameters: [{name: p, in: query, schema: {type: object}}]",
        "parameters: [{name: p, in: query, content: {application/json: {schema: {type: object}}}}]",
        B,
        Side::Request,
    ),
    (
        "parameter-permission-removed",
        "parameters: [{name: p, in: query, allowReserved: true}]",
        "parameters: [{name: p, in: query}]",
        B,
        Side::Request,
    ),
    (
        "parameter-permission-added",
        "parameters: [{name: p, in: query}]",
        "parameters: [{name: p, in: query, allowEmptyValue: true}]",
        C,
        Side::Request,
    ),
    (
        "parameter-deprecated",
        "parameters: [{name: p, in: query}]",
        "parameters: [{name: p, in: query, deprecated: true}]",
        C,
        Side::Request,
    ),
    (
        "parameter-undeprecated",
        "parameters: [{name: p, in: query, deprecated: true}]",
        "parameters: [{name: p, in: query}]",
        C,
        Side::Request,
    ),
    ("ignored-parameter-changed", "", "parameters: [{name: Authorization, in: header}]", C, Side::Request),
    (
        "ignored-parameter-changed",
        "parameters: [{name: authorization, in: header}]",
        "parameters: [{name: Authorization, in: header, required: true}]",
        C,
        Side::Request,
    ),
    (
        "limit-tightened",
        "parameters: [{name: p, in: query, schema: {maximum: 2}}]",
        "parameters: [{name: p, in: query, schema: {maximum: 1}}]",
        B,
        Side::Request,
    ),
    ("body-added", "", "requestBody: {content: {application/json: {}}}", C, Side::Request),
    (
        "required-body-added",
        "",
        "requestBody: {required: true, content: {application/json: {}}}",
        B,
        Side::Request,
    ),
    ("body-removed", "requestBody: {content: {application/json: {}}}", "", B, Side::Request),
    (
        "body-became-required",
        "requestBody: {content: {application/json: {}}}",
        "requestBody: {required: true, content: {application/json: {}}}",
        B,
        Side::Request,
    ),
    (
        "body-became-optional",
        "requestBody: {required: true, content: {application/json: {}}}",
        "requestBody: {content: {application/json: {}}}",
        C,
        Side::Request,
    ),
    (
        "media-type-removed",
        "requestBody: {content: {application/json: {}, text/plain: {}}}",
        "requestBody: {content: {application/json: {}}}",
        B,
        Side::Request,
    ),
    (
        "media-type-added",
        "responses: {'200': {content: {application/json: {}}}}",
        "responses: {'200': {content: {application/json: {}, text/plain: {}}}}",
        C,
        Side::Response,
    ),
    (
        "media-type-widened",
        "requestBody: {content: {application/json: {}}}",
        "requestBody: {content: {'application/*': {}}}",
        C,
        Side::Request,
    ),
    (
        "media-type-widened",
        "responses: {'200': {content: {application/json: {}}}}",
        "responses: {'200': {content: {'*/*': {}}}}",
        B,
        Side::Response,
    ),
    (
        "media-type-narrowed",
        "requestBody: {content: {'text/*': {}}}",
        "requestBody: {content: {text/plain: {}, text/csv: {}}}",
        B,
        Side::Request,
    ),
    (
        "media-type-narrowed",
        "responses: {'200': {content: {text/plain: {}}}}",
        "responses: {'200': {content: {text/plain; charset=utf-8: {}}}}",
        C,
        Side::Response,
    ),
    (
        "parameter-takes-list",
        "parameters: [{name: p, in: query, schema: {type: string}}]",
        "parameters: [{name: p, in: query, schema: {type: array, items: {type: string}}}]",
        C,
        Side::Request,
    ),
    (
        "parameter-takes-list",
        "responses: {'200': {headers: {A: {schema: {type: integer}}}}}",
        "responses: {'200': {headers: {A: {schema: {type: array, items: {type: integer}}}}}}",
        B,
        Side::Response,
    ),
    (
        "encoding-changed",
        "requestBody: {content: {multipart/form-data: {encoding: {a: {contentType: text/plain}}}}}",
        "requestBody: {content: {multipart/form-data: {encoding: {a: {contentType: image/png}}}}}",
        B,
        Side::Request,
    ),
    (
        "body-removed",
        "responses: {'200': {content: {application/json: {}}}}",
        "responses: {'200': {}}",
        B,
        Side::Response,
    ),
    (
        "body-added",
        "responses: {'200': {}}",
        "responses: {'200': {content: {application/json: {}}}}",
        C,
        Side::Response,
    ),
    (
        "success-status-removed",
        "responses: {'200': {}, '201': {}}",
        "responses: {'200': {}}",
        B,
        Side::Response,
    ),
    ("success-status-removed", "responses: {'200': {}}", "responses: {default: {}}", B, Side::Response),
    (
        "success-status-added",
        "responses: {'200': {}}",
        "responses: {'200': {}, '201': {}}",
        C,
        Side::Response,
    ),
    ("failure-status-removed", "responses: {'404': {}}", "responses: {}", C, Side::Response),
    ("failure-status-added", "responses: {}", "responses: {'404': {}}", C, Side::Response),
    ("status-range-changed", "responses: {'200': {}}", "responses: {2XX: {}}", C, Side::Response),
    // What the range or the default promised still counts.
    (
        "type-changed",
        "responses: {default: {content: {application/json: {schema: {type: string}}}}}",
        "responses: {default: {content: {application/json: {schema: {type: string}}}}, '404': {content: {application/json: {schema: {type: integer}}}}}",
        B,
        Side::Response,
    ),
    (
        "response-header-removed",
        "responses: {'200': {headers: {A: {}}}}",
        "responses: {'200': {}}",
        B,
        Side::Response,
    ),
    (
        "response-header-added",
        "responses: {'200': {}}",
        "responses: {'200': {headers: {A: {}}}}",
        C,
        Side::Response,
    ),
    (
        "response-header-became-optional",
        "responses: {'200': {headers: {A: {required: true}}}}",
        "responses: {'200': {headers: {a: {}}}}",
        B,
        Side::Response,
    ),
    (
        "response-header-became-required",
        "responses: {'200': {headers: {A: {}}}}",
        "responses: {'200': {headers: {A: {required: true}}}}",
        C,
        Side::Response,
    ),
    (
        "limit-loosened",
        "responses: {'200': {headers: {A: {schema: {maximum: 1}}}}}",
        "responses: {'200': {headers: {A: {schema: {maximum: 2}}}}}",
        B,
        Side::Response,
    ),
    (
        "link-changed",
        "responses: {'200': {}}",
        "responses: {'200': {links: {next: {operationId: b}}}}",
        C,
        Side::Response,
    ),
    // In a callback, the request is what the client gets.
    (
        "enum-value-added",
        "callbacks: {done: {e: {post: {requestBody: {content: {application/json: {schema: {enum: [a]}}}}}}}}",
        "callbacks: {done: {e: {post: {requestBody: {content: {application/json: {schema: {enum: [a, b]}}}}}}}}",
        B,
        Side::Response,
    ),
    ("extension-changed", "", "x-limit: 3", C, Side::Operation),
    ("unclassified", "", "retries: 3", B, Side::Operation),
    ("prose-changed", "summary: a", "summary: b", D, Side::Operation),
    ("prose-changed", "tags: [a]", "tags: [b]", D, Side::Operation),
];

/// A change of the document: the rule, its fields besides the usual before and after, and what it means.
const DOCUMENTS: &[(&str, &str, &str, Level)] = &[
    ("operation-removed", "paths: {/a: {get: {}, put: {}}}", "paths: {/a: {get: {}}}", B),
    ("operation-added", "paths: {/a: {get: {}}}", "paths: {/a: {get: {}}, /b: {get: {}}}", C),
    ("operation-moved", "paths: {/a/: {get: {}}}", "paths: {/a: {get: {}}}", C),
    (
        "operation-moved",
        "paths: {/v1/a: {get: {servers: [{url: https://a.example}]}}}",
        "paths: {/a: {get: {servers: [{url: https://a.example/v1/}]}}}",
        C,
    ),
    (
        "path-parameter-renamed",
        "paths: {'/a/{id}': {get: {parameters: [{name: id, in: path}]}}}",
        "paths: {'/a/{key}': {get: {parameters: [{name: key, in: path}]}}}",
        C,
    ),
    ("webhook-removed", "paths: {}, webhooks: {done: {post: {}}}", "paths: {}", B),
    ("webhook-added", "paths: {}", "paths: {}, webhooks: {done: {post: {}}}", C),
    (
        "server-changed",
        "paths: {}, servers: [{url: https://a.example}]",
        "paths: {}, servers: [{url: https://b.example}]",
        B,
    ),
    ("unused-component-changed", "paths: {}", "paths: {}, components: {schemas: {New: {type: string}}}", D),
    ("unclassified", "paths: {}", "paths: {}, mystery: 1", B),
    ("prose-changed", "paths: {}, info: {version: '1'}", "paths: {}, info: {version: '2'}", D),
    ("prose-changed", "paths: {}, tags: [{name: a}]", "paths: {}, tags: [{name: a, description: b}]", D),
];

/// Read by the test of properties that only one direction sees.
const UNSEEN: (&str, &str) = (
    "{properties: {a: {type: string, readOnly: true}, b: {type: string, writeOnly: true}}}",
    "{properties: {a: {type: integer, readOnly: true}}}",
);

fn between(old: &str, new: &str) -> Diff {
    let read = |text: &str| -> Value { load::openapi(&format!("{{openapi: 3.1.0, {text}}}"), text).unwrap() };
    Diff::between(&read(old), &read(new)).unwrap()
}

fn of_operation(members: &str) -> String {
    format!(
        "servers: [{{url: https://a.example}}], security: [{{Key: []}}], paths: {{/a: {{get: {{{members}}}}}}}, \
         components: {{securitySchemes: {{Key: {{type: http, scheme: bearer}}, Other: {{type: apiKey, in: header, name: K}}, \
         OAuth: {{type: oauth2, flows: {{clientCredentials: {{tokenUrl: https://a.example/token}}}}}}}}}}"
    )
}

fn of_schema(schema: &str) -> String {
    let content = format!("content: {{application/json: {{schema: {schema}}}}}");
    format!(
        "paths: {{/a: {{get: {{requestBody: {{{content}}}, responses: {{'200': {{{content}}}}}}}}}}}, components: {{schemas: \
         {{P: {{type: object, properties: {{a: {{type: string}}}}}}, Q: {{type: object, properties: {{b: {{type: string}}}}}}}}}}"
    )
}

#[track_caller]
fn assert_finds(what: &str, diff: &Diff, id: &str, level: Level, side: Option<Side>) {
    let fits = |change: &&Change| change.id == id && side.is_none_or(|side| change.side == side);
    let found: Vec<_> = diff.changes.iter().filter(fits).collect();
    assert!(!found.is_empty(), "{what}: {id} is not among {:#?}", diff.changes);
    assert!(found.iter().all(|change| change.level == level), "{what}: {found:#?}");
}

#[test]
fn changes_of_schemas() {
    for (id, old, new, request, response) in SCHEMAS {
        let diff = between(&of_schema(old), &of_schema(new));
        let what = format!("{old} → {new}");
        if *request == D {
            // Prose of a schema that both directions use is reported once per place.
            assert_finds(&what, &diff, id, D, None);
            assert_eq!(diff.wire, Wire::None, "{what}: {diff:#?}");
            continue;
        }
        assert_finds(&what, &diff, id, *request, Some(Side::Request));
        assert_finds(&what, &diff, id, *response, Some(Side::Response));
        // Nothing else makes it worse than the rule says.
        for (side, level) in [(Side::Request, *request), (Side::Response, *response)] {
            let worst =
                diff.changes.iter().filter(|change| change.side == side).map(|change| change.level).max();
            assert_eq!(worst, Some(level), "{what}: {:#?}", diff.changes);
        }
    }
}

#[test]
fn changes_of_operations() {
    for (id, old, new, level, side) in OPERATIONS {
        let diff = between(&of_operation(old), &of_operation(new));
        let what = format!("{old} → {new}");
        assert_finds(&what, &diff, id, *level, Some(*side));
        let worst = diff.changes.iter().map(|change| change.level).max();
        assert_eq!(worst, Some(*level), "{what}: {:#?}", diff.changes);
    }
}

#[test]
fn changes_of_documents() {
    for (id, old, new, level) in DOCUMENTS {
        let diff = between(old, new);
        let what = format!("{old} → {new}");
        assert_finds(&what, &diff, id, *level, None);
        let worst = diff.changes.iter().map(|change| change.level).max();
        assert_eq!(worst, Some(*level), "{what}: {:#?}", diff.changes);
    }
}

#[test]
fn what_does_not_travel_breaks_nothing() {
    let diff = between(&of_schema(UNSEEN.0), &of_schema(UNSEEN.1));
    let found: Vec<_> = diff
        .changes
        .iter()
        .map(|change| (change.id, change.side, change.pointer.rsplit('/').next().unwrap()))
        .collect();
    assert_eq!(
        found,
        [
            ("unseen-property-changed", Side::Request, "a"),
            ("property-removed", Side::Request, "b"),
            ("unseen-property-changed", Side::Response, "b"),
            ("type-changed", Side::Response, "type"),
        ]
    );
}

#[test]
fn every_rule_is_exercised_and_its_name_is_kept() {
    let exercised: BTreeSet<&str> = SCHEMAS
        .iter()
        .map(|case| case.0)
        .chain(OPERATIONS.iter().map(|case| case.0))
        .chain(DOCUMENTS.iter().map(|case| case.0))
        // Each concerns one direction, and has tests of its own.
        .chain(["unseen-property-changed", "union-variants-overlap"])
        .collect();
    let rules: BTreeSet<&str> = RULES.iter().map(|rule| rule.id).collect();
    assert_eq!(exercised, rules);
    assert_eq!(rules.len(), RULES.len(), "a name stands twice");
    for rule in RULES {
        assert!(rule.id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{}", rule.id);
        assert!(rule.meaning.ends_with('.'), "{}", rule.id);
    }
}

#[test]
fn the_table_of_rules_is_written_down() {
    let word = |level: Level| serde_json::to_value(level).unwrap().as_str().unwrap().to_owned();
    let mut table = String::from(
        "# The rules of the diff\n\nMade from `vastai_spec::diff::RULES`: `UPDATE_EXPECT=1 cargo test -p vastai-spec --test diff` writes it again.\n\n\
         | id | what a client sends | what it gets | what the rule sees |\n|---|---|---|---|\n",
    );
    for rule in RULES {
        let (request, response) = (word(rule.request), word(rule.response));
        table += &format!("| `{}` | {request} | {response} | {} |\n", rule.id, rule.meaning);
    }
    expect_test::expect_file!["../../../../docs/diff-rules.md"].assert_eq(&table);
}
