//! Lists what was paid into the account and out of it in the last 30 days.
//!
//! ```sh
//! cargo run -p vastai --example page_invoices -- --mock
//! cargo run -p vastai --example page_invoices
//! ```

#![allow(clippy::print_stdout, reason = "an example shows what it gets")]

mod setting;

use std::time::Duration;

use setting::{Outcome, Setting};
use vastai::billing::TimeRange;

#[tokio::main]
async fn main() -> Outcome {
    let setting = Setting::of_command_line().await?;
    let month = TimeRange::last(Duration::from_secs(30 * 24 * 60 * 60))?;
    // Pages of two, so that there are several. The next one is fetched when its first invoice is asked for.
    let mut invoices = setting.client.invoices(month).per_page(2).pages();
    let mut dollars = 0.0;
    while let Some(invoice) = invoices.next().await {
        let invoice = invoice?;
        let amount = invoice.amount.unwrap_or_default();
        dollars += amount;
        let kind = invoice.type_.as_ref().map_or("?", |kind| kind.as_str());
        println!("{amount:>10.2} $  {kind:<10} {}", invoice.description.as_deref().unwrap_or_default());
    }
    println!("{dollars:>10.2} $  in {} invoices", invoices.total().unwrap_or_default());
    Ok(())
}
