//! Sets of words that may grow: an enum of the known words, and of all others.

use std::fmt::Write as _;

use serde_json::{Value, json};
use syn::Item;

use super::tidy::module;
use crate::filled::filled;
use crate::identify::names;
use crate::lower::{WORD_FOR_NOTHING, WORDS};

/// The names of these types.
pub(super) fn names_of(lowered: &Value) -> impl Iterator<Item = &String> {
    open_enums(lowered).map(|(name, _, _)| name)
}

/// What [`add`] needs of a lowered document.
pub(super) fn alone(lowered: &Value) -> Value {
    let schemas: serde_json::Map<String, Value> =
        filled(open_enums(lowered).map(|(name, schema, _)| (name.clone(), schema.clone())));
    json!({ "components": { "schemas": schemas } })
}

/// Adds the enums to the types; the lines that say how they are read.
pub(super) fn add(client: &mut syn::File, lowered: &Value) -> String {
    let mut code = String::new();
    let Some(types) = module(&mut client.items, "types") else { return code };
    for (name, schema, words) in open_enums(lowered) {
        let ident = quote::format_ident!("{name}");
        let description =
            schema.get("description").and_then(Value::as_str).unwrap_or("One of a set of words.");
        let variants = words.iter().map(|(word, meaning)| {
            let variant = quote::format_ident!("{}", names::variant(word));
            let meaning = format!("`{word}`: {}", meaning.as_str().unwrap_or_default());
            quote::quote! { #[doc = #meaning] #variant, }
        });
        let item: Item = syn::parse_quote! {
            #[doc = #description]
            #[derive(Clone, Debug, PartialEq, Eq, Hash)]
            pub enum #ident {
                #(#variants)*
                #[doc = "A word that is not known here, as it came."]
                Other(String),
            }
        };
        types.push(item);
        let nothing =
            schema.get(WORD_FOR_NOTHING).and_then(Value::as_str).filter(|word| words.contains_key(*word));
        let nothing = nothing.map(|word| format!(" \"\" = {};", names::variant(word))).unwrap_or_default();
        let _ = write!(code, "open_enum!({name} {{{nothing}");
        for word in words.keys() {
            let _ = write!(code, " {} = {word:?},", names::variant(word));
        }
        code.push_str(" });\n");
    }
    code
}

fn open_enums(lowered: &Value) -> impl Iterator<Item = (&String, &Value, &serde_json::Map<String, Value>)> {
    let schemas = lowered["components"]["schemas"].as_object().into_iter().flatten();
    schemas.filter_map(|(name, schema)| Some((name, schema, schema.get(WORDS)?.as_object()?)))
}
