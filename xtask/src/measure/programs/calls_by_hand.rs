//! `calls-by-hand URL CALLS AT-ONCE [page]`: the call that somebody writes with reqwest and serde, or as many pages of instances.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

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
    let reads_pages = arguments.next().is_some();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder().no_proxy().build()?;
    let tasks: Vec<_> = (0..at_once)
        .map(|_| {
            let (http, page) = (http.clone(), format!("{url}/api/v1/instances/"));
            let url = format!("{url}/get_endpoint_workers/");
            tokio::spawn(async move {
                for _ in 0..calls / at_once {
                    if reads_pages {
                        let response = http.get(&page).bearer_auth("a-key").send().await?.error_for_status()?;
                        let page = response.json::<PlainPage>().await?;
                        assert_eq!(page.instances.map(|instances| instances.len()), Some(1_000));
                        continue;
                    }
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
