//! Sends a request through an endpoint to one of its workers, and prints the response as it comes.
//!
//! ```sh
//! cargo run -p vastai --example stream_request -- --mock
//! cargo run -p vastai --example stream_request -- 12345 'Say hello.'
//! ```
//!
//! Of the service, workers have certificates under a root of Vast.ai's own: give it to `ClientBuilder::worker_root_certificate`.

#![allow(clippy::print_stdout, reason = "an example shows what it gets")]

mod setting;

use std::time::Duration;

use serde_json::{Value, json};
use setting::{Outcome, Setting};
use vastai_mock::WorkerReply;

#[tokio::main]
async fn main() -> Outcome {
    let setting = Setting::of_command_line().await?;
    let endpoint = setting.argument(0, "the id of the endpoint", "12345")?.parse()?;
    let prompt = setting.argument(1, "the prompt", "Say hello.")?;
    let words = ["Hello", " from", " a", " simulated", " worker."];
    let events = words.map(|word| json!({ "choices": [{ "text": word }] }));
    let _worker = setting.worker(WorkerReply::Events(events.into()))?;

    let payload = json!({ "model": "Qwen/Qwen3-8B", "prompt": prompt, "max_tokens": 64, "stream": true });
    let request = setting.client.endpoint(endpoint).request("/v1/completions", payload).cost(64.0);
    let response = request.timeout(Duration::from_secs(120)).send().await?;
    println!("request {} at {}", response.assignment().request_idx(), response.assignment().url());
    let mut events = response.events();
    while let Some(event) = events.next().await {
        let chunk: Value = event?.json()?;
        print!("{}", chunk["choices"][0]["text"].as_str().unwrap_or_default());
    }
    println!();
    Ok(())
}
