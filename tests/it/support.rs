//! A site in memory that a test writes, builds, edits and builds again.

use beilin::build::{Report, Unwatched};
use beilin::diagnostic::{Lang, Severity, line_column};
use beilin::disk::{Disk, Memory, Real};
use beilin::write::MANIFEST;
use scraper::{Html, Selector};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::OnceLock;

/// The root of every site in memory.
const ROOT: &str = "s";
/// The output folder of every site in memory.
const OUT: &str = "s/public";
/// The day every test builds as of.
pub(crate) const DAY: jiff::civil::Date = jiff::civil::date(2026, 11, 20);

/// `beilin.toml` of a site that does not say more.
pub(crate) const CONFIG: &str =
    "[site]\ntitle = \"测试文存\"\nunit = \"测试机关\"\nbase_url = \"https://t.example/\"\n";
/// An organisation `org`.
pub(crate) const ORG: (&str, &str) = (
    "content/organisations/org.md",
    "+++\nid = \"org\"\nname = \"测试局机关党委\"\nshort = \"测试局\"\ntype = \"机关党委\"\n+++\n简介。\n",
);
/// A branch `yi` of it.
pub(crate) const YI: (&str, &str) =
    ("content/branches/yi.md", "+++\nid = \"yi\"\nname = \"第一党支部\"\nparent = \"org\"\n+++\n简介。\n");
/// A branch `er` of it.
pub(crate) const ER: (&str, &str) =
    ("content/branches/er.md", "+++\nid = \"er\"\nname = \"第二党支部\"\nparent = \"org\"\n+++\n简介。\n");

/// Writes a record of the kind that asks for nothing, for the public.
pub(crate) fn other(id: &str, date: &str, more: &str, body: &str) -> String {
    format!(
        "+++\nid = \"{id}\"\nkind = \"other\"\ntitle = \"题{id}\"\nbranch = \"yi\"\ndate = \"{date}\"\n{more}\n+++\n{body}\n"
    )
}

/// A site.
pub(crate) struct SiteTest {
    pub(crate) disk: Memory,
    fixture: Option<String>,
}

impl SiteTest {
    /// A site of paths and texts; `beilin.toml`, an organisation and two branches are there unless given.
    pub(crate) fn from_files(files: &[(&str, &str)]) -> SiteTest {
        let site = SiteTest::bare(&[("beilin.toml", CONFIG), ORG, YI, ER]);
        for (path, text) in files {
            site.put(path, text);
        }
        site
    }

    /// A site of these paths and texts and nothing else.
    pub(crate) fn bare(files: &[(&str, &str)]) -> SiteTest {
        let site = SiteTest { disk: Memory::default(), fixture: None };
        for (path, text) in files {
            site.put(path, text);
        }
        site
    }

    /// The site in `tests/sites/<name>/`; its `expected/` is not part of it.
    pub(crate) fn from_fixture(name: &str) -> SiteTest {
        let folder = format!("{}/tests/sites/{name}", env!("CARGO_MANIFEST_DIR"));
        let mut site = SiteTest::from_folder(&folder, &["expected/"]);
        site.fixture = Some(format!("{folder}/expected"));
        site
    }

    /// A copy of the repository's own site.
    pub(crate) fn example() -> SiteTest {
        let root = env!("CARGO_MANIFEST_DIR");
        let site = SiteTest::bare(&[]);
        for folder in ["content", "themes"] {
            site.copy_folder(&format!("{root}/{folder}"), folder, &[]);
        }
        let config = Real.read(&format!("{root}/beilin.toml")).expect("the repository has a configuration");
        site.disk.put(&format!("{ROOT}/beilin.toml"), &config);
        site
    }

    /// A site read from the machine, without the files below the prefixes passed over.
    pub(crate) fn from_folder(folder: &str, pass_over: &[&str]) -> SiteTest {
        let site = SiteTest::bare(&[]);
        site.copy_folder(folder, "", pass_over);
        site
    }

    /// Copies a folder of the machine to a folder of the site.
    pub(crate) fn copy_folder(&self, folder: &str, to: &str, pass_over: &[&str]) {
        let found = Real.walk(folder).expect("the folder can be listed");
        assert!(!found.is_empty(), "{folder} holds files");
        for file in found.iter().filter(|f| !pass_over.iter().any(|p| f.path.starts_with(p))) {
            let bytes = Real.read(&format!("{folder}/{}", file.path)).expect("the file can be read");
            self.disk.put(&beilin::disk::join(ROOT, &beilin::disk::join(to, &file.path)), &bytes);
        }
    }

    /// Puts a file, whatever was there.
    pub(crate) fn put(&self, path: &str, text: &str) -> &Self {
        self.disk.put(&format!("{ROOT}/{path}"), text.as_bytes());
        self
    }

    /// Puts a file of bytes.
    pub(crate) fn put_bytes(&self, path: &str, bytes: &[u8]) -> &Self {
        self.disk.put(&format!("{ROOT}/{path}"), bytes);
        self
    }

    /// Replaces words of a file, which must be there.
    pub(crate) fn edit(&self, path: &str, old: &str, new: &str) -> &Self {
        let bytes = self.disk.read(&format!("{ROOT}/{path}")).expect("the file to edit is there");
        let text = String::from_utf8(bytes).expect("the file to edit is text");
        assert!(text.contains(old), "`{old}` is in {path}");
        self.put(path, &text.replace(old, new))
    }

    /// Takes a file away.
    pub(crate) fn remove(&self, path: &str) -> &Self {
        self.disk.delete(&format!("{ROOT}/{path}"));
        self
    }

    /// Builds.
    pub(crate) fn build(&self) -> Built {
        let report = beilin::build(&self.disk, &input(), &Unwatched).expect("the machine refuses nothing");
        self.built(report)
    }

    /// Builds and holds that there is nothing to tell.
    pub(crate) fn build_clean(&self) -> Built {
        let built = self.build();
        assert_eq!(built.diagnostics, "", "the site has nothing to tell");
        built
    }

    /// Builds and holds that there is no error; warnings may be.
    pub(crate) fn build_fine(&self) -> Built {
        let built = self.build();
        assert!(!built.report.failed(), "{}", built.diagnostics);
        built
    }

    /// Looks for everything that is wrong, and writes nothing.
    pub(crate) fn check(&self) -> Built {
        let report = beilin::check(&self.disk, &input(), &Unwatched).expect("the machine refuses nothing");
        self.built(report)
    }

    /// Builds and compares with the fixture's `expected/`: pages by their `<main>`, other files whole,
    /// `diagnostics.txt` what is told.
    pub(crate) fn check_output(&self) -> Built {
        let folder = self.fixture.as_deref().expect("only a fixture has expectations");
        let built = self.build();
        let bless = std::env::var_os("BEILIN_BLESS").is_some();
        let mut wrong = String::new();
        let expectations = Real.walk(folder).expect("expectations can be listed");
        assert!(!expectations.is_empty(), "{folder} holds expectations");
        for file in expectations {
            let place = format!("{folder}/{}", file.path);
            let expected = String::from_utf8(Real.read(&place).expect("an expectation can be read"))
                .expect("an expectation is text");
            let found = match file.path.as_str() {
                "diagnostics.txt" => built.diagnostics.clone(),
                p if p.ends_with(".html") => built.main_of(p),
                p => built.text(p).to_owned(),
            };
            if bless {
                Real.write(&place, found.as_bytes()).expect("an expectation can be written");
            } else if expected.trim_end() != found.trim_end() {
                let _ = writeln!(
                    wrong,
                    "=== {}\n--- expected\n{}\n--- found\n{}",
                    file.path,
                    expected.trim_end(),
                    found.trim_end()
                );
            }
        }
        assert!(wrong.is_empty(), "{wrong}\nBEILIN_BLESS=1 accepts what was found");
        built
    }

    /// All files below the output folder, the manifest included.
    pub(crate) fn out(&self) -> BTreeMap<String, Vec<u8>> {
        self.disk.tree(OUT)
    }

    fn built(&self, report: Report) -> Built {
        let diagnostics = self.told(&report);
        let mut out = self.out();
        out.remove(MANIFEST);
        Built { report, diagnostics, out }
    }

    /// Writes diagnostics as lines: `error[code] file:line:col ‹the words› message`, hints below.
    fn told(&self, report: &Report) -> String {
        let mut text = String::new();
        for d in &report.diagnostics {
            let severity = match d.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            };
            assert!(
                !d.message.zh.trim().is_empty() && !d.message.en.trim().is_empty(),
                "a diagnostic speaks both languages: {d:?}"
            );
            let _ = writeln!(
                text,
                "{severity}[{}] {}{}",
                d.code,
                self.place(&d.path, d.span.as_ref()),
                d.message.get(Lang::En)
            );
            if let Some(hint) = &d.hint {
                let _ = writeln!(text, "  hint: {}", hint.get(Lang::En));
            }
            for (path, span, what) in &d.others {
                let _ = writeln!(text, "  other: {}{}", self.place(path, span.as_ref()), what.get(Lang::En));
            }
        }
        text
    }

    fn place(&self, path: &str, span: Option<&std::ops::Range<usize>>) -> String {
        if path.is_empty() {
            return String::new();
        }
        let Some(span) = span else { return format!("{path}: ") };
        let bytes = self.disk.read(&format!("{ROOT}/{path}")).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        assert!(
            span.start <= span.end && span.end <= text.len(),
            "{path}: span {span:?} lies in a text of {}",
            text.len()
        );
        assert!(
            text.is_char_boundary(span.start) && text.is_char_boundary(span.end),
            "{path}: span {span:?} cuts no character"
        );
        let (line, column) = line_column(&text, span.start);
        let words = text[span.clone()].lines().next().unwrap_or("");
        format!("{path}:{line}:{column} ‹{words}› ")
    }
}

fn input() -> beilin::Input {
    beilin::Input { root: ROOT.into(), out: None, as_of: Some(DAY) }
}

/// A site that was built, or was not.
pub(crate) struct Built {
    pub(crate) report: Report,
    /// What was told, a line each.
    pub(crate) diagnostics: String,
    /// The output folder afterwards, without the manifest.
    pub(crate) out: BTreeMap<String, Vec<u8>>,
}

impl Built {
    /// Returns the bytes of an output.
    pub(crate) fn bytes(&self, path: &str) -> &[u8] {
        self.out.get(path).unwrap_or_else(|| {
            panic!("{path} is written; told: {}; there are {:?}", self.diagnostics, self.out.keys().collect::<Vec<_>>())
        })
    }

    /// Returns the text of an output.
    pub(crate) fn text(&self, path: &str) -> &str {
        std::str::from_utf8(self.bytes(path)).expect("a text output is UTF-8")
    }

    /// Tells whether an output is there.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.out.contains_key(path)
    }

    /// Returns a page, parsed.
    pub(crate) fn page(&self, path: &str) -> Html {
        Html::parse_document(self.text(path))
    }

    /// Returns what stands in a page's `<main>`, white space evened out, a tag a line.
    pub(crate) fn main_of(&self, path: &str) -> String {
        let page = self.page(path);
        let main = page.select(&selector("main")).next().unwrap_or_else(|| panic!("{path} has a main"));
        words(&main.inner_html()).replace("> <", ">\n<").replace("><", ">\n<")
    }

    /// Returns the words in a page's `<main>`.
    pub(crate) fn words_of(&self, path: &str) -> String {
        words(&texts(&self.page(path), "main").concat())
    }

    /// Returns a JSON output.
    pub(crate) fn json(&self, path: &str) -> serde_json::Value {
        serde_json::from_str(self.text(path)).unwrap_or_else(|e| panic!("{path} is JSON: {e}"))
    }

    /// Returns the paths of the HTML pages, redirects left out, and what is shown elsewhere than in the site.
    pub(crate) fn pages(&self) -> Vec<&str> {
        let is_page = |p: &str| p.ends_with(".html") && !is_for_elsewhere(p);
        self.out.iter().filter(|(p, b)| is_page(p) && !is_redirect(b)).map(|(p, _)| p.as_str()).collect()
    }

    /// Returns the outputs in which a text occurs.
    pub(crate) fn holding(&self, needle: &str) -> Vec<&str> {
        self.out.iter().filter(|(_, b)| contains(b, needle.as_bytes())).map(|(p, _)| p.as_str()).collect()
    }
}

/// Tells whether a page only leads on to another.
/// Tells whether a file is for another channel: an article's text, a panel, the kiosk.
fn is_for_elsewhere(path: &str) -> bool {
    path == "kiosk.html"
        || path.starts_with("panels/")
        || (path.starts_with("wechat/") && !path.ends_with("/index.html"))
}

/// Tells whether a file of the output is one of those the search is made of: what was edited stands beside a
/// generation in the one, and is part of it in the other.
pub(crate) fn is_of_search(path: &str) -> bool {
    path.starts_with("search/") && !matches!(path, "search/index.html" | "search/words.js")
}

/// Holds that an output tree is what a clean build gives: byte for byte, and the search by everything it finds.
pub(crate) fn assert_same_site(now: &BTreeMap<String, Vec<u8>>, clean: &BTreeMap<String, Vec<u8>>) {
    const MANIFEST: &str = ".beilin-manifest";
    // The manifest, which differs wherever a file does, would hide which.
    let rest = |path: &str| path != MANIFEST && !is_of_search(path);
    for (path, bytes) in clean.iter().filter(|(p, _)| rest(p)) {
        let found = now.get(path).map(|b| String::from_utf8_lossy(b));
        assert_eq!(found.as_deref(), Some(&*String::from_utf8_lossy(bytes)), "{path} is as a clean build makes it");
    }
    let only: Vec<_> = now.keys().filter(|p| rest(p) && !clean.contains_key(*p)).collect();
    assert!(only.is_empty(), "left over: {only:?}");
    if let Some(manifest) = now.get(MANIFEST) {
        let named: Vec<&str> = std::str::from_utf8(manifest).expect("text").lines().skip(1).collect();
        let there = now.iter().filter(|(p, _)| !p.starts_with(".beilin-"));
        let lines: Vec<String> = there
            .map(|(p, bytes)| format!("{} {} {p}", beilin::digest::Digest::of(bytes).to_hex(), bytes.len()))
            .collect();
        assert_eq!(named, lines, "the manifest names what is there");
    }
    if clean.contains_key("search/meta.json") {
        let read = |tree: &BTreeMap<String, Vec<u8>>| beilin::search::inspect::inspect(&|path| tree.get(path).cloned());
        let (found, wanted) = (read(now).expect("the search is whole"), read(clean).expect("the search is whole"));
        assert_eq!(found.order, wanted.order, "the search knows the same pages");
        assert!(found == wanted, "the search finds what that of a clean build finds: {}", difference(&found, &wanted));
        assert_nothing_of_an_old_search(now, clean.contains_key("search/meta.js"));
    }
}

/// Holds that whatever no longer belongs to the search is gone: what is there, its `meta.json` names, and every
/// file has a twin that is a script, or none has.
fn assert_nothing_of_an_old_search(tree: &BTreeMap<String, Vec<u8>>, with_scripts: bool) {
    let meta: serde_json::Value = serde_json::from_slice(&tree["search/meta.json"]).expect("JSON");
    let files = || tree.keys().filter(|p| is_of_search(p)).map(|p| &p["search/".len()..]);
    let (scripts, others): (BTreeSet<&str>, BTreeSet<&str>) = files().partition(|p| p.ends_with(".js"));
    let is_named = |key: &str, name: &str| meta[key].as_str() == Some(name);
    let left: Vec<&&str> = others
        .iter()
        .filter(|path| match path.split_once('/') {
            Some((folder, _)) => !is_named("base", folder) && !is_named("delta", folder),
            None => **path != "meta.json" && !path.strip_suffix(".bin").is_some_and(|name| is_named("labels", name)),
        })
        .collect();
    assert!(left.is_empty(), "left over of the search: {left:?}");
    let twin = |path: &str| path.rsplit_once('.').map_or(String::new(), |(name, _)| format!("{name}.js"));
    let twins: BTreeSet<String> = others.iter().filter(|_| with_scripts).map(|p| twin(p)).collect();
    let scripts: BTreeSet<String> = scripts.into_iter().map(str::to_owned).collect();
    assert_eq!(scripts, twins, "scripts stand beside all files of the search or none");
}

fn difference(found: &beilin::search::inspect::Contents, wanted: &beilin::search::inspect::Contents) -> String {
    if (&found.figures, &found.labels) != (&wanted.figures, &wanted.labels) {
        return format!("{} {} / {} {}", found.figures, found.labels, wanted.figures, wanted.labels);
    }
    for (url, document) in &found.documents {
        if wanted.documents.get(url) != Some(document) {
            return format!("{url}: {document:?} / {:?}", wanted.documents.get(url));
        }
    }
    let terms = found.terms.keys().chain(wanted.terms.keys());
    let differs =
        |t: &&Vec<u8>| (found.terms.get(*t), found.counts.get(*t)) != (wanted.terms.get(*t), wanted.counts.get(*t));
    terms
        .filter(differs)
        .take(3)
        .map(|t| {
            let side = |c: &beilin::search::inspect::Contents| format!("{:?} {:?}", c.counts.get(t), c.terms.get(t));
            format!("{}: {} / {}; ", String::from_utf8_lossy(t), side(found), side(wanted))
        })
        .collect()
}

pub(crate) fn is_redirect(page: &[u8]) -> bool {
    contains(page, b"http-equiv=\"refresh\"")
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|w| w == needle)
}

/// Makes a picture in PNG; each number gives another of the same size.
pub(crate) fn png(n: u8, width: u32, height: u32) -> Vec<u8> {
    let pixel = |x: u32, y: u32| image::Rgb([n, (x * 255 / width) as u8, (y * 255 / height) as u8]);
    let mut out = std::io::Cursor::new(Vec::new());
    let picture = image::DynamicImage::ImageRgb8(image::RgbImage::from_fn(width, height, pixel));
    picture.write_to(&mut out, image::ImageFormat::Png).expect("a picture can be encoded");
    out.into_inner()
}

/// Evens out white space.
pub(crate) fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Makes a selector.
pub(crate) fn selector(css: &str) -> Selector {
    Selector::parse(css).unwrap_or_else(|e| panic!("`{css}` is a selector: {e:?}"))
}

/// Returns the texts of the elements a selector finds.
pub(crate) fn texts(page: &Html, css: &str) -> Vec<String> {
    page.select(&selector(css)).map(|e| words(&e.text().collect::<String>())).collect()
}

/// Returns an attribute of the elements a selector finds.
pub(crate) fn attributes(page: &Html, css: &str, name: &str) -> Vec<String> {
    page.select(&selector(css)).filter_map(|e| e.attr(name).map(str::to_owned)).collect()
}

/// The repository's own site, built once for all tests.
pub(crate) fn example() -> &'static Built {
    static BUILT: OnceLock<Built> = OnceLock::new();
    BUILT.get_or_init(|| SiteTest::example().build_clean())
}
