//! Responses that stand before the simulator's own: faults and redirects.

use std::collections::{HashMap, VecDeque};

use crate::responses::RawResponse;

/// The responses given for paths, in the order in which they count: redirects, then responses for one
/// request, then standing ones.
#[derive(Debug, Default)]
pub(crate) struct Script {
    /// By the exact path, since the slash at its end may be all that distinguishes two.
    redirects: HashMap<String, RawResponse>,
    /// By the path without its slashes at both ends, like `standing`.
    next: HashMap<String, VecDeque<RawResponse>>,
    standing: HashMap<String, RawResponse>,
}

impl Script {
    pub(crate) fn redirect(&mut self, path: &str, response: RawResponse) {
        self.redirects.insert(path.to_owned(), response);
    }

    pub(crate) fn respond_next_with(&mut self, path: &str, response: RawResponse) {
        self.next.entry(bare(path).to_owned()).or_default().push_back(response);
    }

    pub(crate) fn respond_with(&mut self, path: &str, response: RawResponse) {
        self.standing.insert(bare(path).to_owned(), response);
    }

    pub(crate) fn clear(&mut self, path: &str) {
        let path = bare(path);
        self.redirects.retain(|from, _| bare(from) != path);
        self.next.remove(path);
        self.standing.remove(path);
    }

    /// The response to a request for this path, if one was given.
    pub(crate) fn take(&mut self, path: &str) -> Option<RawResponse> {
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
