//! Fields by their names: what a column of them is called, in which unit, and how their values are written. A field that is not here is
//! written by what its value is, under its own name.

use std::time::Duration;

use serde_json::Value;

use crate::workers::in_words;

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// As it is; of a fraction so much as can be read.
    Plain,
    /// A state, which has a colour.
    State,
    /// A number with so many decimals.
    Decimals(usize),
    /// A share from 0 to 1, as percent.
    Share,
    /// Megabytes as gigabytes. Those of the service are 2^20 bytes: a card with 24 GB has 24576.
    Gigabytes,
    /// Seconds as a span.
    Seconds,
    /// Minutes as a span.
    Minutes,
    /// Seconds since the Unix epoch.
    Time,
}

use Style::{Decimals, Gigabytes, Minutes, Plain, Seconds, Share, State, Time};

/// Names, heads and styles.
const FIELDS: &[(&str, &str, Style)] = &[
    ("actual_status", "STATUS", State),
    ("amount", "AMOUNT $", Decimals(2)),
    ("balance", "BALANCE $", Decimals(2)),
    ("cold_mult", "COLD MULT", Decimals(1)),
    ("cold_workers", "COLD", Plain),
    ("cpu_cores", "CPUS", Decimals(0)),
    ("cpu_cores_effective", "CPUS", Decimals(1)),
    ("cpu_ram", "RAM GB", Gigabytes),
    ("cpu_util", "CPU %", Decimals(0)),
    ("created_at", "CREATED UTC", Time),
    ("credit", "CREDIT $", Decimals(2)),
    ("cuda_max_good", "CUDA", Decimals(1)),
    ("deleted_at", "DELETED UTC", Time),
    ("disk_bw", "DISK MB/S", Decimals(0)),
    ("disk_space", "DISK GB", Decimals(1)),
    ("disk_usage", "USED GB", Decimals(1)),
    ("dlperf", "DLPERF", Decimals(1)),
    ("dlperf_per_dphtotal", "DLPERF/$", Decimals(1)),
    ("dph_base", "GPU $/H", Decimals(4)),
    ("dph_total", "$/H", Decimals(4)),
    ("driver_version", "DRIVER", Plain),
    ("duration", "MAX DURATION", Seconds),
    ("end", "END UTC", Time),
    ("end_date", "END UTC", Time),
    ("client_end_date", "RENTED UNTIL UTC", Time),
    ("endpoint_name", "NAME", Plain),
    ("endpoint_state", "STATE", State),
    ("geolocation", "WHERE", Plain),
    ("gpu_lanes", "LANES", Plain),
    ("gpu_mem_bw", "VRAM GB/S", Decimals(0)),
    ("gpu_name", "GPU", Plain),
    ("gpu_occupancy", "OCCUPANCY", Plain),
    ("gpu_ram", "VRAM GB", Gigabytes),
    ("gpu_temp", "GPU °C", Decimals(0)),
    ("gpu_total_ram", "ALL VRAM GB", Gigabytes),
    ("gpu_totalram", "ALL VRAM GB", Gigabytes),
    ("gpu_util", "GPU %", Decimals(0)),
    ("image_uuid", "IMAGE", Plain),
    ("inet_down", "DOWN MBIT/S", Decimals(0)),
    ("inet_up", "UP MBIT/S", Decimals(0)),
    ("inet_down_cost", "DOWN $/GB", Decimals(4)),
    ("inet_up_cost", "UP $/GB", Decimals(4)),
    ("intended_status", "INTENDED", State),
    ("is_bid", "BID", Plain),
    ("listed_gpu_cost", "LISTED $/H", Decimals(4)),
    ("machine_id", "MACHINE", Plain),
    ("max_workers", "MAX", Plain),
    ("mem_limit", "RAM LIMIT GB", Decimals(1)),
    ("mem_usage", "RAM USED GB", Decimals(1)),
    ("min_bid", "MIN BID $/H", Decimals(4)),
    ("min_load", "MIN LOAD/S", Decimals(1)),
    ("num_gpus", "GPUS", Plain),
    ("pcie_bw", "PCIE GB/S", Decimals(1)),
    ("public_ipaddr", "ADDRESS", Plain),
    ("reliability", "RELIAB %", Share),
    ("reliability2", "RELIAB %", Share),
    ("score", "SCORE", Decimals(1)),
    ("ssh_host", "SSH HOST", Plain),
    ("ssh_port", "SSH PORT", Plain),
    ("start", "START UTC", Time),
    ("start_date", "SINCE UTC", Time),
    ("status", "STATUS", State),
    ("storage_cost", "$/GB/MONTH", Decimals(3)),
    ("storage_total_cost", "DISK $/H", Decimals(4)),
    ("target_util", "TARGET %", Share),
    ("timestamp", "TIME UTC", Time),
    ("total_flops", "TFLOPS", Decimals(1)),
    ("type", "TYPE", Plain),
    ("uptime_mins", "UP", Minutes),
    ("verification", "VERIFICATION", State),
    ("when", "TIME UTC", Time),
];

/// The head of a column of a field, where it has one that is not its name, and how its values are written.
pub(super) fn of(name: &str) -> (Option<&'static str>, Style) {
    match FIELDS.iter().find(|(known, _, _)| *known == name) {
        Some((_, head, style)) => (Some(head), *style),
        None if name.ends_with("_at") || name.ends_with("_date") => (None, Time),
        None => (None, Plain),
    }
}

/// The unit of a field, where the head of its column ends in one: `GB`, `$/h`.
pub(super) fn unit(name: &str) -> Option<&'static str> {
    const UNITS: [(&str, &str); 10] = [
        ("$", "$"),
        ("$/GB", "$/GB"),
        ("$/GB/MONTH", "$/GB/month"),
        ("$/H", "$/h"),
        ("%", "%"),
        ("GB", "GB"),
        ("GB/S", "GB/s"),
        ("MB/S", "MB/s"),
        ("MBIT/S", "Mbit/s"),
        ("°C", "°C"),
    ];
    let last = of(name).0?.rsplit(' ').next()?;
    UNITS.iter().find(|(head, _)| *head == last).map(|(_, unit)| *unit)
}

/// The field that a person means by this name, which may be the head of its column.
pub(super) fn named<'fields>(
    name: &str,
    mut fields: impl Iterator<Item = &'fields str> + Clone,
) -> Option<&'fields str> {
    let is_head = |field: &&str| of(field).0.is_some_and(|head| head.eq_ignore_ascii_case(name));
    fields.clone().find(|field| field.eq_ignore_ascii_case(name)).or_else(|| fields.find(is_head))
}

impl Style {
    /// Whether cells stand at the right, where all values are numbers.
    pub(super) fn is_of_numbers(self) -> bool {
        !matches!(self, State)
    }

    /// A number in this style; `None` where it is no number that the style is for.
    pub(super) fn written(self, value: &Value) -> Option<String> {
        let number = value.as_f64()?;
        match self {
            State => None,
            Plain if value.is_f64() => Some(rounded(number)),
            Plain => Some(value.to_string()),
            Decimals(decimals) => Some(format!("{number:.decimals$}")),
            Share => Some(format!("{:.2}", number * 100.0)),
            Gigabytes => Some(format!("{:.1}", number / 1024.0)),
            Seconds => Duration::try_from_secs_f64(number).ok().map(in_words),
            Minutes => Duration::try_from_secs_f64(number * 60.0).ok().map(in_words),
            Time => super::time(number).map(|time| time.trim_end_matches('Z').chars().take(16).collect()),
        }
    }
}

/// A fraction with three decimals at most: what is behind them is an accident of the computation.
fn rounded(number: f64) -> String {
    if number != 0.0 && number.abs() < 0.001 || number.abs() >= 1e15 {
        return number.to_string();
    }
    let text = format!("{number:.3}");
    let short = text.trim_end_matches('0');
    if short.ends_with('.') { format!("{short}0") } else { short.to_owned() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_in_the_unit_of_their_head() {
        let written = |name: &str, value: Value| of(name).1.written(&value).unwrap_or_default();
        assert_eq!(written("gpu_ram", json!(24_576)), "24.0");
        assert_eq!(written("dph_total", json!(0.8)), "0.8000");
        assert_eq!(written("reliability", json!(0.9951)), "99.51");
        assert_eq!(written("duration", json!(7_776_000.0)), "90d 0h");
        assert_eq!(written("uptime_mins", json!(61.0)), "1h 1m");
        assert_eq!(written("start_date", json!(1_784_712_600.25)), "2026-07-22 09:30");
        assert_eq!(written("fresh_at", json!(1_784_712_600)), "2026-07-22 09:30");
        assert_eq!(written("score", json!(666.666_666_7)), "666.7");
        assert_eq!(written("of_no_style", json!(0.1 + 0.2)), "0.3");
        assert_eq!(written("of_no_style", json!(1_000.0)), "1000.0");
        assert_eq!(written("of_no_style", json!(7)), "7");
        assert_eq!(written("status", json!(7)), "");
        assert_eq!(written("duration", json!(-1.0)), "");
    }

    #[test]
    fn each_field_is_there_once() {
        let mut names: Vec<&str> = FIELDS.iter().map(|(name, _, _)| *name).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
