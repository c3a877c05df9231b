//! What a source file says of itself: its subject, the item at a line, and where it names operations.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::{Attribute, Expr, ExprLit, ImplItem, Item, Lit, Meta, TraitItem, Type};
use vastai_spec::generate::{method_name, operation_constant};
use vastai_spec::pipeline::Prepared;

/// An operation that a new document lacks.
#[derive(Debug)]
pub(crate) struct MissingOperation {
    pub(super) id: String,
    method: String,
    constant: String,
}

impl MissingOperation {
    /// The operations of the old client that the new one does not have.
    pub(crate) fn between(old: &Prepared, new: &Prepared) -> Vec<Self> {
        let kept: BTreeSet<String> = new.offered().map(|operation| method_name(&operation.id)).collect();
        old.offered()
            .map(|operation| (operation.id.clone(), method_name(&operation.id)))
            .filter(|(_, method)| !kept.contains(method))
            .map(|(id, method)| Self { id, constant: operation_constant(&method), method })
            .collect()
    }
}

/// The first line of a file's documentation, without the point at its end.
pub(super) fn first_line_of_docs(text: &str) -> Option<String> {
    let file = syn::parse_file(text).ok()?;
    let line = file.attrs.iter().find_map(doc)?;
    let line = line.trim().trim_end_matches('.').replace('`', "");
    (!line.is_empty()).then_some(line)
}

fn doc(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(meta) = &attribute.meta else { return None };
    match &meta.value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) if meta.path.is_ident("doc") => Some(text.value()),
        _ => None,
    }
}

/// The item that has a line: `Type::method`, or the name of a function, type or constant.
pub(super) fn item_at(text: &str, line: usize) -> Option<String> {
    item_among(&syn::parse_file(text).ok()?.items, line)
}

fn item_among(items: &[Item], line: usize) -> Option<String> {
    let item = items.iter().find(|item| has_line(item, line))?;
    Some(match item {
        Item::Const(item) => item.ident.to_string(),
        Item::Enum(item) => item.ident.to_string(),
        Item::Fn(item) => item.sig.ident.to_string(),
        Item::Impl(block) => {
            let owner = match &*block.self_ty {
                Type::Path(path) => path.path.segments.last()?.ident.to_string(),
                _ => return None,
            };
            let method = block.items.iter().find_map(|item| match item {
                ImplItem::Fn(method) if has_line(method, line) => Some(&method.sig.ident),
                _ => None,
            });
            method.map_or_else(|| owner.clone(), |method| format!("{owner}::{method}"))
        }
        Item::Macro(call) => format!("{}!", call.mac.path.segments.last()?.ident),
        Item::Mod(module) => item_among(&module.content.as_ref()?.1, line)?,
        Item::Static(item) => item.ident.to_string(),
        Item::Struct(item) => item.ident.to_string(),
        Item::Trait(item) => {
            let method = item.items.iter().find_map(|member| match member {
                TraitItem::Fn(method) if has_line(method, line) => Some(&method.sig.ident),
                _ => None,
            });
            method.map_or_else(|| item.ident.to_string(), |method| format!("{}::{method}", item.ident))
        }
        Item::Type(item) => item.ident.to_string(),
        _ => return None,
    })
}

fn has_line(of: &impl syn::spanned::Spanned, line: usize) -> bool {
    let span = of.span();
    (span.start().line..=span.end().line).contains(&line)
}

/// The lines that name an operation, each with the operation: by its constant (`operations::SHOW_INSTANCE`) or by its method
/// (`client.api().show_instance()`). Tests are left out.
pub(super) fn uses_of<'missing>(
    text: &str,
    missing: &'missing [MissingOperation],
) -> syn::Result<Vec<(usize, &'missing MissingOperation)>> {
    let mut uses = Vec::new();
    if !missing.is_empty() {
        let tokens: TokenStream = text.parse().map_err(syn::Error::from)?;
        collect_uses(tokens, missing, false, &mut uses);
    }
    Ok(uses)
}

fn collect_uses<'missing>(
    tokens: TokenStream,
    missing: &'missing [MissingOperation],
    in_operations: bool,
    uses: &mut Vec<(usize, &'missing MissingOperation)>,
) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut is_test = false;
    for (index, token) in tokens.iter().enumerate() {
        let before = &tokens[..index];
        match token {
            TokenTree::Group(group) if is_attribute(before, group) => {
                is_test |= group.stream().to_string().replace(' ', "") == "cfg(test)";
            }
            // The body of what is only there in tests.
            TokenTree::Group(group) if is_test && group.delimiter() == Delimiter::Brace => is_test = false,
            TokenTree::Group(group) => {
                let lists_operations = group.delimiter() == Delimiter::Brace && ends_with(before, OPERATIONS);
                collect_uses(group.stream(), missing, lists_operations, uses);
            }
            TokenTree::Punct(mark) if mark.as_char() == ';' => is_test = false,
            TokenTree::Ident(name) if !is_test => {
                let is_constant = in_operations || ends_with(before, OPERATIONS);
                let is_method = ends_with(before, API_CALL) || ends_with(before, API);
                let named = missing.iter().find(|operation| {
                    (is_constant && name == &operation.constant) || (is_method && name == &operation.method)
                });
                uses.extend(named.map(|operation| (name.span().start().line, operation)));
            }
            _ => {}
        }
    }
}

/// What stands before an operation's constant, and before its method.
const OPERATIONS: &[&str] = &["operations", ":", ":"];
const API_CALL: &[&str] = &["api", "()", "."];
const API: &[&str] = &["api", "."];

fn ends_with(tokens: &[TokenTree], end: &[&str]) -> bool {
    let start = tokens.len().checked_sub(end.len());
    start.is_some_and(|start| {
        tokens[start..].iter().zip(end).all(|(token, expected)| token.to_string() == *expected)
    })
}

fn is_attribute(before: &[TokenTree], group: &proc_macro2::Group) -> bool {
    group.delimiter() == Delimiter::Bracket && ends_with(before, &["#"])
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "\
//! Renting: from an `offer` to an instance.
//! More.

use vastai_api::operations::{self, SHOW_IT, RENT_IT as RENT};

impl Rent {
    fn send(&self) {
        self.client
            .api()
            .rent_it()
            .body(rent_it());
    }
}

#[cfg(test)]
mod tests {
    const USED: &Operation = operations::RENT_IT;
}

static RENTED: &Operation = wrap!(operations::RENT_IT);
";

    #[test]
    fn operations_are_found_by_constant_and_method_outside_of_tests() {
        let missing = [MissingOperation {
            id: "rentIt".to_owned(),
            method: "rent_it".to_owned(),
            constant: "RENT_IT".to_owned(),
        }];
        let lines: Vec<usize> =
            uses_of(SOURCE, &missing).unwrap().into_iter().map(|(line, _)| line).collect();
        assert_eq!(lines, [4, 10, 20]);
    }

    #[test]
    fn a_line_has_a_subject_and_an_item() {
        assert_eq!(first_line_of_docs(SOURCE).as_deref(), Some("Renting: from an offer to an instance"));
        assert_eq!(first_line_of_docs("fn main() {}"), None);
        assert_eq!(item_at(SOURCE, 10).as_deref(), Some("Rent::send"));
        assert_eq!(item_at(SOURCE, 20).as_deref(), Some("RENTED"));
        assert_eq!(item_at(SOURCE, 4), None);
    }
}
