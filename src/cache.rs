//! What an earlier build knows: fresh(key, questions)? keep : render again.
//!
//! One folder, `.beilin/cache/`, beside `beilin.toml`. Its `head` names the parts by their digests and
//! is replaced by a rename: a run that is cut off leaves the cache of the run before. Every part is
//! checked against its digest when it is read; a damaged one, or one of another version of the tool,
//! is no cache at all. Deleting the folder is always right. Nothing in here decides what a page shows:
//! it only says which pages need not be made again.

use crate::diagnostic::{Diagnostic, Error, Say};
use crate::digest::Digest;
pub use crate::digest::encode;
use crate::disk::{Disk, Stat, join};
use crate::model::query::{Names, Query};
use crate::parse::Document;
use crate::picture::Look;
use crate::say;
use crate::write::{Mark, Placed};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The folder of what the tool keeps for itself, beside `beilin.toml`.
pub const FOLDER: &str = ".beilin";
/// Changes with the shapes in this file.
const FORMAT: u32 = 4;
/// So many unwanted pictures are kept beside the wanted ones, and as many again.
const SPARE_COPIES: usize = 256;
/// A file written so shortly before it was looked at may be written again within the same tick of the
/// clock: its time proves nothing. In nanoseconds, for file systems with fine and with coarse clocks.
const TICKS: [i64; 2] = [100_000_000, 2_100_000_000];

/// What a whole build was made of, digest by digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ground {
    /// The version of the tool.
    pub tool: String,
    /// Everything `beilin.toml` says.
    pub config: Digest,
    /// What of it pages show.
    pub face: Digest,
    /// The site's own kinds files.
    pub kinds: Digest,
    /// Templates and strings of the theme.
    pub theme: Digest,
    /// Static files of the theme.
    pub statics: Digest,
    /// The emblem's file.
    pub emblem: Digest,
    /// The day of the build.
    pub as_of: String,
}

/// What a build told and counted.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Summary {
    /// What reading the single files told, by path.
    pub of_files: Vec<(String, Vec<Diagnostic>)>,
    /// What was told of the site as a whole.
    pub of_site: Vec<Diagnostic>,
    /// What was told of its history.
    pub of_history: Vec<Diagnostic>,
    /// The state of its history.
    pub history: Option<Digest>,
    /// Records published.
    pub records: usize,
    /// Records left out.
    pub withheld: usize,
    /// HTML pages.
    pub pages: usize,
    /// The size of the site in bytes.
    pub bytes: u64,
    /// How the manifest of the output folder was left.
    pub mark: Option<Mark>,
}

/// A file of the content folder as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// The path in the content folder.
    pub path: String,
    /// What the machine told of it; `None` if that proves nothing.
    pub stat: Option<Stat>,
    /// The digest of its bytes.
    pub digest: Digest,
    /// For no text: what it is, if it is a picture or film or says so.
    pub look: Option<Look>,
    /// For a text: the digest of what the rest of the site can see of it.
    pub face: Option<Digest>,
    /// For a text: where its body begins.
    pub body_start: usize,
    /// For a record: its id, and the digest of where it comes from.
    pub record: Option<(String, Digest)>,
}

/// A job that was done.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Done {
    /// The route of its main output.
    pub route: String,
    /// The digest of its own inputs.
    pub key: Digest,
    /// The file whose text it prints.
    pub text: Option<u32>,
    /// What it gave.
    pub outputs: Vec<Placed>,
    /// The number of the build that rendered it.
    pub build: u64,
    /// Why it was rendered then.
    pub reason: Reason,
}

/// Why a job is to be rendered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reason {
    /// There is no cache that could tell.
    NoCache,
    /// No build before had it.
    New,
    /// The tool is another version.
    Tool,
    /// The theme changed.
    Theme,
    /// What `beilin.toml` says of pages changed.
    Settings,
    /// The text it prints changed, or what git tells of it.
    Text,
    /// Other inputs of its own changed: which records a list shows, which file is copied.
    Inputs,
    /// A question it asked is answered otherwise.
    Answer(Say),
    /// Its output is missing, or was changed by somebody else.
    Output(String),
}

impl Reason {
    /// Says it in words.
    pub fn describe(&self) -> Say {
        match self {
            Reason::NoCache => say!("没有可用的缓存", "there was no cache to go by"),
            Reason::New => say!("以前没有这个网页", "no build before had it"),
            Reason::Tool => say!("碑林换了版本", "the tool is another version"),
            Reason::Theme => say!("主题（模板或用语）变了", "the theme (templates or strings) changed"),
            Reason::Settings => say!("beilin.toml 里的站点设置变了", "settings of the site in beilin.toml changed"),
            Reason::Text => say!("它的正文或提交历史变了", "its own text changed, or where it comes from"),
            Reason::Inputs => {
                say!(
                    "它自己的输入变了（列表里的记录、要复制的文件等）",
                    "inputs of its own changed (the records of a list, the file to copy)"
                )
            }
            Reason::Answer(Say { zh, en }) => say!("它用到的这一项变了：{zh}", "something it shows changed: {en}"),
            Reason::Output(path) => {
                say!(
                    "输出文件 `{path}` 不见了或被改动过",
                    "its output `{path}` is missing or was changed by somebody else"
                )
            }
        }
    }
}

/// Which questions the jobs asked, and what the answers were.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Traces {
    /// What the questions name.
    pub names: Names,
    /// The questions, each once, with the digests of the answers.
    pub queries: Vec<(Query, Digest)>,
    /// The questions of each job, by number.
    pub asked: Vec<Vec<u32>>,
}

/// The part that is read first.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Head {
    format: u32,
    ground: Ground,
    build: u64,
    summary: Summary,
    parts: [Digest; 5],
}

/// The parts, in the order of [`Head::parts`].
const PARTS: [&str; 5] = ["files", "jobs", "traces", "site", "docs"];
/// The parts that can be laid down before a build is done, by their place in [`PARTS`].
#[derive(Debug, Clone, Copy)]
pub enum Large {
    /// The site as bytes.
    Site = 3,
    /// The parsed files.
    Docs = 4,
}

/// What an earlier build left: the small parts read, the large ones when they are asked for.
#[derive(Debug)]
pub struct Kept {
    /// What the build was made of.
    pub ground: Ground,
    /// Its number.
    pub build: u64,
    /// What it told and counted.
    pub summary: Summary,
    /// The files it read, by path.
    pub files: Vec<File>,
    /// The jobs it did, in the plan's order.
    pub jobs: Vec<Done>,
    /// Where the large parts are; `None` where they are not on disk.
    parts: [Option<Digest>; 5],
}

/// What makes the bytes of a part when its turn comes, so that never two of them are held.
pub type Making<'a> = Box<dyn FnOnce() -> Vec<u8> + 'a>;

/// The large parts to be written; what is `None` stays as it is on disk.
#[derive(Default)]
pub struct Parts<'a> {
    /// The questions of the jobs.
    pub traces: Option<&'a Traces>,
    /// The site as bytes.
    pub site: Option<Making<'a>>,
    /// The parsed files and what was told of each.
    pub docs: Option<Making<'a>>,
}

/// Tells whether what a machine says of a file, looked at at a time, will prove later that it is the same.
pub fn proves(stat: &Stat, looked: i64) -> bool {
    let is_coarse = stat.modified % 1_000_000_000 == 0;
    stat.modified > 0 && stat.modified.max(stat.changed) + TICKS[usize::from(is_coarse)] < looked
}

fn folder(root: &str) -> String {
    join(root, &format!("{FOLDER}/cache"))
}

fn place(root: &str, part: usize, digest: Digest) -> String {
    format!("{}/{}-{}", folder(root), PARTS[part], digest.short())
}

fn read_part(disk: &dyn Disk, root: &str, part: usize, digest: Digest) -> Option<Vec<u8>> {
    let bytes = disk.read(&place(root, part, digest)).ok()?;
    (Digest::of(&bytes) == digest).then_some(bytes)
}

impl Kept {
    /// Makes what a build of this process left, not yet on disk.
    pub fn new(ground: Ground, build: u64, summary: Summary, files: Vec<File>, jobs: Vec<Done>) -> Kept {
        Kept { ground, build, summary, files, jobs, parts: [None; 5] }
    }

    /// Reads what an earlier build left at `root`; `None` if there is nothing that can be trusted.
    pub fn load(disk: &dyn Disk, root: &str) -> Option<Kept> {
        let head = disk.read(&format!("{}/head", folder(root))).ok()?;
        let (digest, payload) = head.split_at_checked(64)?;
        if Digest::from_hex(std::str::from_utf8(digest).ok()?)? != Digest::of(payload) {
            return None;
        }
        let Head { format, ground, build, summary, parts } = postcard::from_bytes(payload).ok()?;
        if format != FORMAT || ground.tool != tool() {
            return None;
        }
        let files = postcard::from_bytes(&read_part(disk, root, 0, parts[0])?).ok()?;
        let jobs = postcard::from_bytes(&read_part(disk, root, 1, parts[1])?).ok()?;
        Some(Kept { ground, build, summary, files, jobs, parts: parts.map(Some) })
    }

    /// Writes a large part of a build that is under way, so that it need not be made when all else is held too; `None`
    /// if it cannot be written. No head names it until the build is saved: of one that comes to nothing it is swept.
    pub fn lay_down(disk: &dyn Disk, root: &str, part: Large, bytes: &[u8]) -> Option<Digest> {
        let digest = Digest::of(bytes);
        let place = place(root, part as usize, digest);
        let is_there = disk.stat(&place).is_ok_and(|s| s.size == bytes.len() as u64);
        (is_there || disk.write(&place, bytes).is_ok()).then_some(digest)
    }

    /// Notes which parts were laid down: the site, the parsed files.
    pub fn laid_down(&mut self, (site, docs): (Digest, Digest)) {
        self.parts[Large::Site as usize] = Some(site);
        self.parts[Large::Docs as usize] = Some(docs);
    }

    fn part(&self, disk: &dyn Disk, root: &str, part: usize) -> Option<Vec<u8>> {
        read_part(disk, root, part, self.parts[part]?)
    }

    /// Reads the questions of the jobs.
    pub fn traces(&self, disk: &dyn Disk, root: &str) -> Option<Traces> {
        let traces: Traces = postcard::from_bytes(&self.part(disk, root, 2)?).ok()?;
        let queries = traces.queries.len() as u32;
        let whole = traces.asked.len() == self.jobs.len() && traces.asked.iter().flatten().all(|q| *q < queries);
        whole.then_some(traces)
    }

    /// Reads the site as bytes.
    pub fn site(&self, disk: &dyn Disk, root: &str) -> Option<Vec<u8>> {
        self.part(disk, root, 3)
    }

    /// Reads the parsed files and what was told of each, by path.
    pub fn docs(&self, disk: &dyn Disk, root: &str) -> Option<Vec<(Document, Vec<Diagnostic>)>> {
        postcard::from_bytes(&self.part(disk, root, 4)?).ok()
    }

    /// Writes what this build leaves to the next. What cannot be written is told; the site is whole
    /// without it.
    pub fn save(&mut self, disk: &dyn Disk, root: &str, parts: Parts<'_>) -> Result<(), Error> {
        // Of two builds at once, one would sweep the parts of the other away.
        let lock = format!("{}/lock", folder(root));
        let _lock = disk.lock(&lock).map_err(|e| refused(&lock, e))?;
        let mut write = |part: usize, bytes: Option<Vec<u8>>| -> Result<(), Error> {
            let Some(bytes) = bytes else { return Ok(()) };
            let digest = Digest::of(&bytes);
            if self.parts[part] != Some(digest) {
                let place = place(root, part, digest);
                disk.write(&place, &bytes).map_err(|e| refused(&place, e))?;
            }
            self.parts[part] = Some(digest);
            Ok(())
        };
        // The folder keeps itself out of the repository. An empty file is one that was not written to its end.
        let ignore = join(root, &format!("{FOLDER}/.gitignore"));
        if !disk.stat(&ignore).is_ok_and(|stat| stat.size > 0) {
            disk.write(&ignore, b"*\n").map_err(|e| refused(&ignore, e))?;
        }
        write(0, Some(encode(&self.files)))?;
        write(1, Some(encode(&self.jobs)))?;
        write(2, parts.traces.map(encode))?;
        write(3, parts.site.map(|make| make()))?;
        write(4, parts.docs.map(|make| make()))?;
        let mut named = [Digest::default(); 5];
        for (named, digest) in named.iter_mut().zip(self.parts) {
            // A part that was never written has nothing to be named by: then there is no cache to leave.
            let Some(digest) = digest else { return Ok(()) };
            *named = digest;
        }
        let (ground, summary) = (self.ground.clone(), self.summary.clone());
        let head = Head { format: FORMAT, ground, build: self.build, summary, parts: named };
        let payload = encode(&head);
        let bytes = [Digest::of(&payload).to_hex().as_bytes(), &payload].concat();
        let (fresh, head) = (format!("{}/head.new", folder(root)), format!("{}/head", folder(root)));
        disk.write(&fresh, &bytes).and_then(|()| disk.rename(&fresh, &head)).map_err(|e| refused(&head, e))?;
        self.sweep(disk, root);
        Ok(())
    }

    /// Removes parts that the head does not name. One that stays does no harm.
    fn sweep(&self, disk: &dyn Disk, root: &str) {
        let named: Vec<String> =
            self.parts.iter().enumerate().filter_map(|(i, d)| Some(place(root, i, (*d)?))).collect();
        for (name, is_folder) in disk.list(&folder(root)).unwrap_or_default() {
            let path = join(&folder(root), &name);
            let is_part = PARTS.iter().any(|p| name.strip_prefix(p).is_some_and(|rest| rest.starts_with('-')));
            if is_part && !is_folder && !named.contains(&path) {
                let _ = disk.remove(&path);
            }
        }
    }
}

fn copies_place(root: &str, key: Digest) -> String {
    let name = key.to_hex();
    join(root, &format!("{FOLDER}/pictures/{}/{name}", &name[..2]))
}

/// Reads the copies of a picture an earlier build made; the key says of which picture, how large and by which
/// encoders. `None` if there are none that can be trusted.
pub fn copies(disk: &dyn Disk, root: &str, key: Digest) -> Option<Vec<Vec<u8>>> {
    let bytes = disk.read(&copies_place(root, key)).ok()?;
    let (digest, payload) = bytes.split_at_checked(64)?;
    if Digest::from_hex(std::str::from_utf8(digest).ok()?)? != Digest::of(payload) {
        return None;
    }
    postcard::from_bytes(payload).ok()
}

/// Keeps the copies of a picture for later builds, also for those of other readers. What cannot be kept is made again.
pub fn keep_copies<'c>(disk: &dyn Disk, root: &str, key: Digest, copies: impl Iterator<Item = &'c [u8]>) {
    let payload = encode(&copies.collect::<Vec<_>>());
    let place = copies_place(root, key);
    let fresh = format!("{place}.new");
    let bytes = [Digest::of(&payload).to_hex().as_bytes(), &payload].concat();
    let _ = disk.write(&fresh, &bytes).and_then(|()| disk.rename(&fresh, &place));
}

/// Removes copies nobody wants any more, once they are many more than those that are wanted: sites for several
/// readers, and several branches of a repository, take turns in one folder.
pub fn sweep_copies(disk: &dyn Disk, root: &str, wanted: &BTreeSet<Digest>) {
    let folder = join(root, &format!("{FOLDER}/pictures"));
    if !disk.is_folder(&folder) {
        return;
    }
    let names: BTreeSet<String> = wanted.iter().map(|key| key.to_hex()).collect();
    let found = disk.walk(&folder).unwrap_or_default();
    let stale: Vec<_> =
        found.iter().filter(|f| !f.path.rsplit('/').next().is_some_and(|name| names.contains(name))).collect();
    if stale.len() > names.len() + SPARE_COPIES {
        for file in stale {
            let _ = disk.remove(&join(&folder, &file.path));
        }
    }
}

/// Reads what an earlier build kept of the history.
pub fn history(disk: &dyn Disk, root: &str) -> Option<Vec<u8>> {
    disk.read(&join(root, &format!("{FOLDER}/history"))).ok()
}

/// Keeps the history for the next build. It checks itself; one that is lost is walked again.
pub fn keep_history(disk: &dyn Disk, root: &str, bytes: &[u8]) {
    let place = join(root, &format!("{FOLDER}/history"));
    let fresh = format!("{place}.new");
    let _ = disk.write(&fresh, bytes).and_then(|()| disk.rename(&fresh, &place));
}

fn refused(place: &str, error: std::io::Error) -> Error {
    Error::new(say!("写不了缓存 `{place}`", "cannot write the cache `{place}`"), error)
}

/// Returns what tells this tool from others: its version, and the sources it was made of.
pub fn tool() -> String {
    concat!(env!("CARGO_PKG_VERSION"), " ", env!("BEILIN_FINGERPRINT")).to_owned()
}
