//! The views through a scripted life of an endpoint, drawn without a terminal, against the simulator.
//!
//! The pictures of `docs/command-line.md` are those of these tests; `UPDATE_EXPECT=1` draws them anew.

use std::fs;
use std::time::{Duration, SystemTime};

use expect_test::{Expect, expect};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use serde_json::json;
use vastai::Client;
use vastai::retry::RetryPolicy;
use vastai_mock::http::StatusCode;
use vastai_mock::{Endpoint, Instance, Phase, RawResponse, Simulator, Worker, Workergroup};

use super::model::{Flow, Key, Mode, Model};
use super::picture::{Theme, draw};
use super::source::{Named, Source, Subject, Update};

/// 2026-07-22 09:30:00 UTC.
const NOW: Duration = Duration::from_secs(1_784_712_600);
const WORKERS: &str = "/get_endpoint_workers/";

/// A simulator, and a view of it whose polls and clock the test drives.
struct Stage {
    simulator: Simulator,
    sources: Vec<Source>,
    model: Model,
    elapsed: Duration,
}

impl Stage {
    async fn new(subjects: &[Subject]) -> Self {
        let group = Workergroup::new(4242)
            .worker(Worker::new(30_215_871).phase(Phase::ModelLoading).benchmark(1650.0))
            .worker(Worker::new(30_215_872).phase(Phase::Loading).benchmark(1612.4).reliability(0.981));
        let endpoint = Endpoint::new(12_345, "vLLM-Qwen3-8B").workergroup(group);
        let instances = [
            Instance::new(28_004_311)
                .label("training")
                .gpus("RTX 4090", 2)
                .dph_total(0.8042)
                .field("gpu_util", 93.0),
            Instance::new(28_004_312)
                .label("notebook")
                .actual_status("loading")
                .then(Duration::from_secs(60), "running"),
            Instance::new(28_004_313).gpus("RTX 3090", 1).actual_status("exited").dph_total(0.2121),
            // Those that the workers run on.
            Instance::new(30_215_871).label("worker").dph_total(0.4021).actual_status("loading"),
            Instance::new(30_215_872).label("worker").dph_total(0.3487).actual_status("loading"),
        ];
        let builder = Simulator::builder().empty().now(NOW).endpoint(endpoint);
        let simulator =
            instances.into_iter().fold(builder, vastai_mock::Builder::instance).start().await.unwrap();
        let client = Client::builder().api_key(simulator.api_key()).base_url(simulator.url());
        let client = client.retry(RetryPolicy::never()).pacing(vastai::retry::Pacing::off()).build().unwrap();
        let source =
            |subject: &Subject| Source::new(client.clone(), subject.clone(), Duration::from_millis(1));
        Self {
            sources: subjects.iter().map(source).collect(),
            model: Model::new(subjects, Duration::from_secs(5)),
            simulator,
            elapsed: Duration::ZERO,
        }
    }

    async fn of_endpoint() -> Self {
        Self::new(&[Subject::Endpoint(Named::Name("vLLM-Qwen3-8B".to_owned()))]).await
    }

    /// So many seconds go by, of both clocks.
    fn pass(&mut self, seconds: u64) {
        let time = Duration::from_secs(seconds);
        self.simulator.advance(time);
        self.elapsed += time;
        self.model.tick(self.elapsed);
    }

    /// One poll of each list.
    async fn poll(&mut self) {
        for (place, source) in self.sources.iter_mut().enumerate() {
            let mut update = source.next().await.unwrap();
            // A golden picture has no jitter.
            if let Update::Failed { retry_in, .. } = &mut update {
                *retry_in = Duration::from_secs(10);
            }
            let now = SystemTime::UNIX_EPOCH + self.simulator.now();
            self.model.take(place, update, now);
        }
    }

    fn press(&mut self, keys: &[Key]) {
        for key in keys {
            assert_eq!(self.model.press(*key), Flow::GoesOn, "{key:?}");
        }
    }

    /// What a screen of this size shows.
    fn picture(&self, width: u16, height: u16) -> String {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| draw(frame, &self.model, Theme::Plain)).unwrap();
        let buffer = terminal.backend().buffer();
        let lines = (0..height).map(|y| {
            let line: String = (0..width).map(|x| buffer[(x, y)].symbol()).collect();
            line.trim_end().to_owned() + "\n"
        });
        lines.collect()
    }

    #[expect(clippy::needless_pass_by_value, reason = "a test reads better so")]
    fn check(&self, (width, height): (u16, u16), expected: Expect) {
        // With an edge, as a golden text loses the indent that all of its lines have.
        let picture = self.picture(width, height);
        let edged: String = picture.lines().map(|line| format!("|{line}\n")).collect();
        expected.assert_eq(&edged);
    }

    /// The workers are up, and have had some load.
    async fn works(&mut self) {
        self.poll().await;
        self.pass(300);
        for load in [0.0, 310.0, 620.0, 1240.5, 905.0, 1510.0] {
            self.simulator.set_load(30_215_871, load, 7).unwrap();
            self.simulator.set_load(30_215_872, load / 4.0, 2).unwrap();
            self.pass(5);
            self.poll().await;
        }
    }
}

/// The picture of the documentation that stands below this mark is this one.
fn is_documented(mark: &str, picture: &str) {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/command-line.md");
    let text = fs::read_to_string(file).unwrap();
    let begin = format!("<!-- picture: {mark} -->\n```text\n");
    let (before, rest) =
        text.split_once(&begin).unwrap_or_else(|| panic!("docs/command-line.md lacks {begin}"));
    let (documented, after) = rest.split_once("```\n").unwrap();
    if documented == picture {
        return;
    }
    assert!(
        std::env::var_os("UPDATE_EXPECT").is_some(),
        "docs/command-line.md shows another picture of {mark}; UPDATE_EXPECT=1 draws it anew\n{documented}\n{picture}"
    );
    fs::write(file, format!("{before}{begin}{picture}```\n{after}")).unwrap();
}

#[tokio::test]
async fn the_life_of_an_endpoint() {
    let mut stage = Stage::of_endpoint().await;
    stage.check(
        (80, 12),
        expect![[r#"
            | endpoint vLLM-Qwen3-8B
            | load         - /s
            | perf         - /s
            | cost         - $/h
            | waiting for the first response …
            |
            |
            |
            |
            |
            |
            | ? help  q leave  Enter details  s sort  / filter  r reverse
        "#]],
    );
    stage.poll().await;
    stage.pass(2);
    stage.check(
        (80, 12),
        expect![[r#"
            | endpoint vLLM-Qwen3-8B  2 workers: 1 LOADING, 1 MODEL_LOADING
            | load       0.0 /s         ▁
            | perf         - /s
            | cost         - $/h
            |     ID▲ STATE         LOAD/S PERF/S REQS $/H RELIAB %    AGE  TREND
            |30215871 MODEL_LOADING    0.0  102.5    0   -    99.50 1m 40s  ▁
            |30215872 LOADING          0.0  102.5    0   -    98.10    10s  ▁
            |
            |
            |
            | updated 2s ago, every 5s
            | ? help  q leave  Enter details  s sort  / filter  r reverse
        "#]],
    );
    stage.works().await;
    stage.pass(3);
    stage.check(
        (80, 12),
        expect![[r#"
            | endpoint vLLM-Qwen3-8B  2 workers: 2 IDLE
            | load    1887.5 /s         ▁▁▁▂▄▇▅█
            | perf    3262.4 /s           ██████
            | cost     0.751 $/h         ███████
            |     ID▲ STATE LOAD/S PERF/S REQS   $/H RELIAB %    AGE  TREND
            |30215871 IDLE  1510.0 1650.0    7 0.402    99.50 7m 12s  ▁▁▁▂▄▇▅█
            |30215872 IDLE   377.5 1612.4    2 0.349    98.10 5m 42s  ▁▁▁▂▄▇▅█
            |
            |
            |
            | updated 3s ago, every 5s
            | ? help  q leave  Enter details  s sort  / filter  r reverse
        "#]],
    );
    is_documented("watch endpoint", &stage.picture(80, 12));

    // The service fails, and the view goes on.
    let down = RawResponse::json(StatusCode::BAD_GATEWAY, &json!({"error": "bad gateway \u{1b}[2J"}));
    stage.simulator.respond_with(WORKERS, down);
    stage.pass(5);
    stage.poll().await;
    stage.poll().await;
    stage.pass(4);
    stage.check(
        (80, 12),
        expect![[r#"
            | endpoint vLLM-Qwen3-8B  2 workers: 2 IDLE
            | load    1887.5 /s         ▁▁▁▂▄▇▅█
            | perf    3262.4 /s           ██████
            | cost     0.751 $/h         ███████
            |     ID▲ STATE LOAD/S PERF/S REQS   $/H RELIAB %    AGE  TREND
            |30215871 IDLE  1510.0 1650.0    7 0.402    99.50 7m 12s  ▁▁▁▂▄▇▅█
            |30215872 IDLE   377.5 1612.4    2 0.349    98.10 5m 42s  ▁▁▁▂▄▇▅█
            |
            |
            |
            | ! data are 12s old, 2 times, again in 6s: server failure: bad gateway \u{1b}[2…
            | ? help  q leave  Enter details  s sort  / filter  r reverse
        "#]],
    );
    is_documented("failing", &stage.picture(80, 12));

    // It is back; one worker has gone, another stops.
    stage.simulator.clear_responses(WORKERS);
    stage.simulator.remove_worker(30_215_872).unwrap();
    stage.simulator.set_phase(30_215_871, Phase::Stopped).unwrap();
    stage.poll().await;
    stage.check(
        (80, 12),
        expect![[r#"
            | endpoint vLLM-Qwen3-8B  1 worker: 1 STOPPED
            | load       0.0 /s         ▁▁▁▂▄▇▅█▁
            | perf         - /s           ██████
            | cost     0.402 $/h         ███████▅
            |     ID▲ STATE   LOAD/S PERF/S REQS   $/H RELIAB %    AGE  TREND
            |30215871 STOPPED    0.0 1650.0    0 0.402    99.50 7m 24s  ▁▁▁▂▄▇▅█▁
            |
            |
            |
            |
            | updated 0s ago, every 5s
            | ? help  q leave  Enter details  s sort  / filter  r reverse
        "#]],
    );
    stage.simulator.remove_worker(30_215_871).unwrap();
    stage.poll().await;
    stage.check(
        (80, 8),
        expect![[r#"
            | endpoint vLLM-Qwen3-8B  0 workers
            | load -/s  perf -/s  cost - $/h
            | no workers
            |
            |
            |
            | updated 0s ago, every 5s
            | ? help  q leave  Enter details  s sort  / filter  r reverse
        "#]],
    );
}

#[tokio::test]
async fn keys_sort_filter_and_look_closer() {
    let mut stage = Stage::of_endpoint().await;
    stage.works().await;
    let ids = |stage: &Stage| -> Vec<i64> {
        stage.model.board().unwrap().shown().iter().map(|row| row.key.1).collect()
    };
    assert_eq!(ids(&stage), [30_215_871, 30_215_872]);
    stage.press(&[Key::Char('r')]);
    assert_eq!(ids(&stage), [30_215_872, 30_215_871]);
    // By state, where both are equal, then by load, the highest first.
    stage.press(&[Key::Char('s'), Key::Char('s')]);
    assert_eq!(ids(&stage), [30_215_871, 30_215_872]);
    stage.check(
        (80, 9),
        expect![[r#"
            | endpoint vLLM-Qwen3-8B  2 workers: 2 IDLE
            | load 1887.5/s  perf 3262.4/s  cost 0.751 $/h
            |      ID STATE LOAD/S▼ PERF/S REQS   $/H RELIAB %    AGE  TREND
            |30215871 IDLE   1510.0 1650.0    7 0.402    99.50 7m 10s  ▁▁▂▄▇▅█
            |30215872 IDLE    377.5 1612.4    2 0.349    98.10 5m 40s  ▁▁▂▄▇▅█
            |
            |
            | updated 0s ago, every 5s
            | ? help  q leave  Enter details  s sort  / filter  r reverse
        "#]],
    );
    stage.press(&[Key::Char('S'), Key::Char('S'), Key::Char('r')]);
    assert_eq!(ids(&stage), [30_215_872, 30_215_871], "back to the ids");

    // The selected row stays the same one while rows move.
    stage.press(&[Key::End]);
    assert_eq!(stage.model.board().unwrap().selected(), Some(1));
    stage.press(&[Key::Char('r')]);
    assert_eq!(stage.model.board().unwrap().selected(), Some(0));

    stage.press(&[
        Key::Char('/'),
        Key::Char('8'),
        Key::Char('q'),
        Key::Backspace,
        Key::Char('7'),
        Key::Char('2'),
    ]);
    stage.check(
        (80, 9),
        expect![[r#"
            | endpoint vLLM-Qwen3-8B  2 workers: 2 IDLE
            | load 1887.5/s  perf 3262.4/s  cost 0.751 $/h
            |     ID▲ STATE LOAD/S PERF/S REQS   $/H RELIAB %    AGE  TREND
            |30215872 IDLE   377.5 1612.4    2 0.349    98.10 5m 40s  ▁▁▂▄▇▅█
            |
            |
            |
            | updated 0s ago, every 5s, 1 of 2 by filter
            | /872▏ Enter keeps it, Esc drops it
        "#]],
    );
    stage.press(&[Key::Enter]);
    assert_eq!((stage.model.mode.clone(), ids(&stage)), (Mode::List, vec![30_215_872]));
    stage.press(&[Key::Char('/'), Key::Char('x'), Key::Enter]);
    stage.check(
        (80, 9),
        expect![[r#"
            | endpoint vLLM-Qwen3-8B  2 workers: 2 IDLE
            | load 1887.5/s  perf 3262.4/s  cost 0.751 $/h
            | none of 2 passes the filter
            |
            |
            |
            |
            | updated 0s ago, every 5s, 0 of 2 by filter
            | ? help  q leave  Enter details  s sort  / filter  r reverse
        "#]],
    );
    stage.press(&[Key::Escape]);
    assert_eq!(ids(&stage).len(), 2);

    stage.press(&[Key::Enter]);
    stage.check(
        (60, 18),
        expect![[r#"
            |┌ worker 30215871 ─────────────────────────────────────────┐
            |│id                    30215871                            │
            |│status                IDLE                                │
            |│reliability (%)       99.50                               │
            |│created_at            2026-07-22T09:28:20Z                │
            |│cur_load              1510.0                              │
            |│cur_load_rolling_avg  1510.0                              │
            |│cur_perf              1510.0                              │
            |│disk_usage (GB)       22.4                                │
            |│dlperf                102.5                               │
            |│loaded_at             2026-07-22 09:31:00Z                │
            |│measured_perf         1650.0                              │
            |│new_load              1510.0                              │
            |│perf                  1641.75                             │
            |│reqs_working          7                                   │
            |│started_at            2026-07-22 09:28:20Z                │
            |└──────────────────────────────────────────────────────────┘
            | Esc back  ↑↓ scroll  Ctrl-C leave
        "#]],
    );
    is_documented("details", &stage.picture(60, 18));
    stage.press(&[Key::PageDown, Key::Down, Key::Down]);
    let below = stage.picture(60, 8);
    assert!(below.contains("url ") && !below.contains("status "), "{below}");
    // What is looked at goes.
    stage.simulator.remove_worker(30_215_871).unwrap();
    stage.poll().await;
    assert_eq!(stage.model.mode, Mode::List);

    stage.press(&[Key::Char('?')]);
    stage.check(
        (80, 14),
        expect![[r#"
            | endpoint vLLM-Qwen3-8B  1 worker: 1 IDLE
            | load     377.5 /s  ┌ keys ────────────────────────────────┐
            | perf    1612.4 /s  │ ↑ ↓ k j    select a row              │
            | cost     0.349 $/h │ PgUp PgDn  ten rows on               │
            |     ID▲ STATE LOAD/│ Home End   first and last            │ND
            |30215872 IDLE   377.│ Enter      all about the row         │▄▇▅██
            |                    │ s S        sort by the next column   │
            |                    │ r          the other order           │
            |                    │ /          filter; Esc ends it       │
            |                    │ Tab        the other list            │
            |                    │ q Ctrl-C   leave                     │
            |                    └──────────────────────────────────────┘
            | updated 0s ago, every 5s
            | any key goes back
        "#]],
    );
    is_documented("help", &stage.picture(80, 14));
    stage.press(&[Key::Char('q')]);
    assert_eq!(stage.model.press(Key::Char('q')), Flow::Leave);
    assert_eq!(stage.model.press(Key::Interrupt), Flow::Leave);
}

#[tokio::test]
async fn instances_and_both_at_once() {
    let mut stage = Stage::new(&[Subject::Instances]).await;
    stage.poll().await;
    for use_of_gpus in [10.0, 55.0, 93.0] {
        stage.simulator.add_instance(
            Instance::new(28_004_311)
                .label("training")
                .gpus("RTX 4090", 2)
                .dph_total(0.8042)
                .field("gpu_util", use_of_gpus),
        );
        stage.pass(5);
        stage.poll().await;
    }
    stage.check(
        (80, 13),
        expect![[r#"
            | instances  5 instances: 3 loading, 1 exited, 1 running
            | load      93.0 % of GPUs  █▂▅█
            | perf     205.0 DLPerf     ████
            | cost     1.957 $/h        ████
            |     ID▲ LABEL    STATE   GPUS        GPU % DLPERF   $/H    UP  TREND
            |28004311 training running 2x RTX 4090    93  205.0 0.804 1d 0h  █▂▅█
            |28004312 notebook loading RTX 4090        -  102.5 0.402     -
            |28004313 -        exited  RTX 3090        -  102.5 0.212     -
            |30215871 worker   loading RTX 4090        -  102.5 0.402     -
            |30215872 worker   loading RTX 4090        -  102.5 0.349     -
            |
            | updated 0s ago, every 5s
            | ? help  q leave  Enter details  s sort  / filter  r reverse
        "#]],
    );
    is_documented("watch instances", &stage.picture(80, 13));

    let mut stage = Stage::new(&[Subject::Endpoints, Subject::Instances]).await;
    stage.works().await;
    stage.check(
        (100, 24),
        expect![[r#"
            |▶serverless  2 workers: 2 IDLE
            | load    1887.5 /s         ▁▁▂▄▇▅█
            | perf    3262.4 /s          ██████
            | cost     0.751 $/h        ███████
            |     ID▲ ENDPOINT      STATE LOAD/S PERF/S REQS   $/H RELIAB %    AGE  TREND
            |30215871 vLLM-Qwen3-8B IDLE  1510.0 1650.0    7 0.402    99.50 7m 10s  ▁▁▂▄▇▅█
            |30215872 vLLM-Qwen3-8B IDLE   377.5 1612.4    2 0.349    98.10 5m 40s  ▁▁▂▄▇▅█
            |
            |
            |
            |
            | updated 0s ago, every 5s
            | instances  5 instances: 2 loading, 2 running, 1 exited
            | load      90.0 % of GPUs  ███████
            | perf     307.5 DLPerf     ▆██████
            | cost     1.957 $/h        ███████
            |     ID▲ LABEL    STATE   GPUS        GPU % DLPERF   $/H    UP  TREND
            |28004311 training running 2x RTX 4090    93  205.0 0.804 1d 0h  ███████
            |28004312 notebook running RTX 4090       87  102.5 0.402 1d 0h   ██████
            |28004313 -        exited  RTX 3090        -  102.5 0.212     -
            |30215871 worker   loading RTX 4090        -  102.5 0.402     -
            |30215872 worker   loading RTX 4090        -  102.5 0.349     -
            | updated 0s ago, every 5s
            | ? help  q leave  Tab other list  Enter details  s sort  / filter  r reverse
        "#]],
    );
    is_documented("top", &stage.picture(100, 24));
    // Where both have no room, Tab changes which one is seen.
    assert!(stage.picture(80, 12).contains("serverless") && !stage.picture(80, 12).contains("instances"));
    stage.press(&[Key::Tab]);
    assert!(!stage.picture(80, 12).contains("serverless") && stage.picture(80, 12).contains("instances"));
}

#[tokio::test]
async fn a_narrow_screen_keeps_what_matters() {
    let mut stage = Stage::of_endpoint().await;
    stage.works().await;
    stage.check(
        (40, 10),
        expect![[r#"
            | endpoint vLLM-Qwen3-8B  2 workers
            | load    1887.5 /s         ▁▁▂▄▇▅█
            | perf    3262.4 /s          ██████
            | cost     0.751 $/h         ██████
            |     ID▲ STATE LOAD/S PERF/S REQS   $/H
            |30215871 IDLE  1510.0 1650.0    7 0.402
            |30215872 IDLE   377.5 1612.4    2 0.349
            |
            | updated 0s ago, every 5s
            | ? help  q leave  Enter details  s sort
        "#]],
    );
    is_documented("forty columns", &stage.picture(40, 10));
    // Whatever the size, drawing is possible, in each mode.
    for keys in [&[][..], &[Key::Enter], &[Key::Escape, Key::Char('?')], &[Key::Escape, Key::Char('/')]] {
        stage.press(keys);
        for (width, height) in [(1, 1), (2, 3), (7, 5), (10, 40), (300, 2), (250, 80)] {
            let picture = stage.picture(width, height);
            assert_eq!(picture.lines().count(), usize::from(height));
        }
    }
}

#[tokio::test]
async fn what_the_service_says_is_cleaned() {
    let mut stage = Stage::of_endpoint().await;
    let worker =
        json!([{"id": 1, "status": "UP\u{1b}[2J\u{202e}", "url": "x\u{9b}1m", "note\u{1b}": "y\ny"}]);
    stage.simulator.respond_with(WORKERS, RawResponse::json(StatusCode::OK, &worker));
    stage.poll().await;
    let list = stage.picture(80, 10);
    assert!(list.contains(r"UP\u{1b}[2J\u{202e}"), "{list}");
    stage.press(&[Key::Enter]);
    let details = stage.picture(80, 30);
    assert!(details.contains(r"x\u{9b}1m") && details.contains(r"note\u{1b}"), "{details}");
    let hidden = |letter: char| vastai_spec::visible::is_hidden(letter) && letter != '\n';
    assert!(!list.contains(hidden) && !details.contains(hidden));
}

#[tokio::test]
async fn what_will_not_pass_ends_a_list_and_is_shown() {
    let mut stage = Stage::new(&[Subject::Endpoint(Named::Id(7)), Subject::Instances]).await;
    stage.poll().await;
    assert!(stage.sources[0].next().await.is_none(), "an endpoint that is unknown is not asked for again");
    assert!(stage.sources[1].next().await.is_some());
    stage.check(
        (80, 8),
        expect![[r#"
            |▶endpoint 7
            | load -/s  perf -/s  cost - $/h
            | waiting for the first response …
            |
            |
            |
            | ! no data yet, given up: refused: authenticate_endpoint_apikey: invalid api_ke…
            | ? help  q leave  Tab other list  Enter details  s sort  / filter  r reverse
        "#]],
    );
}

#[tokio::test]
async fn prices_that_cannot_be_had_hide_no_worker() {
    let mut stage = Stage::of_endpoint().await;
    let refused = RawResponse::json(StatusCode::FORBIDDEN, &json!({"msg": "not with this key"}));
    stage.simulator.respond_with("/api/v1/instances", refused);
    stage.poll().await;
    stage.poll().await;
    stage.check(
        (80, 8),
        expect![[r#"
            | endpoint vLLM-Qwen3-8B  2 workers: 1 LOADING, 1 MODEL_LOADING
            | load 0.0/s  perf -/s  cost - $/h
            |     ID▲ STATE         LOAD/S PERF/S REQS $/H RELIAB %    AGE  TREND
            |30215871 MODEL_LOADING    0.0  102.5    0   -    99.50 1m 40s  ▁▁
            |30215872 LOADING          0.0  102.5    0   -    98.10    10s  ▁▁
            |
            | updated 0s ago, every 5s · prices: not with this key
            | ? help  q leave  Enter details  s sort  / filter  r reverse
        "#]],
    );
}
