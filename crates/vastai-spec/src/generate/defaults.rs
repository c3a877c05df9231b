//! Defaults of an operation in its builder: `send` adds them, `send_as_given` does not, and the documentation says which they are.

use std::collections::BTreeMap;

use syn::{Expr, ImplItem, Item, Stmt};

use super::docs;
use super::table::operation_constant;
use super::tidy::{module, subject};
use crate::filled::filled;
use crate::identify::names;
use crate::operations::{Default, Operation};

/// Gives every builder of an operation with defaults its second way to send. `of_builders` has the operation of each builder.
pub(super) fn send_in_two_ways(
    client: &mut syn::File,
    operations: &[&Operation],
    of_builders: &BTreeMap<String, String>,
) {
    let with_defaults: BTreeMap<String, &Operation> = filled(
        operations
            .iter()
            .filter(|operation| operation.parameters.iter().any(|parameter| parameter.default.is_some()))
            .map(|operation| (names::method(&operation.id), *operation)),
    );
    if with_defaults.is_empty() {
        return;
    }
    for item in module(&mut client.items, "builder").into_iter().flatten() {
        let Item::Impl(block) = item else { continue };
        let operation = of_builders.get(&subject(block)).and_then(|method| with_defaults.get(method));
        let Some(operation) = operation else { continue };
        let send = block.items.iter_mut().find_map(|item| match item {
            ImplItem::Fn(method) if method.sig.ident == "send" => Some(method),
            _ => None,
        });
        let Some(send) = send else { continue };
        let mut as_given = send.clone();
        as_given.sig.ident = syn::parse_quote!(send_as_given);
        as_given.attrs = docs::attributes("As `send`, with nothing but what was given.");
        let constant = quote::format_ident!("{}", operation_constant(&names::method(&operation.id)));
        let Some(Stmt::Expr(Expr::Call(exchange), None)) = send.block.stmts.first_mut() else { continue };
        let Some(request) = exchange.args.first_mut() else { continue };
        *request = syn::parse_quote!(crate::exchange::with_defaults(#request, crate::operations::#constant));
        send.attrs.extend(docs::attributes(&format!("\n{}", of_all(operation))));
        block.items.push(ImplItem::Fn(as_given));
    }
}

/// What `send` adds.
fn of_all(operation: &Operation) -> String {
    let defaults =
        operation.parameters.iter().filter_map(|parameter| Some((parameter, parameter.default.as_ref()?)));
    let list: Vec<String> = defaults
        .map(|(parameter, default)| format!("- `{}`: {}", parameter.name, in_words(default)))
        .collect();
    format!(
        "What is not given is sent as the official client sends it:\n\n{}\n\n`send_as_given` leaves it to the service.",
        list.join("\n")
    )
}

/// What a setter says of the default of its value.
pub(super) fn of_one(default: &Default) -> String {
    format!("Unless it is given, {} is sent, as by the official client.", in_words(default))
}

fn in_words(Default { value, unless }: &Default) -> String {
    let unless: Vec<String> = unless.iter().map(|name| format!("`{name}`")).collect();
    match unless.as_slice() {
        [] => format!("`{value}`"),
        names => format!("`{value}` (not where {} is given)", names.join(" or ")),
    }
}
