//! Changing a template, whose id is looked up by its hash.

use serde_json::{Value, json};

use crate::failure::Failure;
use crate::official::{Line, template};
use crate::outcome::Outcome;
use crate::request::Request;
use crate::session::{Session, Stop};

/// Sends the whole template, with the id of the one that has the hash: the account's own, where there are several.
pub(super) async fn update(line: &Line, session: &Session<'_>) -> Result<Outcome, Stop> {
    let of = |operation: &str| Request::of(operation).map_err(|error| Failure::of_client(&error));
    // What is wrong is said before anything is looked up.
    let mut request = line.request(session.client())?;
    template::settings(&line.said, session.client(), &mut request)?;
    let hash = line.said.word("HASH_ID").unwrap_or_default();
    let mut lookup = of("searchTemplates")?;
    lookup.set("select_cols", json!(["*"]).to_string());
    lookup.set("select_filters", json!({ "hash_id": { "eq": hash } }).to_string());
    let found = session.json(&lookup).await?;
    let found: Vec<&Value> = found.get("templates").and_then(Value::as_array).into_iter().flatten().collect();
    let template = match found.as_slice() {
        [] => return Err(Failure::local(format!("there is no template with the hash '{hash}'")).into()),
        [one] => Some(*one),
        several => {
            let user = session.json(&of("showUser")?).await?;
            several.iter().copied().find(|template| template.get("creator_id") == user.get("id"))
        }
    };
    let Some(id) = template.and_then(|template| template.get("id")).filter(|id| id.is_i64()) else {
        let message = format!("several templates have the hash '{hash}', and none is of this account");
        return Err(Failure::local(message).into());
    };
    request.set("id", id.clone());
    Outcome::of_call(session, request).await
}
