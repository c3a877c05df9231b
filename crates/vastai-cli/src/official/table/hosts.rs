//! Machines, for those who rent them out.

use crate::official::argument::{Argument, Reads, ids, mark, option, place, read_place, rest, word};
use crate::official::command::{Command, command};
use crate::official::host;
use crate::official::programs::Program;

const MACHINE: Argument = place("ID", "machine_id");

macro_rules! prices {
    ($place:expr) => {
        &[
            $place,
            option("-g --price_gpu", "price_gpu"),
            option("-s --price_disk", "price_disk"),
            option("-u --price_inetu", "price_inetu"),
            option("-d --price_inetd", "price_inetd"),
            option("-b --price_min_bid", "price_min_bid"),
            option("-r --discount_rate", "credit_discount_max"),
            option("-m --min_chunk", "min_chunk"),
            word("-e --end_date"),
            option("-l --duration", "duration"),
            option("-v --vol_size", "vol_size"),
            option("-z --vol_price", "vol_price"),
        ]
    };
}

pub(super) const COMMANDS: &[Command] = &[
    command("show machine", "showMachine", &[place("MACHINE", "machine_id"), mark("-q --quiet")]),
    command("show machines", "getMachines", &[mark("-q --quiet")]),
    command("show maints", "showMaints", &[word("-i --ids").required(), mark("-q --quiet")])
        .made(host::maintenances),
    command("list machine", "listMachine", prices![place("ID", "machine")]).made(host::prices),
    command("list machines", "listMachine", prices![ids("IDS", "")]).does(Program::ListMachines),
    command("unlist machine", "unlistMachine", &[MACHINE]),
    command("delete machine", "deleteMachine", &[MACHINE]),
    command("cleanup machine", "cleanupMachine", &[MACHINE]),
    command("defrag machines", "defragMachines", &[ids("IDS", "machine_ids")]),
    command("set min-bid", "setMinBid", &[MACHINE, option("--price", "price")]),
    command(
        "set defjob",
        "setDefjob",
        &[
            place("ID", "machine"),
            option("--price_gpu", "price_gpu"),
            option("--price_inetu", "price_inetu"),
            option("--price_inetd", "price_inetd"),
            option("--image", "image"),
            rest("--args", "args"),
        ],
    )
    .made(host::default_job),
    command("remove defjob", "removeDefjob", &[MACHINE]),
    command(
        "schedule maint",
        "scheduleMaint",
        &[
            MACHINE,
            option("--sdate", "sdate"),
            option("--duration", "duration"),
            option("--maintenance_category", "maintenance_category"),
        ],
    ),
    command("cancel maint", "cancelMaint", &[MACHINE]),
    command("reports", "showReports", &[MACHINE]),
    command(
        "dump-logs",
        "showLogs",
        &[
            read_place("MACHINE_ID", Reads::Text),
            word("--instance-id").reads(Reads::Integer),
            word("--output-dir"),
            mark("--include-local-host-artifacts"),
        ],
    )
    .does(Program::DumpLogs),
    command(
        "self-test machine",
        "searchOffers",
        &[
            read_place("MACHINE_ID", Reads::Text),
            mark("--debugging"),
            mark("--ignore-requirements"),
            word("--test-image"),
            word("--support-bundle-dir"),
            mark("--no-support-bundle"),
        ],
    )
    .does(Program::SelfTest),
];
