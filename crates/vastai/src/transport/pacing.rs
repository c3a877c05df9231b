//! Pacing: a minimum time between calls of one operation with one key.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout_at};
use vastai_api::Operation;

use super::observation::{CallInfo, WaitReason, Watched};
use crate::error::{Error, ErrorKind};

/// For how long a rate limit is remembered. The service may have changed its mind, or another program its pace.
const MEMORY: Duration = Duration::from_secs(300);
/// The longest time for which all calls of an operation are held because one of them was told to wait.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// From that many lanes on, idle ones are forgotten.
const MANY_LANES: usize = 256;

/// How far apart calls of one operation are made.
///
/// The service limits how often an operation may be called with a key: a minimum interval, whose size it tells with a 429 at best. The
/// client learns it from such answers and keeps to it for five minutes, and no call of that operation is made before the
/// time that the service asked to wait (60 s at most). Calls wait in the order in which they came. Clones of a client share what was learned; a wait that would end
/// after the call's time is not begun.
///
/// ```
/// use std::time::Duration;
/// use vastai::{Client, Pacing};
///
/// let pacing = Pacing::default().min_interval_of("getEndpointWorkers", Duration::from_millis(200));
/// let client = Client::builder().api_key("0123abcd").pacing(pacing).build()?;
/// # Ok::<(), vastai::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Pacing {
    learns: bool,
    of_all: Duration,
    of: BTreeMap<String, Duration>,
}

impl Default for Pacing {
    /// Learns from 429s, and keeps no interval before the first.
    fn default() -> Self {
        Self { learns: true, of_all: Duration::ZERO, of: BTreeMap::new() }
    }
}

impl Pacing {
    /// Every call is made at once.
    pub fn off() -> Self {
        Self { learns: false, ..Self::default() }
    }

    /// The least time between two calls of any one operation.
    pub fn min_interval(mut self, interval: Duration) -> Self {
        self.of_all = interval;
        self
    }

    /// The least time between two calls of this operation, by its operationId.
    pub fn min_interval_of(mut self, operation: impl Into<String>, interval: Duration) -> Self {
        self.of.insert(operation.into(), interval);
        self
    }

    /// An operation that the document does not have, if one was named.
    pub(crate) fn unknown_operation(&self) -> Option<&str> {
        self.of.keys().map(String::as_str).find(|id| Operation::by_id(id).is_none())
    }

    fn interval(&self, operation: &Operation) -> Duration {
        self.of.get(operation.id).copied().unwrap_or(self.of_all)
    }
}

/// Which lane a call waits in: its operation, and a number for its key.
type LaneId = (&'static str, u64);

/// What the clones of a client share.
#[derive(Debug)]
pub(super) struct Pacer {
    settings: Pacing,
    lanes: Mutex<HashMap<LaneId, Arc<Lane>>>,
}

/// The calls of one operation with one key.
#[derive(Debug, Default)]
struct Lane {
    /// Held by the one who is next, while the others queue for it in order. Whoever gives up leaves no gap.
    turn: tokio::sync::Mutex<()>,
    queued: AtomicU32,
    pace: Mutex<Pace>,
}

#[derive(Debug, Default)]
struct Pace {
    /// No call before that.
    next: Option<Instant>,
    /// An interval learned, and until when it counts.
    learned: Option<(Duration, Instant)>,
}

impl Pacer {
    pub(super) fn new(settings: Pacing) -> Self {
        Self { settings, lanes: Mutex::default() }
    }

    /// Waits until a call may be made.
    pub(super) async fn turn(
        &self,
        operation: &'static Operation,
        key: u64,
        deadline: Instant,
        watched: &Watched,
        call: &CallInfo<'_>,
    ) -> Result<(), Error> {
        let interval = self.settings.interval(operation);
        let Some(lane) = self.lane((operation.id, key), !interval.is_zero()) else { return Ok(()) };
        let queued = Queued::in_lane(&lane);
        let soonest = lane.pace().soonest(queued.ahead, interval);
        if soonest >= deadline {
            return Err(too_late(soonest));
        }
        if soonest > Instant::now() {
            watched.waiting(call, WaitReason::Pacing, soonest - Instant::now());
        }
        let Ok(_turn) = timeout_at(deadline, lane.turn.lock()).await else { return Err(too_late(deadline)) };
        // A rate limit may come in while this waits.
        loop {
            let next = lane.pace().next;
            match next.filter(|next| *next > Instant::now()) {
                None => break,
                Some(next) if next >= deadline => return Err(too_late(next)),
                Some(next) => sleep_until(next).await,
            }
        }
        lane.pace().take(interval);
        Ok(())
    }

    /// Learns from a failure, if it is a rate limit.
    pub(super) fn learn(&self, operation: &'static Operation, key: u64, error: &Error) {
        let told = error.retry_after().is_some() || error.min_interval().is_some();
        if !self.settings.learns || error.kind() != ErrorKind::RateLimited || !told {
            return;
        }
        if let Some(lane) = self.lane((operation.id, key), true) {
            lane.pace().learn(error.retry_after(), error.min_interval());
        }
    }

    fn lane(&self, id: LaneId, make: bool) -> Option<Arc<Lane>> {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lane) = lanes.get(&id) {
            return Some(lane.clone());
        }
        if !make {
            return None;
        }
        if lanes.len() >= MANY_LANES {
            lanes.retain(|_, lane| Arc::strong_count(lane) > 1 || !lane.pace().is_idle());
        }
        Some(lanes.entry(id).or_default().clone())
    }
}

impl Lane {
    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pace {
    fn interval(&self, set: Duration) -> Duration {
        let learned = self.learned.filter(|(_, until)| *until > Instant::now());
        learned.map_or(set, |(learned, _)| learned.max(set))
    }

    /// When it is the turn of one who has that many before it.
    fn soonest(&self, ahead: u32, set: Duration) -> Instant {
        let now = Instant::now();
        let first = self.next.map_or(now, |next| next.max(now));
        first + self.interval(set).saturating_mul(ahead).min(MEMORY)
    }

    /// A call is made now.
    fn take(&mut self, set: Duration) {
        self.next = Some(Instant::now() + self.interval(set));
    }

    fn learn(&mut self, retry_after: Option<Duration>, interval: Option<Duration>) {
        let now = Instant::now();
        if let Some(interval) = interval {
            self.learned = Some((interval, now + MEMORY));
        }
        let pause = now + retry_after.or(interval).unwrap_or_default().min(LONGEST_PAUSE);
        self.next = Some(self.next.map_or(pause, |next| next.max(pause)));
    }

    fn is_idle(&self) -> bool {
        let now = Instant::now();
        self.next.is_none_or(|next| next <= now) && self.learned.is_none_or(|(_, until)| until <= now)
    }
}

/// One that waits in a lane.
struct Queued<'lane> {
    lane: &'lane Lane,
    ahead: u32,
}

impl<'lane> Queued<'lane> {
    fn in_lane(lane: &'lane Lane) -> Self {
        Self { lane, ahead: lane.queued.fetch_add(1, Ordering::Relaxed) }
    }
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        self.lane.queued.fetch_sub(1, Ordering::Relaxed);
    }
}

fn too_late(soonest: Instant) -> Error {
    let wait = soonest.saturating_duration_since(Instant::now());
    let message =
        "calls of this operation are paced, and the turn of this one would come after its time is over";
    Error::new(ErrorKind::RateLimited, message).with_retry_after((!wait.is_zero()).then_some(wait))
}
