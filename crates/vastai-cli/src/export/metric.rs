//! Metrics with their samples, and the two forms of text in which Prometheus takes them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, NoLabelSet, prometheus_text, text};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::exemplar::Exemplar;
use prometheus_client::registry::{Registry, Unit};
use vastai_spec::visible::is_hidden;

/// How many characters of a string of others become the value of a label.
const LONGEST_LABEL: usize = 80;

/// How many samples a metric has at most: what is beyond is counted, and left out. A fleet of 50,000 workers needs several exporters.
const MOST_SAMPLES: usize = 50_000;

/// What is measured: its name without the unit, which the text puts behind it, and what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Metric {
    name: &'static str,
    unit: &'static str,
    help: &'static str,
    is_counter: bool,
}

impl Metric {
    /// A value that goes up and down. Without a unit, that is empty.
    pub(super) const fn gauge(name: &'static str, unit: &'static str, help: &'static str) -> Self {
        Self { name, unit, help, is_counter: false }
    }

    /// A value that only grows; the text puts `_total` behind its name.
    pub(super) const fn counter(name: &'static str, help: &'static str) -> Self {
        Self { name, unit: "", help, is_counter: true }
    }
}

/// Names and values, shared by all samples of one thing. The values of others have gone through [`value`].
pub(super) type Labels = Arc<Vec<(&'static str, String)>>;

/// Labels of names and values.
pub(super) fn labels<const N: usize>(pairs: [(&'static str, String); N]) -> Labels {
    Arc::new(pairs.into())
}

/// A string of others as the value of a label: on one line, without characters that a terminal obeys or does not show, and not too long.
pub(super) fn value(text: &str) -> String {
    let clean = text.trim().chars().map(|it| if is_hidden(it) || it.is_whitespace() { ' ' } else { it });
    clean.take(LONGEST_LABEL).collect::<String>().trim_end().to_owned()
}

/// As [`value`], of what may be missing; empty, which for Prometheus is the same as no label, where it is.
pub(super) fn value_of(text: Option<&str>) -> String {
    text.map_or_else(String::new, value)
}

/// A number of things as the value of a sample; none for what cannot be one, such as -1.
pub(super) fn count(things: impl TryInto<u32>) -> Option<f64> {
    things.try_into().map(f64::from).ok()
}

/// Metrics by their names, each with its samples.
#[derive(Debug, Default)]
pub(super) struct Families {
    by_name: BTreeMap<(&'static str, &'static str), Family>,
    left_out: u32,
}

#[derive(Debug)]
struct Family {
    metric: Metric,
    /// Each set of labels once: Prometheus refuses a text that has one twice, and ids of others need not be distinct.
    samples: BTreeMap<Labels, f64>,
}

impl Families {
    /// Adds a sample; without a value, or with one that is no number, there is none.
    pub(super) fn set(&mut self, metric: Metric, labels: &Labels, value: impl Into<Option<f64>>) {
        let Some(value) = value.into().filter(|value| value.is_finite()) else { return };
        let family = self.by_name.entry((metric.name, metric.unit));
        let family = family.or_insert_with(|| Family { metric, samples: BTreeMap::new() });
        if family.samples.len() < MOST_SAMPLES || family.samples.contains_key(labels) {
            // An empty sum is -0, which nobody wants to read.
            family.samples.insert(Arc::clone(labels), value + 0.0);
        } else {
            self.left_out = self.left_out.saturating_add(1);
        }
    }

    /// Adds a sample, and once more by another name where there is one.
    pub(super) fn set_also(
        &mut self,
        metric: Metric,
        also: Option<Metric>,
        labels: &Labels,
        value: impl Into<Option<f64>>,
    ) {
        let value = value.into();
        for metric in [Some(metric), also].into_iter().flatten() {
            self.set(metric, labels, value);
        }
    }

    /// How many samples there were no places for.
    pub(super) const fn left_out(&self) -> u32 {
        self.left_out
    }

    /// Adds a sample that is 1 for yes and 0 for no.
    pub(super) fn flag(&mut self, metric: Metric, labels: &Labels, value: impl Into<Option<bool>>) {
        self.set(metric, labels, value.into().map(|value| f64::from(u8::from(value))));
    }
}

/// The forms of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Text {
    /// OpenMetrics 1.0, with units.
    OpenMetrics,
    /// Version 0.0.4 of Prometheus's own form, which every release reads.
    Prometheus,
}

impl Text {
    /// What a client gets that accepts these types.
    pub(super) fn accepted(accept: Option<&str>) -> Self {
        match accept {
            Some(accept) if accept.contains("application/openmetrics-text") => Self::OpenMetrics,
            _ => Self::Prometheus,
        }
    }

    pub(super) const fn content_type(self) -> &'static str {
        match self {
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::Prometheus => "text/plain; version=0.0.4; charset=utf-8",
        }
    }

    /// Writes the metrics. No metric may be in two of the parts.
    pub(super) fn write(self, parts: Vec<Arc<Families>>) -> Result<String, fmt::Error> {
        let mut registry = Registry::default();
        registry.register_collector(Box::new(Parts(parts)));
        let mut written = String::new();
        match self {
            Self::OpenMetrics => text::encode(&mut written, &registry)?,
            Self::Prometheus => prometheus_text::encode(&mut written, &registry)?,
        }
        Ok(written)
    }
}

#[derive(Debug)]
struct Parts(Vec<Arc<Families>>);

impl Collector for Parts {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        for Family { metric, samples } in self.0.iter().flat_map(|part| part.by_name.values()) {
            let unit = (!metric.unit.is_empty()).then(|| Unit::Other(metric.unit.to_owned()));
            let kind = if metric.is_counter { MetricType::Counter } else { MetricType::Gauge };
            let mut family = encoder.encode_descriptor(metric.name, metric.help, unit.as_ref(), kind)?;
            for (labels, value) in samples {
                let mut sample = family.encode_family(labels.as_ref())?;
                if metric.is_counter {
                    sample.encode_counter(value, None::<&Exemplar<NoLabelSet, f64>>)?;
                } else {
                    sample.encode_gauge(value)?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_say_cannot_break_the_text_nor_fill_it() {
        assert_eq!(value(" a\nb\u{1b}[2J\u{202e}\tc\0 "), "a b [2J  c");
        assert_eq!(value(&"x".repeat(10_000)).len(), LONGEST_LABEL);
        let metric = Metric::gauge("test_price", "dollars", "A price");
        let mut families = Families::default();
        families.set(metric, &labels([("label", value("\"} 1\nevil{a=\"\\"))]), 1.5);
        families.set(metric, &labels([]), f64::NAN);
        families.set(metric, &labels([]), None);
        let written = Text::Prometheus.write(vec![Arc::new(families)]).unwrap();
        expect_test::expect![[r#"
            # HELP test_price_dollars A price
            # TYPE test_price_dollars gauge
            test_price_dollars{label="\"} 1 evil{a=\"\\"} 1.5
        "#]]
        .assert_eq(&written);
    }
}
