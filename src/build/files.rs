//! The files of a site: read where that is needed, parsed where their bytes are new.

use super::past::Past;
use super::{Input, Setting, Watch};
use crate::cache::{self, File, Ground, Kept};
use crate::config::{ContentOptions, Limits};
use crate::diagnostic::{Diagnostic, Error};
use crate::digest::Digest;
use crate::discover::{self, Seen, Survey};
use crate::disk::{Disk, join};
use crate::history;
use crate::model::kind::Kinds;
use crate::model::{self, Site};
use crate::parse::{self, Document};
use crate::picture::{self, Look};
use crate::source::{Asset, Source};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use unicode_normalization::UnicodeNormalization;

/// The files of a site: digests of all, documents of the texts.
pub(super) struct Files {
    pub(super) files: Vec<File>,
    pub(super) docs: Vec<Document>,
    pub(super) told_of: BTreeMap<String, Vec<Diagnostic>>,
}

impl Files {
    /// Reads the files of a survey. `known` are digests that need not be taken again; `parsed` are the
    /// documents of an earlier build.
    pub(super) fn read(
        disk: &dyn Disk,
        input: &Input,
        setting: &Setting,
        survey: &Survey,
        known: Option<&Known<'_>>,
        mut parsed: BTreeMap<String, (Document, Vec<Diagnostic>)>,
        watch: &dyn Watch,
    ) -> Result<Files, Error> {
        watch.stage("parse", survey.files.len());
        let (dir, options, looked) = (&setting.config.content.dir, setting.markdown(), disk.now());
        let limits = &setting.config.content.limits;
        let same_config = known.is_some_and(|k| k.same_config);
        let mut jobs = Vec::with_capacity(survey.files.len());
        for seen in &survey.files {
            let file = known.and_then(|k| k.same(seen));
            // A document of the same path is of use if its bytes are the same, known or about to be.
            let doc = parsed.remove(&seen.path).filter(|(d, _)| file.is_none_or(|f| f.digest == d.digest));
            jobs.push((seen, file, doc));
        }
        type Known<'k> = (&'k Seen, Option<&'k File>, Option<(Document, Vec<Diagnostic>)>);
        let one = |(seen, file, doc): Known<'_>| {
            watch.step();
            let stat = cache::proves(&seen.stat, looked).then_some(seen.stat);
            let path = seen.path.clone();
            if !seen.is_text {
                // What was told of it is told again, and what may be told depends on the settings.
                let quiet = known.is_some_and(|k| k.same_config && !k.told.contains(path.as_str()));
                let (digest, look, told) = match file.filter(|_| quiet) {
                    Some(file) => (file.digest, file.look, Vec::new()),
                    None => asset_file(disk, &survey.place(&input.root, dir, &path), &join(dir, &path), limits),
                };
                return Ok((File { path, stat, digest, look, face: None, body_start: 0, record: None }, None, told));
            }
            let (doc, told, face) = match (file, doc) {
                (Some(file), Some((doc, told))) => (doc, told, file.face.filter(|_| same_config)),
                (_, doc) => {
                    let mut told = Vec::new();
                    let source = discover::read(disk, &input.root, dir, survey, &path, &mut told)?;
                    match doc.filter(|(d, _)| d.digest == source.digest) {
                        Some((doc, told)) => (doc, told, None),
                        None => {
                            let (doc, found) = understood(&source, &options, limits);
                            told.extend(found);
                            (doc, told, None)
                        }
                    }
                }
            };
            let face = Some(face.unwrap_or_else(|| doc.face()));
            let (digest, body_start) = (doc.digest, doc.body_start);
            let file = File { path, stat, digest, look: None, face, body_start, record: None };
            Ok((file, Some(doc), told))
        };
        let read: Vec<Result<_, Error>> = jobs.into_par_iter().map(one).collect();
        let mut files = Files { files: Vec::with_capacity(read.len()), docs: Vec::new(), told_of: BTreeMap::new() };
        files.docs.reserve_exact(read.iter().filter(|r| matches!(r, Ok((_, Some(_), _)))).count());
        for found in read {
            let (file, doc, told) = found?;
            if !told.is_empty() {
                files.told_of.insert(file.path.clone(), told);
            }
            files.docs.extend(doc);
            files.files.push(file);
        }
        Ok(files)
    }

    pub(super) fn told(&self) -> Vec<Diagnostic> {
        self.told_of.values().flatten().cloned().collect()
    }

    /// Notes which files are records, and where these come from.
    pub(super) fn records(&mut self, site: &Site, past: &Past) {
        for r in &site.records {
            let path = &site.docs[r.doc].path;
            if let Ok(i) = self.files.binary_search_by(|f| f.path.cmp(path)) {
                self.files[i].record = Some((r.id.clone(), past.of(path, &r.id)));
            }
        }
    }

    /// Makes the site of the files; returns what is left of them too.
    pub(super) fn model(mut self, setting: &Setting, survey: &Survey, out: &mut Vec<Diagnostic>) -> (Site, Files) {
        let kinds = Kinds::load(&setting.kinds, out);
        let options = model::Options::of(&setting.config, setting.as_of);
        let docs = std::mem::take(&mut self.docs);
        let assets = self.assets(survey);
        (model::build(docs, assets, kinds, options, out), self)
    }

    /// Returns the files that are no texts.
    fn assets(&self, survey: &Survey) -> Vec<Asset> {
        let both = self.files.iter().zip(&survey.files).filter(|(f, _)| f.face.is_none());
        let asset =
            |(f, s): (&File, &Seen)| Asset { path: f.path.clone(), size: s.stat.size, digest: f.digest, look: f.look };
        both.map(asset).collect()
    }
}

/// Parses a text, and looks for what git may have left in it.
pub(super) fn understood(
    source: &Source,
    options: &parse::markdown::Options<'_>,
    limits: &Limits,
) -> (Document, Vec<Diagnostic>) {
    let (doc, mut told) = parse::parse(source, options, limits);
    told.extend(history::inspect(&source.shown, &source.text));
    (doc, told)
}

/// Reads a file that is no text: its digest, what it is, and what there is to tell of it.
pub(super) fn asset_file(
    disk: &dyn Disk,
    place: &str,
    shown: &str,
    limits: &Limits,
) -> (Digest, Option<Look>, Vec<Diagnostic>) {
    // One that cannot be read is told where it is wanted.
    let Ok(bytes) = disk.read(place) else { return (Digest::default(), None, Vec::new()) };
    let is_small = bytes.len() as u64 <= history::leftovers::POINTER_SIZE;
    let told = is_small.then(|| history::inspect_asset(shown, &bytes)).flatten();
    let told = told.into_iter().chain(parse::attachment::inspect(shown, &bytes, limits));
    (Digest::of(&bytes), picture::look(shown, &bytes), told.collect())
}

/// The files an earlier build read, by path.
pub(super) struct Known<'a> {
    pub(super) by_path: BTreeMap<&'a str, &'a File>,
    /// Whether the texts were parsed as they are now.
    pub(super) same_config: bool,
    /// The files of which something was told.
    told: BTreeSet<&'a str>,
}

impl<'a> Known<'a> {
    pub(super) fn new(kept: &'a Kept, ground: &Ground) -> Known<'a> {
        let by_path = kept.files.iter().map(|f| (f.path.as_str(), f)).collect();
        let told = kept.summary.of_files.iter().map(|(path, _)| path.as_str()).collect();
        Known { by_path, same_config: kept.ground.config == ground.config, told }
    }

    /// Returns what is known of a file, if the machine's word proves that it is the same.
    pub(super) fn same(&self, seen: &Seen) -> Option<&'a File> {
        let file = self.by_path.get(seen.path.as_str())?;
        (file.stat.as_ref() == Some(&seen.stat) && file.face.is_some() == seen.is_text).then_some(*file)
    }
}

/// Returns the numbers of the files the machine's word does not prove to be the same; `None` if files
/// came or went.
pub(super) fn changed(files: &[File], survey: &Survey) -> Option<Vec<usize>> {
    let same_names = files.len() == survey.files.len()
        && files.iter().zip(&survey.files).all(|(f, s)| f.path == s.path && f.face.is_some() == s.is_text);
    let differs = |(_, (f, s)): &(usize, (&File, &Seen))| f.stat != Some(s.stat);
    same_names.then(|| files.iter().zip(&survey.files).enumerate().filter(differs).map(|(i, _)| i).collect())
}

/// Looks again at paths that may have changed; `false` if that does not do: files came or went.
pub(super) fn look_again(
    disk: &dyn Disk,
    root: &str,
    options: &ContentOptions,
    paths: &BTreeSet<String>,
    survey: &mut Survey,
) -> bool {
    let dir = &options.dir;
    let prefix: String = format!("{dir}/").nfc().collect();
    for told in paths {
        // The system tells names as they are on disk.
        let path: String = told.nfc().collect();
        let Some(inside) = path.strip_prefix(&prefix) else {
            // The content folder itself, or one above it.
            if path.is_empty() || prefix.starts_with(&format!("{path}/")) {
                return false;
            }
            continue;
        };
        if discover::is_passed_over(inside) {
            continue;
        }
        let (place, named) = (survey.place(root, dir, inside), join(root, told));
        let is_there = disk.exists(&named);
        // Another spelling of the same name came beside it.
        if named != place && is_there {
            return false;
        }
        let found = survey.files.binary_search_by(|f| f.path.as_str().cmp(inside));
        match (found, disk.stat(&place)) {
            (Ok(i), Ok(stat)) => {
                survey.files[i].stat = stat;
                if discover::is_too_large(&survey.files[i], options) {
                    return false;
                }
            }
            (Err(_), Err(e)) if e.kind() == io::ErrorKind::NotFound && !is_there && !survey.knows(dir, inside) => {}
            _ => return false,
        }
    }
    true
}
