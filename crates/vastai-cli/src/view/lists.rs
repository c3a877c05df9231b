//! Which fields of a list are columns, and in which order: what matters most to those who asked, first.

/// By operation.
const LISTS: &[(&str, &[&str])] = &[
    (
        "showInstances",
        &[
            "id",
            "label",
            "actual_status",
            "num_gpus",
            "gpu_name",
            "dph_total",
            "gpu_util",
            "uptime_mins",
            "ssh_host",
            "ssh_port",
            "gpu_ram",
            "cpu_cores_effective",
            "cpu_ram",
            "disk_space",
            "image_uuid",
            "geolocation",
            "machine_id",
            "start_date",
            "end_date",
        ],
    ),
    (
        "searchOffers",
        &[
            "id",
            "num_gpus",
            "gpu_name",
            "dph_total",
            "gpu_ram",
            "cpu_cores_effective",
            "cpu_ram",
            "disk_space",
            "reliability",
            "geolocation",
            "dlperf",
            "inet_down",
            "inet_up",
            "cuda_max_good",
            "duration",
            "verification",
            "driver_version",
            "machine_id",
            "min_bid",
            "score",
        ],
    ),
    (
        "showEndpoints",
        &[
            "id",
            "endpoint_name",
            "endpoint_state",
            "cold_workers",
            "max_workers",
            "min_load",
            "target_util",
            "cold_mult",
            "created_at",
        ],
    ),
    (
        "showWorkergroup",
        &[
            "id",
            "endpoint_name",
            "endpoint_id",
            "template_hash",
            "gpu_ram",
            "test_workers",
            "min_load",
            "target_util",
            "cold_mult",
            "created_at",
        ],
    ),
    (
        "listVolumes",
        &[
            "id",
            "label",
            "status",
            "disk_space",
            "machine_id",
            "storage_total_cost",
            "geolocation",
            "start_date",
            "verification",
            "disk_name",
            "public_ipaddr",
        ],
    ),
    (
        "searchVolumes",
        &[
            "id",
            "disk_space",
            "storage_cost",
            "reliability",
            "geolocation",
            "inet_down",
            "inet_up",
            "duration",
            "verification",
            "machine_id",
            "disk_name",
            "disk_bw",
        ],
    ),
    ("showCharges", &["start", "end", "amount", "type", "description", "source"]),
    ("showInvoices", &["start", "end", "amount", "type", "description", "source"]),
    (
        "getMachines",
        &[
            "id",
            "hostname",
            "name",
            "num_gpus",
            "gpu_name",
            "gpu_occupancy",
            "listed",
            "listed_gpu_cost",
            "reliability2",
            "client_end_date",
            "end_date",
            "error_description",
            "verification",
            "geolocation",
        ],
    ),
    ("showApiKeys", &["id", "name", "team_name", "team_id", "created_at"]),
    ("getSshKeysUser", &["id", "public_key", "created_at", "deleted_at"]),
    (
        "searchTemplates",
        &["id", "name", "image", "tag", "hash_id", "count_created", "recommended_disk_space", "created_at"],
    ),
];

/// The columns of an operation's list; none where the operation is not here, and its fields go by what they are called.
pub(super) fn of(operation: &str) -> Option<&'static [&'static str]> {
    LISTS.iter().find(|(id, _)| *id == operation).map(|(_, columns)| *columns)
}

#[cfg(test)]
mod tests {
    use vastai_api::OPERATIONS;

    use super::*;

    #[test]
    fn lists_are_those_of_operations() {
        for (id, columns) in LISTS {
            assert!(OPERATIONS.iter().any(|operation| operation.id == *id), "{id}");
            assert!(columns.len() > 3, "{id}");
        }
    }
}
