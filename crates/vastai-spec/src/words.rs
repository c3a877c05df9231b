//! The words by which an operation is called on a command line.
//!
//! They are those of its summary: `get endpoint workers`. Where a summary is empty, or another operation has the same one, the words
//! are those of the operationId instead (`showSshKeys` is `show ssh keys`); should they coincide with another operation's, its words
//! joined by dashes; should even they, the operationId as it is, which no other has. All operations that coincide give way, so the
//! words of each do not depend on the order of the document.

use std::collections::HashMap;

/// What an operation is called by.
#[derive(Debug, Clone, Copy)]
pub struct Named<'text> {
    /// The operationId.
    pub id: &'text str,
    /// The name of its method.
    pub name: &'text str,
    /// A few words.
    pub summary: &'text str,
}

/// The words of each operation, in the order of `operations`; no two are the same.
#[must_use]
pub fn of<'text>(operations: impl IntoIterator<Item = Named<'text>>) -> Vec<Vec<String>> {
    let mut choices: Vec<Vec<Vec<String>>> = operations.into_iter().map(choices).collect();
    loop {
        let mut seen: HashMap<&[String], usize> = HashMap::new();
        for choices in &choices {
            *seen.entry(&choices[0]).or_default() += 1;
        }
        let coincide: Vec<bool> =
            choices.iter().map(|choices| seen[choices[0].as_slice()] > 1 && choices.len() > 1).collect();
        if !coincide.contains(&true) {
            return choices.into_iter().map(|mut choices| choices.swap_remove(0)).collect();
        }
        for (choices, _) in choices.iter_mut().zip(coincide).filter(|(_, coincides)| *coincides) {
            choices.remove(0);
        }
    }
}

/// What an operation can be called, the best first; never nothing.
fn choices(operation: Named<'_>) -> Vec<Vec<String>> {
    let by_name: Vec<String> = operation.name.split('_').filter_map(word).collect();
    let joined = vec![by_name.join("-")];
    let by_summary = operation.summary.split_whitespace().filter_map(word).collect();
    let mut choices: Vec<Vec<String>> =
        [by_summary, by_name, joined].into_iter().filter(|words| !words.is_empty()).collect();
    choices.push(vec![operation.id.to_owned()]);
    choices
}

/// A word as it is typed: in small letters, with dashes for all that is neither a letter nor a digit.
fn word(written: &str) -> Option<String> {
    let dashed: String = written
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' })
        .collect();
    let parts: Vec<&str> = dashed.split('-').filter(|part| !part.is_empty()).collect();
    (!parts.is_empty()).then(|| parts.join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn called(operations: &[(&str, &str, &str)]) -> Vec<String> {
        let operations = operations.iter().map(|&(id, name, summary)| Named { id, name, summary });
        of(operations).iter().map(|words| words.join(" ")).collect()
    }

    #[test]
    fn words_are_those_of_the_summary() {
        let words = called(&[
            ("getMachines", "get_machines", " Show  machines. "),
            ("setMinBid", "set_min_bid", "set min-bid"),
        ]);
        assert_eq!(words, ["show machines", "set min-bid"]);
    }

    #[test]
    fn without_a_summary_they_are_those_of_the_id() {
        assert_eq!(called(&[("getApiKeys", "get_api_keys", ""), ("x", "x", "…")]), ["get api keys", "x"]);
    }

    #[test]
    fn operations_that_coincide_all_give_way_whatever_their_order() {
        let one = ("showInstances", "show_instances", "show instances");
        let other = ("showInstancesV1", "show_instances_v1", "Show instances");
        assert_eq!(called(&[one, other]), ["show instances", "show instances v1"]);
        assert_eq!(called(&[other, one]), ["show instances v1", "show instances"]);
    }

    #[test]
    fn a_summary_can_coincide_with_another_operations_id() {
        let by_id = ("copyAll", "copy_all", "");
        let by_summary = ("copyEverything", "copy_everything", "copy all");
        assert_eq!(called(&[by_id, by_summary]), ["copy-all", "copy everything"]);
    }
}
