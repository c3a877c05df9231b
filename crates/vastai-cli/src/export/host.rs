//! What an account offers as a host: its machines, how they are rented, and what they earn.

use vastai::{Client, Result};
use vastai_api::types::{EarningsReport, Machine};

use super::metric::{Families, Labels, Metric, count, labels, value_of};
use super::number;

const INFO: Metric = Metric::gauge("vastai_machine_info", "", "What a machine is; always 1");
const LISTED: Metric = Metric::gauge("vastai_machine_is_listed", "", "Whether the machine is offered");
const VERIFIED: Metric = Metric::gauge("vastai_machine_is_verified", "", "Whether the machine is verified");
const ONLINE: Metric =
    Metric::gauge("vastai_machine_is_online", "", "Whether the service reaches the machine");
const RELIABILITY: Metric = Metric::gauge("vastai_machine_reliability", "", "Reliability, from 0 to 1");
const GPUS: Metric = Metric::gauge("vastai_machine_gpus", "", "GPUs of the machine");
const GPUS_RENTED: Metric =
    Metric::gauge("vastai_machine_gpus_used", "", "GPUs by the kind of rental that they run");
const RENTALS: Metric =
    Metric::gauge("vastai_machine_rentals", "", "Rentals by their kind, running or stopped");
const PRICE: Metric = Metric::gauge(
    "vastai_machine_gpu_price",
    "dollars_per_hour",
    "Price at which a GPU is offered on demand",
);
const MIN_BID: Metric =
    Metric::gauge("vastai_machine_min_bid", "dollars_per_hour", "Lowest bid for a GPU that is taken");
const REPORTS: Metric = Metric::gauge("vastai_machine_reports", "", "Reports of renters on the machine");
const RATE: Metric = Metric::gauge("vastai_machine_earnings_rate", "dollars_per_hour", "What it earns now");
const MACHINE_EARNED: Metric = Metric::gauge(
    "vastai_machine_earnings_last_day",
    "dollars",
    "What it earned in the last day that the report has, by what for",
);
const PENDING: Metric = Metric::gauge("vastai_host_balance", "dollars", "What is to be paid out, after fees");
const EARNED: Metric = Metric::gauge(
    "vastai_host_earnings_last_day",
    "dollars",
    "What all machines earned in that day, by what for",
);
const GPUS_COMPAT: Metric = Metric::gauge("vastai_machine_gpu_count", "", "GPUs of the machine");
const GPUS_USED_COMPAT: Metric =
    Metric::gauge("vastai_machine_used_gpu_count", "", "GPUs by the kind of rental that they run");
const RENTALS_COMPAT: Metric =
    Metric::gauge("vastai_machine_rentals_count", "", "Rentals by their kind, running or stopped");
const PENDING_COMPAT: Metric =
    Metric::gauge("vastai_pending_payout_dollars", "", "What is to be paid out, after fees");
const PRICE_COMPAT: Metric =
    Metric::gauge("vastai_machine_ondemand_price_per_gpu_dollars", "", "Price of a GPU and hour on demand");
const TERAFLOPS_COMPAT: Metric =
    Metric::gauge("vastai_machine_per_gpu_teraflops", "", "Performance of a GPU in TFLOPS");
const BITS_COMPAT: Metric =
    Metric::gauge("vastai_machine_inet_bps", "", "Measured bandwidth in bits a second");

/// The machines of the account.
#[derive(Debug, Default)]
pub(super) struct Host {
    /// The number of the account, once it is known.
    user: Option<i64>,
}

impl Host {
    pub(super) async fn poll(&mut self, client: &Client, compat: bool) -> Result<Families> {
        let machines = client.api().get_machines().send().await?.into_inner().machines.unwrap_or_default();
        let user = match self.user {
            Some(user) => Some(user),
            None => client.api().show_user().send().await?.into_inner().id,
        };
        self.user = user;
        let mut families = Families::default();
        if let Some(user) = user {
            let report = client.api().show_earnings().user_id(user.to_string()).last_days(1).send().await?;
            earnings(&report.into_inner(), compat, &mut families);
        }
        for machine in &machines {
            of(machine, compat, &mut families);
        }
        Ok(families)
    }
}

fn earnings(report: &EarningsReport, compat: bool, families: &mut Families) {
    let none = labels([]);
    let pending = report.current.as_ref().and_then(|current| current.total);
    families.set_also(PENDING, compat.then_some(PENDING_COMPAT), &none, pending);
    if let Some(sum) = &report.summary {
        let kinds = [
            ("gpu", sum.total_gpu),
            ("storage", sum.total_stor),
            ("upload", sum.total_bwu),
            ("download", sum.total_bwd),
        ];
        for (kind, earned) in kinds {
            families.set(EARNED, &labels([("kind", kind.to_owned())]), earned);
        }
    }
    for machine in report.per_machine.iter().flatten() {
        let Some(id) = machine.machine_id else { continue };
        let kinds = [
            ("gpu", machine.gpu_earn),
            ("storage", machine.sto_earn),
            ("upload", machine.bwu_earn),
            ("download", machine.bwd_earn),
        ];
        for (kind, earned) in kinds {
            let labels = labels([("machine_id", id.to_string()), ("kind", kind.to_owned())]);
            families.set(MACHINE_EARNED, &labels, earned);
        }
    }
}

fn of(machine: &Machine, compat: bool, families: &mut Families) {
    let id = || ("machine_id", machine.id.to_string());
    let own: Labels = labels([id()]);
    let number = |name: &str| number(&machine.extra, name);
    let gpus = machine.num_gpus.and_then(count);
    let info = labels([
        id(),
        ("gpu_name", value_of(machine.gpu_name.as_deref())),
        ("hostname", value_of(machine.hostname.as_deref())),
    ]);
    families.set(INFO, &info, 1.0);
    families.flag(LISTED, &own, machine.extra.get("listed").and_then(serde_json::Value::as_bool));
    families.flag(VERIFIED, &own, machine.verification.as_deref().map(|it| it == "verified"));
    // Seconds for which it was not reached.
    families.flag(ONLINE, &own, number("timeout").map(|it| it == 0.0));
    families.set(RELIABILITY, &own, machine.reliability2);
    families.set_also(GPUS, compat.then_some(GPUS_COMPAT), &own, gpus);
    families.set_also(PRICE, compat.then_some(PRICE_COMPAT), &own, machine.listed_gpu_cost);
    families.set(MIN_BID, &own, machine.min_bid_price);
    families.set(REPORTS, &own, machine.num_reports.and_then(count));
    families.set(RATE, &own, number("earn_hour"));
    rentals(machine, compat, families);
    if compat {
        let some_gpus = gpus.filter(|gpus| *gpus > 0.0);
        families.set(TERAFLOPS_COMPAT, &own, number("total_flops").and_then(|it| Some(it / some_gpus?)));
        for (direction, field) in [("up", "inet_up"), ("down", "inet_down")] {
            let labels = labels([
                id(),
                ("ip_address", value_of(machine.public_ipaddr.as_deref())),
                ("direction", direction.to_owned()),
            ]);
            families.set(BITS_COMPAT, &labels, number(field).map(|it| it * 1e6));
        }
    }
}

/// The rentals that a machine has: the service counts those that run, those on demand, and all that are on its disk.
fn rentals(machine: &Machine, compat: bool, families: &mut Families) {
    let id = || ("machine_id", machine.id.to_string());
    let rentals = |name: &str| number(&machine.extra, name);
    let running = rentals("current_rentals_running");
    let running_on_demand = rentals("current_rentals_running_on_demand");
    let on_demand = rentals("current_rentals_on_demand");
    let resident = rentals("current_rentals_resident");
    let less = |all: Option<f64>, some: Option<f64>| Some((all? - some?).max(0.0));
    let running_bids = less(running, running_on_demand);
    let counts = [
        ("ondemand", "running", running_on_demand),
        ("ondemand", "stopped", less(on_demand, running_on_demand)),
        ("bid", "running", running_bids),
        ("bid", "stopped", less(less(resident, on_demand), running_bids)),
    ];
    for (kind, status, rentals) in counts {
        let labels = labels([id(), ("rental_type", kind.to_owned()), ("rental_status", status.to_owned())]);
        families.set_also(RENTALS, compat.then_some(RENTALS_COMPAT), &labels, rentals);
    }
    let Some(occupancy) = machine.gpu_occupancy.as_deref() else { return };
    for (kind, letter) in [("ondemand", 'D'), ("reserved", 'R'), ("bid", 'I')] {
        let used = count(occupancy.matches(letter).count());
        let labels = labels([id(), ("rental_type", kind.to_owned())]);
        families.set_also(GPUS_RENTED, compat.then_some(GPUS_USED_COMPAT), &labels, used);
    }
}
