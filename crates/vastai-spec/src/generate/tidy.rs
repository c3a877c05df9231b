//! What the generator writes and nobody needs, or needs otherwise.

use quote::ToTokens;
use syn::Item;

/// A field that may hold its own type is a `Box<Option<_>>`, and the generator would send null for one that is not set.
pub(super) fn leave_out_what_is_not_given(client: &mut syn::File) {
    let Some(types) = module(&mut client.items, "types") else { return };
    let structs = types.iter_mut().filter_map(|item| match item {
        Item::Struct(structure) => Some(structure),
        _ => None,
    });
    for field in structs.flat_map(|structure| structure.fields.iter_mut()) {
        let of = field.ty.to_token_stream().to_string().replace(' ', "");
        let of = of.replace("::std::boxed::", "").replace("::std::option::", "");
        // Without a default the field is required: there null is a value like any other.
        let optional = field.attrs.iter().any(|attribute| {
            attribute.path().is_ident("serde") && attribute.to_token_stream().to_string().contains("default")
        });
        if optional && of.starts_with("Box<Option<") {
            field.attrs.push(syn::parse_quote!(
                #[serde(skip_serializing_if = "::std::option::Option::is_none")]
            ));
        }
    }
}

pub(super) fn module<'items>(items: &'items mut [Item], name: &str) -> Option<&'items mut Vec<Item>> {
    items.iter_mut().find_map(|item| match item {
        Item::Mod(module) if module.ident == name => module.content.as_mut().map(|(_, items)| items),
        _ => None,
    })
}

/// The last name in the path of the type that an `impl` is for.
pub(super) fn subject(block: &syn::ItemImpl) -> String {
    match block.self_ty.as_ref() {
        syn::Type::Path(path) => {
            path.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default()
        }
        _ => String::new(),
    }
}

/// The first argument of a generic type of this name: of `Option<String>`, `String`.
pub(super) fn argument_of(of: &syn::Type, name: &str) -> Option<syn::Type> {
    let syn::Type::Path(path) = of else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == name)?;
    let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first()? {
        syn::GenericArgument::Type(argument) => Some(argument.clone()),
        _ => None,
    }
}

/// A list of derives too long for a line takes one line for each; in two attributes it takes two.
pub(super) fn derive_in_two_lines(client: &mut syn::File) {
    let types = module(&mut client.items, "types").into_iter().flatten();
    for item in types {
        let (Item::Enum(syn::ItemEnum { attrs, .. }) | Item::Struct(syn::ItemStruct { attrs, .. })) = item
        else {
            continue;
        };
        let Some(place) = attrs.iter().position(|attribute| attribute.path().is_ident("derive")) else {
            continue;
        };
        let mut derived: Vec<syn::Path> = Vec::new();
        let read = attrs[place].parse_nested_meta(|meta| {
            derived.push(meta.path);
            Ok(())
        });
        if read.is_err() || derived.len() < 6 {
            continue;
        }
        let (serde, rest): (Vec<_>, Vec<_>) =
            derived.iter().partition(|path| path.segments[0].ident == "serde");
        attrs[place] = syn::parse_quote!(#[derive(#(#serde),*)]);
        attrs.insert(place, syn::parse_quote!(#[derive(#(#rest),*)]));
    }
}
