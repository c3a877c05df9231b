//! The names that the exporter of 500farm gives (`--compat 500farm`), where there is such a metric here, so that its dashboards go on.

use vastai::Instance;

use super::metric::{Families, Metric, count, labels};
use super::renter::rental_type;

const MY_BID: Metric = Metric::gauge("vastai_instance_my_bid_per_gpu_dollars", "", "Price of a GPU and hour");
const MIN_BID: Metric = Metric::gauge(
    "vastai_instance_min_bid_per_gpu_dollars",
    "",
    "Bid for a GPU and hour that would outbid it",
);
const START: Metric =
    Metric::gauge("vastai_instance_start_timestamp", "", "When it was started, since the Unix epoch");
const GPU_COUNT: Metric = Metric::gauge("vastai_instance_gpu_count", "", "Its GPUs");
const GPU_FRACTION: Metric =
    Metric::gauge("vastai_instance_gpu_fraction", "", "Its share of the GPUs of its machine");

/// The names of an instance. `vastai_instance_info` and `vastai_instance_is_running` are the same there and here.
pub(super) fn instance(instance: &Instance, families: &mut Families) {
    let own = labels([
        ("instance_id", instance.id.to_string()),
        ("machine_id", instance.machine_id.map_or_else(String::new, |id| id.to_string())),
        ("rental_type", rental_type(instance).to_owned()),
    ]);
    families.set(MY_BID, &own, instance.dph_base);
    families.set(MIN_BID, &own, instance.min_bid);
    families.set(START, &own, instance.start_date.map(|it| it.seconds()));
    families.set(GPU_COUNT, &own, instance.num_gpus.and_then(count));
    families.set(GPU_FRACTION, &own, instance.gpu_frac);
}
