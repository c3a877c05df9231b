//! Whatever the documents hold, the comparison comes to an end, and says something true of itself.

use serde_json::{Value, json};
use vastai_spec::diff::{Diff, DiffError, Document, Level, Wire};
use vastai_spec::load;
use vastai_spec::pointer;

use crate::documents;

/// A small random number generator with a seed: a failure can be repeated.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from((self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16) % bound.max(1) as u64).unwrap()
    }
}

fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(key, member)| places(member, &pointer::child(at, key), found));
        }
        Value::Array(elements) => {
            elements
                .iter()
                .enumerate()
                .for_each(|(index, element)| places(element, &format!("{at}/{index}"), found));
        }
        _ => {}
    }
}

fn mutate(document: &mut Value, places: &[String], random: &mut Random) {
    let other = document.pointer(&places[random.below(places.len())]).cloned().unwrap_or_default();
    let odd = [
        Value::Null,
        json!(true),
        json!(false),
        json!(-1.5),
        json!("string"),
        json!([]),
        json!({}),
        json!([null, 1, "object"]),
        json!({ "$ref": "#/components/schemas/Error" }),
        json!({ "$ref": "#" }),
        json!({ "$ref": "#/paths" }),
        json!({ "oneOf": [{ "$ref": "#" }, { "type": "null" }, 3] }),
        json!({ "allOf": [{ "$ref": "#/components/schemas/Error" }, { "$ref": "#/components/schemas/Error" }, null] }),
        other,
    ];
    let fresh = odd[random.below(odd.len())].clone();
    let keywords = [
        "type",
        "enum",
        "required",
        "properties",
        "allOf",
        "oneOf",
        "not",
        "items",
        "parameters",
        "responses",
        "security",
        "servers",
    ];
    let keyword = keywords[random.below(keywords.len())];
    match (random.below(3), document.pointer_mut(&places[random.below(places.len())])) {
        (_, None) => {}
        (0, Some(Value::Object(members))) => drop(members.insert(keyword.to_owned(), fresh)),
        (1, Some(Value::Object(members))) => {
            let key = members.keys().nth(random.below(members.len())).cloned();
            key.and_then(|key| members.remove(&key));
        }
        (_, Some(value)) => *value = fresh,
    }
}

/// How many random cases a test tries: `VASTAI_CASES=20` asks for twenty times as many as it usually does.
pub(crate) fn cases(usual: usize) -> usize {
    let times = std::env::var("VASTAI_CASES").ok();
    times.map_or(usual, |times| usual * times.parse::<usize>().unwrap())
}

#[test]
fn two_mutated_documents_are_compared_without_a_panic() {
    let whole = documents::vendored();
    let mut random = Random(0x5EED_5EED_5EED_5EED);
    let paths: Vec<String> = whole["paths"].as_object().unwrap().keys().cloned().collect();
    for number in 0..cases(100) {
        let kept = (0..3).map(|_| paths[random.below(paths.len())].clone());
        let original = documents::excerpt(&whole, &kept.collect());
        let mut found = Vec::new();
        match number % 3 {
            0 => places(&original, "", &mut found),
            _ => places(&original["paths"], "/paths", &mut found),
        }
        let mut documents = [original.clone(), original];
        for document in &mut documents {
            for _ in 0..=random.below(6) {
                mutate(document, &found, &mut random);
            }
        }
        let [old, new] = &documents;
        // It may be refused, for what it combines to; it may not be silent about what differs.
        let Ok(diff) = Diff::between(old, new) else { continue };
        assert_eq!(diff.docs, diff.changes.iter().filter(|change| change.level == Level::Docs).count());
        assert_eq!(
            diff.wire == Wire::Breaking,
            diff.changes.iter().any(|change| change.level == Level::Breaking)
        );
        for (document, location) in
            diff.changes.iter().flat_map(|change| [(old, &change.old), (new, &change.new)])
        {
            let Some(location) = location else { continue };
            assert!(document.pointer(&location.pointer).is_some(), "{number}: {location:?} leads nowhere");
        }
        if number % 8 == 0 {
            assert!(Diff::between(old, &old.clone()).unwrap().is_empty(), "{number}: it differs from itself");
        }
    }
}

#[test]
fn nothing_is_silent() {
    let whole = documents::vendored();
    let mut random = Random(0xC0FF_EE00_C0FF_EE0C);
    let paths: Vec<String> = whole["paths"].as_object().unwrap().keys().cloned().collect();
    let mut silent = Vec::new();
    let mut count = 0;
    for number in 0..cases(150) {
        let kept = (0..1).map(|_| paths[random.below(paths.len())].clone());
        let old = documents::excerpt(&whole, &kept.collect());
        let mut found = Vec::new();
        match number % 3 {
            0 => places(&old, "", &mut found),
            _ => places(&old["paths"], "/paths", &mut found),
        }
        let place = &found[random.below(found.len())];
        let mut new = old.clone();
        let mut removed = String::new();
        let fresh = [json!("something else"), json!(17), json!({ "unheardOf": 1 }), json!(["unheardOf"])];
        let fresh = fresh[random.below(fresh.len())].clone();
        match (random.below(3), new.pointer_mut(place).unwrap()) {
            (0, Value::Object(members)) => drop(members.insert("unheardOf".to_owned(), fresh)),
            (1, Value::Object(members)) => {
                let key = members.keys().nth(random.below(members.len())).cloned();
                removed = key.inspect(|key| drop(members.remove(key))).unwrap_or_default();
            }
            (_, value) => *value = fresh,
        }
        if new == old {
            continue;
        }
        count += 1;
        let Ok(diff) = Diff::between(&old, &new) else { continue };
        let before = old.pointer(place).unwrap();
        let says_the_same = match removed.as_str() {
            // The version of the format is spelling.
            "openapi" => true,
            // The document's holds instead, and is the same.
            "security" => before["security"] == old["security"],
            // The values have their types; a parameter of the path is required anyway.
            "type" => before.get("enum").is_some(),
            "required" => before["in"] == "path" || before["required"] == false,
            _ => place == "/openapi",
        };
        if diff.changes.is_empty() && !says_the_same {
            silent.push(format!(
                "{place} {removed}: {:?} → {:?}",
                old.pointer(place).unwrap().to_string().chars().take(100).collect::<String>(),
                new.pointer(place).unwrap().to_string().chars().take(300).collect::<String>()
            ));
        }
    }
    assert!(silent.is_empty(), "{} of {count}:\n{}", silent.len(), silent.join("\n"));
}

#[test]
fn what_has_no_end_is_refused() {
    // Each name stands for two: the combinations of thirty levels are a thousand million.
    let mut schemas = String::new();
    for index in 0..30 {
        let next = index + 1;
        schemas += &format!(
            "A{index}: {{properties: {{x: {{$ref: '#/components/schemas/A{next}'}}, y: {{$ref: '#/components/schemas/B{next}'}}}}}}, \
             B{index}: {{properties: {{x: {{$ref: '#/components/schemas/B{next}'}}, y: {{$ref: '#/components/schemas/A{next}'}}}}}}, "
        );
    }
    let of = |last: &str| {
        let text = format!(
            "{{openapi: 3.1.0, paths: {{/a: {{get: {{responses: {{'200': {{content: {{application/json: {{schema: {{allOf: \
             [{{$ref: '#/components/schemas/A0'}}, {{$ref: '#/components/schemas/B0'}}]}}}}}}}}}}}}}}}}, \
             components: {{schemas: {{{schemas} A30: {{type: {last}}}, B30: {{type: {last}}}}}}}}}"
        );
        load::openapi(&text, "combined").unwrap()
    };
    // Both combinations are one, whatever the way to them: thirty pairs, and no refusal.
    let diff = Diff::between(&of("string"), &of("integer")).unwrap();
    assert_eq!(diff.wire, Wire::Breaking);

    // Every subset of twenty-four schemas is a combination of its own.
    let mut schemas = String::new();
    for index in 0..24 {
        let next = (index + 1) % 24;
        schemas += &format!(
            "C{index}: {{properties: {{x: {{$ref: '#/components/schemas/C{next}'}}, y: {{allOf: [{{$ref: '#/components/schemas/C{next}'}}, \
             {{$ref: '#/components/schemas/C0'}}]}}}}}}, "
        );
    }
    let of = |last: &str| {
        let text = format!(
            "{{openapi: 3.1.0, paths: {{/a: {{get: {{responses: {{'200': {{content: {{application/json: {{schema: \
             {{$ref: '#/components/schemas/C0'}}}}}}}}}}}}}}}}, components: {{schemas: {{{schemas} last: {{type: {last}}}}}}}}}"
        );
        load::openapi(&text, "subsets").unwrap()
    };
    match Diff::between(&of("string"), &of("integer")) {
        Err(DiffError::TooLarge { pointer }) => assert_eq!(pointer, "/paths/~1a/get"),
        Err(error) => panic!("{error}"),
        Ok(diff) => panic!("it was compared: {:?}", diff.wire),
    }
}

#[test]
fn a_long_chain_of_references_is_followed_to_its_end() {
    let of = |last: &str| {
        let links: String = (0..20_000)
            .map(|index| {
                let next = index + 1;
                format!("\"L{index}\": {{\"properties\": {{\"next\": {{\"$ref\": \"#/components/schemas/L{next}\"}}}}}},")
            })
            .collect();
        let text = format!(
            "{{\"openapi\": \"3.1.0\", \"paths\": {{\"/a\": {{\"get\": {{\"responses\": {{\"200\": {{\"content\": {{\"application/json\": \
             {{\"schema\": {{\"$ref\": \"#/components/schemas/L0\"}}}}}}}}}}}}}}}}, \"components\": {{\"schemas\": {{{links} \"L20000\": \
             {{\"type\": \"{last}\"}}}}}}}}"
        );
        load::openapi(&text, "chain").unwrap()
    };
    let diff = Diff::between(&of("string"), &of("integer")).unwrap();
    assert_eq!(diff.changes.len(), 1);
    assert_eq!(diff.changes[0].id, "type-changed");
}

#[test]
fn every_finding_has_its_line() {
    let old = "openapi: 3.0.3\npaths:\n  /a:\n    get:\n      responses:\n        '200':\n          content:\n            \
               application/json:\n              schema:\n                $ref: '#/components/schemas/P'\ncomponents:\n  schemas:\n    \
               P:\n      type: string\n";
    let new = old.replace("type: string", "description: a number\n      type: integer");
    let values = (load::openapi(old, "old").unwrap(), load::openapi(&new, "new").unwrap());
    let diff =
        Diff::between(Document::new(&values.0).with_text(old), Document::new(&values.1).with_text(&new))
            .unwrap();
    let change = diff.changes.iter().find(|change| change.id == "type-changed").unwrap();
    let line = |place: &Option<vastai_spec::diff::Location>| place.as_ref().unwrap().line;
    assert_eq!((line(&change.old), line(&change.new)), (Some(14), Some(15)));
    assert_eq!(change.old.as_ref().unwrap().pointer, "/components/schemas/P/type");
    assert_eq!(change.pointer, "/paths/~1a/get/responses/200/content/application~1json/schema/type");
    assert_eq!((&change.before, &change.after), (&Some(json!("string")), &Some(json!("integer"))));
}
