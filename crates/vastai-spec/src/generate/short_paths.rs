//! `::std::option::Option` as `Option`: what every program has at hand needs no path.

use std::collections::BTreeSet;

use proc_macro2::TokenTree;

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

/// The names of the prelude that code may be shortened to, and those that it declares itself.
#[derive(Default)]
pub(super) struct Prelude {
    /// Names that the code declares: there the paths keep it apart from what the prelude has.
    declared: BTreeSet<&'static str>,
}

/// What the prelude has of this name.
pub(super) fn of_the_prelude(name: &str) -> Option<&'static str> {
    PRELUDE.iter().map(|(_, known)| *known).find(|known| *known == name)
}

impl Prelude {
    /// With names that other code of the client declares.
    pub(super) fn with(declared: &BTreeSet<&'static str>) -> Self {
        Self { declared: declared.clone() }
    }

    /// Notes the names after `struct`, `enum`, `trait` and `type`; `true` where one is new, so that paths to it must not have been shortened.
    pub(super) fn note_declared(&mut self, tokens: &[TokenTree]) -> bool {
        let mut is_new = false;
        for pair in tokens.windows(2) {
            let [TokenTree::Ident(keyword), TokenTree::Ident(name)] = pair else { continue };
            if ["struct", "enum", "trait", "type"].iter().any(|declares| keyword == declares) {
                let of_the_prelude = PRELUDE.iter().filter(|(_, known)| name == known);
                is_new |= of_the_prelude.fold(false, |new, (_, known)| self.declared.insert(known) | new);
            }
        }
        is_new
    }

    /// Shortens the paths in one level of the code.
    pub(super) fn shorten(&self, tokens: &mut Vec<TokenTree>) {
        if !tokens.iter().any(|token| is_name(Some(token), "std")) {
            return;
        }
        let mut kept: Vec<usize> = Vec::with_capacity(tokens.len());
        let mut next = 0;
        while next < tokens.len() {
            let rest = &tokens[next..];
            match self.length_of_path(rest).filter(|_| !ends_in_path(tokens, &kept, rest)) {
                Some(length) => next += length,
                None => {
                    kept.push(next);
                    next += 1;
                }
            }
        }
        let mut kept = kept.into_iter().peekable();
        let mut index = 0;
        tokens.retain(|_| {
            let stays = kept.next_if_eq(&index).is_some();
            index += 1;
            stays
        });
    }

    /// How many tokens stand before the name in `::std::option::Option` or `std::option::Option`.
    fn length_of_path(&self, tokens: &[TokenTree]) -> Option<usize> {
        let start = if is_separator(tokens) { 2 } else { 0 };
        if !is_name(tokens.get(start), "std") {
            return None;
        }
        let (module, name) = (tokens.get(start + 3), tokens.get(start + 6));
        let separated = is_separator(&tokens[start + 1..]) && is_separator(tokens.get(start + 4..)?);
        let is_short = |(of, known): &(&str, &str)| {
            is_name(name, known) && is_name(module, of) && !self.declared.contains(known)
        };
        (separated && PRELUDE.iter().any(is_short)).then_some(start + 6)
    }
}

fn is_separator(tokens: &[TokenTree]) -> bool {
    is_colon(tokens.first()) && is_colon(tokens.get(1))
}

fn is_colon(token: Option<&TokenTree>) -> bool {
    matches!(token, Some(TokenTree::Punct(mark)) if mark.as_char() == ':')
}

/// Whether what was kept so far is the beginning of a longer path: `core::` before `std`, or `core` before `::std`.
fn ends_in_path(tokens: &[TokenTree], kept: &[usize], rest: &[TokenTree]) -> bool {
    const BEFORE_PATHS: [&str; 8] = ["as", "dyn", "for", "impl", "in", "mut", "return", "where"];
    let last = |back: usize| kept.len().checked_sub(back).map(|index| &tokens[kept[index]]);
    let after_separator = is_colon(last(2)) && is_colon(last(1));
    let after_name =
        matches!(last(1), Some(TokenTree::Ident(name)) if !BEFORE_PATHS.iter().any(|word| name == word));
    after_separator || (after_name && is_separator(rest))
}

fn is_name(token: Option<&TokenTree>, name: &str) -> bool {
    matches!(token, Some(TokenTree::Ident(ident)) if ident == name)
}

#[cfg(test)]
mod tests {
    use proc_macro2::TokenStream;

    use super::*;
    use crate::generate::tokens::rewritten;

    fn short(code: &str) -> String {
        let tokens: TokenStream = code.parse().unwrap();
        let mut prelude = Prelude::default();
        let mut declared = |tokens: Vec<TokenTree>| {
            prelude.note_declared(&tokens);
            tokens
        };
        let tokens = rewritten(tokens, &mut declared);
        let mut shortened = |mut tokens: Vec<TokenTree>| {
            prelude.shorten(&mut tokens);
            tokens
        };
        rewritten(tokens, &mut shortened).to_string().replace(' ', "")
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
