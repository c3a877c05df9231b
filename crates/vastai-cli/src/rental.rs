//! Renting once: a rental whose response was lost is looked up before anything is said.

use serde_json::{Value, json};
use vastai::CallResponse;
use vastai::instances::RentalLookup;
use vastai_api::Operation;

use crate::failure::Failure;
use crate::globals::{Format, Showing};
use crate::progress::Progress;
use crate::request::Request;
use crate::session::{Session, Stop};

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

/// Sends it. Where the response is lost, the instance is looked for by its label; of instances that had the label before, it is none.
pub(crate) async fn rent(session: &Session<'_>, request: &Request) -> Result<Rented, Stop> {
    let label = request.get("label").and_then(Value::as_str).filter(|label| !label.is_empty());
    let lookup = match label.filter(|_| session.settings().showing == Showing::Nothing) {
        // Where they cannot be listed, a rental in doubt stays in doubt.
        Some(label) => session.client().rental_lookup(label).except_present().await.ok(),
        None => None,
    };
    let error = match session.tried(request).await? {
        Ok(response) => {
            let id = response.json().ok().and_then(|value| value.get("new_contract")?.as_i64());
            let note = id.filter(|_| session.settings().format == Format::Table).map(note);
            return Ok(Rented { result: Contract::Told(response), id, note });
        }
        Err(error) => error,
    };
    let failure = Failure::of_call(&error, request.operation());
    let Some(lookup) = lookup.filter(|_| error.may_have_been_done()) else {
        return Err(failure.into());
    };
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

fn note(id: i64) -> String {
    format!(
        "instance {id} is rented, and billed until it is destroyed: `vastai show instance {id}`, `vastai destroy instance {id}`"
    )
}
