//! The end of every `send`, which is the same for all operations, said once.
//!
//! The generator writes the way through the hooks and the match on the status into each of the builders: two thirds of
//! their lines. `crate::hooks::answer` of the generated crate does it for all of them.

use std::collections::BTreeMap;

use quote::{ToTokens, quote};
use syn::{Block, Expr, Ident, ImplItem, Item, Pat, Stmt};

use super::tidy::{module, subject};

/// The name that the generator gives to the header in which it tells the document's version.
const VERSION_HEADER: &str = "api_version ()";
/// How the statement begins that is the first of the end.
const INFO: &str = "let info = OperationInfo";

/// Shortens the `send` of every builder; one of another shape stays as it is. Gives the operation of each builder by the
/// builder's name.
pub(super) fn say_once(client: &mut syn::File) -> BTreeMap<String, String> {
    let mut operations = BTreeMap::new();
    let builders = module(&mut client.items, "builder").into_iter().flatten();
    let blocks = builders.filter_map(|item| match item {
        Item::Impl(block) => Some(block),
        _ => None,
    });
    for block in blocks {
        let builder = subject(block);
        for item in &mut block.items {
            if let ImplItem::Fn(method) = item
                && method.sig.ident == "send"
            {
                operations.extend(operation_of(&method.block).map(|operation| (builder.clone(), operation)));
                leave_out_the_version(&mut method.block);
                shorten_the_end(&mut method.block);
            }
        }
    }
    operations
}

/// The operation that a `send` tells the hooks.
fn operation_of(block: &Block) -> Option<String> {
    let texts = block.stmts.iter().map(|statement| statement.to_token_stream().to_string());
    let info = texts.into_iter().find(|text| text.starts_with(INFO))?;
    Some(info.split('"').nth(1)?.to_owned())
}

/// Vast.ai knows no header with a version.
fn leave_out_the_version(block: &mut Block) {
    let says = |statement: &Stmt, text: &str| statement.to_token_stream().to_string().contains(text);
    block
        .stmts
        .retain(|statement| !(says(statement, "header_map . append") && says(statement, VERSION_HEADER)));
    if block.stmts.iter().any(|statement| says(statement, "header_map . append")) {
        return;
    }
    block
        .stmts
        .retain(|statement| !(says(statement, "let mut") && says(statement, "HeaderMap :: with_capacity")));
    for statement in &mut block.stmts {
        if let Stmt::Local(local) = statement
            && let Some(init) = &mut local.init
        {
            drop_call(&mut init.expr, "headers");
        }
    }
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

fn shorten_the_end(block: &mut Block) {
    let begins = |statement: &Stmt| statement.to_token_stream().to_string().starts_with(INFO);
    let Some(begin) = block.stmts.iter().position(begins) else { return };
    let (Some(operation), Some(end)) = (operation_of(block), End::of(&block.stmts[begin..])) else { return };
    let End { client, request, response, success } = end;
    block.stmts.truncate(begin);
    for statement in &mut block.stmts {
        if let Stmt::Local(local) = statement
            && let Pat::Ident(name) = &mut local.pat
            && name.ident == request
        {
            local.attrs.clear();
            name.mutability = None;
        }
    }
    block
        .stmts
        .push(syn::parse_quote!(let #response = crate::hooks::answer(#client, #request, #operation).await?;));
    match success {
        Expr::Block(inner) if inner.label.is_none() => block.stmts.extend(inner.block.stmts),
        other => block.stmts.push(Stmt::Expr(other, None)),
    }
}

/// What the end of a `send` works with. Where a parameter has one of these names, the generator takes others.
struct End {
    client: Ident,
    request: Ident,
    response: Ident,
    success: Expr,
}

impl End {
    /// `let info = …; client.pre(…); let result = client.exec(request, …); client.post(…); let response = result?; match …`
    fn of(statements: &[Stmt]) -> Option<Self> {
        let [_, _, executed, _, received, last] = statements else { return None };
        let Expr::Await(executed) = initial(executed)? else { return None };
        let Expr::MethodCall(call) = executed.base.as_ref() else { return None };
        let Stmt::Local(received) = received else { return None };
        let Pat::Ident(response) = &received.pat else { return None };
        (call.method == "exec").then_some(())?;
        Some(Self {
            client: name(&call.receiver)?,
            request: name(call.args.first()?)?,
            response: response.ident.clone(),
            success: success(last, &response.ident)?,
        })
    }
}

fn initial(statement: &Stmt) -> Option<&Expr> {
    match statement {
        Stmt::Local(local) => local.init.as_ref().map(|init| init.expr.as_ref()),
        _ => None,
    }
}

fn name(expression: &Expr) -> Option<Ident> {
    match expression {
        Expr::Path(path) => path.path.get_ident().cloned(),
        _ => None,
    }
}

/// What becomes of a successful answer, where every other one is an error of the one error type.
fn success(last: &Stmt, response: &Ident) -> Option<Expr> {
    let Stmt::Expr(Expr::Match(by_status), None) = last else { return None };
    let [success, failure, ..] = by_status.arms.as_slice() else { return None };
    let pattern = success.pat.to_token_stream().to_string().replace(' ', "");
    let fails = failure.body.to_token_stream().to_string();
    let expected = quote!(Err(Error::ErrorResponse(ResponseValue::from_response(#response).await?)));
    let is_error = fails.replace([' ', '{', '}', ','], "") == expected.to_string().replace(' ', "");
    (pattern == "200..=299" && is_error).then(|| (*success.body).clone())
}
