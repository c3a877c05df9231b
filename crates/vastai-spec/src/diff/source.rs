//! One of the two documents, references followed.

use std::collections::HashMap;
use std::rc::Rc;

use serde_json::Value;

use super::flat::{Key, Schema};
use super::site::{Chain, Site, Trail};
use crate::pointer;

/// One of the two documents, with what has been looked up in it.
#[derive(Debug)]
pub(super) struct Source<'d> {
    pub(super) root: Site<'d>,
    references: HashMap<&'d str, Option<Site<'d>>>,
    pub(super) schemas: HashMap<Key, Rc<Schema<'d>>>,
}

impl<'d> Source<'d> {
    pub(super) fn new(root: &'d Value) -> Self {
        Self { root: Site::root(root), references: HashMap::new(), schemas: HashMap::new() }
    }

    /// What a reference leads to, one step.
    pub(super) fn target(&mut self, reference: &'d str) -> Option<Site<'d>> {
        if let Some(known) = self.references.get(reference) {
            return known.clone();
        }
        let target = pointer::of_local_reference(reference).and_then(|pointer| {
            Some(Site { value: self.root.value.pointer(&pointer)?, place: Trail::of(&pointer) })
        });
        self.references.insert(reference, target.clone());
        target
    }

    /// An object with its references followed. A circle, or a reference that leads nowhere, ends it.
    pub(super) fn chain(&mut self, site: Site<'d>) -> Chain<'d> {
        let mut chain = vec![site];
        while let Some(target) = chain
            .last()
            .and_then(|site| site.text("$ref"))
            .and_then(|reference| self.target(reference))
            .filter(|target| chain.iter().all(|site| site.identity() != target.identity()))
        {
            chain.push(target);
        }
        Chain(chain)
    }
}
