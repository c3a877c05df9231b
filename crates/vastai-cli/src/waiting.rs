//! Waiting for an instance to run, with a line that says what it is doing.

use std::sync::Arc;

use vastai::instances::WaitUntilRunning;
use vastai::{Instance, InstanceStatus};

use crate::globals::Format;
use crate::progress::Steps;
use crate::session::Session;

/// Waits until an instance runs.
pub(crate) async fn until_running(
    session: &Session<'_>,
    id: i64,
    wait: WaitUntilRunning,
) -> vastai::Result<Instance> {
    let steps = Steps::begin(&format!("waiting for instance {id} to run"), is_silent(session));
    let steps = Arc::new(steps);
    let wait = wait.on_poll({
        let steps = Arc::clone(&steps);
        move |instance| steps.say(&format!("waiting for instance {id} to run: {}", doing(instance)))
    });
    session.connection().waited(wait.into_future()).await
}

/// Whether only data are wanted.
pub(crate) fn is_silent(session: &Session<'_>) -> bool {
    session.settings().format != Format::Table
}

/// What an instance is doing, in its host's words.
fn doing(instance: &Instance) -> String {
    let status = instance.actual_status.as_ref().map_or("not reported yet", InstanceStatus::as_str);
    match instance.status_msg.as_deref().map(str::trim).filter(|message| !message.is_empty()) {
        Some(message) => format!("{status} ({})", message.lines().next().unwrap_or_default()),
        None => status.to_owned(),
    }
}
