//! Deep, large and repetitive documents: read, or refused with the place where the bound is reached.

use std::fmt::Write as _;

use vastai_spec::load::{MAX_BYTES, document, openapi};

fn refused(text: &str) -> String {
    let error = document(text, "doc").unwrap_err().to_string();
    assert!(error.len() < 600, "{} bytes", error.len());
    error
}

#[test]
fn a_document_of_50_mb_is_refused_before_it_is_parsed() {
    let message = refused(&"a".repeat(50_000_000));
    assert!(message.contains("50000000 bytes") && message.contains(&MAX_BYTES.to_string()), "{message}");
}

/// The column shows that the reader did not look further.
#[test]
fn nesting_is_refused_where_it_becomes_too_deep() {
    let too_deep = "nested deeper than 127 levels";
    let indented: String = (0..3_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    let dashes: String = (0..3_000).map(|depth| format!("{}-\n", " ".repeat(depth))).collect();
    for text in [
        format!("{}1{}", "[".repeat(40_000), "]".repeat(40_000)),
        format!("{}1{}", "{a: ".repeat(40_000), "}".repeat(40_000)),
        format!("x: {}1{}", "{a: ".repeat(40_000), "}".repeat(40_000)),
        format!("x: {}1{}", "[{a: ".repeat(40_000), "}]".repeat(40_000)),
        format!("x:\n- {}", "[\n ".repeat(40_000)),
        format!("{}1{}", "{\"a\":".repeat(50_000), "}".repeat(50_000)),
        format!("{{\"a\":{}1{}}}", "[".repeat(50_000), "]".repeat(50_000)),
        format!("{{\"a\":{}", "[{\n\"a\":".repeat(50_000)),
        format!("{}end", "- ".repeat(20_000)),
        indented,
        dashes,
    ] {
        let error = refused(&text);
        let (at, message) = error.trim_start_matches("doc:").split_once(": ").unwrap();
        assert_eq!(message, too_deep, "{}", &text[..40]);
        let (line, column) = at.split_once(':').unwrap();
        let (line, column): (usize, usize) = (line.parse().unwrap(), column.parse().unwrap());
        // The parser looks ahead by 255 levels of the flow style at most.
        assert!(line <= 260 && column <= 1_300, "{error}");
    }
    for key in ["? ".repeat(5_000), "? - ".repeat(5_000)] {
        assert!(refused(&format!("{key}end")).starts_with("doc:1:3: "));
    }
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    for (levels, is_read) in [(127, true), (128, false)] {
        assert_eq!(document(&deep(levels), "doc").is_ok(), is_read, "{levels} levels of YAML");
        let json_text = format!("{{\"a\":{}}}", deep(levels - 1));
        assert_eq!(document(&json_text, "doc").is_ok(), is_read, "{levels} levels of JSON");
        // Half of the levels are behind an alias.
        let text =
            format!("a: &a {}\nb: {}*a{}\n", deep(100), "[".repeat(levels - 101), "]".repeat(levels - 101));
        assert_eq!(document(&text, "doc").is_ok(), is_read, "{levels} levels with an alias");
    }
}

#[test]
fn anchors_that_nobody_uses_do_no_harm() {
    let mut text = "openapi: 3.1.0\npaths: {}\nx-many:\n".to_owned();
    for number in 0..100_000 {
        let _ = writeln!(text, "  k{number}: &anchor{number} {{a: {number}}}");
    }
    assert_eq!(openapi(&text, "doc").unwrap()["x-many"]["k99999"]["a"], 99_999);
}

#[test]
fn a_ladder_of_merge_keys_has_what_its_steps_have() {
    let mut text = "x0: &m0 {a: 1, b: 2}\n".to_owned();
    for number in 1..400 {
        let _ = write!(
            text,
            "x{number}: &m{number}\n  <<: [*m{}, *m{}]\n  k{number}: {number}\n",
            number - 1,
            number / 2
        );
    }
    assert_eq!(document(&text, "doc").unwrap()["x399"].as_object().unwrap().len(), 401);
}

#[test]
fn aliases_that_explode_are_refused() {
    let ladder = |step: &dyn Fn(usize) -> String| -> String {
        (1..30).fold("l0: &l0 {a: 1}\n".to_owned(), |text, level| text + &step(level))
    };
    let lists = ladder(&|level| {
        format!("l{level}: &l{level} [{}]\n", vec![format!("*l{}", level - 1); 10].join(", "))
    });
    let mappings = ladder(&|level| format!("l{level}: &l{level} {{a: *l{0}, b: *l{0}}}\n", level - 1));
    let merged = ladder(&|level| format!("l{level}: &l{level} {{a{level}: *l{0}, <<: *l{0}}}\n", level - 1));
    // A few large strings repeated are as bad as many small ones.
    let texts = format!("a: &a {}\nb: [{}]\n", "x".repeat(1_000_000), vec!["*a"; 200].join(", "));
    let keys = format!("a: &a {{{}: 1}}\nb: [{}]\n", "x".repeat(1_000), vec!["*a"; 100_000].join(", "));
    for text in [lists, mappings, merged, texts, keys] {
        let error = refused(&text);
        assert!(error.contains("do the aliases repeat each other?"), "{error}");
    }
}

#[test]
fn many_values_are_refused_in_both_formats() {
    let json_text = format!("{{\"a\": [{}1]}}", "1,".repeat(1_000_001));
    assert!(
        refused(&json_text).starts_with("doc:1:2000003: more than 1000000 values"),
        "{}",
        refused(&json_text)
    );
    let yaml = format!("a:\n{}", "- 1\n".repeat(1_000_001));
    assert!(refused(&yaml).contains("more than 1000000 values"));
    // The parser keeps a flow collection as a whole where it could be a key.
    for text in [format!("{{a: [{}]}}", "b,".repeat(1_000_000)), format!("- [{}]\n", "[],".repeat(300_000))] {
        assert!(refused(&text).contains("commas and brackets"), "{}", refused(&text));
    }
}

#[test]
fn one_large_string_is_as_good_as_many_small_ones() {
    let large = "word ".repeat(100_000);
    for text in [
        format!("a: {large}\n"),
        format!("a: '{large}'\n"),
        format!("a: \"{large}\"\n"),
        format!("a: |\n  {large}\n"),
        format!("a: >\n  {}\n", large.replace("word word ", "word\n  word ")),
        format!("{{\"a\": \"{large}\"}}"),
        format!("a: 1\n#{large}\n"),
        format!("a: 0.{}1\n", "0".repeat(500_000)),
    ] {
        assert!(document(&text, "doc").is_ok(), "{}", &text[..30]);
    }
    assert!(refused(&format!("a: {}\n", "9".repeat(500_000))).contains("larger than any number"));
    assert!(refused(&format!("a: \"{large}\n")).starts_with("doc:1:4: "), "the quotes do not close");
}
