//! Input made to take all memory or all time, given to the real program under caps of the system: a build that needs
//! more is killed, and the test fails. What it says of the input is an error or nothing; it never dies of it.

use beilin::disk::{Disk, Real};
use std::fmt::Write as _;
use std::process::Command;

/// Kibibytes of address space, and seconds of processor time, for all threads together.
#[cfg(unix)]
const CAPS: &str = "ulimit -v 3000000; ulimit -t 120; ";

/// Texts that grow out of all measure in a careless reader: name, text.
fn texts() -> Vec<(&'static str, String)> {
    let n = 50_000;
    let mut all = vec![
        ("quotes", "> ".repeat(n)),
        ("rules", "- ".repeat(n)),
        ("numbers", "1. ".repeat(n)),
        (
            "steps",
            (0..1500).fold(String::new(), |mut t, i| {
                let _ = writeln!(t, "{}- x", "  ".repeat(i));
                t
            }),
        ),
        ("brackets", "[".repeat(n)),
        ("closed", "]".repeat(n)),
        ("links", "[a](".repeat(n)),
        ("pictures", "![[]()".repeat(n)),
        ("emphasis", "*a **b ".repeat(n)),
        ("strong", format!("{}a{}", "**".repeat(n), "**".repeat(n))),
        ("underscores", "_*".repeat(n)),
        ("strikes", "~~".repeat(n)),
        ("ticks", (0..1500).map(|i| format!("{} ", "`".repeat(i))).collect()),
        ("tags", "<a ".repeat(n)),
        ("open", "<div>".repeat(n)),
        ("ruby", "<ruby>".repeat(n)),
        ("comments", "<!--".repeat(n)),
        ("declarations", "<!x <?x <![CDATA[".repeat(n)),
        (
            "quoted",
            (0..n).fold("<a ".to_owned(), |mut t, i| {
                let _ = write!(t, "x{i}=\" ");
                t
            }),
        ),
        (
            "references",
            (0..n / 4).fold(String::new(), |mut t, i| {
                let _ = writeln!(t, "[a{i}]: /x");
                t
            }),
        ),
        (
            "notes",
            (0..10_000).fold(String::new(), |mut t, i| {
                let _ = write!(t, "x[^{i}]\n\n[^{i}]: y[^{}]\n\n", (i * 7) % 10_000);
                t
            }),
        ),
        ("columns", format!("|{}\n|{}\n{}", "a|".repeat(3000), "-|".repeat(3000), "|b|\n".repeat(3000))),
        ("rows", format!("|a|\n|-|\n{}", "|b|\n".repeat(n))),
        ("headings", "# x\n".repeat(n / 4)),
        ("attributes", format!("# x {{{}}}", "#a .b ".repeat(n))),
        ("definitions", format!("a\n{}", ": ".repeat(n))),
        ("addresses", "<http://".repeat(n)),
        ("entities", "&".repeat(n) + &"&amp;".repeat(n)),
        ("escapes", "\\".repeat(n)),
        ("nothing", "\0".repeat(n)),
        ("guards", "“**a**”".repeat(n)),
        ("halves", "**“".repeat(n)),
        ("tasks", "- [ ] x\n".repeat(n / 2)),
        ("long", "党".repeat(10 << 20)),
        ("blank", " ".repeat(4 << 20)),
        ("breaks", "\r".repeat(4 << 20)),
    ];
    let mut bomb = String::from("---\na0: &a0 [x]\n");
    for i in 1..14 {
        let _ = writeln!(bomb, "a{i}: &a{i} [{}]", vec![format!("*a{}", i - 1); 10].join(", "));
    }
    all.extend([
        ("bomb", bomb + "---\n"),
        ("self", "---\na: &a [*a, *a]\n---\n".to_owned()),
        ("merge", format!("---\nb: &b {{a: 1}}\n{}---\n", "c: {<<: *b}\n".repeat(5000))),
        ("flow", format!("---\na: {}{}\n---\n", "[".repeat(n), "]".repeat(n))),
        (
            "block",
            (0..2000).fold("---\n".to_owned(), |mut t, i| {
                let _ = writeln!(t, "{}a:", " ".repeat(i));
                t
            }) + "---\n",
        ),
        (
            "keys",
            (0..10_000).fold("---\n".to_owned(), |mut t, i| {
                let _ = writeln!(t, "k{i}: x");
                t
            }) + "---\n",
        ),
        ("arrays", format!("+++\na = {}{}\n+++\n", "[".repeat(n), "]".repeat(n))),
        ("inline", format!("+++\na = {}1{}\n+++\n", "{a=".repeat(n), "}".repeat(n))),
        ("dots", format!("+++\n{}b = 1\n+++\n", "a.".repeat(n))),
        ("header", format!("+++\n[{}b]\n+++\n", "a.".repeat(n))),
        ("values", format!("+++\na = [{}]\n+++\n", "1,".repeat(100_000))),
        ("faults", format!("+++\n{}+++\n", "= \n".repeat(n))),
        ("unclosed", format!("+++\n{}", "a = 1\n".repeat(n))),
        ("unquoted", format!("+++\na = \"{}\n+++\n", "x".repeat(200_000))),
    ]);
    all
}

#[cfg(unix)]
#[test]
fn no_text_takes_all_memory_or_all_time() {
    let folder = std::env::temp_dir().join(format!("beilin-caps-{}", std::process::id()));
    let folder = folder.to_string_lossy().into_owned();
    let put = |path: &str, bytes: &[u8]| Real.write(&format!("{folder}/{path}"), bytes).expect("written");
    put("beilin.toml", b"[site]\ntitle = \"x\"\n");
    let all = texts();
    for (name, text) in &all {
        put(&format!("content/notes/{name}.md"), text.as_bytes());
    }
    // A drawing, and a package that claims to be endless.
    put(
        "content/notes/deep.svg",
        format!("<svg xmlns=\"http://www.w3.org/2000/svg\">{}", "<g>".repeat(200_000)).as_bytes(),
    );
    put("content/notes/claims.zip", &[b"PK\x05\x06\0\0\0\0".as_slice(), &[0xff; 12], &[0, 0]].concat());
    let run = |arguments: &str| {
        Command::new("sh")
            .args(["-c", &format!("{CAPS}exec \"$0\" {arguments}"), env!("CARGO_BIN_EXE_beilin")])
            .current_dir(&folder)
            .output()
            .expect("sh runs")
    };
    let checked = run("--json check");
    let told: serde_json::Value = serde_json::from_slice(&checked.stdout)
        .unwrap_or_else(|e| panic!("{e}: {:?} {}", checked.status, String::from_utf8_lossy(&checked.stderr)));
    assert_eq!(checked.status.code(), Some(1), "errors, and no more than that");
    let diagnostics = told["diagnostics"].as_array().expect("a list");
    assert!(diagnostics.len() < 250 * all.len(), "{} are told", diagnostics.len());
    let bad: std::collections::BTreeSet<&str> = diagnostics
        .iter()
        .filter(|d| d["severity"] == "error")
        .filter_map(|d| d["path"].as_str()?.strip_prefix("content/notes/"))
        .collect();
    for name in [
        "quotes.md",
        "numbers.md",
        "strong.md",
        "long.md",
        "bomb.md",
        "self.md",
        "flow.md",
        "arrays.md",
        "faults.md",
        "deep.svg",
    ] {
        assert!(bad.contains(name), "{name} is an error: {bad:?}");
    }
    // Without them the rest is built, under the same caps.
    for name in &bad {
        Real.remove(&format!("{folder}/content/notes/{name}")).expect("removed");
    }
    assert!(bad.len() + 15 < all.len(), "some are harmless: {bad:?}");
    let built = run("build");
    assert_eq!(built.status.code(), Some(0), "{}", String::from_utf8_lossy(&built.stderr));
    Real.remove_tree(&folder).expect("removed");
}
