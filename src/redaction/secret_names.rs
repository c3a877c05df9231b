//! The names of secrets: the one list by which values are hidden, in this client, its command line and the simulator.

/// What stands in the names of secrets, in lower case and without separators.
const PARTS: [&str; 14] = [
    "apikey",
    "accesskey",
    "privatekey",
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "signature",
    "credential",
    "authorization",
    "authdata",
    "imagelogin",
    "dockerlogin",
];

/// The last words of names of secrets.
const LAST_WORDS: [&str; 9] = ["key", "keys", "pass", "pwd", "login", "auth", "bearer", "cookie", "sig"];

/// Names that look like a secret's and are none: the place in a list that comes in pages, and keys for everyone.
const HARMLESS: [&str; 4] = ["nexttoken", "aftertoken", "public", "sshkey"];

/// What stands in the names of values that often hold secrets without being one: environments, scripts and command lines.
const PRIVATE_PARTS: [&str; 5] = ["env", "onstart", "login", "args", "key"];

/// Whether a field, a parameter, a header or a variable of this name is a secret: a key, a password, a token, a signature, or what one
/// logs in with. How its words are separated (`api_key`, `apiKey`, `X-Api-Key`, `API KEY`) makes no difference.
///
/// ```
/// use vastai_api::is_secret_name;
///
/// assert!(is_secret_name("instance_api_key") && is_secret_name("docker_login_pass") && is_secret_name("signature"));
/// assert!(!is_secret_name("next_token") && !is_secret_name("public_key") && !is_secret_name("id"));
/// ```
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    let folded = folded(name);
    if HARMLESS.iter().any(|harmless| folded.contains(harmless)) {
        return false;
    }
    PARTS.iter().any(|part| folded.contains(part)) || LAST_WORDS.contains(&last_word(name).as_str())
}

/// Whether a value of this name is nobody's business but its owner's: a [secret](is_secret_name), or what often holds some, such as
/// environment variables and scripts.
#[must_use]
pub fn is_private_name(name: &str) -> bool {
    let folded = folded(name);
    is_secret_name(name) || PRIVATE_PARTS.iter().any(|part| folded.contains(part))
}

/// A name in lower case, without what separates its words.
fn folded(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The last word of a name, in lower case: `sshKey`, `ssh_key` and `SSH-KEY` all end in `key`.
fn last_word(name: &str) -> String {
    let name = name.trim_end_matches(|letter: char| !letter.is_alphabetic());
    let mut word: Vec<char> = Vec::new();
    let mut letters = name.chars().rev().peekable();
    while let Some(letter) = letters.next() {
        if !letter.is_alphanumeric() {
            break;
        }
        word.push(letter);
        let begins_here = letter.is_uppercase() && letters.peek().is_some_and(|before| before.is_lowercase());
        if begins_here {
            break;
        }
    }
    word.iter().rev().flat_map(|letter| letter.to_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_however_their_words_are_separated() {
        for name in [
            "api_key",
            "apiKey",
            "API_KEY",
            "X-Api-Key",
            "apikey",
            "instance_api_key",
            "api_key_2",
            "key",
            "keys",
            "signingKey",
            "s3_key",
            "password",
            "Passwd",
            "docker_login_pass",
            "image_login",
            "docker_login_user",
            "login",
            "pwd",
            "secret",
            "client_secret",
            "jupyter_token",
            "tokens",
            "access-token",
            "signature",
            "Signature",
            "X-Amz-Signature",
            "sig",
            "session_auth",
            "auth_data",
            "Authorization",
            "credentials",
            "aws credentials",
            "ssh_private_key",
            "cookie",
        ] {
            assert!(is_secret_name(name), "{name}");
            assert!(is_private_name(name), "{name}");
        }
        for name in [
            "",
            "id",
            "next_token",
            "after_token",
            "public_key",
            "ssh_key",
            "ssh_public_key",
            "monkey",
            "author",
            "passed",
            "label",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
        for name in ["env", "extra_env", "onstart", "onstart_cmd", "args", "args_str", "ssh_key"] {
            assert!(is_private_name(name), "{name}");
        }
        assert!(!is_private_name("image") && !is_private_name("disk"));
    }
}
