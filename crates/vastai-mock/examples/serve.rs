//! Serves the sample world, with a worker that takes requests, to a client in another process.
//!
//! The first line of output is where and with which key. After that, each line of input is answered with the requests that have come since
//! the last: an array of `{"method", "path", "status"}` in a line. It ends with its input.

use std::io::{self, BufRead as _, Write as _};
use std::time::Duration;

use serde_json::{Value, json};
use vastai_mock::{Endpoint, RecordedRequest, Simulator, Worker, WorkerReply, Workergroup};

/// The clock moves with each request, so that whoever waits and asks again gets somewhere.
const STEP: Duration = Duration::from_secs(30);
/// The only worker: others would be listed, and could not be reached.
const WORKER: i64 = 30_215_872;
/// Instances of the sample, for what only others bring about: another price, a backup.
const INSTANCES: [u64; 2] = [28_004_311, 28_004_313];

fn main() -> io::Result<()> {
    let group = Workergroup::new(4_242).worker(Worker::new(WORKER));
    let endpoint = Endpoint::new(12_345, "vLLM-Qwen3-8B").workergroup(group);
    let simulator = Simulator::builder().endpoint(endpoint).step(STEP).start_on_thread()?;
    let worker = simulator.serve_worker(WORKER)?;
    worker.reply_with(WorkerReply::Json(json!({ "text": "Hello" })));
    simulator.add_team_member(5, "c@example.com", "dev");
    for instance in INSTANCES {
        simulator.announce_price(instance, 1.1).map_err(io::Error::other)?;
        simulator.add_backup(instance);
    }
    let mut out = io::stdout().lock();
    writeln!(out, "{}", json!({ "url": simulator.url(), "key": simulator.api_key() }))?;
    out.flush()?;
    let (mut seen, mut seen_by_worker) = (0, 0);
    for line in io::stdin().lock().lines() {
        line?;
        let (requests, to_worker) = (simulator.requests(), worker.requests());
        let new = requests.iter().skip(seen).chain(to_worker.iter().skip(seen_by_worker));
        writeln!(out, "{}", new.map(shown).collect::<Value>())?;
        out.flush()?;
        (seen, seen_by_worker) = (requests.len(), to_worker.len());
    }
    Ok(())
}

fn shown(request: &RecordedRequest) -> Value {
    json!({
        "method": request.method().as_str(),
        "path": request.path(),
        "status": request.answered_with().map(|status| status.as_u16()),
    })
}
