//! Rented instances.

mod handle;
mod instance;
mod ssh;
mod wait_until_running;

pub use handle::InstanceHandle;
pub use instance::{Instance, InstanceStatus, PortBinding};
pub use ssh::Ssh;
pub use wait_until_running::WaitUntilRunning;
