//! Macros by example, expanded far enough for the items that they make.
//!
//! The fragments that are known are those of [`fragment`]. A call that matches no rule, or a rule that needs more, is not expanded,
//! and the caller says so. Hygiene does not matter to items.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{Parse, ParseStream, Parser as _};

/// The rules of one macro, in their order.
#[derive(Debug, Clone)]
pub(super) struct Macro {
    rules: Vec<(Vec<Matcher>, TokenStream)>,
}

#[derive(Debug, Clone)]
enum Matcher {
    Token(TokenTree),
    Group(Delimiter, Vec<Matcher>),
    Fragment {
        name: String,
        kind: String,
    },
    /// `$( … ) separator operator`.
    Repetition {
        body: Vec<Matcher>,
        separator: Option<TokenTree>,
        is_optional: bool,
    },
}

/// What the names of a pattern stand for.
#[derive(Debug, Clone, Default)]
struct Bindings {
    single: BTreeMap<String, TokenStream>,
    repeated: Vec<Repeated>,
}

#[derive(Debug, Clone)]
struct Repeated {
    names: BTreeSet<String>,
    rounds: Vec<Bindings>,
}

impl Macro {
    /// The macro of a `macro_rules!` body; none where a pattern is beyond this module.
    pub(super) fn of(body: TokenStream) -> Option<Self> {
        let tokens: Vec<TokenTree> = body.into_iter().collect();
        let mut rules = Vec::new();
        let mut rest = tokens.as_slice();
        while let [
            TokenTree::Group(pattern),
            TokenTree::Punct(_),
            TokenTree::Punct(_),
            TokenTree::Group(body),
            after @ ..,
        ] = rest
        {
            rules.push((matchers(pattern.stream())?, body.stream()));
            rest = after;
            if let [TokenTree::Punct(semicolon), after @ ..] = rest
                && semicolon.as_char() == ';'
            {
                rest = after;
            }
        }
        (rest.is_empty() && !rules.is_empty()).then_some(Self { rules })
    }

    /// What a call with these tokens makes.
    pub(super) fn expanded(&self, call: &TokenStream) -> Option<TokenStream> {
        self.rules.iter().find_map(|(pattern, body)| {
            let mut bindings = Bindings::default();
            let rest = matched(pattern, call.clone(), &mut bindings)?;
            rest.is_empty().then(|| transcribed(body.clone(), &bindings)).flatten()
        })
    }
}

fn matchers(pattern: TokenStream) -> Option<Vec<Matcher>> {
    let mut matchers_of = Vec::new();
    let mut tokens = pattern.into_iter().peekable();
    while let Some(token) = tokens.next() {
        if !is_mark(&token, '$') {
            matchers_of.push(match token {
                TokenTree::Group(group) => Matcher::Group(group.delimiter(), matchers(group.stream())?),
                token => Matcher::Token(token),
            });
            continue;
        }
        match tokens.next()? {
            TokenTree::Group(body) => {
                let mut next = tokens.next()?;
                let is_operator =
                    |token: &TokenTree| ['*', '+', '?'].iter().any(|mark| is_mark(token, *mark));
                let mut separator = None;
                if !is_operator(&next) {
                    separator = Some(std::mem::replace(&mut next, tokens.next()?));
                }
                let is_optional = is_mark(&next, '?');
                matchers_of.push(Matcher::Repetition {
                    body: matchers(body.stream())?,
                    separator,
                    is_optional,
                });
            }
            TokenTree::Ident(name) => {
                tokens.next_if(|token| is_mark(token, ':'))?;
                let TokenTree::Ident(kind) = tokens.next()? else { return None };
                matchers_of.push(Matcher::Fragment { name: name.to_string(), kind: kind.to_string() });
            }
            _ => return None,
        }
    }
    Some(matchers_of)
}

/// Takes from the input what the pattern matches, and gives the rest.
fn matched(pattern: &[Matcher], mut input: TokenStream, bindings: &mut Bindings) -> Option<TokenStream> {
    for matcher in pattern {
        input = match matcher {
            Matcher::Token(expected) => {
                let (found, rest) = split_first(input)?;
                (found.to_string() == expected.to_string()).then_some(rest)?
            }
            Matcher::Group(delimiter, inner) => match split_first(input)? {
                (TokenTree::Group(group), rest) if group.delimiter() == *delimiter => {
                    matched(inner, group.stream(), bindings)?.is_empty().then_some(rest)?
                }
                _ => return None,
            },
            Matcher::Fragment { name, kind } => {
                let (fragment, rest) = fragment(kind, input)?;
                bindings.single.insert(name.clone(), fragment);
                rest
            }
            Matcher::Repetition { body, separator, is_optional } => {
                let mut rounds = Vec::new();
                let mut rest = input;
                while !rest.is_empty() && (rounds.is_empty() || !*is_optional) {
                    let start = match separator {
                        Some(separator) if !rounds.is_empty() => match split_first(rest.clone()) {
                            Some((found, after)) if found.to_string() == separator.to_string() => after,
                            _ => break,
                        },
                        _ => rest.clone(),
                    };
                    let mut round = Bindings::default();
                    let Some(after) = matched(body, start, &mut round) else { break };
                    rounds.push(round);
                    rest = after;
                }
                bindings.repeated.push(Repeated { names: names(body), rounds });
                rest
            }
        };
    }
    Some(input)
}

/// The names that a pattern binds.
fn names(pattern: &[Matcher]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for matcher in pattern {
        match matcher {
            Matcher::Token(_) => {}
            Matcher::Fragment { name, .. } => drop(found.insert(name.clone())),
            Matcher::Group(_, inner) | Matcher::Repetition { body: inner, .. } => found.extend(names(inner)),
        }
    }
    found
}

fn split_first(input: TokenStream) -> Option<(TokenTree, TokenStream)> {
    let mut tokens = input.into_iter();
    Some((tokens.next()?, tokens.collect()))
}

/// The fragment at the beginning of the input, and the rest.
fn fragment(kind: &str, input: TokenStream) -> Option<(TokenStream, TokenStream)> {
    match kind {
        "ident" => parsed::<Ident>(input),
        "literal" => parsed::<syn::Lit>(input),
        "lifetime" => parsed::<syn::Lifetime>(input),
        "meta" => parsed::<syn::Meta>(input),
        "path" => parsed::<syn::Path>(input),
        "ty" => parsed::<syn::Type>(input),
        "expr" => parsed::<syn::Expr>(input),
        "vis" => parsed::<syn::Visibility>(input),
        "tt" => split_first(input).map(|(token, rest)| (token.into(), rest)),
        _ => None,
    }
}

fn parsed<T: Parse + ToTokens>(input: TokenStream) -> Option<(TokenStream, TokenStream)> {
    let parser = |input: ParseStream<'_>| Ok((input.parse::<T>()?.to_token_stream(), input.parse()?));
    parser.parse2(input).ok()
}

/// The body of a rule with what its names stand for.
fn transcribed(body: TokenStream, bindings: &Bindings) -> Option<TokenStream> {
    let mut made = TokenStream::new();
    let mut tokens = body.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Group(group) => {
                let inner = transcribed(group.stream(), bindings)?;
                made.extend([TokenTree::Group(Group::new(group.delimiter(), inner))]);
            }
            token if is_mark(&token, '$') => match tokens.next()? {
                TokenTree::Ident(name) if name == "crate" => made.extend([TokenTree::Ident(name)]),
                TokenTree::Ident(name) => made.extend(bindings.single.get(&name.to_string())?.clone()),
                TokenTree::Group(group) => {
                    let used = names_in(group.stream());
                    let repeated =
                        bindings.repeated.iter().find(|repeated| !repeated.names.is_disjoint(&used))?;
                    let mut separator = TokenStream::new();
                    let mut next = tokens.next()?;
                    if !['*', '+', '?'].iter().any(|mark| is_mark(&next, *mark)) {
                        separator = std::mem::replace(&mut next, tokens.next()?).into();
                    }
                    for (index, round) in repeated.rounds.iter().enumerate() {
                        if index > 0 {
                            made.extend(separator.clone());
                        }
                        let mut within = bindings.clone();
                        within.single.extend(round.single.clone());
                        within.repeated.splice(..0, round.repeated.clone());
                        made.extend(transcribed(group.stream(), &within)?);
                    }
                }
                _ => return None,
            },
            token => made.extend([token]),
        }
    }
    Some(made)
}

/// The names with a `$` before them.
fn names_in(body: TokenStream) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut after_mark = false;
    for token in body {
        match &token {
            TokenTree::Ident(name) if after_mark => drop(found.insert(name.to_string())),
            TokenTree::Group(group) => found.extend(names_in(group.stream())),
            _ => {}
        }
        after_mark = is_mark(&token, '$');
    }
    found
}

fn is_mark(token: &TokenTree, mark: char) -> bool {
    matches!(token, TokenTree::Punct(found) if found.as_char() == mark)
}
