//! How the time of the pipeline and of a comparison grows with the operations of a document:
//! `cargo bench -p vastai-spec --features generate --bench growth [-- OPERATIONS…]`.
//!
//! Growth is time per operation, against that of the smallest document: 1.00 where it is linear. `-- --write FOLDER OPERATIONS…` writes
//! the documents as JSON, to measure commands with them.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "this is a benchmark")]

mod document;

use std::fs;
use std::path::Path;
use std::time::Instant;

use peak_alloc::PeakAlloc;
use serde_json::{Value, json};
use vastai_spec::diff::Diff;
use vastai_spec::load;
use vastai_spec::pipeline::{Keep, Prepared, Source, Staleness, prepare_published};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const OPERATIONS: [usize; 3] = [100, 1_000, 5_000];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let mut operations: Vec<usize> = arguments.iter().filter_map(|argument| argument.parse().ok()).collect();
    if operations.is_empty() {
        operations = OPERATIONS.to_vec();
    }
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let read = |name: &str| fs::read_to_string(repository.join(name)).unwrap();
    let base = load::openapi(&read("openapi.yaml"), "openapi.yaml").unwrap();
    let documents = operations.iter().map(|count| document::grown(&base, *count).to_string());
    if let Some(at) = arguments.iter().position(|argument| argument == "--write") {
        let folder = Path::new(&arguments[at + 1]);
        for (count, text) in operations.iter().zip(documents) {
            fs::write(folder.join(format!("{count}.json")), text).unwrap();
        }
        return;
    }
    let overlay = read("overlay.yaml");
    let none = json!({ "openapi": "3.1.0", "info": base["info"], "paths": {} }).to_string();
    let mut first: Option<[f64; 2]> = None;
    println!("{:>10}  {:>22}  {:>8}  {:>22}", "operations", "check", "peak", "compare with none");
    for text in documents {
        MEMORY.reset_peak_usage();
        let started = Instant::now();
        let checked = prepared(&text, &overlay, Keep::LoweredAlone).check().unwrap();
        let check = started.elapsed().as_secs_f64();
        let peak = MEMORY.peak_usage_as_mb();
        let started = Instant::now();
        let [old, new] = [&none, &text].map(|text| prepared(text, &overlay, Keep::Everything));
        let mut diff = Diff::between(&old.published, &new.published).unwrap();
        diff.judge_rust(&old, &new).unwrap();
        let compare = started.elapsed().as_secs_f64();
        let count = document::count(&serde_json::from_str::<Value>(&text).unwrap());
        let of_each = [check, compare].map(|time| time / count as f64);
        let smallest = *first.get_or_insert(of_each);
        let column = |index: usize| {
            format!("{:.2} s, growth {:.2}", [check, compare][index], of_each[index] / smallest[index])
        };
        println!("{checked:>10}  {:>22}  {peak:>5.0} MB  {:>22}", column(0), column(1));
    }
}

fn prepared(text: &str, overlay: &str, keep: Keep) -> Prepared {
    let published = load::published(text, "document").unwrap();
    let overlay = Source::new("overlay.yaml", overlay);
    prepare_published(published, "document", Some(overlay), Staleness::Warn, keep).unwrap()
}
