//! A release: what it holds and where it came from, kept as JSON beside its folder; and whether the
//! folder still holds it.
//!
//! A file's sha256 is taken over from the release before where the file is the same one (a second name
//! for the same inode, not written since); all others are read back from disk and compared with what
//! the build says it wrote.

use super::refused;
use crate::diagnostic::{Error, Say};
use crate::digest::Digest;
use crate::disk::{Disk, Stat, join};
use crate::say;
use crate::write::MANIFEST;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// The version of the JSON beside a release.
const FORMAT: u32 = 1;
/// Names that begin so, at the top of an output folder, are the tool's own.
const OWN: &str = ".beilin-";

/// What a release is made from. Equal twice: the files are the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The commit's full id.
    pub commit: String,
    /// The site's folder in the repository.
    pub site: String,
    /// The day it was built as of.
    pub as_of: String,
    /// The version of the tool that built it.
    pub tool: String,
}

/// A file of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// The path below the release's folder.
    pub path: String,
    /// The size in bytes.
    pub size: u64,
    /// The SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: String,
    /// When it was last written, as the machine tells; to know it again without reading it.
    modified: i64,
    /// Its number in the file system; to know it again without reading it.
    inode: u64,
}

/// A release.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Release {
    /// The version of this JSON.
    pub(super) format: u32,
    /// The name of its folder.
    #[serde(skip)]
    pub name: String,
    /// Releases were made live in this order. No clock is asked: clocks go backwards.
    pub sequence: u64,
    /// What it is made from.
    #[serde(flatten)]
    pub origin: Origin,
    /// When the commit was made.
    pub committed: String,
    /// The first line of the commit's message.
    pub subject: String,
    /// When it went live, by the clock of that moment; only to be read.
    pub published: String,
    /// When somebody went back from it to an older one, if so.
    pub rolled_back: Option<String>,
    /// Its files, sorted by path.
    pub files: Vec<File>,
}

impl Release {
    /// Makes a release that has not gone live yet.
    pub(super) fn new(origin: Origin, commit: &super::git::Commit, files: Vec<File>) -> Release {
        Release {
            format: FORMAT,
            name: String::new(),
            sequence: 0,
            origin,
            committed: commit.time.clone(),
            subject: commit.subject.clone(),
            published: String::new(),
            rolled_back: None,
            files,
        }
    }

    /// Returns the size of all its files in bytes.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|f| f.size).sum()
    }

    /// Reads the JSON beside a release; `None` if it is damaged or of another version.
    pub(super) fn read(name: &str, json: &[u8]) -> Option<Release> {
        let release: Release = serde_json::from_slice(json).ok()?;
        // A path that leads out of the folder was not written by us.
        let inside = |p: &str| !p.split('/').any(|part| matches!(part, "" | "." | ".."));
        let sound = release.format == FORMAT && release.files.iter().all(|f| inside(&f.path));
        sound.then(|| Release { name: name.to_owned(), ..release })
    }

    /// Tells whether its files are those of another release.
    pub(super) fn holds_what(&self, files: &[File]) -> bool {
        let same = |(a, b): (&File, &File)| a.path == b.path && a.sha256 == b.sha256;
        self.files.len() == files.len() && self.files.iter().zip(files).all(same)
    }

    /// Returns its file at a path.
    pub(super) fn file(&self, path: &str) -> Option<&File> {
        self.files.binary_search_by(|f| f.path.as_str().cmp(path)).ok().map(|i| &self.files[i])
    }

    /// Returns what in a folder is not as this release has it; every byte is read if asked.
    pub(super) fn damage(&self, disk: &dyn Disk, folder: &str, thorough: bool) -> Result<Vec<Damage>, Error> {
        let found = found(disk, folder)?;
        let extra = found.keys().filter(|p| self.file(p).is_none());
        let mut damage: Vec<Damage> = extra
            .map(|p| Damage { path: p.clone(), what: say!("不属于这一版", "does not belong to the release") })
            .collect();
        damage.par_extend(self.files.par_iter().filter_map(|file| {
            let what = match found.get(&file.path) {
                None => say!("没有了", "is missing"),
                Some(stat) if stat.size != file.size => {
                    let (is, was) = (stat.size, file.size);
                    say!("大小是 {is} 字节，应是 {was}", "has {is} bytes, not {was}")
                }
                Some(_) if !thorough => return None,
                Some(_) => match disk.read(&join(folder, &file.path)) {
                    Ok(bytes) if sha256(&bytes) == file.sha256 => return None,
                    Ok(_) => say!("内容变了（SHA-256 不符）", "has other bytes (SHA-256 differs)"),
                    Err(e) => say!("读不了：{e}", "cannot be read: {e}"),
                },
            };
            Some(Damage { path: file.path.clone(), what })
        }));
        damage.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(damage)
    }
}

impl File {
    /// Tells whether a file of the machine is this one, not written since.
    pub(super) fn is(&self, stat: &Stat) -> bool {
        self.inode != 0 && (self.inode, self.size, self.modified) == (stat.inode, stat.size, stat.modified)
    }
}

/// A file of a release that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The path below the release's folder.
    pub path: String,
    /// What is the case.
    pub what: Say,
}

/// Takes the files of a fresh build: what is there must be what the build says it wrote, all of it and
/// nothing else.
pub(super) fn seal(disk: &dyn Disk, folder: &str, before: Option<&Release>) -> Result<Vec<File>, Error> {
    let manifest = join(folder, MANIFEST);
    let bytes = disk.read(&manifest).map_err(refused(&manifest))?;
    let told = told(&bytes).ok_or_else(|| unsound(&manifest, "not a manifest"))?;
    let found = found(disk, folder)?;
    if let Some(path) = found.keys().find(|p| !told.contains_key(*p)) {
        return Err(unsound(&join(folder, path), "not in the manifest"));
    }
    told.par_iter()
        .map(|(path, (digest, size))| {
            let place = join(folder, path);
            let stat = found.get(path).ok_or_else(|| unsound(&place, "missing"))?;
            let known = before.and_then(|b| b.file(path)).filter(|f| f.is(stat));
            let sha256 = match known {
                Some(file) => file.sha256.clone(),
                None => {
                    let bytes = disk.read(&place).map_err(refused(&place))?;
                    if Digest::of(&bytes) != *digest {
                        return Err(unsound(&place, "other bytes than were written"));
                    }
                    sha256(&bytes)
                }
            };
            if stat.size != *size {
                return Err(unsound(&place, "another size than was written"));
            }
            Ok(File { path: path.clone(), size: *size, sha256, modified: stat.modified, inode: stat.inode })
        })
        .collect()
}

fn unsound(place: &str, cause: &str) -> Error {
    Error::new(
        say!(
            "核对不符：`{place}` 与生成的不一样，这一版没有上线（查一查磁盘，再发布一次）",
            "verification failed: `{place}` is not what was built; the release did not go live (look at the disk, then publish again)"
        ),
        cause,
    )
}

/// Returns the files of an output folder, the tool's own left out.
fn found(disk: &dyn Disk, folder: &str) -> Result<BTreeMap<String, Stat>, Error> {
    let found = disk.walk(folder).map_err(refused(folder))?;
    Ok(found.into_iter().filter(|f| !f.path.starts_with(OWN)).map(|f| (f.path, f.stat)).collect())
}

/// Reads what the manifest in an output folder says of each file: digest and size.
fn told(bytes: &[u8]) -> Option<BTreeMap<String, (Digest, u64)>> {
    let mut lines = std::str::from_utf8(bytes).ok()?.lines();
    lines.next().filter(|head| *head == "beilin-manifest 1")?;
    lines
        .map(|line| {
            let mut parts = line.splitn(3, ' ');
            let (digest, size) = (Digest::from_hex(parts.next()?)?, parts.next()?.parse().ok()?);
            Some((parts.next()?.to_owned(), (digest, size)))
        })
        .collect()
}

/// Returns the files of a folder that no build or release of ours left there as they are; a folder
/// without a manifest of ours has only such files.
pub(super) fn foreign(disk: &dyn Disk, folder: &str, known: Option<&Release>) -> Result<Vec<String>, Error> {
    let manifest = disk.read(&join(folder, MANIFEST)).ok();
    let told = manifest.and_then(|b| told(&b)).unwrap_or_default();
    let found = disk.walk(folder).map_err(refused(folder))?;
    let foreign = found.into_par_iter().filter(|f| !f.path.starts_with(OWN)).filter(|f| {
        let Some((digest, size)) = told.get(&f.path).filter(|_| f.plain) else { return true };
        let same = known.and_then(|k| k.file(&f.path)).is_some_and(|file| file.is(&f.stat))
            || f.stat.size == *size && disk.read(&join(folder, &f.path)).is_ok_and(|b| Digest::of(&b) == *digest);
        !same
    });
    Ok(foreign.map(|f| f.path).collect())
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::Memory;

    #[test]
    fn a_digest_is_the_one_other_programs_compute() {
        assert_eq!(sha256(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    fn built(files: &[(&str, &str)]) -> Memory {
        let disk = Memory::default();
        let mut manifest = String::from("beilin-manifest 1\n");
        for (path, text) in files {
            disk.put(&format!("r/{path}"), text.as_bytes());
            manifest += &format!("{} {} {path}\n", Digest::of(text.as_bytes()).to_hex(), text.len());
        }
        disk.put(&format!("r/{MANIFEST}"), manifest.as_bytes());
        disk
    }

    #[test]
    fn a_folder_is_only_taken_as_the_build_says_it_wrote_it() {
        let check = |spoil: &dyn Fn(&Memory)| {
            let disk = built(&[("a.html", "一"), ("b/c.html", "二")]);
            spoil(&disk);
            seal(&disk, "r", None).map(|files| files.len()).map_err(|e| e.cause)
        };
        assert_eq!(check(&|_| {}), Ok(2));
        assert_eq!(check(&|d| d.put("r/x.html", b"x")), Err("not in the manifest".into()));
        assert_eq!(check(&|d| d.delete("r/a.html")), Err("missing".into()));
        assert_eq!(check(&|d| d.put("r/a.html", "三".as_bytes())), Err("other bytes than were written".into()));
        assert_eq!(check(&|d| d.put(&format!("r/{MANIFEST}"), b"x")), Err("not a manifest".into()));
    }

    #[test]
    fn what_nobody_of_ours_wrote_is_foreign() {
        let disk = built(&[("a.html", "一"), ("b.html", "二")]);
        assert_eq!(foreign(&disk, "r", None).expect("walks"), Vec::<String>::new());
        disk.put("r/b.html", "改".as_bytes());
        disk.put("r/own.txt", b"mine");
        assert_eq!(foreign(&disk, "r", None).expect("walks"), ["b.html", "own.txt"]);
        disk.delete(&format!("r/{MANIFEST}"));
        assert_eq!(foreign(&disk, "r", None).expect("walks").len(), 3);
    }
}
