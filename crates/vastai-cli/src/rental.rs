//! Renting once: a rental whose response was lost is looked up before anything is said.

use std::time::Duration;

use serde_json::{Value, json};
use vastai::filter::field;
use vastai::{CallResponse, Client};
use vastai_api::Operation;

use crate::failure::Failure;
use crate::globals::{Format, Showing};
use crate::progress::Progress;
use crate::request::Request;
use crate::session::{Session, Stop};

/// The pauses before each look for a rental in doubt: the service lists what is rented after a while.
const LOOKS: [Duration; 4] =
    [Duration::from_millis(200), Duration::from_secs(1), Duration::from_secs(3), Duration::from_secs(6)];

/// What came of a rental.
pub(crate) struct Rented {
    /// The response, or what stands in its place where it was lost.
    pub(crate) result: Result<CallResponse, Value>,
    /// The instance, where the response names it.
    pub(crate) id: Option<i64>,
    /// What to do with the instance.
    pub(crate) note: Option<String>,
}

/// Whether an operation rents one instance.
pub(crate) fn is(operation: &Operation) -> bool {
    matches!(operation.id, "createInstance" | "launchInstance")
}

/// Sends it. Where the response is lost, the instance is looked for by its label; of instances that had the label before, it is none.
pub(crate) async fn rent(session: &Session<'_>, request: &Request) -> Result<Rented, Stop> {
    let operation = request.operation();
    let label = request.get("label").and_then(Value::as_str).filter(|label| !label.is_empty());
    let before = match label.filter(|_| session.settings().showing == Showing::Nothing) {
        // Where they cannot be listed, a rental in doubt stays in doubt.
        Some(label) => labelled(session.client(), label).await.ok().map(|ids| (label, ids)),
        None => None,
    };
    let error = match session.tried(request).await? {
        Ok(response) => {
            let id = response.json().ok().and_then(|value| value.get("new_contract")?.as_i64());
            let note = id.filter(|_| session.settings().format == Format::Table).map(note);
            return Ok(Rented { result: Ok(response), id, note });
        }
        Err(error) => error,
    };
    let failure = Failure::of_call(&error, operation);
    let Some((label, before)) = before.filter(|_| error.may_have_been_done()) else {
        return Err(failure.into());
    };
    let _progress = Progress::begin("the response was lost: looking for the instance by its label");
    let mut why = "no instance with it has come up so far".to_owned();
    for pause in LOOKS {
        session.connection().let_pass(pause);
        tokio::time::sleep(pause).await;
        let new = match labelled(session.client(), label).await {
            Ok(ids) => ids.into_iter().filter(|id| !before.contains(id)).collect::<Vec<_>>(),
            Err(error) => {
                why = format!("the instances cannot be listed: {error}");
                continue;
            }
        };
        match new.as_slice() {
            [] => {}
            [id] => {
                let note =
                    format!("the response was lost; the instance was found by its label. {}", note(*id));
                let result = Err(json!({ "success": true, "new_contract": id }));
                return Ok(Rented { result, id: Some(*id), note: Some(note) });
            }
            several => {
                why = format!("several new instances have it: {several:?}");
                break;
            }
        }
    }
    let hint = format!(
        "it may have been rented all the same: it was looked for by its label {label:?}, and {why}; look with `vastai show instances` before you repeat it"
    );
    Err(failure.hinting(hint).into())
}

/// The ids of the instances with a label.
async fn labelled(client: &Client, label: &str) -> vastai::Result<Vec<i64>> {
    let found: Vec<vastai::Instance> =
        client.instances().filter(field("label").eq(label)).pages().collect().await?;
    let same = found.into_iter().filter(|instance| instance.label.as_deref() == Some(label));
    Ok(same.map(|instance| instance.id).collect())
}

fn note(id: i64) -> String {
    format!(
        "instance {id} is rented, and billed until it is destroyed: `vastai show instance {id}`, `vastai destroy instance {id}`"
    )
}
