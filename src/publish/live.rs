//! What the web server serves: a symbolic link to a release, or a plain folder that is exchanged whole.
//!
//! A link is made to lead elsewhere by one rename. A plain folder changes places with a copy of the
//! release (second names for the same files) that was made beside it, by one `renameat2`. Where the
//! system has no such exchange, two renames do it; between them nothing stands there for a moment. The
//! names of the two folders beside it are fixed, so a run that was ended between the two is brought to
//! its end by the next one, without a journal. Which release a plain folder holds is written in it, and
//! so moves with it.

use super::Place;
use super::refused;
use super::release::{Release, foreign};
use super::shelf::Shelf;
use crate::diagnostic::Error;
use crate::disk::{Disk, join};
use crate::say;
use crate::write::MANIFEST;
use std::io;

/// The file in a plain folder that names its release.
const MARK: &str = ".beilin-release";

/// What stands where the web server looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Live {
    /// Nothing yet.
    Nothing,
    /// A link to a release of ours, which may have gone.
    Link(String),
    /// A plain folder; empty, built by `beilin build`, or a copy of a release.
    Folder(Option<String>),
}

impl Live {
    /// Returns the name of the release that is served.
    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Live::Nothing => None,
            Live::Link(name) => Some(name),
            Live::Folder(name) => name.as_deref(),
        }
    }
}

/// Looks at what is served, and touches nothing.
pub(super) fn look(disk: &dyn Disk, place: &Place) -> Result<Live, Error> {
    let live = &place.live;
    if let Some(target) = disk.pointed(live) {
        let name = target.rsplit('/').next().unwrap_or_default();
        if target == place.target(name) || target == place.release(name) {
            return Ok(Live::Link(name.to_owned()));
        }
        return Err(Error::new(
            say!(
                "`{live}` 是别处的链接，没有动（先移走，或用 --live 另指一处）",
                "`{live}` is a link to somewhere else and was left as it is (move it away, or name another place with --live)"
            ),
            target,
        ));
    }
    if disk.is_folder(live) {
        let mark = disk.read(&join(live, MARK)).ok().and_then(|b| String::from_utf8(b).ok());
        return Ok(Live::Folder(mark.map(|m| m.trim().to_owned())));
    }
    match disk.exists(live) {
        false => Ok(Live::Nothing),
        true => Err(Error::new(
            say!("`{live}` 是一个文件，没有动（先移走）", "`{live}` is a file and was left as it is (move it away)"),
            "not a folder",
        )),
    }
}

/// Holds that a plain folder has only files that we put there.
pub(super) fn hold_ours(disk: &dyn Disk, place: &Place, live: &Live, shelf: &Shelf<'_>) -> Result<(), Error> {
    let Live::Folder(name) = live else { return Ok(()) };
    let known = name.as_deref().and_then(|n| shelf.get(n));
    let foreign = foreign(disk, &place.live, known)?;
    if foreign.is_empty() {
        return Ok(());
    }
    let (live, count) = (&place.live, foreign.len());
    Err(Error::new(
        say!(
            "`{live}` 里有 {count} 个文件不是碑林写的，或被人改过；没有动（移走它们，或用 --live 另指一处）",
            "`{live}` has {count} files that Beilin did not write or that were changed by hand; nothing was touched (move them away, or name another place with --live)"
        ),
        foreign.into_iter().take(3).collect::<Vec<_>>().join(", "),
    ))
}

/// Brings an exchange to its end that was cut off, and clears what is left of one.
pub(super) fn recover(disk: &dyn Disk, place: &Place) -> Result<(), Error> {
    let (new, old) = (place.beside("new"), place.beside("old"));
    if !disk.exists(&place.live) {
        // The mark is written last: a copy that has one is whole.
        let back = if disk.exists(&join(&new, MARK)) { &new } else { &old };
        if disk.is_folder(back) {
            disk.rename(back, &place.live).map_err(refused(&place.live))?;
        }
    }
    for folder in [&new, &old] {
        disk.remove_tree(folder).map_err(refused(folder))?;
    }
    Ok(())
}

/// Makes a release live.
pub(super) fn switch(disk: &dyn Disk, place: &Place, live: &Live, release: &Release) -> Result<(), Error> {
    disk.settle(&place.to).map_err(refused(&place.to))?;
    match live {
        Live::Folder(_) => exchange(disk, place, release),
        Live::Nothing | Live::Link(_) => match disk.point(&place.live, &place.target(&release.name)) {
            // No links on this file system, or not for us: a plain folder, then.
            Err(e)
                if *live == Live::Nothing
                    && matches!(e.kind(), io::ErrorKind::Unsupported | io::ErrorKind::PermissionDenied) =>
            {
                exchange(disk, place, release)
            }
            done => done.map_err(|e| cannot_switch(&place.live, e)),
        },
    }
}

fn exchange(disk: &dyn Disk, place: &Place, release: &Release) -> Result<(), Error> {
    let (new, old) = (place.beside("new"), place.beside("old"));
    let from = place.release(&release.name);
    for path in release.files.iter().map(|f| f.path.as_str()).chain([MANIFEST]) {
        let to = join(&new, path);
        disk.link(&join(&from, path), &to).map_err(refused(&to))?;
    }
    disk.settle(&new).map_err(refused(&new))?;
    let mark = join(&new, MARK);
    disk.write(&mark, release.name.as_bytes()).map_err(refused(&mark))?;
    let moved = match disk.exists(&place.live) {
        false => disk.rename(&new, &place.live),
        true => match disk.exchange(&new, &place.live) {
            Err(e) if e.kind() == io::ErrorKind::Unsupported => {
                let moved = disk.rename(&place.live, &old).and_then(|()| disk.rename(&new, &place.live));
                // What was served comes back; if even that is refused, the next run does it.
                moved.or_else(|e| disk.rename(&old, &place.live).and(Err(e)))
            }
            done => done,
        },
    };
    moved.map_err(|e| cannot_switch(&place.live, e))?;
    recover(disk, place)
}

fn cannot_switch(live: &str, cause: io::Error) -> Error {
    Error::new(
        say!("切换不了 `{live}`，线上仍是原来的网站", "cannot switch `{live}`; the old site is still live"),
        cause,
    )
}
