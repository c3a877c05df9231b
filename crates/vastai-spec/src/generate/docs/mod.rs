//! Documentation of the generated code: every line of it is inert, whoever wrote it.
//!
//! Descriptions of the document become doc comments, and rustdoc compiles and runs the code of doc comments, passes HTML on, and resolves
//! links. So whatever stands in a `doc` attribute goes through [`inert_markdown`]: what the generator writes, by [`made_inert`], and
//! what this crate adds, by [`attributes`].

mod inline;
mod markdown;

use std::collections::BTreeMap;

use proc_macro2::{Delimiter, Group, Literal, Punct, Spacing, TokenStream, TokenTree};
use serde_json::Value;

use super::tidy::module;

pub use markdown::inert_markdown;

/// Gives every fence of a description an end: the generator writes further text behind descriptions.
pub(super) fn close_fences(model: &mut Value) {
    match model {
        Value::Object(members) => {
            for (key, member) in members {
                match member {
                    Value::String(text) if matches!(key.as_str(), "description" | "summary") => {
                        *text = markdown::closed(text).into_owned();
                    }
                    _ => close_fences(member),
                }
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(close_fences),
        _ => {}
    }
}

/// Makes every `doc` attribute inert, wherever in the code it stands.
///
/// Attributes that follow each other are one text to rustdoc, and are read as one here. Each line gets an attribute of its own, so that
/// it is printed as `/// line`: block comments treat some lines in a way of their own.
pub(super) fn made_inert(code: TokenStream) -> TokenStream {
    let tokens: Vec<TokenTree> = code.into_iter().collect();
    let mut kept = Vec::with_capacity(tokens.len());
    let mut rest = tokens.as_slice();
    while let Some((first, tail)) = rest.split_first() {
        let Some((style, mut text, mut after)) = doc_attribute(rest) else {
            kept.push(match first {
                TokenTree::Group(group) => {
                    let mut inner = Group::new(group.delimiter(), made_inert(group.stream()));
                    inner.set_span(group.span());
                    TokenTree::Group(inner)
                }
                other => other.clone(),
            });
            rest = tail;
            continue;
        };
        while let Some((_, more, after_more)) = doc_attribute(after).filter(|(other, ..)| *other == style) {
            text.push('\n');
            text.push_str(&more);
            after = after_more;
        }
        for line in lines(&text) {
            kept.extend(attribute_tokens(style, &line));
        }
        rest = after;
    }
    kept.into_iter().collect()
}

/// The `doc` attributes that say `text`; none where it says nothing.
pub(super) fn attributes(text: &str) -> Vec<syn::Attribute> {
    lines(text).map(|line| syn::parse_quote!(#[doc = #line])).collect()
}

/// Leads from each builder to the method that makes it, as the generator does in a form that is not inert.
///
/// `of_builders` has the name of the method by the name of the builder.
pub(super) fn link_builders(client: &mut syn::File, of_builders: &BTreeMap<String, String>) {
    for item in module(&mut client.items, "builder").into_iter().flatten() {
        let syn::Item::Struct(builder) = item else { continue };
        let Some(method) = of_builders.get(&builder.ident.to_string()) else { continue };
        builder.attrs.retain(|attribute| !is_documentation(attribute));
        let words = format!(" Builder for [`Client::{method}`](super::Client::{method}).");
        builder.attrs.insert(0, syn::parse_quote!(#[doc = #words]));
    }
}

/// Whether an attribute is a piece of documentation.
pub(super) fn is_documentation(attribute: &syn::Attribute) -> bool {
    matches!(&attribute.meta, syn::Meta::NameValue(meta) if meta.path.is_ident("doc"))
}

/// The lines of an inert text, each as it stands behind `///`.
fn lines(text: &str) -> impl Iterator<Item = String> {
    let text = inert_markdown(text);
    let lines: Vec<String> =
        text.lines().map(|line| if line.is_empty() { String::new() } else { format!(" {line}") }).collect();
    lines.into_iter()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    /// `#[doc = "…"]`
    Outer,
    /// `#![doc = "…"]`
    Inner,
}

/// A `doc` attribute at the beginning of `tokens`, and what comes behind it.
fn doc_attribute(tokens: &[TokenTree]) -> Option<(Style, String, &[TokenTree])> {
    let is_punct = |token: Option<&TokenTree>, mark: char| matches!(token, Some(TokenTree::Punct(found)) if found.as_char() == mark);
    if !is_punct(tokens.first(), '#') {
        return None;
    }
    let (style, at) = if is_punct(tokens.get(1), '!') { (Style::Inner, 2) } else { (Style::Outer, 1) };
    let Some(TokenTree::Group(group)) = tokens.get(at) else { return None };
    if group.delimiter() != Delimiter::Bracket {
        return None;
    }
    let mut inside = group.stream().into_iter();
    match (inside.next(), inside.next(), inside.next(), inside.next()) {
        (Some(TokenTree::Ident(name)), mark, Some(TokenTree::Literal(text)), None)
            if name == "doc" && is_punct(mark.as_ref(), '=') =>
        {
            let syn::Lit::Str(text) = syn::Lit::new(text) else { return None };
            Some((style, text.value(), &tokens[at + 1..]))
        }
        _ => None,
    }
}

fn attribute_tokens(style: Style, line: &str) -> Vec<TokenTree> {
    let mark = |mark| TokenTree::Punct(Punct::new(mark, Spacing::Alone));
    let text = TokenTree::Literal(Literal::string(line));
    let name = TokenTree::Ident(proc_macro2::Ident::new("doc", proc_macro2::Span::call_site()));
    let inside: TokenStream = [name, mark('='), text].into_iter().collect();
    let mut tokens = vec![mark('#')];
    tokens.extend((style == Style::Inner).then(|| mark('!')));
    tokens.push(TokenTree::Group(Group::new(Delimiter::Bracket, inside)));
    tokens
}
