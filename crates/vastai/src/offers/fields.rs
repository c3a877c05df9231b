//! The fields that offers are searched by, as the query language knows them.

use vastai_api::{Location, operations, types};

use crate::filter::most_like;

/// What kind of value a field takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    /// A number, which the query language writes in a unit that is so many times the one of the wire.
    Number {
        times: f64,
    },
    Text,
    Flag,
    /// A version of a driver, on the wire a number with three digits for each part.
    Version,
    /// Whatever the value looks like: of a field that only the document knows.
    Any,
}

/// A field that offers are searched by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Field<'name> {
    /// The name on the wire.
    pub(super) name: &'name str,
    pub(super) kind: Kind,
}

const NUMBER: Kind = Kind::Number { times: 1.0 };
/// GB in a query, MB on the wire.
const GIGABYTES: Kind = Kind::Number { times: 1000.0 };
/// Days in a query, seconds on the wire.
const DAYS: Kind = Kind::Number { times: 24.0 * 60.0 * 60.0 };

const FIELDS: &[(&str, Kind)] = &[
    ("ask_contract_id", NUMBER),
    ("bw_nvlink", NUMBER),
    ("cluster_id", NUMBER),
    ("compute_cap", NUMBER),
    ("cpu_arch", Kind::Text),
    ("cpu_cores", NUMBER),
    ("cpu_cores_effective", NUMBER),
    ("cpu_ghz", NUMBER),
    ("cpu_name", Kind::Text),
    ("cpu_ram", GIGABYTES),
    ("cuda_max_good", NUMBER),
    ("datacenter", Kind::Flag),
    ("direct_port_count", NUMBER),
    ("disk_bw", NUMBER),
    ("disk_name", Kind::Text),
    ("disk_space", NUMBER),
    ("dlperf", NUMBER),
    ("dlperf_per_dphtotal", NUMBER),
    ("dph_base", NUMBER),
    ("dph_total", NUMBER),
    ("driver_version", Kind::Version),
    ("duration", DAYS),
    ("external", Kind::Flag),
    ("flops_per_dphtotal", NUMBER),
    ("geolocation", Kind::Text),
    ("gpu_arch", Kind::Text),
    ("gpu_display_active", Kind::Flag),
    ("gpu_frac", NUMBER),
    ("gpu_max_power", NUMBER),
    ("gpu_max_temp", NUMBER),
    ("gpu_mem_bw", NUMBER),
    ("gpu_name", Kind::Text),
    ("gpu_ram", GIGABYTES),
    ("gpu_total_ram", GIGABYTES),
    ("has_avx", Kind::Flag),
    ("host_id", NUMBER),
    ("hosting_type", NUMBER),
    ("inet_down", NUMBER),
    ("inet_down_cost", NUMBER),
    ("inet_up", NUMBER),
    ("inet_up_cost", NUMBER),
    ("machine_id", NUMBER),
    ("min_bid", NUMBER),
    ("mobo_name", Kind::Text),
    ("num_gpus", NUMBER),
    ("os_version", Kind::Text),
    ("pci_gen", NUMBER),
    ("pcie_bw", NUMBER),
    ("reliability", NUMBER),
    ("rentable", Kind::Flag),
    ("rented", Kind::Flag),
    ("score", NUMBER),
    ("static_ip", Kind::Flag),
    ("storage_cost", NUMBER),
    ("total_flops", NUMBER),
    ("ubuntu_version", Kind::Text),
    ("verification", Kind::Text),
    ("verified", Kind::Flag),
    ("vms_enabled", Kind::Flag),
];

/// Other names of fields, as the official command line has them.
const ALIASES: &[(&str, &str)] = &[
    ("cuda_vers", "cuda_max_good"),
    ("display_active", "gpu_display_active"),
    ("dlperf_usd", "dlperf_per_dphtotal"),
    ("dph", "dph_total"),
    ("flops_usd", "flops_per_dphtotal"),
];

/// Fields of a search's body that are not filters.
pub(super) const STEERING: [&str; 4] = ["limit", "type", "order", "allocated_storage"];

/// The field of this name or alias. What only the document knows is one too.
pub(super) fn named(name: &str) -> Option<Field<'static>> {
    let name = on_the_wire(name);
    let known =
        FIELDS.iter().find(|(known, _)| *known == name).map(|(name, kind)| Field { name, kind: *kind });
    known.or_else(|| of_document().find(|known| *known == name).map(|name| Field { name, kind: Kind::Any }))
}

/// A field's name on the wire, of a name or an alias.
pub(super) fn on_the_wire(name: &str) -> &str {
    ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, name)| name)
}

/// Why there is no field of this name, and which one is meant.
pub(super) fn unknown(name: &str) -> String {
    if name == "id" {
        return "a search by `id` finds nothing; use `ask_contract_id`, which has the same number".to_owned();
    }
    format!("`{name}` is not a field of offers{}", suggestion(name))
}

/// Whether offers can be filtered by a field of this name on the wire: by one of the search's, or by one that offers have. By `id` the service
/// finds nothing.
pub(super) fn can_filter(name: &str) -> bool {
    name != "id" && (named(name).is_some() || types::Offer::FIELDS.contains(&name))
}

/// Whether offers can be put in the order of a field of this name on the wire.
pub(super) fn can_order(name: &str) -> bool {
    !STEERING.contains(&name) && (named(name).is_some() || types::Offer::FIELDS.contains(&name))
}

/// Why there is no order by this name, and which one is meant.
pub(super) fn unknown_order(name: &str) -> String {
    format!("offers cannot be ordered by `{name}`, which is not one of their fields{}", suggestion(name))
}

fn suggestion(name: &str) -> String {
    let names = FIELDS.iter().map(|(name, _)| *name);
    let names = names.chain(ALIASES.iter().map(|(alias, _)| *alias)).chain(of_document());
    most_like(name, names.chain(types::Offer::FIELDS.iter().copied().filter(|name| *name != "id")))
}

/// The filters that the document lists.
fn of_document() -> impl Iterator<Item = &'static str> {
    let parameters = operations::SEARCH_OFFERS.parameters;
    let filters = parameters.iter().filter(|parameter| parameter.location == Location::Body);
    // A document without the correction that takes `id` away is not a reason to search by it.
    filters.map(|parameter| parameter.name).filter(|name| !STEERING.contains(name) && *name != "id")
}
