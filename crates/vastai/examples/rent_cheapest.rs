//! Rents the cheapest offer that matches a query, waits until the machine runs, and gives it back.
//!
//! ```sh
//! cargo run -p vastai --example rent_cheapest -- --mock
//! cargo run -p vastai --example rent_cheapest -- 'gpu_name=RTX_4090 num_gpus=1 dph<0.6'   # costs money
//! ```

#![allow(clippy::print_stdout, reason = "an example shows what it gets")]

mod setting;

use std::time::Duration;

use setting::{Outcome, Setting};
use vastai::ErrorKind;
use vastai::paging::Direction;

/// The disk of the machine, in GB. Prices are quoted with it.
const DISK: f64 = 16.0;

#[tokio::main]
async fn main() -> Outcome {
    let setting = Setting::of_command_line().await?;
    let query = setting.argument(0, "the query", "gpu_name in [RTX_4090,RTX_3090] num_gpus>=1")?;
    let client = &setting.client;
    let search = client.offers().query(&query)?.order_by("dph", Direction::Ascending).storage(DISK).limit(5);
    for offer in search.send().await? {
        let (gpus, price) = (offer.gpu_name.as_deref().unwrap_or("?"), offer.dph_total.unwrap_or_default());
        println!("offer {}: {gpus} for {price:.4} $/h", offer.id);
        let rental = client.rent(offer.id).image("nvidia/cuda:12.4.1-base-ubuntu22.04").disk(DISK).ssh();
        let rented = match rental.send().await {
            Ok(rented) => rented,
            // Where it may have been rented all the same, another try could rent a second machine.
            Err(error) if error.kind() == ErrorKind::OfferGone && !error.may_have_been_done() => {
                println!("somebody else was faster");
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let id = rented.id();
        let wait = rented.wait_until_running();
        let wait = wait.interval(setting.pause(Duration::from_secs(5)));
        let waited = wait.timeout(Duration::from_secs(15 * 60)).await;
        match &waited {
            Ok(instance) => {
                let ssh = instance.ssh().map_or("no SSH".to_owned(), |ssh| ssh.to_string());
                println!("instance {id} runs: {ssh}");
            }
            Err(error) => println!("{error}"),
        }
        // Whatever came of it, it costs money as long as it is there.
        rented.destroy().await?;
        println!("instance {id} is given back");
        waited?;
        return Ok(());
    }
    println!("no offer was left");
    Ok(())
}
