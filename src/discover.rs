//! Directory → Sources, sorted; what is passed over is explained.
//!
//! [`survey`] looks at names, sizes and times and opens nothing; [`read`] opens one file. Between them
//! stands what an earlier build on this machine knows (`cache`). Links, devices and names that are not
//! Unicode are never followed or read.

use crate::config::ContentOptions;
use crate::diagnostic::{Diagnostic, Error, Say, Severity};
use crate::digest::Digest;
use crate::disk::{Disk, Stat, join};
use crate::say;
use crate::source::Source;
use rayon::prelude::*;
use std::borrow::Cow;
use std::collections::BTreeMap;
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// A file of the content folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The path relative to the content folder, with `/`, in Unicode NFC.
    pub path: String,
    /// What the machine tells of it.
    pub stat: Stat,
    /// Whether it is a text to be parsed; anything else is only copied.
    pub is_text: bool,
}

/// What a content folder holds, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Survey {
    /// The files, by path.
    pub files: Vec<Seen>,
    /// Paths not in NFC as they are on disk, by their NFC form.
    pub spelled: BTreeMap<String, String>,
    /// What there is to tell of names.
    pub told: Vec<Diagnostic>,
}

impl Survey {
    /// Returns where a file is on disk.
    pub fn place(&self, root: &str, dir: &str, path: &str) -> String {
        join(&join(root, dir), self.spelled.get(path).map_or(path, String::as_str))
    }

    /// Tells whether there is, or was, something at a path or below it: a file, or one that is told of.
    pub fn knows(&self, dir: &str, path: &str) -> bool {
        let below = format!("{path}/");
        let next = self.files.partition_point(|f| f.path < below);
        let shown = join(dir, path);
        let of =
            |d: &Diagnostic| d.path.strip_prefix(&shown).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        self.files.get(next).is_some_and(|f| f.path.starts_with(&below)) || self.told.iter().any(of)
    }

    /// Returns the files that are no texts.
    pub fn assets(&self) -> impl Iterator<Item = &Seen> {
        self.files.iter().filter(|f| !f.is_text)
    }
}

/// Looks through the content folder of the site at `root`.
pub fn survey(
    disk: &dyn Disk,
    root: &str,
    options: &ContentOptions,
    out: &mut Vec<Diagnostic>,
) -> Result<Survey, Error> {
    let folder = join(root, &options.dir);
    let dir = &options.dir;
    if !disk.is_folder(&folder) {
        return Err(Error::new(say!("找不到内容目录 `{dir}`", "no content folder `{dir}`"), folder));
    }
    let found = disk
        .walk(&folder)
        .map_err(|e| Error::new(say!("读不了内容目录 `{dir}`", "cannot list the content folder `{dir}`"), e))?;
    let mut survey = Survey::default();
    for file in found {
        let path: String = if is_nfc(&file.path) { file.path.clone() } else { file.path.nfc().collect() };
        if is_passed_over(&path) || options.ignore.iter().any(|glob| matches_glob(glob, &path)) {
            continue;
        }
        if !file.plain {
            let shown = join(&options.dir, &path);
            survey.told.push(
                Diagnostic::warning(
                    "not-a-file",
                    &shown,
                    None,
                    say!("不是普通文件，没有读", "not a plain file, not read"),
                )
                .hint(say!(
                    "链接、设备和文件名编码有误的文件都不读；把文件本身放进来",
                    "links, devices and badly encoded names are not read; put the file itself here"
                )),
            );
            continue;
        }
        let shown = join(&options.dir, &path);
        let told = survey.told.len();
        survey.told.extend(name_fault(&shown, &path));
        let is_text = is_markdown(&path);
        let most = if is_text { options.limits.text } else { options.limits.file };
        if file.stat.size > most {
            survey.told.push(too_large(&shown, file.stat.size, most, is_text));
        }
        if survey.told[told..].iter().any(|d| d.severity == Severity::Error) {
            continue;
        }
        if path != file.path {
            survey.spelled.insert(path.clone(), file.path);
        }
        survey.files.push(Seen { path, stat: file.stat, is_text });
    }
    survey.files.sort_by(|a, b| a.path.cmp(&b.path));
    twins(&mut survey, &options.dir);
    out.extend(survey.told.iter().cloned());
    Ok(survey)
}

/// Tells whether a file is larger than one of its sort may be.
pub fn is_too_large(file: &Seen, options: &ContentOptions) -> bool {
    file.stat.size > if file.is_text { options.limits.text } else { options.limits.file }
}

fn too_large(shown: &str, size: u64, most: u64, is_text: bool) -> Diagnostic {
    let (size, most) = (size.div_ceil(1 << 10), most >> 10);
    let key = if is_text { "text_kb" } else { "file_mb" };
    Diagnostic::error(
        "limit",
        shown,
        None,
        say!("文件有 {size} KB，超过限度 {most} KB，没有读", "{size} KiB are more than {most}: not read"),
    )
    .hint(say!("分成几个文件，或提高 [limits] {key}", "make it several files, or raise [limits] {key}"))
}

/// The longest name of a file, and the longest path, that every system takes.
const LONGEST_NAME: usize = 240;
const LONGEST_PATH: usize = 200;

/// Says what is wrong with a name: what could pass for another name is an error, what some systems refuse a warning.
fn name_fault(shown: &str, path: &str) -> Option<Diagnostic> {
    // Marks that turn the order of letters round let an `exe` end in `fdp` backwards.
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}');
    if let Some(c) = path.chars().find(|c| c.is_control() || turns(*c)) {
        let code = format!("U+{:04X}", u32::from(c));
        return Some(
            Diagnostic::error(
                "file-name",
                shown,
                None,
                say!(
                    "文件名里有看不见的控制字符 {code}，没有读",
                    "its name has the invisible character {code}: not read"
                ),
            )
            .hint(say!("改名", "rename it")),
        );
    }
    let what = if path.split('/').any(is_reserved) {
        say!("是 Windows 留用的名字", "is a name that Windows keeps for itself")
    } else if path.split('/').any(|part| part.ends_with(['.', ' ']) || part.starts_with(' ')) {
        say!("以点或空格开头结尾", "begins or ends in a dot or blank")
    } else if path.contains(['<', '>', ':', '"', '|', '?', '*', '\\']) {
        say!(r#"里有 < > : " | ? * \ 之一"#, r#"has one of < > : " | ? * \"#)
    } else if path.split('/').any(|part| part.len() > LONGEST_NAME) || path.chars().count() > LONGEST_PATH {
        say!("太长", "is too long")
    } else {
        return None;
    };
    let Say { zh, en } = what;
    Some(
        Diagnostic::warning(
            "file-name",
            shown,
            None,
            say!("文件名{zh}，有的系统上放不下", "its name {en}: some systems cannot hold it"),
        )
        .hint(say!("改名", "rename it")),
    )
}

/// Tells whether a part of a path is a device on Windows, whatever its ending.
fn is_reserved(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or("").trim_end().to_ascii_lowercase();
    let numbered = |name: &str| {
        stem.strip_prefix(name)
            .is_some_and(|n| matches!(n, "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³"))
    };
    matches!(stem.as_str(), "con" | "prn" | "aux" | "nul" | "conin$" | "conout$") || numbered("com") || numbered("lpt")
}

/// Takes out files whose names some systems cannot tell apart, and says so.
fn twins(survey: &mut Survey, dir: &str) {
    let mut lower: Vec<(String, usize)> =
        survey.files.iter().enumerate().map(|(i, f)| (f.path.to_lowercase(), i)).collect();
    lower.sort_unstable();
    let mut again: Vec<(usize, usize)> = Vec::new();
    let mut first = 0;
    for at in 1..lower.len() {
        match lower[at].0 == lower[first].0 {
            true => again.push((lower[at].1, lower[first].1)),
            false => first = at,
        }
    }
    again.sort_unstable();
    for (i, of) in &again {
        let (shown, twin) = (join(dir, &survey.files[*i].path), &survey.files[*of].path);
        let told = Diagnostic::error(
            "twin-names",
            &shown,
            None,
            say!(
                "与 `{twin}` 只差大小写或编码，在有的系统上是同一个文件",
                "differs from `{twin}` only in case or encoding: one file on some systems"
            ),
        );
        survey.told.push(told);
    }
    for (i, _) in again.into_iter().rev() {
        survey.files.remove(i);
    }
}

/// Reads one text.
pub fn read(
    disk: &dyn Disk,
    root: &str,
    dir: &str,
    survey: &Survey,
    path: &str,
    out: &mut Vec<Diagnostic>,
) -> Result<Source, Error> {
    let shown = join(dir, path);
    let bytes = disk
        .read(&survey.place(root, dir, path))
        .map_err(|e| Error::new(say!("读不了 `{shown}`", "cannot read `{shown}`"), e))?;
    let digest = Digest::of(&bytes);
    let text = simdutf8::compat::from_utf8(&bytes).map(Cow::Borrowed).unwrap_or_else(|error| {
        let at = error.valid_up_to();
        out.push(
            Diagnostic::error("encoding", &shown, Some(at..at), say!("不是 UTF-8 编码", "not UTF-8"))
                .hint(say!("用编辑器另存为 UTF-8（记事本：另存为 → 编码 UTF-8）", "save it as UTF-8 in your editor")),
        );
        String::from_utf8_lossy(&bytes)
    });
    Ok(Source { path: path.to_owned(), shown, text: text.into(), digest })
}

/// Reads every text of a survey, several at a time.
pub fn read_all<'s>(
    disk: &dyn Disk,
    root: &str,
    dir: &str,
    survey: &'s Survey,
    paths: &[&'s str],
) -> Vec<Result<(Source, Vec<Diagnostic>), Error>> {
    let one = |path: &&str| {
        let mut out = Vec::new();
        read(disk, root, dir, survey, path, &mut out).map(|source| (source, out))
    };
    paths.par_iter().map(one).collect()
}

fn is_markdown(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    lower.ends_with(".md") || lower.ends_with(".markdown")
}

/// Tells whether a file is never read: hidden, an editor's leftover, or set aside with an underscore.
pub fn is_passed_over(path: &str) -> bool {
    path.split('/').any(|part| {
        part.starts_with('.')
            || part.ends_with('~')
            || part.starts_with('#')
            || (part.starts_with('_') && part != "_index.md")
    }) || path.ends_with("Thumbs.db")
}

/// Tells whether a path matches a glob of `*` (within a name) and `**` (over folders).
pub fn matches_glob(glob: &str, path: &str) -> bool {
    let glob: Vec<_> = glob.trim_matches('/').split('/').collect();
    let path: Vec<_> = path.split('/').collect();
    wildcard(
        &glob,
        &path,
        |g| *g == "**",
        |g, p| {
            let (g, p): (Vec<char>, Vec<char>) = (g.chars().collect(), p.chars().collect());
            wildcard(&g, &p, |c| *c == '*', |a, b| a == b)
        },
    )
}

/// Matches a sequence with wildcards in time of its length times the other's: only the last wildcard
/// is ever tried again.
fn wildcard<T>(glob: &[T], text: &[T], is_any: impl Fn(&T) -> bool, same: impl Fn(&T, &T) -> bool) -> bool {
    let (mut g, mut t) = (0, 0);
    let mut again: Option<(usize, usize)> = None;
    while t < text.len() {
        if g < glob.len() && is_any(&glob[g]) {
            again = Some((g + 1, t));
            g += 1;
        } else if g < glob.len() && same(&glob[g], &text[t]) {
            g += 1;
            t += 1;
        } else if let Some((after, at)) = again {
            again = Some((after, at + 1));
            (g, t) = (after, at + 1);
        } else {
            return false;
        }
    }
    glob[g..].iter().all(is_any)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::Memory;

    #[test]
    fn globs_match_names_and_folders() {
        for (glob, path, is) in [
            ("*.bak", "a.bak", true),
            ("*.bak", "x/a.bak", false),
            ("**/*.bak", "x/y/a.bak", true),
            ("**/*.bak", "a.bak", true),
            ("草稿/**", "草稿/a/b.md", true),
            ("草稿/**", "正式/a.md", false),
        ] {
            assert_eq!(matches_glob(glob, path), is, "{glob} {path}");
        }
    }

    #[test]
    fn files_are_sorted_and_leftovers_passed_over() {
        let disk = Memory::new([
            ("s/content/b.md", "b"),
            ("s/content/a.md", "a"),
            ("s/content/.git/x.md", ""),
            ("s/content/_draft.md", ""),
            ("s/content/_index.md", ""),
            ("s/content/p.png", "x"),
            ("s/content/a.md~", ""),
        ]);
        let mut out = Vec::new();
        let found = survey(&disk, "s", &ContentOptions::default(), &mut out).expect("the folder is there");
        let texts = found.files.iter().filter(|f| f.is_text);
        assert_eq!(texts.map(|s| s.path.as_str()).collect::<Vec<_>>(), ["_index.md", "a.md", "b.md"]);
        assert_eq!(found.assets().map(|a| a.path.as_str()).collect::<Vec<_>>(), ["p.png"]);
    }

    #[test]
    fn a_file_that_is_not_utf8_is_told_and_a_missing_folder_stops() {
        let disk = Memory::default();
        disk.put("s/content/a.md", b"\xc4\xe3\xba\xc3");
        let mut out = Vec::new();
        let options = ContentOptions::default();
        let found = survey(&disk, "s", &options, &mut out).expect("the folder is there");
        read(&disk, "s", &options.dir, &found, "a.md", &mut out).expect("it can be read");
        assert_eq!(out[0].code, "encoding");
        assert!(survey(&disk, "t", &options, &mut out).is_err());
    }
}
