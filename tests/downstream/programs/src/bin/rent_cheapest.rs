//! `rent_cheapest QUERY PUBLIC_KEY_FILE`: shows the log of a job on the cheapest machine. Ctrl-C gives the machine back.

use anyhow::{Context, bail};
use vastai::Client;
use vastai::instances::InstanceHandle;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let [_, query, key_file] = <[String; 3]>::try_from(std::env::args().collect::<Vec<_>>())
        .map_err(|_| anyhow::anyhow!("usage: rent_cheapest QUERY PUBLIC_KEY_FILE"))?;
    let public_key = std::fs::read_to_string(&key_file).context(key_file)?;
    let client = Client::from_env()?;
    tokio::select! {
        result = programs::rent_cheapest::on_the_cheapest(&client, &query, public_key.trim(), job) => result,
        interrupt = tokio::signal::ctrl_c() => {
            interrupt?;
            client.cleaned_up().await;
            bail!("interrupted; the machine is given back")
        }
    }
}

async fn job(instance: InstanceHandle) -> anyhow::Result<()> {
    println!("{} runs: {}", instance.id(), instance.ssh().await?);
    let mut log = instance.follow_logs();
    while let Some(text) = log.next().await {
        print!("{}", text?);
    }
    Ok(())
}
