//! `calls-by-hand URL CALLS AT-ONCE`: the call that somebody writes with reqwest and serde.

use serde::{Deserialize, Serialize};

#[cfg(feature = "count")]
#[global_allocator]
static ALLOCATOR: &stats_alloc::StatsAlloc<std::alloc::System> = &stats_alloc::INSTRUMENTED_SYSTEM;

#[derive(Serialize)]
struct Question {
    id: i64,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Worker {
    id: i64,
    status: Option<String>,
    measured_perf: Option<f64>,
    cur_load: Option<f64>,
    reqs_working: Option<f64>,
    disk_usage: Option<f64>,
    loaded_at: Option<f64>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().expect("URL CALLS AT-ONCE");
    let (url, calls, at_once) = (next(), next().parse::<usize>()?, next().parse::<usize>()?);
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder().no_proxy().build()?;
    let tasks: Vec<_> = (0..at_once)
        .map(|_| {
            let (http, url) = (http.clone(), format!("{url}/get_endpoint_workers/"));
            tokio::spawn(async move {
                for _ in 0..calls / at_once {
                    let request = http.post(&url).bearer_auth("a-key").json(&Question { id: 12345 });
                    let response = request.send().await?.error_for_status()?;
                    assert_eq!(response.json::<Vec<Worker>>().await?.len(), 3);
                }
                Ok::<_, reqwest::Error>(())
            })
        })
        .collect();
    for task in tasks {
        task.await??;
    }
    #[cfg(feature = "count")]
    println!("{}", ALLOCATOR.stats().allocations + ALLOCATOR.stats().reallocations);
    Ok(())
}
