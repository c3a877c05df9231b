//! A paused clock beside real sockets.
//!
//! A paused clock jumps to the next timer as soon as nothing is left to do, and a runtime that waits for a socket has nothing to do:
//! every time-out would fire at once. So the clock is let go only while no request is under way. Whoever waits between requests
//! (backoff, pacing, polling) takes no time; whoever waits for a response waits for it.

use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use vastai::observe::{CallInfo, Observer, Outcome, WaitReason};
use vastai::{Client, ClientBuilder};

/// Holds the clock while requests are under way, and remembers what it saw. For tests with `start_paused = true`.
#[derive(Clone, Default)]
pub(crate) struct Clock(Arc<Mutex<Seen>>);

#[derive(Default)]
struct Seen {
    under_way: usize,
    hold: Option<mpsc::Sender<()>>,
    events: Vec<Event>,
}

/// What happened to calls, in order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Event {
    Started { operation: String, attempt: u32 },
    Ended { attempt: u32, outcome: Outcome },
    Waited { reason: WaitReason, wait: Duration },
    Over { attempts: u32, outcome: Outcome },
}

impl Clock {
    /// A client under this clock.
    pub(crate) fn client(&self, builder: ClientBuilder) -> Client {
        builder.observer(self.clone()).build().unwrap()
    }

    pub(crate) fn events(&self) -> Vec<Event> {
        self.0.lock().unwrap().events.clone()
    }

    /// The waits for this reason, in order.
    pub(crate) fn waits(&self, wanted: WaitReason) -> Vec<Duration> {
        let waits = self.events().into_iter().filter_map(|event| match event {
            Event::Waited { reason, wait } if reason == wanted => Some(wait),
            _ => None,
        });
        waits.collect()
    }

    pub(crate) fn attempts(&self) -> usize {
        self.events().iter().filter(|event| matches!(event, Event::Started { .. })).count()
    }
}

impl Observer for Clock {
    fn attempt_started(&self, call: &CallInfo<'_>, attempt: u32) {
        let mut seen = self.0.lock().unwrap();
        seen.events.push(Event::Started { operation: call.operation.to_owned(), attempt });
        seen.under_way += 1;
        if seen.under_way == 1 {
            let (hold, until_dropped) = mpsc::channel::<()>();
            // The clock does not jump while a blocking task runs.
            tokio::task::spawn_blocking(move || until_dropped.recv());
            seen.hold = Some(hold);
        }
    }

    fn attempt_ended(&self, _call: &CallInfo<'_>, attempt: u32, outcome: &Outcome) {
        let mut seen = self.0.lock().unwrap();
        seen.events.push(Event::Ended { attempt, outcome: *outcome });
        seen.under_way -= 1;
        if seen.under_way == 0 {
            seen.hold = None;
        }
    }

    fn waiting(&self, _call: &CallInfo<'_>, reason: WaitReason, wait: Duration) {
        self.0.lock().unwrap().events.push(Event::Waited { reason, wait });
    }

    fn call_ended(&self, _call: &CallInfo<'_>, attempts: u32, outcome: &Outcome) {
        self.0.lock().unwrap().events.push(Event::Over { attempts, outcome: *outcome });
    }
}
