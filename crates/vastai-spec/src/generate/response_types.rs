//! How the types of responses are deserialized: one macro call for each, which names its fields, in place of the derived `Deserialize`.
//!
//! A derived one fails the whole response for one value of another type than documented. The macros are in `src/wire` of the generated
//! crate.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use quote::ToTokens;
use syn::{Fields, Item, ItemEnum, ItemStruct, Type};

use super::roles::Roles;
use super::tidy::module;

/// Removes the derived `Deserialize` of every type of a response; returns the code that takes its place.
pub(super) fn replace_derived_deserialize(client: &mut syn::File, roles: &Roles) -> String {
    let mut code = String::new();
    for item in module(&mut client.items, "types").into_iter().flatten() {
        let line = match item {
            Item::Struct(structure) if roles.received.contains(&structure.ident.to_string()) => {
                object(structure, roles).or_else(|| newtype(structure))
            }
            Item::Enum(choice) if roles.received.contains(&choice.ident.to_string()) => union(choice),
            _ => None,
        };
        if let Some(line) = line {
            code.push_str(&line);
        }
    }
    code
}

fn object(structure: &mut ItemStruct, roles: &Roles) -> Option<String> {
    let name = structure.ident.to_string();
    let (is_whole_response, is_sent) = (roles.whole_responses.contains(&name), roles.sent.contains(&name));
    let Fields::Named(fields) = &mut structure.fields else { return None };
    let rest = fields.named.iter_mut().find(|field| has_serde_attribute(&field.attrs, "flatten"))?;
    let extra = rest.ident.clone()?;
    if !is_sent {
        // A builder, which only what is sent has, takes the map.
        rest.ty = syn::parse_quote!(crate::Extra);
        rest.attrs.push(syn::parse_quote!(
            #[doc = "What the document does not know, and values that are not of their field's type: those fields are `None`."]
        ));
    }
    let mut named = Vec::new();
    for field in fields.named.iter().filter(|field| field.ident.as_ref() != Some(&extra)) {
        let ident = field.ident.as_ref()?.to_string();
        let wire = renamed(&field.attrs).unwrap_or_else(|| ident.trim_start_matches("r#").to_owned());
        named.push((wire, ident, field.ty.to_token_stream().to_string().replace(' ', "")));
    }
    let mut code = format!("object!({}, {extra},", structure.ident);
    if let Some(required) = roles.required.get(&name) {
        let names: Vec<String> = required.iter().map(|name| format!("{name:?}")).collect();
        let _ = write!(code, " required: {};", names.join(", "));
    }
    let trimmed = roles.trimmed.get(&name);
    let idents_to_trim: Vec<&str> = named
        .iter()
        .filter(|(wire, _, _)| trimmed.is_some_and(|names| names.contains(wire)))
        .map(|(_, ident, _)| ident.as_str())
        .collect();
    if !idents_to_trim.is_empty() {
        let _ = write!(code, " trim: {};", idents_to_trim.join(", "));
    }
    let lists: Vec<(&str, &str)> = named
        .iter()
        .filter(|(_, _, of)| {
            of.trim_start_matches("::std::option::").starts_with("Option<Vec<")
                || of.starts_with("Option<::std::vec::Vec<")
        })
        .map(|(wire, ident, _)| (wire.as_str(), ident.as_str()))
        .collect();
    if let ([(wire, list)], true) = (lists.as_slice(), is_whole_response) {
        let _ = write!(code, " list: {wire:?} {list};");
    }
    code.push_str(" {\n");
    // By the lengths of the names, which tell most of a hundred apart at once.
    let mut by_length: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for (wire, ident, _) in &named {
        by_length.entry(wire.len()).or_default().push(format!("{wire:?}: {ident}"));
    }
    for (length, fields) in by_length {
        let _ = writeln!(code, "    {length} {{ {} }}", fields.join(", "));
    }
    code.push_str("});\n");
    drop_deserialize(&mut structure.attrs);
    Some(code)
}

fn newtype(structure: &mut ItemStruct) -> Option<String> {
    let Fields::Unnamed(fields) = &structure.fields else { return None };
    let held = fields.unnamed.iter().next().filter(|_| fields.unnamed.len() == 1)?;
    let code = format!("newtype!({}({}));\n", structure.ident, held.ty.to_token_stream());
    drop_deserialize(&mut structure.attrs);
    Some(code)
}

fn union(choice: &mut ItemEnum) -> Option<String> {
    let variants: Option<Vec<String>> = choice
        .variants
        .iter()
        .map(|variant| {
            let held: Vec<&Type> = variant.fields.iter().map(|field| &field.ty).collect();
            let [held] = held.as_slice() else { return None };
            Some(format!("{}({})", variant.ident, held.to_token_stream()))
        })
        .collect();
    let code = format!("union!({} {{ {} }});\n", choice.ident, variants?.join(", "));
    drop_deserialize(&mut choice.attrs);
    Some(code)
}

/// The name on the wire, where it is not that of the field.
fn renamed(attributes: &[syn::Attribute]) -> Option<String> {
    let mut name = None;
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("serde")) {
        let _ = attribute.parse_nested_meta(|meta| {
            if meta.input.peek(syn::Token![=]) {
                let value: syn::Expr = meta.value()?.parse()?;
                if let (true, syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. })) =
                    (meta.path.is_ident("rename"), value)
                {
                    name = Some(text.value());
                }
            }
            Ok(())
        });
    }
    name
}

fn has_serde_attribute(attributes: &[syn::Attribute], word: &str) -> bool {
    attributes.iter().filter(|attribute| attribute.path().is_ident("serde")).any(|attribute| {
        let mut found = false;
        let _ = attribute.parse_nested_meta(|meta| {
            found |= meta.path.is_ident(word);
            if meta.input.peek(syn::Token![=]) {
                let _: syn::Expr = meta.value()?.parse()?;
            }
            Ok(())
        });
        found
    })
}

fn drop_deserialize(attributes: &mut [syn::Attribute]) {
    for attribute in attributes.iter_mut().filter(|attribute| attribute.path().is_ident("derive")) {
        let parse = syn::punctuated::Punctuated::<syn::Path, syn::Token![,]>::parse_terminated;
        let Ok(derived) = attribute.parse_args_with(parse) else { continue };
        let kept: Vec<&syn::Path> = derived
            .iter()
            .filter(|path| path.segments.last().is_none_or(|name| name.ident != "Deserialize"))
            .collect();
        *attribute = syn::parse_quote!(#[derive(#(#kept),*)]);
    }
}
