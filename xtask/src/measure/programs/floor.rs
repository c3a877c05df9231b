//! What somebody writes who wants one call and no client.

use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct Question {
    id: i64,
}

#[derive(Deserialize)]
struct Worker {
    id: i64,
    status: Option<String>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder().build()?;
    let key = std::env::var("VAST_API_KEY")?;
    let request = http.post("https://run.vast.ai/get_endpoint_workers/").bearer_auth(key);
    let response = request.json(&Question { id: 12345 }).send().await?.error_for_status()?;
    let workers: Vec<Worker> = response.json().await?;
    for worker in workers {
        println!("{} {:?}", worker.id, worker.status);
    }
    Ok(())
}
