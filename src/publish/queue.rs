//! Publishing that was asked for and is done by a worker in the background.
//!
//! A request is a file of its own: any number can be written at once, and none is lost. The worker
//! publishes what the branch points to *then*, so requests of any number come to one run, and the newest
//! commit wins. A request goes when the run that began after it has ended; a run the machine refused (a
//! full disk) leaves it there for the next. At most one worker works and one waits: whoever comes while
//! one waits can go, because that one has not looked yet.

use super::{Options, Outcome, Place, Published, refused, replace, short};
use crate::build::Watch;
use crate::diagnostic::{Error, Lang, Say, Severity};
use crate::disk::{Disk, join};
use crate::say;

/// The log keeps so many bytes.
const LOG: usize = 256 * 1024;

/// Asks for a publish.
pub fn request(disk: &dyn Disk, to: &str, commit: &str) -> Result<(), Error> {
    let place = Place::of(disk, to, None)?;
    let (name, now) = (place.own("queue"), disk.now());
    replace(disk, &join(&name, &format!("{now}-{commit}")), commit.as_bytes())
}

/// Publishes until nothing is asked for any more; tells of each run. Returns the last one's result.
pub fn work(disk: &dyn Disk, options: &Options, lang: Lang, watch: &dyn Watch) -> Result<Option<Published>, Error> {
    let place = Place::of(disk, &options.to, options.live.as_deref())?;
    let Some(_lock) = turn(disk, &place)? else { return Ok(None) };
    let mut last = None;
    loop {
        let requests = requests(disk, &place)?;
        if requests.is_empty() {
            return Ok(last);
        }
        let result = super::publish(disk, options, watch);
        note(disk, &place, &line(&result, lang))?;
        last = Some(result?);
        for request in requests {
            disk.remove(&request).map_err(refused(&request))?;
        }
    }
}

/// Waits for the worker's turn; `None` if somebody waits already.
fn turn(disk: &dyn Disk, place: &Place) -> Result<Option<Box<dyn Send + Sync>>, Error> {
    let (working, waiting) = (place.own("worker.lock"), place.own("waiting.lock"));
    let Some(_waits) = disk.try_lock(&waiting).map_err(refused(&waiting))? else { return Ok(None) };
    disk.lock(&working).map(Some).map_err(refused(&working))
}

fn requests(disk: &dyn Disk, place: &Place) -> Result<Vec<String>, Error> {
    let folder = place.own("queue");
    if !disk.is_folder(&folder) {
        return Ok(Vec::new());
    }
    let names = disk.list(&folder).map_err(refused(&folder))?;
    // What is still being written is not there yet.
    Ok(names.into_iter().filter(|(n, _)| !n.ends_with(".new")).map(|(n, _)| join(&folder, &n)).collect())
}

/// Puts lines at the end of the log; what is older than it can keep goes.
fn note(disk: &dyn Disk, place: &Place, text: &str) -> Result<(), Error> {
    let path = place.own("publish.log");
    let old = disk.read(&path).unwrap_or_default();
    let mut log = String::from_utf8_lossy(&old).into_owned();
    log += &format!("{} {text}\n", super::time(disk.now()));
    if log.len() > LOG {
        let from = log.char_indices().map(|(i, _)| i).find(|i| *i >= log.len() - LOG / 2).unwrap_or(0);
        let line = log[from..].find('\n').map_or(0, |i| from + i + 1);
        log.drain(..line);
    }
    replace(disk, &path, log.as_bytes())
}

/// Says what a run did.
fn line(result: &Result<Published, Error>, lang: Lang) -> String {
    let done = match result {
        Ok(done) => done,
        Err(e) => return format!("{} {}", e.what.get(lang), e.cause.trim().replace('\n', "\n  ")),
    };
    let commit = short(&done.commit);
    let said = match done.outcome {
        Outcome::Live => {
            let (name, seconds) = (done.release.as_deref().unwrap_or_default(), done.took.as_secs_f64());
            let seconds = format!("{seconds:.1}");
            say!(
                "已发布 {commit}：releases/{name}，用时 {seconds} 秒",
                "published {commit}: releases/{name}, in {seconds} s"
            )
        }
        Outcome::AlreadyLive => say!("{commit} 已经在线", "{commit} is live already"),
        Outcome::HeldBack => say!("{commit} 曾被回退，没有上线", "{commit} was rolled back from and did not go live"),
        Outcome::Refused => say!("{commit} 有错误，没有上线", "{commit} has errors and did not go live"),
    };
    let errors = done.report.iter().flat_map(|r| &r.diagnostics).filter(|d| d.severity == Severity::Error);
    let errors = errors.map(|d| format!("\n  {}: {}", d.path, d.message.get(lang)));
    let warnings = done.warnings.iter().map(|w: &Say| format!("\n  {}", w.get(lang)));
    std::iter::once(said.get(lang).to_owned()).chain(errors).chain(warnings).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::Memory;

    #[test]
    fn the_log_keeps_its_size_and_whole_lines() {
        let (disk, place) = (Memory::default(), Place { to: "t".into(), live: "t/current".into() });
        for i in 0..3000 {
            note(&disk, &place, &format!("第{i}次：{}", "话".repeat(40))).expect("memory is written");
        }
        let log = String::from_utf8(disk.read("t/.beilin/publish.log").expect("there")).expect("text");
        assert!(log.len() <= LOG && log.len() > LOG / 4, "{}", log.len());
        assert!(log.lines().all(|l| l.ends_with('话') && l.contains("第")), "lines are whole");
        assert!(log.ends_with('\n') && log.contains("第2999次"));
    }
}
