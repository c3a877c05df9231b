//! Volumes: storage of one machine that outlives the instances that mount it.

use serde_json::Value;
use vastai_api::{Location, operations, types};

use crate::client::{CallFuture, Client, awaited, collection, create, done, found, handle, listed, present};
use crate::error::{Error, ErrorKind};
use crate::filter::{Condition, most_like, to_wire};
use crate::paging::Direction;
use crate::search::{default_conditions, storage, written_order};

/// The fields of a search that are not filters.
const NOT_FILTERS: [&str; 3] = ["limit", "order", "allocated_storage"];

collection! {
    /// The volumes of the account, and the market of them; see [`Client::volumes`].
    ///
    /// ```no_run
    /// # async fn example(client: vastai::Client) -> vastai::Result<()> {
    /// use vastai::filter::field;
    /// use vastai::paging::Direction;
    ///
    /// let search = client.volumes().search().filter(field("disk_space").gte(100)).storage(100.0);
    /// let offers = search.order_by("storage_cost", Direction::Ascending).limit(5).await?;
    /// if let Some(offer) = offers.first() {
    ///     client.volumes().rent(offer.id, 100).await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    Volumes
}

handle! {
    /// A volume of the account, by its id, which is not that of its offer; see [`Client::volume`].
    VolumeHandle, by the id of the "volume"
}

impl Volumes {
    /// All of them, with the machines that they are on and the instances that use them.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Decode`] for a response without a list.
    pub fn list(&self) -> CallFuture<Vec<types::Volume>> {
        let sending = self.client.api().list_volumes().send();
        listed(sending, operations::LIST_VOLUMES, "volumes", |response| response.volumes)
    }

    /// A search for offers of volumes; see [`VolumeSearch`].
    pub fn search(&self) -> VolumeSearch {
        VolumeSearch {
            client: self.client.clone(),
            conditions: Vec::new(),
            unfiltered: false,
            order: Vec::new(),
            limit: None,
            storage: None,
        }
    }

    /// Rents a volume of that many GB from an offer. It is billed from now until it is deleted, used or not, and its size stays.
    ///
    /// The response has the volume's name and not its id, which [`list`](Self::list) has.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] for an offer or a size below 1, before anything is sent. Where
    /// [`may_have_been_done`](Error::may_have_been_done) is true, look with [`list`](Self::list) before you rent again.
    pub fn rent(&self, offer: i64, gigabytes: u32) -> CallFuture<types::RentVolumeResponse> {
        let client = self.client.clone();
        Box::pin(async move {
            if offer < 1 || gigabytes < 1 {
                let message =
                    format!("{gigabytes} GB of the offer {offer} cannot be rented: both begin at 1");
                let error = Error::new(ErrorKind::InvalidRequest, message);
                return Err(error.for_operation(operations::RENT_VOLUME));
            }
            let sending = client.api().rent_volume().body_map(|body| body.id(offer).size(gigabytes)).send();
            Ok(create(sending, "look for it with `client.volumes().list()`").await?.into_inner())
        })
    }
}

impl VolumeHandle {
    /// The volume as it is now.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] where the account has no such volume.
    pub fn show(&self) -> CallFuture<types::Volume> {
        let (listed, id) = (Volumes::new(&self.client).list(), self.id);
        Box::pin(async move {
            let volumes = listed.await?.into_iter();
            found(volumes, |volume| volume.id == id, format!("volume {id}"), operations::LIST_VOLUMES)
        })
    }

    /// Deletes it with everything on it, for good, which ends its charges.
    ///
    /// # Errors
    ///
    /// It fails while an instance uses the volume, a stopped one included.
    pub fn delete(&self) -> CallFuture<()> {
        done(self.client.api().delete_volume().id(self.id).send())
    }
}

/// A search for offers of volumes; see [`Volumes::search`].
///
/// It finds what the official command line finds: volumes of machines that are verified (`verified` is true) and not external (`external` is
/// false), with at least 1 GB (`disk_space`). A condition on one of these fields replaces its default, and [`unfiltered`](Self::unfiltered)
/// drops all of them. The best score comes first unless an order is set.
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before `send`"]
pub struct VolumeSearch {
    client: Client,
    conditions: Vec<Condition>,
    unfiltered: bool,
    order: Vec<(String, Direction)>,
    limit: Option<u32>,
    storage: Option<f64>,
}

impl VolumeSearch {
    /// Only offers that meet this condition, and all others that are given, in the units of the wire: GB of `disk_space`, dollars a GB and
    /// month of `storage_cost`, seconds of `duration`.
    pub fn filter(mut self, condition: Condition) -> Self {
        self.conditions.push(condition);
        self
    }

    /// Without the conditions that are set unless others are given.
    pub fn unfiltered(mut self) -> Self {
        self.unfiltered = true;
        self
    }

    /// In the order of this field, and of others that are given after it where it is the same.
    pub fn order_by(mut self, field: &str, direction: Direction) -> Self {
        self.order.push((field.to_owned(), direction));
        self
    }

    /// How many offers to find at most, 1 or more.
    pub fn limit(mut self, offers: u32) -> Self {
        self.limit = Some(offers);
        self
    }

    /// For how many GB to quote prices. 1 unless set.
    pub fn storage(mut self, gigabytes: f64) -> Self {
        self.storage = Some(gigabytes);
        self
    }

    /// Searches. `.await` on the builder does the same. Finding nothing is an empty list.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] for an unknown field, with the name that may be meant, the limit 0, and a size that is not a positive
    /// number.
    pub fn send(self) -> CallFuture<Vec<types::VolumeOffer>> {
        Box::pin(async move {
            let operation = operations::SEARCH_VOLUMES;
            let body = self
                .body()
                .map_err(|message| Error::new(ErrorKind::InvalidRequest, message).for_operation(operation))?;
            let found = self.client.api().search_volumes().body(body).send_as_given().await?;
            present(found.into_inner().offers, "offers", operation)
        })
    }

    fn body(&self) -> Result<types::SearchVolumesRequest, String> {
        let filters = || {
            let parameters = operations::SEARCH_VOLUMES.parameters.iter();
            let names = parameters.filter(|it| it.location == Location::Body).map(|it| it.name);
            names.filter(|name| !NOT_FILTERS.contains(name))
        };
        let columns = || filters().chain(types::VolumeOffer::FIELDS.iter().copied()).chain(["score"]);
        let unknown = |name: &str, names: &mut dyn Iterator<Item = &'static str>| {
            format!("`{name}` is not a field of volumes on offer{}", most_like(name, names))
        };
        for Condition { field, .. } in &self.conditions {
            if !filters().any(|name| name == field) {
                return Err(unknown(field, &mut filters()));
            }
        }
        if let Some((field, _)) = self.order.iter().find(|(field, _)| !columns().any(|name| name == field)) {
            return Err(unknown(field, &mut columns()));
        }
        if self.limit == Some(0) {
            return Err("the limit of a search for volumes is 0; it begins at 1".to_owned());
        }
        if let Some(storage) = self.storage.filter(|storage| !(storage.is_finite() && *storage > 0.0)) {
            return Err(format!("the size to quote prices for is {storage} GB; it has to be more than 0"));
        }
        let is_set = |name: &str| self.conditions.iter().any(|condition| condition.field == name);
        let operation = operations::SEARCH_VOLUMES;
        let mut body = to_wire(&self.conditions);
        if !self.unfiltered {
            body.extend(default_conditions(operation, &NOT_FILTERS, is_set));
        }
        body.extend(written_order(operation, &self.order));
        body.extend(storage(operation, self.storage));
        if let Some(limit) = self.limit {
            body.insert("limit".to_owned(), limit.into());
        }
        serde_json::from_value(Value::Object(body)).map_err(|error| error.to_string())
    }
}

awaited!(VolumeSearch -> Vec<types::VolumeOffer>, by send);
