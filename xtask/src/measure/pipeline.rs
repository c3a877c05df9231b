//! The pipeline and the comparison, in release, on documents of 100, 1,000 and 5,000 operations, and the build script as users run it.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use serde_json::{Map, Value, json};

use super::Bench;
use super::table::{Amount, Goal, Row};
use crate::cargo::{output_of, target_folder};
use crate::repository::DOCUMENT;

const SIZES: [usize; 3] = [100, 1_000, 5_000];
const CHECK_HELD_BY: &str = "of 5.4 s CPU for 5,000 on a busy machine, a half is generating and parsing all code, on every processor. Of that half \
    progenitor and typify take a quarter, syn's parser nearly a half, and the walks over the tokens between them a fifth. The other half runs \
    on one processor: reading, the lowering and the checks of names. Of all instructions a third are malloc and free, of tokens above all. \
    Tried: targets of overlays look at parts that say their words (10.5 s before), pointers are written where they are asked for, the \
    lowering does not copy its document; another allocator (mimalloc) takes 4.2 s of CPU where this takes 4.7, and a tenth less time, for a library of C in \
    every build of xtask: not taken. Not tried: pieces of the lowering on several processors, and builders that are not made at all, \
    which progenitor has no setting for";
const MEMORY_HELD_BY: &str = "the document as it was read, twice while it is lowered. Parts of 4,096 operations held the rest until operations that \
    share schemas went into the same part";
const DIFF_HELD_BY: &str =
    "all that is new is generated for its Rust items, response builders too, as by check-document";
const BUILD_SCRIPT_HELD_BY: &str = "all of the pipeline, in a debug build: of the instructions, preparing 28 % (YAML 11, overlays 10, lowering 5), progenitor 13, \
    the walks over its tokens 11, reading them 17, what is changed in them 15, writing them 8. No part is large enough to give two thirds. \
    Tried: with syn, prettyplease and the YAML parser at opt-level 1, these take 27 s of CPU to compile, and 11 s without: a cold build, which runs \
    the script once, would be dearer by many times what the script takes";
const GROWTH_HELD_BY: &str = "tables of names and the report, which grow with the document; counted in allocations (`tests/growth`) all is linear";
/// Two published documents that differ much, where they are at hand.
const PUBLISHED: [&str; 2] = ["../shared/upstream/2025-10-10.yaml", "../shared/upstream/2026-07-22.yaml"];

pub(super) fn rows(bench: &Bench<'_>) -> anyhow::Result<Vec<Row>> {
    let mut rows = vec![
        build_script(bench).unwrap_or_else(|error| Row::missing("the build script", format!("{error:#}"))),
    ];
    let mut build = bench.cargo.offline(bench.repository.root());
    build.args(["build", "--quiet", "--locked", "--profile", "fast", "--package", "xtask"]);
    output_of(build)?;
    let xtask = target_folder(bench.repository.root())
        .join("fast")
        .join(format!("xtask{}", std::env::consts::EXE_SUFFIX));
    let run = |arguments: &[&OsStr]| {
        let mut command = Command::new(&xtask);
        command.arg("--root").arg(bench.repository.root()).args(arguments);
        // 4 and 5 tell a difference.
        let mut shell = Command::new("sh");
        shell
            .args(["-c", "\"$0\" \"$@\"; [ $? -lt 100 ]"])
            .arg(command.get_program())
            .args(command.get_args());
        shell
    };
    let nothing = write(&bench.folder, 0)?;
    let mut first = None;
    for size in SIZES {
        let file = write(&bench.folder, size)?;
        let check = bench.cost(&run(&[OsStr::new("check-document"), file.as_os_str()]))?;
        let time = Row::of(format!("check-document, {size} operations"), Amount::Seconds(check.wall));
        let memory =
            Row::of(format!("check-document, {size} operations: memory"), Amount::Bytes(check.memory));
        let diff = bench.cost(&run(&[OsStr::new("diff"), file.as_os_str(), nothing.as_os_str()]))?;
        let diffed = Row::of(format!("diff, {size} operations against none"), Amount::Seconds(diff.wall));
        let (time, memory) = match size {
            5_000 => (
                time.wanted(Goal::AtMost(Amount::Seconds(3.0)), CHECK_HELD_BY),
                memory.wanted(Goal::AtMost(Amount::Bytes(400_000_000)), MEMORY_HELD_BY),
            ),
            _ => (time, memory),
        };
        let diffed = if size == 1_000 {
            diffed.wanted(Goal::AtMost(Amount::Seconds(2.0)), DIFF_HELD_BY)
        } else {
            diffed
        };
        rows.extend([time, memory, diffed]);
        match first {
            None => first = Some((size, check, diff)),
            #[expect(clippy::cast_precision_loss, reason = "small numbers")]
            Some((least, of_least, diff_of_least)) => {
                let growth = size as f64 / least as f64;
                for (what, ours, reference) in
                    [("check-document", check.cpu, of_least.cpu), ("diff", diff.cpu, diff_of_least.cpu)]
                {
                    let what = format!("growth of {what}, {size} operations against {least}");
                    let row = Row::of(what, Amount::Times(ours / reference))
                        .beside("linear", Amount::Times(growth));
                    rows.push(row.wanted(Goal::TimesReference(1.0), GROWTH_HELD_BY));
                }
            }
        }
    }
    let [old, new] = PUBLISHED.map(|name| bench.repository.root().join(name));
    rows.push(if old.is_file() && new.is_file() {
        let cost = bench.least_cost(3, || run(&[OsStr::new("diff"), old.as_os_str(), new.as_os_str()]))?;
        Row::of("diff of two published documents", Amount::Seconds(cost.wall)).wanted(
            Goal::AtMost(Amount::Seconds(0.3)),
            "what a change touches is generated for both documents, and between versions far apart that is nearly all; the two are prepared \
             at once, on a processor each",
        )
    } else {
        Row::missing("diff of two published documents", "they are not part of the repository")
    });
    Ok(rows)
}

/// The build script in a debug build, on the vendored document.
fn build_script(bench: &Bench<'_>) -> anyhow::Result<Row> {
    // Cargo tells places as they are, and the root may be given with `..` in it.
    let root = bench.repository.root().canonicalize()?;
    let mut build = bench.cargo.offline(&root);
    build.args(["check", "--quiet", "--locked", "--package", "vastai-api", "--message-format", "json"]);
    let script = built_script(&output_of(build)?, &root.join("Cargo.toml"))
        .context("cargo tells of no build script of vastai-api")?;
    let out = bench.folder.join("build-script");
    fs::create_dir_all(&out)?;
    let cost = bench.least_cost(5, || {
        let mut command = Command::new(&script);
        command
            .current_dir(&root)
            .env("CARGO_MANIFEST_DIR", &root)
            .env("OUT_DIR", &out)
            .env_remove("VASTAI_OPENAPI");
        command
    })?;
    Ok(Row::of(format!("the build script on {DOCUMENT}, debug"), Amount::Seconds(cost.wall))
        .wanted(Goal::AtMost(Amount::Seconds(0.5)), BUILD_SCRIPT_HELD_BY))
}

/// The program of a package's build script, by what cargo tells of a build in which it may have been there already.
fn built_script(messages: &str, manifest: &Path) -> Option<PathBuf> {
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| {
            let told = message["manifest_path"].as_str().and_then(|told| Path::new(told).canonicalize().ok());
            message["reason"] == "compiler-artifact"
                && message["target"]["kind"][0] == "custom-build"
                && told.as_deref() == Some(manifest)
        })
        .filter_map(|message| message["filenames"][0].as_str().map(PathBuf::from))
        .next_back()
}

/// Writes a document of so many operations, each with parameters, a body and a response with objects of its own and shared ones.
fn write(folder: &Path, operations: usize) -> anyhow::Result<PathBuf> {
    fs::create_dir_all(folder)?;
    let file = folder.join(format!("{operations}.json"));
    fs::write(&file, document(operations).to_string())?;
    Ok(file)
}

fn document(operations: usize) -> Value {
    let fields = |prefix: &str| {
        let kinds = ["string", "integer", "number", "boolean"];
        let field = |at: usize| {
            (format!("{prefix}_{at}"), json!({ "type": kinds[at % 4], "description": "A field." }))
        };
        // With twelve, 5,000 operations are more values than a document may have.
        Value::Object((0..6).map(field).collect())
    };
    let mut paths = Map::new();
    for at in 0..operations {
        let mut taken = fields("taken");
        taken["shared"] = json!({ "$ref": format!("#/components/schemas/Shared{}", at % 50) });
        let mut given = fields("given");
        given["inner"] =
            json!({ "type": "array", "items": { "type": "object", "properties": fields("inner") } });
        given["shared"] = json!({ "$ref": format!("#/components/schemas/Shared{}", at % 50) });
        let operation = json!({
            "operationId": format!("changeThing{at}"),
            "summary": format!("change thing {at}"),
            "parameters": [
                { "name": "id", "in": "path", "required": true, "schema": { "type": "integer" } },
                { "name": "limit", "in": "query", "schema": { "type": "integer", "minimum": 1, "maximum": 100 } }
            ],
            "requestBody": { "content": { "application/json": { "schema": { "type": "object", "properties": taken } } } },
            "responses": { "200": {
                "description": "The thing.",
                "content": { "application/json": { "schema": { "type": "object", "properties": given } } }
            } }
        });
        paths.insert(format!("/things{at}/{{id}}/"), json!({ "put": operation }));
    }
    let shared =
        |at: usize| (format!("Shared{at}"), json!({ "type": "object", "properties": fields("shared") }));
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Things", "version": "1" },
        "servers": [{ "url": "https://console.example" }],
        "paths": paths,
        "components": { "schemas": (0..50).map(shared).collect::<Map<_, _>>() }
    })
}
