//! What may be spent, also by many calls at once.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, SemaphorePermit};
use vastai::{Client, Instance};

use crate::market;

/// For how long a rental that the list does not show counts all the same: the list may be behind, and what is in doubt may be there.
const UNLISTED: Duration = Duration::from_secs(180);

/// Prices are sums of fractions of cents.
const ROUNDING: f64 = 1e-9;

/// The limits, and what was rented a moment ago.
#[derive(Debug)]
pub(crate) struct Limits {
    pub(crate) max_dph: Option<f64>,
    pub(crate) max_instances: Option<usize>,
    pub(crate) max_total: Option<f64>,
    /// One may spend at a time: what it has seen of the account then is true until it has spent.
    turn: Semaphore,
    recent: Mutex<Vec<Recent>>,
}

/// A rental that was sent a moment ago.
#[derive(Debug)]
struct Recent {
    /// What was asked for, with its exact arguments.
    subject: String,
    label: String,
    id: Option<i64>,
    dph: f64,
    at: Instant,
}

/// A rental of which nobody knows yet whether it was done.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Doubt {
    pub(crate) subject: String,
    pub(crate) label: String,
    pub(crate) dph: f64,
}

/// The turn of a call that spends.
pub(crate) struct Turn<'limits> {
    limits: &'limits Limits,
    _permit: Option<SemaphorePermit<'limits>>,
}

/// What a call would add to what the account costs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Added {
    pub(crate) instances: usize,
    /// What the instance costs afterwards, in dollars per hour.
    pub(crate) dph: f64,
    /// What it costs now, which falls away.
    pub(crate) before: f64,
}

impl Limits {
    pub(crate) fn new(max_dph: Option<f64>, max_instances: Option<usize>, max_total: Option<f64>) -> Self {
        Self { max_dph, max_instances, max_total, turn: Semaphore::new(1), recent: Mutex::default() }
    }

    /// Whether any limit on what is spent is set.
    pub(crate) fn are_set(&self) -> bool {
        self.max_dph.is_some() || self.max_instances.is_some() || self.max_total.is_some()
    }

    /// Waits until nobody else spends.
    pub(crate) async fn turn(&self) -> Turn<'_> {
        // The semaphore is never closed, so there is a permit.
        Turn { limits: self, _permit: self.turn.acquire().await.ok() }
    }

    /// Whether one instance may cost so much.
    pub(crate) fn check_price(&self, dph: f64) -> Result<(), String> {
        match self.max_dph {
            Some(most) if dph > most + ROUNDING => Err(format!(
                "refused: it costs ${dph:.4} per hour, and this server's --max-dph is ${most}; choose something cheaper"
            )),
            _ => Ok(()),
        }
    }

    /// Whether there is room for what would be added, as the account is now.
    pub(crate) async fn check(&self, client: &Client, added: Added) -> Result<(), String> {
        self.check_price(added.dph)?;
        if self.max_instances.is_none() && self.max_total.is_none() {
            return Ok(());
        }
        let begun = Instant::now();
        let listed = market::instances(client).await;
        let listed = listed.map_err(|error| {
            format!("refused: the limits cannot be checked, as the instances cannot be listed: {error}")
        })?;
        let (unlisted, unlisted_dph) = self.unlisted(&listed, begun);
        let there = listed.len() + unlisted;
        if let Some(most) =
            self.max_instances.filter(|most| added.instances > 0 && there + added.instances > *most)
        {
            return Err(format!(
                "refused: the account has {there} instances, and this server's --max-instances is {most}; destroy one first"
            ));
        }
        if let Some(most) = self.max_total {
            let costs: Option<Vec<f64>> = listed.iter().map(market::cost_now).collect();
            let Some(costs) = costs else {
                return Err(
                    "refused: --max-total cannot be held, as the service does not say what an instance costs"
                        .to_owned(),
                );
            };
            let now = (costs.iter().sum::<f64>() + unlisted_dph) * 24.0;
            let after = now + (added.dph - added.before) * 24.0;
            if after > most + ROUNDING {
                return Err(format!(
                    "refused: the instances cost ${now:.2} per day, with this one ${after:.2}, and this server's --max-total is ${most}"
                ));
            }
        }
        Ok(())
    }

    /// How many rentals of the last minutes the list does not show, and what they cost together.
    fn unlisted(&self, listed: &[Instance], begun: Instant) -> (usize, f64) {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.retain(|rental| begun.duration_since(rental.at) < UNLISTED);
        let is_listed = |rental: &Recent| {
            listed.iter().any(|instance| {
                Some(instance.id) == rental.id || instance.label.as_deref() == Some(rental.label.as_str())
            })
        };
        let unlisted = recent.iter().filter(|rental| !is_listed(rental));
        unlisted.fold((0, 0.0), |(count, dph), rental| (count + 1, dph + rental.dph))
    }

    /// What was destroyed does not count any more.
    pub(crate) fn destroyed(&self, id: i64) {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.retain(|rental| rental.id != Some(id));
    }

    /// Whether this server has rented the instance a moment ago.
    pub(crate) fn has_just_rented(&self, id: i64) -> bool {
        let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.iter().any(|rental| rental.id == Some(id))
    }
}

impl Turn<'_> {
    /// Counts a rental that is about to be sent.
    pub(crate) fn count(&self, subject: &str, label: &str, dph: f64) {
        let mut recent = self.limits.recent.lock().unwrap_or_else(PoisonError::into_inner);
        let (subject, label) = (subject.to_owned(), label.to_owned());
        recent.push(Recent { subject, label, id: None, dph, at: Instant::now() });
    }

    /// Rentals of the last minutes that are in doubt: whoever has the turn is the only one who sends, so none of them is under way.
    pub(crate) fn doubts(&self) -> Vec<Doubt> {
        let mut recent = self.limits.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.retain(|rental| rental.at.elapsed() < UNLISTED);
        let doubts = recent.iter().filter(|rental| rental.id.is_none());
        let doubt = |rental: &Recent| Doubt {
            subject: rental.subject.clone(),
            label: rental.label.clone(),
            dph: rental.dph,
        };
        doubts.map(doubt).collect()
    }

    /// The rental has become this instance, or surely none.
    pub(crate) fn became(&self, label: &str, id: Option<i64>) {
        let mut recent = self.limits.recent.lock().unwrap_or_else(PoisonError::into_inner);
        match id {
            Some(_) => {
                recent.iter_mut().filter(|rental| rental.label == label).for_each(|rental| rental.id = id)
            }
            None => recent.retain(|rental| rental.label != label),
        }
    }
}
