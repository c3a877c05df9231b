//! The real Prometheus scrapes the exporter, which polls a simulator with faults; what the dashboard asks has an answer.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;
use vastai_mock::{Fault, FaultPlan, Instance, Offer, RateLimitForm, Simulator};

use crate::exporter::{Exporter, get_raw, installed, monitoring, until};

struct Prometheus {
    child: Child,
    address: SocketAddr,
    _folder: TempDir,
}

impl Prometheus {
    /// Scrapes this exporter every second, with the rules of `monitoring/`.
    fn of(exporter: &Exporter) -> Option<Self> {
        let program = installed("prometheus", "the scrape by Prometheus")?;
        let folder = TempDir::new().unwrap();
        let rules = monitoring().canonicalize().unwrap();
        let config = format!(
            "global: {{ scrape_interval: 1s, evaluation_interval: 1s }}\n\
             rule_files: ['{rules}/vastai.rules.yml', '{rules}/vastai.alerts.yml']\n\
             scrape_configs:\n\
             - job_name: vastai\n  static_configs: [{{ targets: ['{address}'] }}]\n\
             - job_name: discovered\n  scrape_interval: 1h\n  http_sd_configs: [{{ url: 'http://{address}/sd/endpoints', refresh_interval: 1s }}]\n",
            rules = rules.display(),
            address = exporter.address(),
        );
        let file = folder.path().join("prometheus.yml");
        fs::write(&file, config).unwrap();
        // Free a moment ago; nobody else asks for this one.
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let child = Command::new(program)
            .arg(format!("--config.file={}", file.display()))
            .arg(format!("--storage.tsdb.path={}", folder.path().join("data").display()))
            .arg(format!("--web.listen-address={address}"))
            .stdout(Stdio::null())
            .stderr(fs::File::create(folder.path().join("stderr")).unwrap())
            .spawn()
            .unwrap();
        let started = Self { child, address, _folder: folder };
        until("Prometheus", || started.get("/-/ready"));
        Some(started)
    }

    fn get(&self, path: &str) -> Option<String> {
        std::net::TcpStream::connect(self.address).ok()?;
        // HTTP/1.0, so that it is not answered in chunks.
        let page = get_raw(self.address, &format!("GET {path} HTTP/1.0\r\nHost: prometheus\r\n\r\n"));
        (page.status == 200).then_some(page.body)
    }

    /// The samples of a query now.
    fn query(&self, query: &str) -> Vec<Value> {
        let encoded: String = query.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let body = self.get(&format!("/api/v1/query?query={encoded}"));
        let body = body.unwrap_or_else(|| panic!("Prometheus refuses {query}"));
        let answer: Value = serde_json::from_str(&body).unwrap();
        answer["data"]["result"].as_array().unwrap().clone()
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn dashboard() -> Value {
    let text = fs::read_to_string(monitoring().join("dashboard.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The metrics and the labels that the dashboard's variables take their values of.
fn variables() -> Vec<(String, String)> {
    let dashboard = dashboard();
    let queries = dashboard["templating"]["list"].as_array().unwrap().iter();
    let queries = queries.filter_map(|variable| variable["query"]["query"].as_str());
    let parts = queries.map(|query| query.strip_prefix("label_values(")?.strip_suffix(')')?.split_once(", "));
    parts.map(|parts| parts.map(|(metric, label)| (metric.to_owned(), label.to_owned())).unwrap()).collect()
}

/// The queries of the dashboard with its variables as wide as they go.
fn queries() -> Vec<String> {
    let dashboard = dashboard();
    let panels = dashboard["panels"].as_array().unwrap().iter();
    let targets = panels.filter_map(|panel| panel["targets"].as_array()).flatten();
    let filled = |query: &str| {
        query.replace("$__rate_interval", "10s").replace("$endpoint", ".*").replace("$gpu", ".*")
    };
    targets.map(|target| filled(target["expr"].as_str().unwrap())).collect()
}

/// The sample world, in which somebody is outbid, with requests that fail in turn.
fn failing_world() -> Simulator {
    let outbid = Instance::new(99).actual_status("exited").field("is_bid", true).field("dph_base", 0.1);
    let rented = Offer::new(14_000_100).field("rentable", false).field("min_bid", 0.2);
    let world = Simulator::builder().instance(outbid.field("min_bid", 0.3)).offer(rented);
    let simulator = world.start_on_thread().unwrap();
    let plan = FaultPlan::seeded(11)
        .healthy(80)
        .fault(5, Fault::status(503))
        .fault(5, Fault::half_body())
        .fault(5, Fault::cut_before_effect())
        .fault(5, Fault::too_many_requests(RateLimitForm::Json { retry_after: 1 }));
    simulator.plan_faults(plan).unwrap();
    simulator
}

#[test]
fn prometheus_scrapes_it_and_each_query_of_the_dashboard_has_data() {
    let simulator = failing_world();
    let line = ["--interval", "1", "--host", "--market", "--market-interval", "1", "--compat", "500farm"];
    let exporter = Exporter::of(&simulator, &line).filled();
    let Some(prometheus) = Prometheus::of(&exporter) else { return };

    until("a scrape", || (!prometheus.query("up{job=\"vastai\"} == 1").is_empty()).then_some(()));
    // Not once was a scrape refused, whatever the service did.
    let queries = queries();
    assert!(queries.len() > 25, "{queries:?}");
    assert!(queries.iter().all(|query| !query.contains('$')), "a variable has no value: {queries:?}");
    for query in queries {
        until(&format!("an answer to {query}"), || (!prometheus.query(&query).is_empty()).then_some(()));
    }
    let variables = variables();
    assert_eq!(variables.len(), 2, "{variables:?}");
    for (metric, label) in variables {
        let values = prometheus.get(&format!("/api/v1/label/{label}/values?match[]={metric}")).unwrap();
        let values: Value = serde_json::from_str(&values).unwrap();
        assert!(
            values["data"].as_array().is_some_and(|values| !values.is_empty()),
            "{metric}, {label}: {values}"
        );
    }
    assert_eq!(prometheus.query("min_over_time(up{job=\"vastai\"}[5m]) < 1"), Vec::<Value>::new());
    let outbid = "ALERTS{alertname=\"VastaiInstanceOutbid\",instance_id=\"99\"}";
    until("an alert", || (!prometheus.query(outbid).is_empty()).then_some(()));
    until("targets", || {
        let targets = prometheus.get("/api/v1/targets?state=active")?;
        (targets.contains("__meta_vastai_worker_id") && targets.contains("__meta_vastai_container_port"))
            .then_some(())
    });
}
