//! Monitors the workers of an endpoint, and prints one line for each failure.

use std::io::Write;

use vastai::WorkerStatus;
use vastai::serverless::{Watch, WatchEvent};

/// Writes a line for each look that failed, and for each worker that failed, until the watch ends.
///
/// # Errors
///
/// A failure that will not pass by itself, such as a wrong key.
pub async fn print_failures(mut watch: Watch, mut output: impl Write) -> anyhow::Result<()> {
    while let Some(event) = watch.next().await {
        match event? {
            WatchEvent::PollFailed { error, failures, .. } => {
                writeln!(output, "failure {failures}: {error}")?
            }
            WatchEvent::Joined(worker) | WatchEvent::StatusChanged { worker, .. }
                if *worker.status() == WorkerStatus::Error =>
            {
                writeln!(output, "worker {} failed", worker.id)?;
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use vastai::ErrorKind;
    use vastai::retry::RetryPolicy;
    use vastai_mock::{Fault, Phase, RateLimitForm, Simulator, WorkersShape};

    use super::print_failures;
    use crate::test_client::client_of;

    const SECOND: Duration = Duration::from_secs(1);
    /// An endpoint of the simulator's sample, and one of its workers.
    const ENDPOINT: i64 = 12_345;
    const WORKER: i64 = 30_215_871;

    #[tokio::test(start_paused = true)]
    async fn each_failure_is_one_line() {
        let simulator = Simulator::start().await.unwrap();
        let client = client_of(&simulator).with_retry(RetryPolicy::never());
        simulator.inject("getEndpointWorkers", Fault::html(502)).unwrap();
        simulator.inject("getEndpointWorkers", Fault::cut_before_effect()).unwrap();
        let limited = Fault::too_many_requests(RateLimitForm::Json { retry_after: 3 });
        simulator.inject("getEndpointWorkers", limited).unwrap();
        let mut output = Vec::new();
        let watch = client.endpoint(ENDPOINT).watch(SECOND).timeout(60 * SECOND);
        print_failures(watch, &mut output).await.unwrap();

        let output = String::from_utf8(output).unwrap();
        let lines: Vec<_> = output.lines().collect();
        assert_eq!(lines.len(), 3, "{output}");
        assert!(
            lines[0].starts_with("failure 1: getEndpointWorkers") && lines[0].contains("502"),
            "{output}"
        );
        assert!(
            lines[1].starts_with("failure 2: getEndpointWorkers: connection failure: the connection broke"),
            "{output}"
        );
        assert!(lines[2].ends_with("try again in 3 s"), "{output}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_worker_that_failed_is_a_line() {
        let simulator = Simulator::start().await.unwrap();
        simulator.set_phase(WORKER, Phase::Fixed("ERROR".into())).unwrap();
        let mut output = Vec::new();
        let watch = client_of(&simulator).endpoint(ENDPOINT).watch(SECOND).timeout(5 * SECOND);
        print_failures(watch, &mut output).await.unwrap();
        assert_eq!(String::from_utf8(output).unwrap(), format!("worker {WORKER} failed\n"));
    }

    #[tokio::test(start_paused = true)]
    async fn an_engine_with_nothing_to_say_yet_is_a_failure_that_passes_and_a_wrong_key_ends_it() {
        let simulator = Simulator::start().await.unwrap();
        simulator.set_workers_shape(WorkersShape::ErrorMsg("not\nyet".into()));
        let mut output = Vec::new();
        let watch = client_of(&simulator).endpoint(ENDPOINT).watch(60 * SECOND).timeout(SECOND);
        print_failures(watch, &mut output).await.unwrap();
        let output = String::from_utf8(output).unwrap();
        assert_eq!((output.lines().count(), output.contains("not")), (1, true), "{output}");

        let client = client_of(&simulator).with_api_key("0123456789abcdef").unwrap();
        let error = print_failures(client.endpoint(ENDPOINT).watch(SECOND), Vec::new()).await.unwrap_err();
        let error: &vastai::Error = error.downcast_ref().unwrap();
        assert_eq!((error.kind(), error.may_have_been_done()), (ErrorKind::Unauthorized, false));
    }
}
