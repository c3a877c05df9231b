//! The setters of the builders: all convert their argument by one function, and have the documentation of the document.
//!
//! The generator writes ten lines for each, with generics, and no documentation.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Expr, FnArg, GenericParam, ImplItem, ImplItemFn, Item, Stmt, Type, WherePredicate};

use super::tidy::{argument_of, module, subject};
use super::{defaults, docs};
use crate::filled::filled;
use crate::identify::names;
use crate::operations::{Location, Operation};

/// Shortens the setters of all builders and describes them; one of another shape stays as it is.
///
/// `of_builders` has the operation of each builder.
pub(super) fn shorten_all(
    client: &mut syn::File,
    operations: &[&Operation],
    of_builders: &BTreeMap<String, String>,
) {
    let mut of_bodies: BTreeMap<String, Vec<&Operation>> = BTreeMap::new();
    if let Some(builders) = module(&mut client.items, "builder") {
        let by_method: BTreeMap<String, &Operation> =
            filled(operations.iter().rev().map(|operation| (names::method(&operation.id), *operation)));
        for block in builders.iter_mut().filter_map(inherent) {
            let operation = of_builders.get(&subject(block)).and_then(|method| by_method.get(method));
            let parameters = operation.map(|operation| operation.parameters.as_slice()).unwrap_or_default();
            let words: Words = filled(parameters.iter().map(|parameter| {
                let (name, described) = (names::method(&parameter.name), &parameter.description);
                let default = parameter.default.as_ref().map(defaults::of_one);
                (
                    name,
                    docs::attributes(
                        &[described.as_str(), default.as_deref().unwrap_or_default()].join("\n\n"),
                    ),
                )
            }));
            let body =
                methods(block).find(|method| method.sig.ident == "body").and_then(|method| setter(method));
            if let (Some(operation), Some((body, _))) = (operation, body) {
                of_bodies.entry(last_name(&body).unwrap_or_default()).or_default().push(operation);
            }
            methods(block).for_each(|method| shorten(method, &words));
            methods(block).for_each(describe_body);
        }
    }
    let Some(types) = module(&mut client.items, "types") else { return };
    let described = descriptions(types);
    let Some(builders) = module(types, "builder") else { return };
    for block in builders.iter_mut().filter_map(inherent) {
        let name = subject(block);
        let mut words = described.get(&name).cloned().unwrap_or_default();
        say_defaults(&mut words, of_bodies.get(&name).map_or(&[], Vec::as_slice));
        methods(block).for_each(|method| shorten(method, &words));
    }
}

/// Adds to the words for the fields of a body what is sent in their place, where every operation with this body sends the same.
fn say_defaults(words: &mut Words, operations: &[&Operation]) {
    let [first, others @ ..] = operations else { return };
    let default = |operation: &Operation, name: &str| {
        let mut parameters = operation.parameters.iter();
        let body = parameters.find(|it| it.location == Location::Body && it.name == name);
        body.and_then(|parameter| parameter.default.clone())
    };
    for parameter in first.parameters.iter().filter(|parameter| parameter.location == Location::Body) {
        let Some(of_first) = &parameter.default else { continue };
        if others.iter().all(|other| default(other, &parameter.name).as_ref() == Some(of_first)) {
            let says = docs::attributes(&defaults::of_one(of_first));
            let words = words.entry(names::method(&parameter.name)).or_default();
            if !words.is_empty() {
                words.push(syn::parse_quote!(#[doc = ""]));
            }
            words.extend(says);
        }
    }
}

fn inherent(item: &mut Item) -> Option<&mut syn::ItemImpl> {
    match item {
        Item::Impl(block) if block.trait_.is_none() => Some(block),
        _ => None,
    }
}

fn methods(block: &mut syn::ItemImpl) -> impl Iterator<Item = &mut ImplItemFn> {
    block.items.iter_mut().filter_map(|item| match item {
        ImplItem::Fn(method) => Some(method),
        _ => None,
    })
}

/// What takes the body has no words in the document; what stands there is of the body's type.
fn describe_body(method: &mut ImplItemFn) {
    let words = match method.sig.ident.to_string().as_str() {
        "body" => "The body of the request.",
        "body_map" => {
            "Changes the body that was given so far, an empty one at first: `.body_map(|body| body.…(…))`."
        }
        _ => return,
    };
    if method.attrs.is_empty() {
        method.attrs = docs::attributes(words);
    }
}

/// The documentation of fields, by their names in Rust.
type Words = BTreeMap<String, Vec<syn::Attribute>>;

/// The words for each field of each type.
fn descriptions(types: &[Item]) -> BTreeMap<String, Words> {
    let structs = types.iter().filter_map(|item| match item {
        Item::Struct(structure) => Some(structure),
        _ => None,
    });
    filled(structs.map(|structure| {
        let fields = structure.fields.iter().filter_map(|field| {
            let words = field.attrs.iter().filter(|attribute| docs::is_documentation(attribute));
            Some((field.ident.as_ref()?.to_string(), words.cloned().collect()))
        });
        (structure.ident.to_string(), filled(fields))
    }))
}

/// How a setter keeps what it was given.
enum Kept {
    Itself,
    Some,
    Builder,
    Body,
}

fn shorten(method: &mut ImplItemFn, words: &Words) {
    let Some((value, kept)) = setter(method) else { return };
    let field = method.sig.ident.clone();
    let name = field.to_string();
    let name = name.strip_prefix("r#").unwrap_or(&name);
    // What is kept as an `Option` may be given as one, too. Of JSON that is left out: null is a value there.
    let (taken, is_optional) = match (&kept, argument_of(&value, "Option")) {
        (Kept::Itself, Some(inner)) if !is_json(&inner) => (inner, true),
        (Kept::Some, _) if !is_json(&value) => (value, true),
        _ => (value, false),
    };
    let (taken, then) = as_given(taken, is_optional);
    let then = then.or(match kept {
        Kept::Itself => None,
        Kept::Some if is_optional => None,
        Kept::Some => Some(quote!(.map(Some))),
        Kept::Body => Some(quote!(.map(Into::into))),
        Kept::Builder => Some(quote!(.map(From::from))),
    });
    method.sig.generics = syn::Generics::default();
    if is_optional {
        method.sig.generics.params.push(syn::parse_quote!(By));
        method.sig.inputs = syn::parse_quote!(mut self, value: impl crate::IntoOptional<#taken, By>);
        method.block = syn::parse_quote!({ self.#field = value.into_optional(#name)#then; self });
    } else {
        method.sig.inputs = syn::parse_quote!(mut self, value: impl crate::IntoValue<#taken>);
        method.block = syn::parse_quote!({ self.#field = value.into_value(#name)#then; self });
    }
    if method.attrs.is_empty() {
        method.attrs = words.get(&field.to_string()).cloned().unwrap_or_default();
    }
}

/// Of what a setter keeps, what it takes and how that is converted: numbers and lists of strings come in more types than convert by
/// themselves.
fn as_given(value: Type, is_optional: bool) -> (Type, Option<TokenStream>) {
    let (taken, kept): (Type, TokenStream) = if value.to_token_stream().to_string() == "f64" {
        (syn::parse_quote!(crate::Double), quote!(f64::from))
    } else if argument_of(&value, "Vec").is_some_and(|item| last_name(&item).as_deref() == Some("String")) {
        (syn::parse_quote!(crate::Strings), quote!(Vec::from))
    } else {
        return (value, None);
    };
    let then = if is_optional { quote!(.map(|given| given.map(#kept))) } else { quote!(.map(#kept)) };
    (taken, Some(then))
}

fn is_json(value: &Type) -> bool {
    value.to_token_stream().to_string().replace(' ', "").ends_with("serde_json::Value")
}

fn last_name(of: &Type) -> Option<String> {
    let Type::Path(path) = of else { return None };
    path.path.segments.last().map(|last| last.ident.to_string())
}

/// `fn name<T>(mut self, value: T) -> Self where T: TryInto<Value> { self.name = value.try_into()…; self }`
fn setter(method: &ImplItemFn) -> Option<(Type, Kept)> {
    let [FnArg::Receiver(_), FnArg::Typed(_)] = method.sig.inputs.iter().collect::<Vec<_>>()[..] else {
        return None;
    };
    let [GenericParam::Type(_)] = method.sig.generics.params.iter().collect::<Vec<_>>()[..] else {
        return None;
    };
    let bounds = method.sig.generics.where_clause.iter().flat_map(|clause| &clause.predicates);
    let value = bounds.filter_map(converts_into).next()?;
    let Some(Stmt::Expr(Expr::Assign(assignment), _)) = method.block.stmts.first() else { return None };
    let (conversion, then) = conversion(&assignment.right)?;
    let kept = match (conversion.as_str(), then.as_deref()) {
        ("value.try_into()", None) => Kept::Itself,
        ("value.try_into()", Some("|v|v.into()")) => Kept::Body,
        ("value.try_into().map(Some)", None) => Kept::Some,
        ("value.try_into().map(From::from)", None) => Kept::Builder,
        _ => return None,
    };
    (method.block.stmts.len() == 2).then_some((value, kept))
}

/// `conversion.map_err(…)` or `conversion.map_err(…).map(then)`
fn conversion(kept: &Expr) -> Option<(String, Option<String>)> {
    let Expr::MethodCall(call) = kept else { return None };
    let text = |expression: &Expr| expression.to_token_stream().to_string().replace(' ', "");
    match (call.method.to_string().as_str(), call.receiver.as_ref()) {
        ("map_err", conversion) => Some((text(conversion), None)),
        ("map", Expr::MethodCall(inner)) if inner.method == "map_err" => {
            Some((text(&inner.receiver), call.args.first().map(text)))
        }
        _ => None,
    }
}

/// What `T: TryInto<Value>` converts into.
fn converts_into(predicate: &WherePredicate) -> Option<Type> {
    let WherePredicate::Type(predicate) = predicate else { return None };
    predicate.bounds.iter().find_map(|bound| {
        let syn::TypeParamBound::Trait(bound) = bound else { return None };
        let last = bound.path.segments.last().filter(|last| last.ident == "TryInto")?;
        let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
        match arguments.args.first()? {
            syn::GenericArgument::Type(value) => Some(value.clone()),
            _ => None,
        }
    })
}
