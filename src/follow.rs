//! Publishes a branch as it grows: looks at it by and by, and at once when a forge calls.
//!
//! 1. `repository`: what is the newest commit of the branch? A repository of this machine is asked
//!    itself; one elsewhere is kept as a bare mirror of that one branch.
//! 2. `turn`: the one thread that looks and publishes, one commit at a time. Whatever rings meanwhile
//!    makes one more look, so a burst ends on the newest commit.
//! 3. `http`: the door: webhooks, `/status`, a page, `/healthz`. `webhook` says who may ring,
//!    `limit` how often.
//! 4. `state`: what the thread and the door share.
//!
//! A call is never believed in what it says: it only rings, and git is asked for the commit. What
//! publishing is, a [`Publisher`] knows. Everything may end at any moment: the lock is the system's, and
//! what is kept in `<to>/.beilin/follow.json` is only a memory that may be lost.

mod http;
mod limit;
mod page;
mod place;
mod repository;
mod state;
mod turn;
mod webhook;

pub use webhook::Secrets;
#[doc(hidden)]
pub use webhook::fuzz_webhook;

use crate::diagnostic::{Diagnostic, Error, Lang, Say};
use crate::disk::{Disk, join};
use crate::door::{self, Bounds};
use crate::say;
use repository::Repository;
use state::Shared;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

/// Our own folder below the one that is published to.
pub const OURS: &str = ".beilin";
/// How long connections may go on after we are told to stop.
const FAREWELL: Duration = Duration::from_secs(3);
/// What a connection may take: a call is a few kilobytes, and nobody stays.
const BOUNDS: Bounds = Bounds {
    connections: 64,
    head: Duration::from_secs(10),
    stall: Duration::from_secs(10),
    whole: Some(Duration::from_secs(60)),
};
/// How often it is looked whether the last publishing has ended.
const GLANCE: Duration = Duration::from_millis(50);

/// Makes a commit the live site.
pub trait Publisher: Send + 'static {
    /// Publishes a commit of a repository: a folder of this machine that git knows as such.
    fn publish(&mut self, repository: &str, commit: &str) -> Result<Outcome, Error>;
    /// Returns the commit that is live now, if one is.
    fn live(&self) -> Option<String>;
}

/// What became of a commit.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The commit.
    pub commit: String,
    /// Whether it is live; if not, it has errors.
    pub live: bool,
    /// What its authors should know.
    pub diagnostics: Vec<Diagnostic>,
    /// How long it took.
    pub seconds: f64,
    /// How many files were written.
    pub written: usize,
}

/// Who may ring.
#[derive(Debug, Clone)]
pub enum Hooks {
    /// Nobody: the branch is only looked at by and by.
    Off,
    /// Everybody, unproven; only while we listen to this machine alone.
    Unsigned,
    /// Who proves to know one of these.
    Signed(Secrets),
}

/// What is followed, where to, and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// The repository: a folder, or an address git understands.
    pub repository: String,
    /// The branch.
    pub branch: String,
    /// The site's folder in the repository; empty for its top.
    pub site: String,
    /// The folder that is published to.
    pub to: String,
    /// How long to wait between two looks.
    pub every: Duration,
    /// Where to listen.
    pub listen: SocketAddr,
    /// Who may ring.
    pub hooks: Hooks,
    /// A call with more bytes is refused.
    pub body_limit: usize,
    /// So many calls are heard in a minute.
    pub rate: u32,
    /// The language of the log and of the page.
    pub lang: Lang,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// Nothing was under way, or it was waited for.
    Whole,
    /// A second signal came while a commit was being published; the site is the one before.
    Cut,
}

/// A daemon that holds its lock, knows its repository, listens, and has not begun.
pub struct Follower {
    disk: Arc<dyn Disk>,
    options: Options,
    repository: Repository,
    listener: TcpListener,
    address: SocketAddr,
    // Held, never read: the system lets go of it when the process ends.
    _lock: Box<dyn Send + Sync>,
}

impl Follower {
    /// Takes the lock of the folder and begins to listen.
    pub fn open(disk: Arc<dyn Disk>, options: Options) -> Result<Follower, Error> {
        let at = options.listen;
        if matches!(options.hooks, Hooks::Unsigned) && !at.ip().is_loopback() {
            return Err(Error::new(
                say!(
                    "没有密钥，不能在 {at} 接收通知（别的机器也能发；用 --secret-file 给出密钥，或只监听 127.0.0.1）",
                    "calls without a secret are not heard at {at} (other machines reach it: give --secret-file, or listen at 127.0.0.1)"
                ),
                "--no-secret",
            ));
        }
        let lock = lock(disk.as_ref(), &options.to)?;
        let repository = Repository::open(disk.as_ref(), &options)?;
        let refused = |e| {
            Error::new(
                say!(
                    "不能监听 {at}（端口可能被占用，用 --listen 换一个）",
                    "cannot listen at {at} (the port may be taken: choose another with --listen)"
                ),
                e,
            )
        };
        let listener = TcpListener::bind(at).map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        Ok(Follower { disk, options, repository, listener, address, _lock: lock })
    }

    /// Follows the branch until a signal comes. The process is to end then: after [`Stopped::Cut`] the
    /// publishing thread has not.
    pub fn run(self, publisher: Box<dyn Publisher>) -> Result<Stopped, Error> {
        let lang = self.options.lang;
        let shared = Arc::new(Shared::new(&self.options, self.repository.shown(), self.disk.now()));
        let (address, repository, branch) = (self.address, self.repository.shown(), &self.options.branch);
        let text =
            say!("监听 {address}，跟随 {repository} 的 {branch}", "at {address}, following {branch} of {repository}");
        tracing::info!(event = "listening", address = %address, repository, branch, hooks = self.options.hooks.name(), "{}", text.get(lang));
        let trouble = |e| Error::new(say!("跟随停下了", "following stopped"), e);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(trouble)?;
        let front = http::Front::new(&self.options, self.address, Arc::clone(&self.disk), Arc::clone(&shared));
        // Dropped when the thread ends, whatever ends it.
        let (alive, ended) = oneshot::channel::<()>();
        let turn = turn::Turn::new(self.disk, &self.options, self.repository, publisher, Arc::clone(&shared));
        std::thread::Builder::new()
            .name("publish".to_owned())
            .spawn(move || {
                let _alive = alive;
                turn.run();
            })
            .map_err(trouble)?;
        let stopped = runtime.block_on(attend(self.listener, front, &shared, ended, lang)).map_err(trouble)?;
        let text = match stopped {
            Stopped::Whole => say!("停止", "stopped"),
            Stopped::Cut => say!(
                "没有等发布结束就停止了，网站还是原来的",
                "stopped in the middle of publishing; the site is as it was"
            ),
        };
        tracing::info!(event = "stopped", whole = stopped == Stopped::Whole, "{}", text.get(lang));
        Ok(stopped)
    }
}

impl Hooks {
    fn name(&self) -> &'static str {
        match self {
            Hooks::Off => "off",
            Hooks::Unsigned => "unsigned",
            Hooks::Signed(_) => "signed",
        }
    }
}

fn lock(disk: &dyn Disk, to: &str) -> Result<Box<dyn Send + Sync>, Error> {
    let path = join(&join(to, OURS), "follow.lock");
    match disk.try_lock(&path) {
        Ok(Some(lock)) => Ok(lock),
        Ok(None) => Err(Error::new(
            say!(
                "`{to}` 已经有一个 beilin follow 在发布（先停掉它，或者换一个 --to）",
                "another beilin follow publishes to `{to}` (stop it first, or choose another --to)"
            ),
            path,
        )),
        Err(e) => Err(Error::new(say!("不能锁住 `{path}`", "cannot lock `{path}`"), e)),
    }
}

/// Answers until a signal comes, then waits for what is being published.
async fn attend(
    listener: TcpListener,
    front: http::Front,
    shared: &Shared,
    mut ended: oneshot::Receiver<()>,
    lang: Lang,
) -> std::io::Result<Stopped> {
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let mut signals = Signals::new()?;
    let (leave, left) = oneshot::channel::<()>();
    let server = tokio::spawn(door::answer(listener, http::router(front), BOUNDS, async {
        // Dropped or sent: both mean that it is time.
        let _ = left.await;
    }));
    tokio::select! {
        () = signals.next() => {}
        _ = &mut ended => return Err(std::io::Error::other("the publishing thread has died")),
    }
    shared.stop();
    drop(leave);
    let busy = shared.is_publishing();
    let text = if busy {
        say!(
            "收到停止信号，等这次发布结束（再收到一次就立即停止）",
            "told to stop: waiting for what is being published (a second signal stops at once)"
        )
    } else {
        say!("收到停止信号", "told to stop")
    };
    tracing::info!(event = "stopping", publishing = busy, "{}", text.get(lang));
    while shared.is_publishing() && ended.try_recv() == Err(oneshot::error::TryRecvError::Empty) {
        tokio::select! {
            () = signals.next() => return Ok(Stopped::Cut),
            () = tokio::time::sleep(GLANCE) => {}
        }
    }
    // Who still reads an answer gets a moment; a connection nobody closes does not hold us.
    let _ = tokio::time::timeout(FAREWELL, server).await;
    Ok(Stopped::Whole)
}

/// What ends us: Ctrl-C, and on Unix SIGTERM.
struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    #[cfg(unix)]
    fn new() -> std::io::Result<Signals> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    #[cfg(unix)]
    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }

    #[cfg(not(unix))]
    fn new() -> std::io::Result<Signals> {
        Ok(Signals {})
    }

    #[cfg(not(unix))]
    async fn next(&mut self) {
        // A system that cannot tell of Ctrl-C ends us itself.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// Writes a moment as RFC 3339 in UTC, to the second.
fn moment(nanoseconds: i64) -> String {
    jiff::Timestamp::from_second(nanoseconds.div_euclid(1_000_000_000)).unwrap_or_default().to_string()
}

/// Returns the beginning of a commit's name, as people say it.
fn short(commit: &str) -> &str {
    commit.get(..10).unwrap_or(commit)
}

/// What a failure says in one sentence: the operation and the system's answer.
fn sentence(error: &Error) -> Say {
    let Error { what, cause } = error;
    Say { zh: format!("{}：{cause}", what.zh), en: format!("{}: {cause}", what.en) }
}
