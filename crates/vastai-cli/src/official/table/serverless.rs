//! Endpoints, workergroups, deployments.

use crate::official::argument::{Argument, Reads, Takes, mark, option, place, switch, word};
use crate::official::command::{Command, command};
use crate::official::programs::Program;
use crate::official::serverless;

const ID: Argument = place("ID", "id");
const QUIET: Argument = mark("-q --quiet").says("Print the ids alone");
/// Which instance of the engine: the one that serves everybody, or none is named.
const INSTANCE: Argument =
    option("--auto_instance", "autoscaler_instance").says("Which of the serverless engines: prod unless set");
const LOGS: &[Argument] = &[
    ID,
    word("--level").reads(Reads::Integer).says("How much is said: 0 is errors alone, 3 is all"),
    option("--tail", "tail"),
];

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
            mark("-n --no-default").says("Without the conditions that hold unless --search_params sets them"),
            option("--launch_args", "launch_args"),
            option("--endpoint_name", "endpoint_name"),
            option("--endpoint_id", "endpoint_id"),
            option("--gpu_ram", "gpu_ram"),
            word("--search_params").says("Which offers fit, as of search offers"),
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
            word("--search_params").says("Which offers fit, as of search offers"),
            mark("-n --no-default").says("Without the conditions that hold unless --search_params sets them"),
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
        &[
            place("ID", "").takes(Takes::AtMostOne).reads(Reads::Integer),
            word("--name").says("The deployment, by its name"),
            word("--tag").says("The version with this tag alone; with --name"),
        ],
    )
    .does(Program::DeleteDeployment),
    command(
        "run benchmarks",
        "createEndpoint",
        &[
            word("--template_hash").says("The template that is measured, by its hash"),
            word("--template_id").reads(Reads::Integer).says("The template that is measured, by its id"),
            word("--gpus").says(
                "The GPUs, with commas between them, each with its number before it: 'RTX_4090,2x RTX_3090'",
            ),
            word("--num_gpus")
                .reads(Reads::Integer)
                .says("How many GPUs a worker has, where --gpus does not say it"),
            word("--timeout").reads(Reads::Integer).says("For how many seconds to wait for a worker"),
            mark("--no-cache")
                .says("Measure, although others have measured the template in the last 30 days"),
            mark("-y --yes").says("Do not ask"),
            word("--auto_instance").says("Which of the serverless engines: prod unless set"),
            word("--autoscaler_url").says("Where the serverless engine is"),
        ],
    )
    .does(Program::RunBenchmarks),
];
