//! `send`, as this project wants it: the request is built at once, goes through the crate's transport, and fails with the crate's error.
//!
//! The generator writes the way through its hooks and a match on the status into each of the builders: two thirds of their lines. Here
//! each `send` becomes two methods: `request`, which is what the generator wrote up to the finished request, and a `send` of one line,
//! whose rest is `crate::exchange`.

use std::collections::BTreeMap;

use quote::{ToTokens, format_ident};
use syn::{Block, Expr, ImplItem, ImplItemFn, Item, Pat, Stmt, Type};

use super::table::operation_constant;
use super::tidy::{argument_of, module, subject};

/// The name that the generator gives to the header in which it sends the document's version.
const VERSION_HEADER: &str = "api_version ()";
/// The type of what the statement behind the finished request makes.
const INFO: &str = "OperationInfo";

/// Rewrites the `send` of every builder, and the client around them. Gives the method name of each builder's operation, by the
/// builder's name.
///
/// # Errors
///
/// The name of the builder whose `send` has a form that is not understood here.
pub(super) fn through_the_transport(client: &mut syn::File) -> Result<BTreeMap<String, String>, String> {
    plain_client(&mut client.items);
    let mut operations = BTreeMap::new();
    let Some(builders) = module(&mut client.items, "builder") else { return Ok(operations) };
    use_only_what_builds_requests(builders);
    for item in builders {
        let Item::Impl(block) = item else { continue };
        let builder = subject(block);
        let Some(place) = block.items.iter().position(is_send) else { continue };
        let ImplItem::Fn(send) = block.items.remove(place) else { continue };
        let (end, operation) = finished(&send.block).ok_or_else(|| builder.clone())?;
        let (request, send) = in_two(send, end, &operation).ok_or_else(|| builder.clone())?;
        block.items.push(ImplItem::Fn(request));
        block.items.push(ImplItem::Fn(send));
        operations.insert(builder, operation);
    }
    Ok(operations)
}

fn is_send(item: &ImplItem) -> bool {
    matches!(item, ImplItem::Fn(method) if method.sig.ident == "send")
}

/// Leaves the client without the generator's hooks, its traits, and the constructor that panics.
fn plain_client(items: &mut Vec<Item>) {
    items.retain(|item| match item {
        Item::Use(_) | Item::Const(_) => false,
        Item::Impl(block) => !is_of_trait(block, "ClientHooks"),
        Item::Mod(module) => module.ident != "prelude",
        _ => true,
    });
    for item in items {
        let Item::Impl(block) = item else { continue };
        if is_of_trait(block, "ClientInfo") {
            block.trait_ = None;
            for method in methods(block) {
                method.vis = syn::parse_quote!(pub);
                let words = match method.sig.ident.to_string().as_str() {
                    "api_version" => "The version that the document gives itself.",
                    "baseurl" => {
                        "The URL that paths are appended to. A transport may send a request elsewhere."
                    }
                    "client" => "The HTTP client.",
                    _ => "The transport that every request goes through.",
                };
                method.attrs.push(syn::parse_quote!(#[doc = #words]));
            }
        }
        block.items.retain(|item| !matches!(item, ImplItem::Fn(method) if method.sig.ident == "new" && subject_is_client(&method.sig)));
    }
}

/// `fn new(baseurl: &str, …) -> Self`, and no `new` of a builder, which takes a client.
fn subject_is_client(signature: &syn::Signature) -> bool {
    signature.inputs.first().is_some_and(|first| first.to_token_stream().to_string().starts_with("baseurl"))
}

fn methods(block: &mut syn::ItemImpl) -> impl Iterator<Item = &mut ImplItemFn> {
    block.items.iter_mut().filter_map(|item| match item {
        ImplItem::Fn(method) => Some(method),
        _ => None,
    })
}

fn is_of_trait(block: &syn::ItemImpl, name: &str) -> bool {
    let path = block.trait_.as_ref().map(|(path, _)| path);
    path.and_then(|path| path.segments.last()).is_some_and(|last| last.ident == name)
}

fn use_only_what_builds_requests(builders: &mut Vec<Item>) {
    let is_of_the_generator =
        |item: &Item| matches!(item, Item::Use(import) if import.to_token_stream().to_string().contains('{'));
    builders.retain(|item| !is_of_the_generator(item));
    builders.insert(
        0,
        syn::parse_quote!(
            use progenitor_client::encode_path;
        ),
    );
    builders.insert(
        1,
        syn::parse_quote!(
            use crate::exchange::{FormBody as _, RequestError as Error};
        ),
    );
}

/// Where in a `send` the request is finished, and the operation that it names to the hooks there, by the name of its method.
fn finished(block: &Block) -> Option<(usize, String)> {
    block.stmts.iter().enumerate().find_map(|(index, statement)| {
        let Stmt::Local(syn::Local { init: Some(init), .. }) = statement else { return None };
        let Expr::Struct(info) = init.expr.as_ref() else { return None };
        let operation = info.fields.first().filter(|_| info.path.is_ident(INFO))?;
        match &operation.expr {
            Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(id), .. }) => Some((index, id.value())),
            _ => None,
        }
    })
}

/// `request`, which builds it, and `send`.
fn in_two(send: ImplItemFn, end: usize, operation: &str) -> Option<(ImplItemFn, ImplItemFn)> {
    let (function, value) = response(&send.sig.output)?;
    let constant = format_ident!("{}", operation_constant(operation));
    let mut building = send.block;
    let (client, request) = building.stmts[end..].iter().find_map(executed)?;
    building.stmts.truncate(end);
    leave_out_the_version(&mut building);
    for statement in &mut building.stmts {
        if let Stmt::Local(local) = statement
            && let Pat::Ident(name) = &mut local.pat
            && name.ident == request
        {
            local.attrs.clear();
            name.mutability = None;
        }
    }
    building.stmts.push(Stmt::Expr(syn::parse_quote!(Ok((#client, #request))), None));
    let attributes = &send.attrs;
    let mut request: ImplItemFn = syn::parse_quote!(
        fn request(self) -> crate::exchange::Request<'a> {}
    );
    // A block that is quoted would be parsed again.
    request.block = building;
    let send = syn::parse_quote! {
        #(#attributes)*
        pub fn send(self) -> crate::Sending<#value> {
            crate::exchange::#function(self.request(), crate::operations::#constant)
        }
    };
    Some((request, send))
}

/// How the response is read, and as what: of `Result<ResponseValue<types::Worker>, …>`, as JSON and as a `types::Worker`.
fn response(output: &syn::ReturnType) -> Option<(syn::Ident, Type)> {
    let syn::ReturnType::Type(_, output) = output else { return None };
    let value = argument_of(&argument_of(output, "Result")?, "ResponseValue")?;
    match value.to_token_stream().to_string().as_str() {
        "()" => Some((format_ident!("empty"), value)),
        "ByteStream" => Some((format_ident!("bytes"), syn::parse_quote!(::bytes::Bytes))),
        // The generator's word for a connection that becomes another protocol, which no transport here can give.
        upgraded if upgraded.contains("Upgraded") => None,
        _ => Some((format_ident!("json"), value)),
    }
}

/// Client and request of `let result = client.exec(request, &info).await;`. Where a parameter has one of these names, the generator takes
/// others.
fn executed(statement: &Stmt) -> Option<(syn::Ident, syn::Ident)> {
    let Stmt::Local(syn::Local { init: Some(init), .. }) = statement else { return None };
    let Expr::Await(awaited) = init.expr.as_ref() else { return None };
    let Expr::MethodCall(call) = awaited.base.as_ref() else { return None };
    (call.method == "exec").then_some(())?;
    Some((name(&call.receiver)?, name(call.args.first()?)?))
}

fn name(expression: &Expr) -> Option<syn::Ident> {
    match expression {
        Expr::Path(path) => path.path.get_ident().cloned(),
        _ => None,
    }
}

/// Vast.ai knows no header with a version.
fn leave_out_the_version(block: &mut Block) {
    let says = |statement: &Stmt, text: &str| statement.to_token_stream().to_string().contains(text);
    block.stmts.retain(|statement| !(appends_a_header(statement) && says(statement, VERSION_HEADER)));
    if block.stmts.iter().any(appends_a_header) {
        return;
    }
    block
        .stmts
        .retain(|statement| !(is_variable(statement) && says(statement, "HeaderMap :: with_capacity")));
    for statement in &mut block.stmts {
        if let Stmt::Local(local) = statement
            && let Some(init) = &mut local.init
        {
            drop_call(&mut init.expr, "headers");
        }
    }
}

/// `header_map.append(…);`, maybe within an `if`.
fn appends_a_header(statement: &Stmt) -> bool {
    match statement {
        Stmt::Expr(Expr::MethodCall(call), _) => {
            call.method == "append" && name(&call.receiver).is_some_and(|name| name == "header_map")
        }
        Stmt::Expr(Expr::If(choice), _) => choice.then_branch.stmts.iter().any(appends_a_header),
        _ => false,
    }
}

/// `let mut …`
fn is_variable(statement: &Stmt) -> bool {
    matches!(statement, Stmt::Local(local) if matches!(&local.pat, Pat::Ident(name) if name.mutability.is_some()))
}

/// Takes a call out of a chain of methods.
fn drop_call(expression: &mut Expr, method: &str) {
    match expression {
        Expr::Try(inner) => drop_call(&mut inner.expr, method),
        Expr::Await(inner) => drop_call(&mut inner.base, method),
        Expr::MethodCall(call) if call.method == method => *expression = (*call.receiver).clone(),
        Expr::MethodCall(call) => drop_call(&mut call.receiver, method),
        _ => {}
    }
}
