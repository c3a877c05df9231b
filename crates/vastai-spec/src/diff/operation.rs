//! An operation and what belongs to it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};

use super::comparison::{Comparison, TooLarge};
use super::model::Side;
use super::place::{Call, Place};
use super::rules::{self, Direction, Rule};
use super::site::{Site, Trail};
use super::source::Source;
use crate::identify::METHODS;

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
            let described = |id: &Option<Site<'d>>| match id.as_ref().and_then(|id| id.value.as_str()) {
                Some(id) => format!("`{id}`"),
                None => "none".to_owned(),
            };
            let message = format!("the operationId was {} and is {}", described(&old_id), described(&new_id));
            let at = at.child("operationId");
            self.report(
                &rules::OPERATION_ID_CHANGED,
                Direction::Request,
                Side::Operation,
                at,
                old_id,
                new_id,
                message,
            );
        }
        self.path_items(&old, &new, &Trail::default().child("paths").child(after.path));
        self.servers_of(&old, &new, &at);
        self.security_of(&old, &new, &at);
        self.exchanges(Exchange { old, new, at, request: Direction::Request })
    }

    /// What stands beside the operations of a path.
    fn path_items(&mut self, old: &Call<'d>, new: &Call<'d>, at: &Trail<'d>) {
        let known: Vec<&str> = METHODS.into_iter().chain(["parameters", "servers"]).collect();
        self.rest(&old.item, &new.item, &known, at, Side::Operation);
    }

    fn about(
        &mut self,
        rule: &'static Rule,
        at: Trail<'d>,
        (old, new): (&Site<'d>, &Site<'d>),
        message: impl Into<String>,
    ) {
        let (old, new) = (Some(old.clone()), Some(new.clone()));
        self.report(rule, Direction::Request, Side::Operation, at, old, new, message);
    }

    /// Compares a call, the calls that the service makes because of it, and so on, each pair once: a callback may have itself as its
    /// callback.
    fn exchanges(&mut self, first: Exchange<'d>) -> Result<(), TooLarge> {
        let mut pending = VecDeque::from([first]);
        let mut visited = HashSet::new();
        while let Some(exchange) = pending.pop_front() {
            if visited.insert(exchange.identity()) {
                self.spend(1)?;
                self.exchange(&exchange, &mut pending)?;
            }
        }
        Ok(())
    }

    /// What is sent and what comes back. In a callback or a webhook it is the service that sends.
    fn exchange(
        &mut self,
        exchange: &Exchange<'d>,
        pending: &mut VecDeque<Exchange<'d>>,
    ) -> Result<(), TooLarge> {
        let Exchange { old, new, at, request } = exchange;
        let request = *request;
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
        let callbacks =
            (self.old.callbacks(before.get("callbacks")), self.new.callbacks(after.get("callbacks")));
        let rules = (&rules::CALLBACK_REMOVED, &rules::CALLBACK_ADDED);
        pending.extend(self.calls_back(callbacks, &at.child("callbacks"), request, rules));
        Ok(())
    }

    fn tags_of(&mut self, before: &Site<'d>, after: &Site<'d>, at: &Trail<'d>) {
        let (old, new) = (before.get("tags"), after.get("tags"));
        let names = |tags: &Option<Site<'d>>| -> BTreeSet<String> {
            tags.iter().flat_map(Site::elements).map(|tag| tag.value.to_string()).collect()
        };
        if names(&old) != names(&new) {
            let message = "it is listed under other tags".to_owned();
            self.report_prose(at.child("tags"), Side::Operation, old, new, message);
        }
    }

    /// The calls outside of operations: webhooks.
    pub(super) fn calls_of_service(
        &mut self,
        calls: (Calls<'d>, Calls<'d>),
        at: &Trail<'d>,
        (removed, added): (&'static Rule, &'static Rule),
    ) -> Result<(), TooLarge> {
        let pairs = self.calls_back(calls, at, Direction::Request, (removed, added));
        pairs.into_iter().try_for_each(|exchange| self.exchanges(exchange))
    }

    /// Finds the calls that the service no longer makes or newly makes, and gives the pairs of the others, in which what the service sends
    /// is what the client gets.
    fn calls_back(
        &mut self,
        (old, mut new): (Calls<'d>, Calls<'d>),
        at: &Trail<'d>,
        request: Direction,
        (removed, added): (&'static Rule, &'static Rule),
    ) -> Vec<Exchange<'d>> {
        let within = |name: &[&'d str]| name.iter().fold(at.clone(), |at, token| at.child(*token));
        let mut pairs = Vec::new();
        for (name, before) in old {
            let at = within(&name);
            match new.remove(&name) {
                Some(after) => {
                    self.sender(&before, &after, &at);
                    self.path_items(&before, &after, &within(&name[..name.len() - 1]));
                    pairs.push(Exchange { old: before, new: after, at, request: request.opposite() });
                }
                None => {
                    let message = format!("the service no longer calls `{}`", name.join(" "));
                    let operation = Some(before.operation);
                    self.report(removed, Direction::Request, Side::Operation, at, operation, None, message);
                }
            }
        }
        for (name, after) in new {
            let message = format!("the service calls `{}`", name.join(" "));
            let operation = Some(after.operation);
            self.report(added, Direction::Request, Side::Operation, within(&name), None, operation, message);
        }
        pairs
    }

    /// Where the service sends a call of its own, and how it proves who it is, where the call says so itself.
    fn sender(&mut self, old: &Call<'d>, new: &Call<'d>, at: &Trail<'d>) {
        for (keyword, rule, side, message) in [
            ("servers", &rules::SERVER_CHANGED, Side::Server, "the service sends its call to another place"),
            (
                "security",
                &rules::SECURITY_CHANGED,
                Side::Security,
                "the service proves in another way who it is",
            ),
        ] {
            let of = |call: &Call<'d>| call.operation.get(keyword).or_else(|| call.item.get(keyword));
            let (before, after) = (of(old), of(new));
            if before.as_ref().map(|site| site.value) != after.as_ref().map(|site| site.value) {
                self.report(rule, Direction::Request, side, at.child(keyword), before, after, message);
            }
        }
    }
}

/// Calls that the service makes, by their name and method.
pub(super) type Calls<'d> = BTreeMap<Vec<&'d str>, Call<'d>>;

/// A call of both documents.
#[derive(Debug)]
struct Exchange<'d> {
    old: Call<'d>,
    new: Call<'d>,
    at: Trail<'d>,
    /// The direction in which its request travels.
    request: Direction,
}

/// An operation, the path item that it stands in, and its path.
type CallIdentity<'d> = (usize, Option<usize>, &'d str);

impl<'d> Exchange<'d> {
    /// What distinguishes the pair from others; the path counts, as it says where its parameters stand.
    fn identity(&self) -> ([CallIdentity<'d>; 2], Direction) {
        let of = |call: &Call<'d>| {
            (call.operation.identity(), call.item.site().as_ref().map(Site::identity), call.path)
        };
        ([of(&self.old), of(&self.new)], self.request)
    }
}

impl<'d> Source<'d> {
    /// Callbacks by name, expression and method.
    fn callbacks(&mut self, callbacks: Option<Site<'d>>) -> Calls<'d> {
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
        calls: &mut Calls<'d>,
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
    /// `by_id` are the operations of the new document by their operationId.
    pub(super) fn operation_removed(&mut self, place: Place<'d>, by_id: &HashMap<&'d str, Place<'d>>) {
        let site = self.old.call(place).map(|call| call.operation);
        let heir = site.as_ref().and_then(|site| by_id.get(site.text("operationId")?));
        let message = match heir {
            Some(heir) => format!("the operation is gone; `{heir}` has its operationId now"),
            None => "the operation is gone".to_owned(),
        };
        let at = site.as_ref().map(|site| site.place.clone()).unwrap_or_default();
        self.report(&rules::OPERATION_REMOVED, Direction::Request, Side::Operation, at, site, None, message);
    }

    pub(super) fn operation_added(&mut self, place: Place<'d>) {
        let site = self.new.call(place).map(|call| call.operation);
        let at = site.as_ref().map(|site| site.place.clone()).unwrap_or_default();
        let message = "the operation is new";
        self.report(&rules::OPERATION_ADDED, Direction::Request, Side::Operation, at, None, site, message);
    }
}
