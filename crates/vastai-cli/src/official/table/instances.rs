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
            word("--onstart"),
            word("--onstart-cmd"),
            word("--entrypoint"),
            mark("--ssh"),
            mark("--jupyter"),
            mark("--direct"),
            option("--jupyter-dir", "jupyter_dir"),
            switch("--jupyter-lab", "use_jupyter_lab"),
            switch("--lang-utf8", "lang_utf8"),
            switch("--python-utf8", "python_utf8"),
            option("--extra", "extra"),
            word("--env"),
            rest("--args", ""),
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
            word("--create-volume").reads(Reads::Integer),
            word("--link-volume").reads(Reads::Integer),
            word("--volume-size").reads(Reads::Integer),
            word("--mount-path"),
            word("--volume-label"),
        ]
    };
}

/// When something is done again and again.
macro_rules! scheduled {
    ($($own:expr),* $(,)?) => {
        &[
            $($own,)*
            word("--schedule").reads(Reads::OneOf(schedule::FREQUENCIES)),
            word("--start_date"),
            word("--end_date"),
            word("--day").reads(Reads::OneOf(schedule::DAYS)),
            word("--hour").reads(Reads::OneOf(schedule::HOURS)),
        ]
    };
}

const ID: Argument = place("ID", "id");
const YES: Argument = mark("-y --yes");
const QUIET: Argument = mark("-q --quiet");
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
            word("-g --gpu-name").required(),
            word("-n --num-gpus").reads(Reads::OneOf(&["1", "2", "4", "8", "12", "14"])).required(),
            word("-r --region"),
            option("-i --image", "image").required(),
            option("-d --disk", "disk"),
            WAIT,
            WAIT_TIMEOUT,
            word("--limit").reads(Reads::Integer),
            word("-o --order"),
        ],
    )
    .made(instance::launch),
    command("show instance", "showInstance", &[ID, QUIET]),
    command(
        "show instances",
        "showInstances",
        &[
            QUIET,
            mark("-v --verbose"),
            mark("-a --all"),
            words("-s --status"),
            words("--label"),
            words("--gpu-name"),
            words("--verification"),
            option("-l --limit", "limit"),
            option("-t --next-token", "after_token"),
            word("--order-by").takes(Takes::OneEach),
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
            mark("--daemon-logs"),
            mark("--follow"),
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
            mark("--dry-run"),
            mark("--size-only"),
            mark("--ignore-existing"),
            mark("--update"),
            mark("--delete-excluded"),
        ],
    )
    .does(Program::Scheduled),
];
