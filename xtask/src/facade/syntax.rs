//! What a source file says of itself: its subject, the item at a line, and where it names operations.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, Expr, ExprLit, ImplItem, Item, Lit, Meta, TraitItem, Type};
use vastai_spec::generate::{method_name, operation_constant};
use vastai_spec::pipeline::Prepared;

use super::lines::{Lines, count};

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
    let file = syn::parse_file(text).ok()?;
    let before = file.attrs.iter().map(count).sum();
    let lines = Lines::of(text, text.parse().ok()?);
    Place { lines: &lines, line }.item_among(&file.items, before)
}

/// A line that an item is looked for at.
struct Place<'lines> {
    lines: &'lines Lines,
    line: usize,
}

impl Place<'_> {
    /// The one of these items, which stand one after the other from a token on, that has the line; with its own first token.
    fn among<'items, T: ToTokens>(&self, items: &'items [T], mut first: usize) -> Option<(usize, &'items T)> {
        items.iter().find_map(|item| {
            let start = first;
            first += count(item);
            self.lines.of_tokens(start..first).contains(&self.line).then_some((start, item))
        })
    }

    fn item_among(&self, items: &[Item], first: usize) -> Option<String> {
        let (start, item) = self.among(items, first)?;
        Some(match item {
            Item::Const(item) => item.ident.to_string(),
            Item::Enum(item) => item.ident.to_string(),
            Item::Fn(item) => item.sig.ident.to_string(),
            Item::Impl(block) => {
                let owner = match &*block.self_ty {
                    Type::Path(path) => path.path.segments.last()?.ident.to_string(),
                    _ => return None,
                };
                match self.among(&block.items, first_within(start, block, &block.items)) {
                    Some((_, ImplItem::Fn(method))) => format!("{owner}::{}", method.sig.ident),
                    _ => owner,
                }
            }
            Item::Macro(call) => format!("{}!", call.mac.path.segments.last()?.ident),
            Item::Mod(module) => {
                let items = &module.content.as_ref()?.1;
                self.item_among(items, first_within(start, module, items))?
            }
            Item::Static(item) => item.ident.to_string(),
            Item::Struct(item) => item.ident.to_string(),
            Item::Trait(item) => match self.among(&item.items, first_within(start, item, &item.items)) {
                Some((_, TraitItem::Fn(method))) => format!("{}::{}", item.ident, method.sig.ident),
                _ => item.ident.to_string(),
            },
            Item::Type(item) => item.ident.to_string(),
            _ => return None,
        })
    }
}

/// The first token of the items at the end of a block, which begins with this token.
fn first_within(start: usize, block: &impl ToTokens, items: &[impl ToTokens]) -> usize {
    let of_items: usize = items.iter().map(count).sum();
    // The last token is the brace.
    start + count(block) - 1 - of_items
}

/// The lines that name an operation, each with the operation: by its constant (`operations::SHOW_INSTANCE`) or by its method
/// (`client.api().show_instance()`). Tests are left out.
pub(super) fn uses_of<'missing>(
    text: &str,
    missing: &'missing [MissingOperation],
) -> syn::Result<Vec<(usize, &'missing MissingOperation)>> {
    let mut uses = Uses { missing, lines: Lines::default(), next: 0, found: Vec::new() };
    if !missing.is_empty() {
        let tokens: TokenStream = text.parse().map_err(syn::Error::from)?;
        uses.lines = Lines::of(text, tokens.clone());
        uses.collect(tokens, false);
    }
    Ok(uses.found)
}

/// A walk over the tokens of a file.
struct Uses<'missing> {
    missing: &'missing [MissingOperation],
    lines: Lines,
    /// The number of the next token.
    next: usize,
    found: Vec<(usize, &'missing MissingOperation)>,
}

impl Uses<'_> {
    fn collect(&mut self, tokens: TokenStream, in_operations: bool) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut is_test = false;
        for (index, token) in tokens.iter().enumerate() {
            let (before, number) = (&tokens[..index], self.next);
            match token {
                TokenTree::Group(group) if is_attribute(before, group) => {
                    is_test |= group.stream().to_string().replace(' ', "") == "cfg(test)";
                }
                // The body of what is only there in tests.
                TokenTree::Group(group) if is_test && group.delimiter() == Delimiter::Brace => {
                    is_test = false
                }
                TokenTree::Group(group) => {
                    let lists_operations =
                        group.delimiter() == Delimiter::Brace && ends_with(before, OPERATIONS);
                    self.next += 1;
                    self.collect(group.stream(), lists_operations);
                }
                TokenTree::Punct(mark) if mark.as_char() == ';' => is_test = false,
                TokenTree::Ident(name) if !is_test => {
                    let is_constant = in_operations || ends_with(before, OPERATIONS);
                    let is_method = ends_with(before, API_CALL) || ends_with(before, API);
                    let named = self.missing.iter().find(|operation| {
                        (is_constant && name == &operation.constant)
                            || (is_method && name == &operation.method)
                    });
                    self.found.extend(named.map(|operation| (self.lines.of_token(number), operation)));
                }
                _ => {}
            }
            self.next = number + count(token);
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
