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
        let begin = Instant::now();
        let mut heard = begin;
        let mut was_reached = false;
        let mut seen = HashSet::new();
        while begin.elapsed() < LONGEST {
            match self.look().await {
                Ok(text) => {
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
                Err(error) if is_debugging => steps.note(&format!("{}: {error}", self.place.0)),
                Err(_) => {}
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
                        "{} cannot be reached for {seconds} seconds: see that its ports are open and forwarded",
                        self.place.0
                    ),
                });
            }
            sleep(INTERVAL).await;
        }
        Err(format!("the tests were not done after {} seconds", LONGEST.as_secs()))
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
