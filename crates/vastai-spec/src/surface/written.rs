//! How a surface writes Rust: types, arguments and tokens without the paths and spaces that no person would write.

use quote::ToTokens;
use syn::{Type, Visibility};

/// An argument; of a generic one, what it must be convertible into.
pub(super) fn argument_text(argument: &Type, generics: &syn::Generics) -> String {
    let name = type_text(argument);
    let bounds = generics.where_clause.iter().flat_map(|clause| &clause.predicates);
    let bound = bounds.filter_map(|predicate| match predicate {
        syn::WherePredicate::Type(bound) if type_text(&bound.bounded_ty) == name => Some(&bound.bounds),
        _ => None,
    });
    let bounds: Vec<String> = bound
        .flatten()
        .map(|bound| squeezed(&tokens(bound)).replace("std::convert::", "").replace("std::ops::", ""))
        .collect();
    if bounds.is_empty() { name } else { format!("impl {}", bounds.join(" + ")) }
}

pub(super) fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

pub(super) fn type_text(of: &Type) -> String {
    squeezed(&tokens(of))
        .replace("::std::string::", "")
        .replace("::std::option::", "")
        // The setters' traits, without the parameter that the compiler finds.
        .replace("crate::Into", "Into")
        .replace(", By>", ">")
        .replace("crate::", "")
        .replace("::std::vec::", "")
        .replace("::std::collections::", "")
}

pub(super) fn tokens(of: &impl ToTokens) -> String {
    of.to_token_stream().to_string()
}

/// Tokens without the spaces between them that no person would write.
pub(super) fn squeezed(text: &str) -> String {
    let mut squeezed = text.to_owned();
    for (spaced, close) in [
        (" :: ", "::"),
        (":: ", "::"),
        (" ::", "::"),
        (" < ", "<"),
        ("< ", "<"),
        (" <", "<"),
        (" >", ">"),
        (" ,", ","),
        (",>", ">"),
        ("& ", "&"),
        (" (", "("),
        ("( ", "("),
        (" )", ")"),
        // A list over several lines has a comma at its end.
        (",)", ")"),
    ] {
        squeezed = squeezed.replace(spaced, close);
    }
    squeezed
}
