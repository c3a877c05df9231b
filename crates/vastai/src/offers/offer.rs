//! An offer of the market.

use crate::view::{flag, integer, number, text, view};

view! {
    /// GPUs of one machine that can be rented, with their price.
    ///
    /// Of everything but the id the service may say nothing, which is `None`. Prices are in US dollars; which of them are there depends
    /// on the kind of rental that was asked for.
    Offer ("offer", id "The id of the offer, for creating an instance. Between the search and that, somebody else may take it.") {
        /// Offers of one machine with the same hardware share it.
        bundle_id: i64 = integer,
        /// The machine.
        machine_id: i64 = integer,
        /// Who hosts it.
        host_id: i64 = integer,
        /// 1 for a datacenter, 0 for another host.
        hosting_type: i64 = integer,
        /// Whether Vast.ai has verified the machine: `verified`, `unverified` or `deverified`.
        verification: String = text,
        /// Whether it can be rented.
        rentable: bool = flag,
        /// Whether it is rented.
        rented: bool = flag,
        /// Whether it is priced by bids.
        is_bid: bool = flag,
        /// The price with the disk that was asked for, in dollars an hour.
        dph_total: f64 = number,
        /// The price without the disk, in dollars an hour.
        dph_base: f64 = number,
        /// The lowest bid that gets it now, in dollars an hour.
        min_bid: f64 = number,
        /// The price of the disk, in dollars a GB and month.
        storage_cost: f64 = number,
        /// The price of uploads, in dollars a GB.
        inet_up_cost: f64 = number,
        /// The price of downloads, in dollars a GB.
        inet_down_cost: f64 = number,
        /// The model of the GPUs, such as `RTX 4090`.
        gpu_name: String = text,
        /// Who makes them: `nvidia` or `amd`.
        gpu_arch: String = text,
        /// How many GPUs the offer has.
        num_gpus: i64 = integer,
        /// Which share of the GPUs of the machine that is, from 0 to 1.
        gpu_frac: f64 = number,
        /// The memory of one GPU, in MB.
        gpu_ram: f64 = number,
        /// The memory of all GPUs, in MB.
        gpu_total_ram: f64 = number,
        /// The bandwidth of the memory of a GPU, in GB/s.
        gpu_mem_bw: f64 = number,
        /// The CUDA compute capability times 100.
        compute_cap: f64 = number,
        /// The newest CUDA that the driver supports.
        cuda_max_good: f64 = number,
        /// The version of the driver.
        driver_version: String = text,
        /// The speed of all GPUs, in TFLOPS.
        total_flops: f64 = number,
        /// The DLPerf score.
        dlperf: f64 = number,
        /// The DLPerf score for a dollar an hour.
        dlperf_per_dphtotal: f64 = number,
        /// What offers are ranked by unless another order is asked for.
        score: f64 = number,
        /// The model of the CPU.
        cpu_name: String = text,
        /// The architecture of the CPU: `amd64` or `arm64`.
        cpu_arch: String = text,
        /// The virtual cores that come with the offer.
        cpu_cores_effective: f64 = number,
        /// The memory of the machine, in MB.
        cpu_ram: f64 = number,
        /// What can be had of the disk, in GB.
        disk_space: f64 = number,
        /// The bandwidth of the disk, in MB/s.
        disk_bw: f64 = number,
        /// The bandwidth of PCIe, in GB/s.
        pcie_bw: f64 = number,
        /// The bandwidth of uploads, in Mb/s.
        inet_up: f64 = number,
        /// The bandwidth of downloads, in Mb/s.
        inet_down: f64 = number,
        /// How many ports can be opened.
        direct_port_count: i64 = integer,
        /// Whether its address stays the same.
        static_ip: bool = flag,
        /// Where it is.
        geolocation: String = text,
        /// How reliable the machine is, from 0 to 1.
        reliability: f64 = number,
        /// For how long it can be rented at most, in seconds.
        duration: f64 = number,
        /// From when it is offered, in seconds since the Unix epoch.
        start_date: f64 = number,
        /// Until when it is offered, in seconds since the Unix epoch.
        end_date: f64 = number,
        /// Whether it runs virtual machines.
        vms_enabled: bool = flag,
    }
}
