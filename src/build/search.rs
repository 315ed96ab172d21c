//! The job of the search: its files are handed on one by one, and what it left is read when it is needed.

use crate::cache::{self, Done, Reason};
use crate::config::SearchOptions;
use crate::diagnostic::{Diagnostic, Error};
use crate::digest::Digest;
use crate::disk::{Disk, join};
use crate::output::Output;
use crate::render::search::Pages;
use crate::say;
use crate::search::entry::Part;
use crate::search::publish::{self, META, Options, Published, State};
use crate::write::Placed;
use std::sync::{Mutex, PoisonError};

/// Where what the search leaves for later lies, below the site's root.
pub(super) fn folder(root: &str) -> String {
    join(root, &format!("{}/search", cache::FOLDER))
}

/// Where its state lies.
pub(super) fn state_place(root: &str) -> String {
    format!("{}/state", folder(root))
}

/// Cuts what the search goes by out of the configuration.
pub(super) fn options(config: &SearchOptions) -> Options {
    let part = |(name, boost): &(String, f64)| {
        Part::ALL.iter().find(|(_, word)| word == name).map(|(part, _)| (*part, *boost as f32))
    };
    let boosts = config.boosts.iter().filter_map(part).collect();
    Options { boosts, scripts: config.offline, positions: config.positions }
}

/// What stops a search from being written.
pub(super) enum Trouble {
    /// Somebody's text.
    Site(Box<Diagnostic>),
    /// The machine.
    Machine(Error),
}

impl From<Error> for Trouble {
    fn from(e: Error) -> Trouble {
        Trouble::Machine(e)
    }
}

/// What the search of a site is to be made of.
pub(super) struct Wanted<'a> {
    pub(super) pages: Pages<'a>,
    pub(super) keys: Vec<Digest>,
    pub(super) labels: serde_json::Value,
    pub(super) options: Options,
}

impl<'a> Wanted<'a> {
    /// Looks at every page.
    pub(super) fn of(pages: Pages<'a>, config: &SearchOptions) -> Wanted<'a> {
        Wanted { keys: pages.keys(), labels: pages.labels(), options: options(config), pages }
    }

    /// Looks at the pages that print some documents; the others are what they were. `None` if that cannot be:
    /// there are more of them, or fewer.
    pub(super) fn again(pages: Pages<'a>, config: &SearchOptions, last: &State, docs: &[usize]) -> Option<Wanted<'a>> {
        let mut keys = last.now.clone();
        if keys.len() != pages.len() {
            return None;
        }
        for doc in docs {
            // What prints no page of its own is not found either.
            if let Some(n) = pages.of_doc(*doc) {
                keys[n] = pages.key(n);
            }
        }
        Some(Wanted { keys, labels: pages.labels(), options: options(config), pages })
    }

    /// Returns a digest of all of it.
    pub(super) fn key(&self) -> Digest {
        publish::key(&self.keys, &self.options, publish::labels_of(&self.labels))
    }

    /// Writes it. `last` is what the last build left, if its files are in place.
    pub(super) fn publish(
        &self,
        disk: &dyn Disk,
        out: &str,
        last: Option<State>,
        put: &(dyn Fn(Output) -> Result<(), Trouble> + Sync),
    ) -> Result<Published, Trouble> {
        let entry = |n: usize| self.pages.entry(n).map_err(Trouble::Site);
        let pages = publish::Pages { keys: &self.keys, entry: &entry, labels: &self.labels };
        publish::publish(&pages, &self.options, last, &|path| disk.read(&join(out, path)).ok(), put)
    }
}

/// What the last build left, and which of its outputs are those of the generation; `None` if they are not
/// what it left.
pub(super) fn last<'d>(
    disk: &dyn Disk,
    root: &str,
    held: Option<&State>,
    done: &'d Done,
) -> Option<(State, Vec<&'d Placed>)> {
    let state = match held {
        Some(state) => state.clone(),
        None => postcard::from_bytes(&disk.read(&state_place(root)).ok()?).ok()?,
    };
    let folder = state.folder();
    let kept: Vec<&Placed> = done.outputs.iter().filter(|o| o.path.starts_with(&folder)).collect();
    (state.key() == done.key && state.is_whole(kept.len())).then_some((state, kept))
}

/// A job of the search that was done.
pub(super) struct Searched {
    pub(super) done: Done,
    pub(super) state: State,
    pub(super) index: Vec<(String, Vec<u8>)>,
}

/// Writes the search of a site to a stage.
pub(super) fn write(
    disk: &dyn Disk,
    stage: &crate::write::Stage<'_>,
    out: &str,
    wanted: &Wanted<'_>,
    last: Option<(State, Vec<&Placed>)>,
    reason: Reason,
) -> Result<Searched, Trouble> {
    let last = last.filter(|(_, kept)| kept.iter().all(|o| stage.is_in_place(o)));
    let (last, kept) = last.unzip();
    let placed = Mutex::new(Vec::new());
    let put = |output: Output| {
        let new = stage.put(&output)?;
        placed.lock().unwrap_or_else(PoisonError::into_inner).extend(new);
        Ok(())
    };
    let Published { state, is_new, index } = wanted.publish(disk, out, last, &put)?;
    let mut outputs = placed.into_inner().unwrap_or_else(PoisonError::into_inner);
    if !is_new {
        for placed in kept.unwrap_or_default() {
            stage.keep(placed);
            outputs.push(placed.clone());
        }
    }
    outputs.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    let done = Done { route: META.into(), key: wanted.key(), text: None, outputs, build: 0, reason };
    Ok(Searched { done, state, index })
}

/// Writes what the search leaves for later: its state, and tantivy's files of a new generation.
pub(super) fn save(disk: &dyn Disk, root: &str, state: &State, index: &[(String, Vec<u8>)]) -> Result<(), Error> {
    let folder = folder(root);
    let refused = |path: &str, e| Error::new(say!("写不了 `{path}`", "cannot write `{path}`"), e);
    let own = state.folder();
    let own = own.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    if !index.is_empty() {
        // A generation of the same pages has the same name, and its files have others. What is left over is
        // passed over by those who read it.
        let _ = disk.remove_tree(&format!("{folder}/{own}"));
    }
    for (path, bytes) in index {
        let place = format!("{folder}/{own}/{path}");
        disk.write(&place, bytes).map_err(|e| refused(&place, e))?;
    }
    let bytes = postcard::to_allocvec(state)
        .map_err(|e| Error::new(say!("缓存写不成", "cannot encode the cache"), std::io::Error::other(e)))?;
    let (staged, place) = (format!("{folder}/state.new"), state_place(root));
    disk.write(&staged, &bytes).and_then(|()| disk.rename(&staged, &place)).map_err(|e| refused(&place, e))?;
    for (name, is_folder) in disk.list(&folder).unwrap_or_default() {
        if is_folder && name != own {
            // A leftover is swept by the next run.
            let _ = disk.remove_tree(&format!("{folder}/{name}"));
        }
    }
    Ok(())
}
