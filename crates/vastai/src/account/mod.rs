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

use crate::client::Client;

/// # Keys, environment variables, templates and volumes of the account
impl Client {
    /// The SSH keys of the account.
    #[must_use]
    pub fn ssh_keys(&self) -> SshKeys {
        SshKeys::new(self)
    }

    /// An SSH key of the account, by its id.
    #[must_use]
    pub fn ssh_key(&self, id: i64) -> SshKeyHandle {
        SshKeyHandle::new(self, id)
    }

    /// The API keys of the account.
    #[must_use]
    pub fn api_keys(&self) -> ApiKeys {
        ApiKeys::new(self)
    }

    /// An API key of the account, by its id.
    #[must_use]
    pub fn api_key(&self, id: i64) -> ApiKeyHandle {
        ApiKeyHandle::new(self, id)
    }

    /// The environment variables of the account.
    #[must_use]
    pub fn env_vars(&self) -> EnvVars {
        EnvVars::new(self)
    }

    /// An environment variable of the account, by its name, whose case does not matter.
    #[must_use]
    pub fn env_var(&self, name: impl Into<String>) -> EnvVarHandle {
        EnvVarHandle::new(self, name.into())
    }

    /// Templates, the account's own and public ones.
    #[must_use]
    pub fn templates(&self) -> Templates {
        Templates::new(self)
    }

    /// A template, by its id, which is not its hash.
    #[must_use]
    pub fn template(&self, id: i64) -> TemplateHandle {
        TemplateHandle::new(self, id)
    }

    /// The volumes of the account, and the market of them.
    #[must_use]
    pub fn volumes(&self) -> Volumes {
        Volumes::new(self)
    }

    /// A volume of the account, by its id.
    #[must_use]
    pub fn volume(&self, id: i64) -> VolumeHandle {
        VolumeHandle::new(self, id)
    }
}
