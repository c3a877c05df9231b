//! Templates: what an instance is made from, under a name.

use serde_json::{Map, Value};
use vastai_api::{Double, Secret, operations, types};

use crate::client::{
    CallFuture, Client, awaited, body_builder, collection, create, done, found, handle, present,
};
use crate::error::{Error, ErrorKind};
use crate::filter::{Condition, field, most_like, to_wire};

/// Fields that templates are searched by and do not show, as the official command line knows them.
const FIELDS: [&str; 3] = ["default_tag", "recent_create_date", "recommended"];

collection! {
    /// Templates, the account's own and public ones; see [`Client::templates`].
    Templates
}

handle! {
    /// A template, by its id, which stays when it is edited; see [`Client::template`]. What a rental takes is its hash, which changes.
    TemplateHandle, by the id of the "template"
}

impl Templates {
    /// The account's templates and the public ones; see [`TemplateList`]. They do not come in pages, so filter them.
    pub fn list(&self) -> TemplateList {
        TemplateList { client: self.client.clone(), conditions: Vec::new() }
    }

    /// Creates a template of a Docker image; see [`CreateTemplate`].
    pub fn create(&self, name: impl Into<String>, image: impl Into<String>) -> CreateTemplate {
        let body =
            types::CreateTemplateRequest::builder().name(name.into()).image(image.into()).private(true);
        CreateTemplate { client: self.client.clone(), body }
    }
}

impl TemplateHandle {
    /// The template as it is now; its `hash_id` is what [`Rent::template`](crate::instances::Rent::template) takes.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] where there is no such template that the account can see.
    pub fn show(&self) -> CallFuture<types::Template> {
        let (Self { client, id }, operation) = (self.clone(), operations::SEARCH_TEMPLATES);
        let listed = Templates::new(&client).list().filter(field("id").eq(id)).send();
        Box::pin(async move {
            let templates = listed.await?.into_iter();
            found(templates, |template| template.id == Some(id), format!("template {id}"), operation)
        })
    }

    /// Changes it; see [`UpdateTemplate`].
    pub fn update(&self) -> UpdateTemplate {
        UpdateTemplate { template: self.clone(), body: types::builder::EditTemplateRequest::default() }
    }

    /// Deletes it. Instances that were made from it stay.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] where the account has no such template.
    pub fn delete(&self) -> CallFuture<()> {
        let id = self.id;
        done(self.client.api().delete_template().body_map(|body| body.template_id(id)).send())
    }
}

/// A list of templates; see [`Templates::list`].
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before `send`"]
pub struct TemplateList {
    client: Client,
    conditions: Vec<Condition>,
}

impl TemplateList {
    /// Only templates that meet this condition, and all others that are given: on `name`, `image`, `hash_id`, `creator_id`, `recommended` and
    /// other fields.
    pub fn filter(mut self, condition: Condition) -> Self {
        self.conditions.push(condition);
        self
    }

    /// The templates. `.await` on the builder does the same.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] for a condition on an unknown field, with the name that may be meant.
    pub fn send(self) -> CallFuture<Vec<types::Template>> {
        let Self { client, conditions } = self;
        Box::pin(async move {
            let operation = operations::SEARCH_TEMPLATES;
            let names = types::Template::FIELDS.iter().chain(&FIELDS).copied();
            let mut fields = conditions.iter().map(|condition| condition.field.as_str());
            if let Some(unknown) = fields.find(|field| !names.clone().any(|name| name == *field)) {
                let message = format!("`{unknown}` is not a field of templates{}", most_like(unknown, names));
                return Err(Error::new(ErrorKind::InvalidRequest, message).for_operation(operation));
            }
            let filters = Value::Object(to_wire(&conditions)).to_string();
            let call = client.api().search_templates().select_cols("[\"*\"]").select_filters(filters);
            present(call.send().await?.into_inner().templates, "templates", operation)
        })
    }
}

awaited!(TemplateList -> Vec<types::Template>, by send);

/// A template to be created; see [`Templates::create`]. Nobody else sees it unless [`private`](Self::private) is set to false.
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before `send`"]
pub struct CreateTemplate {
    client: Client,
    body: types::builder::CreateTemplateRequest,
}

impl CreateTemplate {
    /// Creates it. `.await` on the builder does the same.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] where a limit is broken. Where [`may_have_been_done`](Error::may_have_been_done) is true, look with
    /// [`Templates::list`] before you create it again.
    pub fn send(self) -> CallFuture<types::CreatedTemplate> {
        let sending = self.client.api().create_template().body(self.body).send();
        Box::pin(async move {
            let created = create(sending, "look for its name with `client.templates().list()`").await?;
            present(created.into_inner().template, "template", operations::CREATE_TEMPLATE)
        })
    }
}

body_builder!(CreateTemplate -> types::CreatedTemplate {
    /// The tag of the image.
    tag: String,
    /// What the template is for, in a line.
    desc: String,
    /// A description, in Markdown.
    readme: String,
    /// Environment variables and ports, in the words of Docker: `-e MODEL=x -p 8080:8080`. Not for secrets, for which there are the account's
    /// environment variables.
    env: String,
    /// Shell commands to run once the container is up.
    onstart: String,
    /// Arguments of the image's entry point.
    args_str: String,
    /// The disk that is recommended, in GB.
    recommended_disk_space: Double,
    /// Whether nobody else sees it. True unless set, as the official command line sends it.
    private: bool,
    /// Whether it is reached by SSH.
    use_ssh: bool,
    /// Whether SSH goes to a port of the machine itself.
    ssh_direct: bool,
    /// Whether Jupyter is reached on a port of the machine itself.
    jup_direct: bool,
    /// Whether Jupyter is JupyterLab.
    use_jupyter_lab: bool,
    /// The folder in which Jupyter starts.
    jupyter_dir: String,
    /// How instances are started.
    runtype: types::CreateTemplateRequestRuntype,
    /// The page of the image.
    href: String,
    /// The repository of the image.
    repo: String,
    /// The registry to log in to for the image.
    docker_login_repo: String,
    /// The user to log in to the registry as.
    docker_login_user: String,
    /// The password for the registry. A secret: nothing here shows it.
    docker_login_pass: Secret,
    /// Conditions on offers, as a search has them on the wire.
    extra_filters: Map<String, Value>,
});

/// A change of a template; see [`TemplateHandle::update`]. What is not set stays as it is.
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before `send`"]
pub struct UpdateTemplate {
    template: TemplateHandle,
    body: types::builder::EditTemplateRequest,
}

impl UpdateTemplate {
    /// Looks up the template's hash, by which the service edits, and changes the template. The response has the new hash. `.await` on the
    /// builder does the same.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] where there is no such template.
    pub fn send(self) -> CallFuture<types::EditedTemplate> {
        let Self { template, body } = self;
        Box::pin(async move {
            let hash = present(template.show().await?.hash_id, "hash_id", operations::SEARCH_TEMPLATES)?;
            let edited = template.client.api().edit_template().body(body.hash_id(hash)).send().await?;
            present(edited.into_inner().template, "template", operations::EDIT_TEMPLATE)
        })
    }
}

body_builder!(UpdateTemplate -> types::EditedTemplate {
    /// Another name.
    name: String,
    /// Another Docker image.
    image: String,
    /// What the template is for, in a line.
    desc: String,
    /// The disk that is recommended, in GB.
    recommended_disk_space: Double,
});
