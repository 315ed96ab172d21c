//! The releases that are kept: `releases/<name>/` and `releases/<name>.json`.
//!
//! A release is there when both are. Names that begin with a dot are work in hand; what a run that was
//! ended left of it is cleared by the next. Only folders with their JSON beside them are ever removed.

use super::refused;
use super::release::Release;
use crate::diagnostic::Error;
use crate::disk::{Disk, join};
use std::io;

/// The releases of a folder.
pub(super) struct Shelf<'a> {
    disk: &'a dyn Disk,
    folder: String,
    /// All releases, in the order they went live.
    pub(super) all: Vec<Release>,
}

impl<'a> Shelf<'a> {
    /// Reads what is there.
    pub(super) fn read(disk: &'a dyn Disk, folder: &str) -> Result<Shelf<'a>, Error> {
        let mut shelf = Shelf { disk, folder: folder.to_owned(), all: Vec::new() };
        for (file, _) in shelf.list()? {
            let Some(name) = file.strip_suffix(".json").filter(|n| is_name(n)) else { continue };
            if disk.is_folder(&shelf.place(name)) {
                match disk.read(&shelf.record(name)) {
                    Ok(json) => shelf.all.extend(Release::read(name, &json)),
                    // Who only lists holds no lock: it may have gone this moment.
                    Err(e) if e.kind() == io::ErrorKind::NotFound => {}
                    Err(e) => return Err(refused(&shelf.record(name))(e)),
                }
            }
        }
        shelf.all.sort_by(|a, b| a.sequence.cmp(&b.sequence).then_with(|| a.name.cmp(&b.name)));
        Ok(shelf)
    }

    fn list(&self) -> Result<Vec<(String, bool)>, Error> {
        match self.disk.is_folder(&self.folder) {
            true => self.disk.list(&self.folder).map_err(refused(&self.folder)),
            false => Ok(Vec::new()),
        }
    }

    /// Clears what a run that was ended left.
    pub(super) fn tidy(&self) -> Result<(), Error> {
        for (name, is_folder) in self.list()? {
            let path = join(&self.folder, &name);
            let orphan = name.strip_suffix(".json").is_some_and(|n| is_name(n) && !self.disk.exists(&self.place(n)));
            if is_folder && (name.starts_with(".new-") || name.starts_with(".old-")) {
                self.disk.remove_tree(&path).map_err(refused(&path))?;
            } else if orphan || name.starts_with('.') && name.ends_with(".json.new") {
                self.disk.remove(&path).map_err(refused(&path))?;
            }
        }
        Ok(())
    }

    /// Returns the folder of a release.
    pub(super) fn place(&self, name: &str) -> String {
        join(&self.folder, name)
    }

    fn record(&self, name: &str) -> String {
        join(&self.folder, &format!("{name}.json"))
    }

    /// Returns the folder a commit's release is made in.
    pub(super) fn workshop(&self, commit: &str) -> String {
        join(&self.folder, &format!(".new-{commit}"))
    }

    /// Returns the release of a name.
    pub(super) fn get(&self, name: &str) -> Option<&Release> {
        self.all.iter().find(|r| r.name == name)
    }

    /// Returns a name for a commit's release that is not taken.
    pub(super) fn free_name(&self, commit: &str) -> String {
        let names = std::iter::once(commit.to_owned()).chain((2..).map(|n| format!("{commit}-{n}")));
        let taken = |n: &String| self.disk.exists(&self.place(n)) || self.disk.exists(&self.record(n));
        names.into_iter().find(|n| !taken(n)).unwrap_or_default()
    }

    /// Returns the number of the next release.
    pub(super) fn next(&self) -> u64 {
        self.all.last().map_or(1, |r| r.sequence + 1)
    }

    /// Writes a release's JSON in one step.
    pub(super) fn save(&mut self, release: &Release) -> Result<(), Error> {
        let (place, fresh) = (self.record(&release.name), join(&self.folder, &format!(".{}.json.new", release.name)));
        let json = serde_json::to_vec_pretty(release).map_err(|e| refused(&place)(e.into()))?;
        let written = self.disk.write(&fresh, &json).and_then(|()| self.disk.rename(&fresh, &place));
        written.map_err(refused(&place))?;
        self.all.retain(|r| r.name != release.name);
        self.all.push(release.clone());
        self.all.sort_by_key(|r| r.sequence);
        Ok(())
    }

    /// Puts a finished folder on the shelf.
    pub(super) fn put(&mut self, workshop: &str, release: &Release) -> Result<(), Error> {
        self.save(release)?;
        let place = self.place(&release.name);
        self.disk.rename(workshop, &place).map_err(refused(&place))
    }

    /// Returns the release that went live before another one and was not rolled back from.
    pub(super) fn before(&self, name: &str) -> Option<&Release> {
        let at = self.get(name).map_or(u64::MAX, |r| r.sequence);
        self.all.iter().rev().find(|r| r.sequence < at && r.rolled_back.is_none())
    }

    /// Removes the oldest releases beyond `keep`; never those that are served, nor the one before the
    /// live one.
    pub(super) fn prune(&mut self, keep: usize, live: &str, served: &[String]) -> Result<Vec<String>, Error> {
        let before = self.before(live).map(|r| r.name.clone());
        let old = self.all.len().saturating_sub(keep.max(1));
        let stays = |n: &String| n == live || Some(n) == before.as_ref() || served.contains(n);
        let gone: Vec<String> = self.all[..old].iter().map(|r| r.name.clone()).filter(|n| !stays(n)).collect();
        for name in &gone {
            // The folder gets a working name first: half of a release is never under its own.
            let aside = join(&self.folder, &format!(".old-{name}"));
            self.disk.rename(&self.place(name), &aside).map_err(refused(&aside))?;
            self.disk.remove(&self.record(name)).map_err(refused(&self.record(name)))?;
            self.disk.remove_tree(&aside).map_err(refused(&aside))?;
            self.all.retain(|r| r.name != *name);
        }
        Ok(gone)
    }
}

/// Tells whether a name is one we give: a commit's id, perhaps with a number.
pub(super) fn is_name(name: &str) -> bool {
    let (commit, number) = name.split_once('-').unwrap_or((name, "2"));
    let hex = commit.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    matches!(commit.len(), 40 | 64) && hex && !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_we_give_are_names() {
        let id = "0123456789abcdef0123456789abcdef01234567";
        for (name, expected) in [
            (id.to_owned(), true),
            (format!("{id}-2"), true),
            (format!("{id}-"), false),
            (format!("{id}-x"), false),
            (id[1..].to_owned(), false),
            (id.to_uppercase(), false),
            ("backup".to_owned(), false),
        ] {
            assert_eq!(is_name(&name), expected, "{name}");
        }
    }
}
