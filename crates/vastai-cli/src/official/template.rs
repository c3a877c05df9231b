//! Templates, as the options of `create template` say them.

use vastai::Client;

use super::said::Said;
use super::search;
use crate::failure::Failure;
use crate::request::Request;

/// All settings of a template: what is not said is sent with its default, as the whole template is.
pub(super) fn settings(said: &Said, client: &Client, request: &mut Request) -> Result<(), Failure> {
    let (is_ssh, is_jupyter, is_direct) = (said.has("--ssh"), said.has("--jupyter"), said.has("--direct"));
    request.set("jup_direct", is_jupyter && is_direct);
    request.set("ssh_direct", is_ssh && is_direct);
    request.set("use_ssh", is_ssh || is_jupyter);
    if request.get("runtype").is_none() {
        request.set(
            "runtype",
            if is_jupyter {
                "jupyter"
            } else if is_ssh {
                "ssh"
            } else {
                "args"
            },
        );
    }
    // The registry is the first word; the service does not get the rest.
    let registry = said.word("--login").and_then(|login| login.split_whitespace().next());
    request.set_if("docker_login_repo", registry);
    request.set("readme_visible", !said.has("--hide-readme"));
    request.set("private", !said.has("--public"));
    if request.get("extra_filters").is_none() {
        let query = said.word("--search_params").unwrap_or_default();
        request.set("extra_filters", search::filters(client, query, !said.has("--no-default"))?);
    }
    Ok(())
}

/// One of the two that name a template: the hash, where both are said.
pub(super) fn deleted(_: &Said, _: &Client, request: &mut Request) -> Result<(), Failure> {
    if request.get("hash_id").is_some() {
        request.unset("template_id");
    } else if request.get("template_id").is_none() {
        return Err(Failure::usage("say which template, by --template-id or --hash-id".to_owned()));
    }
    Ok(())
}
