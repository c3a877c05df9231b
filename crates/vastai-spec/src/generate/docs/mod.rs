//! Documentation of the generated code: every line of it is inert, whatever the document says.
//!
//! Descriptions of the document become doc comments, and rustdoc compiles and runs the code of doc comments, passes HTML on, and resolves
//! links. So whatever stands in a `doc` attribute goes through [`inert_markdown`]: what the generator writes, by [`make_inert`], and
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

/// Makes every `doc` attribute in one level of the code inert.
///
/// Attributes that follow each other are one text to rustdoc, and are read as one here. Each line gets an attribute of its own, so that
/// it is printed as `/// line`: block comments treat some lines in a way of their own.
pub(super) fn make_inert(tokens: &mut Vec<TokenTree>) {
    let mut comments = Vec::new();
    let mut next = 0;
    while next < tokens.len() {
        let Some((style, mut text, length)) = doc_attribute(&tokens[next..]) else {
            next += 1;
            continue;
        };
        let start = next;
        next += length;
        while let Some((_, more, length)) =
            doc_attribute(&tokens[next..]).filter(|(other, ..)| *other == style)
        {
            text.push('\n');
            text.push_str(&more);
            next += length;
        }
        comments.push((start..next, style, text));
    }
    if comments.is_empty() {
        return;
    }
    let mut written = std::mem::take(tokens).into_iter();
    let mut behind = 0;
    for (attributes, style, text) in comments {
        tokens.extend(written.by_ref().take(attributes.start - behind));
        behind = attributes.end;
        // Dropped here: the attributes as they were.
        written.by_ref().take(attributes.len()).for_each(drop);
        tokens.extend(lines(&text).flat_map(|line| attribute_tokens(style, &line)));
    }
    tokens.extend(written);
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

/// A `doc` attribute at the beginning of `tokens`: its text, and of how many tokens it is.
fn doc_attribute(tokens: &[TokenTree]) -> Option<(Style, String, usize)> {
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
            Some((style, text.value(), at + 1))
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
