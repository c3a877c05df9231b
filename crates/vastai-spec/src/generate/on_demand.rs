//! Methods that are compiled where they are called.
//!
//! A program calls few of all operations. What is not generic is compiled in the crate that has it, called or not, and that was more than half
//! of this crate's build; what is `#[inline]` is compiled in the crates that call it, which are not slower to run for that.

use syn::visit_mut::VisitMut;
use syn::{GenericParam, ImplItemFn};

/// Marks all methods that are not generic, which are left to their callers as they are.
pub(super) fn compile(client: &mut syn::File) {
    Methods.visit_file_mut(client);
}

struct Methods;

impl VisitMut for Methods {
    fn visit_impl_item_fn_mut(&mut self, method: &mut ImplItemFn) {
        let is_type = |parameter: &GenericParam| matches!(parameter, GenericParam::Type(_));
        let takes_any = |input: &syn::FnArg| match input {
            syn::FnArg::Typed(argument) => matches!(*argument.ty, syn::Type::ImplTrait(_)),
            syn::FnArg::Receiver(_) => false,
        };
        let signature = &method.sig;
        let is_generic =
            signature.generics.params.iter().any(is_type) || signature.inputs.iter().any(takes_any);
        let is_marked = method.attrs.iter().any(|attribute| attribute.path().is_ident("inline"));
        if !is_generic && !is_marked {
            method.attrs.push(syn::parse_quote!(#[inline]));
        }
    }
}
