//! What a machine has to have before it is tested, by its offer, and with which image it is.

use std::fmt;

use serde_json::{Value, json};

/// Something that is required, and what the offer has.
pub(super) struct Check {
    id: &'static str,
    title: &'static str,
    actual: f64,
    required: f64,
    /// Whether as much as is required is enough.
    is_enough: bool,
    unit: &'static str,
}

impl Check {
    pub(super) fn is_met(&self) -> bool {
        if self.is_enough { self.actual >= self.required } else { self.actual > self.required }
    }

    pub(super) fn to_json(&self) -> Value {
        json!({ "id": self.id, "status": if self.is_met() { "pass" } else { "fail" }, "actual": self.actual,
            "required": self.required, "operator": self.operator(), "unit": self.unit })
    }

    fn operator(&self) -> &'static str {
        if self.is_enough { ">=" } else { ">" }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rounded = |number: f64| (number * 100.0).round() / 100.0;
        let Self { title, unit, .. } = self;
        let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
        let (actual, required) = (rounded(self.actual), rounded(self.required));
        write!(formatter, "{title} {actual}{unit}, required {} {required}{unit}", self.operator())
    }
}

/// The requirements of an offer. What it does not say is 0.
pub(super) fn of(offer: &Value) -> Vec<Check> {
    const MIB_OF_GIB: f64 = 1_024.0;
    /// Machines with more memory on their GPUs need no more memory of their own than this, in MiB.
    const MOST_MEMORY: f64 = 2_000_000.0;
    let number = |name: &str| {
        let value = offer.get(name);
        value.and_then(|value| value.as_f64().or_else(|| value.as_str()?.parse().ok())).unwrap_or_default()
    };
    let (gpus, on_gpus) = (number("num_gpus").floor(), number("gpu_total_ram"));
    let of_one = match (on_gpus > 0.0 && gpus > 0.0, number("gpu_ram")) {
        (true, _) => on_gpus / gpus / MIB_OF_GIB,
        (false, ram) if ram >= MIB_OF_GIB => ram / MIB_OF_GIB,
        (false, ram) => ram,
    };
    // 500 Mb/s for 192 GiB on its GPUs.
    let speed = (500.0 * on_gpus / MIB_OF_GIB / 192.0).clamp(100.0, 500.0);
    let at_least =
        |id, title, actual, required, unit| Check { id, title, actual, required, is_enough: true, unit };
    let more =
        |id, title, actual, required, unit| Check { id, title, actual, required, is_enough: false, unit };
    vec![
        at_least("cuda.version", "CUDA", number("cuda_max_good"), 11.8, ""),
        more("reliability", "reliability", number("reliability"), 0.90, ""),
        at_least(
            "network.direct_ports",
            "direct ports",
            number("direct_port_count"),
            3.0 * gpus.max(1.0),
            "",
        ),
        more("pcie.bandwidth", "PCIe", number("pcie_bw"), 2.85, "GB/s"),
        at_least("network.download", "download", number("inet_down"), speed, "Mb/s"),
        at_least("network.upload", "upload", number("inet_up"), speed, "Mb/s"),
        more("gpu.ram", "memory of a GPU", of_one, 7.0, "GiB"),
        at_least("system.ram", "memory", number("cpu_ram"), (0.95 * on_gpus).min(MOST_MEMORY), "MiB"),
        at_least("cpu.cores", "CPU cores", number("cpu_cores").floor(), 2.0 * gpus, ""),
    ]
}

/// The image with the tests: the newest that the machine's driver runs. Cards before Volta (compute capability 7.0) run the oldest alone, and
/// Volta itself none that is newer than 12.8.
pub(super) fn image(offer: &Value) -> Option<String> {
    const VERSIONS: [(f64, &str); 4] = [(13.3, "13.3"), (13.0, "13.0"), (12.8, "12.8"), (11.8, "11.8")];
    let number = |name: &str| offer.get(name).and_then(Value::as_f64);
    let cuda = number("cuda_max_good")?;
    let newest = match number("compute_cap") {
        Some(capability) if capability < 700.0 => 11.8,
        Some(capability) if capability < 750.0 => cuda.min(12.8),
        _ => cuda,
    };
    let (_, version) = VERSIONS.into_iter().find(|(version, _)| *version <= newest)?;
    Some(format!("vastai/test:self-test-v2-cuda-{version}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> Value {
        json!({"cuda_max_good": 12.9, "compute_cap": 890, "reliability": 0.99, "direct_port_count": 6, "pcie_bw": 12.0, "inet_down": 700.0,
            "inet_up": 700.0, "num_gpus": 2, "gpu_ram": 24564, "gpu_total_ram": 49128, "cpu_ram": 128000, "cpu_cores": 32})
    }

    fn unmet(name: &str, value: Value) -> Vec<String> {
        let mut offer = good();
        offer[name] = value;
        of(&offer).iter().filter(|check| !check.is_met()).map(ToString::to_string).collect()
    }

    #[test]
    fn each_requirement_can_fail_alone() {
        assert!(of(&good()).iter().all(Check::is_met));
        for (name, value, said) in [
            ("cuda_max_good", json!(11.7), "CUDA 11.7, required >= 11.8"),
            ("reliability", json!(0.9), "reliability 0.9, required > 0.9"),
            ("direct_port_count", json!(5), "direct ports 5, required >= 6"),
            ("pcie_bw", json!(2.85), "PCIe 2.85 GB/s, required > 2.85 GB/s"),
            ("inet_down", json!("124"), "download 124 Mb/s, required >= 124.94 Mb/s"),
            ("inet_up", Value::Null, "upload 0 Mb/s, required >= 124.94 Mb/s"),
            ("cpu_ram", json!(46_000), "memory 46000 MiB, required >= 46671.6 MiB"),
            ("cpu_cores", json!(3), "CPU cores 3, required >= 4"),
        ] {
            assert_eq!(unmet(name, value), [said], "{name}");
        }
        let mut small = good();
        (small["gpu_total_ram"], small["num_gpus"]) = (json!(14_336), json!(2));
        assert!(of(&small).iter().any(|check| check.id == "gpu.ram" && !check.is_met()));
    }

    #[test]
    fn the_image_is_the_newest_that_the_driver_and_the_card_run() {
        let image = |cuda: f64, capability: Value| {
            image(&json!({"cuda_max_good": cuda, "compute_cap": capability}))
                .map(|image| image.replace("vastai/test:self-test-v2-cuda-", ""))
        };
        for (cuda, capability, version) in [
            (12.9, json!(890), Some("12.8")),
            (13.1, json!(1200), Some("13.0")),
            (14.0, Value::Null, Some("13.3")),
            (13.3, json!(700), Some("12.8")),
            (13.3, json!(610), Some("11.8")),
            (12.0, json!(700), Some("11.8")),
            (11.7, json!(890), None),
        ] {
            assert_eq!(image(cuda, capability).as_deref(), version, "{cuda}");
        }
    }
}
