//! The generator's tokens: what nobody needs is taken out before they are read, and the rest is rewritten in one walk.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// Rewrites code level by level: `level` gets the tokens of one group, in which those of the groups within are rewritten already.
/// Every `send` ends with the execution of its request.
pub(super) fn rewritten(
    code: TokenStream,
    level: &mut dyn FnMut(Vec<TokenTree>) -> Vec<TokenTree>,
) -> TokenStream {
    let mut tokens: Vec<TokenTree> = code.into_iter().collect();
    end_with_execution(&mut tokens);
    for token in &mut tokens {
        within(token, |code| rewritten(code, level));
    }
    level(tokens).into_iter().collect()
}

/// Changes the tokens in a group.
fn within(token: &mut TokenTree, change: impl FnOnce(TokenStream) -> TokenStream) {
    if let TokenTree::Group(group) = token {
        let (delimiter, span, code) = (group.delimiter(), group.span(), group.stream());
        // While the group shares its tokens, taking them copies each.
        *group = Group::new(delimiter, TokenStream::new());
        *group = Group::new(delimiter, change(code));
        group.set_span(span);
    }
}

/// Drops the builders of types that only the service makes: three fifths of all lines, and nobody calls them.
pub(super) fn without_builders_of_responses(client: TokenStream, sent: &BTreeSet<String>) -> TokenStream {
    let is_of_a_response = |item: &[TokenTree]| subject(item).is_some_and(|name| !sent.contains(&name));
    in_module(client, "types", |types| {
        let types = kept_items(types, |item| !(makes_a_builder(item) && is_of_a_response(item)));
        // A builder's own methods, and the conversions from and to the type that it builds.
        in_module(types, "builder", |builders| kept_items(builders, |item| !is_of_a_response(item)))
    })
}

fn in_module(code: TokenStream, name: &str, change: impl FnOnce(TokenStream) -> TokenStream) -> TokenStream {
    let mut tokens: Vec<TokenTree> = code.into_iter().collect();
    let starts_here = |pair: &[TokenTree]| is_ident(&pair[0], "mod") && is_ident(&pair[1], name);
    if let Some(at) = tokens.windows(2).position(starts_here)
        && let Some(content) = tokens.get_mut(at + 2)
    {
        within(content, change);
    }
    tokens.into_iter().collect()
}

/// The items of a module that are to stay. An item ends with a block or a semicolon.
fn kept_items(code: TokenStream, stays: impl Fn(&[TokenTree]) -> bool) -> TokenStream {
    let mut kept: Vec<TokenTree> = Vec::new();
    let mut start = 0;
    for token in code {
        let ends = match &token {
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
            TokenTree::Punct(mark) => mark.as_char() == ';',
            _ => false,
        };
        kept.push(token);
        if ends {
            if !stays(&kept[start..]) {
                kept.truncate(start);
            }
            start = kept.len();
        }
    }
    kept.into_iter().collect()
}

/// The name of the type that an item is, or that it is an `impl` for.
fn subject(item: &[TokenTree]) -> Option<String> {
    let is_type = |token: &&TokenTree| ["struct", "impl"].iter().any(|keyword| is_ident(token, keyword));
    item.iter().find(is_type)?;
    let block = item.len().checked_sub(1)?;
    match item.get(block.checked_sub(1)?)? {
        TokenTree::Ident(name) => Some(name.to_string()),
        _ => None,
    }
}

/// `impl Type { pub fn builder() -> builder::Type { … } }`
fn makes_a_builder(item: &[TokenTree]) -> bool {
    let [TokenTree::Ident(keyword), TokenTree::Ident(_), TokenTree::Group(block)] = item else {
        return false;
    };
    let mut within = block.stream().into_iter();
    let starts =
        ["pub", "fn", "builder"].iter().all(|word| within.next().is_some_and(|it| is_ident(&it, word)));
    keyword == "impl" && starts && !within.any(|token| is_ident(&token, "fn"))
}

/// Ends every `send` with the execution of its request, by which the crate's transport comes in: what the generator has behind it is as
/// long as all before.
fn end_with_execution(tokens: &mut Vec<TokenTree>) {
    let makes_info = |pair: &[TokenTree]| is_ident(&pair[1], "OperationInfo") && is_mark(&pair[0], '=');
    let Some(info) = tokens.windows(2).position(makes_info) else { return };
    let behind = tokens.iter().enumerate().skip(info);
    let executed = behind.clone().find(|(_, token)| is_ident(token, "exec")).map(|(index, _)| index);
    let end =
        executed.and_then(|exec| behind.clone().find(|(index, token)| *index > exec && is_mark(token, ';')));
    if let Some((end, _)) = end {
        tokens.truncate(end + 1);
    }
}

fn is_ident(token: &TokenTree, name: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == name)
}

fn is_mark(token: &TokenTree, mark: char) -> bool {
    matches!(token, TokenTree::Punct(found) if found.as_char() == mark)
}
