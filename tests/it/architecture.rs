//! The dependency rule, read off the sources: a stage names only the stages before it and the ground.

use beilin::disk::{Disk, Real};
use std::collections::BTreeSet;

/// The floors, ground floor first. A module names modules of lower floors, and on the ground its
/// neighbours.
const FLOORS: [(&str, &[&str]); 16] = [
    ("ground", &["config", "diagnostic", "digest", "disk", "library", "output", "picture", "source"]),
    ("discover", &["discover"]),
    ("search", &["search"]),
    ("parse", &["parse"]),
    ("history", &["history"]),
    ("rules", &["rules"]),
    ("model", &["model"]),
    ("plan", &["plan"]),
    ("render", &["render"]),
    ("write", &["write"]),
    ("cache", &["cache"]),
    ("build", &["build"]),
    ("publish", &["publish"]),
    ("door", &["door"]),
    ("serve", &["follow", "serve"]),
    ("cli", &["cli"]),
];

/// What a module names against the floors, and why that stays: the keys of `beilin.toml` are read by
/// the same schema as front matter, so `config` names the schema's types (no stage's values).
const EXCEPTIONS: [(&str, &str); 3] =
    [("config", "model::kind"), ("config", "model::schema"), ("config", "parse::node")];

/// A source file without comments and tests.
struct File {
    path: String,
    text: String,
}

fn sources() -> Vec<File> {
    let folder = format!("{}/src", env!("CARGO_MANIFEST_DIR"));
    let found = Real.walk(&folder).expect("the sources can be listed");
    found
        .into_iter()
        // The build script is no module of the crate.
        .filter(|f| f.path.ends_with(".rs") && !f.path.ends_with("tests.rs") && f.path != "fingerprint.rs")
        .map(|f| {
            let text = String::from_utf8(Real.read(&format!("{folder}/{}", f.path)).expect("a source can be read"))
                .expect("a source is UTF-8");
            let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            let text = text
                .lines()
                .filter(|l| !l.trim_start().starts_with("//"))
                .map(|l| l.split(" // ").next().unwrap_or(l))
                .collect::<Vec<_>>()
                .join("\n");
            File { path: f.path, text }
        })
        .collect()
}

/// Returns the module of the crate a file belongs to (`render` for `render/page.rs`).
fn module_of(path: &str) -> &str {
    path.split(['/', '.']).next().unwrap_or(path)
}

fn floor_of(module: &str) -> Option<usize> {
    FLOORS.iter().position(|(_, modules)| modules.contains(&module))
}

/// Returns the paths below `crate::` a text names, `use crate::{a, b::c}` taken apart.
fn named(text: &str) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => {
                let mut depth = 0;
                let mut part = String::new();
                for c in group.chars() {
                    match c {
                        '}' if depth == 0 => break,
                        '{' => depth += 1,
                        '}' => depth -= 1,
                        ',' if depth == 0 => {
                            all.insert(path_at(std::mem::take(&mut part).trim()));
                        }
                        c if depth == 0 => part.push(c),
                        _ => {}
                    }
                }
                all.insert(path_at(part.trim()));
            }
            None => {
                all.insert(path_at(rest));
            }
        }
    }
    all.remove("");
    all
}

/// Returns the path a text begins with.
fn path_at(text: &str) -> String {
    text.chars()
        .take_while(|c| c.is_alphanumeric() || matches!(c, '_' | ':'))
        .collect::<String>()
        .trim_end_matches(':')
        .to_owned()
}

#[test]
fn every_module_of_the_crate_has_its_floor() {
    let lib = sources().into_iter().find(|f| f.path == "lib.rs").expect("there is a lib.rs");
    let modules: Vec<&str> =
        lib.text.lines().filter_map(|l| l.trim().strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    assert!(modules.len() > 10, "{modules:?}");
    for module in modules {
        assert!(floor_of(module).is_some(), "`{module}` stands on no floor: add it to FLOORS and to lib.rs");
    }
}

#[test]
fn a_stage_names_only_stages_before_it_and_the_ground() {
    let (mut wrong, mut used): (Vec<String>, BTreeSet<&(&str, &str)>) = Default::default();
    for file in sources() {
        let module = module_of(&file.path);
        // The top of the library names its parts; the binary runs it.
        if matches!(module, "lib" | "main") {
            continue;
        }
        let floor = floor_of(module).unwrap_or_else(|| panic!("{} stands on no floor", file.path));
        for path in named(&file.text) {
            let target = module_of(path.split("::").next().unwrap_or_default());
            // Macros stand at the crate's top.
            let Some(other) = floor_of(target) else {
                assert_eq!(path, "say", "{} names `crate::{path}`, which is no module", file.path);
                continue;
            };
            let allowed = target == module || other < floor || (other == 0 && floor == 0);
            let exception = EXCEPTIONS.iter().find(|(m, p)| *m == module && path.starts_with(p));
            used.extend(exception);
            if !allowed && exception.is_none() {
                wrong.push(format!("{} names crate::{path}", file.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(used.len(), EXCEPTIONS.len(), "an exception nobody needs any more goes away");
}

#[test]
fn the_root_is_only_reached_by_name() {
    for file in sources() {
        let depth = file.path.matches('/').count() + 1;
        assert!(
            !file.text.contains(&"super::".repeat(depth + 1)),
            "{} climbs out of its module: write crate::",
            file.path
        );
    }
}

#[test]
fn only_disk_touches_the_machine() {
    for file in sources().iter().filter(|f| f.path != "disk.rs") {
        // An exit code is a value, and so is a length of time. The command line has words, and tells how long it took: no output does.
        // An exit code is a value, and so is a length of time. The command line has words, and tells how
        // long it took: no output does.
        let mut text = file.text.replace("std::process::ExitCode", "").replace("std::time::Duration", "");
        if module_of(&file.path) == "cli" {
            text = text.replace("std::env::args_os", "").replace("std::time", "").replace("Instant::now", "");
        }
        for way in [
            "std::fs",
            "std::env",
            "std::time",
            "std::process",
            "SystemTime",
            "Instant::now",
            "Zoned::now",
            "Timestamp::now",
            "std::os",
            "File::open",
        ] {
            assert!(!text.contains(way), "{} uses {way}: ask disk::Disk", file.path);
        }
    }
}

#[test]
fn parse_model_and_plan_ask_nothing_of_the_disk() {
    for file in sources().iter().filter(|f| matches!(module_of(&f.path), "parse" | "model" | "plan")) {
        assert!(!named(&file.text).iter().any(|p| p.starts_with("disk")), "{} names the disk", file.path);
    }
}

#[test]
fn every_file_says_what_it_is_for() {
    let folder = format!("{}/src", env!("CARGO_MANIFEST_DIR"));
    for file in sources() {
        let bytes = Real.read(&format!("{folder}/{}", file.path)).expect("a source can be read");
        assert!(bytes.starts_with(b"//! "), "{} opens with its purpose", file.path);
    }
}

#[test]
fn groups_of_names_are_taken_apart() {
    let found = named("use crate::{model::{Site, kind}, plan};\nuse crate::disk::Disk;\nlet x = crate::say!(1);");
    assert_eq!(found.into_iter().collect::<Vec<_>>(), ["disk::Disk", "model", "plan", "say"]);
}
