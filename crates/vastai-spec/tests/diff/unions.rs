//! Alternatives: those that overlap, those that others cover, and those that take anything.

use vastai_spec::diff::Wire::{self, Breaking, Compatible, None as Nothing};

use crate::{answering, between, same, taking, wire};

#[track_caller]
fn in_request(old: &str, new: &str, right: Wire) {
    let diff = between(&taking(old), &taking(new));
    assert_eq!(diff.wire, right, "in a request, {old} → {new}: {:#?}", diff.changes);
}

#[track_caller]
fn in_response(old: &str, new: &str, right: Wire) {
    let diff = between(&answering(old), &answering(new));
    assert_eq!(diff.wire, right, "in a response, {old} → {new}: {:#?}", diff.changes);
}

/// That nothing breaks, be it that nothing differs.
#[track_caller]
fn breaks_nobody(old: &str, new: &str, documents: fn(&str) -> serde_json::Value) {
    let diff = between(&documents(old), &documents(new));
    assert_ne!(diff.wire, Breaking, "{old} → {new}: {:#?}", diff.changes);
}

/// An object with two strings, of which these are required.
fn pair(required: &str) -> String {
    format!(
        "{{type: object, properties: {{a: {{type: string}}, b: {{type: string}}}}, required: [{required}]}}"
    )
}

#[test]
fn what_fits_two_alternatives_of_a_one_of_is_refused() {
    let (both, first, second) = (pair("a, b"), pair("a"), pair("b"));
    let one_of = format!("{{oneOf: [{first}, {second}]}}");
    let places: [fn(&str) -> String; 6] = [
        |schema| schema.to_owned(),
        |schema| format!("{{type: object, properties: {{m: {schema}}}}}"),
        |schema| format!("{{type: array, items: {schema}}}"),
        |schema| format!("{{type: object, additionalProperties: {schema}}}"),
        |schema| format!("{{allOf: [{schema}]}}"),
        |schema| format!("{{type: object, patternProperties: {{'^m': {schema}}}}}"),
    ];
    for place in places {
        in_request(&place(&both), &place(&one_of), Breaking);
        // With `anyOf`, the overlap does no harm.
        in_request(&place(&both), &place(&one_of).replace("oneOf", "anyOf"), Compatible);
    }
    let parameter = |schema: &str| {
        crate::document(
            &format!(
                "/a: {{get: {{parameters: [{{name: q, in: query, style: deepObject, schema: {schema}}}]}}}}"
            ),
            "",
        )
    };
    assert_eq!(wire(&parameter(&both), &parameter(&one_of)), Breaking);
    // An alternative that comes to others does the same.
    in_request(
        &format!("{{oneOf: [{first}, {{type: string}}]}}"),
        &format!("{{oneOf: [{first}, {{type: string}}, {second}]}}"),
        Breaking,
    );
    let diff = between(&taking(&both), &taking(&one_of));
    let overlap = diff.changes.iter().find(|change| change.id == "union-variants-overlap").unwrap();
    assert_eq!(
        overlap.message,
        "what was taken may fit both alternatives, with `a`, `b` and with `a`, `b`, and must fit exactly one"
    );
}

#[test]
fn what_keeps_alternatives_apart_keeps_old_requests_valid() {
    for (old, added) in [
        // For those who send other properties.
        ("{$ref: '#/components/schemas/X'}", "{$ref: '#/components/schemas/Y'}"),
        // A property whose values select.
        (
            "{type: object, properties: {kind: {const: a}}, required: [kind]}",
            "{type: object, properties: {kind: {const: b}}, required: [kind]}",
        ),
        (
            "{type: object, properties: {kind: {enum: [a, b]}, n: {type: integer}}, required: [kind]}",
            "{type: object, properties: {kind: {enum: [c, d]}, n: {type: integer}}, required: [kind]}",
        ),
        // A closed object refuses what the other requires.
        (
            "{type: object, properties: {a: {}}, required: [a]}",
            "{type: object, properties: {b: {}}, additionalProperties: false}",
        ),
        ("{type: string, maxLength: 3}", "{type: string, minLength: 4}"),
        ("{type: integer, maximum: 3}", "{type: integer, exclusiveMinimum: 3}"),
        ("{type: integer, exclusiveMaximum: 4}", "{type: integer, exclusiveMinimum: 3}"),
        ("{type: number, exclusiveMaximum: 4}", "{type: number, minimum: 4}"),
        ("{type: array, items: {type: string}, minItems: 1}", "{type: array, items: {type: integer}}"),
        (
            "{type: array, items: {type: string}, maxItems: 1}",
            "{type: array, items: {type: string}, minItems: 2}",
        ),
        ("{type: string, enum: [a, b]}", "{type: string, enum: [c], x-note: 1}"),
        ("{type: string, enum: [a]}", "{type: integer, minimum: 1}"),
        ("{type: string, format: date}", "{type: string, format: uuid}"),
        ("{type: string, maxLength: 9}", "{not: {type: string}}"),
    ] {
        in_request(old, &format!("{{oneOf: [{old}, {added}]}}"), Compatible);
        in_request(&format!("{{oneOf: [{old}]}}"), &format!("{{oneOf: [{added}, {old}]}}"), Compatible);
    }
}

#[test]
fn what_does_not_keep_alternatives_apart_breaks() {
    for (old, added) in [
        // The property that selects may be missing.
        ("{type: object, properties: {kind: {const: a}}}", "{type: object, properties: {kind: {const: b}}}"),
        // Integers are numbers.
        ("{type: integer}", "{type: number}"),
        ("{type: number}", "{type: integer}"),
        ("{type: number, maximum: 4}", "{type: number, minimum: 4}"),
        // Null fits both.
        ("{type: [string, 'null']}", "{type: [integer, 'null']}"),
        ("{type: string, nullable: true}", "{type: integer, nullable: true, minimum: 1}"),
        ("{type: [string, 'null']}", "{type: 'null'}"),
        // The empty list fits both.
        ("{type: array, items: {type: string}}", "{type: array, items: {type: integer}}"),
        // One value is enough.
        ("{enum: [a, b]}", "{enum: [b, c]}"),
        ("{enum: [1, 2]}", "{type: number, minimum: 2}"),
        ("{type: string, maxLength: 3}", "{type: string, pattern: '^a'}"),
        // An object without named properties may have any.
        ("{type: object}", "{$ref: '#/components/schemas/Y'}"),
        // All properties of the one may be missing.
        ("{$ref: '#/components/schemas/X'}", "{type: object, properties: {y: {type: string}}}"),
    ] {
        in_request(old, &format!("{{oneOf: [{old}, {added}]}}"), Breaking);
    }
    // Alternatives that were apart and overlap now.
    in_request(
        "{oneOf: [{type: integer, maximum: 5, title: few}, {type: integer, minimum: 10}]}",
        "{oneOf: [{type: integer, maximum: 5, title: few}, {type: integer, minimum: 3}]}",
        Breaking,
    );
    // They overlapped before, and now in more.
    in_request(
        "{oneOf: [{type: integer, maximum: 5}, {type: integer, minimum: 3, x-a: 1}]}",
        "{oneOf: [{type: integer, maximum: 5}, {type: integer, minimum: 2, x-a: 1}]}",
        Breaking,
    );
    // They overlap as before: who sent what fits both was refused then, too.
    let objects = |more: &str| {
        format!(
            "{{oneOf: [{{type: object, properties: {{a: {{type: string}}{more}}}}}, {{type: object, properties: {{b: {{type: string}}}}}}]}}"
        )
    };
    in_request(&objects(""), &objects(", c: {type: string}"), Compatible);
}

#[test]
fn a_discriminator_tells_alternatives_that_overlap() {
    let union = |names: &[&str]| {
        let variants: Vec<String> =
            names.iter().map(|name| format!("{{$ref: '#/components/schemas/{name}'}}")).collect();
        let variant = |name: &str| {
            format!(
                "{name}: {{type: object, properties: {{kind: {{type: string}}, n: {{}}}}, required: [kind]}}"
            )
        };
        let schema = format!("{{oneOf: [{}], discriminator: {{propertyName: kind}}}}", variants.join(", "));
        let content = format!("requestBody: {{content: {{application/json: {{schema: {schema}}}}}}}");
        let components: Vec<String> = ["Cat", "Dog", "Fox"].map(variant).to_vec();
        crate::document(&format!("/a: {{post: {{{content}}}}}"), &components.join(", "))
    };
    assert_eq!(wire(&union(&["Cat", "Dog"]), &union(&["Cat", "Dog", "Fox"])), Compatible);
    assert_eq!(wire(&union(&["Cat", "Dog", "Fox"]), &union(&["Cat", "Dog"])), Breaking);
}

#[test]
fn what_is_apart_fits_one_or_exactly_one_alike() {
    same(
        "{oneOf: [{type: string, maxLength: 3}, {type: integer}]}",
        "{anyOf: [{type: string, maxLength: 3}, {type: integer}]}",
    );
    same(
        "{anyOf: [{$ref: '#/components/schemas/P'}, {type: array, items: {type: string}}]}",
        "{oneOf: [{$ref: '#/components/schemas/P'}, {type: array, items: {type: string}}]}",
    );
}

#[test]
fn an_alternative_that_another_covers_is_nothing() {
    let wide = "{type: object, properties: {x: {type: string}, y: {type: string}}}";
    for narrow in [
        "{type: object, properties: {x: {type: string}}, required: [x]}",
        "{type: object, properties: {x: {const: a}, y: {type: string}}}",
    ] {
        for kind in ["anyOf", "oneOf"] {
            let both = format!("{{{kind}: [{narrow}, {wide}]}}");
            let turned = format!("{{{kind}: [{wide}, {narrow}]}}");
            for (old, new) in [(&both, wide), (&turned, wide)] {
                in_request(old, new, Compatible);
                in_response(old, new, Compatible);
                in_response(new, old, Compatible);
                // To fit both alternatives of a `oneOf` is to fit none.
                in_request(new, old, if kind == "anyOf" { Compatible } else { Breaking });
            }
        }
    }
    for (narrow, wide) in [
        ("{type: integer, maximum: 9}", "{type: number, maximum: 9}"),
        ("{type: string, maxLength: 3}", "{type: string, maxLength: 4}"),
        ("{type: array, items: {type: integer}}", "{type: array, items: {type: number}}"),
        ("{$ref: '#/components/schemas/X'}", "{type: object}"),
    ] {
        for kind in ["anyOf", "oneOf"] {
            let both = format!("{{{kind}: [{narrow}, {wide}, {{type: boolean, x-a: 1}}]}}");
            let one = format!("{{{kind}: [{wide}, {{type: boolean, x-a: 1}}]}}");
            breaks_nobody(&both, &one, taking);
            breaks_nobody(&both, &one, answering);
            breaks_nobody(&one, &both, answering);
        }
    }
    // One that goes without another to take its place breaks as ever, and so does one with a keyword that nobody knows.
    let (x, y) = ("{$ref: '#/components/schemas/X'}", "{$ref: '#/components/schemas/Y'}");
    in_request(&format!("{{anyOf: [{x}, {y}]}}"), x, Breaking);
    in_response(x, &format!("{{anyOf: [{x}, {y}]}}"), Breaking);
    in_response(
        "{type: object, properties: {x: {type: string}}}",
        "{anyOf: [{type: object, properties: {x: {type: string}}}, {type: object, properties: {z: {type: string}}}]}",
        Breaking,
    );
}

#[test]
fn an_alternative_that_takes_anything_is_any_value() {
    for anything in ["{}", "true", "{description: any value}", "{$ref: '#/components/schemas/Any'}", "null"] {
        for kind in ["anyOf", "oneOf"] {
            let any = format!("{{{kind}: [{{type: string}}, {anything}]}}");
            let known = format!("{{{kind}: [{{type: string}}, {{type: integer}}]}}");
            let limited = format!("{{{kind}: [{{type: string, maxLength: 3}}, {{type: integer}}]}}");
            for known in [&known, &limited] {
                in_response(&any, known, Compatible);
                in_request(&any, known, Breaking);
                in_response(known, &any, Breaking);
                in_request(known, &any, Compatible);
            }
            in_request(&any, "{}", Nothing);
            in_response("true", &any, Nothing);
            let member = |schema: &str| format!("{{type: object, properties: {{m: {schema}}}}}");
            in_response(&member(&any), &member("{type: integer}"), Compatible);
            in_request(&member(&any), &member("{type: integer}"), Breaking);
        }
    }
    in_response(
        "{}",
        "{anyOf: [{$ref: '#/components/schemas/X'}, {$ref: '#/components/schemas/Y'}]}",
        Compatible,
    );
    in_request(
        "{}",
        "{anyOf: [{$ref: '#/components/schemas/X'}, {$ref: '#/components/schemas/Y'}]}",
        Breaking,
    );
    in_request(
        "{anyOf: [{$ref: '#/components/schemas/X'}, {$ref: '#/components/schemas/Y'}]}",
        "{}",
        Compatible,
    );
}

#[test]
fn alternatives_of_constants_are_an_enumeration() {
    for alternatives in [
        "{oneOf: [{const: a}, {const: b}]}",
        "{anyOf: [{const: b, description: B}, {const: a}]}",
        "{oneOf: [{$ref: '#/components/schemas/A'}, {$ref: '#/components/schemas/B'}]}",
        "{oneOf: [{enum: [a]}, {type: string, const: b}]}",
        "{type: string, oneOf: [{const: a}, {const: b}]}",
        "{oneOf: [{oneOf: [{const: a}]}, {const: b}]}",
        "{oneOf: [{anyOf: [{const: a}, {const: b}]}, {enum: []}]}",
        "{oneOf: [{allOf: [{const: a}]}, {allOf: [{type: string}, {const: b}]}]}",
        "{anyOf: [{$ref: '#/components/schemas/A', description: the first}, {enum: [b, 1], type: string}]}",
        "{allOf: [{oneOf: [{const: a}, {const: b}, {const: c}]}, {enum: [b, a]}]}",
    ] {
        in_response("{type: string, enum: [a, b]}", alternatives, Nothing);
        in_request(alternatives, "{type: string, enum: [b, a]}", Nothing);
    }
    // A value of two alternatives of a `oneOf` is a value of none.
    in_request("{enum: [a, b, c]}", "{oneOf: [{enum: [a, b]}, {enum: [b, c]}]}", Breaking);
    in_request("{enum: [a, b, c]}", "{anyOf: [{enum: [a, b]}, {enum: [b, c]}]}", Nothing);
    in_request("{enum: [1, 2]}", "{oneOf: [{const: 1}, {const: 1.0}, {const: 2}]}", Breaking);
}

#[test]
fn alternatives_in_alternatives_are_alternatives() {
    let (x, y) = ("{$ref: '#/components/schemas/X'}", "{$ref: '#/components/schemas/Y'}");
    let text = "{type: string, maxLength: 3}";
    for kind in ["anyOf", "oneOf"] {
        let flat = format!("{{{kind}: [{x}, {y}, {text}]}}");
        for nested in [
            format!("{{{kind}: [{{{kind}: [{x}, {y}]}}, {text}]}}"),
            format!("{{{kind}: [{x}, {{{kind}: [{y}, {{{kind}: [{text}]}}]}}]}}"),
            format!("{{{kind}: [{{title: both, allOf: [{{{kind}: [{x}, {y}]}}]}}, {text}]}}"),
            format!("{{{kind}: [{{oneOf: [{x}]}}, {{anyOf: [{y}]}}, {text}]}}"),
        ] {
            for documents in [taking, answering] {
                assert_eq!(wire(&documents(&flat), &documents(&nested)), Nothing, "{flat} → {nested}");
                assert_eq!(wire(&documents(&nested), &documents(&flat)), Nothing, "{nested} → {flat}");
            }
        }
    }
    same(
        "{anyOf: [{anyOf: [{type: string}, {type: integer}]}, {type: boolean}]}",
        "{type: [boolean, integer, string]}",
    );
    // What stands beside the inner list counts.
    in_request(
        &format!("{{anyOf: [{x}, {y}, {text}]}}"),
        &format!("{{anyOf: [{{anyOf: [{x}, {y}], maxProperties: 1}}, {text}]}}"),
        Breaking,
    );
}

#[test]
fn limits_that_let_in_every_listed_value_narrow_nothing() {
    for (old, new, right) in [
        ("{enum: [a, b]}", "{type: string, maxLength: 3}", Compatible),
        ("{enum: [a, long]}", "{type: string, maxLength: 3}", Breaking),
        ("{enum: [1, 2]}", "{type: integer, minimum: 1}", Compatible),
        ("{enum: [0, 2]}", "{type: integer, minimum: 1}", Breaking),
        ("{type: string, maxLength: 3}", "{enum: [a, b]}", Breaking),
    ] {
        in_request(old, new, right);
    }
}

#[test]
fn what_was_never_taken_cannot_fit_two_alternatives() {
    for (old, new, right) in [
        ("{type: string}", "{oneOf: [{type: [string, 'null']}, {type: [integer, 'null']}]}", Compatible),
        (
            "{type: [string, integer]}",
            "{oneOf: [{type: [string, 'null']}, {type: [integer, 'null']}]}",
            Nothing,
        ),
        (
            "{type: [string, 'null']}",
            "{oneOf: [{type: [string, 'null']}, {type: [integer, 'null']}]}",
            Breaking,
        ),
        (
            "{type: integer, maximum: 3}",
            "{oneOf: [{type: integer, maximum: 10}, {type: integer, minimum: 5}]}",
            Compatible,
        ),
        (
            "{type: integer, maximum: 7}",
            "{oneOf: [{type: integer, maximum: 10}, {type: integer, minimum: 5}]}",
            Breaking,
        ),
        ("{enum: [a, b]}", "{oneOf: [{type: string}, {enum: [c, d]}]}", Compatible),
        ("{enum: [a, b]}", "{oneOf: [{type: string}, {enum: [b, d]}]}", Breaking),
    ] {
        in_request(old, new, right);
    }
}

#[test]
fn a_property_that_another_alternative_names_may_be_sent_on() {
    let both = "{type: object, properties: {a: {type: string}, b: {type: string}}, required: [a, b]}";
    let one = |name: &str| {
        format!("{{type: object, properties: {{{name}: {{type: string}}}}, required: [{name}]}}")
    };
    let closed = format!("{{allOf: [{}], additionalProperties: false}}", one("a"));
    let (a, b) = (one("a"), one("b"));
    in_request(both, &format!("{{anyOf: [{a}, {b}]}}"), Compatible);
    in_request(both, &format!("{{oneOf: [{a}, {b}]}}"), Breaking);
    in_response(both, &format!("{{anyOf: [{a}, {b}]}}"), Breaking);
    // Nobody knows it any more, or it is refused.
    in_request(both, &format!("{{anyOf: [{a}, {}]}}", one("c")), Breaking);
    in_request(both, &format!("{{anyOf: [{closed}, {}]}}", one("c")), Breaking);
}

#[test]
fn every_type_is_any_value_and_what_is_not_anything_is_nothing() {
    let every = "{type: [string, number, boolean, 'null', object, array]}";
    same("{}", every);
    same("true", "{type: [string, number, integer, boolean, 'null', object, array]}");
    in_response(every, "{type: integer}", Compatible);
    in_request(every, "{type: integer}", Breaking);
    in_request("{}", "{type: [string, number, boolean, object, array]}", Breaking);
    same("{not: {}}", "false");
    same("{type: string, not: false}", "{type: string}");
}
