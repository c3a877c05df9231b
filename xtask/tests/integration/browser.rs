//! The HTML report in a browser: what a person sees after its script has run.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::checkout::Checkout;

/// A Chromium of this machine; none where there is none.
fn chromium() -> Option<PathBuf> {
    if let Some(chrome) = std::env::var_os("CHROME").filter(|chrome| !chrome.is_empty()) {
        return Some(chrome.into());
    }
    let folders: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH")?).collect();
    let names = ["chromium", "chromium-browser", "google-chrome", "chrome.exe"];
    let found = names
        .iter()
        .find_map(|name| folders.iter().map(|folder| folder.join(name)).find(|file| file.is_file()));
    if found.is_none() {
        eprintln!("skipped: the HTML report in a browser, as there is no Chromium here; CHROME can name one");
    }
    found
}

/// A report, open in a browser that has nothing but the page.
struct Page {
    chromium: PathBuf,
    folder: TempDir,
}

impl Page {
    fn open() -> Option<Self> {
        let chromium = chromium()?;
        let folder = TempDir::new().unwrap();
        let run = Checkout::new().run(&["diff", "openapi.yaml", "candidate.yaml", "--format", "html"]);
        assert_eq!(run.code, Some(5), "{run}");
        std::fs::write(folder.path().join("report.html"), run.stdout).unwrap();
        Some(Self { chromium, folder })
    }

    fn browser(&self) -> Command {
        let mut browser = Command::new(&self.chromium);
        browser.args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--virtual-time-budget=2000",
        ]);
        browser.arg(format!("--user-data-dir={}", self.folder.path().join("profile").display()));
        browser.stdin(Stdio::null());
        browser
    }

    /// The page after its script has run, opened with this behind the `#`.
    fn dom(&self, chosen: &str) -> String {
        let url = url::Url::from_file_path(self.folder.path().join("report.html")).unwrap();
        let output = self.browser().arg("--dump-dom").arg(format!("{url}#{chosen}")).output().unwrap();
        let dom = String::from_utf8(output.stdout).unwrap();
        assert!(dom.contains("</html>"), "{dom}{}", String::from_utf8_lossy(&output.stderr));
        dom
    }
}

/// The levels of the changes that are shown, and what the page says of their number.
fn shown(dom: &str) -> (Vec<&str>, &str) {
    let articles = dom.split("<article ").skip(1).map(|article| article.split('>').next().unwrap());
    let visible = articles.filter(|attributes| !attributes.contains("hidden"));
    let levels = visible.map(|attributes| attribute(attributes, "data-level"));
    let count = dom.split("id=\"shown\">").nth(1).unwrap().split('<').next().unwrap();
    (levels.collect(), count)
}

fn attribute<'dom>(attributes: &'dom str, name: &str) -> &'dom str {
    attributes.split(&format!("{name}=\"")).nth(1).unwrap().split('"').next().unwrap()
}

#[test]
fn filters_show_what_was_chosen() {
    let Some(page) = Page::open() else { return };
    let all = page.dom("");
    let (levels, count) = shown(&all);
    let total: usize = count.split(" of ").nth(1).unwrap().parse().unwrap();
    assert!(
        levels.contains(&"breaking") && levels.contains(&"compatible") && !levels.contains(&"docs"),
        "{levels:?}"
    );
    assert_eq!(count, format!("{} of {total}", levels.len()));
    assert!(!all.contains("<form id=\"filters\" hidden"), "{all}");

    let everything = page.dom("level=breaking&level=compatible&level=docs");
    assert_eq!(shown(&everything).0.len(), total);
    let breaking = page.dom("level=breaking");
    let (levels, _) = shown(&breaking);
    assert!(!levels.is_empty() && levels.iter().all(|level| *level == "breaking"), "{levels:?}");
    // A group that has nothing to show is not shown either.
    let groups = |dom: &str| dom.matches("<section class=\"operation\">").count();
    assert!(groups(&breaking) < groups(&everything), "{breaking}");

    let stamps = page.dom("level=breaking&text=stamps");
    assert_eq!(shown(&stamps), (vec!["breaking"], format!("1 of {total}").as_str()));
    let nothing = page.dom("text=no+such+word");
    assert_eq!(shown(&nothing).0.len(), 0);
    assert!(!nothing.contains("id=\"none\" hidden"), "{nothing}");
}

#[test]
fn tags_choose_operations() {
    let Some(page) = Page::open() else { return };
    let dom = page.dom("tag=Stamps&level=breaking&level=compatible&level=docs");
    let tags = |dom: &str| {
        let articles =
            dom.split("<article ").skip(1).map(|article| article.split('>').next().unwrap().to_owned());
        let visible = articles.filter(|attributes| !attributes.contains("hidden"));
        visible.map(|attributes| attribute(&attributes, "data-tag").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(tags(&dom), ["Stamps"]);
}

#[test]
fn the_page_can_be_seen_in_light_and_dark() {
    let Some(page) = Page::open() else { return };
    let url = url::Url::from_file_path(page.folder.path().join("report.html")).unwrap();
    let pictures =
        [("light", "preferredColorScheme=1"), ("dark", "preferredColorScheme=0")].map(|(name, scheme)| {
            let file = page.folder.path().join(format!("{name}.png"));
            let mut browser = page.browser();
            browser.arg(format!("--blink-settings={scheme}")).arg(format!("--screenshot={}", file.display()));
            let output = browser.arg("--window-size=1000,800").arg(url.as_str()).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            std::fs::read(file).unwrap()
        });
    // Pictures, and different ones; what they look like is for people to judge.
    assert!(pictures.iter().all(|picture| picture.starts_with(b"\x89PNG")));
    assert_ne!(pictures[0], pictures[1]);
}
