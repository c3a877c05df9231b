//! Answers that stand before the simulator's own: faults and redirects.

use std::collections::{HashMap, VecDeque};

use crate::answers::RawAnswer;

/// The answers given for paths, in the order in which they count: redirects, then answers for one
/// request, then standing ones.
#[derive(Debug, Default)]
pub(crate) struct Script {
    /// By the exact path, since the slash at its end may be all that tells two apart.
    redirects: HashMap<String, RawAnswer>,
    /// By the path without its slashes at both ends, like `standing`.
    next: HashMap<String, VecDeque<RawAnswer>>,
    standing: HashMap<String, RawAnswer>,
}

impl Script {
    pub(crate) fn redirect(&mut self, path: &str, answer: RawAnswer) {
        self.redirects.insert(path.to_owned(), answer);
    }

    pub(crate) fn answer_next_with(&mut self, path: &str, answer: RawAnswer) {
        self.next.entry(bare(path).to_owned()).or_default().push_back(answer);
    }

    pub(crate) fn answer_with(&mut self, path: &str, answer: RawAnswer) {
        self.standing.insert(bare(path).to_owned(), answer);
    }

    pub(crate) fn clear(&mut self, path: &str) {
        let path = bare(path);
        self.redirects.retain(|from, _| bare(from) != path);
        self.next.remove(path);
        self.standing.remove(path);
    }

    /// The answer to a request for this path, if one was given.
    pub(crate) fn take(&mut self, path: &str) -> Option<RawAnswer> {
        if let Some(redirect) = self.redirects.get(path) {
            return Some(redirect.clone());
        }
        let path = bare(path);
        let next = self.next.get_mut(path).and_then(VecDeque::pop_front);
        next.or_else(|| self.standing.get(path).cloned())
    }
}

fn bare(path: &str) -> &str {
    path.trim_matches('/')
}
