//! What an instance runs and how it is reached, as the options of `create instance` and `launch instance` say it.

use serde_json::{Value, json};
use vastai::Client;

use super::said::Said;
use super::{default_of, docker, files, search};
use crate::failure::Failure;
use crate::output;
use crate::request::Request;

/// The size of a new volume unless set, in GB.
const VOLUME: i64 = 15;

/// The settings of `create instance`.
pub(super) fn settings(said: &Said, _: &Client, request: &mut Request) -> Result<(), Failure> {
    container(said, request)?;
    request.set_if("volume_info", volume(said)?);
    Ok(())
}

/// The settings of `launch instance`, and its search.
pub(super) fn launch(said: &Said, client: &Client, request: &mut Request) -> Result<(), Failure> {
    container(said, request)?;
    let disk = request.get("disk").cloned().or_else(|| default_of(request.operation(), "disk"));
    let disk = disk.and_then(|disk| disk.as_f64()).unwrap_or_default();
    let mut query = format!(
        "num_gpus={} gpu_name={} disk_space>={disk}",
        said.word("--num-gpus").unwrap_or_default(),
        said.word("--gpu-name").unwrap_or_default(),
    );
    if let Some(region) = said.word("--region") {
        query.push_str(&format!(" geolocation in [{}]", countries(region)));
    }
    let mut offers = client.offers().query(&query).map_err(|error| Failure::of_client(&error))?.storage(disk);
    for (field, direction) in search::order(said)? {
        offers = offers.order_by(&field, direction);
    }
    let limit = said.integer("--limit").unwrap_or(3);
    if limit > 0 {
        offers = offers.limit(limit.unsigned_abs());
    }
    request.set("q", offers.body().map_err(|error| Failure::of_client(&error))?);
    Ok(())
}

/// How a container is started and reached.
fn container(said: &Said, request: &mut Request) -> Result<(), Failure> {
    if let Some(options) = said.word("--env") {
        let environment = docker::environment(options).map_err(Failure::usage)?;
        if !environment.left_out.is_empty() {
            output::warn(&format!(
                "not sent, as the service takes -e NAME=VALUE, -p, -v, -n and -h alone: {}",
                environment.left_out.join(" ")
            ));
        }
        if !environment.fields.is_empty() {
            request.set("env", environment.fields);
        }
    }
    let onstart = match said.word("--onstart") {
        Some(file) => Some(files::commands(file)?),
        None => said.word("--onstart-cmd").or(said.word("--entrypoint")).map(str::to_owned),
    };
    request.set_if("onstart", onstart);
    let args = said.words("--args");
    if !args.is_empty() {
        request.set("args", args);
    }
    // Where our own flag says it, that holds.
    if request.get("runtype").is_none() {
        request.set_if("runtype", runtype(said)?);
    }
    Ok(())
}

/// The words that the official client sends. A template says it itself.
fn runtype(said: &Said) -> Result<Option<&'static str>, Failure> {
    let is_jupyter = ["--jupyter", "--jupyter-lab", "--jupyter-dir"].into_iter().any(|name| said.has(name));
    let (is_ssh, is_direct, has_args) = (said.has("--ssh"), said.has("--direct"), said.has("--args"));
    if is_jupyter && has_args {
        let message = "--jupyter and --args exclude each other: with --args the image's own entry point runs";
        return Err(Failure::usage(message.to_owned()));
    }
    if said.has("--template_hash") {
        return Ok(None);
    }
    Ok(Some(match (is_jupyter, is_ssh, is_direct) {
        (true, _, true) => "jupyter_direc ssh_direc ssh_proxy",
        (true, _, false) => "jupyter_proxy ssh_proxy",
        (false, true, true) => "ssh_direc ssh_proxy",
        (false, true, false) => "ssh_proxy",
        (false, false, _) if has_args => "args",
        (false, false, _) => "ssh",
    }))
}

fn volume(said: &Said) -> Result<Option<Value>, Failure> {
    let (new, linked) = (said.integer("--create-volume"), said.integer("--link-volume"));
    let Some(id) = new.or(linked) else {
        let stray =
            ["--volume-size", "--mount-path", "--volume-label"].into_iter().find(|name| said.has(name));
        return match stray {
            Some("--mount-path") | None => Ok(None),
            Some(name) => Err(Failure::usage(format!("{name} goes with --create-volume"))),
        };
    };
    let Some(path) = said.word("--mount-path") else {
        return Err(Failure::usage("a volume needs --mount-path: where it is in the instance".to_owned()));
    };
    if new.is_none() {
        if said.has("--volume-size") {
            let message = "--volume-size goes with --create-volume: a volume that there is keeps its size";
            return Err(Failure::usage(message.to_owned()));
        }
        return Ok(Some(json!({ "mount_path": path, "create_new": false, "volume_id": id })));
    }
    let size = said.integer("--volume-size").unwrap_or(VOLUME);
    let mut volume = json!({ "mount_path": path, "create_new": true, "volume_id": id, "size": size });
    if let Some(name) = said.word("--volume-label") {
        volume["name"] = name.into();
    }
    Ok(Some(volume))
}

/// The countries of a region, by their codes; a list of codes is taken as it is.
fn countries(region: &str) -> String {
    let known = REGIONS.iter().find(|(name, _)| *name == region);
    match known {
        Some((_, codes)) => codes.replace(' ', ","),
        None => region.trim_start_matches('[').trim_end_matches(']').to_owned(),
    }
}

/// The regions by which the official client launches.
const REGIONS: &[(&str, &str)] = &[
    ("North_America", "AG BS BB BZ CA CR CU DM DO SV GD GT HT HN JM MX NI PA KN LC VC TT US"),
    ("South_America", "AR BO BR CL CO EC FK GF GY PY PE SR UY VE"),
    (
        "Europe",
        "AL AD AT BY BE BA BG HR CY CZ DK EE FI FR DE GR HU IS IE IT LV LI LT LU MT MD MC ME NL MK NO PL PT RO RU SM RS SK SI ES SE CH UA GB \
         VA XK",
    ),
    (
        "Asia",
        "AF AM AZ BH BD BT BN KH CN GE IN ID IR IQ IL JP JO KZ KW KG LA LB MY MV MN MM NP KP OM PK PH QA SA SG KR LK SY TW TJ TH TL TR TM AE UZ \
         VN YE HK MO",
    ),
    ("Oceania", "AS AU CK FJ PF GU KI MH FM NR NC NZ NU MP PW PG PN WS SB TK TO TV VU WF"),
    (
        "Africa",
        "DZ AO BJ BW BF BI CV CM CF TD KM CG CD CI DJ EG GQ ER SZ ET GA GM GH GN GW KE LS LR LY MG MW ML MR MU MA MZ NA NE NG RW ST SN SC SL SO \
         ZA SS SD TZ TG TN UG ZM ZW",
    ),
];
