//! An operation and what belongs to it.

use std::collections::{BTreeMap, BTreeSet};

use super::comparison::{Comparison, TooLarge};
use super::matching::Place;
use super::model::Side;
use super::rules::{self, Direction};
use super::site::{Chain, Site, Source, Trail};
use crate::identify::{METHODS, operations};

/// An operation where it stands.
#[derive(Debug, Clone)]
pub(super) struct Call<'d> {
    pub(super) path: &'d str,
    pub(super) item: Chain<'d>,
    pub(super) operation: Site<'d>,
}

impl<'d> Source<'d> {
    pub(super) fn call(&mut self, place: Place<'d>) -> Option<Call<'d>> {
        let item = self.root.at(&["paths", place.path])?;
        let item = self.chain(item);
        let operation = item.get(place.method)?;
        Some(Call { path: place.path, item, operation })
    }
}

impl<'d> Comparison<'d> {
    /// Compares an operation of the old document with its counterpart.
    pub(super) fn operation(&mut self, before: Place<'d>, after: Place<'d>) -> Result<(), TooLarge> {
        let (Some(old), Some(new)) = (self.old.call(before), self.new.call(after)) else { return Ok(()) };
        let at = new.operation.place.clone();
        if before != after {
            let message = format!("it was `{before}`: the same place in another spelling");
            self.about(&rules::OPERATION_MOVED, at.clone(), (&old.operation, &new.operation), message);
        }
        let (old_id, new_id) = (old.operation.get("operationId"), new.operation.get("operationId"));
        if old_id.as_ref().map(|id| id.value) != new_id.as_ref().map(|id| id.value) {
            let told = |id: &Option<Site<'d>>| match id.as_ref().and_then(|id| id.value.as_str()) {
                Some(id) => format!("`{id}`"),
                None => "none".to_owned(),
            };
            let message = format!("the operationId was {} and is {}", told(&old_id), told(&new_id));
            let at = at.child("operationId");
            self.tell(
                &rules::OPERATION_ID_CHANGED,
                Direction::Request,
                Side::Operation,
                at,
                old_id,
                new_id,
                message,
            );
        }
        let item_at = Trail::default().child("paths").child(after.path);
        let mut known = METHODS.to_vec();
        known.extend(["parameters", "servers"]);
        self.rest(&old.item, &new.item, &known, &item_at, Side::Operation);
        self.servers_of(&old, &new, &at);
        self.security_of(&old, &new, &at);
        self.exchange(&old, &new, &at, Direction::Request)
    }

    fn about(
        &mut self,
        rule: &'static rules::Rule,
        at: Trail<'d>,
        (old, new): (&Site<'d>, &Site<'d>),
        message: impl Into<String>,
    ) {
        let (old, new) = (Some(old.clone()), Some(new.clone()));
        self.tell(rule, Direction::Request, Side::Operation, at, old, new, message);
    }

    /// What is sent and what comes back. In a callback or a webhook it is the service that sends.
    pub(super) fn exchange(
        &mut self,
        old: &Call<'d>,
        new: &Call<'d>,
        at: &Trail<'d>,
        request: Direction,
    ) -> Result<(), TooLarge> {
        let (before, after) = (&old.operation, &new.operation);
        match (before.is_true("deprecated"), after.is_true("deprecated")) {
            (false, true) => {
                let message = "the operation is deprecated";
                self.about(&rules::OPERATION_DEPRECATED, at.child("deprecated"), (before, after), message);
            }
            (true, false) => {
                let message = "the operation is no longer deprecated";
                self.about(&rules::OPERATION_UNDEPRECATED, at.child("deprecated"), (before, after), message);
            }
            _ => {}
        }
        self.tags_of(before, after, at);
        let known = [
            "operationId",
            "tags",
            "parameters",
            "requestBody",
            "responses",
            "callbacks",
            "deprecated",
            "security",
            "servers",
        ];
        let chains = (self.old.chain(before.clone()), self.new.chain(after.clone()));
        self.rest(&chains.0, &chains.1, &known, at, Side::Operation);
        self.parameters(old, new, at, request)?;
        self.body(before.get("requestBody"), after.get("requestBody"), &at.child("requestBody"), request)?;
        let responses = (before.get("responses"), after.get("responses"));
        self.responses(responses.0, responses.1, &at.child("responses"), request.opposite())?;
        self.callbacks(before.get("callbacks"), after.get("callbacks"), &at.child("callbacks"), request)
    }

    fn tags_of(&mut self, before: &Site<'d>, after: &Site<'d>, at: &Trail<'d>) {
        let (old, new) = (before.get("tags"), after.get("tags"));
        let names = |tags: &Option<Site<'d>>| -> BTreeSet<String> {
            tags.iter().flat_map(Site::elements).map(|tag| tag.value.to_string()).collect()
        };
        if names(&old) != names(&new) {
            let message = "it is listed under other tags".to_owned();
            self.tell_prose(at.child("tags"), Side::Operation, old, new, message);
        }
    }

    fn callbacks(
        &mut self,
        old: Option<Site<'d>>,
        new: Option<Site<'d>>,
        at: &Trail<'d>,
        request: Direction,
    ) -> Result<(), TooLarge> {
        let (old, new) = (self.old.callbacks(old), self.new.callbacks(new));
        self.calls_back(old, new, at, request, &rules::CALLBACK_REMOVED, &rules::CALLBACK_ADDED)
    }

    /// Calls that the service makes: what it sends is what the client gets.
    pub(super) fn calls_back(
        &mut self,
        old: BTreeMap<Vec<&'d str>, Call<'d>>,
        mut new: BTreeMap<Vec<&'d str>, Call<'d>>,
        at: &Trail<'d>,
        request: Direction,
        removed: &'static rules::Rule,
        added: &'static rules::Rule,
    ) -> Result<(), TooLarge> {
        let within = |name: &[&'d str]| name.iter().fold(at.clone(), |at, token| at.child(*token));
        for (name, before) in old {
            let at = within(&name);
            match new.remove(&name) {
                Some(after) => self.exchange(&before, &after, &at, request.opposite())?,
                None => {
                    let message = format!("the service no longer calls `{}`", name.join(" "));
                    let operation = Some(before.operation);
                    self.tell(removed, Direction::Request, Side::Operation, at, operation, None, message);
                }
            }
        }
        for (name, after) in new {
            let message = format!("the service calls `{}`", name.join(" "));
            let operation = Some(after.operation);
            self.tell(added, Direction::Request, Side::Operation, within(&name), None, operation, message);
        }
        Ok(())
    }
}

impl<'d> Source<'d> {
    /// Callbacks by name, expression and method.
    fn callbacks(&mut self, callbacks: Option<Site<'d>>) -> BTreeMap<Vec<&'d str>, Call<'d>> {
        let mut calls = BTreeMap::new();
        for (name, callback) in callbacks.iter().flat_map(Site::members) {
            for (expression, item) in self.chain(callback).members() {
                self.calls_of(item, &[name, expression], expression, &mut calls);
            }
        }
        calls
    }

    /// The operations of a path item that stands outside of `paths`.
    pub(super) fn calls_of(
        &mut self,
        item: Site<'d>,
        name: &[&'d str],
        path: &'d str,
        calls: &mut BTreeMap<Vec<&'d str>, Call<'d>>,
    ) {
        let item = self.chain(item);
        for method in METHODS {
            if let Some(operation) = item.get(method).filter(|operation| operation.value.is_object()) {
                let name = name.iter().copied().chain([method]).collect();
                calls.insert(name, Call { path, item: item.clone(), operation });
            }
        }
    }
}

impl<'d> Comparison<'d> {
    pub(super) fn operation_removed(&mut self, place: Place<'d>) {
        let site = self.old.call(place).map(|call| call.operation);
        let heir = site.as_ref().and_then(|site| self.new.namesake(site));
        let message = match heir {
            Some(heir) => format!("the operation is gone; `{heir}` has its operationId now"),
            None => "the operation is gone".to_owned(),
        };
        let at = site.as_ref().map(|site| site.place.clone()).unwrap_or_default();
        self.tell(&rules::OPERATION_REMOVED, Direction::Request, Side::Operation, at, site, None, message);
    }

    pub(super) fn operation_added(&mut self, place: Place<'d>) {
        let site = self.new.call(place).map(|call| call.operation);
        let at = site.as_ref().map(|site| site.place.clone()).unwrap_or_default();
        let message = "the operation is new";
        self.tell(&rules::OPERATION_ADDED, Direction::Request, Side::Operation, at, None, site, message);
    }
}

impl<'d> Source<'d> {
    /// The operation of this document that has the operationId of one of the other.
    fn namesake(&self, operation: &Site<'d>) -> Option<String> {
        let id = operation.text("operationId")?;
        let mut operations = operations(self.root.value);
        let (path, method, _) = operations
            .find(|(.., operation)| operation.get("operationId").is_some_and(|other| other == id))?;
        Some(Place { path, method }.to_string())
    }
}
