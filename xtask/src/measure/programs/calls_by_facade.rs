//! `calls-by-facade URL CALLS AT-ONCE`: the same calls with the facade.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().expect("URL CALLS AT-ONCE");
    let (url, calls, at_once) = (next(), next().parse::<usize>()?, next().parse::<usize>()?);
    let client = vastai::Client::builder().api_key("a-key").console_url(&url).run_url(&url).build()?;
    let tasks: Vec<_> = (0..at_once)
        .map(|_| {
            let endpoint = client.endpoint(12345);
            tokio::spawn(async move {
                for _ in 0..calls / at_once {
                    assert_eq!(endpoint.workers().await?.len(), 3);
                }
                Ok::<_, vastai::Error>(())
            })
        })
        .collect();
    for task in tasks {
        task.await??;
    }
    Ok(())
}
