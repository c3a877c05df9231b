//! Rented instances: renting, waiting, managing and listing them.

mod handle;
mod instance;
mod logs;
mod rent;
mod scoped;
mod ssh;
mod wait_until_running;

pub use crate::paging::InstanceList;
pub use crate::transport::ResultFile;
pub use handle::InstanceHandle;
pub use instance::{Instance, InstanceStatus, PortBinding};
pub use logs::FollowLogs;
pub use rent::Rent;
pub use ssh::Ssh;
pub use wait_until_running::WaitUntilRunning;
