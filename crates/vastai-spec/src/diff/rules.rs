//! Every rule of the comparison: its name, what it does to a client, and what it sees.
//!
//! A schema says what may be sent. A request breaks where less is taken than before, a response where more may come than before; so most
//! rules say only whether they narrow or widen, and the level follows from the direction.
//!
//! Judgements that could have gone another way stand in `docs/diff.md`, and the table itself in `docs/diff-rules.md`.

use super::model::{Level, Side};

/// A kind of change that the comparison knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rule {
    /// Its stable name: the `id` of a [`Change`](super::Change).
    pub id: &'static str,
    /// What it does to a client where it concerns what the client sends, or neither direction.
    pub request: Level,
    /// What it does to a client where it concerns what the client gets.
    pub response: Level,
    /// What it sees, in a sentence.
    pub meaning: &'static str,
}

/// Whether a schema describes what a client sends or what it gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Direction {
    Request,
    Response,
}

impl Direction {
    pub(super) fn opposite(self) -> Self {
        match self {
            Self::Request => Self::Response,
            Self::Response => Self::Request,
        }
    }

    pub(super) fn side(self) -> Side {
        match self {
            Self::Request => Side::Request,
            Self::Response => Side::Response,
        }
    }
}

impl Rule {
    pub(super) fn level(&self, direction: Direction) -> Level {
        match direction {
            Direction::Request => self.request,
            Direction::Response => self.response,
        }
    }
}

/// The rule of that name.
///
/// ```
/// use vastai_spec::diff::{Level, rule};
///
/// let added = rule("enum-value-added").ok_or("no such rule")?;
/// assert_eq!((added.request, added.response), (Level::Compatible, Level::Breaking));
/// # Ok::<(), &str>(())
/// ```
#[must_use]
pub fn rule(id: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.id == id)
}

const fn levels(kind: &str) -> (Level, Level) {
    match kind.as_bytes() {
        b"breaks" => (Level::Breaking, Level::Breaking),
        b"narrows" => (Level::Breaking, Level::Compatible),
        b"widens" => (Level::Compatible, Level::Breaking),
        b"docs" => (Level::Docs, Level::Docs),
        _ => (Level::Compatible, Level::Compatible),
    }
}

macro_rules! rules {
    ($($name:ident $kind:ident $id:literal $meaning:literal)*) => {
        $(pub(super) static $name: Rule = {
            let (request, response) = levels(stringify!($kind));
            Rule { id: $id, request, response, meaning: $meaning }
        };)*

        /// Every rule that a finding can have.
        pub static RULES: &[&Rule] = &[$(&$name),*];
    };
}

rules! {
    // Operations
    OPERATION_REMOVED breaks "operation-removed" "An operation is gone."
    OPERATION_ADDED compatible "operation-added" "An operation is new."
    OPERATION_MOVED compatible "operation-moved" "An operation is in the same place in another spelling: a slash at the path's end, another name of a path parameter, or a part of the path that moved into the server's URL."
    OPERATION_ID_CHANGED compatible "operation-id-changed" "The operationId changed: nothing of it travels, but generated methods take another name."
    OPERATION_DEPRECATED compatible "operation-deprecated" "An operation is deprecated."
    OPERATION_UNDEPRECATED compatible "operation-undeprecated" "An operation is no longer deprecated."
    CALLBACK_REMOVED breaks "callback-removed" "The service no longer makes a call to the client that it made."
    CALLBACK_ADDED compatible "callback-added" "The service makes another call to the client."
    WEBHOOK_REMOVED breaks "webhook-removed" "A webhook is gone."
    WEBHOOK_ADDED compatible "webhook-added" "A webhook is new."

    // Servers and security
    SERVER_CHANGED breaks "server-changed" "No server of the old document serves the operation any more."
    SERVER_REMOVED breaks "server-removed" "A server no longer serves the operation; others do."
    SERVER_ADDED compatible "server-added" "Another server serves the operation."
    SERVER_VARIABLE_REMOVED breaks "server-variable-removed" "A value or the whole of a server's variable is gone."
    SERVER_VARIABLE_ADDED compatible "server-variable-added" "A server's variable, or a value of one, is new."
    SECURITY_REQUIRED breaks "security-required" "An operation that could be called without credentials asks for them."
    SECURITY_CHANGED breaks "security-changed" "Credentials that were enough are not any more: another scheme, one more, or one of another kind."
    SECURITY_SCOPE_ADDED breaks "security-scope-added" "An operation asks for a scope that it did not ask for."
    SECURITY_ADDED compatible "security-added" "There is another way to prove who calls."
    SECURITY_DROPPED compatible "security-dropped" "Less is asked of the caller: no credentials, fewer schemes, or fewer scopes."

    // Parameters
    PARAMETER_REMOVED breaks "parameter-removed" "A parameter is gone."
    PARAMETER_ADDED compatible "parameter-added" "An optional parameter is new."
    REQUIRED_PARAMETER_ADDED narrows "required-parameter-added" "A required parameter is new."
    PARAMETER_BECAME_REQUIRED narrows "parameter-became-required" "An optional parameter is required."
    PARAMETER_BECAME_OPTIONAL widens "parameter-became-optional" "A required parameter is optional."
    PARAMETER_LOCATION_CHANGED breaks "parameter-location-changed" "A parameter travels in another part of the request."
    PARAMETER_SERIALIZATION_CHANGED breaks "parameter-serialization-changed" "A parameter or header is written in another way: style, explode, or schema against content."
    PARAMETER_TAKES_LIST widens "parameter-takes-list" "A parameter or header that held one value holds a list; one value is written as a list of one is."
    PARAMETER_PERMISSION_REMOVED breaks "parameter-permission-removed" "A parameter may no longer be empty or hold reserved characters."
    PARAMETER_PERMISSION_ADDED compatible "parameter-permission-added" "A parameter may be empty or hold reserved characters."
    PARAMETER_DEPRECATED compatible "parameter-deprecated" "A parameter or header is deprecated."
    PARAMETER_UNDEPRECATED compatible "parameter-undeprecated" "A parameter or header is no longer deprecated."
    PATH_PARAMETER_RENAMED compatible "path-parameter-renamed" "A path parameter has another name: the URL is the same."
    IGNORED_PARAMETER_CHANGED compatible "ignored-parameter-changed" "A header parameter that OpenAPI tells clients to ignore (Accept, Content-Type, Authorization) differs."

    // Bodies and media types
    BODY_ADDED compatible "body-added" "A body is new and optional, or a response that had none has one."
    REQUIRED_BODY_ADDED narrows "required-body-added" "A request must have a body that it did not have."
    BODY_REMOVED breaks "body-removed" "A body is gone."
    BODY_BECAME_REQUIRED narrows "body-became-required" "An optional body is required."
    BODY_BECAME_OPTIONAL widens "body-became-optional" "A required body is optional."
    MEDIA_TYPE_REMOVED breaks "media-type-removed" "A media type is gone."
    MEDIA_TYPE_ADDED compatible "media-type-added" "A media type is new."
    MEDIA_TYPE_NARROWED narrows "media-type-narrowed" "A media type stands for less: one of a range, or text in one charset."
    MEDIA_TYPE_WIDENED widens "media-type-widened" "A media type stands for more: a range around it, or text in any charset."
    ENCODING_CHANGED breaks "encoding-changed" "A field of a form is written in another way."

    // Responses
    SUCCESS_STATUS_REMOVED breaks "success-status-removed" "A status of success is no longer listed."
    SUCCESS_STATUS_ADDED compatible "success-status-added" "A status of success is new."
    FAILURE_STATUS_REMOVED compatible "failure-status-removed" "A status of failure is no longer listed."
    FAILURE_STATUS_ADDED compatible "failure-status-added" "A status of failure is new."
    STATUS_RANGE_CHANGED compatible "status-range-changed" "A status is covered by a range that is listed instead, or the other way round."
    RESPONSE_HEADER_REMOVED breaks "response-header-removed" "A header of a response is gone."
    RESPONSE_HEADER_ADDED compatible "response-header-added" "A header of a response is new."
    RESPONSE_HEADER_BECAME_OPTIONAL breaks "response-header-became-optional" "A header that every response had may be missing."
    RESPONSE_HEADER_BECAME_REQUIRED compatible "response-header-became-required" "A header that could be missing is in every response."
    LINK_CHANGED compatible "link-changed" "What is said of how one response leads to another operation differs."

    // Schemas: what kind of value
    TYPE_NARROWED narrows "type-narrowed" "A type is taken away or replaced by a narrower one."
    TYPE_WIDENED widens "type-widened" "A type is added or replaced by a wider one."
    TYPE_CHANGED breaks "type-changed" "The type is another one."
    TYPE_STATED compatible "type-stated" "A type that the other keywords imply is stated, or is no longer stated."
    NULL_ADDED widens "null-added" "The value may be null."
    NULL_REMOVED narrows "null-removed" "The value may no longer be null."
    ENUM_VALUE_ADDED widens "enum-value-added" "A value is added to an enumeration."
    ENUM_VALUE_REMOVED narrows "enum-value-removed" "A value is taken out of an enumeration."
    ENUM_ADDED narrows "enum-added" "The values are enumerated."
    ENUM_REMOVED widens "enum-removed" "The values are no longer enumerated."
    FORMAT_NARROWED narrows "format-narrowed" "A format is asked for, or a narrower one."
    FORMAT_WIDENED widens "format-widened" "A format is no longer asked for, or a wider one is."
    FORMAT_CHANGED breaks "format-changed" "The format is another one."
    CONTENT_CHANGED breaks "content-changed" "What a string holds differs: contentEncoding, contentMediaType or contentSchema."
    DEFAULT_ADDED compatible "default-added" "There is a default."
    DEFAULT_REMOVED breaks "default-removed" "The default is gone."
    DEFAULT_CHANGED breaks "default-changed" "The default is another one."
    SCHEMA_DEPRECATED compatible "schema-deprecated" "A value is deprecated."
    SCHEMA_UNDEPRECATED compatible "schema-undeprecated" "A value is no longer deprecated."
    XML_CHANGED breaks "xml-changed" "The value is written in another way in XML."

    // Schemas: limits
    LIMIT_TIGHTENED narrows "limit-tightened" "A limit is new or tighter: of a number, a length, or a count."
    LIMIT_LOOSENED widens "limit-loosened" "A limit is gone or looser."
    MULTIPLE_OF_CHANGED breaks "multiple-of-changed" "Numbers are multiples of another one."
    PATTERN_ADDED narrows "pattern-added" "A string must match a pattern."
    PATTERN_REMOVED widens "pattern-removed" "A string need no longer match a pattern."
    PATTERN_CHANGED breaks "pattern-changed" "The pattern is another one: which strings match cannot be compared."
    UNIQUE_ITEMS_ADDED narrows "unique-items-added" "No element may stand twice."
    UNIQUE_ITEMS_REMOVED widens "unique-items-removed" "An element may stand twice."

    // Schemas: objects
    PROPERTY_ADDED compatible "property-added" "A property is new."
    REQUIRED_PROPERTY_ADDED narrows "required-property-added" "A required property is new."
    PROPERTY_ADDED_TO_CLOSED_OBJECT widens "property-added-to-closed-object" "A property is new in an object that promised to have no others."
    PROPERTY_REMOVED breaks "property-removed" "A property is gone."
    PROPERTY_BECAME_REQUIRED narrows "property-became-required" "An optional property is required."
    PROPERTY_BECAME_OPTIONAL widens "property-became-optional" "A required property is optional."
    PROPERTY_BECAME_READ_ONLY narrows "property-became-read-only" "A property may no longer be sent."
    PROPERTY_NO_LONGER_READ_ONLY compatible "property-no-longer-read-only" "A property that was only read may be sent."
    PROPERTY_BECAME_WRITE_ONLY widens "property-became-write-only" "A property no longer comes in responses."
    PROPERTY_NO_LONGER_WRITE_ONLY compatible "property-no-longer-write-only" "A property that was only sent comes in responses."
    UNSEEN_PROPERTY_CHANGED compatible "unseen-property-changed" "A property that does not travel in this direction is new, gone, or in another state."
    ADDITIONAL_PROPERTIES_RESTRICTED narrows "additional-properties-restricted" "Properties without a name in the schema are refused or described."
    ADDITIONAL_PROPERTIES_OPENED widens "additional-properties-opened" "Properties without a name in the schema are allowed or no longer described."
    PATTERN_PROPERTIES_ADDED narrows "pattern-properties-added" "Properties whose names match a pattern are described."
    PATTERN_PROPERTIES_REMOVED widens "pattern-properties-removed" "Properties whose names match a pattern are no longer described."
    PROPERTY_NAMES_RESTRICTED narrows "property-names-restricted" "The names of properties are restricted."
    PROPERTY_NAMES_OPENED widens "property-names-opened" "The names of properties are no longer restricted."
    DEPENDENCY_ADDED narrows "dependency-added" "A property asks for another, or for a schema."
    DEPENDENCY_REMOVED widens "dependency-removed" "A property no longer asks for another, or for a schema."

    // Schemas: arrays
    ITEMS_RESTRICTED narrows "items-restricted" "The elements of an array are described that were not."
    ITEMS_OPENED widens "items-opened" "The elements of an array are no longer described."
    PREFIX_ITEMS_CHANGED breaks "prefix-items-changed" "The elements that are described by their position are more or fewer."
    CONTAINS_ADDED narrows "contains-added" "An array must contain an element of a kind."
    CONTAINS_REMOVED widens "contains-removed" "An array need no longer contain an element of a kind."

    // Schemas: combinations
    UNION_VARIANT_ADDED widens "union-variant-added" "There is one more alternative."
    UNION_VARIANT_REMOVED narrows "union-variant-removed" "There is one alternative fewer."
    UNION_VARIANT_COVERED compatible "union-variant-covered" "An alternative comes or goes whose values another one takes as well."
    UNION_VARIANTS_OVERLAP narrows "union-variants-overlap" "A value that was allowed may fit several alternatives of a oneOf, where it must fit one."
    UNION_OPENED widens "union-opened" "A value may fit several alternatives where it had to fit one: oneOf became anyOf."
    UNION_TIGHTENED narrows "union-tightened" "A value must fit exactly one alternative: anyOf became oneOf."
    UNION_CHANGED breaks "union-changed" "Several sets of alternatives hold at once, and they differ."
    DISCRIMINATOR_ADDED narrows "discriminator-added" "A property says which alternative is meant."
    DISCRIMINATOR_REMOVED widens "discriminator-removed" "No property says any more which alternative is meant."
    DISCRIMINATOR_CHANGED breaks "discriminator-changed" "Another property says which alternative is meant."
    DISCRIMINATOR_VALUE_ADDED widens "discriminator-value-added" "There is another value for the property that selects the alternative."
    DISCRIMINATOR_VALUE_REMOVED narrows "discriminator-value-removed" "A value for the property that selects the alternative is gone."
    NOT_ADDED narrows "not-added" "Values are excluded."
    NOT_REMOVED widens "not-removed" "Values are no longer excluded."
    CONDITION_ADDED narrows "condition-added" "A condition is new (if, then, else)."
    CONDITION_REMOVED widens "condition-removed" "A condition is gone."
    CONDITION_CHANGED breaks "condition-changed" "A condition is another one."
    UNEVALUATED_RESTRICTED narrows "unevaluated-restricted" "What no other keyword describes is refused or described."
    UNEVALUATED_OPENED widens "unevaluated-opened" "What no other keyword describes is allowed."

    // Everything else
    EXTENSION_CHANGED compatible "extension-changed" "An extension (x-…) differs."
    UNCLASSIFIED breaks "unclassified" "Something differs that no rule knows, so nobody can say that it breaks nothing."
    PROSE_CHANGED docs "prose-changed" "Text for people differs: a description, a title, an example, a tag."
    UNUSED_COMPONENT_CHANGED docs "unused-component-changed" "Something to which no operation refers is new, gone, or different: a component, a path without operations, security that every operation overrides."
}
