//! Instances: how they are set up.

mod live;

use std::collections::VecDeque;
use std::time::Duration;

use super::fields::{Fields, settable_fields};

pub(crate) use live::LiveInstance;

const DAY: Duration = Duration::from_secs(86_400);
/// How long a rented machine loads its image.
const LOADS: Duration = Duration::from_secs(60);
const LOADING: &str = "loading";
const RUNNING: &str = "running";
/// The status of an instance that was stopped.
const EXITED: &str = "exited";

/// An instance to put into the simulator: a rented machine, as *show instances* lists it.
///
/// ```
/// use vastai_mock::Instance;
///
/// let instance = Instance::new(312).label("training").gpus("RTX 5090", 2).dph_total(1.1);
/// let lost = Instance::new(313).actual_status("offline").field("status_msg", "host is gone");
/// # let _ = (instance, lost);
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Instance {
    id: u64,
    label: Option<String>,
    actual_status: String,
    /// The statuses that it will go through, each with how long the one before lasts.
    later: VecDeque<(Duration, String)>,
    gpu_name: String,
    num_gpus: u32,
    dph_total: f64,
    age: Duration,
    fields: Fields,
}

impl Instance {
    /// A running instance with one RTX 4090 and without a label.
    pub fn new(id: u64) -> Self {
        Self {
            id,
            label: None,
            actual_status: "running".to_owned(),
            later: VecDeque::new(),
            gpu_name: "RTX 4090".to_owned(),
            num_gpus: 1,
            dph_total: 0.4021,
            age: DAY,
            fields: Fields::default(),
        }
    }

    /// The label.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// What the instance is doing: `running`, `loading`, `exited`, … The clock does not change it unless [`then`](Self::then) says so.
    pub fn actual_status(mut self, status: impl Into<String>) -> Self {
        self.actual_status = status.into();
        self.later.clear();
        self
    }

    /// What it does after it has done for `lasts`, by the simulated clock, what was said before. Its own age does not count.
    ///
    /// ```
    /// use std::time::Duration;
    /// use vastai_mock::Instance;
    ///
    /// let dies = Instance::new(7)
    ///     .actual_status("loading")
    ///     .then(Duration::from_secs(40), "running")
    ///     .then(Duration::from_secs(10), "exited");
    /// # let _ = dies;
    /// ```
    pub fn then(mut self, lasts: Duration, status: impl Into<String>) -> Self {
        self.later.push_back((lasts, status.into()));
        self
    }

    /// The GPUs' name and number.
    pub fn gpus(mut self, name: impl Into<String>, count: u32) -> Self {
        (self.gpu_name, self.num_gpus) = (name.into(), count);
        self
    }

    /// The price with its disk, in dollars per hour.
    pub fn dph_total(mut self, dollars_per_hour: f64) -> Self {
        self.dph_total = dollars_per_hour;
        self
    }

    /// How long ago it was started when it is added. The default is a day.
    pub fn age(mut self, age: Duration) -> Self {
        self.age = age;
        self
    }
}

settable_fields!(Instance, fields);

impl Instance {
    /// A machine that was just rented: it loads its image, then it runs.
    pub(super) fn loading() -> Self {
        Self::new(0).actual_status(LOADING).then(LOADS, RUNNING).age(Duration::ZERO)
    }

    pub(super) fn rented_as(self, id: u64, label: Option<&str>) -> Self {
        Self { id, label: label.map(str::to_owned).or(self.label.clone()), ..self }
    }
}
