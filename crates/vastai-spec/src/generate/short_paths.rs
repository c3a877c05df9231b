//! `::std::option::Option` as `Option`: what every program has at hand needs no path.

use std::collections::BTreeSet;

use proc_macro2::{Group, TokenStream, TokenTree};

/// What Rust's prelude brings, with the module that it comes from.
const PRELUDE: [(&str, &str); 13] = [
    ("boxed", "Box"),
    ("convert", "From"),
    ("convert", "Into"),
    ("convert", "TryFrom"),
    ("convert", "TryInto"),
    ("clone", "Clone"),
    ("default", "Default"),
    ("ops", "FnOnce"),
    ("option", "Option"),
    ("result", "Result"),
    ("string", "String"),
    ("string", "ToString"),
    ("vec", "Vec"),
];

/// Shortens the paths of the prelude's items, but for those whose name a type of the code has.
pub(super) fn of_the_prelude(code: TokenStream) -> TokenStream {
    let mut declared = BTreeSet::new();
    collect_declared(code.clone(), &mut declared);
    let short: Vec<(&str, &str)> =
        PRELUDE.into_iter().filter(|(_, name)| !declared.contains(*name)).collect();
    shortened(code, &short)
}

/// The names after `struct`, `enum`, `trait` and `type`.
fn collect_declared(code: TokenStream, declared: &mut BTreeSet<String>) {
    let mut declares = false;
    for token in code {
        match token {
            TokenTree::Group(group) => {
                collect_declared(group.stream(), declared);
                declares = false;
            }
            TokenTree::Ident(ident) => {
                let ident = ident.to_string();
                let keyword = matches!(ident.as_str(), "struct" | "enum" | "trait" | "type");
                if declares {
                    declared.insert(ident);
                }
                declares = keyword;
            }
            _ => declares = false,
        }
    }
}

fn shortened(code: TokenStream, short: &[(&str, &str)]) -> TokenStream {
    let tokens: Vec<TokenTree> = code.into_iter().collect();
    let mut kept = Vec::with_capacity(tokens.len());
    let mut rest = tokens.as_slice();
    while let Some((first, tail)) = rest.split_first() {
        if let Some(length) = length_of_path_to(rest, short).filter(|_| !ends_in_path(&kept, rest)) {
            rest = &rest[length..];
            continue;
        }
        kept.push(match first {
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), shortened(group.stream(), short));
                inner.set_span(group.span());
                TokenTree::Group(inner)
            }
            other => other.clone(),
        });
        rest = tail;
    }
    kept.into_iter().collect()
}

/// How many tokens stand before the name in `::std::option::Option` or `std::option::Option`.
fn length_of_path_to(tokens: &[TokenTree], short: &[(&str, &str)]) -> Option<usize> {
    let start = if is_separator(tokens) { 2 } else { 0 };
    tokens.get(start).and_then(ident).filter(|name| name == "std")?;
    let module = tokens.get(start + 3).and_then(ident)?;
    let name = tokens.get(start + 6).and_then(ident)?;
    let separated = is_separator(&tokens[start + 1..]) && is_separator(&tokens[start + 4..]);
    (separated && short.contains(&(module.as_str(), name.as_str()))).then_some(start + 6)
}

fn is_separator(tokens: &[TokenTree]) -> bool {
    let is_colon =
        |token: Option<&TokenTree>| matches!(token, Some(TokenTree::Punct(mark)) if mark.as_char() == ':');
    is_colon(tokens.first()) && is_colon(tokens.get(1))
}

/// Whether what was kept so far is the beginning of a longer path: `core::` before `std`, or `core` before `::std`.
fn ends_in_path(kept: &[TokenTree], rest: &[TokenTree]) -> bool {
    const BEFORE_PATHS: [&str; 8] = ["as", "dyn", "for", "impl", "in", "mut", "return", "where"];
    let after_separator = kept.len().checked_sub(2).is_some_and(|start| is_separator(&kept[start..]));
    let after_name = kept.last().and_then(ident).is_some_and(|name| !BEFORE_PATHS.contains(&name.as_str()));
    after_separator || (after_name && is_separator(rest))
}

fn ident(token: &TokenTree) -> Option<String> {
    match token {
        TokenTree::Ident(ident) => Some(ident.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn short(code: &str) -> String {
        let tokens: TokenStream = code.parse().unwrap();
        of_the_prelude(tokens).to_string().replace(' ', "")
    }

    #[test]
    fn only_what_the_prelude_has() {
        assert_eq!(
            short("fn a(b: ::std::option::Option<std::vec::Vec<i64>>) {}"),
            "fna(b:Option<Vec<i64>>){}"
        );
        assert_eq!(short("::std::collections::BTreeMap<A, B>"), "::std::collections::BTreeMap<A,B>");
        assert_eq!(short("x::std::option::Option"), "x::std::option::Option");
        assert_eq!(short("std"), "std");
    }

    #[test]
    fn a_type_of_that_name_keeps_the_paths_apart() {
        let code = "pub mod types { pub struct Option { a: ::std::option::Option<::std::string::String> } }";
        assert_eq!(short(code), "pubmodtypes{pubstructOption{a:::std::option::Option<String>}}");
    }
}
