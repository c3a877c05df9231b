//! Renting once: a rental whose response was lost is looked up before anything is said.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use tokio::time::sleep;
use vastai::instances::RentalLookup;
use vastai::{CallResponse, Instance};
use vastai_api::Operation;

use crate::failure::Failure;
use crate::globals::{Format, Showing};
use crate::progress::Progress;
use crate::request::Request;
use crate::session::{Session, Stop};

/// The pauses before each look for what came up without a label.
const LOOKS: [Duration; 4] =
    [Duration::from_millis(200), Duration::from_secs(1), Duration::from_secs(3), Duration::from_secs(6)];
/// By how much the service's clock may be behind.
const CLOCKS: Duration = Duration::from_secs(60);

/// What came of a rental.
pub(crate) struct Rented {
    pub(crate) result: Contract,
    /// The instance, where the response names it.
    pub(crate) id: Option<i64>,
    /// What to do with the instance.
    pub(crate) note: Option<String>,
}

/// The new contract, as the service told of it.
pub(crate) enum Contract {
    /// In the response to the rental.
    Told(CallResponse),
    /// The response was lost, and the instance was found: what the response would have said of it.
    Found(Value),
}

/// Whether an operation rents one instance.
pub(crate) fn is(operation: &Operation) -> bool {
    matches!(operation.id, "createInstance" | "launchInstance")
}

/// Sends it. Where the response is lost, the instance is looked for by its label; of instances that had the label before, it is none. No label is
/// made up, as it would be seen; without one, it is said what has come up since.
pub(crate) async fn rent(session: &Session<'_>, request: &Request) -> Result<Rented, Stop> {
    let label = request.get("label").and_then(Value::as_str).filter(|label| !label.is_empty());
    let lookup = match label.filter(|_| session.settings().showing == Showing::Nothing) {
        // Where they cannot be listed, a rental in doubt stays in doubt.
        Some(label) => session.client().rental_lookup(label).except_present().await.ok(),
        None => None,
    };
    let sent_at = session.connection().now();
    let error = match session.tried(request).await? {
        Ok(response) => {
            let id = response.json().ok().and_then(|value| value.get("new_contract")?.as_i64());
            let note = id.filter(|_| session.settings().format == Format::Table).map(note);
            return Ok(Rented { result: Contract::Told(response), id, note });
        }
        Err(error) => error,
    };
    let failure = Failure::of_call(&error, request.operation());
    if !error.may_have_been_done() {
        return Err(failure.into());
    }
    if label.is_none() {
        return Err(failure.hinting(unlabelled(session, sent_at).await).into());
    }
    let Some(lookup) = lookup else { return Err(failure.into()) };
    let _progress = Progress::begin("the response was lost: looking for the instance by its label");
    session.connection().let_pass(RentalLookup::PATIENCE);
    let why = match lookup.find().await {
        Ok(Some(instance)) => {
            let id = instance.id();
            let note = format!("the response was lost; the instance was found by its label. {}", note(id));
            let result = Contract::Found(json!({ "success": true, "new_contract": id }));
            return Ok(Rented { result, id: Some(id), note: Some(note) });
        }
        Ok(None) => "no new instance with it has come up so far".to_owned(),
        Err(error) => error.message().to_owned(),
    };
    let hint = format!(
        "it may have been rented all the same: it was looked for by its label {:?}, and {why}; look with `vastai show instances` before you repeat it",
        lookup.label()
    );
    Err(failure.hinting(hint).into())
}

/// What to do about a rental in doubt that has no label: which instances without one have come up since it was sent. None of them is said to be
/// it, as another may have been rented at the same time.
async fn unlabelled(session: &Session<'_>, sent_at: SystemTime) -> String {
    let _progress = Progress::begin("the response was lost: looking for what has come up since");
    session.connection().let_pass(RentalLookup::PATIENCE);
    let came_up = |instance: &Instance| {
        let begun = instance.start_date.and_then(|date| date.system_time());
        let has_no_label = instance.label.as_deref().is_none_or(str::is_empty);
        has_no_label && begun.is_some_and(|begun| begun + CLOCKS >= sent_at)
    };
    let mut looked = Ok(Vec::new());
    for pause in LOOKS {
        sleep(pause).await;
        let listed = session.client().instances().pages().collect().await;
        looked = listed.map(|all| all.iter().filter(|it| came_up(it)).map(|it| it.id).collect::<Vec<i64>>());
        if looked.as_ref().is_ok_and(|found| !found.is_empty()) {
            break;
        }
    }
    let seen = match looked.as_deref() {
        Ok([]) => "no instance without a label has come up so far, which may change; look with `vastai show instances`".to_owned(),
        Ok([id]) => format!(
            "instance {id}, without a label, has come up and may be it; it is billed until it is destroyed: look with `vastai show instance {id}`"
        ),
        Ok(several) => {
            let ids: Vec<String> = several.iter().map(ToString::to_string).collect();
            format!(
                "one of the instances {}, which have no label, may be it; look with `vastai show instances`",
                ids.join(", ")
            )
        }
        Err(error) => format!("the instances cannot be listed ({}); look with `vastai show instances`", error.message()),
    };
    format!(
        "it may have been rented all the same: {seen} before you repeat it. With --label, a rental whose response is lost is found"
    )
}

fn note(id: i64) -> String {
    format!(
        "instance {id} is rented, and billed until it is destroyed: `vastai show instance {id}`, `vastai destroy instance {id}`"
    )
}
