//! What the tests on a machine say: lines of a text that the instance serves by HTTPS.

use std::collections::HashSet;
use std::net::IpAddr;
use std::time::Duration;

use tokio::time::{Instant, sleep};
use vastai::Instance;
use vastai::reqwest::{Client, Url};

use crate::progress::Steps;

/// The port of the container on which the tests say how far they are.
pub(super) const PORT: u16 = 5000;
/// Between two looks.
const INTERVAL: Duration = Duration::from_secs(5);
/// For how long a look may take.
const ATTEMPT: Duration = Duration::from_secs(10);
/// For how long the tests may say nothing at all.
const SILENCE: Duration = Duration::from_secs(120);
/// For how long the tests may go on.
const LONGEST: Duration = Duration::from_secs(600);
/// What is read of a response, and how many different lines are told apart: all of it comes from the machine.
const MOST_BYTES: usize = 256 * 1024;
const MOST_LINES: usize = 10_000;

/// Where an instance serves what its tests say.
pub(super) struct Place(Url);

impl Place {
    /// `None` where the port is not open.
    pub(super) fn of(instance: &Instance) -> Option<Self> {
        let address: IpAddr = instance.public_ipaddr.as_deref()?.trim().parse().ok()?;
        let bindings = instance.ports.as_ref()?.get(&format!("{PORT}/tcp"))?.as_ref()?;
        let port = bindings.iter().find_map(|binding| u16::try_from(binding.host_port?).ok())?;
        let host = match address {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => format!("[{address}]"),
        };
        Url::parse(&format!("https://{host}:{port}/progress")).ok().map(Self)
    }
}

/// Tests that go on.
pub(super) struct Trial {
    place: Place,
    http: Client,
}

impl Trial {
    pub(super) fn new(place: Place) -> Result<Self, String> {
        // The machine makes its certificate itself, and nothing secret goes there.
        let builder = vastai_api::http_client_builder().danger_accept_invalid_certs(true).timeout(ATTEMPT);
        let http = builder.build().map_err(|error| format!("no HTTP client can be made: {error}"))?;
        Ok(Self { place, http })
    }

    /// Follows what the tests say until they are done; why they failed, if they did.
    pub(super) async fn followed(
        &self,
        is_there: impl AsyncFn() -> bool,
        steps: &Steps,
        is_debugging: bool,
    ) -> Result<(), String> {
        let look = async || {
            let said = self.look().await;
            if let Err(error) = said.as_ref()
                && is_debugging
            {
                steps.note(&format!("{}: {error}", self.place.0));
            }
            said.ok()
        };
        followed(self.place.0.as_str(), look, is_there, steps).await
    }

    async fn look(&self) -> Result<String, String> {
        let said = |error: vastai::reqwest::Error| error.without_url().to_string();
        let mut response = self.http.get(self.place.0.clone()).send().await.map_err(said)?;
        if !response.status().is_success() {
            return Err(format!("status {}", response.status()));
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(said)? {
            bytes.extend_from_slice(
                chunk.get(..chunk.len().min(MOST_BYTES - bytes.len())).unwrap_or_default(),
            );
            if bytes.len() == MOST_BYTES {
                break;
            }
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// Follows what looks at a place find, where they find anything, until the tests there are done; why they failed, if they did.
async fn followed(
    place: &str,
    look: impl AsyncFn() -> Option<String>,
    is_there: impl AsyncFn() -> bool,
    steps: &Steps,
) -> Result<(), String> {
    let begin = Instant::now();
    let mut heard = begin;
    let mut was_reached = false;
    let mut seen = HashSet::new();
    while begin.elapsed() < LONGEST {
        if let Some(text) = look().await {
            was_reached = true;
            if !text.trim().is_empty() {
                heard = Instant::now();
            }
            for line in text.lines().map(str::trim_end).filter(|line| !line.is_empty()) {
                match line {
                    "DONE" => return Ok(()),
                    line if line.starts_with("ERROR") => return Err(line.to_owned()),
                    line => {
                        if seen.len() < MOST_LINES && seen.insert(line.to_owned()) {
                            steps.note(&format!("machine: {line}"));
                        }
                    }
                }
            }
        }
        if !is_there().await {
            return Err("the instance is gone, or went offline, while it was tested".to_owned());
        }
        if heard.elapsed() >= SILENCE {
            let seconds = SILENCE.as_secs();
            return Err(match was_reached {
                true => format!(
                    "the tests have said nothing for {seconds} seconds: they, or the machine, may have crashed"
                ),
                false => format!(
                    "{place} cannot be reached for {seconds} seconds: see that its ports are open and forwarded"
                ),
            });
        }
        sleep(INTERVAL).await;
    }
    Err(format!("the tests were not done after {} seconds", LONGEST.as_secs()))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// What comes of tests that say this after so many seconds, and how many seconds it takes, by a clock that goes on when all wait.
    async fn told(says: impl Fn(u64) -> Option<&'static str>) -> (Result<(), String>, u64) {
        let begin = Instant::now();
        let look = async || says(begin.elapsed().as_secs()).map(str::to_owned);
        let steps = Steps::begin("", true);
        let came = followed("https://203.0.113.7:5000/progress", look, async || true, &steps).await;
        (came, begin.elapsed().as_secs())
    }

    #[tokio::test(start_paused = true)]
    async fn a_machine_that_is_never_reached_fails_after_two_minutes() {
        let (came, seconds) = told(|_| None).await;
        assert_eq!(
            came.unwrap_err(),
            "https://203.0.113.7:5000/progress cannot be reached for 120 seconds: see that its ports are open and forwarded"
        );
        assert_eq!(seconds, 120);
        let (came, seconds) = told(|at| (at >= 115).then_some("DONE")).await;
        assert_eq!((came, seconds), (Ok(()), 115));
    }

    #[tokio::test(start_paused = true)]
    async fn tests_that_fall_silent_fail_two_minutes_after_their_last_word() {
        for after in ["", " \n\n"] {
            let (came, seconds) = told(|at| Some(if at < 60 { "starting" } else { after })).await;
            assert!(
                came.unwrap_err().starts_with("the tests have said nothing for 120 seconds"),
                "{after:?}"
            );
            assert_eq!(seconds, 175, "{after:?}");
        }
        let (came, seconds) = told(|at| (at == 0).then_some("starting")).await;
        assert!(came.unwrap_err().starts_with("the tests have said nothing for 120 seconds"));
        assert_eq!(seconds, 120);
        // Words in between begin the time anew.
        let (came, seconds) =
            told(|at| (at % 100 == 0).then_some(if at < 500 { "going on" } else { "DONE" })).await;
        assert_eq!((came, seconds), (Ok(()), 500));
    }

    #[tokio::test(start_paused = true)]
    async fn tests_that_go_on_without_end_fail_after_ten_minutes() {
        let (came, seconds) = told(|_| Some("going on")).await;
        assert_eq!(came.unwrap_err(), "the tests were not done after 600 seconds");
        assert_eq!(seconds, 600);
        let (came, seconds) = told(|at| Some(if at < 595 { "going on" } else { "DONE" })).await;
        assert_eq!((came, seconds), (Ok(()), 595));
    }

    #[tokio::test(start_paused = true)]
    async fn an_instance_that_is_gone_ends_the_test_at_once() {
        let looks = Cell::new(0);
        let look = async || {
            looks.set(looks.get() + 1);
            Some("going on".to_owned())
        };
        let came = followed("x", look, async || looks.get() < 3, &Steps::begin("", true)).await;
        assert!(came.unwrap_err().starts_with("the instance is gone"));
        assert_eq!(looks.get(), 3);
    }
}
