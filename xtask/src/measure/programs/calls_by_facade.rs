//! `calls-by-facade URL CALLS AT-ONCE [watch|page]`: the same calls with the facade; or as many looks of watches, or pages of instances.

use std::time::Duration;

#[cfg(feature = "count")]
#[global_allocator]
static ALLOCATOR: &stats_alloc::StatsAlloc<std::alloc::System> = &stats_alloc::INSTRUMENTED_SYSTEM;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().expect("URL CALLS AT-ONCE");
    let (url, calls, at_once) = (next(), next().parse::<usize>()?, next().parse::<usize>()?);
    let what = arguments.next().unwrap_or_default();
    let client = vastai::Client::builder().api_key("a-key").console_url(&url).run_url(&url).build()?;
    let tasks: Vec<_> = (0..at_once)
        .map(|_| {
            let (client, endpoint, what) = (client.clone(), client.endpoint(12345), what.clone());
            tokio::spawn(async move {
                let mut watch = endpoint.watch(Duration::from_millis(1));
                for _ in 0..calls / at_once {
                    match &*what {
                        "watch" => drop(watch.next_poll().await.expect("it has no end")?),
                        "page" => {
                            let page = client.api().show_instances().send().await?.into_inner();
                            assert_eq!(page.instances.map(|instances| instances.len()), Some(1_000));
                        }
                        _ => assert_eq!(endpoint.workers().await?.len(), 3),
                    }
                }
                Ok::<_, vastai::Error>(())
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
