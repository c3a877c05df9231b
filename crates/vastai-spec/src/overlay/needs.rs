//! What a part of a document must say for a target to match in it.

/// What a document says somewhere.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Word {
    /// The name of a member.
    Key(String),
    /// A string that a member or an element is.
    Text(String),
}

/// What a target asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Needs {
    /// For each of these, one of the alternatives, with all of its words.
    pub(super) said: Vec<Vec<Vec<Word>>>,
    /// Words that must not be there, which no part has to say. One that has such a word as its name is needed all the same: what holds
    /// the parts may be asked for it.
    pub(super) not_said: Vec<Word>,
    /// Members are counted: of what holds the parts, all of them.
    pub(super) counts: bool,
}

/// Where a target can match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Scope {
    /// In what stands at the end of these names, and nowhere else.
    Place(Vec<String>),
    /// In what these names lead through.
    Below(Vec<String>),
    /// In parts that say this.
    Saying(Needs),
    /// Anywhere, as far as is understood here.
    Anywhere,
}

impl Scope {
    /// Reads a target, which is known to be a JSONPath.
    pub(super) fn of(target: &str) -> Self {
        let Some(segments) = segments(target) else { return Self::Anywhere };
        let is_step = |segment: &&Segment| matches!(segment, Segment::Names(names) if names.len() == 1);
        let steps: Vec<String> = segments.iter().take_while(is_step).flat_map(Segment::names).collect();
        if steps.len() == segments.len() {
            return Self::Place(steps);
        }
        if steps.len() > 2 || (steps.len() == 2 && steps[0] == "paths") {
            return Self::Below(steps);
        }
        let mut needs = Needs::default();
        let mut chosen = false;
        for segment in segments.into_iter().skip(steps.len()) {
            match segment {
                // What was chosen may stand above all parts, and then this goes into any.
                Segment::Any | Segment::Descent if chosen => return Self::Anywhere,
                Segment::Any => {}
                Segment::Descent => chosen = true,
                Segment::Names(names) => {
                    needs.said.push(names.into_iter().map(|name| vec![Word::Key(name)]).collect());
                }
                Segment::Filter(asked) => {
                    chosen = true;
                    needs.said.extend(asked.said);
                    needs.not_said.extend(asked.not_said);
                    needs.counts |= asked.counts;
                }
            }
        }
        Self::Saying(needs)
    }
}

#[derive(Debug)]
enum Segment {
    /// One of these members.
    Names(Vec<String>),
    /// What is as this asks for.
    Filter(Needs),
    /// Any member or element.
    Any,
    /// Whatever stands below, at any depth.
    Descent,
}

impl Segment {
    fn names(&self) -> Vec<String> {
        match self {
            Self::Names(names) => names.clone(),
            _ => Vec::new(),
        }
    }
}

/// The segments of a target; `None` where it says something that is not understood here.
fn segments(target: &str) -> Option<Vec<Segment>> {
    let mut rest = target.trim().strip_prefix('$')?;
    let mut segments = Vec::new();
    while !rest.is_empty() {
        let mut is_named = false;
        if let Some(after) = rest.strip_prefix("..") {
            segments.push(Segment::Descent);
            (rest, is_named) = (after, !after.starts_with('['));
        } else if let Some(after) = rest.strip_prefix('.') {
            (rest, is_named) = (after, true);
        }
        if let Some(after) = rest.strip_prefix('*').filter(|_| is_named) {
            segments.push(Segment::Any);
            rest = after;
        } else if is_named {
            let (name, after) = name(rest)?;
            segments.push(Segment::Names(vec![name]));
            rest = after;
        } else {
            let (within, after) = brackets(rest)?;
            segments.push(selectors(within)?);
            rest = after;
        }
    }
    Some(segments)
}

/// A name without quotes, and what comes behind it.
fn name(text: &str) -> Option<(String, &str)> {
    let is_of_names = |character: char| character.is_alphanumeric() || character == '_';
    let end = text.find(|character| !is_of_names(character)).unwrap_or(text.len());
    (end > 0).then(|| (text[..end].to_owned(), &text[end..]))
}

/// What stands in brackets, and behind them.
fn brackets(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix('[')?;
    let (mut depth, mut quote) = (0_usize, None);
    for (index, character) in inner.char_indices() {
        match (quote, character) {
            // What is escaped is not understood here.
            (_, '\\') => return None,
            (Some(open), _) if character == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(character),
            (None, '[') => depth += 1,
            (None, ']') if depth == 0 => return Some((inner[..index].trim(), &inner[index + 1..])),
            (None, ']') => depth -= 1,
            _ => {}
        }
    }
    None
}

fn selectors(text: &str) -> Option<Segment> {
    if let Some(filter) = text.strip_prefix('?') {
        let (mut asked, mut alternatives) = (Needs::default(), Vec::new());
        for alternative in outside_of_quotes(filter, "||") {
            let mut words = Vec::new();
            for term in outside_of_quotes(alternative, "&&") {
                match term.strip_prefix('!') {
                    Some(term) => asked.not_said.extend(words_of_term(term)?),
                    None if counts_members(term) => asked.counts = true,
                    None => words.extend(words_of_term(term)?),
                }
            }
            // Any part may be without something.
            if words.is_empty() {
                return None;
            }
            alternatives.push(words);
        }
        asked.said.push(alternatives);
        return Some(Segment::Filter(asked));
    }
    if text.starts_with(['\'', '"']) {
        let names = outside_of_quotes(text, ",");
        return names.into_iter().map(quoted).collect::<Option<_>>().map(Segment::Names);
    }
    Some(Segment::Any)
}

fn outside_of_quotes<'text>(text: &'text str, mark: &str) -> Vec<&'text str> {
    let (mut pieces, mut start, mut quote) = (Vec::new(), 0, None);
    for (index, character) in text.char_indices() {
        match quote {
            Some(open) if character == open => quote = None,
            Some(_) => {}
            None if matches!(character, '\'' | '"') => quote = Some(character),
            None if index >= start && text[index..].starts_with(mark) => {
                pieces.push(text[start..index].trim());
                start = index + mark.len();
            }
            None => {}
        }
    }
    pieces.push(text[start..].trim());
    pieces
}

fn quoted(text: &str) -> Option<String> {
    let quote = text.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
    let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
    (!inner.contains(quote)).then(|| inner.to_owned())
}

/// Whether a term is `length(@) == 1`, which says nothing of what the members are.
fn counts_members(term: &str) -> bool {
    let number = term.strip_prefix("length(@)").and_then(|rest| rest.trim().strip_prefix("=="));
    number.is_some_and(|number| number.trim().parse::<usize>().is_ok())
}

/// The words without which `@.a.b`, `@.a[0]` or `@.a == 'b'` is not true.
fn words_of_term(term: &str) -> Option<Vec<Word>> {
    let mut rest = term.strip_prefix('@')?;
    let mut words = Vec::new();
    loop {
        let (word, after) = match rest.strip_prefix('.') {
            Some(after) => {
                let (word, after) = name(after)?;
                (Some(word), after)
            }
            None if rest.starts_with('[') => {
                let (within, after) = brackets(rest)?;
                // What holds parts is no array, so that which element is asked for says nothing of them.
                let is_index = within.parse::<usize>().is_ok();
                (if is_index { None } else { Some(quoted(within)?) }, after)
            }
            None => break,
        };
        words.extend(word.map(Word::Key));
        rest = after;
    }
    match rest.trim().strip_prefix("==") {
        Some(value) => words.push(Word::Text(quoted(value.trim())?)),
        None if !rest.trim().is_empty() => return None,
        None => {}
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saying(needs: &[&[&[&str]]]) -> Scope {
        let words = |words: &&[&str]| words.iter().map(|said| word(said)).collect();
        let said = needs.iter().map(|alternatives| alternatives.iter().map(words).collect()).collect();
        Scope::Saying(Needs { said, ..Needs::default() })
    }

    /// A key, or with `=` a text.
    fn word(said: &str) -> Word {
        match said.strip_prefix('=') {
            Some(text) => Word::Text(text.to_owned()),
            None => Word::Key(said.to_owned()),
        }
    }

    #[test]
    fn what_a_target_needs() {
        assert_eq!(Scope::of("$"), Scope::Place(vec![]));
        assert_eq!(Scope::of("$.a['b c']"), Scope::Place(vec!["a".into(), "b c".into()]));
        let below = ["components", "schemas", "A"].map(str::to_owned).to_vec();
        assert_eq!(
            Scope::of("$.components.schemas.A.properties.*"),
            Scope::Below([below, vec!["properties".into()]].concat())
        );
        assert_eq!(
            Scope::of("$.paths.*[?@.operationId == 'a || b' || @.x].responses['200', \"201\"]"),
            saying(&[&[&["operationId", "=a || b"], &["x"]], &[&["responses"]], &[&["200"], &["201"]]])
        );
        assert_eq!(Scope::of("$..[?@.a.type && @['b']]['c']"), saying(&[&[&["a", "type", "b"]], &[&["c"]]]));
        assert_eq!(Scope::of("$..properties['a']"), saying(&[&[&["properties"]], &[&["a"]]]));
        assert_eq!(Scope::of("$..[?@.a[0]['b'] == 'c']"), saying(&[&[&["a", "b", "=c"]]]));
    }

    #[test]
    fn who_counts_members_has_to_see_all() {
        let Scope::Saying(needs) = Scope::of("$..[?@.a && length(@) == 1]") else {
            panic!("it is understood");
        };
        assert!(needs.counts);
        assert_eq!(Scope::Saying(Needs { counts: false, ..needs }), saying(&[&[&["a"]]]));
        assert_eq!(Scope::of("$..[?length(@) == 1]"), Scope::Anywhere);
    }

    #[test]
    fn what_must_not_be_there_is_not_needed() {
        let Scope::Saying(needs) = Scope::of("$..[?@.a.type && !@.b.c || @.d && !@['e']].a") else {
            panic!("it is understood");
        };
        assert_eq!(
            Scope::Saying(Needs { not_said: Vec::new(), ..needs.clone() }),
            saying(&[&[&["a", "type"], &["d"]], &[&["a"]]])
        );
        assert_eq!(needs.not_said, ["b", "c", "e"].map(word));
    }

    #[test]
    fn what_is_not_understood_may_match_anywhere() {
        for target in [
            "$..[?!@.a]",
            "$..[?@.a || !@.b]",
            "$..[?@.a && !(@.b)]",
            "$..[?@.a != 'b']",
            "$..[?@.a == @.b]",
            "$..[?length(@.a) > 1]",
            "$..[?@.a].*",
            "$..[?@.a]..b",
            "$..['a\\'b']",
            "$..[?(@.a)]",
            "$..[?@.a[-1]]",
            "$..[?@.a && length(@.b) == 1]",
            "$..[?@.a == 1]",
        ] {
            assert_eq!(Scope::of(target), Scope::Anywhere, "{target}");
        }
    }
}
