//! Directory → Sources, sorted; what is passed over is explained.
//!
//! Reads every Markdown file, notes every other file by name and size. Links, devices and names that
//! are not Unicode are never followed or read.

use crate::config::ContentOptions;
use crate::diagnostic::{Diagnostic, Error};
use crate::digest::Digest;
use crate::disk::{Disk, join};
use crate::say;
use crate::source::{Asset, Source};
use rayon::prelude::*;
use std::collections::BTreeMap;
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// What a content folder holds.
#[derive(Debug, Default)]
pub struct Discovered {
    /// The Markdown files, by path.
    pub sources: Vec<Source>,
    /// The other files, by path.
    pub assets: Vec<Asset>,
    /// Paths not in NFC as they are on disk, by their NFC form.
    pub spelled: BTreeMap<String, String>,
}

/// Reads the content folder of the site at `root`.
pub fn discover(
    disk: &dyn Disk,
    root: &str,
    options: &ContentOptions,
    out: &mut Vec<Diagnostic>,
) -> Result<Discovered, Error> {
    let folder = join(root, &options.dir);
    let dir = &options.dir;
    if !disk.is_folder(&folder) {
        return Err(Error::new(say!("找不到内容目录 `{dir}`", "no content folder `{dir}`"), folder));
    }
    let found = disk
        .walk(&folder)
        .map_err(|e| Error::new(say!("读不了内容目录 `{dir}`", "cannot list the content folder `{dir}`"), e))?;
    let mut texts = Vec::new();
    let mut discovered = Discovered::default();
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    for file in found {
        let path: String = if is_nfc(&file.path) { file.path.clone() } else { file.path.nfc().collect() };
        let shown = join(&options.dir, &path);
        if is_passed_over(&path) || options.ignore.iter().any(|glob| matches_glob(glob, &path)) {
            continue;
        }
        if !file.plain {
            out.push(
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
        if let Some(twin) = seen.insert(path.to_lowercase(), path.clone()) {
            out.push(Diagnostic::error(
                "twin-names",
                &shown,
                None,
                say!(
                    "与 `{twin}` 只差大小写或编码，在有的系统上是同一个文件",
                    "differs from `{twin}` only in case or encoding: one file on some systems"
                ),
            ));
            continue;
        }
        if path != file.path {
            discovered.spelled.insert(path.clone(), file.path.clone());
        }
        if is_markdown(&path) {
            texts.push((path, shown, join(&folder, &file.path)));
        } else {
            discovered.assets.push(Asset { path, size: file.stat.size });
        }
    }
    let read: Vec<_> = texts
        .into_par_iter()
        .map(|(path, shown, at)| {
            (disk.read(&at).map(|bytes| (Digest::of(&bytes), String::from_utf8(bytes))), path, shown)
        })
        .collect();
    for (found, path, shown) in read {
        let (digest, text) = found.map_err(|e| Error::new(say!("读不了 `{shown}`", "cannot read `{shown}`"), e))?;
        let text = match text {
            Ok(text) => text,
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
                out.push(
                    Diagnostic::error("encoding", &shown, Some(at..at), say!("不是 UTF-8 编码", "not UTF-8")).hint(
                        say!("用编辑器另存为 UTF-8（记事本：另存为 → 编码 UTF-8）", "save it as UTF-8 in your editor"),
                    ),
                );
                text
            }
        };
        discovered.sources.push(Source { path, shown, text: text.into(), digest });
    }
    discovered.sources.sort_by(|a, b| a.path.cmp(&b.path));
    discovered.assets.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(discovered)
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
        let found = discover(&disk, "s", &ContentOptions::default(), &mut out).expect("the folder is there");
        assert_eq!(found.sources.iter().map(|s| s.path.as_str()).collect::<Vec<_>>(), ["_index.md", "a.md", "b.md"]);
        assert_eq!(found.assets.iter().map(|a| a.path.as_str()).collect::<Vec<_>>(), ["p.png"]);
    }

    #[test]
    fn a_file_that_is_not_utf8_is_told_and_a_missing_folder_stops() {
        let disk = Memory::default();
        disk.put("s/content/a.md", b"\xc4\xe3\xba\xc3");
        let mut out = Vec::new();
        discover(&disk, "s", &ContentOptions::default(), &mut out).expect("the folder is there");
        assert_eq!(out[0].code, "encoding");
        assert!(discover(&disk, "t", &ContentOptions::default(), &mut out).is_err());
    }
}
