//! What an account has beside its instances: keys, environment variables, templates and volumes.
//!
//! Each kind has a handle for all of its things, such as [`Client::ssh_keys`](crate::Client::ssh_keys), which lists and creates them, and one for a
//! single thing, such as [`Client::ssh_key`](crate::Client::ssh_key), which shows, changes and deletes it where the service can. A handle says nothing
//! of whether the thing is there. Handles and the futures of their methods own what they need, and can be spawned, joined and kept.
//!
//! ```no_run
//! # async fn example(client: vastai::Client) -> vastai::Result<()> {
//! let created = client.ssh_keys().create("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 me@laptop").await?;
//! for key in client.ssh_keys().list().await? {
//!     println!("{:?} {:?}", key.id, key.public_key);
//! }
//! if let Some(id) = created.id {
//!     client.ssh_key(id).delete().await?;
//! }
//! # Ok(())
//! # }
//! ```

mod keys;
mod templates;
mod volumes;

pub(crate) use keys::checked_public_key;
pub use keys::{ApiKeyHandle, ApiKeys, CreateApiKey, EnvVarHandle, EnvVars, SshKeyHandle, SshKeys};
pub use templates::{CreateTemplate, TemplateHandle, TemplateList, Templates, UpdateTemplate};
pub use volumes::{VolumeHandle, VolumeSearch, Volumes};
