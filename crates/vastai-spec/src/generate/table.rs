//! The operations table as Rust code. Its types are hand-written in the generated crate.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::identify::names;
use crate::operations::{
    Authentication, Default, Effect, EffectWhere, EmptyResult, Limit, LimitRule, Location, Operation,
    Parameter, ValueKind,
};

/// The table as Rust code.
///
/// `sizes` has, for each method, expressions for the sizes of its response's types by depth.
pub(super) fn operations_code(operations: &[&Operation], sizes: &BTreeMap<String, Vec<String>>) -> String {
    let mut code = String::from(
        "#[allow(dead_code)]\nconst fn largest(sizes: &[usize]) -> usize {\n    let (mut largest, mut index) = (0, 0);\n    \
         while index < sizes.len() {\n        if sizes[index] > largest {\n            largest = sizes[index];\n        }\n        \
         index += 1;\n    }\n    largest\n}\n\n/// Every operation of the client, in the order of their paths.\npub static OPERATIONS: &[Operation] = &[\n",
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
             authentication: Authentication::{authentication}, documented: {}, repeatable: {}, effect: Effect::{}, effect_where: &[{}], empty_result: {}, body_required: {}, parameters: &[",
            operation.id,
            names::method(&operation.id),
            capitalised(&operation.method),
            operation.path,
            operation.summary,
            operation.server,
            operation.documented,
            operation.repeatable,
            effect_code(operation.effect),
            effect_where_code(&operation.effect_where),
            empty_result_code(operation.empty_result.as_ref()),
            operation.body_required,
        );
        for parameter in &operation.parameters {
            code.push_str(&parameter_code(parameter));
        }
        code.push_str("    ], limits: &[\n");
        for limit in &operation.limits {
            code.push_str(&limit_code(limit));
        }
        let sizes =
            sizes.get(&names::method(&operation.id)).map(|sizes| sizes.join(", ")).unwrap_or_default();
        let _ = writeln!(code, "    ], sizes: &[{sizes}] }},");
    }
    code.push_str("];\n");
    constants(&mut code, operations);
    code
}

fn effect_code(effect: Effect) -> &'static str {
    match effect {
        Effect::Reads => "Reads",
        Effect::Changes => "Changes",
        Effect::Copies => "Copies",
        Effect::Spends => "Spends",
        Effect::Pays => "Pays",
        Effect::Destroys => "Destroys",
    }
}

fn effect_where_code(wheres: &[EffectWhere]) -> String {
    let code = wheres.iter().map(|EffectWhere { field, unless, effect }| {
        let effect = effect_code(*effect);
        format!("EffectWhere {{ field: {field:?}, unless: &{unless:?}, effect: Effect::{effect} }}")
    });
    code.collect::<Vec<_>>().join(", ")
}

fn empty_result_code(result: Option<&EmptyResult>) -> String {
    result.map_or_else(
        || "None".to_owned(),
        |EmptyResult { status, message, body }| {
            format!("Some(EmptyResult {{ status: {status}, message: {message:?}, body: {body:?} }})")
        },
    )
}

/// A constant for each operation, so that code can name one and does not compile where a document lacks it.
fn constants(code: &mut String, operations: &[&Operation]) {
    code.push_str(
        "/// A constant for each operation: what [`OPERATIONS`] has by its place, by its name.\npub mod operations {\n    use super::{OPERATIONS, Operation};\n",
    );
    for (index, operation) in operations.iter().enumerate() {
        let method = names::method(&operation.id);
        let _ = writeln!(
            code,
            "    /// The operation behind [`Client::{method}`](crate::Client::{method}).\n    pub const {}: &Operation = &OPERATIONS[{index}];",
            operation_constant(&method),
        );
    }
    code.push_str("}\n");
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
        LimitRule::OneOf(allowed) => format!("OneOf(&{allowed:?})"),
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
        "        Parameter {{ name: {:?}, location: Location::{location}, required: {}, position: {:?}, kind: ValueKind::{kind}, default: {}, description: {:?} }},\n",
        parameter.name,
        parameter.required,
        parameter.position,
        default_code(parameter.default.as_ref()),
        parameter.description,
    )
}

fn default_code(default: Option<&Default>) -> String {
    default.map_or_else(
        || "None".to_owned(),
        |Default { value, unless }| format!("Some(DefaultValue {{ json: {value:?}, unless: &{unless:?} }})"),
    )
}

fn capitalised(method: &str) -> String {
    let mut letters = method.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

/// The name of an operation's constant in Rust, from the name of its method.
#[must_use]
pub fn operation_constant(method: &str) -> String {
    method.trim_start_matches("r#").to_uppercase()
}

/// The name of an operation's method in Rust, as the generator makes it.
#[must_use]
pub fn method_name(id: &str) -> String {
    names::method(id)
}
