//! A short run of the fuzz targets on the stable compiler: the corpus and its mutations, from a fixed
//! seed, so that a failure comes again. `tests/fuzz` runs the same functions for as long as one likes.

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
    // The targets pass over what is not UTF-8: mend it, so that every turn counts.
    String::from_utf8_lossy(&data).into_owned().into_bytes()
}

fn run(target: &str, turns: usize, check: fn(&[u8])) {
    let corpus = corpus(target);
    for data in &corpus {
        check(data);
    }
    let mut numbers = Numbers(0x5EED_0000_BE11);
    for turn in 0..turns {
        let data = mutate(&mut numbers, &corpus);
        let outcome = std::panic::catch_unwind(|| check(&data));
        if outcome.is_err() {
            panic!("turn {turn} of {target} broke a promise with: {:?}", String::from_utf8_lossy(&data));
        }
    }
}

#[test]
fn front_matter_keeps_its_promises_for_mutated_files() {
    run("front_matter", 6000, beilin::parse::front_matter::fuzz_front_matter);
}

#[test]
fn markdown_keeps_its_promises_for_mutated_bodies() {
    run("markdown", 2500, beilin::parse::markdown::fuzz_markdown);
}

#[test]
fn the_configuration_keeps_its_promises_for_mutated_files() {
    run("config", 2500, beilin::config::fuzz_config);
}
