//! Types that may grow without breaking a program that uses them.

use syn::{Fields, Item};

use super::tidy::module;

/// Marks structs with fields, and enums, as non-exhaustive.
///
/// The service adds fields and values at any time. So a program lists neither all fields of a struct nor all variants of an enum:
/// it makes a request with the type's builder or its `Default`, and a `match` has an arm for what is yet to come. In return, such an
/// addition is a minor release and not a major one.
pub(super) fn mark_non_exhaustive(client: &mut syn::File) {
    for item in module(&mut client.items, "types").into_iter().flatten() {
        match item {
            Item::Struct(structure) if matches!(structure.fields, Fields::Named(_)) => {
                structure.attrs.push(syn::parse_quote!(#[non_exhaustive]));
            }
            Item::Enum(choice) => choice.attrs.push(syn::parse_quote!(#[non_exhaustive])),
            _ => {}
        }
    }
}
