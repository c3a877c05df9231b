//! The phases of a worker's life.

use std::time::Duration;

/// Where a worker is in its life. The simulated clock moves it on:
///
/// | phase | status on the wire | lasts |
/// |---|---|---|
/// | `Created` | `CREATED` | 10 s |
/// | `Loading` | `LOADING` | 90 s |
/// | `ModelLoading` | `MODEL_LOADING` | 60 s |
/// | `Idle` | `IDLE` | until it is [set](crate::Simulator::set_phase) to another |
/// | `Stopping` | `STOPPING` | 20 s |
/// | `Stopped` | `STOPPED` | until it is set to another |
///
/// An idle worker takes requests, and stays idle when it has some: its load says so.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Phase {
    /// Rented, and not yet begun.
    Created,
    /// Pulling the image.
    Loading,
    /// Loading the model.
    ModelLoading,
    /// Ready for requests.
    Idle,
    /// On its way to `Stopped`.
    Stopping,
    /// Stopped; it can be started again.
    Stopped,
    /// A status of any other name, such as `ERROR`, which the clock does not end. It takes no
    /// requests.
    Fixed(String),
}

impl Phase {
    /// The status on the wire.
    pub fn status(&self) -> &str {
        match self {
            Self::Created => "CREATED",
            Self::Loading => "LOADING",
            Self::ModelLoading => "MODEL_LOADING",
            Self::Idle => "IDLE",
            Self::Stopping => "STOPPING",
            Self::Stopped => "STOPPED",
            Self::Fixed(status) => status,
        }
    }

    /// How long the phase lasts by the simulated clock; `None` if the clock does not end it.
    pub fn lasts(&self) -> Option<Duration> {
        self.next().map(|(lasts, _)| lasts)
    }

    pub(super) fn next(&self) -> Option<(Duration, Self)> {
        let (seconds, next) = match self {
            Self::Created => (10, Self::Loading),
            Self::Loading => (90, Self::ModelLoading),
            Self::ModelLoading => (60, Self::Idle),
            Self::Stopping => (20, Self::Stopped),
            Self::Idle | Self::Stopped | Self::Fixed(_) => return None,
        };
        Some((Duration::from_secs(seconds), next))
    }

    /// The phases that a worker in this one has behind it.
    pub(super) fn past(&self) -> &'static [Self] {
        static LIFE: [Phase; 6] = [
            Phase::Created,
            Phase::Loading,
            Phase::ModelLoading,
            Phase::Idle,
            Phase::Stopping,
            Phase::Stopped,
        ];
        LIFE.split(|phase| phase == self).next().filter(|past| past.len() < LIFE.len()).unwrap_or_default()
    }
}
