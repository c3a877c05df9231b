//! The last step: the lowered document to Rust code, through progenitor.

mod rust_names;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};

use heck::ToPascalCase;
use progenitor::{GenerationSettings, Generator, HooksMode, InterfaceStyle, TypeImpl};
use quote::{ToTokens, quote};
use serde_json::Value;
use syn::Item;

use crate::identify::names;
use crate::lower::{ERROR_COMPONENT, HAND_WRITTEN, reached_from};
use crate::operations::{Authentication, Limit, LimitRule, Location, Operation, Parameter, ValueKind};
use crate::pipeline::Prepared;
use crate::surface;
use rust_names::StandIns;

/// The code of the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generated {
    /// Types, builders and the client: `client.rs`.
    pub client: String,
    /// The operations table: `operations.rs`.
    pub operations: String,
    /// The public items of both, one a line: `surface.txt`.
    pub surface: String,
    /// How many operations the client has; those that the report calls left out are missing.
    pub generated_operations: usize,
}

/// Why a lowered document could not be made into code: a fault of this pipeline, or of the generator.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GenerateError {
    /// The lowered document is not what the OpenAPI 3.0 model knows.
    #[error("the lowered document is no OpenAPI 3.0: {0}; see it with `cargo xtask lower FILE`")]
    Model(String),
    /// The generator refused the document.
    #[error("progenitor refused the lowered document: {0}; see it with `cargo xtask lower FILE`")]
    Generator(String),
    /// The generator panicked.
    #[error("progenitor panicked on the lowered document: {0}; see it with `cargo xtask lower FILE`")]
    Panicked(String),
    /// What came out is no Rust.
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
        unions_as_one_of(&mut model["components"]["schemas"]);
        let stand_ins = StandIns::put_into(&mut model);
        let document: openapiv3::OpenAPI =
            serde_json::from_value(model).map_err(|error| GenerateError::Model(error.to_string()))?;
        let tokens =
            catch_unwind(AssertUnwindSafe(|| Generator::new(&settings()).generate_tokens(&document)))
                .map_err(|panic| GenerateError::Panicked(panic_message(panic.as_ref())))?
                .map_err(|error| GenerateError::Generator(error.to_string()))?;
        let mut client = syn::parse2::<syn::File>(stand_ins.taken_out_of(tokens))?;
        drop_builders_of_answers(&mut client, &self.lowered);
        leave_out_what_is_not_given(&mut client);
        show_examples_as_text(&mut client);
        let lowered = &self.lowered;
        let offered: Vec<&Operation> = self
            .operations
            .iter()
            .filter(|operation| lowered["paths"][&operation.path].get(&operation.method).is_some())
            .collect();
        let operations = operations_code(&offered);
        let surface = surface::of(&client, &offered);
        Ok(Generated {
            client: prettyplease::unparse(&client),
            operations,
            surface,
            generated_operations: offered.len(),
        })
    }
}

/// Of an `anyOf` the generator makes an object with the members of all; of a `oneOf`, an enum.
fn unions_as_one_of(schemas: &mut Value) {
    for schema in schemas.as_object_mut().into_iter().flat_map(serde_json::Map::values_mut) {
        let variants = schema.as_object_mut().and_then(|schema| schema.remove("anyOf"));
        if let Some(variants) = variants {
            schema["oneOf"] = variants;
        }
    }
}

/// Drops the builders of types that only the service makes: three fifths of all lines, and nobody calls them.
fn drop_builders_of_answers(client: &mut syn::File, lowered: &Value) {
    let bodies = lowered["paths"].as_object().into_iter().flatten().flat_map(|(_, item)| {
        item.as_object().into_iter().flatten().filter_map(|(_, operation)| operation.get("requestBody"))
    });
    let sent: BTreeSet<String> =
        reached_from(lowered, bodies).iter().map(|name| name.to_pascal_case()).collect();
    let Some(types) = module(&mut client.items, "types") else { return };
    types.retain(|item| !matches!(item, Item::Impl(block) if is_builder_method(block) && !sent.contains(&subject(block))));
    if let Some(builders) = module(types, "builder") {
        builders.retain(|item| match item {
            Item::Struct(builder) => sent.contains(&builder.ident.to_string()),
            // A builder's own methods, and the conversions from and to the type that it builds.
            Item::Impl(block) => sent.contains(&subject(block)),
            _ => true,
        });
    }
}

/// A member that may hold its own type is a `Box<Option<_>>`, and the generator would send null for one that is not given.
fn leave_out_what_is_not_given(client: &mut syn::File) {
    let Some(types) = module(&mut client.items, "types") else { return };
    let structs = types.iter_mut().filter_map(|item| match item {
        Item::Struct(structure) => Some(structure),
        _ => None,
    });
    for field in structs.flat_map(|structure| structure.fields.iter_mut()) {
        let of = field.ty.to_token_stream().to_string().replace(' ', "");
        // Without a default the member is required: there null is a value like another.
        let optional = field.attrs.iter().any(|attribute| {
            attribute.path().is_ident("serde") && attribute.to_token_stream().to_string().contains("default")
        });
        if optional && of.starts_with("::std::boxed::Box<::std::option::Option<") {
            field.attrs.push(syn::parse_quote!(
                #[serde(skip_serializing_if = "::std::option::Option::is_none")]
            ));
        }
    }
}

/// The generator's examples cannot compile, as they lack a client; as ignored tests they would stand in every test run.
fn show_examples_as_text(client: &mut syn::File) {
    let methods = client.items.iter_mut().filter_map(|item| match item {
        Item::Impl(block) => Some(block.items.iter_mut()),
        _ => None,
    });
    for method in methods.flatten() {
        let syn::ImplItem::Fn(method) = method else { continue };
        for attribute in &mut method.attrs {
            if let syn::Meta::NameValue(syn::MetaNameValue {
                path,
                value: syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }),
                ..
            }) = &mut attribute.meta
                && path.is_ident("doc")
            {
                *text = syn::LitStr::new(&text.value().replace("```ignore", "```text"), text.span());
            }
        }
    }
}

fn module<'items>(items: &'items mut [Item], name: &str) -> Option<&'items mut Vec<Item>> {
    items.iter_mut().find_map(|item| match item {
        Item::Mod(module) if module.ident == name => module.content.as_mut().map(|(_, items)| items),
        _ => None,
    })
}

/// `impl Type { pub fn builder() -> builder::Type }`
fn is_builder_method(block: &syn::ItemImpl) -> bool {
    block.trait_.is_none()
        && matches!(block.items.as_slice(), [syn::ImplItem::Fn(method)] if method.sig.ident == "builder")
}

/// The last name in the path of the type that an `impl` is for.
fn subject(block: &syn::ItemImpl) -> String {
    match block.self_ty.as_ref() {
        syn::Type::Path(path) => {
            path.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default()
        }
        _ => String::new(),
    }
}

fn settings() -> GenerationSettings {
    let mut settings = GenerationSettings::new();
    settings
        .with_interface(InterfaceStyle::Builder)
        .with_hooks(HooksMode::Expected)
        // The transport that every request goes through.
        .with_inner_type(quote! { crate::SharedTransport })
        .with_map_type("::std::collections::BTreeMap")
        .with_replacement(ERROR_COMPONENT, "crate::ServiceError", [TypeImpl::Display].into_iter());
    for name in HAND_WRITTEN {
        settings.with_replacement(name, format!("crate::{name}"), [TypeImpl::Display].into_iter());
    }
    settings
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text =
        panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("without a message").to_owned()
}

/// The name of an operation's method in Rust, as the generator makes it.
pub(crate) fn method_name(id: &str) -> String {
    names::method(id)
}

/// The table as Rust code. Its types are hand-written in the generated crate.
fn operations_code(operations: &[&Operation]) -> String {
    let mut code = String::from(
        "/// Every operation of the client, in the order of their paths.\npub static OPERATIONS: &[Operation] = &[\n",
    );
    for operation in operations {
        let authentication = match operation.authentication {
            Authentication::None => "None",
            Authentication::Bearer => "Bearer",
            Authentication::Other => "Other",
        };
        let tag = operation.tag.as_ref().map_or_else(|| "None".to_owned(), |tag| format!("Some({tag:?})"));
        let _ = writeln!(
            code,
            "    Operation {{ id: {:?}, name: {:?}, method: Method::{}, path: {:?}, tag: {tag}, summary: {:?}, server: {:?}, \
             authentication: Authentication::{authentication}, repeatable: {}, parameters: &[",
            operation.id,
            method_name(&operation.id),
            capitalised(&operation.method),
            operation.path,
            operation.summary,
            operation.server,
            operation.repeatable,
        );
        for parameter in &operation.parameters {
            code.push_str(&parameter_code(parameter));
        }
        code.push_str("    ], limits: &[\n");
        for limit in &operation.limits {
            code.push_str(&limit_code(limit));
        }
        code.push_str("    ] },\n");
    }
    code.push_str("];\n");
    code
}

fn location_code(location: Location) -> &'static str {
    match location {
        Location::Path => "Path",
        Location::Query => "Query",
        Location::Header => "Header",
        Location::Body => "Body",
    }
}

fn limit_code(limit: &Limit) -> String {
    let rule = match &limit.rule {
        // `{:?}` of a double has a point, as a literal of the type needs.
        LimitRule::Minimum(bound) => format!("Minimum({bound:?})"),
        LimitRule::ExclusiveMinimum(bound) => format!("ExclusiveMinimum({bound:?})"),
        LimitRule::Maximum(bound) => format!("Maximum({bound:?})"),
        LimitRule::ExclusiveMaximum(bound) => format!("ExclusiveMaximum({bound:?})"),
        LimitRule::MinLength(length) => format!("MinLength({length})"),
        LimitRule::MaxLength(length) => format!("MaxLength({length})"),
        LimitRule::MinItems(count) => format!("MinItems({count})"),
        LimitRule::MaxItems(count) => format!("MaxItems({count})"),
        LimitRule::OneOf(texts) => format!("OneOf(&{texts:?})"),
    };
    let location = location_code(limit.location);
    format!(
        "        Limit {{ location: Location::{location}, place: {:?}, rule: LimitRule::{rule} }},\n",
        limit.place
    )
}

fn parameter_code(parameter: &Parameter) -> String {
    let location = location_code(parameter.location);
    let kind = match parameter.kind {
        ValueKind::Text => "Text",
        ValueKind::Integer => "Integer",
        ValueKind::Number => "Number",
        ValueKind::Boolean => "Boolean",
        ValueKind::Json => "Json",
    };
    format!(
        "        Parameter {{ name: {:?}, location: Location::{location}, required: {}, kind: ValueKind::{kind}, description: {:?} }},\n",
        parameter.name, parameter.required, parameter.description,
    )
}

fn capitalised(method: &str) -> String {
    let mut letters = method.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}
