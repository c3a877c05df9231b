//! Changes of `base.yaml`, and the release that each asks for.

use serde_json::{Value, json};
use vastai_spec::diff::Bump;

/// A change of the document.
pub(crate) struct Mutation {
    pub(crate) name: &'static str,
    pub(crate) bump: Bump,
    pub(crate) edit: fn(&mut Value),
}

fn list(document: &mut Value) -> &mut Value {
    &mut document["paths"]["/parcels/"]["get"]
}

fn put(document: &mut Value) -> &mut Value {
    &mut document["paths"]["/parcels/{id}/"]["put"]
}

fn delete(document: &mut Value) -> &mut Value {
    &mut document["paths"]["/parcels/{id}/"]["delete"]
}

fn body(operation: &mut Value) -> &mut Value {
    &mut operation["requestBody"]["content"]["application/json"]["schema"]
}

fn schema<'document>(document: &'document mut Value, name: &str) -> &'document mut Value {
    &mut document["components"]["schemas"][name]
}

fn take(value: &mut Value, field: &str) -> Value {
    value.as_object_mut().unwrap().remove(field).unwrap()
}

/// All of them: what takes something away or makes it another thing, and then what does not.
pub(crate) const MUTATIONS: &[Mutation] = &[
    major("an operation is removed", |new| drop(take(&mut new["paths"]["/parcels/{id}/"], "delete"))),
    major("an operationId appears and is not what the summary says", |new| {
        list(new)["operationId"] = json!("showParcels")
    }),
    major("a summary changes that names the operation", |new| list(new)["summary"] = json!("show parcels")),
    major("an operationId changes", |new| put(new)["operationId"] = json!("postParcel")),
    major("a field of a response is removed", |new| {
        drop(take(&mut schema(new, "Parcel")["properties"], "to"))
    }),
    major("a field of a response has another name", |new| {
        let to = take(&mut schema(new, "Parcel")["properties"], "to");
        schema(new, "Parcel")["properties"]["recipient"] = to;
    }),
    major("a number in a response is a string", |new| {
        schema(new, "Parcel")["properties"]["weight"]["type"] = json!("string")
    }),
    major("a number within a response is an integer", |new| {
        schema(new, "Size")["properties"]["width"]["type"] = json!("integer")
    }),
    major("an object in a response is a string", |new| {
        schema(new, "Parcel")["properties"]["size"] = json!({ "type": "string" })
    }),
    major("a type of a response has another name", |new| {
        let size = take(&mut new["components"]["schemas"], "Size");
        new["components"]["schemas"]["Extent"] = size;
        schema(new, "Parcel")["properties"]["size"]["$ref"] = json!("#/components/schemas/Extent");
    }),
    major("a list is answered as an object", |new| {
        let content = &mut list(new)["responses"]["200"]["content"]["application/json"];
        let items = content["schema"].take();
        content["schema"] = json!({ "type": "object", "properties": { "parcels": items } });
    }),
    major("a response is empty", |new| drop(take(&mut put(new)["responses"]["200"], "content"))),
    major("an empty response is not empty", |new| {
        delete(new)["responses"]["200"]["content"] = json!({ "application/json": { "schema": { "type": "object", "properties": { "ok": { "type": "boolean" } } } } });
    }),
    major("a field of a request is removed", |new| drop(take(&mut body(put(new))["properties"], "note"))),
    major("a number in a request is an integer", |new| {
        body(put(new))["properties"]["weight"]["type"] = json!("integer")
    }),
    major("a field of a request must be there", |new| body(put(new))["required"] = json!(["to", "note"])),
    major("a field of a request need not be there", |new| drop(take(body(put(new)), "required"))),
    major("the elements of a list are numbers", |new| {
        body(put(new))["properties"]["tags"]["items"]["type"] = json!("integer")
    }),
    major("a value of a request is removed", |new| {
        body(put(new))["properties"]["speed"]["enum"] = json!(["fast"])
    }),
    major("a request takes any text", |new| drop(take(&mut body(put(new))["properties"]["speed"], "enum"))),
    major("a request takes certain strings only", |new| {
        body(put(new))["properties"]["note"]["enum"] = json!(["careful"])
    }),
    major("a request has no body", |new| drop(take(put(new), "requestBody"))),
    major("a body without required fields gets one", |new| {
        let body = body(delete(new));
        body["properties"]["code"] = json!({ "type": "string" });
        body["required"] = json!(["code"]);
    }),
    major("a parameter is removed", |new| drop(list(new)["parameters"].as_array_mut().unwrap().remove(0))),
    major("a parameter is a string", |new| list(new)["parameters"][0]["schema"]["type"] = json!("string")),
    major("a parameter is a shorter integer", |new| {
        list(new)["parameters"][0]["schema"]["format"] = json!("int32")
    }),
    major("a value of a parameter is removed", |new| {
        list(new)["parameters"][1]["schema"]["enum"] = json!(["newest"])
    }),
    major("a path parameter has another name", |new| {
        let mut item = take(&mut new["paths"], "/parcels/{id}/");
        for method in ["put", "delete"] {
            item[method]["parameters"][0]["name"] = json!("parcel");
        }
        new["paths"]["/parcels/{parcel}/"] = item;
    }),
    minor("an operation is added", |new| {
        new["paths"]["/stamps/"] =
            json!({ "get": { "summary": "list stamps", "responses": { "200": { "description": "" } } } });
    }),
    minor("a response has one more field", |new| {
        schema(new, "Parcel")["properties"]["sent_at"] = json!({ "type": "string" })
    }),
    minor("a type within a response has one more field", |new| {
        schema(new, "Size")["properties"]["depth"] = json!({ "type": "number" })
    }),
    minor("a request has one more field", |new| {
        body(put(new))["properties"]["insured"] = json!({ "type": "boolean" })
    }),
    minor("a request has one more field that must be there", |new| {
        let body = body(put(new));
        body["properties"]["from"] = json!({ "type": "string" });
        body["required"] = json!(["to", "from"]);
    }),
    minor("a request has one more value", |new| {
        body(put(new))["properties"]["speed"]["enum"] = json!(["slow", "fast", "express"])
    }),
    minor("a parameter is added", |new| {
        let more = json!({ "name": "after", "in": "query", "schema": { "type": "string" } });
        list(new)["parameters"].as_array_mut().unwrap().push(more);
    }),
    minor("a parameter has one more value", |new| {
        list(new)["parameters"][1]["schema"]["enum"] = json!(["newest", "oldest", "nearest"]);
    }),
    patch("a path loses its slash", |new| {
        let item = take(&mut new["paths"], "/parcels/");
        new["paths"]["/parcels"] = item;
    }),
    patch("the server is another one", |new| new["servers"][0]["url"] = json!("https://run.parcels.example")),
    patch("nobody need say who they are", |new| list(new)["security"] = json!([])),
    patch("a limit is tighter", |new| list(new)["parameters"][0]["schema"]["maximum"] = json!(50)),
    patch("the words are others", |new| put(new)["description"] = json!("Sends it.")),
    none("nothing changes", |_| {}),
];

const fn major(name: &'static str, edit: fn(&mut Value)) -> Mutation {
    Mutation { name, bump: Bump::Major, edit }
}

const fn minor(name: &'static str, edit: fn(&mut Value)) -> Mutation {
    Mutation { name, bump: Bump::Minor, edit }
}

const fn patch(name: &'static str, edit: fn(&mut Value)) -> Mutation {
    Mutation { name, bump: Bump::Patch, edit }
}

const fn none(name: &'static str, edit: fn(&mut Value)) -> Mutation {
    Mutation { name, bump: Bump::None, edit }
}
