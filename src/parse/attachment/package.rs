//! Packages: ZIP files, and the office formats and OFD, which are ZIP files. Only the list of what is inside is read.

use crate::config::Limits;
use crate::diagnostic::Diagnostic;
use crate::say;
use rawzip::ZipArchive;

/// Endings of packages.
const PACKAGES: [&str; 11] = ["zip", "docx", "docm", "xlsx", "xlsm", "pptx", "pptm", "ofd", "odt", "ods", "epub"];
/// What a package becomes when it is unpacked may be so many times its size, beyond which it is a trap.
const MOST_TIMES: u64 = 200;
/// Below this size no package is a trap, however well it is packed.
const HARMLESS: u64 = 64 << 20;
/// The most entries.
const MOST_ENTRIES: usize = 20_000;

/// Tells whether a name inside a package leads out of the folder it is unpacked into.
fn leads_outside(name: &str) -> bool {
    name.starts_with(['/', '\\']) || name.contains([':', '\0']) || name.split(['/', '\\']).any(|part| part == "..")
}

/// Tells what a package says of itself.
pub(super) fn inspect(shown: &str, ending: &str, bytes: &[u8], limits: &Limits) -> Vec<Diagnostic> {
    if !PACKAGES.contains(&ending) && !bytes.starts_with(b"PK\x03\x04") {
        return Vec::new();
    }
    // What is no package at all is what it is: a broken attachment is for its readers to tell.
    let Ok(package) = ZipArchive::from_slice(bytes) else { return Vec::new() };
    let mut out = Vec::new();
    let (mut unpacked, mut outside, mut macros, mut entries) = (0u64, None, false, 0);
    for entry in package.entries().take(MOST_ENTRIES + 1).map_while(Result::ok) {
        entries += 1;
        unpacked = unpacked.saturating_add(entry.uncompressed_size_hint());
        let path = entry.file_path();
        let name = String::from_utf8_lossy(path.as_ref());
        macros |= name.ends_with("vbaProject.bin");
        if leads_outside(&name) {
            outside.get_or_insert(name.into_owned());
        }
    }
    let size = bytes.len() as u64;
    let trap = unpacked > HARMLESS && unpacked / size.max(1) > MOST_TIMES;
    if trap || unpacked > limits.unpacked || entries > MOST_ENTRIES {
        let mib = unpacked >> 20;
        out.push(
            Diagnostic::error(
                "limit",
                shown,
                None,
                say!(
                    "压缩包自称解开有 {mib} MB、{entries} 个文件，像是用来撑破磁盘的，不发布",
                    "this package claims {mib} MB in {entries} files, as one made to fill a disk: not published"
                ),
            )
            .hint(say!(
                "拆开来放，或提高 [limits] unpacked_mb",
                "put the files here one by one, or raise [limits] unpacked_mb"
            )),
        );
    }
    if let Some(name) = outside {
        out.push(
            Diagnostic::error(
                "active-file",
                shown,
                None,
                say!(
                    "压缩包里的 `{name}` 会解到别的目录去，不发布",
                    "`{name}` in this package would be unpacked elsewhere: not published"
                ),
            )
            .hint(say!("重新打包", "pack it anew")),
        );
    }
    if macros {
        out.push(
            Diagnostic::warning(
                "active-file",
                shown,
                None,
                say!("里面有宏，打开时可能执行", "it has macros, which may run when it is opened"),
            )
            .hint(say!("另存为不带宏的格式或 PDF", "save it without macros, or as a PDF")),
        );
    }
    out
}
