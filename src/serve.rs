//! A live preview of a site on this machine. Not a web server for the public.
//!
//! [`Server::run`] builds the site, answers requests, and builds again whenever [`watch`] finds a
//! change. One thread builds; the answers come from the output folder all the while, so that the last
//! good site is served when a build fails. The parts:
//!
//! - [`watch`] waits for changes and makes one of each burst;
//! - `answer` serves files: types, ranges, conditions, the site's own 404, and no other host's requests;
//! - `live` tells open pages what was built; `live.js` in them swaps what changed and shows what is wrong;
//! - `api` answers what programs ask of the search;
//! - `told` writes diagnostics for that page, `outputs` finds what a build changed.

mod answer;
mod api;
mod live;
mod mounts;
mod outputs;
mod told;
pub mod watch;

use crate::build::Changes;
use crate::build::Report;
use crate::config;
use crate::diagnostic::{Error, Lang, Say};
use crate::disk::{Disk, join};
use crate::door::{self, Bounds, Names};
use crate::say;
use crate::search::engine::Left;
use crate::write::MANIFEST;
use live::Served;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;
use tokio::sync::watch as channel;
use watch::{Event, Watcher};

/// The port where none is asked for.
const PORT: u16 = 8000;
/// How many ports after it are tried.
const TRIES: u16 = 50;
/// What a connection may take. An open page keeps one for as long as it is open, to hear of builds.
const BOUNDS: Bounds =
    Bounds { connections: 200, head: Duration::from_secs(20), stall: Duration::from_secs(30), whole: None };
/// How long open connections may take to end.
const GRACE: Duration = Duration::from_millis(500);

/// What is served where.
#[derive(Debug, Clone)]
pub struct Options {
    /// The site's root.
    pub root: String,
    /// The output folder, if not the configured one below the root.
    pub out: Option<String>,
    /// The address to listen at.
    pub address: IpAddr,
    /// The port; without one, the first free from 8000 on.
    pub port: Option<u16>,
    /// Further names it may be asked by.
    pub names: Vec<String>,
    /// How often to look at the files, rather than be told of changes.
    pub poll: Option<Duration>,
    /// Whether open pages follow the builds.
    pub reload: bool,
    /// The language of what is shown in the browser.
    pub lang: Lang,
}

/// Builds the site, again and again.
pub trait Builder: Send {
    /// Builds after changes.
    fn build(&mut self, changes: &Changes) -> Result<Report, Error>;
    /// Returns what the last good build left to be searched; `None` if the site has no search.
    fn searched(&self) -> Option<Left>;
}

/// One who is told how the preview goes.
pub trait Listener {
    /// A build is done, well or not.
    fn built(&mut self, changes: &Changes, outcome: &Result<Report, Error>, took: Duration);
    /// Requests are answered from now on.
    fn ready(&mut self, url: &str);
    /// Files are looked at so often from now on, because nobody tells of changes or because it was asked for.
    fn looks(&mut self, every: Duration, why: Option<&Say>);
}

/// A preview that listens and has not begun to answer.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    at: SocketAddr,
    options: Options,
}

impl Server {
    /// Begins to listen.
    pub fn open(options: Options) -> Result<Server, Error> {
        let (address, port) = (options.address, options.port);
        let ports = match port {
            Some(port) => port..=port,
            None => PORT..=PORT + TRIES,
        };
        let mut refused = io::Error::other("no port");
        for port in ports {
            match TcpListener::bind((address, port)).and_then(|listener| Ok((listener.local_addr()?, listener))) {
                Ok((at, listener)) => return Ok(Server { listener, at, options }),
                Err(e) => refused = e,
            }
        }
        let shown = SocketAddr::new(address, port.unwrap_or(PORT));
        Err(Error::new(
            say!(
                "不能在 {shown} 预览（端口可能被占用，用 --port 换一个）",
                "cannot listen at {shown} (the port may be taken: choose another with --port)"
            ),
            refused,
        ))
    }

    /// Returns the address to open in a browser.
    pub fn url(&self) -> String {
        let ip = if self.at.ip().is_unspecified() { IpAddr::from([127, 0, 0, 1]) } else { self.at.ip() };
        format!("http://{}/", SocketAddr::new(ip, self.at.port()))
    }

    /// Builds, answers and follows the changes until Ctrl-C. A site whose first build fails is watched
    /// all the same; only where there is no site this is an error.
    pub fn run(self, disk: &dyn Disk, builder: &mut dyn Builder, listener: &mut dyn Listener) -> Result<(), Error> {
        let (url, options) = (self.url(), self.options.clone());
        // Before the first build, so that what is written meanwhile is not missed.
        let mut watcher = Watcher::open(disk, &options.root, options.poll);
        // A build that is refused tells no folder: then an older site is served, and never the sources.
        let folder = options.out.clone().unwrap_or_else(|| join(&options.root, &watcher.out()));
        let served = Served { folder, ..Served::default() };
        let mut works = Works { disk, options: &options, builder, listener, served };
        let first = works.build(&Changes::Everything);
        if let Err(error) = first
            && !disk.exists(&join(&options.root, config::FILE))
        {
            return Err(error);
        }
        let (served, _) = channel::channel(works.served.clone());
        let served = Arc::new(served);
        let answers = {
            let (served, stop) = (served.clone(), watcher.sender());
            std::thread::spawn(move || self.answer(&served, &stop))
        };
        works.listener.ready(&url);
        let mut looks = false;
        loop {
            if let Some((every, why)) = watcher.looks().filter(|_| !looks) {
                looks = true;
                works.listener.looks(every, why);
            }
            let Some(changes) = watcher.wait() else { break };
            // What went wrong was told.
            let _ = works.build(&changes);
            let now = works.served.clone();
            served.send_modify(|s| *s = Served { closing: s.closing, ..now });
        }
        let ended = answers.join().unwrap_or_else(|_| Err(io::Error::other("a thread ended")));
        ended.map_err(|e| Error::new(say!("预览停下了", "the preview stopped"), e))
    }

    /// Answers until Ctrl-C.
    fn answer(self, served: &Arc<channel::Sender<Served>>, stop: &Sender<Event>) -> io::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let ended = runtime.and_then(|runtime| {
            let ended = runtime.block_on(self.answers(served));
            runtime.shutdown_background();
            ended
        });
        served.send_modify(|s| s.closing = true);
        // The watcher is gone if the machine refused something first.
        let _ = stop.send(Event::Stop);
        ended
    }

    async fn answers(self, served: &Arc<channel::Sender<Served>>) -> io::Result<()> {
        self.listener.set_nonblocking(true)?;
        let listener = tokio::net::TcpListener::from_std(self.listener)?;
        let site = answer::Site {
            served: served.subscribe(),
            search: Arc::default(),
            names: Names { only_here: self.at.ip().is_loopback(), others: self.options.names.clone() },
            reload: self.options.reload,
            lang: self.options.lang,
        };
        let asked = closed(served.subscribe());
        let answers = door::answer(listener, answer::service(site), BOUNDS, asked);
        let over = closed(served.subscribe());
        let interrupted = served.clone();
        tokio::select! {
            ended = answers => ended,
            // A browser that holds on to its connection is not waited for.
            () = async { over.await; tokio::time::sleep(GRACE).await } => Ok(()),
            refused = async move {
                let interrupt = tokio::signal::ctrl_c().await;
                interrupted.send_modify(|s| s.closing = true);
                match interrupt {
                    Ok(()) => std::future::pending().await,
                    Err(e) => e,
                }
            } => Err(refused),
        }
    }
}

/// Waits until the preview closes.
async fn closed(mut served: channel::Receiver<Served>) {
    // A sender that is gone closes it too.
    let _ = served.wait_for(|s| s.closing).await;
}

/// The builds of a preview, and what came of the last.
struct Works<'a> {
    disk: &'a dyn Disk,
    options: &'a Options,
    builder: &'a mut dyn Builder,
    listener: &'a mut dyn Listener,
    served: Served,
}

impl Works<'_> {
    /// Builds once, tells it, and notes what is to be served.
    fn build(&mut self, changes: &Changes) -> Result<(), Error> {
        let before = self.manifest();
        let began = self.disk.now();
        let outcome = self.builder.build(changes);
        let took = Duration::from_nanos(u64::try_from(self.disk.now().saturating_sub(began)).unwrap_or(0));
        self.listener.built(changes, &outcome, took);
        let (root, lang) = (&self.options.root, self.options.lang);
        let (ok, diagnostics) = match &outcome {
            Ok(report) => (!report.failed(), told::told(self.disk, root, &report.diagnostics, lang)),
            Err(error) => (false, told::refused(error, lang)),
        };
        let folder = match &outcome {
            Ok(report) => report.out.clone(),
            Err(_) => self.served.folder.clone(),
        };
        // Another folder has other outputs.
        let moved = folder != self.served.folder;
        self.served.folder = folder;
        let changed = match (ok, moved) {
            (false, _) => Some(Vec::new()),
            (true, true) => None,
            (true, false) => outputs::changed(&before, &self.manifest()),
        };
        // Of a site that fails at first, an older one may be there.
        if ok || self.served.search.is_none() {
            self.served.search = self.builder.searched().map(Arc::new);
        }
        let builds = self.served.builds + 1;
        self.served = Served { builds, ok, took, diagnostics, changed, lang, ..self.served.clone() };
        outcome.map(|_| ())
    }

    fn manifest(&self) -> Vec<u8> {
        self.disk.read(&join(&self.served.folder, MANIFEST)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
