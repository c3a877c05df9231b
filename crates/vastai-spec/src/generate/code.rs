//! The code of a client, or of a part of one, from the generator's tokens to what is compiled.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use proc_macro2::{TokenStream, TokenTree};
use progenitor::{GenerationSettings, Generator, InterfaceStyle, TypeImpl};
use quote::quote;
use serde_json::Value;

use super::roles::Roles;
use super::rust_names::Placeholders;
use super::short_paths::{self, Prelude};
use super::{
    defaults, docs, on_demand, open_enums, open_types, outline, response_types, sending, setters, tidy,
    tokens,
};
use crate::identify::names;
use crate::lower::{ERROR_COMPONENT, HAND_WRITTEN, NEVER_MISSING, SECRET};
use crate::operations::Operation;
use crate::pipeline::Prepared;
use crate::visible::in_one_line;

/// Why a lowered document could not be made into code: a fault of this pipeline, or of the generator.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GenerateError {
    /// The lowered document is not what the OpenAPI 3.0 model knows.
    #[error("the lowered document is not OpenAPI 3.0: {}; see it with `cargo xtask lower FILE`", in_one_line(.0))]
    Model(String),
    /// The generator refused the document.
    #[error("progenitor refused the lowered document: {}; see it with `cargo xtask lower FILE`", in_one_line(.0))]
    Generator(String),
    /// The generator panicked.
    #[error("progenitor panicked on the lowered document: {}; see it with `cargo xtask lower FILE`", in_one_line(.0))]
    Panicked(String),
    /// The generator wrote a `send` of a form that this pipeline does not know.
    #[error("progenitor wrote the `send` of the builder `{0}` in a form that is not known here")]
    Shape(String),
    /// What came out is not Rust.
    #[error("the generated code does not parse: {0}")]
    Code(#[from] syn::Error),
}

/// What a part of a client takes from the whole of it.
pub(super) struct Whole {
    /// The names of the prelude that types of the client have: paths to them are not shortened in any part.
    pub(super) declared: BTreeSet<&'static str>,
    pub(super) roles: Roles,
}

impl Whole {
    pub(super) fn of(prepared: &Prepared) -> Self {
        let schemas = prepared.lowered["components"]["schemas"].as_object().into_iter().flatten();
        let types = schemas.filter_map(|(component, _)| short_paths::of_the_prelude(component));
        let builders = prepared.operations.iter().map(|operation| names::builder(&operation.id));
        let builders = builders.filter_map(|builder| short_paths::of_the_prelude(&builder));
        Self { declared: types.chain(builders).collect(), roles: Roles::of(&prepared.lowered) }
    }
}

/// The code of a client, or of a part of one.
pub(super) struct Code {
    pub(super) client: syn::File,
    /// The method of each builder.
    pub(super) of_builders: BTreeMap<String, String>,
    /// The schemas of the sets of words that may grow, which the generator does not make.
    open_enums: Value,
}

impl Code {
    /// All that can fail: what the generator makes of a lowered document, read, with every `send` through the transport.
    pub(super) fn of(mut model: Value, whole: &Whole) -> Result<Self, GenerateError> {
        as_the_generator_says(&mut model["components"]["schemas"]);
        docs::close_fences(&mut model);
        let placeholders = Placeholders::insert_into(&mut model);
        let settings = settings(&model);
        let open_enums = open_enums::alone(&model);
        let document: openapiv3::OpenAPI =
            serde_json::from_value(model).map_err(|error| GenerateError::Model(error.to_string()))?;
        let mut client = syn::parse2::<syn::File>(rewritten(&document, &settings, &placeholders, whole)?)?;
        drop(document);
        let of_builders = sending::through_the_transport(&mut client).map_err(GenerateError::Shape)?;
        Ok(Self { client, of_builders, open_enums })
    }

    /// All that cannot fail; gives the code that reads responses.
    pub(super) fn finish(&mut self, whole: &Whole, offered: &[&Operation]) -> String {
        let Self { client, of_builders, open_enums } = self;
        tidy::leave_out_what_is_not_given(client);
        tidy::derive_in_two_lines(client);
        let open_enums = open_enums::add(client, open_enums);
        open_types::mark_non_exhaustive(client);
        let response_types = response_types::replace_derived_deserialize(client, &whole.roles) + &open_enums;
        setters::shorten_all(client, offered, of_builders);
        defaults::send_in_two_ways(client, offered, of_builders);
        docs::link_builders(client, of_builders);
        outline::in_place_of_values(client);
        on_demand::compile(client);
        response_types
    }
}

/// The generator's tokens, with the wire's names, short paths and inert documentation.
fn rewritten(
    document: &openapiv3::OpenAPI,
    settings: &GenerationSettings,
    placeholders: &Placeholders,
    whole: &Whole,
) -> Result<TokenStream, GenerateError> {
    let mut prelude = Prelude::with(&whole.declared);
    loop {
        let mut declares_more = false;
        let mut level = |mut tokens: Vec<TokenTree>| {
            placeholders.replace_in(&mut tokens);
            declares_more |= prelude.note_declared(&tokens);
            prelude.shorten(&mut tokens);
            docs::make_inert(&mut tokens);
            tokens
        };
        let client = tokens::without_builders_of_responses(generated(document, settings)?, &whole.roles.sent);
        let tokens = tokens::rewritten(client, &mut level);
        // Paths to a name were shortened before its declaration was met; hardly any client has such a name.
        if !declares_more {
            return Ok(tokens);
        }
    }
}

fn generated(
    document: &openapiv3::OpenAPI,
    settings: &GenerationSettings,
) -> Result<TokenStream, GenerateError> {
    catch_unwind(AssertUnwindSafe(|| Generator::new(settings).generate_tokens(document)))
        .map_err(|panic| GenerateError::Panicked(panic_message(panic.as_ref())))?
        .map_err(|error| GenerateError::Generator(error.to_string()))
}

/// Of an `anyOf` the generator makes an object with the fields of all; of a `oneOf`, an enum. What is required is not an option.
fn as_the_generator_says(schemas: &mut Value) {
    for schema in schemas.as_object_mut().into_iter().flat_map(serde_json::Map::values_mut) {
        let variants = schema.as_object_mut().and_then(|schema| schema.remove("anyOf"));
        if let Some(variants) = variants {
            schema["oneOf"] = variants;
        }
        if let Some(names) = schema.get(NEVER_MISSING).cloned() {
            schema["required"] = names;
        }
    }
}

fn settings(lowered: &Value) -> GenerationSettings {
    let mut settings = GenerationSettings::new();
    settings
        .with_interface(InterfaceStyle::Builder)
        // The transport that every request goes through.
        .with_inner_type(quote! { crate::SharedTransport })
        .with_derive("PartialEq")
        .with_map_type("::std::collections::BTreeMap")
        .with_replacement(ERROR_COMPONENT, "crate::ServiceError", [TypeImpl::Display].into_iter());
    for name in open_enums::names_of(lowered) {
        settings.with_replacement(name, name.as_str(), [TypeImpl::Display].into_iter());
    }
    for name in HAND_WRITTEN {
        // A secret has no `Display`, so that it cannot be shown by accident.
        let shown = (name != SECRET).then_some(TypeImpl::Display);
        settings.with_replacement(name, format!("crate::{name}"), shown.into_iter());
    }
    settings
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text =
        panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("without a message").to_owned()
}
