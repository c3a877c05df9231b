//! Sends a prompt through an endpoint, by its name, and writes the completion as it comes.

use std::io::Write;

use serde_json::{Value, json};
use vastai::Client;

/// Writes the completion of a prompt.
///
/// # Errors
///
/// There is no such endpoint, no worker answers, or the stream breaks off: what came by then is written.
pub async fn complete(
    client: &Client,
    endpoint: &str,
    prompt: &str,
    mut output: impl Write,
) -> anyhow::Result<()> {
    let payload = json!({ "model": "Qwen/Qwen3-8B", "prompt": prompt, "max_tokens": 64, "stream": true });
    let request = client.endpoint_named(endpoint).request("/v1/completions", payload).cost(64.0);
    let mut events = request.send().await?.events();
    while let Some(event) = events.next().await {
        let chunk: Value = event?.json()?;
        write!(output, "{}", chunk["choices"][0]["text"].as_str().unwrap_or_default())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use vastai::ErrorKind;
    use vastai_mock::{Endpoint, Fault, ServedWorker, Simulator, Worker, WorkerReply, Workergroup};

    use super::*;
    use crate::test_client::client_of;

    fn served(simulator: &Simulator) -> ServedWorker {
        let worker = simulator.serve_worker(11).unwrap();
        let events = ["Hel", "lo", "!"].map(|text| json!({ "choices": [{ "text": text }] }));
        worker.reply_with(WorkerReply::Events(events.into()));
        worker
    }

    async fn simulator() -> Simulator {
        let group = Workergroup::new(4).worker(Worker::new(11));
        let endpoint = Endpoint::new(1, "chat").workergroup(group);
        Simulator::builder().empty().endpoint(endpoint).start().await.unwrap()
    }

    async fn completed(client: &Client, endpoint: &str) -> (String, Option<ErrorKind>, bool) {
        let mut output = Vec::new();
        let result = complete(client, endpoint, "Hi", &mut output).await;
        let error = result.err().map(|error| error.downcast::<vastai::Error>().unwrap());
        let may_have_been_done = error.as_ref().is_some_and(vastai::Error::may_have_been_done);
        (String::from_utf8(output).unwrap(), error.map(|error| error.kind()), may_have_been_done)
    }

    #[tokio::test(start_paused = true)]
    async fn a_completion_comes_whole_although_the_worker_was_busy_first() {
        let simulator = simulator().await;
        let worker = served(&simulator);
        simulator.let_routes_wait(2);
        worker.inject(Fault::status(429));
        let completed = completed(&client_of(&simulator), "chat").await;
        assert_eq!(completed, ("Hello!".to_owned(), None, false));
        assert_eq!((worker.payloads().len(), &worker.payloads()[0]["prompt"]), (1, &json!("Hi")));
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_that_breaks_off_is_an_error_and_is_not_worked_on_twice() {
        let simulator = simulator().await;
        let worker = served(&simulator);
        let client = client_of(&simulator);
        worker.inject(Fault::half_body());
        let (output, kind, _) = completed(&client, "chat").await;
        assert!("Hello!".starts_with(&output) && output != "Hello!", "{output}");
        assert_eq!((kind, worker.payloads().len()), (Some(ErrorKind::Connection), 1));

        worker.inject(Fault::cut_after_effect());
        assert_eq!(completed(&client, "chat").await, (String::new(), Some(ErrorKind::Connection), true));
        assert_eq!(worker.payloads().len(), 2);
    }

    #[tokio::test]
    async fn an_unknown_endpoint_is_named() {
        let simulator = simulator().await;
        let error = complete(&client_of(&simulator), "chatt", "Hi", Vec::new()).await.unwrap_err();
        assert!(error.to_string().contains("`chatt`"), "{error}");
        assert_eq!(error.downcast::<vastai::Error>().unwrap().kind(), ErrorKind::NotFound);
    }
}
