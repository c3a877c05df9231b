//! How large the response of an operation is in memory, by depth: the sizes of the types that a JSON value at that depth is decoded into.
//!
//! A body of `{}` in a list costs three bytes on the wire, and a struct each in memory. Only the generated types tell how much that is.

use std::collections::{BTreeMap, BTreeSet};

use quote::ToTokens;
use syn::{GenericArgument, ImplItem, Item, PathArguments, ReturnType, Type};

use super::tidy::subject;
use crate::filled::filled;

/// What is deeper than this counts as if it were as deep.
const DEEPEST: usize = 12;

/// For each method of the client, expressions for the sizes of what its response is decoded into, by depth.
///
/// `of_builders` has the method of each builder.
pub(super) fn by_method(
    client: &syn::File,
    of_builders: &BTreeMap<String, String>,
) -> BTreeMap<String, Vec<String>> {
    let types: BTreeMap<String, &Item> = filled(items(client, "types").filter_map(|item| match item {
        Item::Struct(syn::ItemStruct { ident, .. }) | Item::Enum(syn::ItemEnum { ident, .. }) => {
            Some((ident.to_string(), item))
        }
        _ => None,
    }));
    let sends = items(client, "builder").filter_map(|item| match item {
        Item::Impl(block) if block.trait_.is_none() => {
            Some((of_builders.get(&subject(block))?, response_of(block)?))
        }
        _ => None,
    });
    filled(sends.map(|(method, response)| {
        let mut sizes = Sizes {
            types: &types,
            by_depth: Vec::new(),
            seen: BTreeSet::new(),
            waiting: vec![(response, 0)],
        };
        while let Some((of, depth)) = sizes.waiting.pop() {
            sizes.add(of, depth);
        }
        let by_depth = sizes.by_depth.into_iter().map(|sizes| match sizes.len() {
            0 => "0".to_owned(),
            _ => format!("largest(&[{}])", sizes.into_iter().collect::<Vec<_>>().join(", ")),
        });
        (method.clone(), by_depth.collect())
    }))
}

fn items<'client>(client: &'client syn::File, module: &'static str) -> impl Iterator<Item = &'client Item> {
    let content = client.items.iter().find_map(|item| match item {
        Item::Mod(found) if found.ident == module => found.content.as_ref().map(|(_, items)| items),
        _ => None,
    });
    content.into_iter().flatten()
}

/// The `T` of `send(self) -> Sending<T>`.
fn response_of(block: &syn::ItemImpl) -> Option<&Type> {
    let send = block.items.iter().find_map(|item| match item {
        ImplItem::Fn(method) if method.sig.ident == "send" => Some(method),
        _ => None,
    })?;
    let ReturnType::Type(_, sending) = &send.sig.output else { return None };
    let (_, response) = name_and_arguments(sending)?;
    response.first().copied()
}

/// The last name of a path, and the types in its angle brackets.
fn name_and_arguments(of: &Type) -> Option<(String, Vec<&Type>)> {
    let Type::Path(path) = of else { return None };
    let last = path.path.segments.last()?;
    let arguments = match &last.arguments {
        PathArguments::AngleBracketed(arguments) => arguments.args.iter().collect(),
        _ => Vec::new(),
    };
    let types = arguments.into_iter().filter_map(|argument| match argument {
        GenericArgument::Type(of) => Some(of),
        _ => None,
    });
    Some((last.ident.to_string(), types.collect()))
}

struct Sizes<'types, 'client> {
    types: &'types BTreeMap<String, &'client Item>,
    by_depth: Vec<BTreeSet<String>>,
    seen: BTreeSet<(String, usize)>,
    /// Types that are still to be added: one after the other, so that a long chain of them does not recurse deeply.
    waiting: Vec<(&'client Type, usize)>,
}

impl<'client> Sizes<'_, 'client> {
    /// Adds a type that a value at this depth is decoded into; what is in it waits.
    fn add(&mut self, of: &'client Type, depth: usize) {
        let depth = depth.min(DEEPEST);
        if let Type::Tuple(tuple) = of {
            self.waiting.extend(tuple.elems.iter().map(|element| (element, depth + 1)));
            return;
        }
        let Some((name, arguments)) = name_and_arguments(of) else { return };
        match (name.as_str(), arguments.as_slice()) {
            ("Vec", [element]) => self.waiting.push((element, depth + 1)),
            ("BTreeMap" | "HashMap", [_, value]) => {
                // A node has room for eleven entries, also where there is one.
                let value_size = self.types.contains_key(&last_name(value)).then(|| last_name(value));
                let value_size =
                    value_size.map_or("64".to_owned(), |name| format!("size_of::<types::{name}>()"));
                self.at(depth).insert(format!("11 * (24 + {value_size})"));
                self.waiting.push((value, depth + 1));
            }
            (_, []) => self.add_named(&name, depth),
            // What is around a type in responses is as large as it, or a pointer.
            (_, within) => self.waiting.extend(within.iter().map(|within| (*within, depth))),
        }
    }

    fn add_named(&mut self, name: &str, depth: usize) {
        let Some(item) = self.types.get(name).copied() else { return };
        if !self.seen.insert((name.to_owned(), depth)) {
            return;
        }
        self.at(depth).insert(format!("size_of::<types::{name}>()"));
        match item {
            Item::Struct(structure) => {
                let inner = match structure.fields {
                    syn::Fields::Named(_) => depth + 1,
                    // A wrapper is the value itself.
                    _ => depth,
                };
                self.waiting.extend(structure.fields.iter().map(|field| (&field.ty, inner)));
            }
            Item::Enum(choices) => {
                let held = choices.variants.iter().flat_map(|variant| &variant.fields);
                self.waiting.extend(held.map(|field| (&field.ty, depth)));
            }
            _ => {}
        }
    }

    fn at(&mut self, depth: usize) -> &mut BTreeSet<String> {
        if self.by_depth.len() <= depth {
            self.by_depth.resize(depth + 1, BTreeSet::new());
        }
        &mut self.by_depth[depth]
    }
}

/// The name of a type inside of whatever is around it.
fn last_name(of: &Type) -> String {
    match name_and_arguments(of) {
        Some((name, arguments)) => arguments.last().map_or(name, |inner| last_name(inner)),
        None => of.to_token_stream().to_string(),
    }
}
