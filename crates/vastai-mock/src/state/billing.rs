//! Invoices and charges.

use std::time::Duration;

use serde_json::{Value, json};

use super::fields::{Fields, object, settable_fields};

const DAY: Duration = Duration::from_secs(86_400);

/// An invoice to put into the simulator: a top-up by card unless its fields say otherwise.
///
/// ```
/// use std::time::Duration;
/// use vastai_mock::Invoice;
///
/// let top_up = Invoice::new(2_185_418, Duration::from_secs(1_761_980_044)).amount(-25.0);
/// # let _ = top_up;
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Invoice {
    pub(super) entry: Entry,
    service: String,
}

/// What a contract has cost over a while, to put into the simulator: an instance unless its fields say otherwise. A contract may have several.
///
/// ```
/// use std::time::Duration;
/// use vastai_mock::Charge;
///
/// let instance = Charge::new(28_004_311, Duration::from_secs(1_761_980_044)).amount(38.421);
/// # let _ = instance;
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Charge {
    pub(super) entry: Entry,
    kind: String,
}

/// What the two have in common.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) id: u64,
    /// Its number among all entries, as a contract has several. The state gives it.
    pub(super) number: u64,
    /// Since the Unix epoch.
    pub(crate) at: Duration,
    amount: f64,
    fields: Fields,
}

impl Entry {
    /// By what a list is sorted: no two entries have the same.
    pub(crate) fn place(&self) -> (Duration, u64, u64) {
        (self.at, self.id, self.number)
    }

    /// Its number among all entries.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    fn new(id: u64, at: Duration, amount: f64) -> Self {
        Self { id, number: 0, at, amount, fields: Fields::default() }
    }
}

impl Invoice {
    /// An invoice of 25 dollars made out `at` this time since the Unix epoch.
    pub fn new(id: u64, at: Duration) -> Self {
        Self { entry: Entry::new(id, at, -25.0), service: "stripe_payments".to_owned() }
    }

    /// The amount in dollars; negative for a payment into the account.
    pub fn amount(mut self, dollars: f64) -> Self {
        self.entry.amount = dollars;
        self
    }

    /// The payment service, such as `transfer`. The default is `stripe_payments`.
    pub fn service(mut self, name: impl Into<String>) -> Self {
        self.service = name.into();
        self
    }
}

settable_fields!(Invoice, entry.fields);

impl Charge {
    /// Charges of a dollar for the instance of this id, which began `at` this time since the Unix epoch.
    pub fn new(id: u64, at: Duration) -> Self {
        Self { entry: Entry::new(id, at, 1.0), kind: "instance".to_owned() }
    }

    /// The amount in dollars.
    pub fn amount(mut self, dollars: f64) -> Self {
        self.entry.amount = dollars;
        self
    }

    /// What was charged: `instance`, `volume` or `serverless`.
    pub fn kind(mut self, kind: impl Into<String>) -> Self {
        self.kind = kind.into();
        self
    }
}

settable_fields!(Charge, entry.fields);

/// An invoice or charges, as a list of either knows them.
pub(crate) trait Billed {
    fn entry(&self) -> &Entry;

    /// The value that a filter by sort goes by: the service of an invoice, the kind of charges.
    fn sort(&self) -> &str;

    fn to_json(&self) -> Value;
}

impl Billed for Invoice {
    fn entry(&self) -> &Entry {
        &self.entry
    }

    fn sort(&self) -> &str {
        &self.service
    }

    fn to_json(&self) -> Value {
        let Entry { id, at, amount, fields, .. } = &self.entry;
        let mut members = object([json!({
            "type": "credit",
            "source": "stripe",
            "description": "Manual Billing from MASTERCARD ...7376",
            "amount": amount,
            "start": at.as_secs_f64(),
            "end": at.as_secs_f64() + 257.0,
            "items": [],
            "metadata": { "invoice_id": id, "service": self.service },
        })]);
        fields.apply(&mut members);
        members.into()
    }
}

impl Billed for Charge {
    fn entry(&self) -> &Entry {
        &self.entry
    }

    fn sort(&self) -> &str {
        &self.kind
    }

    fn to_json(&self) -> Value {
        let Entry { id, at, amount, fields, .. } = &self.entry;
        let kind = &self.kind;
        let mut members = object([json!({
            "type": kind,
            "source": format!("{kind}-{id}"),
            "description": format!("{kind} {id} Charges"),
            "amount": amount,
            "start": at.as_secs(),
            "end": at.saturating_add(DAY).as_secs(),
            "items": [],
            // The official command line reads it of every kind; what it has is read of serverless ones.
            "metadata": {},
        })]);
        fields.apply(&mut members);
        members.into()
    }
}
