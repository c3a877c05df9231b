//! Which crates of the workspace are published, and in which order.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use serde_json::Value;

use crate::cargo::Cargo;
use crate::repository::Repository;

/// The crates that are published.
#[derive(Debug)]
pub(crate) struct Published {
    /// Each after those that it depends on.
    pub(crate) in_order: Vec<PublishedCrate>,
}

/// A crate that is published.
#[derive(Debug)]
pub(crate) struct PublishedCrate {
    pub(crate) name: String,
    pub(crate) version: String,
    /// Its folder in the checkout.
    pub(crate) folder: PathBuf,
    /// What cargo tells of it.
    pub(crate) metadata: Value,
}

impl Published {
    pub(crate) fn of(repository: &Repository, cargo: &Cargo) -> anyhow::Result<Self> {
        // `publish = false` is an empty list of registries.
        let is_published = |package: &Value| package["publish"].as_array().is_none_or(|to| !to.is_empty());
        let packages = cargo.packages(repository.root())?;
        let crates = packages.into_iter().filter(is_published).map(|metadata| {
            let text =
                |name: &str| metadata[name].as_str().map(str::to_owned).with_context(|| name.to_owned());
            let (name, version) = (text("name")?, text("version")?);
            let folder =
                PathBuf::from(text("manifest_path")?).parent().map(PathBuf::from).unwrap_or_default();
            Ok(PublishedCrate { name, version, folder, metadata })
        });
        in_order(crates.collect::<anyhow::Result<_>>()?).map(|in_order| Self { in_order })
    }
}

impl PublishedCrate {
    /// The names of what it depends on, but for its tests alone.
    fn dependencies(&self) -> impl Iterator<Item = &str> {
        let all = self.metadata["dependencies"].as_array().into_iter().flatten();
        all.filter(|dependency| dependency["kind"] != "dev")
            .filter_map(|dependency| dependency["name"].as_str())
    }
}

fn in_order(mut waiting: Vec<PublishedCrate>) -> anyhow::Result<Vec<PublishedCrate>> {
    waiting.sort_by(|one, other| one.name.cmp(&other.name));
    let mut ordered = Vec::new();
    while !waiting.is_empty() {
        let is_ready = |krate: &PublishedCrate| {
            !krate.dependencies().any(|name| waiting.iter().any(|other| other.name == name))
        };
        let Some(at) = waiting.iter().position(is_ready) else {
            bail!("crates depend on each other in a circle: {:?}", waiting.iter().map(|it| &it.name));
        };
        ordered.push(waiting.remove(at));
    }
    Ok(ordered)
}
