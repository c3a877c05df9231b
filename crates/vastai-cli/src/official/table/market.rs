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
    word("--login").says("Where the image is kept and who logs in there: '-u USER -p PASSWORD REGISTRY'"),
    option("--env", "env"),
    mark("--ssh").says("Run an SSH server"),
    mark("--jupyter").says("Run Jupyter, and an SSH server"),
    mark("--direct").says("Connect straight to the machine, and not by the proxy alone: faster"),
    option("--jupyter-dir", "jupyter_dir"),
    switch("--jupyter-lab", "use_jupyter_lab"),
    option("--onstart-cmd", "onstart"),
    word("--search_params").says("Which offers fit, as of search offers"),
    mark("-n --no-default").says("Without the conditions that hold unless --search_params sets them"),
    option("--disk_space", "recommended_disk_space").reads(Reads::AsTyped),
    option("--readme", "readme"),
    mark("--hide-readme").says("Do not show the readme"),
    option("--desc", "desc"),
];

const NEW_TEMPLATE: [Argument; 20] = with(SETTINGS, mark("--public").says("Let others see the template"));
const CHANGED_TEMPLATE: [Argument; 21] = with(NEW_TEMPLATE, place("HASH_ID", "hash_id"));

const VERIFIED: Argument =
    word("--verified").reads(lists::YES_OR_NO).says("Of verified machines alone, or of the others alone");
const DATACENTER: Argument = word("--datacenter")
    .reads(lists::YES_OR_NO)
    .says("Of machines in data centres alone, or of the others alone");

const VOLUMES: &[Argument] = &[
    mark("-n --no-default").says("Without the conditions that hold unless set: verified, not external, 1 GB at least"),
    option("--limit", "limit"),
    option("--storage", "allocated_storage").or("1.0"),
    word("-o --order").says("Fields to sort by with commas between them; a dash behind one for the greatest first: 'dlperf_usd-,dph'"),
    query(),
];

pub(super) const COMMANDS: &[Command] = &[
    command(
        "search offers",
        "searchOffers",
        &[
            word("-t --type").says("on-demand, bid or reserved: as the options of these names"),
            mark("-i --interruptible").says("Prices of interruptible instances, which are bid for"),
            mark("-b --bid").says("The same as --interruptible"),
            mark("-r --reserved").says("Prices of instances that are paid for beforehand"),
            mark("-d --on-demand").says("Prices of instances on demand, which is what is shown unless set"),
            mark("-n --no-default").says("Without the conditions that hold unless set: verified, not rented, rentable, not external"),
            mark("--new").says("Search by the newer operation"),
            word("--limit").reads(Reads::Integer).says("How many offers at most"),
            word("--storage").reads(Reads::Number).says("GB of disk that the price includes; 5 unless set"),
            word("-o --order").says("Fields to sort by with commas between them; a dash behind one for the greatest first: 'dlperf_usd-,dph'"),
            query(),
        ],
    )
    .also(&["search instances"])
    .does(Program::SearchOffers),
    command(
        "search benchmarks",
        "searchBenchmarks",
        &[query(), mark("-a --all").says("All pages, one after another"), option("-l --limit", "limit"), option("-t --next-token", "after_token")],
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
            VERIFIED,
            DATACENTER,
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
            VERIFIED,
            DATACENTER,
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
            VERIFIED,
            DATACENTER,
            word("--rented").reads(lists::YES_OR_NO).says("Of rented machines alone, or of the others alone"),
            word("--state").reads(Reads::OneOf(&["all", "rented", "available", "unavailable"])).says("Of machines in this state"),
            word("--gpu").says("Of GPUs with this in their name"),
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
