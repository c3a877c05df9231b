//! The cases of criteo/openapi-comparator, which lie beside the checkout where they are at hand: what their authors expect is found, or it
//! is written down here why not. An expectation of severity `Error` is met only by a finding that breaks, so no case of theirs that breaks
//! passes as compatible without a note.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use vastai_spec::diff::{Change, Diff, Level};
use vastai_spec::identify::identify;
use vastai_spec::load;
use vastai_spec::report::Report;

/// Which of our rules see what one of their codes is about.
const KINDS: &[(&str, &[&str])] = &[
    ("AddedAdditionalProperties", &["additional-properties-restricted", "additional-properties-opened"]),
    ("AddedEnumValue", &["enum-value-added", "enum-removed"]),
    ("AddedOperation", &["operation-added"]),
    ("AddedOptionalProperty", &["property-added", "property-added-to-closed-object"]),
    ("AddedPath", &["operation-added"]),
    (
        "AddedPropertyInResponse",
        &["property-added", "required-property-added", "property-added-to-closed-object"],
    ),
    ("AddedReadOnlyPropertyInResponse", &["property-added", "required-property-added"]),
    ("AddedRequestBody", &["body-added", "required-body-added"]),
    (
        "AddedRequiredProperty",
        &["property-added-to-closed-object", "required-property-added", "property-became-required"],
    ),
    ("AddedSchema", &["type-narrowed", "type-widened", "property-added", "type-changed", "body-added"]),
    ("AddingHeader", &["response-header-added"]),
    ("AddingOptionalParameter", &["parameter-added"]),
    ("AddingRequiredParameter", &["required-parameter-added"]),
    ("AddingResponseCode", &["success-status-added", "failure-status-added"]),
    ("ConstantStatusHasChanged", &["enum-value-added", "enum-value-removed", "enum-added", "enum-removed"]),
    (
        "ConstraintChanged",
        &[
            "pattern-changed",
            "pattern-added",
            "pattern-removed",
            "unique-items-added",
            "unique-items-removed",
            "multiple-of-changed",
            "limit-tightened",
            "limit-loosened",
            "enum-value-added",
            "enum-value-removed",
            "enum-added",
            "enum-removed",
        ],
    ),
    (
        "ConstraintIsStronger",
        &["limit-tightened", "pattern-added", "unique-items-added", "enum-added", "enum-value-removed"],
    ),
    (
        "ConstraintIsWeaker",
        &["limit-loosened", "pattern-removed", "unique-items-removed", "enum-removed", "enum-value-added"],
    ),
    ("DefaultValueChanged", &["default-changed", "default-added", "default-removed"]),
    ("DifferentAllOf", &["property-added", "property-removed", "required-property-added"]),
    (
        "DifferentDiscriminator",
        &[
            "discriminator-added",
            "discriminator-changed",
            "discriminator-removed",
            "discriminator-value-added",
            "discriminator-value-removed",
        ],
    ),
    ("DifferentOneOf", &["union-variant-added", "union-variant-removed"]),
    ("LongRunningOperationExtensionChanged", &["extension-changed"]),
    ("ModifiedOperationId", &["operation-id-changed"]),
    ("NoVersionChange", &[]),
    ("NullablePropertyChanged", &["null-added", "null-removed"]),
    ("ParameterInHasChanged", &["parameter-location-changed"]),
    ("ParameterStyleChanged", &["parameter-serialization-changed"]),
    ("ReadonlyPropertyChanged", &["property-became-read-only", "property-no-longer-read-only"]),
    (
        "ReferenceRedirection",
        &[
            "property-added",
            "property-removed",
            "required-property-added",
            "type-changed",
            "enum-value-removed",
            "enum-value-added",
        ],
    ),
    ("RemovedAdditionalProperties", &["additional-properties-restricted", "additional-properties-opened"]),
    ("RemovedClientParameter", &["parameter-removed"]),
    ("RemovedDefinition", &["unused-component-changed", "type-widened"]),
    ("RemovedEnumValue", &["enum-value-removed", "enum-added"]),
    ("RemovedOperation", &["operation-removed"]),
    ("RemovedPath", &["operation-removed"]),
    ("RemovedProperty", &["property-removed"]),
    ("RemovedRequestBody", &["body-removed"]),
    ("RemovedRequiredParameter", &["parameter-removed"]),
    ("RemovedResponseCode", &["success-status-removed", "failure-status-removed"]),
    ("RemovingHeader", &["response-header-removed"]),
    ("RequestBodyFormatNoLongerSupported", &["media-type-removed"]),
    ("RequestBodyFormatNowSupported", &["media-type-added"]),
    (
        "RequiredStatusChange",
        &[
            "property-became-required",
            "property-became-optional",
            "parameter-became-required",
            "parameter-became-optional",
            "body-became-required",
            "body-became-optional",
        ],
    ),
    ("ResponseBodyFormatNowSupported", &["media-type-added"]),
    ("ServerNoLongerSupported", &["server-removed", "server-changed"]),
    ("TypeChanged", &["type-changed", "type-narrowed", "type-widened"]),
    ("TypeFormatChanged", &["format-changed", "format-narrowed", "format-widened", "content-changed"]),
    ("VersionsReversed", &["prose-changed"]),
];

/// Expectations that are not met, by case (`*`: in every case) and code, each with its reason.
const DISAGREEMENTS: &[(&str, &str, &str)] = &[
    (
        "*",
        "NoVersionChange",
        "`info.version` is prose: whoever keeps a document may forget to raise it, and nothing of it travels",
    ),
    (
        "*",
        "VersionsReversed",
        "`info.version` is prose, also when it falls; the change of it is reported as such",
    ),
    (
        "*",
        "ChangedParameterOrder",
        "parameters go by location and name; their order in the document is spelling",
    ),
    (
        "oneof_add",
        "TypeChanged",
        "`oneOf` of one alternative is that alternative: another spelling of the same schema",
    ),
    ("oneof_add", "DifferentOneOf", "`oneOf` of one alternative is that alternative"),
    (
        "oneof_add",
        "RemovedProperty",
        "`oneOf` of one alternative is that alternative: its properties are still there",
    ),
    (
        "oneof_remove",
        "TypeChanged",
        "`oneOf` of one alternative is that alternative: another spelling of the same schema",
    ),
    ("oneof_remove", "DifferentOneOf", "`oneOf` of one alternative is that alternative"),
    ("oneof_remove", "ReferenceRedirection", "`oneOf` of one alternative is that alternative"),
    (
        "oneof_remove",
        "AddedPropertyInResponse",
        "`oneOf` of one alternative is that alternative: its properties were there",
    ),
    (
        "oneof_remove",
        "AddedRequiredProperty",
        "`oneOf` of one alternative is that alternative: its properties were there",
    ),
    (
        "added_schema_in_response",
        "AddedSchema",
        "a response that promised nothing promises a schema now: whoever took anything takes this; reported as compatible",
    ),
    (
        "type_changed",
        "TypeChanged",
        "one of the three is in a component to which no operation refers: reported as documentation, since nothing of it travels",
    ),
    (
        "reference_redirection_type_changed",
        "RemovedDefinition",
        "the component was used and another is used instead: the two are compared where they are used, and names are spelling",
    ),
    (
        "x-ms-paths",
        "RemovedPath",
        "`x-ms-paths` is an extension of one vendor: its change is reported as that of an extension, without a look inside",
    ),
    ("x-ms-paths", "RequiredStatusChange", "inside of the extension `x-ms-paths`, see above"),
    (
        "x-ms-paths",
        "TypeChanged",
        "in a component that only the extension refers to: reported as a component that no operation uses",
    ),
];

fn cases() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/compat/criteo");
    folder.is_dir().then_some(folder)
}

fn read(case: &Path, which: &str) -> Value {
    let file = ["yaml", "yml", "json"].map(|extension| case.join(format!("{which}.{extension}")));
    let file = file.iter().find(|file| file.exists()).unwrap();
    let mut value = load::document(&fs::read_to_string(file).unwrap(), &file.display().to_string()).unwrap();
    identify(&mut value, &mut Report::default());
    value
}

/// Whether a finding of ours is about what one of theirs is about: a rule of that kind, in the same operation.
fn meets(expected: &Value, change: &Change) -> bool {
    let text = |key: &str| expected[key].as_str().unwrap_or_default().trim_start_matches('#').to_owned();
    let kinds = KINDS.iter().find(|(code, _)| *code == text("Code")).map_or(&[][..], |(_, kinds)| kinds);
    let operation = |place: &str| place.split('/').take(4).collect::<Vec<_>>().join("/");
    let places = [text("OldJsonRef"), text("NewJsonRef"), text("OldJsonPath"), text("NewJsonPath")];
    let ours = [
        Some(change.pointer.clone()),
        change.old.as_ref().map(|place| place.pointer.clone()),
        change.new.as_ref().map(|place| place.pointer.clone()),
    ];
    let same_place = places.iter().any(|place| {
        ours.iter().flatten().any(|ours| {
            operation(ours).starts_with(&operation(place)) || operation(place).starts_with(&operation(ours))
        })
    });
    kinds.contains(&change.id) && same_place
}

#[test]
fn what_others_expect_is_found_or_written_down() {
    let Some(folder) = cases() else {
        eprintln!("skipped: the cases do not lie beside the checkout");
        return;
    };
    let mut count = 0;
    let mut faults = Vec::new();
    let mut used = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let case = entry.unwrap().path();
        let name = case.file_name().unwrap().to_str().unwrap().to_owned();
        count += 1;
        let expected = load::document(&fs::read_to_string(case.join("diff.json")).unwrap(), &name).unwrap();
        let diff = Diff::between(&read(&case, "old"), &read(&case, "new")).unwrap();
        let breaks = |expected: &Value| expected["Severity"] == "Error";
        for expected in expected.as_array().unwrap() {
            let code = expected["Code"].as_str().unwrap();
            let met = diff.changes.iter().any(|change| {
                meets(expected, change) && (!breaks(expected) || change.level == Level::Breaking)
            });
            let noted = DISAGREEMENTS
                .iter()
                .position(|(case, noted, _)| (*case == name || *case == "*") && *noted == code);
            match (met, noted) {
                (false, Some(index)) => drop(used.insert(index)),
                (false, None) => {
                    let found: Vec<_> = diff
                        .changes
                        .iter()
                        .map(|change| format!("{} {:?} {}", change.id, change.level, change.pointer))
                        .collect();
                    faults.push(format!(
                        "{name}: {code} ({}) {} not found among {found:#?}",
                        expected["Severity"], expected["OldJsonRef"]
                    ));
                }
                (true, _) => {}
            }
        }
    }
    assert_eq!(count, 79);
    for (index, (case, code, _)) in DISAGREEMENTS.iter().enumerate() {
        if !used.contains(&index) {
            faults.push(format!("{case}: the disagreement about {code} no longer exists"));
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}
