//! Odd documents: each becomes a client that compiles, without a warning.

use std::path::Path;

use crate::workspace::{CLIENT, Made, WORKSPACE, result};

#[test]
fn the_code_of_every_odd_document_compiles() {
    let nothing = "openapi: 3.1.0\ninfo: { title: Nothing, version: '1' }\n".to_owned();
    let mut documents = vec![("nothing.yaml".to_owned(), nothing)];
    for file in std::fs::read_dir(WORKSPACE.root.join("crates/vastai-spec/tests/odd")).unwrap() {
        let file = file.unwrap();
        documents
            .push((file.file_name().into_string().unwrap(), std::fs::read_to_string(file.path()).unwrap()));
    }
    assert!(documents.len() > 4, "{documents:?}");
    for (name, text) in documents {
        let folder = tempfile::tempdir().unwrap();
        let document = folder.path().join(&name);
        std::fs::write(&document, text).unwrap();
        let warnings = warnings_of_the_build_script(&document, folder.path());
        let of_duplicates = warnings.iter().filter(|line| line.contains("in the same mapping")).count();
        assert_eq!(
            of_duplicates,
            usize::from(name == "published.yaml"),
            "in one line, and only there: {warnings:#?}"
        );
        let compiled = WORKSPACE.compile(&CLIENT, Made::Metadata, folder.path());
        result(&compiled).unwrap_or_else(|errors| panic!("{name}: {errors}"));
        let said = String::from_utf8(compiled.stderr).unwrap();
        assert_eq!(said, "", "{name}");
    }
}

/// What it says of what is left out and lost.
fn warnings_of_the_build_script(document: &Path, out: &Path) -> Vec<String> {
    let output = WORKSPACE.build_script(document, out);
    result(&output).unwrap_or_else(|errors| panic!("{}: {errors}", document.display()));
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(!printed.contains("cargo::error="), "{printed}");
    printed.lines().filter_map(|line| line.strip_prefix("cargo::warning=")).map(str::to_owned).collect()
}
