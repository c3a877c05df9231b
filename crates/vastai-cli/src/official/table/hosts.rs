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
            word("-e --end_date").says("Until when the offer stands: A day (2031-03-01), a day with a time, or seconds since 1970; UTC"),
            option("-l --duration", "duration"),
            option("-v --vol_size", "vol_size"),
            option("-z --vol_price", "vol_price"),
        ]
    };
}

pub(super) const COMMANDS: &[Command] = &[
    command(
        "show machine",
        "showMachine",
        &[place("MACHINE", "machine_id"), mark("-q --quiet").says("Print the ids alone")],
    ),
    command("show machines", "getMachines", &[mark("-q --quiet").says("Print the ids alone")]),
    command(
        "show maints",
        "showMaints",
        &[
            word("-i --ids").required().says("The machines, with commas between them"),
            mark("-q --quiet").says("Print the ids alone"),
        ],
    )
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
            word("--instance-id")
                .reads(Reads::Integer)
                .says("An instance whose log goes into the bundle, too"),
            word("--output-dir").says("Where the bundle is put; here unless set"),
            mark("--include-local-host-artifacts").says("Logs of this machine as well, where it is the host"),
        ],
    )
    .does(Program::DumpLogs),
    command(
        "self-test machine",
        "searchOffers",
        &[
            read_place("MACHINE_ID", Reads::Text),
            mark("--debugging").says("Print every line of the tests"),
            mark("--ignore-requirements")
                .says("Test it although it does not meet what verification requires"),
            word("--test-image").says("The image with the tests, in the place of the published one"),
            word("--support-bundle-dir")
                .says("Where the report of a machine that failed is written, with the instance's log"),
            mark("--no-support-bundle").says("Write no report"),
        ],
    )
    .does(Program::SelfTest),
];
