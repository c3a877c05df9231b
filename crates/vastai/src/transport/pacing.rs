//! Pacing: a minimum time between calls of one operation with one key.

use std::collections::{BTreeMap, HashMap};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};
use vastai_api::Operation;

use super::observation::{CallInfo, SharedObserver, WaitReason};
use crate::error::{Error, ErrorKind};
use crate::waiting::{later, later_than};

/// For how long a rate limit is remembered. The service may have changed its mind, or another program its pace.
const MEMORY: Duration = Duration::from_secs(300);
/// The longest time for which all calls of an operation are held because one of them has to wait.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// From that many lanes on, idle ones are forgotten.
const MANY_LANES: usize = 256;

/// How far apart calls of one operation are made.
///
/// The service limits how often an operation may be called with a key: a minimum interval, whose size it names with a 429 at best. The
/// client learns it from such responses and keeps to it for five minutes, and no call of that operation is made before the
/// time that the service asked to wait (60 s at most). Calls go in the order in which they came; one whose future is not polled when its turn
/// comes holds up no other. Clones of a client share what was learned; a wait that would end after the call's time is not begun.
///
/// ```
/// use std::time::Duration;
/// use vastai::Client;
/// use vastai::retry::Pacing;
/// use vastai::vastai_api::operations;
///
/// let interval = Duration::from_millis(200);
/// let pacing = Pacing::default().min_interval_of(operations::GET_ENDPOINT_WORKERS, interval);
/// let client = Client::builder().api_key("0123abcd").pacing(pacing).build()?;
/// # Ok::<(), vastai::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Pacing {
    learns: bool,
    of_all: Duration,
    /// By operationId.
    of: BTreeMap<&'static str, Duration>,
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

    /// The least time between two calls of any one operation. From a year on it counts as a year.
    pub fn min_interval(mut self, interval: Duration) -> Self {
        self.of_all = interval;
        self
    }

    /// The least time between two calls of this operation. From a year on it counts as a year.
    pub fn min_interval_of(mut self, operation: &'static Operation, interval: Duration) -> Self {
        self.of.insert(operation.id, interval);
        self
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

/// The calls of one operation with one key. Nothing of it is locked while a call waits.
#[derive(Debug, Default)]
struct Lane {
    pace: Mutex<Pace>,
    /// Tells those who wait that their times have changed.
    moved: Notify,
}

#[derive(Debug, Default)]
struct Pace {
    /// When the last call was made.
    last: Option<Instant>,
    /// No call before that, as the service asked.
    not_before: Option<Instant>,
    /// An interval learned, and until when it counts.
    learned: Option<(Duration, Instant)>,
    /// The times of those who wait, in the order in which they came. One that was missed holds up nobody.
    waiting: BTreeMap<u64, Instant>,
    /// The latest time that was given to anyone.
    tail: Option<Instant>,
    next_ticket: u64,
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
        observer: &SharedObserver,
        call: &CallInfo<'_>,
    ) -> Result<(), Error> {
        let interval = self.settings.interval(operation);
        let Some(lane) = self.lane((operation.id, key), !interval.is_zero()) else { return Ok(()) };
        let mut place = Place::in_lane(&lane, interval);
        let mut is_reported = false;
        loop {
            // It is listened for before the look, so that nothing is missed between the two.
            let mut moved = pin!(lane.moved.notified());
            moved.as_mut().enable();
            let Some(due) = place.take() else { return Ok(()) };
            if due >= deadline {
                return Err(too_late(due));
            }
            if !std::mem::replace(&mut is_reported, true) {
                observer.waiting(call, WaitReason::Pacing, due.saturating_duration_since(Instant::now()));
            }
            // Either is a reason to look again.
            let _ = timeout_at(due, moved).await;
        }
    }

    /// Learns from a failure, if it is a rate limit.
    pub(super) fn learn(&self, operation: &'static Operation, key: u64, error: &Error) {
        let says_how_long = error.retry_after().is_some() || error.min_interval().is_some();
        if !self.settings.learns || error.kind() != ErrorKind::RateLimited || !says_how_long {
            return;
        }
        if let Some(lane) = self.lane((operation.id, key), true) {
            lane.pace().learn(error.retry_after(), error.min_interval(), self.settings.interval(operation));
            lane.moved.notify_waiters();
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

    /// When the next call may be made, by any caller.
    fn free(&self, now: Instant, set: Duration) -> Instant {
        let after_last = self.last.map(|last| later_than(last, self.interval(set)));
        [after_last, self.not_before].into_iter().flatten().fold(now, Instant::max)
    }

    /// Gives one who comes a time behind all who wait.
    fn join(&mut self, set: Duration) -> u64 {
        let free = self.free(Instant::now(), set);
        let behind = self.tail.map(|tail| later_than(tail, self.interval(set)));
        let time = behind.map_or(free, |behind| behind.max(free));
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        self.waiting.insert(ticket, time);
        self.tail = Some(time);
        ticket
    }

    /// Takes the turn of one who waits if it has come; otherwise, when it will. Who missed it goes to the end.
    fn take(&mut self, ticket: &mut u64, set: Duration) -> Option<Instant> {
        let now = Instant::now();
        let free = self.free(now, set);
        let mut due = self.waiting.get(ticket).copied().unwrap_or(now);
        if due <= now && free <= now {
            self.waiting.remove(ticket);
            self.last = Some(now);
            return None;
        }
        if later_than(due, self.interval(set)) <= now {
            self.waiting.remove(ticket);
            *ticket = self.join(set);
            due = self.waiting.get(ticket).copied().unwrap_or(now);
        }
        Some(due.max(free))
    }

    /// Gives all who wait the earliest times that there are, in their order.
    fn close_ranks(&mut self, set: Duration) {
        let now = Instant::now();
        let (interval, mut free) = (self.interval(set), self.free(now, set));
        self.tail = self.last;
        for time in self.waiting.values_mut().filter(|time| **time >= now) {
            *time = free;
            self.tail = Some(free);
            free = later_than(free, interval);
        }
    }

    fn learn(&mut self, retry_after: Option<Duration>, interval: Option<Duration>, set: Duration) {
        if let Some(interval) = interval {
            self.learned = Some((interval, later(MEMORY)));
        }
        let pause = later(retry_after.or(interval).unwrap_or_default().min(LONGEST_PAUSE));
        self.not_before = Some(self.not_before.map_or(pause, |time| time.max(pause)));
        self.close_ranks(set);
    }

    fn is_idle(&self) -> bool {
        let now = Instant::now();
        // With no more than the set interval to keep, its last call is of no interest after the time for which limits are remembered.
        let is_past = |time: Option<Instant>, memory| time.is_none_or(|time| later_than(time, memory) <= now);
        is_past(self.last, MEMORY)
            && is_past(self.not_before, Duration::ZERO)
            && is_past(self.learned.map(|(_, until)| until), Duration::ZERO)
    }
}

/// The place of one that waits in a lane. One that is given up leaves no gap.
struct Place<'lane> {
    lane: &'lane Lane,
    ticket: u64,
    set: Duration,
}

impl<'lane> Place<'lane> {
    fn in_lane(lane: &'lane Lane, set: Duration) -> Self {
        let ticket = lane.pace().join(set);
        Self { lane, ticket, set }
    }

    /// Takes the turn if it has come; otherwise, when it will.
    fn take(&mut self) -> Option<Instant> {
        self.lane.pace().take(&mut self.ticket, self.set)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut pace = self.lane.pace();
        if pace.waiting.remove(&self.ticket).is_some() {
            pace.close_ranks(self.set);
            drop(pace);
            self.lane.moved.notify_waiters();
        }
    }
}

fn too_late(soonest: Instant) -> Error {
    let wait = soonest.saturating_duration_since(Instant::now());
    let message =
        "calls of this operation are paced, and the turn of this one would come after its time is over";
    Error::new(ErrorKind::RateLimited, message).with_retry_after((!wait.is_zero()).then_some(wait))
}
