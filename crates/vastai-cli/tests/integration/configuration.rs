//! Where the key and the servers come from, and what is wrong with them.

use expect_test::{Expect, expect};

use crate::support::{KEY, Server, Vastai};

const NEW_FILE: &str = ".config/vastai/vast_api_key";
const OLD_FILE: &str = ".vast_api_key";
/// The key of a session that began with two-factor authentication.
const SESSION_FILE: &str = ".config/vastai/vast_tfa_key";

#[expect(clippy::needless_pass_by_value, reason = "a test reads better so")]
fn check(vastai: Vastai, expected: Expect) {
    expected.assert_eq(&vastai.run().transcript());
}

#[test]
fn the_key_is_looked_up_as_the_official_clients_do() {
    let server = Server::start();
    let ask = |line: &[&str]| Vastai::new(line).env("VAST_URL", server.url());
    let line = ["show", "endpoints"];
    let asked = [
        ask(&["--api-key", "of-the-flag", "show", "endpoints"]).env("VAST_API_KEY", "of-the-variable"),
        ask(&["show", "endpoints", "--api-key", "of-the-flag"]).env("VAST_API_KEY", "two\nlines"),
        ask(&line).env("VAST_API_KEY", "of-the-variable").file(NEW_FILE, "of-the-new-file"),
        ask(&line).file(NEW_FILE, "of-the-new-file\n").file(OLD_FILE, "of-the-old-file"),
        ask(&line).file(OLD_FILE, "of-the-old-file\n"),
        ask(&line).file(SESSION_FILE, "of-the-session\n").file(NEW_FILE, "of-the-new-file"),
        ask(&line).file(SESSION_FILE, "of-the-session").file(OLD_FILE, "of-the-old-file"),
        ask(&line).file(SESSION_FILE, "of-the-session").env("VAST_API_KEY", "of-the-variable"),
    ];
    for vastai in asked {
        assert_eq!(vastai.run().code, Some(1), "none of these is the server's key");
    }
    let requests = server.requests();
    let keys: Vec<_> = requests.iter().filter_map(|request| request.bearer()).collect();
    assert_eq!(
        keys,
        [
            "of-the-flag",
            "of-the-flag",
            "of-the-variable",
            "of-the-new-file",
            "of-the-old-file",
            "of-the-session",
            "of-the-session",
            "of-the-variable",
        ]
    );
}

#[test]
fn the_key_is_in_the_configuration_directory_of_the_environment() {
    let server = Server::start();
    let ask = |directory: &str| {
        let vastai = Vastai::new(&["show", "endpoints"]).env("VAST_URL", server.url());
        let vastai = vastai.file("elsewhere/vastai/vast_api_key", "of-elsewhere");
        vastai
            .file(NEW_FILE, "of-the-new-file")
            .file(OLD_FILE, "of-the-old-file")
            .home_env("XDG_CONFIG_HOME", directory)
    };
    let asked = [
        ask("elsewhere").env("VAST_API_KEY", "of-the-variable"),
        ask("elsewhere"),
        // The directory of the environment stands in place of the usual one, and not beside it.
        ask("without_a_key"),
        // By the XDG standard, a relative path is none.
        ask("elsewhere").env("XDG_CONFIG_HOME", "elsewhere"),
    ];
    for vastai in asked {
        assert_eq!(vastai.run().code, Some(1), "none of these is the server's key");
    }
    let requests = server.requests();
    let keys: Vec<_> = requests.iter().filter_map(|request| request.bearer()).collect();
    assert_eq!(keys, ["of-the-variable", "of-elsewhere", "of-the-old-file", "of-the-new-file"]);
}

#[test]
fn each_server_has_a_variable_of_its_own() {
    let (console, engine) = (Server::start(), Server::start());
    let ask = |line: &[&str]| {
        let vastai = Vastai::new(line).env("VAST_API_KEY", KEY);
        vastai.env("VAST_URL", console.url()).env("VAST_RUN_URL", &format!("{}/", engine.url()))
    };
    for line in [&["show", "endpoints"][..], &["get", "endpoint", "workers", "12345"]] {
        assert_eq!(ask(line).run().code, Some(0), "{line:?}");
    }
    let paths = |server: &Server| -> Vec<String> {
        server.requests().iter().map(|request| request.path().trim_end_matches('/').to_owned()).collect()
    };
    assert_eq!(paths(&console), ["/api/v0/endptjobs"]);
    assert_eq!(paths(&engine), ["/get_endpoint_workers"]);
    // An empty variable is none, and the flag of the other server changes nothing.
    let line = ["get", "endpoint", "workers", "12345", "--run-url", engine.url()];
    assert_eq!(ask(&line).env("VAST_RUN_URL", "").env("VAST_URL", "").run().code, Some(0));
    assert_eq!(engine.requests().len(), 2);
}

#[test]
fn flags_come_before_the_environment() {
    let server = Server::start();
    let line = ["show", "endpoints", "--console-url", server.url(), "--api-key", KEY];
    let done = Vastai::new(&line).env("VAST_URL", "no URL at all").env("VAST_API_KEY", " ").run();
    assert_eq!(done.code, Some(0), "{}", done.transcript());
    // What could not be read is not asked for.
    let done = Vastai::new(&line).file(".config/vastai/vast_api_key/is_a_directory", "").run();
    assert_eq!(done.code, Some(0), "{}", done.transcript());
}

#[test]
fn without_a_key() {
    check(
        Vastai::new(&["show", "endpoints"]),
        expect![[r#"
            exit 2
            --- stderr
            error: no API key: set VAST_API_KEY, or put the key into [HOME]/.config/vastai/vast_api_key or [HOME]/.vast_api_key
            hint: `vastai auth` asks for one and stores it; the console's key page makes one
        "#]],
    );
}

#[test]
fn a_key_that_is_none() {
    let line = ["show", "endpoints"];
    check(
        Vastai::new(&line).env("VAST_API_KEY", ""),
        expect![[r#"
        exit 2
        --- stderr
        error: the API key from VAST_API_KEY is empty; copy it anew from the console's key page
    "#]],
    );
    check(
        Vastai::new(&line).env("VAST_API_KEY", &format!("{KEY}\n{KEY}")),
        expect![[r#"
        exit 2
        --- stderr
        error: the API key from VAST_API_KEY has more than one line; copy it anew from the console's key page
    "#]],
    );
    check(
        Vastai::new(&line).env("VAST_API_KEY", &format!("{KEY} {KEY}")),
        expect![[r#"
        exit 2
        --- stderr
        error: the API key from VAST_API_KEY has a space or a character that no key has; copy it anew from the console's key page
    "#]],
    );
    check(
        Vastai::new(&line).file(NEW_FILE, &format!("{KEY}\n# mine\n")),
        expect![[r#"
        exit 2
        --- stderr
        error: the API key from [HOME]/.config/vastai/vast_api_key has more than one line; copy it anew from the console's key page
    "#]],
    );
    check(
        Vastai::new(&line).file(SESSION_FILE, "\n").file(NEW_FILE, KEY),
        expect![[r#"
            exit 2
            --- stderr
            error: the API key from [HOME]/.config/vastai/vast_tfa_key is empty; log in again with `vastai tfa login`, or remove the file to use the API key
        "#]],
    );
    check(
        Vastai::new(&line).file(".config/vastai/vast_api_key/is_a_directory", ""),
        expect![[r#"
            exit 2
            --- stderr
            error: the API key file [HOME]/.config/vastai/vast_api_key is a directory; it must be a plain file
        "#]],
    );
    check(
        Vastai::new(&["--api-key", "", "show", "endpoints"]),
        expect![[r#"
        exit 2
        --- stderr
        error: the API key from --api-key is empty; copy it anew from the console's key page
    "#]],
    );
    check(
        Vastai::new(&["--api-key", "a\nb", "show", "endpoints"]),
        expect![[r#"
        exit 2
        --- stderr
        error: the API key from --api-key has more than one line; copy it anew from the console's key page
    "#]],
    );
}

#[test]
fn a_url_that_is_no_base_url() {
    let with =
        |flag: &str, url: &str| Vastai::new(&["show", "endpoints", flag, url]).env("VAST_API_KEY", KEY);
    check(
        with("--console-url", "https://console.vast.ai/api/v0"),
        expect![[r#"
        exit 2
        --- stderr
        error: the base URL from --console-url has the path `/api/v0`; give scheme, host and port alone
    "#]],
    );
    check(
        with("--run-url", "http://run.example"),
        expect![[r#"
        exit 2
        --- stderr
        error: the base URL from --run-url is plain http to run.example, which would show the key to everyone on the way; use https (plain http is for loopback)
    "#]],
    );
    check(
        with("--run-url", &format!("https://{KEY}@run.example")),
        expect![[r#"
        exit 2
        --- stderr
        error: the base URL from --run-url holds credentials; give the key as the API key
    "#]],
    );
    check(
        with("--run-url", "run.example"),
        expect![[r#"
        exit 2
        --- stderr
        error: the base URL from --run-url is not a URL: relative URL without a base
    "#]],
    );
    let line = ["show", "endpoints"];
    check(
        Vastai::new(&line).env("VAST_API_KEY", KEY).env("VAST_URL", "https://x.example/?a=b"),
        expect![[r#"
        exit 2
        --- stderr
        error: the base URL from VAST_URL has a query or a fragment; give scheme, host and port alone
    "#]],
    );
    check(
        Vastai::new(&line).env("VAST_API_KEY", KEY).env("VAST_RUN_URL", "ftp://x.example"),
        expect![[r#"
        exit 2
        --- stderr
        error: the base URL from VAST_RUN_URL has the scheme ftp; use https
    "#]],
    );
}

#[test]
#[cfg(unix)]
fn a_key_file_that_others_can_read_draws_a_warning() {
    use std::os::unix::fs::PermissionsExt;
    let server = Server::start();
    for (mode, is_open) in
        [(0o600, false), (0o400, false), (0o644, true), (0o660, true), (0o604, true), (0o622, true)]
    {
        let ask = |line: &[&str]| {
            let vastai = Vastai::new(line).env("VAST_URL", server.url()).file(OLD_FILE, KEY);
            std::fs::set_permissions(vastai.path(OLD_FILE), std::fs::Permissions::from_mode(mode)).unwrap();
            vastai
        };
        let done = ask(&["show", "endpoints", "--raw"]).run();
        assert_eq!(done.code, Some(0), "{}", done.transcript());
        let warned = format!(
            "warning: the API key file [HOME]/.vast_api_key is open to other users (mode {mode:o}); run `chmod 600` on it\n"
        );
        assert_eq!(done.stderr, if is_open { warned } else { String::new() }, "{mode:o}");
        // It is not the key that is used.
        let done = ask(&["show", "endpoints", "--raw", "--api-key", KEY]).run();
        assert_eq!((done.code, done.stderr.as_str()), (Some(0), ""), "{mode:o}");
    }
}

#[test]
#[cfg(unix)]
fn only_a_plain_file_of_a_sensible_size_is_read_as_a_key() {
    let refused = |make: &dyn Fn(&std::path::Path), what: &str| {
        let vastai = Vastai::new(&["show", "endpoints"]);
        make(&vastai.path(OLD_FILE));
        let done = vastai.run();
        assert_eq!(done.code, Some(2), "{}", done.transcript());
        assert!(done.stderr.contains(what), "{what}: {}", done.stderr);
    };
    let run = |program: &str, arguments: &[&std::ffi::OsStr]| {
        assert!(std::process::Command::new(program).args(arguments).status().unwrap().success());
    };
    refused(&|file| run("mkfifo", &[file.as_ref()]), "is a FIFO; it must be a plain file");
    refused(
        &|file| std::os::unix::fs::symlink("/dev/zero", file).unwrap(),
        "is a device; it must be a plain file",
    );
    refused(&|file| std::fs::create_dir(file).unwrap(), "is a directory; it must be a plain file");
    refused(
        &|file| drop(std::os::unix::net::UnixListener::bind(file).unwrap()),
        "is a socket; it must be a plain file",
    );
    let of_size =
        |size: u64| move |file: &std::path::Path| std::fs::File::create(file).unwrap().set_len(size).unwrap();
    refused(&of_size(1 << 30), "has 1073741824 bytes; a key has no more than 4096, so it was not read");
    refused(&of_size(4097), "has 4097 bytes");
    // A link to a plain file is as good as the file.
    let server = Server::start();
    let vastai = Vastai::new(&["show", "endpoints"])
        .env("VAST_URL", server.url())
        .file("elsewhere", &format!("{KEY}\n"));
    std::os::unix::fs::symlink(vastai.path("elsewhere"), vastai.path(OLD_FILE)).unwrap();
    assert_eq!(vastai.run().code, Some(0));
}
