//! Calls against a server on loopback that answers at once, and decoding: beside a call that is written by hand, and the official library.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::thread;

use anyhow::Context as _;

use super::Bench;
use super::command::{OFFICIAL, python};
use super::table::{Amount, Goal, Row};
use crate::cargo::output_of;

const HAND_WRITTEN: &str = include_str!("programs/calls_by_hand.rs");
const FACADE: &str = include_str!("programs/calls_by_facade.rs");
/// Instances and their pages, which belong to what is written by hand.
const INSTANCES: &str = include_str!("programs/instances.rs");
const OFFICIAL_CALLS: &str = include_str!("programs/calls.py");

const DEPENDENCIES: &str = "reqwest = { version = \"0.13\", default-features = false, features = [\"json\", \"query\", \"stream\", \"rustls-no-provider\"] }\n\
    rustls = { version = \"0.23\", default-features = false, features = [\"ring\", \"std\", \"tls12\"] }\n\
    serde = { version = \"1\", features = [\"derive\"] }\nserde_json = \"1\"\n\
    tokio = { version = \"1\", features = [\"macros\", \"rt\"] }\n";
/// Counts allocations, where the feature asks for it.
const COUNT: &str =
    "stats_alloc = { version = \"0.1\", optional = true }\n\n[features]\ncount = [\"dep:stats_alloc\"]\n";
const HELD_BY: &str = "counted in instructions of the program (callgrind): 85,300 against 79,100 one by one, 84,200 against 79,500 at 64; before the future of a call \
    shrank from 5 kB to two pieces of 0.9 and 1.0, and the URL of an operation was parsed once, 90,500 and 89,000. What is left, as far as it is counted: fields of any type, and what they are \
    read into is larger, 1,900; the copy of the request for another attempt, 1,200. The rest is the timer of the call, a header more and, one by one, another turn of \
    the runtime before a kept connection is used";
const ALLOCATIONS_HELD_BY: &str =
    "counted (callgrind): 59 against 56; three are the copy of the request for another attempt";
const PAGE_HELD_BY: &str = "counted in instructions of the program (callgrind): reading it is 68.6 million, less than the 76.1 of derived types; what it takes decoded \
    is estimated in 4.6 and failures are looked for by their names in 3.6 (46 and 33 before)";

const CALLS: usize = 20_000;
const CALLS_OF_PYTHON: usize = 500;
const PAGES: usize = 200;
const COUNTED_CALLS: usize = 1_000;
const WATCHED: usize = 1_000;
/// How often each endpoint is looked at.
const LOOKS: usize = 20;

/// The response that every request gets: three workers.
const WORKERS: &str = r#"[{"id":1,"status":"idle","measured_perf":100.5,"cur_load":0.5,"reqs_working":0,"disk_usage":12.5,"loaded_at":1700000000.5},
{"id":2,"status":"loading","measured_perf":0.0,"cur_load":0.0,"reqs_working":0,"disk_usage":12.5,"loaded_at":0.0},
{"id":3,"status":"idle","measured_perf":98.25,"cur_load":7.5,"reqs_working":1,"disk_usage":12.5,"loaded_at":1700000001.5}]"#;

pub(super) fn rows(bench: &Bench<'_>) -> anyhow::Result<Vec<Row>> {
    let url = serve(page(bench)?)?;
    let by_hand = bench.release_program(
        "calls-by-hand",
        &format!("{DEPENDENCIES}{COUNT}"),
        &format!("{HAND_WRITTEN}\n{INSTANCES}"),
    )?;
    let vastai = format!("vastai = \"={}\"\n", bench.package("vastai")?.version);
    let by_facade =
        bench.release_program("calls-by-facade", &format!("{DEPENDENCIES}{vastai}{COUNT}"), FACADE)?;
    // What a process costs to begin with is taken away.
    let per_call = |program: &Path, calls: usize, at_once: usize, more: &[&str]| -> anyhow::Result<f64> {
        let cost = |calls: usize| {
            bench.least_cost(3, || {
                let mut command = Command::new(program);
                command.args([&url, &calls.to_string(), &at_once.to_string()]).args(more);
                command.env("NO_PROXY", "127.0.0.1");
                command
            })
        };
        let (none, all) = (cost(at_once)?, cost(calls + at_once)?);
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        Ok((all.cpu - none.cpu) / calls as f64)
    };
    let mut rows = Vec::new();
    let workers: &[&str] = &[];
    for (what, calls, at_once, more, held_by) in [
        ("a call of `workers()`, 1 at once", CALLS, 1, workers, HELD_BY),
        ("a call of `workers()`, 64 at once", CALLS, 64, workers, HELD_BY),
        ("a page of 1,000 instances over the wire", PAGES, 1, &["page"], PAGE_HELD_BY),
    ] {
        let ours = per_call(&by_facade, calls, at_once, more)?;
        let reference = per_call(&by_hand, calls, at_once, more)?;
        rows.push(
            Row::of(what, Amount::CpuSeconds(ours))
                .beside("hand-written", Amount::CpuSeconds(reference))
                .wanted(Goal::TimesReference(1.05), held_by),
        );
    }
    rows.push(
        official(bench, &url, per_call(&by_facade, CALLS, 1, workers)?)
            .unwrap_or_else(|error| Row::missing("a call of the official library", format!("{error:#}"))),
    );
    rows.extend(decoding(bench).unwrap_or_else(|error| vec![Row::missing("decoding", format!("{error:#}"))]));
    rows.extend(
        watch(bench, &url, &by_facade, &by_hand)
            .unwrap_or_else(|error| vec![Row::missing("the watch of 1,000 endpoints", format!("{error:#}"))]),
    );
    // The last: it builds the programs anew.
    rows.push(
        bench
            .allocations(&url)
            .unwrap_or_else(|error| Row::missing("allocations of a call", format!("{error:#}"))),
    );
    Ok(rows)
}

/// The watch of many endpoints at once: what a look costs, and what all of them hold, beside as many calls that are written by hand.
fn watch(bench: &Bench<'_>, url: &str, by_facade: &Path, by_hand: &Path) -> anyhow::Result<Vec<Row>> {
    let run = |program: &Path, looks: usize, more: &[&str]| {
        let mut command = Command::new(program);
        command.args([url, &(looks * WATCHED).to_string(), &WATCHED.to_string()]).args(more);
        command.env("NO_PROXY", "127.0.0.1");
        command
    };
    let cost = |program: &Path, more: &[&str]| -> anyhow::Result<(f64, u64)> {
        let one = bench.least_cost(2, || run(program, 1, more))?;
        let all = bench.least_cost(2, || run(program, LOOKS + 1, more))?;
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        Ok(((all.cpu - one.cpu) / (LOOKS * WATCHED) as f64, all.memory))
    };
    let ((look, memory), (call, memory_of_calls)) = (cost(by_facade, &["watch"])?, cost(by_hand, &[])?);
    Ok(vec![
        Row::of("a look of the watch of 1,000 endpoints", Amount::CpuSeconds(look))
            .beside("hand-written call, 1,000 at once", Amount::CpuSeconds(call)),
        Row::of("the watch of 1,000 endpoints: memory", Amount::Bytes(memory))
            .beside("hand-written calls, 1,000 at once", Amount::Bytes(memory_of_calls)),
    ])
}

fn official(bench: &Bench<'_>, url: &str, ours: f64) -> anyhow::Result<Row> {
    let programs = python(&bench.folder, OFFICIAL)?;
    let script = bench.folder.join("calls.py");
    std::fs::write(&script, OFFICIAL_CALLS)?;
    let run = |calls: usize| {
        let mut command = Command::new(programs.join("python"));
        command
            .arg(&script)
            .args([url, &calls.to_string()])
            .env("HOME", &bench.folder)
            .env("NO_PROXY", "127.0.0.1");
        command.env("VASTAI_NO_UPDATE_CHECK", "1");
        command
    };
    let (one, all) = (bench.least_cost(2, || run(1))?, bench.least_cost(2, || run(CALLS_OF_PYTHON + 1))?);
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let theirs = (all.cpu - one.cpu) / CALLS_OF_PYTHON as f64;
    Ok(Row::of("a call of `workers()`, 1 at once", Amount::CpuSeconds(ours))
        .beside("official library, Python", Amount::CpuSeconds(theirs)))
}

/// A page of 1,000 instances, as the bench of decoding reads it.
fn page(bench: &Bench<'_>) -> anyhow::Result<String> {
    std::fs::create_dir_all(&bench.folder)?;
    let file = bench.folder.join("page.json");
    let mut run = bench.decoding();
    run.args(["--", "--page"]).arg(&file);
    output_of(run)?;
    std::fs::read_to_string(&file).with_context(|| file.display().to_string())
}

/// What the bench of decoding tells: the medians of a page of 1,000 instances.
fn decoding(bench: &Bench<'_>) -> anyhow::Result<Vec<Row>> {
    let output = output_of(bench.decoding())?;
    let median = |name: &str| {
        let line = output.lines().find(|line| line.starts_with(name))?;
        let time = line.strip_prefix(name)?.split(',').next()?.split_whitespace().last()?;
        humantime::parse_duration(time).ok().map(|time| time.as_secs_f64()).or_else(|| {
            // `1.25ms`, which is a number with a unit.
            let (number, scale) = time
                .strip_suffix("ms")
                .map(|it| (it, 1e-3))
                .or(time.strip_suffix("µs").map(|it| (it, 1e-6)))?;
            Some(number.parse::<f64>().ok()? * scale)
        })
    };
    let ours = median("generated ").context("the bench tells no time of ours")?;
    ["derived, the same fields", "derived, with the rest flattened"]
        .into_iter()
        .map(|name| {
            let reference = median(name).with_context(|| format!("the bench tells no time of `{name}`"))?;
            Ok(Row::of("decoding a page of 1,000 instances", Amount::Seconds(ours))
                .beside(name, Amount::Seconds(reference)))
        })
        .collect()
}

impl Bench<'_> {
    /// The bench of decoding.
    fn decoding(&self) -> Command {
        let mut run = self.cargo.offline(self.repository.root());
        run.args(["bench", "--quiet", "--locked", "--package", "vastai-api", "--bench", "decode"]);
        run
    }

    /// Builds a program in release, and gives its file.
    fn release_program(&self, name: &str, dependencies: &str, main: &str) -> anyhow::Result<PathBuf> {
        let folder = self.program(name, dependencies, main)?;
        output_of(self.cargo_build(&folder, &["--release"]))?;
        Ok(self.release_file(name))
    }

    fn release_file(&self, name: &str) -> PathBuf {
        let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
        self.folder.join(name).join("target/release").join(file)
    }

    /// How often a call allocates. The programs are built a second time, and count; nothing is timed behind.
    fn allocations(&self, url: &str) -> anyhow::Result<Row> {
        let per_call = |name: &str| -> anyhow::Result<f64> {
            output_of(self.cargo_build(&self.folder.join(name), &["--release", "--features", "count"]))?;
            let count = |calls: usize| -> anyhow::Result<u64> {
                let mut command = Command::new(self.release_file(name));
                command.args([url, &calls.to_string(), "1"]).env("NO_PROXY", "127.0.0.1");
                output_of(command)?.trim().parse().context("the program tells no number")
            };
            // The first calls connect.
            let (few, many) = (count(10)?, count(10 + COUNTED_CALLS)?);
            #[expect(clippy::cast_precision_loss, reason = "small numbers")]
            Ok((many - few) as f64 / COUNTED_CALLS as f64)
        };
        Ok(Row::of("allocations of a call of `workers()`", Amount::Count(per_call("calls-by-facade")?))
            .beside("hand-written", Amount::Count(per_call("calls-by-hand")?))
            .wanted(Goal::TimesReference(1.5), ALLOCATIONS_HELD_BY))
    }
}

/// A server that answers a request for instances with the page and any other with the workers, for as long as this process lives; gives its
/// URL.
fn serve(page: String) -> anyhow::Result<String> {
    let responses = Arc::new([WORKERS, &page].map(|body| {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length:";
        format!("{head} {}\r\n\r\n{body}", body.len())
    }));
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}", listener.local_addr()?);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let responses = responses.clone();
            thread::spawn(move || answer(stream, &responses));
        }
    });
    Ok(url)
}

/// Answers the requests of a connection until it ends.
fn answer(stream: TcpStream, [workers, page]: &[String; 2]) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let (mut reader, mut writer) = (BufReader::new(stream.try_clone()?), stream);
    loop {
        let (mut length, mut response) = (0, workers);
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            if line == "\r\n" {
                break;
            }
            if line.starts_with("GET /api/v1/instances/") {
                response = page;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        std::io::copy(&mut (&mut reader).take(length), &mut std::io::sink())?;
        writer.write_all(response.as_bytes())?;
    }
}
