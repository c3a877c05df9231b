//! SSH keys, API keys and environment variables.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use vastai_api::{Operation, Secret, operations, types};

use crate::client::{
    CallFuture, Client, body_builder, collection, create, done, found, handle, listed, present,
};
use crate::error::{Error, ErrorKind, Result};

collection! {
    /// The SSH keys of the account, which new instances let in; see [`Client::ssh_keys`].
    SshKeys
}

handle! {
    /// An SSH key of the account, by its id; see [`Client::ssh_key`].
    SshKeyHandle, by the id of the "key"
}

impl SshKeys {
    /// All of them. For an account without keys the list is empty, although the service answers 404.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Decode`] for a response that is not a list.
    pub fn list(&self) -> CallFuture<Vec<types::SshKey>> {
        let sending = self.client.api().get_ssh_keys_user().send();
        Box::pin(async move { Ok(sending.await?.into_inner()) })
    }

    /// Adds a key, of which this is the public half: the one line that a `.pub` file holds. Instances that exist do not get it; see
    /// [`InstanceHandle::attach_ssh_key`](crate::instances::InstanceHandle::attach_ssh_key).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] for a private key, which is not sent.
    pub fn create(&self, public_key: impl Into<String>) -> CallFuture<types::SshKey> {
        let (client, public_key) = (self.client.clone(), public_key.into());
        Box::pin(async move {
            let operation = operations::CREATE_SSH_KEY;
            let public_key = checked_public_key(public_key, operation)?;
            let sending = client.api().create_ssh_key().body_map(|body| body.ssh_key(public_key)).send();
            let created = create(sending, "look for it with `client.ssh_keys().list()`").await?;
            present(created.into_inner().key, "key", operation)
        })
    }
}

impl SshKeyHandle {
    /// The key as it is now.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] where the account has no such key.
    pub fn show(&self) -> CallFuture<types::SshKey> {
        let (listed, id) = (SshKeys::new(&self.client).list(), self.id);
        Box::pin(async move {
            let keys = listed.await?.into_iter();
            found(keys, |key| key.id == Some(id), format!("SSH key {id}"), operations::GET_SSH_KEYS_USER)
        })
    }

    /// Puts another public key in its place. Instances that exist keep the old one.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] for a private key, which is not sent, and where the account has no such key.
    pub fn update(&self, public_key: impl Into<String>) -> CallFuture<()> {
        let (Self { client, id }, public_key) = (self.clone(), public_key.into());
        Box::pin(async move {
            let public_key = checked_public_key(public_key, operations::UPDATE_SSH_KEY)?;
            client
                .api()
                .update_ssh_key()
                .id(id)
                .body_map(|body| body.ssh_key(public_key))
                .send()
                .await
                .map(drop)
        })
    }

    /// Removes it from the account. Instances that have it keep it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] where the account has no such key.
    pub fn delete(&self) -> CallFuture<()> {
        done(self.client.api().delete_ssh_key().id(self.id).send())
    }
}

/// Keeps a private key from being sent where the public half is meant.
pub(crate) fn checked_public_key(key: String, operation: &'static Operation) -> Result<String> {
    if key.to_ascii_uppercase().contains("PRIVATE KEY") {
        let message =
            "this is a private SSH key, which is not sent: give the public half, the line of the `.pub` file";
        return Err(Error::new(ErrorKind::InvalidRequest, message).for_operation(operation));
    }
    Ok(key)
}

collection! {
    /// The API keys of the account; see [`Client::api_keys`].
    ApiKeys
}

handle! {
    /// An API key of the account, by its id; see [`Client::api_key`]. The service cannot change one: create another and delete this one.
    ApiKeyHandle, by the id of the "key"
}

impl ApiKeys {
    /// All of them, without the keys themselves: only the response to the creation has the key.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Decode`] for a response without a list.
    pub fn list(&self) -> CallFuture<Vec<types::ApiKey>> {
        let sending = self.client.api().show_api_keys().send();
        listed(sending, operations::SHOW_API_KEYS, "apikeys", |response| response.apikeys)
    }

    /// Creates a key; see [`CreateApiKey`]. The name is for people.
    pub fn create(&self, name: impl Into<String>) -> CreateApiKey {
        let body = types::CreateApiKeyRequest::builder().name(name.into());
        CreateApiKey { client: self.client.clone(), body }
    }
}

impl ApiKeyHandle {
    /// What the account knows of the key, without the key itself.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] where the account has no such key.
    pub fn show(&self) -> CallFuture<types::ApiKey> {
        let (listed, id) = (ApiKeys::new(&self.client).list(), self.id);
        Box::pin(async move {
            let keys = listed.await?.into_iter();
            found(keys, |key| key.id == id, format!("API key {id}"), operations::SHOW_API_KEYS)
        })
    }

    /// Withdraws it, at once and for good.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] where the account has no such key.
    pub fn delete(&self) -> CallFuture<()> {
        done(self.client.api().delete_api_key().id(self.id).send())
    }
}

/// An API key to be created; see [`ApiKeys::create`].
///
/// ```no_run
/// # async fn example(client: vastai::Client) -> vastai::Result<()> {
/// use serde_json::json;
///
/// let permissions = json!({ "api": { "instance_read": {} } });
/// let permissions = permissions.as_object().cloned();
/// let created = client.api_keys().create("monitoring").permissions(permissions).await?;
/// // The only chance to read it: `created.key` is a `Secret`, which no `Debug` shows.
/// # let _ = created;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before `send`"]
pub struct CreateApiKey {
    client: Client,
    body: types::builder::CreateApiKeyRequest,
}

impl CreateApiKey {
    /// Values for placeholders in the permissions.
    pub fn key_params(mut self, key_params: Map<String, Value>) -> Self {
        self.body = self.body.key_params(Value::Object(key_params));
        self
    }

    /// Creates it. `.await` on the builder does the same.
    ///
    /// # Errors
    ///
    /// Where [`may_have_been_done`](Error::may_have_been_done) is true, a key may exist that nobody knows: look for it with [`ApiKeys::list`].
    pub fn send(self) -> CallFuture<types::CreateApiKeyResponse> {
        let sending = self.client.api().create_api_key().body(self.body).send();
        Box::pin(async move {
            let created =
                create(sending, "look for a key of that name with `client.api_keys().list()`").await?;
            Ok(created.into_inner())
        })
    }
}

body_builder!(CreateApiKey -> types::CreateApiKeyResponse {
    /// What the key may do, as the service's documentation of permissions describes it: `{"api": {"instance_read": {}}}`. The service decides
    /// where it is not set.
    permissions: Map<String, Value>,
});

collection! {
    /// The environment variables of the account, which its instances get; see [`Client::env_vars`]. Their values are secrets.
    EnvVars
}

/// An environment variable of the account, by its name; see [`Client::env_var`].
#[derive(Debug, Clone)]
pub struct EnvVarHandle {
    client: Client,
    name: String,
}

impl EnvVars {
    /// All of them, by name. The service puts names into upper case.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Decode`] for a response without them.
    pub fn list(&self) -> CallFuture<BTreeMap<String, Secret>> {
        let sending = self.client.api().show_env_vars().send();
        Box::pin(async move {
            let variables =
                present(sending.await?.into_inner().secrets, "secrets", operations::SHOW_ENV_VARS)?;
            Ok(variables.into_iter().map(|(name, value)| (name, Secret::from(value))).collect())
        })
    }

    /// Creates a variable. Its name is a letter or `_`, then letters, digits and `_`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] for another name, and where there is a variable of this name: [`EnvVarHandle::update`] changes it.
    pub fn create(&self, name: impl Into<String>, value: impl Into<Secret>) -> CallFuture<()> {
        let (client, name, value) = (self.client.clone(), name.into(), value.into());
        Box::pin(async move {
            if !is_variable_name(&name) {
                let message =
                    format!("`{name}` cannot be a name: it is a letter or `_`, then letters, digits and `_`");
                let error = Error::new(ErrorKind::InvalidRequest, message);
                return Err(error.for_operation(operations::CREATE_ENV_VAR));
            }
            let call = client.api().create_env_var();
            let sending = call.body_map(|body| body.key(name).value(value.expose())).send();
            create(sending, "look for it with `client.env_vars().list()`").await.map(drop)
        })
    }
}

impl EnvVarHandle {
    pub(crate) fn new(client: &Client, name: String) -> Self {
        Self { client: client.clone(), name }
    }

    /// The name of the variable.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its value now.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] where the account has no variable of this name.
    pub fn show(&self) -> CallFuture<Secret> {
        let (listed, name) = (EnvVars::new(&self.client).list(), self.name.clone());
        Box::pin(async move {
            let is_it = |(known, _): &(String, Secret)| known.eq_ignore_ascii_case(&name);
            let what = format!("environment variable `{name}`");
            found(listed.await?.into_iter(), is_it, what, operations::SHOW_ENV_VARS).map(|(_, value)| value)
        })
    }

    /// Gives it another value: ASCII letters, digits, `_`, `-` and `.`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] for a value of other characters, and where the account has no variable of this name.
    pub fn update(&self, value: impl Into<Secret>) -> CallFuture<()> {
        let (Self { client, name }, value) = (self.clone(), value.into());
        Box::pin(async move {
            let is_allowed = |letter: u8| letter.is_ascii_alphanumeric() || b"_-.".contains(&letter);
            if value.expose().is_empty() || !value.expose().bytes().all(is_allowed) {
                let message = format!(
                    "the value for `{name}` is empty or has characters other than ASCII letters, digits, `_`, `-` and `.`"
                );
                let error = Error::new(ErrorKind::InvalidRequest, message);
                return Err(error.for_operation(operations::UPDATE_ENV_VAR));
            }
            let call = client.api().update_env_var();
            call.body_map(|body| body.key(name).value(value.expose())).send().await.map(drop)
        })
    }

    /// Deletes it. Instances that have it keep it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] where the account has no variable of this name.
    pub fn delete(&self) -> CallFuture<()> {
        let name = self.name.clone();
        done(self.client.api().delete_user_secret().body_map(|body| body.key(name)).send())
    }
}

/// Whether the service takes this as the name of a variable.
fn is_variable_name(name: &str) -> bool {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    !name.starts_with(|first: char| first.is_ascii_digit()) && !name.is_empty() && name.chars().all(is_part)
}
