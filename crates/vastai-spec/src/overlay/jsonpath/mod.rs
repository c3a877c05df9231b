//! JSONPath (RFC 9535), whole but for the functions `match` and `search`, which need regular expressions.
//!
//! A build of the client from the document reads paths with this: a crate for them brings a parser's toolkit with it, and took three
//! seconds of every such build. In the tests the crate is what this is compared with.

mod filter;
mod parser;

use serde_json::Value;

use crate::pointer;
use filter::Condition;

/// A query, from the root of a document or, in a condition, from the value that is asked about.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct JsonPath {
    from_root: bool,
    segments: Vec<Segment>,
}

#[derive(Debug, Clone, PartialEq)]
struct Segment {
    /// The selectors are applied at any depth.
    descends: bool,
    selectors: Vec<Selector>,
}

#[derive(Debug, Clone, PartialEq)]
enum Selector {
    Name(String),
    Any,
    /// From the end, where it is negative.
    Index(i64),
    Slice {
        start: Option<i64>,
        end: Option<i64>,
        step: i64,
    },
    Filter(Condition),
}

/// What leads from a value to one in it.
#[derive(Debug, Clone, Copy)]
enum Step<'value> {
    Name(&'value str),
    Index(usize),
}

/// What is done with each value that is found, and the steps that lead to it.
type Found<'found, 'value> = &'found mut dyn FnMut(&[Step<'value>], &'value Value);

impl JsonPath {
    /// What the query finds in a document, as JSON pointers.
    pub(super) fn pointers(&self, document: &Value) -> Vec<String> {
        let mut pointers = Vec::new();
        self.visit(document, document, &mut |steps, _| {
            let place = steps.iter().fold(String::new(), |place, step| match step {
                Step::Name(name) => pointer::child(&place, name),
                Step::Index(index) => pointer::child(&place, &index.to_string()),
            });
            pointers.push(place);
        });
        pointers
    }

    fn visit<'value>(&self, root: &'value Value, current: &'value Value, found: Found<'_, 'value>) {
        let from = if self.from_root { root } else { current };
        visit(&self.segments, root, from, &mut Vec::new(), found);
    }

    /// Whether it finds one value at most, wherever it is asked.
    fn is_singular(&self) -> bool {
        self.segments.iter().all(|segment| {
            !segment.descends
                && matches!(segment.selectors.as_slice(), [Selector::Name(_) | Selector::Index(_)])
        })
    }

    /// The one value of a query that is singular.
    fn single<'value>(&self, root: &'value Value, current: &'value Value) -> Option<&'value Value> {
        let from = if self.from_root { root } else { current };
        self.segments.iter().flat_map(|segment| &segment.selectors).try_fold(from, |value, selector| {
            match (selector, value) {
                (Selector::Name(name), Value::Object(members)) => members.get(name),
                (Selector::Index(index), Value::Array(elements)) => {
                    elements.get(position(*index, elements.len())?)
                }
                _ => None,
            }
        })
    }
}

fn visit<'value>(
    segments: &[Segment],
    root: &'value Value,
    value: &'value Value,
    steps: &mut Vec<Step<'value>>,
    found: Found<'_, 'value>,
) {
    let Some((segment, rest)) = segments.split_first() else { return found(steps, value) };
    for selector in &segment.selectors {
        selector.select(root, value, &mut |step, selected| {
            steps.push(step);
            visit(rest, root, selected, steps, found);
            steps.pop();
        });
    }
    if segment.descends {
        children(value, &mut |step, child| {
            steps.push(step);
            visit(segments, root, child, steps, found);
            steps.pop();
        });
    }
}

impl Selector {
    fn select<'value>(
        &self,
        root: &'value Value,
        value: &'value Value,
        selected: &mut dyn FnMut(Step<'value>, &'value Value),
    ) {
        match (self, value) {
            (Self::Name(name), Value::Object(members)) => {
                if let Some((name, member)) = members.get_key_value(name) {
                    selected(Step::Name(name), member);
                }
            }
            (Self::Any, _) => children(value, selected),
            (Self::Filter(condition), _) => children(value, &mut |step, child| {
                if condition.holds(root, child) {
                    selected(step, child);
                }
            }),
            (Self::Index(index), Value::Array(elements)) => {
                if let Some(index) = position(*index, elements.len())
                    && let Some(element) = elements.get(index)
                {
                    selected(Step::Index(index), element);
                }
            }
            (Self::Slice { start, end, step }, Value::Array(elements)) => {
                for index in slice(*start, *end, *step, elements.len()) {
                    if let Some(element) = elements.get(index) {
                        selected(Step::Index(index), element);
                    }
                }
            }
            _ => {}
        }
    }
}

fn children<'value>(value: &'value Value, each: &mut dyn FnMut(Step<'value>, &'value Value)) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, member)| each(Step::Name(name), member)),
        Value::Array(elements) => {
            elements.iter().enumerate().for_each(|(index, element)| each(Step::Index(index), element));
        }
        _ => {}
    }
}

/// Where an index, which may count from the end, is in an array of this length; it may be beyond it.
fn position(index: i64, length: usize) -> Option<usize> {
    match usize::try_from(index) {
        Ok(index) => Some(index),
        Err(_) => length.checked_sub(usize::try_from(index.unsigned_abs()).ok()?),
    }
}

/// The indices of a slice, as section 2.3.4.2 of the standard has them.
fn slice(start: Option<i64>, end: Option<i64>, step: i64, length: usize) -> Vec<usize> {
    let Ok(length) = i64::try_from(length) else { return Vec::new() };
    let from_front = |index: i64| if index < 0 { length.saturating_add(index) } else { index };
    let (mut at, end) = if step >= 0 {
        (from_front(start.unwrap_or(0)).clamp(0, length), from_front(end.unwrap_or(length)).clamp(0, length))
    } else {
        let last = length - 1;
        let end = end.map_or(-1, |end| from_front(end).clamp(-1, last));
        (from_front(start.unwrap_or(last)).clamp(-1, last), end)
    };
    let mut indices = Vec::new();
    while (step > 0 && at < end) || (step < 0 && at > end) {
        indices.extend(usize::try_from(at).ok());
        at = at.saturating_add(step);
    }
    indices
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that fails panics")]

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// What this reader finds, and another one; `None` where it is not a JSONPath.
    fn both(query: &str, document: &Value) -> [Option<Vec<String>>; 2] {
        let ours = query.parse::<JsonPath>().ok().map(|path| path.pointers(document));
        let theirs = serde_json_path::JsonPath::parse(query).ok();
        let theirs = theirs.map(|path| {
            let located = path.query_located(document);
            located.locations().map(|location| location.to_json_pointer()).collect()
        });
        [ours, theirs]
    }

    fn document() -> Value {
        json!({
            "a": [1, 2.0, "x", null, true, [3, [4]], { "b": 1, "c": "é" }],
            "b": { "a": { "b": [] }, "b": "x", "é": 1, "a b": 2, "~/": 3 },
            "c": [{ "a": 1, "b": "1" }, { "a": 1.0 }, { "a": "1", "b": { "a": 1 } }, { "a": [1, 2] }, { "a": [1.0, 2] }],
            "d": 12_345_678_901_234_567_890_u64,
        })
    }

    #[test]
    fn it_reads_as_another_reader_does() {
        let queries = [
            // Segments and selectors.
            "$",
            " $",
            "$ ",
            "$.a",
            "$ .a",
            "$. a",
            "$.é",
            "$['é']",
            "$.a.*",
            "$..*",
            "$..a",
            "$.. a",
            "$..['a','b']",
            "$..[0]",
            "$...a",
            "$['a b']",
            "$[\"~/\"]",
            "$['a'",
            "$[]",
            "$[ 'a' , 'b' ]",
            "$['a' 'b']",
            "$.1",
            "$.a1",
            "$.-a",
            "$._a",
            "$.a-b",
            "@.a",
            "a",
            "",
            "$.a[0]",
            "$.a[-1]",
            "$.a[-8]",
            "$.a[99]",
            "$.a[01]",
            "$.a[-0]",
            "$.a[0,0,1]",
            "$.a[9007199254740991]",
            "$.a[9007199254740992]",
            "$.a[-9007199254740992]",
            "$[0]",
            "$[*]",
            "$[*,'a']",
            "$.*[*]",
            "$.[0]",
            "$..",
            // Slices.
            "$.a[:]",
            "$.a[::]",
            "$.a[1:3]",
            "$.a[1:]",
            "$.a[:2]",
            "$.a[::2]",
            "$.a[::-1]",
            "$.a[5:1:-2]",
            "$.a[-3:]",
            "$.a[:-3]",
            "$.a[::0]",
            "$.a[-99:99]",
            "$.a[99:-99:-3]",
            "$.a[ 1 : 3 : 1 ]",
            "$.a[1:3,0]",
            "$.a[1:2:3:4]",
            "$.a[-1:0:-1]",
            "$.a[: :]",
            // Strings.
            r"$['\u00e9']",
            r"$['\u00E9']",
            r"$['\ud83d']",
            r"$['\ud83d\u0041']",
            r"$['\ude00']",
            r"$['\'']",
            r#"$["\'"]"#,
            r#"$['\"']"#,
            r#"$["\""]"#,
            r"$['\x']",
            r"$['\n\t\/\\\b\f\r']",
            r"$['\u12']",
            "$['a\nb']",
            "$['a\u{7f}']",
            "$['",
            r"$['\",
            // Conditions.
            "$.c[?@.a]",
            "$.c[?@.b.a]",
            "$.c[?!@.b]",
            "$.c[?! @.b]",
            "$.c[?!(@.b)]",
            "$.c[?!!@.b]",
            "$.c[?(@.a)]",
            "$.c[?((@.a))]",
            "$.c[? @.a ]",
            "$.c[?@.a==1]",
            "$.c[?@.a == 1.0]",
            "$.c[?@.a=='1']",
            "$.c[?@.a!=1]",
            "$.c[?@.a<2]",
            "$.c[?@.a<='1']",
            "$.c[?@.a>0]",
            "$.c[?@.a>=1e0]",
            "$.c[?@.a == $.c[0].a]",
            "$.c[?@.x == @.y]",
            "$.c[?@.x != @.y]",
            "$.c[?@.x < 1]",
            "$.c[?@.a == 1 && @.b]",
            "$.c[?@.a == 1 || @.b]",
            "$.c[?@.a == 1 || @.b && !@.b.a]",
            "$.c[?(@.a == 1 || @.b) && !@.b.a]",
            "$.c[?!(@.a == 1)]",
            "$.c[?!@.a == 1]",
            "$.c[?@.* == 1]",
            "$.c[?@..a == 1]",
            "$.c[?@.*]",
            "$.c[?@..a]",
            "$.c[?@[0,1]]",
            "$.c[?@[0,1]==1]",
            "$.c[?1]",
            "$.c[?'a']",
            "$.c[?true]",
            "$.c[?1 == 1]",
            "$.c[?true == true]",
            "$.c[?null != @.a]",
            "$.a[?@ == null]",
            "$.a[?@ == true]",
            "$.a[?@ > 'a']",
            "$.a[?@ >= true]",
            "$.a[?@ <= null]",
            "$.c[?@.a == True]",
            "$.c[?@.a = 1]",
            "$.c[?@.a == -0]",
            "$.c[?@.a == 01]",
            "$.c[?@.a == 1.]",
            "$.c[?@.a == .1]",
            "$.c[?@.a == 1e]",
            "$.c[?@.a == 1E+0]",
            "$.c[?@.a == +1]",
            "$.c[?@.a == 1 == 1]",
            "$.c[?@.a &&]",
            "$.c[?@.a & @.b]",
            "$.c[?]",
            "$.c[?()]",
            "$.c[?@.a)]",
            "$.c[?(@.a]",
            "$.*[?@.a]",
            "$..[?@.a]",
            "$..[?@ == 1]",
            "$[?@[?@.a]]",
            "$[?@[?@.a == 1]]",
            "$[?@[?@ == $.a[0]]]",
            "$.c[?@ .a]",
            "$.c[?@.a [0]]",
            "$[?@['a']['b']]",
            "$.c[?@.a==1,0]",
            "$.c[?@.a, ?@.b]",
            "$.c[?@ == $.c[0]]",
            "$[?@ == 12345678901234567890]",
            "$[?@ > 1]",
            "$.a[?@ == [1]]",
            "$.a[?$.d]",
            "$.a[?$.x]",
            // Functions.
            "$.c[?length(@.a) == 2]",
            "$.c[?length(@.b)==1]",
            "$.b[?length(@) > 0]",
            "$.c[?length('ab') == 2]",
            "$.c[?length(1) == 2]",
            "$.c[?length(@.*) == 2]",
            "$.c[?length(@)]",
            "$.c[?length() == 1]",
            "$.c[?length(@.a, @.b) == 1]",
            "$.c[?length (@.a) == 2]",
            "$.c[?length( @.a ) == 2]",
            "$.c[?!length(@.a)]",
            "$.c[?length(length(@.a)) == 1]",
            "$.c[?length(value(@..a)) == 2]",
            "$.c[?count(@.*) == 2]",
            "$.c[?count(@..*) > 2]",
            "$.c[?count(1) == 1]",
            "$.c[?count(@.a) == 1]",
            "$.c[?count(@) == 1]",
            "$.c[?value(@..a) == 1]",
            "$.c[?value(@.*) == '1']",
            "$.c[?value('a') == 1]",
            "$.c[?value(@.a)]",
            "$.c[?count(count(@)) == 1]",
            "$.c[?nothing(@.a) == 1]",
            "$.c[?match(@.a, 'a')]",
            "$.c[?search(@.a, 'a')]",
            "$.c[?Length(@.a) == 1]",
        ];
        let differ = queries.into_iter().filter(|query| {
            let [ours, theirs] = both(query, &document());
            ours != theirs
        });
        assert_eq!(differ.collect::<Vec<_>>(), Vec::<&str>::new());
    }

    /// Where the other reader does not keep to the standard.
    #[test]
    fn it_reads_as_the_standard_says() {
        let mut document = document();
        document["😀"] = json!(1);
        let found = |query: &str| query.parse::<JsonPath>().unwrap().pointers(&document);
        assert_eq!(found(r"$['\ud83d\ude00']"), ["/😀"]);
        assert_eq!(found("$.c[?@.a == $.c[3].a]"), ["/c/3", "/c/4"]);
        assert_eq!(found("$.c[0,1][?@.x <= @.y]"), ["/c/0/a", "/c/0/b", "/c/1/a"]);
    }

    #[test]
    fn what_is_nested_without_end_is_refused() {
        for (opening, closing) in [("(", ")"), ("!(", ")"), ("length(", ")"), ("@[?", "]")] {
            let query = format!("$[?{}@.a{}]", opening.repeat(100_000), closing.repeat(100_000));
            assert!(query.parse::<JsonPath>().is_err(), "{opening}");
        }
    }

    fn piece() -> impl Strategy<Value = &'static str> {
        prop::sample::select(vec![
            "$", "@", ".", "..", "*", "[", "]", "'a'", "\"b\"", "a", "b", "c", "0", "-1", "2", ":", ",", "?",
            "(", ")", "!", "&&", "||", "==", "!=", "<", ">", " ", "1.0", "true", "null", "length(", "count(",
            "value(", ".a", ".*", "[0]", "[?@.a]", "[*]", "['c']", "@.b",
        ])
    }

    proptest! {
        #[test]
        fn it_reads_whatever_as_another_reader_does(
            pieces in prop::collection::vec(piece(), 0..8),
            inside in any::<bool>(),
        ) {
            let text = pieces.concat();
            let query = if inside { format!("$.c[?{text}]") } else { format!("${text}") };
            let [ours, theirs] = both(&query, &document());
            prop_assert_eq!(ours, theirs, "{}", query);
        }
    }
}
