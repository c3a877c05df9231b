//! What a client can be set up with, and what is refused before anything is sent.

use vastai::{Client, ErrorKind};

fn refused(builder: vastai::ClientBuilder) -> String {
    let error = builder.build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    error.message().to_owned()
}

#[test]
fn a_key_is_one_line_without_spaces() {
    for (key, told) in [
        ("", "is empty"),
        ("  \n", "is empty"),
        ("line one\nline two", "more than one line"),
        ("key\r\n", "more than one line"),
        ("a key", "a space or a character that no key has"),
        ("schlüssel", "a space or a character that no key has"),
        ("a\u{0}b", "a space or a character that no key has"),
    ] {
        let message = refused(Client::builder().api_key(key));
        assert!(message.contains(told) && message.contains("`api_key`"), "{key:?}: {message}");
        assert!(key.trim().is_empty() || !message.contains(key), "the key is shown: {message}");
    }
    assert!(refused(Client::builder()).contains("no API key"));
}

#[test]
fn a_base_url_is_an_origin() {
    let console = |url: &str| refused(Client::builder().api_key("a-key").console_url(url));
    assert!(console("https://console.vast.ai/api").contains("`console_url` has the path `/api`"));
    assert!(console("http://console.vast.ai").contains("plain http to console.vast.ai"));
    let credentials = console("https://user:hunter2@console.vast.ai");
    assert!(credentials.contains("credentials") && !credentials.contains("hunter2"));
    let run = refused(Client::builder().api_key("a-key").run_url("run.vast.ai"));
    assert!(run.contains("`run_url` is not a URL"), "{run}");
    assert!(Client::builder().api_key("a-key").run_url("http://localhost:8080").build().is_ok());
}
