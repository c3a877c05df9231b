// Instances and pages of them as somebody writes them with serde: for the bench of decoding (`benches/decode.rs`), which includes this file,
// and behind the hand-written calls of `xtask measure`.

macro_rules! derived {
    ($name:ident $($rest:ident)?: $($type:ty: $($field:ident)*;)*) => {
        #[derive(Deserialize, Serialize)]
        struct $name {
            $($(#[serde(default, skip_serializing_if = "Option::is_none")] $field: Option<$type>,)*)*
            $(#[serde(flatten)] $rest: Map<String, Value>,)?
        }
    };
    (@page $page:ident $of:ident) => {
        #[derive(Deserialize, Serialize)]
        struct $page {
            instances: Option<Vec<$of>>,
            instances_found: Option<i64>,
            label_counts: Option<Map<String, Value>>,
            next_token: Option<String>,
            success: Option<bool>,
            total_instances: Option<i64>,
        }
    };
}

macro_rules! derived_instance {
    ($name:ident $($rest:ident)?) => {
        derived! { $name $($rest)?:
            i64: cpu_cores cpu_ram direct_port_count direct_port_end direct_port_start gpu_lanes gpu_ram gpu_totalram host_id id
                machine_dir_ssh_port machine_id num_gpus ssh_port template_id;
            f64: bw_nvlink client_run_time cpu_cores_effective cpu_util credit_balance credit_discount credit_discount_max disk_bw
                disk_space disk_usage disk_util dlperf dlperf_per_dphtotal dph_base dph_total duration end_date flops_per_dphtotal
                gpu_frac gpu_mem_bw gpu_temp gpu_util host_run_time mem_limit mem_usage min_bid pci_gen pcie_bw reliability2 score
                start_date storage_cost storage_total_cost total_flops uptime_mins vmem_usage vram_costperhour;
            bool: external is_bid rentable static_ip;
            String: actual_status country_code cpu_arch cpu_name cur_state disk_name geolocation gpu_arch gpu_name image_runtype
                image_uuid intended_status label local_ipaddrs mobo_name next_state onstart os_version public_ipaddr ssh_host
                ssh_idx status_msg template_hash_id template_name time_remaining time_remaining_isbid verification webpage
                jupyter_token;
            Vec<String>: image_args;
            Vec<Vec<String>>: extra_env;
            Map<String, Value>: instance search;
            Vec<Map<String, Value>>: volume_info;
            BTreeMap<String, Option<Vec<Binding>>>: ports;
        }
    };
}

#[derive(Deserialize, Serialize)]
struct Binding {
    #[serde(rename = "HostIp")]
    host_ip: Option<String>,
    #[serde(rename = "HostPort")]
    host_port: Option<String>,
}

derived_instance!(Plain);
derived!(@page PlainPage Plain);
