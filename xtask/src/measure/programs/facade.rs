//! The same call with the facade.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = vastai::Client::from_env()?;
    for worker in client.endpoint(12345).workers().await? {
        println!("{} {:?}", worker.id, worker.status);
    }
    Ok(())
}
