//! Time, memory and size of whole builds of generated archives, as a Markdown table.
//!
//! ```text
//! cargo bench --bench build -- [N…] [--runs R] [--keep DIR] [--packs ID,ID] [--photos N]
//! ```
//!
//! For each number of records (100, 1,000 and 10,000 unless said) the site is generated, then built
//! from nothing, built again (which must write nothing), and built after an edit of one body. Every
//! build is a process of its own, so that its memory is its own; of R runs (3) the one of median wall
//! time is shown. With `--packs` it is built from nothing once more with these rule packs, so that the
//! difference is what ledgers cost. With `--photos` the records show that many photographs of 12
//! megapixels, as telephones make them, and the site is built once more without output and cache of pages
//! but with the copies of pictures that are kept; the folder should then be on a disk (`--keep`).
//! 100,000 records are 1,000 branches and three years. CPU seconds and peak memory come from `/proc`:
//! elsewhere they are left out. Nothing here judges a time: machines differ.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a bench talks to the terminal")]
#![expect(clippy::disallowed_methods, reason = "a bench makes and measures the site itself, outside the crate")]

mod corpus;

use beilin::build::Unwatched;
use beilin::disk::Real;
use beilin::{Input, build};
use corpus::Corpus;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The argument by which the bench calls itself for one build.
const CHILD: &str = "--one-build-of";

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, root] = args.as_slice()
        && flag == CHILD
    {
        println!("{}", Measured::here(root)?.line());
        return Ok(());
    }
    let options = Options::read(&args)?;
    println!(
        "| records | build | wall s | CPU s | peak MiB | pages | files | MB | written |\n|---:|---|---:|---:|---:|---:|---:|---:|---:|"
    );
    for records in &options.sizes {
        let root = options.folder.join(format!("beilin-bench-{records}"));
        let measured = measure(*records, &root, &options);
        if !options.keep && root.exists() {
            fs::remove_dir_all(&root)?;
        }
        measured?;
    }
    Ok(())
}

/// What the bench is asked to do.
struct Options {
    sizes: Vec<usize>,
    runs: usize,
    folder: PathBuf,
    keep: bool,
    packs: Vec<String>,
    photos: usize,
}

impl Options {
    fn read(args: &[String]) -> Result<Options> {
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        let mut options = Options { sizes: Vec::new(), runs: 3, folder, keep: false, packs: Vec::new(), photos: 0 };
        let mut args = args.iter();
        let mut benched = false;
        while let Some(arg) = args.next() {
            match arg.as_str() {
                // Cargo says so when it benches, and does not when it tests.
                "--bench" => benched = true,
                "--runs" => options.runs = args.next().ok_or("--runs takes a number")?.parse::<usize>()?.max(1),
                "--packs" => {
                    options.packs = args.next().ok_or("--packs takes ids")?.split(',').map(str::to_owned).collect();
                }
                "--photos" => options.photos = args.next().ok_or("--photos takes a number")?.parse()?,
                "--keep" => (options.folder, options.keep) = (args.next().ok_or("--keep takes a folder")?.into(), true),
                n => options.sizes.push(n.parse().map_err(|_| format!("`{n}` is no number of records"))?),
            }
        }
        if options.sizes.is_empty() {
            options.sizes = if benched { vec![100, 1_000, 10_000] } else { vec![20] };
        }
        Ok(options)
    }
}

fn measure(records: usize, root: &Path, options: &Options) -> Result<()> {
    let runs = options.runs;
    let corpus = Corpus::new(records);
    generate(&corpus, records, root)?;
    photographs(&corpus, records, root, options.photos)?;
    let edited = root.join(corpus.record_path(records / 2));
    let fresh_build = || {
        for made in ["public", ".beilin"] {
            if root.join(made).exists() {
                fs::remove_dir_all(root.join(made))?;
            }
        }
        Measured::apart(root)
    };
    median(runs, fresh_build)?.print(records, "from nothing");
    if options.photos > 0 {
        let with_copies = || {
            fs::remove_dir_all(root.join("public"))?;
            fs::remove_dir_all(root.join(".beilin/cache"))?;
            Measured::apart(root)
        };
        median(runs, with_copies)?.print(records, "from nothing, with the copies of pictures");
    }
    let again = median(runs, || Measured::apart(root))?;
    again.print(records, "again, nothing changed");
    if again.written != 0 {
        return Err(format!("a second build wrote {} files", again.written).into());
    }
    let edit = median(runs, || {
        let text = fs::read_to_string(&edited)?;
        fs::write(&edited, text + "\n又补一句：会后已照此办理。\n")?;
        Measured::apart(root)
    })?;
    edit.print(records, "one body edited");
    if !options.packs.is_empty() {
        let config = root.join("beilin.toml");
        let quoted: Vec<String> = options.packs.iter().map(|p| format!("\"{p}\"")).collect();
        let text = fs::read_to_string(&config)?;
        fs::write(&config, format!("{text}\n[[packs]]\nuse = [{}]\n", quoted.join(", ")))?;
        median(runs, fresh_build)?.print(records, "from nothing, with ledgers");
    }
    Ok(())
}

fn generate(corpus: &Corpus, records: usize, root: &Path) -> Result<()> {
    if root.exists() {
        fs::remove_dir_all(root)?;
    }
    for (path, text) in corpus.registry().into_iter().chain((0..records).map(|i| corpus.record(i))) {
        let place = root.join(path);
        if let Some(folder) = place.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(place, text)?;
    }
    Ok(())
}

/// Puts photographs of 12 megapixels into the site, shown by its records in turn. Eight scenes are drawn; that each is
/// another file, as photographs are, is a comment's doing.
fn photographs(corpus: &Corpus, records: usize, root: &Path, count: usize) -> Result<()> {
    let scenes = (0..count.min(8)).map(|n| scene(n as u32)).collect::<Result<Vec<_>>>()?;
    let folder = root.join("content/photographs");
    fs::create_dir_all(&folder)?;
    for n in 0..count {
        if n % 1000 == 999 {
            eprintln!("photographs: {} of {count}", n + 1);
        }
        let scene = &scenes[n % 8];
        let words = format!("{n:06}");
        let comment = [&[0xff, 0xfe, 0, 8], words.as_bytes()].concat();
        fs::write(folder.join(format!("{n}.jpg")), [&scene[..2], &comment, &scene[2..]].concat())?;
        let place = root.join(corpus.record_path(n % records));
        let text = fs::read_to_string(&place)?;
        fs::write(&place, format!("{text}\n![照片{n}](@/photographs/{n}.jpg)\n"))?;
    }
    Ok(())
}

/// Draws a scene with light, edges and noise: as hard to decode and to encode as a photograph.
fn scene(seed: u32) -> Result<Vec<u8>> {
    let mut chance = seed.wrapping_mul(0x9e37_79b9) | 1;
    let picture = image::RgbImage::from_fn(4000, 3000, |x, y| {
        chance ^= chance << 13;
        chance ^= chance >> 17;
        chance ^= chance << 5;
        let (fx, fy) = (x as f32 / 4000.0, y as f32 / 3000.0);
        let wave = ((fx * 40.0 + seed as f32).sin() * (fy * 30.0).cos() * 60.0) as i32;
        let wall = if (x / 170 + y / 230 + seed).is_multiple_of(3) { 50 } else { 0 };
        let noise = (chance % 24) as i32 - 12;
        let tone = |base: f32| ((base * 200.0) as i32 + wave + wall + noise).clamp(0, 255) as u8;
        image::Rgb([tone(fx), tone(1.0 - fy), tone((fx + fy) / 2.0)])
    });
    let mut out = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut out, 88).encode_image(&picture)?;
    Ok(out)
}

fn median(runs: usize, mut run: impl FnMut() -> Result<Measured>) -> Result<Measured> {
    let mut all = (0..runs).map(|_| run()).collect::<Result<Vec<_>>>()?;
    all.sort_by(|a, b| a.wall.total_cmp(&b.wall));
    Ok(all.swap_remove(runs / 2))
}

/// What one build took and gave; a negative figure is one the system does not tell.
struct Measured {
    wall: f64,
    cpu: f64,
    peak: f64,
    pages: usize,
    files: usize,
    bytes: u64,
    written: usize,
}

impl Measured {
    /// Builds a site in this process.
    fn here(root: &str) -> Result<Measured> {
        let input = Input { root: root.to_owned(), out: None, as_of: Some(jiff::civil::date(2026, 6, 30)) };
        let start = Instant::now();
        let report = build(&Real, &input, &Unwatched).map_err(|e| e.to_string())?;
        let wall = start.elapsed().as_secs_f64();
        if let Some(first) = report.diagnostics.first() {
            eprintln!("{} diagnostics, the first: {}: {}", report.diagnostics.len(), first.path, first.message.en);
        }
        let done = report.written.ok_or("the generated site has errors")?;
        Ok(Measured {
            wall,
            cpu: cpu_seconds().unwrap_or(-1.0),
            peak: peak_mib().unwrap_or(-1.0),
            pages: report.pages,
            files: report.files,
            bytes: done.bytes,
            written: done.created + done.changed + done.removed,
        })
    }

    /// Builds a site in a process of its own.
    fn apart(root: &Path) -> Result<Measured> {
        let out = Command::new(std::env::current_exe()?).arg(CHILD).arg(root).output()?;
        eprint!("{}", String::from_utf8_lossy(&out.stderr));
        let line = String::from_utf8(out.stdout)?;
        let words: Vec<&str> = line.split_whitespace().collect();
        let [wall, cpu, peak, pages, files, bytes, written] = words[..] else { return Err("a build failed".into()) };
        Ok(Measured {
            wall: wall.parse()?,
            cpu: cpu.parse()?,
            peak: peak.parse()?,
            pages: pages.parse()?,
            files: files.parse()?,
            bytes: bytes.parse()?,
            written: written.parse()?,
        })
    }

    fn line(&self) -> String {
        format!(
            "{} {} {} {} {} {} {}",
            self.wall, self.cpu, self.peak, self.pages, self.files, self.bytes, self.written
        )
    }

    fn print(&self, records: usize, what: &str) {
        let told =
            |figure: f64, digits: usize| if figure < 0.0 { "—".to_owned() } else { format!("{figure:.digits$}") };
        println!(
            "| {records} | {what} | {} | {} | {} | {} | {} | {:.1} | {} |",
            told(self.wall, 2),
            told(self.cpu, 2),
            told(self.peak, 0),
            self.pages,
            self.files,
            self.bytes as f64 / 1e6,
            self.written
        );
    }
}

/// Returns the CPU seconds of this process, user and system, all threads.
fn cpu_seconds() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The second field is the program's name in brackets, which may hold spaces.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    // Linux tells user space a hundred ticks a second on every machine it runs on.
    Some(ticks as f64 / 100.0)
}

/// Returns the most memory this process has held.
fn peak_mib() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<f64>().ok()? / 1024.0)
}
