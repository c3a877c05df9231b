//! The release of the crates that a difference asks for.

use anyhow::Context as _;
use serde::Serialize;
use vastai_spec::diff::Bump;

use crate::repository::{MANIFEST, Repository};

/// From the version in Cargo.toml to the next one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Release {
    pub(crate) current: String,
    pub(crate) next: String,
    /// Why the number that rises is that one.
    pub(crate) reason: &'static str,
}

impl Release {
    /// The release after the one in Cargo.toml; none where there is no Cargo.toml.
    pub(super) fn after(repository: &Repository, bump: Bump) -> anyhow::Result<Option<Self>> {
        let Some(text) = repository.read_if_present(MANIFEST)? else { return Ok(None) };
        let manifest: toml::Table =
            toml::from_str(&text).with_context(|| format!("{MANIFEST} is not TOML"))?;
        let version = manifest
            .get("workspace")
            .and_then(|workspace| workspace.get("package")?.get("version")?.as_str())
            .with_context(|| format!("{MANIFEST} has no version in [workspace.package]"))?;
        let next = next(version, bump).with_context(|| {
            format!("{MANIFEST}: the version `{version}` is not three numbers with points between")
        })?;
        Ok(Some(next))
    }
}

fn next(version: &str, bump: Bump) -> Option<Release> {
    let numbers: Vec<u64> = version.split('.').map(|number| number.parse().ok()).collect::<Option<_>>()?;
    let [major, minor, patch] = numbers[..] else { return None };
    let (next, reason) = match (major, bump) {
        (_, Bump::None) => return None,
        (0, Bump::Major) => (
            format!("0.{}.0", minor + 1),
            "a dependent may have to change; while the version is 0.x, Cargo counts a breaking change in the second number",
        ),
        (0, Bump::Minor) => (
            format!("0.{minor}.{}", patch + 1),
            "it offers more; while the version is 0.x, Cargo counts an addition in the third number",
        ),
        (_, Bump::Major) => (format!("{}.0.0", major + 1), "a dependent may have to change"),
        (_, Bump::Minor) => (format!("{major}.{}.0", minor + 1), "it offers more"),
        (_, Bump::Patch) => (
            format!("{major}.{minor}.{}", patch + 1),
            "the items are the same; what they say or send differs",
        ),
    };
    Some(Release { current: version.to_owned(), next, reason })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_version_follows_cargo() {
        let next = |version, bump| next(version, bump).map(|release| release.next);
        for (version, major, minor, patch) in [
            ("0.1.0", "0.2.0", "0.1.1", "0.1.1"),
            ("1.4.2", "2.0.0", "1.5.0", "1.4.3"),
            ("0.0.9", "0.1.0", "0.0.10", "0.0.10"),
        ] {
            assert_eq!(next(version, Bump::Major).as_deref(), Some(major));
            assert_eq!(next(version, Bump::Minor).as_deref(), Some(minor));
            assert_eq!(next(version, Bump::Patch).as_deref(), Some(patch));
        }
        assert_eq!(next("1.0.0-rc.1", Bump::Major), None);
        assert_eq!(next("1.0.0", Bump::None), None);
    }
}
