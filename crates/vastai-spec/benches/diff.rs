//! How long it takes to read two documents and to compare them: `cargo bench -p vastai-spec --bench diff [-- OLD NEW]`.
//!
//! Without files, the two latest published documents beside the checkout are taken, else the vendored one in two versions.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "this is a benchmark")]

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use vastai_spec::diff::{Diff, Document};
use vastai_spec::identify::identify;
use vastai_spec::load;
use vastai_spec::report::Report;

const ROUNDS: usize = 20;

fn main() {
    let [old, new] = texts();
    let mut rounds: Vec<[Duration; 2]> = Vec::new();
    let mut findings = 0;
    for _ in 0..ROUNDS {
        let started = Instant::now();
        let [before, after] = [&old, &new].map(|text| {
            let mut value = load::openapi(text, "document").unwrap();
            identify(&mut value, &mut Report::default());
            value
        });
        let loaded = started.elapsed();
        let documents = [Document::new(&before).with_text(&old), Document::new(&after).with_text(&new)];
        findings = Diff::between(documents[0], documents[1]).unwrap().changes.len();
        rounds.push([loaded, started.elapsed() - loaded]);
    }
    rounds.sort_by_key(|[load, diff]| *load + *diff);
    let lines = [&old, &new].map(|text| text.lines().count());
    println!("{} and {} lines, {findings} findings, {ROUNDS} rounds", lines[0], lines[1]);
    for (name, [load, diff]) in
        [("fastest", rounds[0]), ("median", rounds[ROUNDS / 2]), ("slowest", rounds[ROUNDS - 1])]
    {
        println!("{name}: load {load:.1?} + compare {diff:.1?} = {:.1?}", load + diff);
    }
}

fn texts() -> [String; 2] {
    let named: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let published =
        ["2026-06-30", "2026-07-22"].map(|date| repository.join(format!("../shared/upstream/{date}.yaml")));
    match named.as_slice() {
        [old, new] => [old, new].map(|file| fs::read_to_string(file).unwrap()),
        _ if published.iter().all(|file| file.exists()) => {
            published.map(|file| fs::read_to_string(file).unwrap())
        }
        _ => {
            let vendored = fs::read_to_string(repository.join("openapi.yaml")).unwrap();
            [vendored.replace("type: integer", "type: number"), vendored]
        }
    }
}
