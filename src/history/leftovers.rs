//! What git left in the content instead of a record: conflict markers, LFS pointers, empty submodules.

use crate::diagnostic::Diagnostic;
use crate::say;
use std::ops::Range;

/// A Git LFS pointer is never longer, by its specification: larger files need not be looked at.
pub const POINTER_SIZE: u64 = 1024;

/// The first line of a pointer.
const POINTER: &str = "version https://git-lfs.github.com/spec/v1";

/// Looks for what git left in a text file; `path_shown` is the path as diagnostics name it.
pub fn inspect(path_shown: &str, text: &str) -> Vec<Diagnostic> {
    if is_pointer(text) {
        return vec![pointer(path_shown)];
    }
    let Some(marker) = conflict(text) else { return Vec::new() };
    vec![
        Diagnostic::error(
            "merge-conflict",
            path_shown,
            Some(marker),
            say!("文件里留着没有解决的合并冲突", "an unresolved merge conflict is left in the file"),
        )
        .hint(say!(
            "留下正确的文字，删去 `<<<<<<<`、`=======`、`>>>>>>>` 各行，解决冲突后再提交",
            "keep the right words, remove the lines `<<<<<<<`, `=======` and `>>>>>>>`, and commit once it is resolved"
        )),
    ]
}

/// Looks for what git left in place of a picture or an attachment; files above [`POINTER_SIZE`] need
/// not be given.
pub fn inspect_asset(path_shown: &str, bytes: &[u8]) -> Option<Diagnostic> {
    is_pointer(std::str::from_utf8(bytes).ok()?).then(|| pointer(path_shown))
}

fn is_pointer(text: &str) -> bool {
    let mut lines = text.lines();
    text.len() as u64 <= POINTER_SIZE && lines.next() == Some(POINTER) && lines.any(|line| line.starts_with("oid "))
}

fn pointer(path: &str) -> Diagnostic {
    Diagnostic::error(
        "lfs-pointer",
        path,
        None,
        say!("这里只有 Git LFS 的指针，没有文件本身", "this is a pointer of Git LFS, the file itself was not fetched"),
    )
    .hint(say!(
        "运行 `git lfs pull` 取回文件；在持续集成里打开检出的 `lfs` 选项",
        "run `git lfs pull`; in continuous integration check out with `lfs: true`"
    ))
}

/// Tells of a submodule whose folder is empty.
pub(super) fn empty_submodule(path: &str) -> Diagnostic {
    Diagnostic::error(
        "empty-submodule",
        path,
        None,
        say!("子模块没有取出，目录是空的", "the submodule was not checked out, the folder is empty"),
    )
    .hint(say!(
        "运行 `git submodule update --init`；在持续集成里打开检出的 `submodules` 选项",
        "run `git submodule update --init`; in continuous integration check out with `submodules: true`"
    ))
}

/// Returns the first line of a conflict. The three markers must follow each other: `=======` alone
/// underlines a heading.
fn conflict(text: &str) -> Option<Range<usize>> {
    let mut first: Option<Range<usize>> = None;
    let mut parted = false;
    let mut fence: Option<&str> = None;
    let mut at = 0;
    for whole in text.split_inclusive('\n') {
        let line = whole.trim_end_matches(['\r', '\n']);
        let place = at..at + line.len();
        at += whole.len();
        if first.is_none() && in_code(line, &mut fence) {
            continue;
        }
        if is_marker(line, "<<<<<<<") {
            (first, parted) = (Some(place), false);
        } else if first.is_some() && line == "=======" {
            parted = true;
        } else if parted && is_marker(line, ">>>>>>>") {
            return first;
        }
    }
    None
}

/// Tells whether a line is a marker, with or without the name of a side.
fn is_marker(line: &str, marker: &str) -> bool {
    line.strip_prefix(marker).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

/// Follows fences of code; tells whether the line is inside one.
fn in_code<'t>(line: &'t str, fence: &mut Option<&'t str>) -> bool {
    let trimmed = line.trim_start_matches(' ');
    let run = |c: char| &trimmed[..trimmed.len() - trimmed.trim_start_matches(c).len()];
    let found = if trimmed.starts_with('`') { run('`') } else { run('~') };
    let is_fence = found.len() >= 3 && line.len() - trimmed.len() < 4;
    match fence {
        Some(open) => {
            if is_fence && found.starts_with(*open) && trimmed[found.len()..].trim().is_empty() {
                *fence = None;
            }
            true
        }
        None if is_fence => {
            *fence = Some(found);
            true
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str) -> Vec<(&'static str, Option<Range<usize>>)> {
        inspect("content/a.md", text).into_iter().map(|d| (d.code, d.span)).collect()
    }

    #[test]
    fn a_conflict_is_told_at_its_first_marker() {
        let text = "一\r\n<<<<<<< HEAD\r\n甲\r\n||||||| base\r\n乙\r\n=======\r\n丙\r\n>>>>>>> 分支\r\n";
        assert_eq!(codes(text), [("merge-conflict", Some(5..17))]);
        assert_eq!(codes("<<<<<<<\n=======\n>>>>>>>"), [("merge-conflict", Some(0..7))]);
        assert_eq!(codes("~~~\n代码\n~~~\n<<<<<<< a\n```\n=======\n>>>>>>> b\n").len(), 1, "sides may hold fences");
    }

    #[test]
    fn a_heading_a_quotation_and_code_are_no_conflict() {
        for text in [
            "标题\n=======\n文\n",
            ">>>>>>> 深深的引用\n",
            "=======\n<<<<<<< a\n>>>>>>> b\n",
            "```\n<<<<<<< HEAD\n甲\n=======\n乙\n>>>>>>> x\n```\n",
            "````md\n```\n<<<<<<< HEAD\n=======\n>>>>>>> x\n````\n",
            "<<<<<<<<< a\n=======\n>>>>>>> b\n",
        ] {
            assert_eq!(codes(text), [], "{text}");
        }
    }

    #[test]
    fn a_pointer_is_told_and_a_text_about_pointers_is_not() {
        let pointer = format!("{POINTER}\noid sha256:{}\nsize 12345\n", "4d".repeat(32));
        assert_eq!(codes(&pointer), [("lfs-pointer", None)]);
        assert_eq!(inspect_asset("content/a.jpg", pointer.as_bytes()).map(|d| d.code), Some("lfs-pointer"));
        assert_eq!(codes(&format!("指针文件的第一行是：\n\n{pointer}")), []);
        assert_eq!(inspect_asset("content/a.jpg", b"\xff\xd8\xff\xe0"), None);
    }
}
