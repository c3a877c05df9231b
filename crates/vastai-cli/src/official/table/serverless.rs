//! Endpoints, workergroups, deployments.

use crate::official::argument::{Argument, Reads, Takes, mark, option, place, switch, word};
use crate::official::command::{Command, command};
use crate::official::programs::Program;
use crate::official::serverless;

const ID: Argument = place("ID", "id");
const QUIET: Argument = mark("-q --quiet");
/// Which instance of the engine: the one that serves everybody, or none is named.
const INSTANCE: Argument = option("--auto_instance", "autoscaler_instance");
const LOGS: &[Argument] = &[ID, word("--level").reads(Reads::Integer), option("--tail", "tail")];

pub(super) const COMMANDS: &[Command] = &[
    command(
        "create endpoint",
        "createEndpoint",
        &[
            option("--min_load", "min_load"),
            option("--min_cold_load", "min_cold_load"),
            option("--target_util", "target_util"),
            option("--cold_mult", "cold_mult"),
            option("--cold_workers", "cold_workers"),
            option("--max_workers", "max_workers"),
            option("--endpoint_name", "endpoint_name"),
            option("--max_queue_time", "max_queue_time"),
            option("--target_queue_time", "target_queue_time"),
            option("--inactivity_timeout", "inactivity_timeout"),
            INSTANCE,
        ],
    ),
    command("show endpoints", "showEndpoints", &[]),
    command(
        "update endpoint",
        "updateEndpoint",
        &[
            ID,
            option("--min_load", "min_load"),
            option("--min_cold_load", "min_cold_load"),
            option("--endpoint_state", "endpoint_state"),
            INSTANCE,
            option("--target_util", "target_util"),
            option("--cold_mult", "cold_mult"),
            option("--cold_workers", "cold_workers"),
            option("--max_workers", "max_workers"),
            option("--endpoint_name", "endpoint_name"),
            option("--max_queue_time", "max_queue_time"),
            option("--target_queue_time", "target_queue_time"),
            option("--inactivity_timeout", "inactivity_timeout"),
        ],
    ),
    command("delete endpoint", "deleteEndpoint", &[ID]),
    command("get endpt-logs", "getEndpointLogs", LOGS).does(Program::EngineLogs),
    command("get endpt-workers", "getEndpointWorkers", &[ID]),
    command(
        "create workergroup",
        "createWorkergroup",
        &[
            option("--template_hash", "template_hash"),
            option("--template_id", "template_id"),
            mark("-n --no-default"),
            option("--launch_args", "launch_args"),
            option("--endpoint_name", "endpoint_name"),
            option("--endpoint_id", "endpoint_id"),
            option("--gpu_ram", "gpu_ram"),
            word("--search_params"),
            INSTANCE,
        ],
    )
    .made(serverless::search_params),
    command("show workergroups", "showWorkergroup", &[]),
    command(
        "update workergroup",
        "updateWorkergroup",
        &[
            ID,
            option("--gpu_ram", "gpu_ram"),
            option("--template_hash", "template_hash"),
            option("--template_id", "template_id"),
            word("--search_params"),
            mark("-n --no-default"),
            option("--launch_args", "launch_args"),
            option("--endpoint_name", "endpoint_name"),
            option("--endpoint_id", "endpoint_id"),
        ],
    )
    .made(serverless::search_params),
    command(
        "update workers",
        "updateWorkers",
        &[place("ID", "workergroup_id"), switch("--cancel", "cancel_update")],
    ),
    command("delete workergroup", "deleteWorkergroup", &[ID]),
    command("get wrkgrp-logs", "getWorkergroupLogs", LOGS).does(Program::EngineLogs),
    command("show deployments", "showDeployments", &[QUIET]),
    command("show deployment", "showDeployment", &[ID, QUIET]),
    command("show deployment-versions", "showDeploymentVersions", &[ID]),
    command("start deployment", "startDeployment", &[ID]),
    command("stop deployment", "stopDeployment", &[ID]),
    command(
        "delete deployment",
        "deleteDeployment",
        &[place("ID", "").takes(Takes::AtMostOne).reads(Reads::Integer), word("--name"), word("--tag")],
    )
    .does(Program::DeleteDeployment),
    command(
        "run benchmarks",
        "createEndpoint",
        &[
            word("--template_hash"),
            word("--template_id").reads(Reads::Integer),
            word("--gpus"),
            word("--num_gpus").reads(Reads::Integer),
            word("--timeout").reads(Reads::Integer),
            mark("--no-cache"),
            mark("-y --yes"),
            word("--auto_instance"),
            word("--autoscaler_url"),
        ],
    )
    .does(Program::RunBenchmarks),
];
