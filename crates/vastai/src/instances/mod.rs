//! Rented instances: renting, waiting, managing and listing them.

mod handle;
mod list;
mod logs;
mod lookup;
mod rent;
mod scoped;
mod wait_until_running;

pub use crate::transport::ResultFile;
pub use handle::InstanceHandle;
pub use list::InstanceList;
pub use logs::FollowLogs;
pub use lookup::RentalLookup;
pub use rent::Rent;
pub use vastai_api::Ssh;
pub use vastai_api::types::{Instance, InstanceStatus, PortBinding};
pub use wait_until_running::WaitUntilRunning;
