//! Instances: from renting to destroying.

use crate::official::argument::{
    Argument, Reads, Takes, ids, mark, option, place, read_place, rest, switch, word, words,
};
use crate::official::command::{Command, command};
use crate::official::programs::Program;
use crate::official::{instance, lists, schedule};

/// What an instance runs, and how it is reached: the same for one, several, and a launch.
macro_rules! settings {
    ($($own:expr),* $(,)?) => {
        &[
            $($own,)*
            option("--template_hash", "template_hash_id"),
            option("--login", "image_login"),
            option("--label", "label"),
            word("--onstart").says("A file of shell commands that run when the container starts"),
            word("--onstart-cmd").says("Shell commands that run when the container starts"),
            word("--entrypoint").says("The same as --onstart-cmd"),
            mark("--ssh").says("Run an SSH server"),
            mark("--jupyter").says("Run Jupyter, and an SSH server"),
            mark("--direct").says("Connect straight to the machine, and not by the proxy alone: faster"),
            option("--jupyter-dir", "jupyter_dir"),
            switch("--jupyter-lab", "use_jupyter_lab"),
            switch("--lang-utf8", "lang_utf8"),
            switch("--python-utf8", "python_utf8"),
            option("--extra", "extra"),
            word("--env").says("Variables, ports and the host's name as for docker: '-e NAME=VALUE -p 8080:8080 -h NAME'"),
            rest("--args", "").says("All that follows goes to the image's own entry point; last on the line"),
            switch("--cancel-unavail", "cancel_unavail"),
        ]
    };
}

macro_rules! rental {
    ($($own:expr),*) => {
        settings![
            $($own,)*
            option("--user", "user"),
            option("--disk", "disk"),
            option("--image", "image"),
            switch("--force", "force"),
            option("--bid_price", "price"),
            word("--create-volume").reads(Reads::Integer).says("Mount a new volume of this offer of volumes"),
            word("--link-volume").reads(Reads::Integer).says("Mount the volume of this id"),
            word("--volume-size").reads(Reads::Integer).says("Size of the new volume in GB; 15 unless set"),
            word("--mount-path").says("Where the volume is in the instance"),
            word("--volume-label").says("A name for the new volume"),
        ]
    };
}

/// When something is done again and again.
macro_rules! scheduled {
    ($($own:expr),* $(,)?) => {
        &[
            $($own,)*
            word("--schedule").reads(Reads::OneOf(schedule::FREQUENCIES)).says("Do it again and again, as a job of the service"),
            word("--start_date").says("When the job begins; today unless set"),
            word("--end_date").says("When the job ends"),
            word("--day").reads(Reads::OneOf(schedule::DAYS)).says("The day of the week, 0 is Sunday; '*' is every one"),
            word("--hour").reads(Reads::OneOf(schedule::HOURS)).says("The hour in UTC; '*' is every one"),
        ]
    };
}

const ID: Argument = place("ID", "id");
const YES: Argument = mark("-y --yes").says("Do not ask");
const QUIET: Argument = mark("-q --quiet").says("Print the ids alone");
const WAIT: Argument = mark("--wait")
    .ours("Wait until the instance runs; exit code 1 where it will not. Ctrl-C leaves it rented");
const WAIT_TIMEOUT: Argument = word("--wait-timeout")
    .reads(Reads::Integer)
    .ours("For how many seconds to wait at most; 1200 unless set");

pub(super) const COMMANDS: &[Command] = &[
    command("create instance", "createInstance", rental![ID, WAIT, WAIT_TIMEOUT]).made(instance::settings),
    command("create instances", "createInstances", rental![ids("IDS", "")]).does(Program::Bulk),
    command(
        "launch instance",
        "launchInstance",
        settings![
            word("-g --gpu-name").required().says("Name of the GPU, RTX_4090"),
            word("-n --num-gpus").reads(Reads::OneOf(&["1", "2", "4", "8", "12", "14"])).required().says("How many GPUs"),
            word("-r --region").says("Where: a continent, or codes of countries with commas between them"),
            option("-i --image", "image").required(),
            option("-d --disk", "disk"),
            WAIT,
            WAIT_TIMEOUT,
            word("--limit").reads(Reads::Integer).says("How many offers are tried; 3 unless set"),
            word("-o --order").says("Fields to sort by with commas between them; a dash behind one for the greatest first: 'dlperf_usd-,dph'"),
        ],
    )
    .made(instance::launch),
    command("show instance", "showInstance", &[ID, QUIET]),
    command(
        "show instances",
        "showInstances",
        &[
            QUIET,
            mark("-v --verbose").says("Show all columns"),
            mark("-a --all").says("All pages, one after another"),
            words("-s --status").says("Those with these statuses alone"),
            words("--label").says("Those with these labels alone; '' is none"),
            words("--gpu-name").says("Those with these GPUs alone"),
            words("--verification").says("Those on machines of these verifications alone"),
            option("-l --limit", "limit"),
            option("-t --next-token", "after_token"),
            word("--order-by").takes(Takes::OneEach).says("A column to sort by, with asc or desc behind it: 'start_date desc'"),
        ],
    )
    .also(&["show instances-v1"])
    .made(lists::instances),
    command("destroy instance", "destroyInstance", &[ID, YES]),
    command("destroy instances", "destroyInstances", &[ids("IDS", ""), YES]).does(Program::Bulk),
    command("start instance", "manageInstance", &[ID]).sends(&[("state", r#""running""#)]),
    command("start instances", "manageInstances", &[ids("IDS", "")])
        .sends(&[("state", r#""running""#)])
        .does(Program::Bulk),
    command("stop instance", "manageInstance", &[ID]).sends(&[("state", r#""stopped""#)]),
    command("stop instances", "manageInstances", &[ids("IDS", "")])
        .sends(&[("state", r#""stopped""#)])
        .does(Program::Bulk),
    command("label instance", "manageInstance", &[ID, place("LABEL", "label")]),
    command("reboot instance", "rebootInstance", scheduled![ID]).does(Program::Scheduled),
    command("recycle instance", "recycleInstance", &[ID]),
    command(
        "update instance",
        "updateInstance",
        &[
            ID,
            option("--template_id", "template_id"),
            option("--template_hash_id", "template_hash_id"),
            option("--image", "image"),
            option("--args", "args"),
            option("--env", "env"),
            option("--onstart", "onstart"),
        ],
    ),
    command("prepay instance", "prepayInstance", &[ID, place("AMOUNT", "amount")]),
    command("change bid", "changeBid", scheduled![ID, option("--price", "price")]).does(Program::Scheduled),
    command("execute", "execute", scheduled![ID, place("COMMAND", "command")]).does(Program::Scheduled),
    command(
        "logs",
        "showLogs",
        &[
            place("INSTANCE_ID", "id"),
            option("--tail", "tail"),
            option("--filter", "filter"),
            mark("--daemon-logs").says("What the host's daemon says of the instance"),
            mark("--follow").says("Print what is new, until the instance does not run any more"),
        ],
    )
    .does(Program::Logs),
    command("ssh-url", "showInstances", &[read_place("ID", Reads::Integer)]).does(Program::SshUrl),
    command("scp-url", "showInstances", &[read_place("ID", Reads::Integer)]).does(Program::ScpUrl),
    command(
        "attach ssh",
        "attachSshKey",
        &[place("INSTANCE_ID", "id"), place("SSH_KEY", "ssh_key").reads(Reads::PublicKey)],
    ),
    command("detach ssh", "detachSshKey", &[place("INSTANCE_ID", "id"), place("SSH_KEY_ID", "ssh_key_id")]),
    command(
        "take snapshot",
        "takeSnapshot",
        &[
            place("INSTANCE_ID", "id"),
            option("--container_registry", "container_registry"),
            option("--repo", "personal_repo"),
            option("--docker_login_user", "docker_login_user"),
            option("--docker_login_pass", "docker_login_pass"),
            option("--pause", "pause"),
        ],
    ),
    command("show pending-price-increases", "showPendingPriceIncreases", &[QUIET]),
    command("accept price-increase", "acceptPriceIncrease", &[ids("IDS", ""), YES])
        .does(Program::PriceIncrease),
    command("reject price-increase", "rejectPriceIncrease", &[ids("IDS", ""), YES])
        .does(Program::PriceIncrease),
    command("show instance-backups", "showInstanceBackups", &[option("--contract-id", "contract_id")]),
    command("show instance-backup-files", "showInstanceBackupFiles", &[place("CONTRACT_ID", "contract_id")]),
    command(
        "cloud copy",
        "cloudCopy",
        scheduled![
            option("--src", "src"),
            option("--dst", "dst").or(r#""/workspace""#),
            option("--instance", "instance_id"),
            option("--connection", "selected"),
            option("--transfer", "transfer").or(r#""Instance to Cloud""#),
            mark("--dry-run").says("Say what would be copied"),
            mark("--size-only").says("Compare files by their sizes alone"),
            mark("--ignore-existing").says("Leave files that are there as they are"),
            mark("--update").says("Leave files that are newer at the target as they are"),
            mark("--delete-excluded").says("Delete files at the target that are excluded"),
        ],
    )
    .does(Program::Scheduled),
];
