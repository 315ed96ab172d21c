//! Pictures and films as files (图片与影像): published without what they tell of place and person, and the copies of
//! pictures that pages show.
//!
//! Of a picture that is whole the pixels stay bit for bit. One that lies on its side is turned and encoded again: a
//! note that it is to be turned would be part of what is taken out. How many are decoded at a time is bounded by the
//! memory that takes, not by the number of processors.

use super::{Renderer, Result};
use crate::diagnostic::{Diagnostic, Say};
use crate::digest::Digest;
use crate::disk::join;
use crate::model::Published;
use crate::output::Output;
use crate::picture::{self, Fault, Format, Look, Picture};
use crate::say;
use std::sync::{Condvar, Mutex, PoisonError};

/// So many bytes may all decoders have at a time. A picture that needs more has them alone.
const MEMORY: u64 = 512 << 20;
/// So many bytes a pixel takes at most: what a decoder holds of it, and what it gives.
const PER_PIXEL: u64 = 10;

/// Lets only so many pictures be decoded at a time. Nobody waits here who holds something others wait for: decoders
/// work on one thread.
pub(super) struct Gate {
    free: Mutex<u64>,
    freed: Condvar,
}

impl Default for Gate {
    fn default() -> Gate {
        Gate { free: Mutex::new(MEMORY), freed: Condvar::new() }
    }
}

impl Gate {
    /// Does work that takes so many bytes when there is room for it.
    fn pass<T>(&self, picture: &Picture, work: impl FnOnce() -> T) -> T {
        let need = (picture.pixels() * PER_PIXEL).min(MEMORY);
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        while *free < need {
            free = self.freed.wait(free).unwrap_or_else(PoisonError::into_inner);
        }
        *free -= need;
        drop(free);
        let done = work();
        *self.free.lock().unwrap_or_else(PoisonError::into_inner) += need;
        self.freed.notify_all();
        done
    }
}

/// Says what is wrong with a file, and where it is named.
fn told(renderer: &Renderer<'_>, file: &Published, code: &'static str, message: Say, hint: Say) -> Box<Diagnostic> {
    let shown = join(&renderer.config.content.dir, &file.source);
    let told = match &file.named {
        Some((doc, span)) => {
            let at = &renderer.site.docs[*doc].shown;
            Diagnostic::error(code, at, Some(span.clone()), message).other(&shown, None, say!("这个文件", "this file"))
        }
        None => Diagnostic::error(code, &shown, None, message),
    };
    Box::new(told.hint(hint))
}

fn fault(renderer: &Renderer<'_>, file: &Published, fault: Fault) -> Box<Diagnostic> {
    let (message, hint) = fault.describe();
    told(renderer, file, "picture", message, hint)
}

/// Reads a file that must be what it was when the build looked at it.
fn read(renderer: &Renderer<'_>, file: &Published) -> Result<Vec<u8>> {
    let (at, source) = (renderer.texts.place(&file.source), &file.source);
    let hint = say!("文件在生成期间被改动；再运行一次", "the file was changed while the site was built: run again");
    match renderer.disk.read(&at) {
        Ok(bytes) if Digest::of(&bytes) == file.digest => Ok(bytes),
        Ok(_) => {
            let message = say!("`{source}` 与刚才读到的不同", "`{source}` is not what it was a moment ago");
            Err(told(renderer, file, "changed-meanwhile", message, hint))
        }
        Err(e) => Err(Box::new(Diagnostic::error(
            "no-file",
            &join(&renderer.config.content.dir, source),
            None,
            say!("读不了 `{at}`：{e}", "cannot read `{at}`: {e}"),
        ))),
    }
}

/// Publishes a file of the content folder.
pub(super) fn published(renderer: &Renderer<'_>, at: usize) -> Result<Vec<Output>> {
    let file = &renderer.site.published[at];
    let bytes = read(renderer, file)?;
    let clean = match &file.look {
        None | Some(Look::Subtitles) => Ok(bytes),
        Some(Look::Picture(p)) if p.format == Format::Svg => Ok(bytes),
        Some(Look::Picture(p)) if p.orientation != 1 && !p.is_animated => {
            renderer.gate.pass(p, || picture::upright(&bytes, p))
        }
        Some(Look::Picture(p)) => picture::strip(&bytes, p),
        Some(Look::Film(film)) => picture::film::clean(bytes, film),
        Some(Look::Fault(fault)) => Err(*fault),
    };
    let bytes = clean.map_err(|f| fault(renderer, file, f))?;
    Ok(vec![Output { path: file.target.clone(), bytes }])
}

/// Makes the copies of a picture.
pub(super) fn copies(renderer: &Renderer<'_>, at: usize) -> Result<Vec<Output>> {
    let file = &renderer.site.published[at];
    let (Some(Look::Picture(p)), Some(copies)) = (&file.look, crate::model::picture::copies(renderer.site, at)) else {
        return Ok(Vec::new());
    };
    let bytes = read(renderer, file)?;
    let made = renderer.gate.pass(p, || picture::derive(&bytes, p, &copies.spec));
    let made = made.map_err(|f| fault(renderer, file, f))?;
    let outputs = copies.targets().zip(made.webp.into_iter().chain(made.jpeg));
    Ok(outputs.map(|(path, bytes)| Output { path, bytes }).collect())
}
