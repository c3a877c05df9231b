//! Searches, and templates.

use crate::official::argument::{Argument, Reads, Takes, mark, option, place, query, switch, word};
use crate::official::command::{Command, command};
use crate::official::programs::Program;
use crate::official::{lists, search, template};

const SETTINGS: [Argument; 19] = [
    option("--name", "name"),
    option("--image", "image"),
    option("--image_tag", "tag"),
    option("--href", "href"),
    option("--repo", "repo"),
    word("--login"),
    option("--env", "env"),
    mark("--ssh"),
    mark("--jupyter"),
    mark("--direct"),
    option("--jupyter-dir", "jupyter_dir"),
    switch("--jupyter-lab", "use_jupyter_lab"),
    option("--onstart-cmd", "onstart"),
    word("--search_params"),
    mark("-n --no-default"),
    option("--disk_space", "recommended_disk_space").reads(Reads::AsTyped),
    option("--readme", "readme"),
    mark("--hide-readme"),
    option("--desc", "desc"),
];

const NEW_TEMPLATE: [Argument; 20] = with(SETTINGS, mark("--public"));
const CHANGED_TEMPLATE: [Argument; 21] = with(NEW_TEMPLATE, place("HASH_ID", "hash_id"));

const VOLUMES: &[Argument] = &[
    mark("-n --no-default"),
    option("--limit", "limit"),
    option("--storage", "allocated_storage").or("1.0"),
    word("-o --order"),
    query(),
];

pub(super) const COMMANDS: &[Command] = &[
    command(
        "search offers",
        "searchOffers",
        &[
            word("-t --type"),
            mark("-i --interruptible"),
            mark("-b --bid"),
            mark("-r --reserved"),
            mark("-d --on-demand"),
            mark("-n --no-default"),
            mark("--new"),
            word("--limit").reads(Reads::Integer),
            word("--storage").reads(Reads::Number),
            word("-o --order"),
            query(),
        ],
    )
    .also(&["search instances"])
    .does(Program::SearchOffers),
    command(
        "search benchmarks",
        "searchBenchmarks",
        &[query(), mark("-a --all"), option("-l --limit", "limit"), option("-t --next-token", "after_token")],
    )
    .sends(&[("select_cols", r#"["*"]"#)])
    .made(search::list),
    command("search templates", "searchTemplates", &[query()])
        .sends(&[("select_cols", r#"["*"]"#)])
        .made(search::list),
    command("search invoices", "searchInvoices", &[query()])
        .sends(&[("select_cols", r#"["*"]"#)])
        .made(search::list),
    command("search volumes", "searchVolumes", VOLUMES).made(search::volumes),
    command("search network-volumes", "searchNetworkVolumes", VOLUMES).made(search::volumes),
    command("create template", "createTemplate", &NEW_TEMPLATE).made(template::settings),
    command("update template", "updateTemplate", &CHANGED_TEMPLATE).does(Program::UpdateTemplate),
    command(
        "delete template",
        "deleteTemplate",
        &[option("--template-id", "template_id"), option("--hash-id", "hash_id")],
    )
    .made(template::deleted),
    command(
        "show gpu-metrics",
        "showGpuMetrics",
        &[
            word("--verified").reads(lists::YES_OR_NO),
            word("--datacenter").reads(lists::YES_OR_NO),
            option("--num-gpus", "num_gpus").reads(lists::NUMBERS_OF_GPUS).or(r#""all""#),
        ],
    )
    .also(&["metrics gpu"])
    .made(lists::gpu_metrics),
    command(
        "show gpu-trends",
        "showGpuTrends",
        &[
            place("NAMES", "").takes(Takes::AtMostOne).reads(Reads::Text),
            word("--verified").reads(lists::YES_OR_NO),
            word("--datacenter").reads(lists::YES_OR_NO),
            option("--num-gpus", "num_gpus").reads(lists::NUMBERS_OF_GPUS).or(r#""all""#),
            option("--start", "start"),
            option("--end", "end"),
            option("--step", "step"),
        ],
    )
    .also(&["metrics gpu-trends"])
    .made(lists::gpu_metrics),
    command(
        "show gpu-locations",
        "showGpuLocations",
        &[
            word("--verified").reads(lists::YES_OR_NO),
            word("--datacenter").reads(lists::YES_OR_NO),
            word("--rented").reads(lists::YES_OR_NO),
            word("--state").reads(Reads::OneOf(&["all", "rented", "available", "unavailable"])),
            word("--gpu"),
        ],
    )
    .also(&["metrics gpu-locations"])
    .does(Program::GpuLocations),
];

/// The arguments with one more.
const fn with<const SOME: usize, const MORE: usize>(
    some: [Argument; SOME],
    more: Argument,
) -> [Argument; MORE] {
    let mut all = [const { mark("") }; MORE];
    let mut index = 0;
    while index < SOME {
        all[index] = some[index];
        index += 1;
    }
    all[SOME] = more;
    all
}
