//! Renting: from an offer to an instance, and back.

use std::collections::BTreeMap;
use std::fmt;

use vastai_api::types::builder::VolumeMount;
use vastai_api::{Secret, operations};

use super::InstanceHandle;
use crate::client::{Client, awaited, create, in_doubt, present};
use crate::error::{Error, ErrorKind, Result};

/// The longest strings that the service takes, in characters: its own errors name these limits.
const LONGEST: [(&str, usize); 3] = [("image", 1_024), ("onstart", 16_384), ("label", 256)];

/// A rental in the making; made by [`Client::rent`], and sent by `.await`.
///
/// It needs an [image](Self::image) or a [template](Self::template). Without [`ssh`](Self::ssh), [`jupyter`](Self::jupyter) or
/// [`args`](Self::args), an image runs under SSH by way of the proxy, as the official clients have it; a template decides by itself.
///
/// ```no_run
/// # async fn example(client: vastai::Client) -> vastai::Result<()> {
/// let offers = client.offers().query("gpu_name=RTX_4090 num_gpus=1")?.limit(1).send().await?;
/// let Some(offer) = offers.first() else { return Ok(()) };
/// let instance = client
///     .rent(offer.id)
///     .image("pytorch/pytorch:latest")
///     .disk(40)
///     .env("HF_HOME", "/workspace/hf")
///     .port("8080/tcp")
///     .ssh()
///     .direct()
///     .await?;
/// println!("{}", instance.wait_until_running().await?.id);
/// instance.destroy().await?;
/// # Ok(())
/// # }
/// ```
///
/// # Money
///
/// Disk space is billed from the creation, GPUs from the moment at which the instance runs, both until it is
/// [destroyed](InstanceHandle::destroy). A creation is never sent a second time once it may have been carried out: then
/// [`Error::may_have_been_done`] is true, and a [lookup](Self::lookup) says whether it was. To be
/// sure that nothing is left behind, rent with [`scoped`](Self::scoped).
#[derive(Clone)]
#[must_use = "nothing is rented before it is awaited"]
pub struct Rent {
    client: Client,
    offer: i64,
    label: String,
    image: Option<String>,
    image_login: Option<Secret>,
    template: Option<String>,
    disk: Option<f64>,
    env: BTreeMap<String, String>,
    onstart: Option<String>,
    entrypoint: Option<String>,
    args: Option<Vec<String>>,
    launch: Launch,
    is_direct: bool,
    bid: Option<f64>,
    volume: Option<Volume>,
    user: Option<String>,
    cancel_unavailable: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Launch {
    Default,
    Ssh,
    Jupyter,
}

#[derive(Debug, Clone)]
struct Volume {
    id: i64,
    mount_path: String,
    new_size: Option<u32>,
}

impl Rent {
    pub(crate) fn new(client: &Client, offer: i64) -> Self {
        Self {
            client: client.clone(),
            offer,
            label: format!("rental-{:016x}", fastrand::u64(..)),
            image: None,
            image_login: None,
            template: None,
            disk: None,
            env: BTreeMap::new(),
            onstart: None,
            entrypoint: None,
            args: None,
            launch: Launch::Default,
            is_direct: false,
            bid: None,
            volume: None,
            user: None,
            cancel_unavailable: true,
        }
    }

    /// The Docker image, as `repository:tag`; at most 1,024 characters.
    pub fn image(mut self, image: impl Into<String>) -> Self {
        self.image = Some(image.into());
        self
    }

    /// How to log in to the image's private registry: the arguments of `docker login`, `-u USER -p TOKEN docker.io`. A secret: nothing here
    /// shows it.
    pub fn image_login(mut self, login: impl Into<Secret>) -> Self {
        self.image_login = Some(login.into());
        self
    }

    /// A template, by its hash: it fills in what is not set here. The hash changes with each edit of the template.
    pub fn template(mut self, hash: impl Into<String>) -> Self {
        self.template = Some(hash.into());
        self
    }

    /// Disk space in GB. 10 unless set, as the official clients send it (with a template, what the template says). It cannot be
    /// changed later, and is billed also while the instance is stopped.
    pub fn disk(mut self, gigabytes: impl Into<vastai_api::Double>) -> Self {
        self.disk = Some(gigabytes.into().into());
        self
    }

    /// A note to recognise the instance by; at most 256 characters. Without one, the rental gets a label of its own.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// An environment variable of the container.
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.env.insert(name.into(), value.into());
        self
    }

    /// A port of the container to open to the internet: `8080`, `8080/tcp`, `70000/udp`. Which port of the machine it gets is in
    /// [`Instance::ports`](super::Instance) once the instance runs; a port of 70000 or more keeps its number.
    pub fn port(mut self, port: impl fmt::Display) -> Self {
        let port = port.to_string();
        let number = port.split('/').next().unwrap_or_default();
        self.env.insert(format!("-p {number}:{port}"), "1".to_owned());
        self
    }

    /// Shell commands to run once the container is up; at most 16,384 characters. Under [`ssh`](Self::ssh) and [`jupyter`](Self::jupyter) the
    /// image's own entry point does not run, so this starts the program.
    pub fn onstart(mut self, commands: impl Into<String>) -> Self {
        self.onstart = Some(commands.into());
        self
    }

    /// Runs the image's own entry point with these arguments, without SSH and Jupyter.
    pub fn args<S: Into<String>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.args = Some(args.into_iter().map(Into::into).collect());
        self
    }

    /// Another entry point, for [`args`](Self::args).
    pub fn entrypoint(mut self, program: impl Into<String>) -> Self {
        self.entrypoint = Some(program.into());
        self
    }

    /// Reached by SSH through a server of Vast.ai; with [`direct`](Self::direct) on a port of the machine, too. The account needs an SSH
    /// key before the rental.
    pub fn ssh(mut self) -> Self {
        self.launch = Launch::Ssh;
        self
    }

    /// Runs JupyterLab, and SSH beside it.
    pub fn jupyter(mut self) -> Self {
        self.launch = Launch::Jupyter;
        self
    }

    /// Reached on ports of the machine itself, which is faster than the proxy; for offers with `direct_port_count` above 0.
    pub fn direct(mut self) -> Self {
        self.is_direct = true;
        self
    }

    /// Interruptible, for this bid in dollars per hour: a higher bid of somebody else stops it. From 0.001 to 128.
    pub fn bid(mut self, dollars_per_hour: f64) -> Self {
        self.bid = Some(dollars_per_hour);
        self
    }

    /// Mounts a volume that the account has on the same machine, at an absolute path of the container.
    pub fn volume(mut self, id: i64, mount_path: impl Into<String>) -> Self {
        self.volume = Some(Volume { id, mount_path: mount_path.into(), new_size: None });
        self
    }

    /// Rents a volume of that many GB along with the instance, by the id of its offer, and mounts it. It is billed until it is deleted, also after
    /// the instance is destroyed.
    pub fn new_volume(mut self, offer: i64, gigabytes: u32, mount_path: impl Into<String>) -> Self {
        self.volume = Some(Volume { id: offer, mount_path: mount_path.into(), new_size: Some(gigabytes) });
        self
    }

    /// The user to create the container as. Some images do not survive that.
    pub fn user(mut self, user: impl Into<String>) -> Self {
        self.user = Some(user.into());
        self
    }

    /// Whether the rental fails where the instance cannot start at once. True unless set: otherwise the service may leave a stopped instance,
    /// which is billed for its disk and starts, and bills, when it can.
    pub fn cancel_unavailable(mut self, cancel: bool) -> Self {
        self.cancel_unavailable = cancel;
        self
    }

    /// The label that the instance gets: the one that was set, or the rental's own. [`Client::find_rented`] takes it after a doubt.
    #[must_use]
    pub fn rental_label(&self) -> &str {
        &self.label
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// Rents. `.await` on the builder does the same.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] before anything is sent, without image and template, or where a limit is broken.
    /// [`ErrorKind::OfferGone`] where somebody else was faster: take the next offer. [`ErrorKind::NoCredit`]. Where
    /// [`may_have_been_done`](Error::may_have_been_done) is true, ask the [`lookup`](Self::lookup), or [`Client::find_rented`], before you rent again.
    pub async fn send(self) -> Result<InstanceHandle> {
        self.check()?;
        let Self { client, offer, label, .. } = &self;
        let runtype = self.runtype();
        let volume = self.volume.as_ref().map(|volume| {
            let mount = VolumeMount::default().mount_path(volume.mount_path.as_str()).volume_id(volume.id);
            match volume.new_size {
                Some(size) => mount.create_new(true).size(size),
                None => mount,
            }
        });
        let volume = volume.map(vastai_api::types::VolumeMount::try_from).transpose();
        let volume = volume.map_err(|error| invalid(error.to_string()))?;
        let call = client.api().create_instance().id(*offer).body_map(|body| {
            let body = body
                .label(label.as_str())
                .image(self.image.as_deref())
                .image_login(self.image_login.clone())
                .template_hash_id(self.template.as_deref())
                .disk(self.disk)
                .onstart(self.onstart.as_deref().or(self.entrypoint.as_deref()))
                .args(self.args.clone())
                .runtype(runtype)
                .price(self.bid)
                .user(self.user.as_deref())
                .cancel_unavail(self.cancel_unavailable)
                .volume_info(volume);
            if self.env.is_empty() { body } else { body.env(self.env.clone()) }
        });
        let look = format!("look with `Client::find_rented({label:?})`");
        // A template says what is not said here, its disk above all.
        let sending = if self.template.is_some() { call.send_as_given() } else { call.send() };
        let created = create(sending, &look).await?;
        match present(created.new_contract, "new_contract", operations::CREATE_INSTANCE) {
            Ok(id) => Ok(InstanceHandle::rented(client, id)),
            Err(error) => Err(in_doubt(error, &look)),
        }
    }

    /// The words that the official clients send.
    fn runtype(&self) -> Option<&'static str> {
        match (self.launch, self.is_direct) {
            _ if self.args.is_some() || self.entrypoint.is_some() => Some("args"),
            (Launch::Ssh, false) => Some("ssh_proxy"),
            (Launch::Ssh, true) => Some("ssh_direc ssh_proxy"),
            (Launch::Jupyter, false) => Some("jupyter_proxy ssh_proxy"),
            (Launch::Jupyter, true) => Some("jupyter_direc ssh_direc ssh_proxy"),
            (Launch::Default, true) if self.template.is_none() => Some("ssh_direc ssh_proxy"),
            (Launch::Default, false) if self.template.is_none() => Some("ssh_proxy"),
            (Launch::Default, _) => None,
        }
    }

    fn check(&self) -> Result<()> {
        if self.offer < 1 {
            return Err(invalid(format!(
                "the offer {} cannot be rented: ids of offers begin at 1",
                self.offer
            )));
        }
        if self.image.is_none() && self.template.is_none() {
            return Err(invalid("a rental needs an image or a template".to_owned()));
        }
        let strings = [self.image.as_ref(), self.onstart.as_ref(), Some(&self.label)];
        for ((name, longest), string) in LONGEST.into_iter().zip(strings) {
            let length = string.map_or(0, |string| string.chars().count());
            if length > longest {
                let message =
                    format!("`{name}` has {length} characters; the service takes {longest} at most");
                return Err(invalid(message));
            }
        }
        let length: usize = self.args.iter().flatten().map(|arg| arg.chars().count()).sum();
        if length > LONGEST[1].1 {
            let message =
                format!("`args` have {length} characters; the service takes {} at most", LONGEST[1].1);
            return Err(invalid(message));
        }
        if self.args.is_some() && self.launch != Launch::Default {
            let message =
                "`args` run the image's own entry point, which SSH and Jupyter replace: set one of them";
            return Err(invalid(message.to_owned()));
        }
        if let Some(disk) = self.disk.filter(|disk| !(disk.is_finite() && *disk > 0.0)) {
            return Err(invalid(format!("the disk is {disk} GB; it has to be more than 0")));
        }
        if let Some(bid) = self.bid.filter(|bid| !(0.001..=128.0).contains(bid)) {
            return Err(invalid(format!(
                "the bid is {bid} dollars per hour; it has to be from 0.001 to 128"
            )));
        }
        if let Some(port) =
            self.env.keys().filter_map(|name| name.strip_prefix("-p ")).find(|port| !is_port(port))
        {
            let port = port.split_once(':').map_or(port, |(_, port)| port);
            return Err(invalid(format!("`{port}` is not a port: write `8080`, `8080/tcp` or `8080/udp`")));
        }
        match self.env.keys().find(|name| name.is_empty() || name.contains('=')) {
            Some(name) => Err(invalid(format!("`{name}` cannot be the name of an environment variable"))),
            None => Ok(()),
        }
    }
}

/// `8080:8080/tcp`
fn is_port(mapping: &str) -> bool {
    let is_number = |number: &str| number.parse::<u32>().is_ok_and(|number| (1..=99_999).contains(&number));
    let mut parts = mapping.split(':');
    let (Some(outer), Some(inner), None) = (parts.next(), parts.next(), parts.next()) else { return false };
    let (inner, protocol) = inner.split_once('/').unwrap_or((inner, "tcp"));
    is_number(outer) && is_number(inner) && matches!(protocol, "tcp" | "udp")
}

fn invalid(message: String) -> Error {
    Error::new(ErrorKind::InvalidRequest, message).for_operation(operations::CREATE_INSTANCE)
}

awaited!(Rent -> InstanceHandle, by send);

impl fmt::Debug for Rent {
    /// Without the values of the environment, of scripts and of logins, which are often secrets.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Rent")
            .field("offer", &self.offer)
            .field("label", &self.label)
            .field("image", &self.image)
            .field("template", &self.template)
            .field("disk", &self.disk)
            .field("env", &self.env.keys().collect::<Vec<_>>())
            .field("bid", &self.bid)
            .finish_non_exhaustive()
    }
}
