//! `release` on a small workspace under git, without the checks that take minutes.

use std::fs;
use std::path::Path;
use std::process::Command;

use expect_test::expect;
use tempfile::TempDir;

use crate::checkout::Run;

const MANIFEST: &str = r#"
[workspace]
resolver = "3"
members = ["a-client", "the-pipeline", "chores"]

[workspace.package]
version = "0.2.0"
edition = "2024"
rust-version = "1.89"
license = "MIT"

[workspace.dependencies]
the-pipeline = { path = "the-pipeline", version = "0.1.0" }
"#;

fn write(root: &Path, name: &str, text: &str) {
    let file = root.join(name);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}

fn krate(root: &Path, name: &str, rest: &str) {
    let inherited = "version.workspace = true\nedition.workspace = true\nrust-version.workspace = true\nlicense.workspace = true\n";
    write(root, &format!("{name}/Cargo.toml"), &format!("[package]\nname = \"{name}\"\n{inherited}{rest}"));
    write(root, &format!("{name}/src/lib.rs"), "");
}

fn git(root: &Path, arguments: &[&str]) {
    let identity =
        ["-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"];
    let status = Command::new("git").current_dir(root).args(identity).args(arguments).status().unwrap();
    assert!(status.success(), "git {arguments:?}");
}

fn release(root: &Path) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.env_remove("CARGO_TARGET_DIR");
    let output = command.arg("--root").arg(root).args(["release", "--quick"]).output().unwrap();
    Run::of(&output, root)
}

#[test]
fn what_is_not_ready_is_named_and_what_is_ready_is_published_in_order() {
    let folder = TempDir::new().unwrap();
    let root = folder.path();
    write(root, "Cargo.toml", MANIFEST);
    write(root, "CHANGELOG.md", "# Changelog\n\n## Unreleased\n\n- A change.\n\n## 0.1.0\n\n- The first.\n");
    let described = "description = \"A crate\"\nreadme = \"README.md\"\nkeywords = [\"one\"]\ncategories = [\"api-bindings\"]\n";
    krate(root, "a-client", &format!("{described}[dependencies]\nthe-pipeline.workspace = true\n"));
    krate(root, "the-pipeline", "description = \"A crate\"\n");
    krate(root, "chores", "publish = false\n");
    git(root, &["init", "--quiet"]);

    expect![[r#"
        NO       no file is changed or unknown to git: 5 are; commit them
        NO       every crate has the version of the workspace: 0.2.0 is not that of the-pipeline in [workspace.dependencies]
        yes      0.2.0 was not released before
        NO       CHANGELOG.md tells what is released: it has no section `## 0.2.0`
        NO       every crate says what people see of it: the-pipeline has no readme, the-pipeline has no keywords, the-pipeline has no categories
        unknown  every crate says where its source is: `repository` is not set in [workspace.package] of Cargo.toml
        unknown  the packages work from outside: --quick
        unknown  the version fits what changed in the interface: --quick
        [stderr]
        error: 0.2.0 cannot be released yet; 4 of the checks above failed
        [exit 100]
    "#]].assert_eq(&release(root).to_string());

    write(root, "Cargo.toml", &MANIFEST.replace("\"0.1.0\"", "\"0.2.0\""));
    write(
        root,
        "CHANGELOG.md",
        "# Changelog\n\n## 0.2.0 (2026-11-26)\n\n- A change.\n\n## 0.1.0\n\n- The first.\n",
    );
    krate(root, "the-pipeline", described);
    write(root, ".gitignore", "/target\n/Cargo.lock\n");
    git(root, &["add", "--all"]);
    git(root, &["commit", "--quiet", "--message", "All"]);
    expect![[r#"
        yes      no file is changed or unknown to git
        yes      every crate has the version of the workspace
        yes      0.2.0 was not released before
        yes      CHANGELOG.md tells what is released
        yes      every crate says what people see of it
        unknown  every crate says where its source is: `repository` is not set in [workspace.package] of Cargo.toml
        unknown  the packages work from outside: --quick
        unknown  the version fits what changed in the interface: --quick

        To publish, in this order, once `cargo xtask release` without --quick has made the packages:
          cargo publish --manifest-path target/package-stage/Cargo.toml --package the-pipeline
          cargo publish --manifest-path target/package-stage/Cargo.toml --package a-client
          git tag v0.2.0
        [exit 0]
    "#]].assert_eq(&release(root).to_string());

    git(root, &["tag", "v0.2.0"]);
    let again = release(root);
    assert_eq!(again.code, Some(100), "{again}");
    assert!(again.stdout.contains("there is a tag v0.2.0; raise the version in Cargo.toml"), "{again}");
    assert!(!again.stdout.contains("cargo publish"), "{again}");
}
