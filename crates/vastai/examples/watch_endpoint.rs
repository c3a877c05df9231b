//! Watches the workers of an endpoint for a minute.
//!
//! ```sh
//! cargo run -p vastai --example watch_endpoint -- --mock
//! cargo run -p vastai --example watch_endpoint -- 12345
//! ```

#![allow(clippy::print_stdout, reason = "an example shows what it gets")]

mod setting;

use std::time::Duration;

use setting::{Outcome, Setting};
use vastai::serverless::WatchEvent;

#[tokio::main]
async fn main() -> Outcome {
    let setting = Setting::of_command_line().await?;
    let endpoint = setting.argument(0, "the id of the endpoint", "12345")?.parse()?;
    let watch = setting.client.endpoint(endpoint).watch(setting.pause(Duration::from_secs(5)));
    let mut watch = watch.timeout(setting.pause(Duration::from_secs(60)));
    while let Some(event) = watch.next().await {
        match event? {
            WatchEvent::Joined(worker) => println!("{:>10} {}", worker.id, worker.status()),
            WatchEvent::Left(worker) => println!("{:>10} has left", worker.id),
            WatchEvent::StatusChanged { worker, before } => {
                println!("{:>10} {before} → {}", worker.id, worker.status())
            }
            WatchEvent::LoadChanged { worker, .. } => {
                println!("{:>10} {:.1} per second", worker.id, worker.cur_load.unwrap_or_default());
            }
            WatchEvent::PollFailed { error, retry_in, .. } => {
                println!("{error}; looking again in {retry_in:.0?}")
            }
            WatchEvent::Recovered { failures } => println!("well again after {failures} failures"),
            other => println!("{other:?}"),
        }
    }
    let ready = watch.workers().filter(|worker| worker.status().is_ready()).count();
    println!("{ready} of {} workers take requests", watch.workers().len());
    Ok(())
}
