//! `Debug` of what requests are made of: the names of the values that are there, and none of the values.
//!
//! A derived one shows environments, scripts, logins and passwords to the logs of every program that logs a request.

use std::collections::BTreeSet;

use quote::{ToTokens, quote};
use syn::{Fields, Item, ItemStruct};

use super::tidy::module;

/// Puts an outline in the place of the derived `Debug` of the builders, and of the types that they build.
pub(super) fn in_place_of_values(client: &mut syn::File) {
    if let Some(builders) = module(&mut client.items, "builder") {
        outline_all(builders, |_| true);
    }
    let Some(types) = module(&mut client.items, "types") else { return };
    let Some(builders) = module(types, "builder") else { return };
    let built: BTreeSet<String> =
        builders.iter().filter_map(structure).map(|of| of.ident.to_string()).collect();
    outline_all(builders, |_| true);
    outline_all(types, |structure| built.contains(&structure.ident.to_string()));
}

fn structure(item: &Item) -> Option<&ItemStruct> {
    match item {
        Item::Struct(structure) => Some(structure),
        _ => None,
    }
}

fn outline_all(items: &mut Vec<Item>, is_wanted: impl Fn(&ItemStruct) -> bool) {
    let mut outlines = Vec::new();
    for item in items.iter_mut() {
        if let Item::Struct(structure) = item
            && is_wanted(structure)
            && without_derived_debug(structure)
        {
            outlines.push(outline(structure));
        }
    }
    items.extend(outlines);
}

/// Takes `Debug` out of what a type derives; whether it was there.
fn without_derived_debug(structure: &mut ItemStruct) -> bool {
    let mut had_it = false;
    for attribute in structure.attrs.iter_mut().filter(|attribute| attribute.path().is_ident("derive")) {
        let mut derived: Vec<syn::Path> = Vec::new();
        let read = attribute.parse_nested_meta(|meta| {
            derived.push(meta.path);
            Ok(())
        });
        let is_debug = |of: &syn::Path| of.segments.last().is_some_and(|last| last.ident == "Debug");
        if read.is_ok() && derived.iter().any(is_debug) {
            derived.retain(|of| !is_debug(of));
            *attribute = syn::parse_quote!(#[derive(#(#derived),*)]);
            had_it = true;
        }
    }
    structure
        .attrs
        .retain(|attribute| !attribute.to_token_stream().to_string().replace(' ', "").contains("derive()"));
    had_it
}

fn outline(structure: &ItemStruct) -> Item {
    let of = &structure.ident;
    let name = of.to_string();
    let (generics, arguments, bounds) = structure.generics.split_for_impl();
    let fields = match &structure.fields {
        Fields::Named(fields) => fields.named.iter().filter_map(outlined_field).collect(),
        _ => Vec::new(),
    };
    syn::parse_quote! {
        impl #generics ::std::fmt::Debug for #of #arguments #bounds {
            fn fmt(&self, formatter: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                crate::outline::write(formatter, #name, &[#(#fields),*])
            }
        }
    }
}

/// A field's name, and what shows it where it has a value.
fn outlined_field(field: &syn::Field) -> Option<proc_macro2::TokenStream> {
    let ident = field.ident.as_ref().filter(|ident| *ident != "client")?;
    let name = ident.to_string();
    let name = name.strip_prefix("r#").unwrap_or(&name);
    let of = field
        .ty
        .to_token_stream()
        .to_string()
        .replace(' ', "")
        .replace("::std::option::", "")
        .replace("::std::boxed::", "");
    let shown =
        if of.starts_with("Result<types::builder::") || of.starts_with("Result<super::types::builder::") {
            // What is in a body has names of its own.
            quote! { self.#ident.as_ref().ok().map(crate::outline::nested) }
        } else if of.starts_with("Result<Option<") || of.starts_with("Result<Box<Option<") {
            quote! { crate::outline::is_there(self.#ident.as_ref().is_ok_and(|value| value.is_some())) }
        } else if of.starts_with("Result<") {
            quote! { crate::outline::is_there(self.#ident.is_ok()) }
        } else if of.starts_with("Option<") || of.starts_with("Box<Option<") {
            quote! { crate::outline::is_there(self.#ident.is_some()) }
        } else {
            quote! { crate::outline::is_there(true) }
        };
    Some(quote! { (#name, #shown) })
}
