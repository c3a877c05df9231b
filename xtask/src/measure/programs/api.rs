//! A call with the generated client alone.

use vastai_api::{Client, SharedTransport, http_client_builder};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let http = http_client_builder().build()?;
    let client = Client::new_with_client("https://console.vast.ai", http, SharedTransport::default());
    println!("{:?}", client.show_endpoints().send().await?.results);
    Ok(())
}
