//! The copy of the workspace that packages are made of: what is published of each crate, with the generated code in it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde_json::Value;
use toml::{Table, Value as Toml};

use super::crates::Published;
use crate::cargo::{Cargo, output_of};
use crate::repository::{MANIFEST, Repository};

/// The crate whose code is generated.
pub(super) const CLIENT: &str = "vastai-api";
/// The folder of a package that has the generated code.
pub(super) const PREBUILT: &str = "prebuilt";
/// What the build script makes for the tests of the workspace alone.
const FOR_TESTS: &str = "sample_calls.rs";
/// What cargo adds to a package itself.
const MADE_BY_CARGO: [&str; 4] = ["Cargo.toml", "Cargo.toml.orig", "Cargo.lock", ".cargo_vcs_info.json"];
const LICENCES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];

/// A file of generated code: name and text.
pub(super) type Code = Vec<(String, String)>;

/// Lets the build script make the code, and reads it.
pub(super) fn code(repository: &Repository, cargo: &Cargo) -> anyhow::Result<Code> {
    let mut check = cargo.offline(repository.root());
    check.args(["check", "--locked", "--quiet", "--package", CLIENT, "--message-format", "json"]);
    made_by_build_script(&output_of(check)?)
}

/// The code in the `OUT_DIR` that cargo's messages tell, without what is not of the crate.
pub(super) fn made_by_build_script(messages: &str) -> anyhow::Result<Code> {
    let mut folder = messages.lines().filter_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        let is_ours =
            message["reason"] == "build-script-executed" && is_client(message["package_id"].as_str()?);
        is_ours.then(|| message["out_dir"].as_str().map(PathBuf::from))?
    });
    let folder =
        folder.next_back().with_context(|| format!("cargo did not run the build script of {CLIENT}"))?;
    let mut code = files_of(&folder)?;
    code.retain(|(name, _)| name != FOR_TESTS);
    Ok(code)
}

/// Whether cargo's id of a package, `path+file:///FOLDER#NAME@VERSION`, is that of the client; a folder of that name leaves `NAME@` out.
fn is_client(id: &str) -> bool {
    let (folder, package) = id.rsplit_once('#').unwrap_or((id, ""));
    let folder = folder.rsplit('/').next().unwrap_or_default();
    package.split_once('@').map_or(folder, |(name, _)| name) == CLIENT
}

/// The files of a folder, by name.
pub(super) fn files_of(folder: &Path) -> anyhow::Result<Code> {
    let read = || {
        let mut files = Vec::new();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            files.push((
                path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
                fs::read_to_string(&path)?,
            ));
        }
        files.sort();
        Ok::<_, std::io::Error>(files)
    };
    read().with_context(|| format!("{} could not be read", folder.display()))
}

/// Makes a folder that has nothing in it, whatever was there.
pub(crate) fn empty(folder: &Path) -> anyhow::Result<()> {
    let removed = match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        other => other,
    };
    removed
        .and_then(|()| fs::create_dir_all(folder))
        .with_context(|| format!("{} could not be emptied", folder.display()))
}

/// Copies the workspace, as far as it is published, to a folder, and puts the code in.
pub(super) fn workspace(
    folder: &Path,
    published: &Published,
    code: &Code,
    repository: &Repository,
    cargo: &Cargo,
) -> anyhow::Result<()> {
    empty(folder)?;
    let root = fs::canonicalize(repository.root())?;
    copy(&root.join("Cargo.lock"), &folder.join("Cargo.lock"))?;
    for krate in &published.in_order {
        let place = fs::canonicalize(&krate.folder)?;
        let staged = folder.join(place.strip_prefix(&root).context("a crate outside of the checkout")?);
        let mut list = cargo.offline(&root);
        list.args(["package", "--list", "--allow-dirty", "--quiet", "--package", &krate.name]);
        let listed = output_of(list)?;
        for file in listed.lines().filter(|file| !MADE_BY_CARGO.contains(file)) {
            copy(&place.join(file), &staged.join(file))?;
        }
        for licence in LICENCES {
            copy(&root.join(licence), &staged.join(licence))?;
        }
        let manifest = fs::read_to_string(place.join(MANIFEST))?;
        write(&staged.join(MANIFEST), &staged_manifest(&manifest).with_context(|| krate.name.clone())?)?;
        if krate.name == CLIENT {
            for (name, text) in code {
                write(&staged.join(PREBUILT).join(name), text)?;
            }
        }
    }
    Ok(())
}

/// A manifest as it is published: the generated code is taken as it is there, and what only the workspace builds is left out.
fn staged_manifest(text: &str) -> anyhow::Result<String> {
    let mut manifest: Table = toml::from_str(text).context("the manifest is not TOML")?;
    for of_the_workspace_alone in ["bench", "dev-dependencies", "example", "profile", "test"] {
        manifest.remove(of_the_workspace_alone);
    }
    if let Some(workspace) = manifest.get_mut("workspace").and_then(Toml::as_table_mut) {
        workspace.insert("members".into(), Toml::Array(vec!["crates/*".into()]));
        workspace.remove("exclude");
    }
    let default =
        manifest.get_mut("features").and_then(|features| features.get_mut("default")?.as_array_mut());
    if let Some(default) = default {
        default.retain(|feature| feature.as_str() != Some("generate"));
    }
    Ok(toml::to_string(&manifest)?)
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    let text = fs::read(from).with_context(|| format!("{} could not be read", from.display()))?;
    write(to, text)
}

pub(super) fn write(file: &Path, text: impl AsRef<[u8]>) -> anyhow::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(file, text))
        .with_context(|| format!("{} could not be written", file.display()))
}

#[cfg(test)]
mod tests {
    use super::{is_client, staged_manifest};

    #[test]
    fn the_client_is_known_by_its_id() {
        assert!(is_client("path+file:///a#vastai-api@0.1.0"));
        assert!(is_client("path+file:///a/vastai-api#0.1.0"));
        assert!(!is_client("path+file:///vastai-api/a#0.1.0"));
        assert!(!is_client("path+file:///vastai-api#vastai@0.1.0"));
    }

    #[test]
    fn what_only_the_workspace_builds_is_left_out() {
        let staged = staged_manifest(
            r#"
            [workspace]
            members = ["crates/*", "xtask"]
            exclude = ["tests/downstream"]
            [package]
            name = "a"
            [features]
            default = ["generate", "mock"]
            generate = ["dep:b"]
            [build-dependencies]
            b = { workspace = true, optional = true }
            [dev-dependencies]
            c = "1"
            [[bench]]
            name = "d"
            "#,
        );
        expect_test::expect![[r#"
            [build-dependencies.b]
            optional = true
            workspace = true

            [features]
            default = ["mock"]
            generate = ["dep:b"]

            [package]
            name = "a"

            [workspace]
            members = ["crates/*"]
        "#]]
        .assert_eq(&staged.unwrap());
    }
}
