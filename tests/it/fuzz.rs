//! A short run of the fuzz targets on the stable compiler: the corpus and its mutations, from a fixed
//! seed, so that a failure comes again. `BEILIN_FUZZ=100 cargo test --test it fuzz::` takes a hundred times as many turns;
//! `tests/fuzz` runs the same functions with coverage for as long as one likes.

use beilin::disk::{Disk, Real};

/// Words a blind mutation would hardly find.
const WORDS: [&str; 44] = [
    "+++\n",
    "---\n",
    "\u{feff}",
    "\r\n",
    "\n\n",
    "**",
    "*",
    "~~",
    "“",
    "”",
    "。",
    "（",
    "［",
    "`",
    "```",
    "<br>",
    "<script>",
    "<!--",
    "-->",
    "<a href=\"",
    "\">",
    "](",
    "![",
    "[^1]",
    "[^1]: x\n",
    "| a | b |\n|---|---|\n",
    "- [x] ",
    ": ",
    "# ",
    "{#id .c}",
    "{{",
    "&#0;",
    "\u{fdd0}",
    "\u{0}",
    "\t",
    "\"\"\"",
    "'''",
    "[[a]]\n",
    "= { ",
    "\\u0000",
    "data:image/png;base64,iVBORw0KGgo=",
    "2025-09-18/20",
    "&nbsp;",
    "    ",
];

/// A small generator of numbers (xorshift64*): the same on every machine.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let n = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(n).unwrap_or(0) % below.max(1)
    }
}

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = format!("{}/tests/fuzz/corpus/{target}", env!("CARGO_MANIFEST_DIR"));
    let found = Real.walk(&folder).expect("the corpus can be listed");
    assert!(found.len() >= 3, "{folder} holds a corpus");
    found
        .iter()
        .map(|f| Real.read(&format!("{folder}/{}", f.path)).expect("a file of the corpus can be read"))
        .collect()
}

fn mutate(numbers: &mut Numbers, corpus: &[Vec<u8>]) -> Vec<u8> {
    let mut data = corpus[numbers.next(corpus.len())].clone();
    data.truncate(2000 + numbers.next(2000));
    for _ in 0..=numbers.next(6) {
        let at = numbers.next(data.len() + 1);
        let end = (at + numbers.next(40)).min(data.len());
        match numbers.next(6) {
            0 => drop(data.drain(at..end)),
            1 => {
                let copy = data[at..end].to_vec();
                let to = numbers.next(data.len() + 1);
                data.splice(to..to, copy);
            }
            2 => {
                let other = &corpus[numbers.next(corpus.len())];
                let from = numbers.next(other.len() + 1);
                let to = (from + numbers.next(120)).min(other.len());
                data.splice(at..end, other[from..to].iter().copied());
            }
            3 if at < data.len() => data[at] = u8::try_from(numbers.next(256)).unwrap_or(0),
            _ => {
                let word = WORDS[numbers.next(WORDS.len())];
                let times = if numbers.next(20) == 0 { 200 } else { 1 };
                data.splice(at..at, word.repeat(times).into_bytes());
            }
        }
    }
    data
}

/// How many turns more than usual: `BEILIN_FUZZ=100` takes a hundred times as long.
fn longer() -> usize {
    Real.env("BEILIN_FUZZ").and_then(|n| n.parse().ok()).unwrap_or(1)
}

fn run(target: &str, turns: usize, is_text: bool, check: fn(&[u8])) {
    let turns = turns * longer();
    let corpus = corpus(target);
    for data in &corpus {
        check(data);
    }
    let mut numbers = Numbers(0x5EED_0000_BE11);
    for turn in 0..turns {
        let mut data = mutate(&mut numbers, &corpus);
        if is_text {
            // The targets pass over what is not UTF-8: mend it, so that every turn counts.
            data = String::from_utf8_lossy(&data).into_owned().into_bytes();
        }
        let outcome = std::panic::catch_unwind(|| check(&data));
        if outcome.is_err() {
            panic!("turn {turn} of {target} broke a promise with: {:?}", String::from_utf8_lossy(&data));
        }
    }
}

#[test]
fn front_matter_keeps_its_promises_for_mutated_files() {
    run("front_matter", 6000, true, beilin::parse::front_matter::fuzz_front_matter);
}

#[test]
fn markdown_keeps_its_promises_for_mutated_bodies() {
    run("markdown", 2500, true, beilin::parse::markdown::fuzz_markdown);
}

#[test]
fn the_configuration_keeps_its_promises_for_mutated_files() {
    run("config", 2500, true, beilin::config::fuzz_config);
}

#[test]
fn attachments_keep_their_promises_for_mutated_files() {
    run("attachment", 4000, false, beilin::parse::attachment::fuzz_attachment);
}

#[test]
fn pictures_keep_their_promises_for_mutated_files() {
    run("picture", 3000, false, beilin::picture::fuzz_picture);
}

#[test]
fn calls_keep_their_promises_for_mutated_bodies() {
    run("webhook", 4000, false, beilin::follow::fuzz_webhook);
}

#[test]
fn no_damage_to_a_file_of_the_search_takes_its_reader_down() {
    use crate::support::{SiteTest, is_of_search, other};
    let site = SiteTest::from_files(&[]);
    for n in 0..30 {
        let id = format!("r{n}");
        site.put(&format!("content/records/{id}.md"), &other(&id, "2026-03-01", "", "支部委员会研究了井盖账的事。"));
    }
    let tree = site.build_clean().out;
    let read = |tree: &std::collections::BTreeMap<String, Vec<u8>>| {
        beilin::search::inspect::inspect(&|path| tree.get(path).cloned())
    };
    let whole = read(&tree).expect("it is whole");
    let files: Vec<&String> = tree.keys().filter(|p| is_of_search(p)).collect();
    let mut numbers = Numbers(0x5EED_0000_5EA2);
    let (mut refused, mut other) = (0, 0);
    for _ in 0..600 * longer() {
        let path = files[numbers.next(files.len())];
        let mut damaged = tree.clone();
        let bytes = damaged.get_mut(path).expect("it is there");
        match numbers.next(4) {
            0 => bytes.truncate(numbers.next(bytes.len())),
            1 => *bytes = bytes.repeat(2),
            _ => {
                for _ in 0..=numbers.next(3) {
                    let at = numbers.next(bytes.len());
                    bytes[at] = u8::try_from(numbers.next(256)).unwrap_or(0);
                }
            }
        }
        // A bit of a text may be another and nothing be wrong; nothing may be other than a text, or nothing.
        match read(&damaged) {
            None => refused += 1,
            Some(found) => other += usize::from(found != whole),
        }
    }
    assert!(refused > 100, "{refused} refused, {other} read otherwise");
}
