//! The rules of the lowering: each with its name, its reason and what it does to what is accepted.

use crate::report::{Effect, Rule};

macro_rules! rules {
    ($($constant:ident = $id:literal, $effect:ident, $reason:literal;)*) => {
        $(pub(super) static $constant: Rule = Rule { id: $id, reason: $reason, effect: Effect::$effect };)*

        /// Every rule of the lowering.
        pub static ALL: &[&Rule] = &[$(&$constant),*];
    };
}

rules! {
    // The document as a whole.
    VERSION = "openapi-version", Same, "the generator reads OpenAPI 3.0.x alone";
    DOCUMENT_KEYWORD = "document-keyword", Ignored, "says nothing that a client of the operations needs, or has no place in 3.0";
    INFO_REPAIRED = "info-repaired", Same, "title and version are strings, and the version goes out as a header";
    UNKNOWN_KEYWORD = "unknown-keyword", Ignored, "no rule knows this keyword";
    MALFORMED = "malformed-ignored", Ignored, "OpenAPI has something else in this place";
    SECURITY_SCHEME = "security-scheme-not-in-3.0", Ignored, "a scheme that OpenAPI 3.0 does not know";

    // Operations.
    OPERATION_KEYWORD = "operation-keyword", Ignored, "a generated client has no use for it";
    OPERATION_LEFT_OUT = "operation-left-out", LeftOut, "the generator cannot send what the operation needs";
    PARAMETER_IGNORED = "parameter-ignored", Ignored, "OpenAPI or the generator has no place for this parameter";
    PARAMETER_ADDED = "path-parameter-added", Same, "the path names a parameter that the document does not describe";
    PARAMETER_AS_TEXT = "parameter-as-text", Widened, "a value that is not a scalar travels in the URL or a header as JSON in a string";
    PARAMETER_REQUIRED = "path-parameter-required", Same, "a parameter in a path is always required";
    PARAMETERS_MERGED = "path-item-parameters-merged", Same, "a path item's parameters are those of its operations";
    BODY_MEDIA_TYPE = "other-media-types", Ignored, "a request is sent in one media type; JSON where it is offered";
    BODY_ALWAYS_SENT = "optional-body-always-sent", Same, "the generator does not support optional bodies; an empty object means the same";
    BODY_WITHOUT_CONTENT = "body-without-content", Ignored, "a body without a media type is not sent";
    BODY_SCHEMA_MISSING = "media-type-without-schema", Widened, "without a schema any JSON is accepted";
    RESPONSE_KEYWORD = "response-keyword", Ignored, "headers and links of a response are not typed";
    RESPONSE_DROPPED = "response-without-use", Ignored, "neither a success nor a failure of the call";
    SUCCESSES_UNITED = "success-responses-united", Widened, "the generator knows one type of success for an operation";
    ONE_ERROR = "one-error-schema", Widened, "all failures of all operations are one type, which takes whatever came";

    // Schemas: other spellings of the same.
    NULL_SPELLING = "null-spelling", Same, "3.0 says `nullable` where 3.1 has a type, a variant or a value null";
    CONST = "const-as-enum", Same, "3.0 has no `const`";
    EXAMPLE = "example-no-type", Ignored, "examples make no types; the samples of tests and of the simulator come from the document itself";
    REQUEST_LIMIT = "limit-checked-when-sent", Same, "limits of a request stand in the operations table: types for them would make every call harder to write";
    TYPE_FROM_KEYWORDS = "type-from-keywords", Same, "a schema with `properties` and without a type means an object; to the letter, a string would fit too";
    ALL_OF = "all-of-merged", Widened, "the parts of an `allOf` become one type; of a property that differs, either is accepted";
    REFERENCE_SIBLINGS = "reference-siblings", Same, "3.0 ignores what stands beside a `$ref`; 3.1 does not";
    ALIAS = "alias-inlined", Same, "a component that only names a scalar, a list or a map makes no type of its own";
    NAMED = "inline-schema-named", Same, "the same inline schema in several places is one type";
    TYPE_NAMED = "type-named-by-overlay", Same, "what is written out in one document and shared in another is one type, with the name that programs know";
    NAME_DISTINCT = "component-name-distinct", Same, "two components would be one name in Rust";
    UNREFERENCED = "component-not-referenced", Ignored, "no operation uses this component";

    RUST_NAME_DISTINCT = "rust-name-distinct", Same, "two names on the wire would be one in Rust, or a name that the generated code needs";
    EMPTY_NOT_MISSING = "empty-is-not-missing", Widened, "an empty list or map of a request is sent, and one that is not given is not";

    // Schemas: more is accepted.
    EMPTY_SCHEMA = "empty-schema", Widened, "there is no schema here: any value is accepted";
    FALSE_SCHEMA = "false-schema", Widened, "a type without values cannot be generated; the service refuses what is sent";
    SEVERAL_TYPES = "several-types", Same, "3.0 knows one type for a schema, so several become variants";
    UNKNOWN_TYPE = "unknown-type", Widened, "not a type of JSON Schema: read as what it means elsewhere, else any value is accepted";
    WIDER_KEYWORD = "keyword-without-type", Widened, "has no counterpart in 3.0 or in a Rust type; the service checks it";
    PATTERN = "pattern-left-to-service", Widened, "checking it would need a regex engine in every client";
    SECRET_TEXT = "secret-not-shown", Same, "a string of the format `password` is a type that `Debug` does not show";
    FORMAT = "format-as-text", Widened, "the service sends other forms too, and each format would need a dependency";
    DEFAULT = "default-not-sent", Same, "a default says what the service does without a value; a client that sends it may send an outdated one";
    READ_ONLY = "read-only-not-required", Widened, "only responses have it, so no caller has to send it; the service decides whether it may be sent";
    WRITE_ONLY = "write-only-in-response", Widened, "no response has it, and no response has to have any field";
    TITLE = "title-not-a-name", Ignored, "types are named after operations and components, which are stable";
    TUPLE = "tuple-as-list", Widened, "3.0 has no tuples";
    PATTERN_PROPERTIES = "pattern-properties-as-map", Widened, "3.0 knows keys by name or all alike";
    REQUEST_VARIANTS = "request-variants", Widened, "variants of which several may match at once become one type with all their fields";
    ENUM_MIXED = "enum-of-non-strings", Widened, "an enum of anything but strings has no Rust enum";
    CIRCLE = "endless-type", Widened, "a type that contains itself without end: any value is accepted from there";

    // Robustness of responses.
    RESPONSE_OPTIONAL = "response-field-optional", Widened, "the service leaves fields out; a client must not fail on that";
    RESPONSE_OPEN_ENUM = "response-enum-open", Widened, "the service responds with values that the document does not know yet";
    RESPONSE_LIMIT = "response-limit", Widened, "limits of a response are the service's to keep";
    RESPONSE_VARIANTS = "response-variants-merged", Widened, "object variants become one type: all their fields are optional, so the first would always match";
    RESPONSE_FLOAT = "response-float-as-double", Widened, "32 bits are too few for epoch seconds";
    RESPONSE_EXTRA = "response-fields-kept", Same, "fields that the document does not know are kept";
    RESPONSE_TRIMMED = "response-text-trimmed", Same, "the overlay says that the service sends white space around it";
    TIME = "seconds-as-time", Same, "the overlay says that the number is a point in time";
    OPEN_ENUM = "open-set-of-words", Same, "the overlay says which words are known; every other one is kept as it came";
    RESPONSE_REQUIRED = "response-id-required", Same, "the overlay says that the object is nothing without this field; without it, the value is kept as it came";
    RESPONSE_CLOSED = "response-opened", Widened, "the service adds fields to objects that the document calls closed";
}
