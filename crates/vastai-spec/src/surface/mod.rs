//! The public items of a crate, one a line: of generated code, what a reviewer reads instead of the code ([`of`]); of a hand-written
//! crate, what its users see of it ([`of_sources`]).

mod macros;
mod sources;
mod written;

use std::collections::BTreeSet;

use syn::{Fields, ImplItem, Item, ReturnType};

use crate::operations::{Authentication, Operation};
use crate::visible::in_one_line;
use written::{argument_text, is_public, squeezed, tokens, type_text};

pub use sources::{SourcesError, of_sources};

/// The surface of a client and its operations table, sorted, with a newline at the end.
#[must_use]
pub fn of(client: &syn::File, operations: &[&Operation]) -> String {
    let mut lines = BTreeSet::new();
    items(&client.items, "", &mut lines);
    for operation in operations {
        let repeat = if operation.repeatable { "repeatable" } else { "never repeated" };
        let effects = operation.effects();
        let authentication = match operation.authentication {
            Authentication::None => "no authentication",
            Authentication::Bearer => "bearer",
            Authentication::Other => "other authentication",
        };
        let line = format!(
            "operation {}: {} {}{} ({authentication}, {repeat}, {effects})",
            operation.id,
            operation.method.to_uppercase(),
            operation.server,
            operation.path,
        );
        lines.insert(in_one_line(&line).into_owned());
    }
    let mut text: String = lines.into_iter().collect::<Vec<_>>().join("\n");
    text.push('\n');
    text
}

fn items(items_of: &[Item], path: &str, lines: &mut BTreeSet<String>) {
    for item in items_of {
        match item {
            Item::Mod(module) if is_public(&module.vis) => {
                // Conversion errors of the types; the same in every generated client.
                if module.ident == "error" || module.ident == "defaults" || module.ident == "prelude" {
                    continue;
                }
                let path = format!("{path}{}::", module.ident);
                if let Some((_, content)) = &module.content {
                    items(content, &path, lines);
                }
            }
            Item::Struct(structure) if is_public(&structure.vis) => {
                let name = format!("{path}{}", structure.ident);
                derives(&structure.attrs, &name, lines);
                match &structure.fields {
                    Fields::Named(fields) => {
                        lines.insert(format!("struct {name}"));
                        for field in fields.named.iter().filter(|field| is_public(&field.vis)) {
                            if let Some(ident) = &field.ident {
                                lines.insert(format!("field {name}.{ident}: {}", type_text(&field.ty)));
                            }
                        }
                    }
                    Fields::Unnamed(fields) => {
                        let types: Vec<String> =
                            fields.unnamed.iter().map(|field| type_text(&field.ty)).collect();
                        lines.insert(format!("struct {name}({})", types.join(", ")));
                    }
                    Fields::Unit => drop(lines.insert(format!("struct {name}"))),
                }
            }
            Item::Enum(choice) if is_public(&choice.vis) => {
                let name = format!("{path}{}", choice.ident);
                lines.insert(format!("enum {name}"));
                derives(&choice.attrs, &name, lines);
                for variant in &choice.variants {
                    let types: Vec<String> =
                        variant.fields.iter().map(|field| type_text(&field.ty)).collect();
                    let payload =
                        if types.is_empty() { String::new() } else { format!("({})", types.join(", ")) };
                    lines.insert(format!("variant {name}::{}{payload}", variant.ident));
                }
            }
            Item::Type(alias) if is_public(&alias.vis) => {
                lines.insert(format!("type {path}{} = {}", alias.ident, type_text(&alias.ty)));
            }
            Item::Impl(block) => match &block.trait_ {
                None => methods(block, path, lines),
                Some((of, _)) => implementation(of, block, path, lines),
            },
            _ => {}
        }
    }
}

/// What every type derives, which says nothing about one of them.
const DERIVED_BY_ALL: [&str; 5] = ["Clone", "Debug", "Deserialize", "PartialEq", "Serialize"];

/// The traits that a type derives.
fn derives(attributes: &[syn::Attribute], name: &str, lines: &mut BTreeSet<String>) {
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("derive")) {
        let parse = syn::punctuated::Punctuated::<syn::Path, syn::Token![,]>::parse_terminated;
        let Ok(traits) = attribute.parse_args_with(parse) else { continue };
        for of in traits.iter().filter_map(|of| of.segments.last().map(|segment| segment.ident.to_string())) {
            if !DERIVED_BY_ALL.contains(&of.as_str()) {
                lines.insert(format!("impl {of} for {name}"));
            }
        }
    }
}

/// A trait that a type of the document implements otherwise.
fn implementation(of: &syn::Path, block: &syn::ItemImpl, path: &str, lines: &mut BTreeSet<String>) {
    if path != "types::" {
        return;
    }
    let subject = type_text(&block.self_ty);
    let of = squeezed(&tokens(of))
        .replace("::std::", "std::")
        .replace("::serde::", "serde::")
        .replace("std::string::", "")
        .replace("std::vec::", "");
    // The trait without its path; what its parameters are called stays whole.
    let (name, parameters) = of.split_at(of.find('<').unwrap_or(of.len()));
    let name = name.rsplit("::").next().unwrap_or(name);
    // Each type is made of its own reference, and of its builder, whose setters say what it takes.
    let of_itself =
        parameters == "<&Self>" || parameters == format!("<&{subject}>") || parameters.contains("builder::");
    if !of_itself && !DERIVED_BY_ALL.contains(&name) && !subject.starts_with("builder::") {
        lines.insert(format!("impl {name}{parameters} for {path}{subject}"));
    }
}

fn methods(block: &syn::ItemImpl, path: &str, lines: &mut BTreeSet<String>) {
    let owner = type_text(&block.self_ty);
    // The setters of a type's builder repeat the type's fields.
    if path.ends_with("types::builder::") {
        return;
    }
    let owner = owner.split('<').next().unwrap_or_default().to_owned();
    for item in &block.items {
        let ImplItem::Fn(method) = item else { continue };
        if !is_public(&method.vis) || method.sig.ident == "builder" {
            continue;
        }
        let arguments: Vec<String> = method
            .sig
            .inputs
            .iter()
            .filter_map(|argument| match argument {
                syn::FnArg::Typed(typed) => Some(argument_text(&typed.ty, &method.sig.generics)),
                syn::FnArg::Receiver(_) => None,
            })
            .collect();
        let output = match &method.sig.output {
            ReturnType::Default => String::new(),
            ReturnType::Type(_, output) => format!(" -> {}", type_text(output)),
        };
        let asynchronous = if method.sig.asyncness.is_some() { "async " } else { "" };
        lines.insert(format!(
            "{asynchronous}fn {path}{owner}.{}({}){output}",
            method.sig.ident,
            arguments.join(", ")
        ));
    }
}
