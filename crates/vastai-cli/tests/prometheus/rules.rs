//! The rules and the configuration of `monitoring/`, as Prometheus's own tool sees them.

use std::process::Command;

use crate::exporter::{installed, monitoring};

fn promtool(line: &[&str]) {
    let Some(promtool) = installed("promtool", &format!("promtool {}", line.join(" "))) else { return };
    let done = Command::new(promtool).args(line).current_dir(monitoring()).output().unwrap();
    let said = String::from_utf8([done.stdout, done.stderr].concat()).unwrap();
    assert!(done.status.success() && !said.contains("FAILED"), "{said}");
}

#[test]
fn rules_and_configuration_are_valid() {
    promtool(&["check", "rules", "vastai.rules.yml", "vastai.alerts.yml"]);
    promtool(&["check", "config", "prometheus.yml"]);
}

#[test]
fn alerts_are_raised_when_they_should_and_not_before() {
    promtool(&["test", "rules", "vastai.alerts.test.yml"]);
}
