//! The last step: the lowered document to Rust code, through progenitor.

mod answers;
mod docs;
mod open_enums;
mod open_types;
mod origins;
mod outline;
mod rust_names;
mod sending;
mod setters;
mod short_paths;
mod sizes;
mod table;
mod tidy;

use std::panic::{AssertUnwindSafe, catch_unwind};

use progenitor::{GenerationSettings, Generator, InterfaceStyle, TypeImpl};
use quote::quote;
use serde_json::Value;

use crate::lower::{ERROR_COMPONENT, HAND_WRITTEN, NEVER_MISSING, SECRET};
use crate::operations::Operation;
use crate::pipeline::Prepared;
use crate::surface;
use crate::visible::in_one_line;
use rust_names::Placeholders;

pub use docs::inert_markdown;
pub use origins::Origins;
pub use table::{method_name, operation_constant};

/// The code of the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generated {
    /// Types, builders and the client: `client.rs`.
    pub client: String,
    /// How the types of responses are read: `answers.rs`.
    pub answers: String,
    /// The operations table: `operations.rs`.
    pub operations: String,
    /// The public items of both, one a line: `surface.txt`.
    pub surface: String,
    /// Which operations the items of the surface come from.
    pub origins: Origins,
    /// How many operations the client has; those that the report calls left out are missing.
    pub generated_operations: usize,
}

impl Generated {
    /// The code's files, which the crate includes: name and text.
    #[must_use]
    pub fn files(&self) -> [(&'static str, &str); 3] {
        [
            ("client.rs", self.client.as_str()),
            ("answers.rs", self.answers.as_str()),
            ("operations.rs", self.operations.as_str()),
        ]
    }
}

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

impl Prepared {
    /// Generates the client from the lowered document.
    ///
    /// # Errors
    ///
    /// [`GenerateError`]. A panic of the generator is caught and told as an error.
    pub fn generate(&self) -> Result<Generated, GenerateError> {
        let mut model = self.lowered.clone();
        as_the_generator_says(&mut model["components"]["schemas"]);
        docs::close_fences(&mut model);
        let placeholders = Placeholders::insert_into(&mut model);
        let document: openapiv3::OpenAPI =
            serde_json::from_value(model).map_err(|error| GenerateError::Model(error.to_string()))?;
        let tokens = catch_unwind(AssertUnwindSafe(|| {
            Generator::new(&settings(&self.lowered)).generate_tokens(&document)
        }))
        .map_err(|panic| GenerateError::Panicked(panic_message(panic.as_ref())))?
        .map_err(|error| GenerateError::Generator(error.to_string()))?;
        let tokens = docs::made_inert(short_paths::of_the_prelude(placeholders.replaced_in(tokens)));
        let mut client = syn::parse2::<syn::File>(tokens)?;
        tidy::drop_builders_of_answers(&mut client, &self.lowered);
        tidy::leave_out_what_is_not_given(&mut client);
        tidy::derive_in_two_lines(&mut client);
        let open_enums = open_enums::add(&mut client, &self.lowered);
        open_types::mark_non_exhaustive(&mut client);
        let answers = answers::read_as_whatever_comes(&mut client, &self.lowered) + &open_enums;
        let offered: Vec<&Operation> = self.offered().collect();
        let of_builders = sending::through_the_transport(&mut client).map_err(GenerateError::Shape)?;
        setters::shorten_all(&mut client, &offered, &of_builders);
        docs::link_builders(&mut client, &of_builders);
        outline::in_place_of_values(&mut client);
        let sizes = sizes::by_method(&client, &of_builders);
        let operations = table::operations_code(&offered, &sizes);
        let surface = surface::of(&client, &offered);
        Ok(Generated {
            client: prettyplease::unparse(&client),
            answers,
            operations,
            surface,
            origins: Origins::of(&self.lowered, &offered),
            generated_operations: offered.len(),
        })
    }

    /// The surface that a client of this document has with such code: [`Generated::client`], from wherever it is.
    ///
    /// # Errors
    ///
    /// [`GenerateError::Code`] where it is no Rust.
    pub fn surface_of(&self, client: &str) -> Result<String, GenerateError> {
        let offered: Vec<&Operation> = self.offered().collect();
        Ok(surface::of(&syn::parse_file(client)?, &offered))
    }

    /// The operations that the client has: all but those that the report calls left out.
    pub fn offered(&self) -> impl Iterator<Item = &Operation> {
        let paths = &self.lowered["paths"];
        self.operations.iter().filter(|operation| paths[&operation.path].get(&operation.method).is_some())
    }
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
