//! What a document describes is read by people, and neither compiled, run nor obeyed by anything.

use std::path::Path;
use std::process::{Command, Output};

use proptest::prelude::*;
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag};
use vastai_spec::generate::inert_markdown;
use vastai_spec::pipeline::{Source, Staleness, prepare};

use crate::documents;

/// As rustdoc reads Markdown.
fn events(markdown: &str) -> impl Iterator<Item = Event<'_>> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_SMART_PUNCTUATION;
    // Rustdoc makes a link of each reference that names an item.
    let any_reference_leads_somewhere = |link: pulldown_cmark::BrokenLink<'_>| {
        Some((link.reference.to_string().into(), String::new().into()))
    };
    Parser::new_with_broken_link_callback(markdown, options, Some(any_reference_leads_somewhere))
}

/// The first thing in a Markdown text that is more than text for people, if there is any.
fn live(markdown: &str) -> Option<String> {
    let is_web = |url: &str| {
        let url = url.to_ascii_lowercase();
        url.starts_with("https://") || url.starts_with("http://")
    };
    let is_live = |event: &Event<'_>| match event {
        Event::Html(_) | Event::InlineHtml(_) | Event::FootnoteReference(_) => true,
        Event::Start(tag) => match tag {
            Tag::CodeBlock(CodeBlockKind::Fenced(language)) => &**language != "text",
            Tag::CodeBlock(CodeBlockKind::Indented) | Tag::HtmlBlock => true,
            Tag::Link { dest_url, .. } => !is_web(dest_url),
            Tag::Image { .. } | Tag::FootnoteDefinition(_) | Tag::Table(_) | Tag::MetadataBlock(_) => true,
            _ => false,
        },
        // An escape has to be shown as one, in code and elsewhere.
        Event::Text(text) | Event::Code(text) => {
            text.chars().any(|character| character != '\n' && vastai_spec::visible::is_hidden(character))
        }
        _ => false,
    };
    events(markdown).find(is_live).map(|event| format!("{event:?}"))
}

#[test]
fn what_is_live_is_known_to_be() {
    for text in [
        "```\na\n```",
        "~~~rust\na",
        "- ```json\n  a",
        "    a",
        "a\n\n\ta",
        "<b>",
        "a <!-- b -->",
        "[a]",
        "[`a`]",
        "[a](/b)",
        "[a](javascript:b)",
        "<mailto:a@b>",
        "![a](https://b)",
        "[a]\n\n[a]: data:b",
        "a[^1]\n\n[^1]: b",
        "|a|\n|-|\n|b|",
        "a\u{202e}b",
    ] {
        assert_ne!(live(text), None, "{text:?}");
    }
    for text in ["a", "`a`", "```text\na\n```", "[a](https://b)", "<https://a>", "- a\n- b", "# a\n> *b*"] {
        assert_eq!(live(text), None, "{text:?}");
    }
}

/// What a reader sees of a Markdown text, without white space and quotation marks, which rustdoc chooses.
fn seen(markdown: &str) -> String {
    let text: String = events(markdown)
        .filter_map(|event| match event {
            Event::Text(text) | Event::Code(text) => Some(text.into_string()),
            _ => None,
        })
        .collect();
    text.chars().filter(|character| character.is_alphanumeric()).collect()
}

#[track_caller]
fn assert_inert(text: &str) -> String {
    let inert = inert_markdown(text);
    assert_eq!(live(&inert), None, "{text:?} became\n{inert}");
    // Neither beside other documentation of the same item.
    for around in
        [format!("Before.\n{inert}\nAfter."), format!("- item\n{inert}\n- item"), format!("{inert}\n{inert}")]
    {
        assert_eq!(live(&around), None, "{text:?} became\n{around}");
    }
    inert
}

/// Fences of code that leaves a file behind, or does not compile, in every form that Markdown knows.
fn fences() -> Vec<String> {
    let mut fences = Vec::new();
    let code = "std::fs::File::create(\"ran\").unwrap(); compile_error!()";
    for mark in ["```", "~~~", "````", "~~~~~~~~"] {
        for language in [
            "",
            "rust",
            " rust ",
            "should_panic",
            "no_run",
            "compile_fail",
            "edition2024",
            "E0004,should_panic",
            "ignore",
            "{.rust}",
            "text rust",
            "\trust",
            "text\u{a0}",
            "rust,text",
            "custom,{class=rust}",
        ] {
            fences.push(format!("{mark}{language}\n{code}\n{mark}"));
        }
        let open_or_not = [
            format!("{mark}\n{code}"),
            format!("{mark}\n{code}\n{mark}{mark}"),
            format!("{mark}\n{code}\n  {mark}"),
            format!("{mark}\n{code}\n    {mark}\n{code}"),
            format!("{mark}\n{code}\n{mark} no end\n{code}\n{mark}"),
            format!("{mark}\n\n\n{code}\n\n{mark}\n{mark}\n{code}\n{mark}"),
            format!("Text:\n{mark}\n{code}\n{mark}\nmore"),
            format!("Text\r\n\r\n{mark}\r\n{code}\r\n{mark}\r\n"),
            format!("Text\r\r{mark}\r{code}\r{mark}"),
        ];
        fences.extend(open_or_not);
        for container in [
            "- ", "* ", "+ ", "1. ", "17) ", "> ", ">", "> > ", "- - ", "- > 1. ", " ", "  ", "   ", "    ",
            "\t", " \t", "- \t", ">\t",
        ] {
            let indent = " ".repeat(container.len());
            fences.push(format!("{container}{mark}\n{container}{code}\n{container}{mark}"));
            fences.push(format!("{container}{mark}\n{indent}{code}\n{indent}{mark}"));
            fences.push(format!("{container}text\n\n{indent}{mark}\n{indent}{code}\n{indent}{mark}"));
            fences.push(format!("{container}{mark}\n{code}"));
        }
    }
    for indented in [
        "    ",
        "\t",
        "  \t",
        "     ",
        "\t\t",
        "-     ",
        "-\t\t",
        "1.      ",
        ">     ",
        ">\t\t",
        "- a\n\n      ",
        "- a\n\n\t\t",
        "10. a\n\n        ",
        "a\n\n    ",
        "# a\n    ",
        "***\n    ",
        "- a\n  - b\n\n          ",
    ] {
        fences.push(format!("{indented}{code}"));
        fences.push(format!("text\n\n{indented}{code}\n{indented}{code}\n\ntext"));
    }
    fences
}

#[test]
fn no_fence_is_code_to_rustdoc() {
    for fence in fences() {
        let inert = assert_inert(&fence);
        assert!(inert.contains("compile"), "the code is shown: {fence:?} became\n{inert}");
        assert_inert(&format!("A text.\n\n{fence}\n\nAnother.\n{fence}"));
    }
}

#[test]
fn markup_is_shown_and_not_obeyed() {
    for markup in [
        "<svg onload=\"alert(1)\"></svg>",
        "<iframe srcdoc=\"&lt;b&gt;\"></iframe>",
        "<style>body { display: none }</style>",
        "<script>\nalert(1)\n</script>",
        "text <b>bold</b> <br/> <!-- comment --> <?php ?> <!DOCTYPE html> <![CDATA[ ]]>",
        "<!--\n\n```\n-->",
        "<details>\n<summary>A</summary>\n\n```json\n{}\n```\n</details>",
        "</div></div><div>",
        "<a href='javascript:alert(1)'>a</a>",
        "[a](javascript:alert(1)) [b](JaVaScRiPt:alert) [c](java\nscript:alert) [d](&#106;avascript:a) [e](data:text/html,a)",
        "[a](<javascript:alert(1)>) [b]( javascript:a \"title\") [c](//evil.example) [d](/path) [e](#fragment) [f]()",
        "[a][1] [b][] [c]\n\n[1]: javascript:alert(1)\n[b]: <javascript:a> 'title'\n[c]:\n javascript:b",
        "![a](https://evil.example/pixel.png) ![b](data:image/png;a) ![c][1]\n\n[1]: https://evil.example/a.png",
        "[![a](https://evil.example/a.png)](https://evil.example) !\\[a](b) \\![a](https://a.example) !![a](https://a.example)",
        "<javascript:alert(1)> <mailto:a@b.example> <a@b.example> <ftp://a.example> <file:///etc/passwd>",
        "[`Client`] [Client::new] [crate::Secret] [macro@a] [a](crate::Client) [a](struct@Client)",
        "text[^1] [^a]: b\n\n[^1]: a footnote\n    code",
        "| a | b |\n|---|---|\n| `<script>|</script>` | c |",
        "a | b\n--|--\n`x|y` | c",
        "- [ ] a task\n- [x] another",
        "`a\n<b>`\n`<i>` ``<b>` `<u>``",
        "\\<b> \\\\<b> \\\\\\<b> \\`<b>\\` \\``<b>`",
        "&lt;b&gt; &#60;b&#62; &#x3c;script> &nonsense; &amp;lt; &Tab;&NewLine;",
        "*<b>* **<i>** ~~<s>~~ __<u>__",
        "Title\n=====\n\nTitle\n---\n\n***\n___\n* * *\n- - -\n+++\na: b\n+++",
        ": a\n\n::: warning\ntext\n:::\n\n$$\na\n$$",
        "http://a.example/<b> https://a.example/`<b>` https://a.example\"onclick='a'",
        "<https://a.example/<b>> <https://a.example/ b> <https://a.example/\"b>",
        "[a](https://a.example/\"onclick=b) [a](https://a.example/<b>) [a](<https://a.example/\n>) [a](https://a.example/\\>b)",
        "[a](https://a.example 'title <b>') [<b>](https://a.example) [a `]` b](https://a.example) [a](https://a.example/(b)c)",
        "a\u{0}b \u{1b}[2J \u{202e}c \u{2028}~~~\u{2029}d \u{85}```\u{b}\u{c}~~~ \u{feff}",
        "////////",
        "/**/ */ /* \n*/ fn a() {}",
        "!",
        "!\n[a](https://a.example)",
        "\\",
        "`",
        "<",
        "[",
        "a\\\nb",
        "#[doc = \"a\"]",
    ] {
        assert_inert(markup);
    }
}

#[test]
fn what_is_safe_stays_as_it_was_written() {
    for text in [
        "A sentence. Another one, with *emphasis*, **strength**, snake_case and `code`.",
        "A paragraph\nof two lines.\n\nAnother.",
        "- an item\n- another,\n  which is longer\n   - one within\n\n1. first\n2. second",
        "# A heading\n\n> A quotation\n> of two lines",
        "[a link](<https://a.example/b_c?d=e&f>) and <https://b.example>.",
        "```text\nlet a = 1;\n    let b = 2;\n```",
        "It costs 5 $ (or 3 €), \"really\": 50% & more; a/b, x@y, {z}.",
        "It is ``code with a ` mark``, 1.5 GB.",
    ] {
        assert_inert(text);
        let inert = inert_markdown(text);
        let stripped = inert.replace("\n  which", "\nwhich").replace("\n   which", "\nwhich");
        assert_eq!(stripped, text.replace("\n  which", "\nwhich"));
    }
    // In another spelling, with the same meaning.
    for (text, inert) in [
        ("* a\n* b\n    * c", "- a\n- b\n   - c"),
        ("1) a\n2) b", "1) a\n2) b"),
        ("See https://a.example/b.", "See <https://a.example/b>."),
        ("See [the page](https://a.example \"Its title\").", "See [the page](<https://a.example>)."),
        ("See [the page](/other/page).", "See the page."),
        ("![A diagram](https://a.example/a.png)", "[A diagram](<https://a.example/a.png>)"),
        ("Run:\n\n    a --b\n\n    c\n\nThen:", "Run:\n\n```text\na --b\n\nc\n```\n\nThen:"),
        ("Run:\n```json\n{\"a\": 1}\n```\nThen:", "Run:\n\n```text\n{\"a\": 1}\n```\n\nThen:"),
        (
            "- `a`:\n  ```\n  {\n    b\n  }\n  ```\n- c",
            "- `a`:\n\n   ```text\n   {\n     b\n   }\n   ```\n\n- c",
        ),
        ("~~~\n```\n~~~", "````text\n```\n````"),
        ("  Indented\n  alike", "Indented\nalike"),
    ] {
        assert_eq!(assert_inert(text), inert);
    }
}

/// Pieces of Markdown that begin, end or nest something.
fn piece() -> impl Strategy<Value = String> {
    let marks = prop::sample::select(vec![
        "```",
        "~~~",
        "````",
        "~~~~",
        "`",
        "``",
        "\n",
        "\n\n",
        "\r\n",
        "\r",
        "\t",
        " ",
        "    ",
        "   ",
        "- ",
        "* ",
        "+ ",
        "1. ",
        "12) ",
        "> ",
        ">",
        "# ",
        "###### ",
        "===",
        "---",
        "***",
        "|",
        "|-|",
        ":-:",
        "<",
        ">",
        "<b>",
        "</b>",
        "<!--",
        "-->",
        "<script>",
        "[",
        "]",
        "](",
        ")",
        "(",
        "]:",
        "[^",
        "![",
        "!",
        "\\",
        "&",
        "&lt;",
        "&#60;",
        "&#x5b;",
        ";",
        "*",
        "**",
        "_",
        "~~",
        "$",
        "https://a.example",
        "http://",
        "javascript:",
        "<https://a.example>",
        "rust",
        "text",
        "should_panic",
        "a",
        "word",
        "\u{1b}",
        "\u{2028}",
        "\u{a0}",
        "\u{85}",
        "\u{202e}",
        "\u{3000}",
        "\u{b}",
        "\u{c}",
        "\u{0}",
        "é",
        "🙂",
        "\"",
        "'",
        "=",
        "+",
        "-",
        ":",
        "/",
        ".",
        "1",
    ]);
    marks.prop_map(str::to_owned)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_markdown_becomes_inert(pieces in prop::collection::vec(piece(), 0..40)) {
        let text = pieces.concat();
        let inert = inert_markdown(&text);
        prop_assert_eq!(live(&inert), None, "{:?} became\n{}", text, inert);
        let lines = inert.lines().map(|line| line.len() - line.trim_start_matches(' ').len());
        prop_assert!(inert.contains("```") || lines.max().unwrap_or(0) <= 3, "{}", inert);
    }

    #[test]
    fn texts_of_words_are_seen_as_they_were_written(words in "[a-zA-Z0-9 .,;:?!)+*_#>~|=/&%$@'\"{}\\[\\]<-]{0,60}") {
        prop_assert_eq!(live(&inert_markdown(&words)), None);
        // Neither markup nor a mark of a block takes a letter away that was there for the reader.
        let expected: String = words.chars().filter(|character| character.is_alphanumeric()).collect();
        let seen = seen(&inert_markdown(&words));
        let lost = expected.strip_suffix(&seen);
        // The number of an item is shown by the list.
        let is_number = |lost: &str| lost.chars().all(|character| character.is_ascii_digit());
        prop_assert!(lost.is_some_and(is_number), "{:?} is seen as {:?}", words, seen);
    }
}

/// Time grows with the length, whatever is opened and never closed.
#[test]
fn what_is_never_closed_costs_no_more_than_it_is_long() {
    for piece in [
        "[",
        "[a](",
        "![",
        "<",
        "`",
        "` `` ",
        "```\n",
        "> ",
        "- ",
        "**",
        "https://",
        "h",
        "\\",
        "&",
        "(",
        "    a\n\n",
        "~~~\n\n",
    ] {
        let text = piece.repeat(100_000 / piece.len());
        assert_eq!(
            live(&inert_markdown(&text).chars().take(20_000).collect::<String>()).as_deref(),
            None,
            "{piece:?}"
        );
    }
}

/// Descriptions of everything that can have one.
fn hostile_document() -> String {
    let descriptions = [
        "A text.\\n\\n~~~\\nstd::fs::File::create(\\\"ran\\\").unwrap();\\n~~~",
        "```should_panic\\nstd::fs::File::create(\\\"ran\\\").unwrap(); panic!()\\n```",
        "- a\\n  ~~~edition2024\\n  std::fs::File::create(\\\"ran\\\").unwrap();",
        "Tab:\\n\\n\\tstd::fs::File::create(\\\"ran\\\").unwrap();",
        "```no_run\\ncompile_error!();\\n```",
        "<svg onload='a'></svg> <iframe></iframe><style>body{}</style><script>a</script> [a](javascript:b) [`c`]",
        "*/ pub fn ended() {} /* \\r ~~~ \\u001b \\u202e",
        "/ a slash",
        "[a]: https://a.example\\n\\n[a] [b] ![i](https://a.example/i.png) https://a.example <b",
    ];
    let mut number = 0;
    let mut next = || {
        number += 1;
        descriptions[number % descriptions.len()]
    };
    let template = r#"
openapi: 3.1.0
info: { title: "DOC", version: "DOC", description: "DOC", termsOfService: "DOC", contact: { name: "DOC" } }
servers: [{ url: https://console.example, description: "DOC" }]
tags: [{ name: Things, description: "DOC", externalDocs: { url: "https://a.example", description: "DOC" } }]
externalDocs: { url: "https://a.example", description: "DOC" }
paths:
  /things/{id}:
    summary: "DOC"
    description: "DOC"
    parameters: [{ name: id, in: path, required: true, description: "DOC", schema: { type: string, description: "DOC", title: "DOC" } }]
    put:
      operationId: putThing
      tags: [Things]
      summary: "DOC"
      description: "DOC"
      deprecated: true
      parameters:
        - { name: kind, in: query, description: "DOC", example: "DOC", schema: { type: string, enum: [a, "DOC"], default: "DOC" } }
        - { name: filter, in: query, description: "DOC", schema: { $ref: '#/components/schemas/Part', description: "DOC" } }
        - { name: x-head, in: header, description: "DOC", schema: { type: integer } }
      requestBody:
        description: "DOC"
        required: true
        content:
          application/json:
            example: "DOC"
            schema:
              type: object
              description: "DOC"
              title: "DOC"
              required: [choice]
              properties:
                choice: { description: "DOC", type: string, enum: [one, "DOC", two] }
                part: { $ref: '#/components/schemas/Part', description: "DOC" }
                parts: { description: "DOC", type: array, items: { $ref: '#/components/schemas/Part' } }
                either: { description: "DOC", oneOf: [{ type: string, title: "DOC", description: "DOC" }, { $ref: '#/components/schemas/Part' }, { type: object, description: "DOC", properties: { b: { type: integer, description: "DOC" } } }] }
                map: { description: "DOC", type: object, additionalProperties: { type: object, description: "DOC", properties: { c: { type: string, description: "DOC" } } } }
                fixed: { description: "DOC", const: "DOC" }
      responses:
        "200":
          description: "DOC"
          headers: { x: { description: "DOC", schema: { type: string } } }
          content: { application/json: { schema: { $ref: '#/components/schemas/Thing' } } }
        default: { description: "DOC" }
  /texts:
    get: { summary: "DOC", responses: { "200": { description: "DOC", content: { text/plain: { schema: { type: string, description: "DOC" } } } } } }
    head: { description: "DOC", responses: {} }
components:
  schemas:
    Part: { type: object, description: "DOC", properties: { a: { type: string, description: "DOC", examples: ["DOC"] } } }
    Thing: { description: "DOC", allOf: [{ $ref: '#/components/schemas/Part' }, { type: object, description: "DOC", properties: { name: { type: [string, "null"], description: "DOC" } } }] }
  securitySchemes: { key: { type: http, scheme: bearer, description: "DOC" } }
security: [{ key: [] }]
"#;
    let pieces: Vec<&str> = template.split("DOC").collect();
    let (last, pieces) = pieces.split_last().unwrap();
    pieces.iter().map(|piece| format!("{piece}{}", next())).chain([(*last).to_owned()]).collect()
}

#[test]
fn a_fence_without_an_end_ends_with_its_description() {
    let text = "openapi: 3.1.0\ninfo: { title: A, version: '1', description: \"~~~\\na\" }\npaths: { /a: { get: { summary: get a, description: \"b\\n- ````rust\\nlet c = 1;\", responses: {} } } }\n";
    let prepared = prepare(Source::new("open.yaml", text), None, Staleness::Fail).unwrap();
    let client = prepared.generate().unwrap().client;
    assert!(client.contains("/// ```text\n/// a\n/// ```\n///\n/// Version: 1\n"), "{client}");
    let method = "    /// b\n    ///\n    /// ```text\n    /// let c = 1;\n    /// ```\n    ///\n    /// Sends a `GET` request to `/a`\n";
    assert!(client.contains(method), "{client}");
}

/// The doc comments of generated code, each on a function of its own: a crate without dependencies.
fn documentation_of(code: &str) -> String {
    let mut only =
        String::from("//! Documentation.\n#![allow(dead_code)]\n/// The client.\npub struct Client;\n");
    let mut number = 0;
    let mut inside = false;
    for line in code.lines().map(str::trim_start) {
        let is_documentation = line.starts_with("///");
        if is_documentation {
            // That this link leads somewhere, only the whole code can show.
            only.push_str(&line.replace("](super::Client::", "](Client#"));
            only.push('\n');
        } else if inside {
            number += 1;
            only.push_str(&format!("pub fn f{number}() {{}}\n"));
        }
        inside = is_documentation;
    }
    only
}

fn rustdoc(file: &Path, arguments: &[&str]) -> Output {
    let rustdoc = std::env::var_os("RUSTDOC").unwrap_or_else(|| "rustdoc".into());
    Command::new(rustdoc)
        .arg(file)
        .args(["--edition", "2024"])
        .args(arguments)
        .current_dir(file.parent().unwrap())
        .output()
        .unwrap()
}

#[test]
fn rustdoc_finds_nothing_to_run_in_the_documentation_of_a_hostile_document() {
    let text = hostile_document();
    let generated =
        prepare(Source::new("hostile.yaml", &text), None, Staleness::Fail).unwrap().generate().unwrap();
    assert!(!generated.client.contains("#[doc =") && !generated.client.contains("/**"));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("docs.rs");
    let code = documentation_of(&generated.client);
    assert!(code.matches("pub fn").count() > 50 && code.contains("File::create"), "{code}");
    std::fs::write(&file, &code).unwrap();

    // This has a test, so that the runs below are known to find one.
    let control = folder.path().join("control.rs");
    std::fs::write(
        &control,
        "/// ~~~\n/// std::fs::File::create(\"ran\").unwrap();\n/// ~~~\npub fn f() {}\n",
    )
    .unwrap();
    let printed = |output: &Output| String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(printed(&rustdoc(&control, &["--test"])).contains("1 passed"));
    let ran = folder.path().join("ran");
    std::fs::remove_file(&ran).unwrap();

    let listed = rustdoc(&file, &["--test", "--test-args", "--list"]);
    assert!(printed(&listed).contains("0 tests") && listed.status.success(), "{listed:?}");
    let run = rustdoc(&file, &["--test"]);
    assert!(printed(&run).contains("running 0 tests") && run.status.success(), "{run:?}");
    assert!(!ran.exists());

    let pages = rustdoc(&file, &["-D", "warnings", "--crate-name", "docs", "--out-dir", "pages"]);
    assert!(pages.status.success(), "{}", String::from_utf8_lossy(&pages.stderr));
    let own = [
        "<svg",
        "<iframe",
        "<style>body",
        "<script>a",
        "href=\"javascript:",
        "<img",
        "https://a.example/i.png\"",
    ];
    for page in std::fs::read_dir(folder.path().join("pages/docs")).unwrap() {
        let page = page.unwrap().path();
        if page.extension().is_some_and(|extension| extension == "html") {
            let html = std::fs::read_to_string(&page).unwrap();
            let found = own.iter().find(|markup| html.contains(**markup) && **markup != own[6]);
            assert_eq!(found, None, "{}", page.display());
        }
    }
}

#[test]
fn the_documentation_of_real_documents_is_inert_and_readable() {
    let mut documents = documents::published();
    // They repeat each other.
    documents.truncate(1);
    documents.extend(documents::odd());
    documents.push(documents::vendored());
    for document in documents {
        let code = document.prepared().generate().unwrap().client;
        let mut block = String::new();
        for line in code.lines().map(str::trim_start) {
            match line.strip_prefix("///") {
                Some(text) => block.push_str(&format!("{}\n", text.strip_prefix(' ').unwrap_or(text))),
                None if !block.contains("](super::Client::") => {
                    assert_eq!(live(&block), None, "{}: {block}", document.name);
                    block.clear();
                }
                None => block.clear(),
            }
        }
    }
    let code = documents::vendored().prepared().generate().unwrap().client;
    for expected in [
        "/// Lists the account's API keys.",
        "Sends a `PUT` request to `/api/v0/asks/{id}`",
        "/// - `id`: The offer to rent, by the `id` it has in `searchOffers`.",
        "/// **Repeats.** In spite of the PUT,",
        "<https://run.vast.ai>",
        "/// Builder for [`Client::show_instances`](super::Client::show_instances).",
        "    /// ```text\n    /// let response = client.show_api_keys()\n    ///     .send()",
    ] {
        assert!(code.contains(expected), "{expected}");
    }
}
