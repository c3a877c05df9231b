//! A search for offers.

use serde_json::Value;
use vastai_api::operations;

use super::fields::{self, STEERING, on_the_wire};
use super::{Offer, Query};
use crate::client::{Client, Listable, awaited};
use crate::error::{Error, ErrorKind, Result};
use crate::filter::{Condition, to_wire};
use crate::paging::Direction;
use crate::search::{default_conditions, storage, written_order};

/// For what kind of rental prices are quoted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum OfferKind {
    /// At the listed price, without interruptions.
    #[default]
    OnDemand,
    /// Interruptible, at the lowest bid.
    Bid,
    /// Paid in advance.
    Reserved,
}

impl OfferKind {
    /// The kind as the service writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OnDemand => "on-demand",
            Self::Bid => "bid",
            Self::Reserved => "reserved",
        }
    }
}

/// A search for offers in the making; see [`Client::offers`].
///
/// It finds what the official command line finds: machines that are verified (`verified` is true), not external (`external` is false), can be
/// rented (`rentable` is true) and are not rented by this account (`rented` is false). A condition on one of these four fields replaces its
/// default, and [`unfiltered`](Self::unfiltered) drops all four.
///
/// Names of fields are checked before anything is sent, and the error suggests the name that may be meant. A field that the document does not
/// know can be sent by [`Client::call`].
///
/// ```no_run
/// # async fn example(client: vastai::Client) -> vastai::Result<()> {
/// use vastai::filter::field;
/// use vastai::paging::Direction;
///
/// let offers = client
///     .offers()
///     .filter(field("gpu_name").eq("RTX 4090"))
///     .filter(field("num_gpus").gte(2))
///     .order_by("dph_total", Direction::Ascending)
///     .limit(10)
///     .send()
///     .await?;
/// // The same in the query language of the official command line.
/// let same = client.offers().query("gpu_name=RTX_4090 num_gpus>=2")?;
/// let same = same.order_by("dph", Direction::Ascending).limit(10);
/// if let Some(cheapest) = offers.first() {
///     println!("{} for {:?} $/h", cheapest.id, cheapest.dph_total);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before `send`"]
pub struct OfferSearch {
    client: Client,
    conditions: Vec<Condition>,
    /// Fields that may have any value, and so no default either.
    any: Vec<String>,
    defaults: bool,
    kind: OfferKind,
    order: Vec<(String, Direction)>,
    limit: Option<u64>,
    storage: Option<f64>,
}

/// # Offers
impl Client {
    /// A search for offers of the market.
    pub fn offers(&self) -> OfferSearch {
        OfferSearch::new(self)
    }
}

impl OfferSearch {
    /// The most offers that the service returns for one search, whatever [`limit`](Self::limit) says (notes of a client that was used with the
    /// live service). Where so many come, there may be more: narrow the search, or choose the order so that the best come first.
    pub const MAX_OFFERS: usize = 64;

    pub(crate) fn new(client: &Client) -> Self {
        Self {
            client: client.clone(),
            conditions: Vec::new(),
            any: Vec::new(),
            defaults: true,
            kind: OfferKind::default(),
            order: Vec::new(),
            limit: None,
            storage: None,
        }
    }

    /// Only offers that meet this condition, and all others that are given. Its units are those of the wire: MB of memory, seconds. A field
    /// goes by its name on the wire or by that of the official command line; in `gpu_name`, `RTX_4090` means `RTX 4090`.
    pub fn filter(mut self, condition: Condition) -> Self {
        let mut condition = condition.with_spaces_in_gpu_names();
        condition.field = on_the_wire(&condition.field).to_owned();
        self.conditions.push(condition);
        self
    }

    /// Only offers that meet this query, in the language of the official command line; see [`Query`]. Its units are GB of memory and
    /// days.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`], with the place in the query that is wrong.
    pub fn query(mut self, query: &str) -> Result<Self> {
        let query: Query = query.parse()?;
        self.any.extend(query.any_value().map(str::to_owned));
        self.conditions.extend(query.conditions().cloned());
        Ok(self)
    }

    /// Without the four conditions that are set unless others are given: offers that are unverified, external, not rentable or rented are
    /// found, too.
    pub fn unfiltered(mut self) -> Self {
        self.defaults = false;
        self
    }

    /// For what kind of rental to quote prices. On demand unless set.
    pub fn kind(mut self, kind: OfferKind) -> Self {
        self.kind = kind;
        self
    }

    /// In the order of this field, and of others that are given after it where it is the same. The best score first unless set.
    pub fn order_by(mut self, field: &str, direction: Direction) -> Self {
        self.order.push((on_the_wire(field).to_owned(), direction));
        self
    }

    /// How many offers to find at most, 1 or more. As many as the service gives unless set, which is [`MAX_OFFERS`](Self::MAX_OFFERS) at most in
    /// any case.
    pub fn limit(mut self, offers: u64) -> Self {
        self.limit = Some(offers);
        self
    }

    /// The disk with which to quote prices, in GB. 5 unless set. Rent with the same size for the same price.
    pub fn storage(mut self, gigabytes: f64) -> Self {
        self.storage = Some(gigabytes);
        self
    }

    /// What is sent, by the names of the body's fields.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] for a condition on, or an order by, an unknown field, with a suggestion; a condition on `id`, by which the
    /// service finds nothing; a list where an operator takes one value; the limit 0; and a disk that is not a positive number.
    pub fn body(&self) -> Result<serde_json::Map<String, Value>> {
        let invalid = |message: String| Err(Error::new(ErrorKind::InvalidRequest, message));
        for Condition { field, operator, value } in &self.conditions {
            if STEERING.contains(&field.as_str()) {
                return invalid(format!("`{field}` is not a field of offers; it has a method of its own"));
            }
            if !fields::can_filter(field) {
                return invalid(fields::unknown(field));
            }
            if operator.takes_list() != value.is_array() {
                let takes = if operator.takes_list() { "takes a list of values" } else { "takes one value" };
                return invalid(format!("the operator `{operator}` on `{field}` {takes}, not {value}"));
            }
        }
        if let Some((field, _)) = self.order.iter().find(|(field, _)| !fields::can_order(field)) {
            return invalid(fields::unknown_order(field));
        }
        if self.limit == Some(0) {
            return invalid("the limit of a search for offers is 0; it begins at 1".to_owned());
        }
        if let Some(storage) = self.storage.filter(|storage| !(storage.is_finite() && *storage > 0.0)) {
            return invalid(format!(
                "the disk to quote prices with is {storage} GB; it has to be more than 0"
            ));
        }
        let mentioned = |name: &str| {
            self.any.iter().any(|any| any == name)
                || self.conditions.iter().any(|condition| condition.field == name)
        };
        let operation = operations::SEARCH_OFFERS;
        let mut body = to_wire(&self.conditions);
        if self.defaults {
            body.extend(default_conditions(operation, &STEERING, mentioned));
        }
        body.extend(written_order(operation, &self.order));
        body.insert("type".to_owned(), self.kind.as_str().into());
        body.extend(storage(operation, self.storage));
        if let Some(limit) = self.limit {
            body.insert("limit".to_owned(), limit.into());
        }
        Ok(body)
    }

    /// Searches. `.await` on the builder does the same. Finding nothing is an empty list. The search is a read, which is sent again where it
    /// may have been lost.
    ///
    /// # Errors
    ///
    /// As [`body`](Self::body), before anything is sent; [`ErrorKind::InvalidRequest`] also where the service refuses the search (400).
    pub async fn send(&self) -> Result<Vec<Offer>> {
        let body = self.body()?;
        let operation = operations::SEARCH_OFFERS;
        let mut call = self.client.call(operation).without_defaults();
        for (name, value) in body {
            call = call.set_field(name, value);
        }
        Ok(call.send_for_list().await?.0.items)
    }
}

impl Listable for Offer {
    const LIST: &'static str = "offers";
}

awaited!(OfferSearch -> Vec<Offer>, by send);
