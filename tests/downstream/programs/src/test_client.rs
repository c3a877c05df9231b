//! A client of a simulator, for the tests.

use vastai::Client;
use vastai_mock::Simulator;

pub fn client_of(simulator: &Simulator) -> Client {
    let url = simulator.url();
    Client::builder().api_key(simulator.api_key()).console_url(url).run_url(url).build().unwrap()
}
