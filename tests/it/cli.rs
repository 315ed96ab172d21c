//! The binary as a person meets it: a few runs, whole answers, exit codes.

use beilin::disk::{Disk, Real};
use std::path::PathBuf;
use std::process::{Command, Output};

/// A folder of the machine that goes away with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("beilin-it-{}-{name}", std::process::id()));
        Real.remove_tree(&path.to_string_lossy()).expect("an old folder goes away");
        std::fs::create_dir_all(&path).expect("a folder is made");
        Folder(path)
    }

    fn put(&self, path: &str, text: &str) -> &Self {
        Real.write(&self.0.join(path).to_string_lossy(), text.as_bytes()).expect("a file is written");
        self
    }

    fn run(&self, words: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_beilin"))
            .current_dir(&self.0)
            .env_remove("LANG")
            .env_remove("LC_ALL")
            .env_remove("LANGUAGE")
            .env("LC_ALL", "C")
            .args(words)
            .output()
            .expect("the binary runs")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What stays is cleared by the next run.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Returns the exit code and what was written to stderr.
fn told(output: &Output) -> (Option<i32>, String) {
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

fn site(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder
        .put("beilin.toml", "[site]\ntitle = \"小站\"\n")
        .put("content/about.md", "+++\ntitle = \"关于\"\n+++\n话。\n");
    folder
}

#[test]
fn a_site_without_errors_is_built_and_the_exit_code_is_0() {
    let folder = site("fine");
    let (code, err) = told(&folder.run(&["--lang", "en", "build"]));
    assert_eq!(code, Some(0), "{err}");
    assert!(folder.0.join("public/about/index.html").is_file());
    let second = folder.run(&["--lang", "en", "--json", "build"]);
    let json: serde_json::Value = serde_json::from_slice(&second.stdout)
        .unwrap_or_else(|e| panic!("JSON: {e}: {}", String::from_utf8_lossy(&second.stdout)));
    assert_eq!(
        (json["written"]["created"].as_u64(), json["written"]["changed"].as_u64()),
        (Some(0), Some(0)),
        "{json}"
    );
}

#[test]
fn explain_says_why_a_page_was_and_would_be_rendered() {
    let folder = site("why");
    let why = |path: &str| {
        let output = folder.run(&["--lang", "en", "explain", path, "--why"]);
        assert_eq!(output.status.code(), Some(0));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    assert!(why("about/").contains("would be rendered, because there was no cache to go by"));
    folder.run(&["build"]);
    let kept = why("about/");
    assert!(kept.contains("by the last build, because there was no cache") && kept.contains("would be kept"), "{kept}");
    folder.put("content/about.md", "+++\ntitle = \"关于\"\n+++\n改过的话。\n");
    let edited = why("content/about.md");
    assert!(edited.contains("would be rendered, because its own text changed"), "{edited}");
    let other = why("sitemap/");
    assert!(other.contains("would be kept"), "{other}");
}

#[test]
fn a_site_with_errors_is_told_whole_and_the_exit_code_is_1() {
    let folder = site("errors");
    folder
        .put("content/about.md", "+++\ntitel = \"关于\"\n+++\n见[手册](manul.md)。\n")
        .put("content/manual.md", "+++\ntitle = \"手册\"\n+++\n");
    for command in ["build", "check"] {
        let (code, err) = told(&folder.run(&["--lang", "en", command]));
        assert_eq!(code, Some(1));
        snapshot(&format!("errors-{command}-en"), &err);
        snapshot(&format!("errors-{command}-zh"), &told(&folder.run(&["--lang", "zh", command])).1);
    }
    assert!(!folder.0.join("public").exists(), "nothing was written");
}

#[test]
fn a_command_that_is_wrong_and_a_site_that_is_not_there_end_with_2() {
    let empty = Folder::new("empty");
    for (name, words) in [
        ("no-site", vec!["--lang", "en", "build"]),
        ("no-command", vec!["--lang", "en", "biuld"]),
        ("no-option", vec!["--lang", "en", "build", "--oot", "x"]),
    ] {
        let (code, err) = told(&empty.run(&words));
        assert_eq!(code, Some(2), "{words:?}: {err}");
        snapshot(name, &err);
    }
}

#[test]
fn a_new_site_builds_without_a_word_of_complaint() {
    let folder = Folder::new("init");
    let (code, err) = told(&folder.run(&["--lang", "en", "init", "here"]));
    assert_eq!(code, Some(0), "{err}");
    let (code, err) = told(&folder.run(&["--lang", "en", "check", "--root", "here"]));
    assert_eq!((code, err.contains("error") || err.contains("warning")), (Some(0), false), "{err}");
}

#[test]
fn help_and_version_are_fine_and_speak_two_languages() {
    let folder = Folder::new("help");
    for lang in ["zh", "en"] {
        let output = folder.run(&["--lang", lang, "--help"]);
        assert_eq!(output.status.code(), Some(0));
        assert!(String::from_utf8_lossy(&output.stdout).contains("build"), "{lang}");
    }
    assert!(String::from_utf8_lossy(&folder.run(&["--version"]).stdout).contains(env!("CARGO_PKG_VERSION")));
}

#[test]
fn what_is_built_in_can_be_taken_out_and_changes_nothing() {
    let folder = site("eject");
    folder.run(&["build", "--out", "before"]);
    for what in ["theme", "kinds", "reports"] {
        let (code, err) = told(&folder.run(&["--lang", "en", "eject", what]));
        assert_eq!(code, Some(0), "{what}: {err}");
    }
    let config = folder.0.join("beilin.toml").to_string_lossy().into_owned();
    let text = String::from_utf8(Real.read(&config).expect("read")).expect("text");
    let used = format!("{text}\n[content]\nkinds = [\"kinds.toml\", \"reports.toml\"]\n");
    Real.write(&config, used.as_bytes()).expect("written");
    let (code, err) = told(&folder.run(&["--lang", "en", "build", "--out", "after"]));
    assert_eq!(code, Some(0), "{err}");
    let tree = |out: &str| {
        let folder = folder.0.join(out).to_string_lossy().into_owned();
        Real.walk(&folder)
            .expect("listed")
            .into_iter()
            .map(|f| (Real.read(&format!("{folder}/{}", f.path)).expect("read"), f.path))
            .collect::<Vec<_>>()
    };
    assert!(!tree("before").is_empty() && tree("before") == tree("after"));
}

/// Compares with `tests/it/cli/<name>.txt`; `BEILIN_BLESS=1` writes it.
fn snapshot(name: &str, found: &str) {
    let place = format!("{}/tests/it/cli/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("BEILIN_BLESS").is_some() {
        Real.write(&place, found.as_bytes()).expect("a snapshot is written");
        return;
    }
    let expected = std::fs::read_to_string(&place).unwrap_or_else(|e| panic!("{place}: {e}; BEILIN_BLESS=1 writes it"));
    assert_eq!(expected.replace("\r\n", "\n").trim_end(), found.trim_end(), "{name}");
}
