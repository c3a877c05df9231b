//! Renting, and waiting until the instance runs.

use std::time::{Duration, Instant};

use vastai_api::operations;

use crate::failure::Failure;
use crate::official::Line;
use crate::outcome::Outcome;
use crate::rental;
use crate::request::Request;
use crate::session::{Session, Stop};
use crate::stop::stopped;
use crate::waiting::until_running;
use crate::workers::in_words;

/// Rents, says what was rented, and waits. Ending the wait leaves the instance as it is.
pub(in crate::official) async fn rent_and_wait(
    line: &Line,
    session: &Session<'_>,
    request: &Request,
) -> Result<Outcome, Stop> {
    // From here on: a rental whose request is under way is waited for, so that its id can be said.
    let stop = stopped()?;
    let rented = rental::rent(session, request).await?;
    let Some(id) = rented.id else {
        return Ok(Outcome::of_rental(rented, request.operation())
            .noting("the response names no instance to wait for")
            .with_code(1));
    };
    // At once: whoever stops the wait has the id already.
    Outcome::of_rental(rented, request.operation()).print(session)?;
    let begin = Instant::now();
    let mut wait = session.client().instance(id).wait_until_running().new_rental();
    if let Some(seconds) = line.said.integer("--wait-timeout") {
        wait = wait.timeout(Duration::from_secs(seconds.unsigned_abs()));
    }
    let waited = tokio::select! {
        waited = until_running(session, id, wait) => waited,
        () = stop => {
            let message = format!("the wait was interrupted; instance {id} is rented, and goes on");
            return Err(Failure::local(message).hinting(format!(
                "it is billed until it is destroyed: `vastai show instance {id}`, `vastai destroy instance {id}`"
            )).into());
        }
    };
    let instance = waited.map_err(|error| {
        let failure = Failure::of_call(&error, operations::SHOW_INSTANCE);
        let hint = failure.hint().map(|hint| format!("{hint}; ")).unwrap_or_default();
        failure.hinting(format!("{hint}`vastai logs {id}`, `vastai destroy instance {id}`"))
    })?;
    let ssh = instance.ssh().map(|ssh| format!("; log in with `{ssh}`")).unwrap_or_default();
    Ok(Outcome::text(String::new())
        .noting(format!("instance {id} runs after {}{ssh}", in_words(begin.elapsed()))))
}
