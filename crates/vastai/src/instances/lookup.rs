//! A rental whose response was lost, looked up by its label.

use std::time::Duration;

use tokio::time::sleep;

use super::{InstanceHandle, Rent};
use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};
use crate::filter::field;

/// The pauses before each look. A contract shows up in lists with its creation; the later looks are for a list that was made before it.
const PAUSES: [Duration; 5] = [
    Duration::from_millis(200),
    Duration::from_secs(1),
    Duration::from_secs(3),
    Duration::from_secs(6),
    Duration::from_secs(12),
];

/// Finds out whether a rental was done whose response was lost, by the label that it was sent with. Nothing is ever sent again.
///
/// A label of a rental's own, which [`Rent`] has unless it is given another, is enough by itself. One that other instances may have needs a
/// look before the rental: [`except_present`](Self::except_present).
///
/// ```no_run
/// # async fn example(client: vastai::Client, offer: i64) -> vastai::Result<()> {
/// let rental = client.rent(offer).image("ubuntu:24.04").label("training");
/// let lookup = rental.lookup().except_present().await?;
/// let instance = match rental.await {
///     Err(doubt) if doubt.may_have_been_done() => lookup.find().await?.ok_or(doubt)?,
///     rented => rented?,
/// };
/// println!("{}", instance.id());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is looked up before `find`"]
pub struct RentalLookup {
    client: Client,
    label: String,
    /// Instances that had the label before.
    present: Vec<i64>,
    pauses: &'static [Duration],
}

/// # Rentals in doubt
impl Client {
    /// A lookup of what was rented with this label, in whatever way it was sent; see [`RentalLookup`].
    pub fn rental_lookup(&self, label: impl Into<String>) -> RentalLookup {
        RentalLookup { client: self.clone(), label: label.into(), present: Vec::new(), pauses: &PAUSES[..4] }
    }

    /// The instance with this label, if there is one: after a creation that may have been carried out, whether it was. Each [`Rent`] that is
    /// given no label has [one of its own](Rent::rental_label). It looks once; [`RentalLookup`] waits for an instance to come up, and knows
    /// instances that had the label before.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Conflict`] where several instances have the label, with their ids. Else whatever listing instances failed with.
    pub async fn find_rented(&self, label: &str) -> Result<Option<InstanceHandle>> {
        let found = self.rental_lookup(label).look().await?;
        Ok(found.map(|id| self.instance(id)))
    }
}

impl Rent {
    /// A lookup of this rental, for a response that is lost; see [`RentalLookup`].
    pub fn lookup(&self) -> RentalLookup {
        self.client().rental_lookup(self.rental_label())
    }
}

impl RentalLookup {
    /// For how long [`find`](Self::find) waits at most for the instance to come up, beside the time that the service takes to list.
    pub const PATIENCE: Duration = Duration::from_millis(10_200);

    /// Notes which instances have the label now: none of them is the rental. To be called before the rental is sent.
    ///
    /// # Errors
    ///
    /// Whatever listing instances failed with. A rental that is sent all the same stays in doubt if its response is lost.
    pub async fn except_present(self) -> Result<Self> {
        let present = self.labelled().await?;
        Ok(Self { present, ..self })
    }

    /// The instance, if it was rented: looked for at once and up to [three times more](Self::PATIENCE), as lists may be behind.
    ///
    /// `None` does not say that nothing was rented, but that nothing has come up so far: look again before you rent once more.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Conflict`] where several new instances have the label, with their ids: which one it is cannot be told. Where the last look
    /// failed, whatever listing instances failed with.
    pub async fn find(&self) -> Result<Option<InstanceHandle>> {
        let mut seen = Ok(None);
        for pause in self.pauses {
            sleep(*pause).await;
            seen = self.look().await;
            match &seen {
                Ok(Some(_)) => break,
                Err(error) if error.kind() == ErrorKind::Conflict => break,
                Ok(None) | Err(_) => {}
            }
        }
        Ok(seen?.map(|id| InstanceHandle::rented(&self.client, id)))
    }

    /// The label that is looked for.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// With one late look more, for those who leave nothing behind.
    pub(super) fn patient(self) -> Self {
        Self { pauses: &PAUSES, ..self }
    }

    /// The new instance with the label, as the service lists it now.
    async fn look(&self) -> Result<Option<i64>> {
        let new: Vec<i64> =
            self.labelled().await?.into_iter().filter(|id| !self.present.contains(id)).collect();
        match new.as_slice() {
            [] => Ok(None),
            [id] => Ok(Some(*id)),
            several => {
                let message = format!("several instances have the label `{}`: {several:?}", self.label);
                Err(Error::new(ErrorKind::Conflict, message))
            }
        }
    }

    /// The ids of the instances with the label.
    async fn labelled(&self) -> Result<Vec<i64>> {
        let mut pages = self.client.instances().filter(field("label").eq(self.label.as_str())).pages();
        let mut ids = Vec::new();
        while let Some(instance) = pages.next().await {
            let instance = instance?;
            if instance.label.as_deref() == Some(&self.label) {
                ids.push(instance.id);
            }
        }
        Ok(ids)
    }
}
