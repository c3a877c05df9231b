//! Documents of single operations to one document.

use expect_test::expect;
use serde_json::{Value, json};
use vastai_spec::load::{self, pages_in_index};
use vastai_spec::merge::{MergeError, Page, merge};

use crate::documents::{Document, published, vendored};

/// A page with what every page repeats; `more` replaces or adds fields.
fn page(name: &str, more: Value) -> Page {
    let mut document = json!({
        "openapi": "3.1.0",
        "info": { "title": "Parcels", "version": "1" },
        "servers": [{ "url": "https://console.parcels.example" }],
        "security": [{ "Key": [] }],
        "paths": {},
        "components": { "securitySchemes": { "Key": { "type": "http", "scheme": "bearer" } } },
    });
    for (member, value) in more.as_object().unwrap() {
        document[member] = value.clone();
    }
    Page { name: name.to_owned(), document }
}

fn conflicts(pages: &[Page]) -> String {
    match merge(pages) {
        Err(error @ MergeError::Conflicts(_)) => error.to_string(),
        other => panic!("no conflict: {other:?}"),
    }
}

#[test]
fn operations_components_and_tags_come_together() {
    let merged = merge(&[
        page("list.md", json!({
            "tags": [{ "name": "Post" }],
            "paths": { "/parcels": { "parameters": [{ "name": "x" }], "get": { "summary": "list" } } },
            "components": { "schemas": { "Parcel": { "type": "object" } } },
        })),
        page("send.md", json!({
            "tags": [{ "name": "Mail" }, { "name": "Post" }],
            "paths": { "/parcels": { "parameters": [{ "name": "x" }], "post": { "summary": "send" } }, "/stamps": { "get": {} } },
            "components": { "schemas": { "Parcel": { "type": "object" }, "Stamp": {} }, "parameters": { "id": {} } },
        })),
    ])
    .unwrap();
    assert_eq!(merged.notes, Vec::<String>::new());
    assert_eq!(
        merged.document,
        json!({
            "openapi": "3.1.0",
            "info": { "title": "Parcels", "version": "1" },
            "servers": [{ "url": "https://console.parcels.example" }],
            "security": [{ "Key": [] }],
            "tags": [{ "name": "Mail" }, { "name": "Post" }],
            "paths": {
                "/parcels": {
                    "parameters": [{ "name": "x" }],
                    "get": { "summary": "list" },
                    "post": { "summary": "send" },
                },
                "/stamps": { "get": {} },
            },
            "components": { "schemas": { "Parcel": { "type": "object" }, "Stamp": {} }, "parameters": { "id": {} } },
        })
    );
}

#[test]
fn pages_that_contradict_each_other_make_no_document() {
    let reported = conflicts(&[
        page("a.md", json!({ "paths": { "/p": { "get": { "parameters": [{ "name": "a" }] } } } })),
        page("b.md", json!({ "paths": { "/p": { "get": { "parameters": [{ "name": "b" }] } } } })),
        page("c.md", json!({ "components": { "schemas": { "Parcel": { "type": "object" } } } })),
        page("d.md", json!({ "components": { "schemas": { "Parcel": {} } } })),
    ]);
    expect![[r"
        the pages contradict each other; a page may be older than the rest, try again later
          GET /p is described in two ways: a.md and b.md differ at /paths/~1p/get/parameters/0/name
          components/schemas/Parcel is described in two ways: c.md and d.md differ at /components/schemas/Parcel/type"]]
    .assert_eq(&reported);

    // What holds for all methods of a path would reach the other page's operation.
    let reported = conflicts(&[
        page("a.md", json!({ "paths": { "/p": { "get": {} } } })),
        page(
            "b.md",
            json!({ "paths": { "/p": { "put": {}, "servers": [{ "url": "https://b.example" }] } } }),
        ),
    ]);
    assert!(
        reported.ends_with(
            "what holds for all of /p is described in two ways: a.md and b.md differ at /paths/~1p/servers"
        ),
        "{reported}"
    );

    // Something else where fields are wanted.
    let reported = conflicts(&[
        page("a.md", json!({ "paths": { "/p": true } })),
        page("b.md", json!({ "paths": { "/p": { "put": {} } } })),
    ]);
    assert!(reported.contains("a.md and b.md differ at /paths/~1p"), "{reported}");
    assert_eq!(merge(&[]), Err(MergeError::Empty));
}

#[test]
fn a_page_with_other_servers_keeps_them_at_its_operations() {
    let merged = merge(&[
        page("a.md", json!({ "paths": { "/a": { "get": {} } } })),
        page("engine.md", json!({
            "servers": [{ "url": "https://run.parcels.example" }],
            "security": [],
            "paths": {
                "/e": { "post": {}, "put": { "servers": [{ "url": "https://own.example" }], "security": [{ "Own": [] }] } },
            },
        })),
        page("c.md", json!({ "paths": { "/c": { "get": {} } }, "info": { "title": "Parcels", "version": "2" } })),
    ])
    .unwrap();
    assert_eq!(merged.document["info"]["version"], "1");
    assert_eq!(merged.document["paths"]["/a"]["get"], json!({}));
    assert_eq!(
        merged.document["paths"]["/e"],
        json!({
            "post": { "servers": [{ "url": "https://run.parcels.example" }], "security": [] },
            "put": { "servers": [{ "url": "https://own.example" }], "security": [{ "Own": [] }] },
        })
    );
    expect![[r"
        c.md differs from most pages in `info`; it is taken from those
        engine.md has other `security` than most pages; they are kept at its operations
        engine.md has other `servers` than most pages; they are kept at its operations"]]
    .assert_eq(&merged.notes.join("\n"));
}

/// What a documentation site does, backwards: each operation of a published document on a page of its own, with the components that
/// it reaches. Merged again, nothing is missing.
#[test]
fn a_published_document_survives_being_taken_apart() {
    for Document { name, text } in published().into_iter().chain([vendored()]) {
        let whole = load::openapi(&text, &name).unwrap();
        let mut pages = Vec::new();
        let mut rest = whole.clone();
        (rest["paths"], rest["components"]) = (json!({}), json!({}));
        for (path, method, _) in vastai_spec::identify::operations(&whole) {
            let mut document = rest.clone();
            let mut item = whole["paths"][path].clone();
            let of_all = item.as_object_mut().unwrap();
            of_all.retain(|member, _| {
                member == method || !vastai_spec::identify::METHODS.contains(&member.as_str())
            });
            document["components"] = reached(&whole, &item);
            document["paths"] = json!({ path: item });
            pages.push(Page { name: format!("{method} {path}"), document });
        }
        let merged = merge(&pages).unwrap();
        assert_eq!(merged.notes, Vec::<String>::new(), "{name}");
        let mut expected = whole.clone();
        expected["components"] = reached(&whole, &whole["paths"]);
        let differing: Vec<_> = expected
            .as_object()
            .unwrap()
            .keys()
            .filter(|member| expected[*member] != merged.document[*member])
            .collect();
        // Tags are sorted by name.
        assert!(differing.iter().all(|member| *member == "tags"), "{name}: {differing:?}");
    }
}

/// The components that a part of a document refers to, and the security schemes.
fn reached(document: &Value, part: &Value) -> Value {
    let mut components = json!({ "securitySchemes": document["components"]["securitySchemes"] });
    let mut waiting = vec![part];
    while let Some(value) = waiting.pop() {
        if let Some(reference) = value["$ref"].as_str() {
            let place: Vec<&str> = reference.split('/').collect();
            let ["#", "components", kind, name] = place[..] else { panic!("{reference}") };
            if components[kind][name].is_null() {
                components[kind][name] = document["components"][kind][name].clone();
                waiting.push(&document["components"][kind][name]);
            }
        }
        match value {
            Value::Object(members) => waiting.extend(members.values()),
            Value::Array(elements) => waiting.extend(elements),
            _ => {}
        }
    }
    components
}

#[test]
fn an_index_is_a_list_of_pages() {
    let index = "# Docs\n\nSee [this](not-an-item.md).\n\n## Docs\n\n- [a](https://docs.example/api/a.md): A\n* [b](<b.md> \"B\")\n\
                 - [again](b.md#part)\n- [home](https://docs.example/)\n- no link\n  + [c](/c.md?v=1)\n";
    let pages: Vec<String> =
        pages_in_index(index).iter().map(|page| format!("{} {}", page.line, page.target)).collect();
    assert_eq!(pages, ["7 https://docs.example/api/a.md", "8 b.md", "12 /c.md?v=1"]);
}
