//! Words → a command. The help stands here in English, beside what it describes; [`zh`] has the same
//! in Chinese, and a test holds the two together.
#![allow(rustdoc::invalid_html_tags, reason = "the help is for a terminal: `<name>` is a place to fill")]

mod zh;

use super::{Failure, Paint};
use crate::diagnostic::{Lang, Say};
use crate::disk::Disk;
use crate::say;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgAction, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::net::{IpAddr, SocketAddr};

/// A static site generator for archives and showcases of party branches.
#[derive(Debug, Parser)]
#[command(
    name = "beilin",
    version,
    disable_help_flag = true,
    disable_version_flag = true,
    disable_help_subcommand = true
)]
pub(super) struct Args {
    #[command(flatten)]
    pub(super) common: Common,
    #[command(subcommand)]
    pub(super) command: Command,
    /// Print the version
    #[arg(short = 'V', long, action = ArgAction::Version, display_order = 905)]
    version: Option<bool>,
}

/// What every command understands; listed after a command's own options.
#[derive(Debug, clap::Args)]
pub(super) struct Common {
    /// Language of messages: zh or en [default: the system's, else zh]
    #[arg(long, global = true, display_order = 900, value_name = "LANG", value_parser = lang_value)]
    lang: Option<Lang>,
    /// Write the result as JSON, for programs
    #[arg(long, global = true, display_order = 901)]
    pub(super) json: bool,
    /// Say errors only
    #[arg(short, long, global = true, display_order = 902)]
    pub(super) quiet: bool,
    /// Colours: auto, always or never [default: auto]
    #[arg(
        long,
        global = true,
        display_order = 903,
        value_enum,
        value_name = "WHEN",
        default_value = "auto",
        hide_default_value = true,
        hide_possible_values = true
    )]
    pub(super) color: Color,
    /// Print help
    #[arg(short = 'h', long, global = true, display_order = 904, action = ArgAction::Help)]
    help: Option<bool>,
}

/// When colours are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// Where a person reads.
    Auto,
    /// Also into files and pipes.
    Always,
    /// Nowhere.
    Never,
}

/// A command.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Build the site
    Build(Build),
    /// Find everything that is wrong, and write nothing
    Check(Check),
    /// Make a new record of a kind, or begin with a programme of the library
    New(New),
    /// Make a new site
    Init(Init),
    /// Build the site, show it on this machine, and follow every change
    Serve(Serve),
    /// Search the site as it is now
    Search(Search),
    /// List what falls due: records, tasks, what is to be posted and taken down
    Due(Due),
    /// Publish a branch of a repository whenever it grows
    Follow(Follow),
    /// Say what a file was understood to be and why, or what a page was made from
    Explain(Explain),
    /// Copy what is built in into the site, to be changed
    Eject(Eject),
    /// List the kinds of record
    Kinds(Kinds),
    /// List what can be written in beilin.toml
    Config(Config),
    /// Write a report with what records tell filled in, and what people write left blank
    Report(Report),
    /// Publish a commit: build it as a release, verify it, switch to it
    Publish(Publish),
    /// Go back to an older release
    Rollback(Rollback),
    /// List the releases
    Releases(Releases),
    /// Git hooks that check what is pushed and publish it
    Hook(Hook),
    /// Print completions for a shell
    Completions(Completions),
    /// Print the manual page
    Man,
}

/// Where the site is.
#[derive(Debug, clap::Args)]
pub(super) struct Root {
    /// The site's folder, where beilin.toml is [default: this folder]
    #[arg(long, value_name = "DIR", default_value = "", hide_default_value = true)]
    root: String,
}

impl Root {
    /// Returns the folder as `Disk` names it; the folder we stand in is empty.
    pub(super) fn folder(&self) -> String {
        folder(&self.root)
    }
}

/// Returns a folder given on the command line as `Disk` names it.
pub(super) fn folder(word: &str) -> String {
    let word = if cfg!(windows) { word.replace('\\', "/") } else { word.to_owned() };
    match word.trim_end_matches('/') {
        "" if word.starts_with('/') => word,
        "." => String::new(),
        plain => plain.strip_prefix("./").unwrap_or(plain).to_owned(),
    }
}

/// The day a build stands at.
#[derive(Debug, clap::Args)]
pub(super) struct AsOf {
    /// Build as of this day, such as 2026-03-18 [default: today]
    #[arg(long, value_name = "DATE", value_parser = day_value)]
    pub(super) as_of: Option<jiff::civil::Date>,
}

/// How much is told.
#[derive(Debug, clap::Args)]
pub(super) struct Shown {
    /// Show every warning, not only the first 20 of a sort
    #[arg(long)]
    pub(super) all: bool,
}

/// `build`.
#[derive(Debug, clap::Args)]
pub(super) struct Build {
    #[command(flatten)]
    pub(super) root: Root,
    /// The output folder [default: the one in beilin.toml]
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<String>,
    #[command(flatten)]
    pub(super) as_of: AsOf,
    #[command(flatten)]
    pub(super) shown: Shown,
}

/// `check`.
#[derive(Debug, clap::Args)]
pub(super) struct Check {
    #[command(flatten)]
    pub(super) root: Root,
    #[command(flatten)]
    pub(super) as_of: AsOf,
    #[command(flatten)]
    pub(super) shown: Shown,
}

/// `due`.
#[derive(Debug, clap::Args)]
pub(super) struct Due {
    #[command(flatten)]
    pub(super) root: Root,
    /// Only what falls due by this day, such as 2026-12-31
    #[arg(long, value_name = "DATE", value_parser = day_value)]
    pub(super) until: Option<jiff::civil::Date>,
    #[command(flatten)]
    pub(super) as_of: AsOf,
}

/// `new`.
#[derive(Debug, clap::Args)]
pub(super) struct New {
    /// The kind: its id or its Chinese name (see `beilin kinds`); or programme, rubric, pack, catalogue
    pub(super) kind: String,
    /// Which programme, rubric, pack or catalogue of the library to begin with
    #[arg(long, value_name = "ID", conflicts_with_all = ["branch", "date", "title", "group", "yaml", "dir"])]
    pub(super) from: Option<String>,
    /// List the programmes, rubrics, packs or catalogues of the library
    #[arg(long, conflicts_with_all = ["from", "branch", "date", "title", "group", "yaml", "dir"])]
    pub(super) list: bool,
    /// The branch's id; an organisation's for its own records
    #[arg(long, value_name = "ID")]
    pub(super) branch: Option<String>,
    /// When it happened, such as 2026-03-18 or 2026-03-18T15:00/16:30
    #[arg(long, value_name = "DATE")]
    pub(super) date: Option<String>,
    /// The title
    #[arg(long)]
    pub(super) title: Option<String>,
    /// The party group's id in its branch
    #[arg(long, value_name = "ID")]
    pub(super) group: Option<String>,
    /// Write the front matter in YAML rather than TOML
    #[arg(long)]
    pub(super) yaml: bool,
    /// Make a folder with an index.md, so that pictures and attachments can lie beside it
    #[arg(long)]
    pub(super) dir: bool,
    #[command(flatten)]
    pub(super) root: Root,
}

/// `init`.
#[derive(Debug, clap::Args)]
pub(super) struct Init {
    /// The folder to make; it must be new or empty
    pub(super) dir: String,
}

/// `serve`.
#[derive(Debug, clap::Args)]
pub(super) struct Serve {
    #[command(flatten)]
    pub(super) root: Root,
    /// The output folder [default: the one in beilin.toml]
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<String>,
    /// The port [default: 8000, or the next one that is free]
    #[arg(long)]
    pub(super) port: Option<u16>,
    /// The address to listen at; other machines see 127.0.0.1 not [default: 127.0.0.1]
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1", hide_default_value = true)]
    pub(super) bind: IpAddr,
    /// A further name the preview may be asked by, such as that of a machine in the local network; may be repeated
    #[arg(long, value_name = "NAME")]
    pub(super) allow_host: Vec<String>,
    /// Open the browser
    #[arg(long)]
    pub(super) open: bool,
    /// Look at the files every so many seconds rather than be told of changes [without a number: 1]
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "1", value_parser = pause_value)]
    pub(super) poll: Option<std::time::Duration>,
    /// Build after changes, but leave the pages in the browser alone
    #[arg(long)]
    pub(super) no_reload: bool,
    #[command(flatten)]
    pub(super) as_of: AsOf,
    #[command(flatten)]
    pub(super) shown: Shown,
}

/// `search`.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct Search {
    #[command(subcommand)]
    pub(super) command: Option<SearchCommand>,
    /// What is asked for, as on the search page
    #[arg(required = true, num_args = 1.., value_name = "QUERY")]
    pub(super) query: Vec<String>,
    /// How many are shown [default: 10]
    #[arg(long, value_name = "N", default_value = "10", hide_default_value = true, value_parser = clap::value_parser!(u32).range(..=10_000))]
    pub(super) limit: u32,
    /// How many before them are passed over
    #[arg(long, value_name = "N", default_value = "0", hide_default_value = true)]
    pub(super) offset: u32,
    /// relevance, newest or oldest [default: relevance]
    #[arg(
        long,
        value_enum,
        value_name = "ORDER",
        default_value = "relevance",
        hide_default_value = true,
        hide_possible_values = true
    )]
    pub(super) sort: Sort,
    #[command(flatten)]
    pub(super) root: Root,
    #[command(flatten)]
    pub(super) as_of: AsOf,
    #[command(flatten)]
    pub(super) shown: Shown,
}

/// What else is done with the search.
#[derive(Debug, Subcommand)]
pub(super) enum SearchCommand {
    /// Write every page as the search knows it, for a search server
    Export(Export),
}

/// The order of what is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Sort {
    /// What fits best first.
    Relevance,
    /// The newest first.
    Newest,
    /// The oldest first.
    Oldest,
}

/// `search export`.
#[derive(Debug, clap::Args)]
pub(super) struct Export {
    /// ndjson; bulk for Elasticsearch and OpenSearch; quickwit [default: ndjson]
    #[arg(
        long,
        value_enum,
        value_name = "FORMAT",
        default_value = "ndjson",
        hide_default_value = true,
        hide_possible_values = true
    )]
    pub(super) format: ExportFormat,
    /// The name of the index [default: beilin]
    #[arg(long, value_name = "NAME", default_value = "beilin", hide_default_value = true)]
    pub(super) index: String,
    /// The file to write [default: the standard output]
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<String>,
    /// Write the configuration of the index, and no documents
    #[arg(long)]
    pub(super) config: bool,
    /// Send to the server at this address; http only, for https send a file with curl
    #[arg(long, value_name = "URL", conflicts_with_all = ["out", "config"])]
    pub(super) to: Option<String>,
    /// Remove the index from the server and make it anew before sending
    #[arg(long, requires = "to")]
    pub(super) replace: bool,
    #[command(flatten)]
    pub(super) root: Root,
    #[command(flatten)]
    pub(super) as_of: AsOf,
    #[command(flatten)]
    pub(super) shown: Shown,
}

/// For which server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ExportFormat {
    /// Any.
    Ndjson,
    /// Elasticsearch, OpenSearch.
    Bulk,
    /// Quickwit.
    Quickwit,
}

/// `follow`.
#[derive(Debug, clap::Args)]
pub(super) struct Follow {
    /// The repository: a folder of this machine, or an address git understands
    pub(super) repository: String,
    /// The folder to publish to; the site is served from current/ in it
    #[arg(long, value_name = "DIR")]
    pub(super) to: String,
    /// The branch [default: main]
    #[arg(long, value_name = "NAME", default_value = "main", hide_default_value = true)]
    pub(super) branch: String,
    /// The site's folder in the repository [default: its top]
    #[arg(long, value_name = "DIR", default_value = "", hide_default_value = true)]
    pub(super) site: String,
    /// Seconds between two looks at the branch [default: 60]
    #[arg(long, value_name = "SECONDS", default_value = "60", hide_default_value = true, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(super) every: u64,
    /// Where to listen for calls and for the status page [default: 127.0.0.1:8787]
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8787", hide_default_value = true)]
    pub(super) listen: SocketAddr,
    /// A file with the secret the forge knows, one a line [default: $BEILIN_WEBHOOK_SECRET; without any, no calls are heard]
    #[arg(long, value_name = "FILE")]
    pub(super) secret_file: Option<String>,
    /// Hear calls without a secret; only while listening to this machine
    #[arg(long)]
    pub(super) no_secret: bool,
    /// The size of a call, in megabytes, that is refused when exceeded [default: 5]
    #[arg(long, value_name = "MB", default_value = "5", hide_default_value = true, value_parser = megabytes)]
    pub(super) body_limit: usize,
    /// How many calls are heard in a minute [default: 60]
    #[arg(long, value_name = "N", default_value = "60", hide_default_value = true, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(super) rate: u32,
    /// The form of the log: text or json [default: text for people, else json]
    #[arg(long, value_enum, value_name = "FORM", hide_possible_values = true)]
    pub(super) log: Option<Log>,
}

/// The form of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Log {
    /// For people.
    Text,
    /// A line of JSON for each thing that happened.
    Json,
}

/// `explain`.
#[derive(Debug, clap::Args)]
pub(super) struct Explain {
    /// A file of the content folder, or an address or file of the built site
    pub(super) path: String,
    /// Say why its page was or would be rendered, or kept
    #[arg(long)]
    pub(super) why: bool,
    /// The output folder, if not the one in beilin.toml
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<String>,
    #[command(flatten)]
    pub(super) root: Root,
    #[command(flatten)]
    pub(super) as_of: AsOf,
}

/// `eject`.
#[derive(Debug, clap::Args)]
pub(super) struct Eject {
    /// theme, strings, kinds, reports or library
    #[arg(value_enum, hide_possible_values = true)]
    pub(super) what: Ejected,
    /// Where to put it [default: themes/<theme>/, kinds.toml, reports.toml, or the content folder]
    #[arg(long, value_name = "PATH")]
    pub(super) to: Option<String>,
    #[command(flatten)]
    pub(super) root: Root,
}

/// What can be copied out of the tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Ejected {
    /// The default theme, whole.
    Theme,
    /// The words of the interface.
    Strings,
    /// The kinds of record.
    Kinds,
    /// The forms of reports.
    Reports,
    /// The programmes, rubrics and rule packs of the library.
    Library,
}

/// `kinds`.
#[derive(Debug, clap::Args)]
pub(super) struct Kinds {
    /// Only this kind, with all its keys
    pub(super) kind: Option<String>,
    /// Write Markdown tables, as the manual has them
    #[arg(long)]
    pub(super) markdown: bool,
    #[command(flatten)]
    pub(super) root: Root,
}

/// `report`.
#[derive(Debug, clap::Args)]
pub(super) struct Report {
    /// The form: its id or its Chinese name (see `--list`)
    #[arg(required_unless_present = "list")]
    pub(super) form: Option<String>,
    /// The branch's id
    #[arg(long, value_name = "ID", required_unless_present = "list")]
    pub(super) branch: Option<String>,
    /// The year [default: this year]
    #[arg(long, value_name = "YEAR")]
    pub(super) year: Option<i16>,
    /// The rubric's id, where more than one assesses the branch in that year
    #[arg(long, value_name = "ID")]
    pub(super) rubric: Option<String>,
    /// The file to write; one that is there is left as it is [default: the standard output]
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<String>,
    /// List the forms
    #[arg(long, conflicts_with_all = ["form", "branch", "year", "rubric", "out"])]
    pub(super) list: bool,
    #[command(flatten)]
    pub(super) root: Root,
    #[command(flatten)]
    pub(super) as_of: AsOf,
}

/// `config`.
#[derive(Debug, clap::Args)]
pub(super) struct Config {
    /// Write Markdown tables, as the manual has them
    #[arg(long)]
    pub(super) markdown: bool,
}

/// Where releases are.
#[derive(Debug, clap::Args)]
pub(super) struct Releasing {
    /// The folder that holds the releases
    #[arg(long, value_name = "DIR")]
    to: String,
    /// What the web server serves: a link, or a plain folder that is there [default: the last one, else DIR/current]
    #[arg(long, value_name = "PATH")]
    live: Option<String>,
}

impl Releasing {
    /// Returns the options of publishing that say where.
    pub(super) fn options(&self) -> crate::publish::Options {
        let to = if self.to.is_empty() { ".".to_owned() } else { self.to.clone() };
        crate::publish::Options { to, live: self.live.clone(), ..Default::default() }
    }
}

/// What is published.
#[derive(Debug, clap::Args)]
pub(super) struct Published {
    /// The repository: a work tree, a bare repository or a git folder [default: this folder]
    #[arg(long, value_name = "DIR", default_value = ".", hide_default_value = true)]
    repository: String,
    /// The site's folder in the repository [default: its top]
    #[arg(long, value_name = "DIR", default_value = "", hide_default_value = true)]
    site: String,
    #[command(flatten)]
    releasing: Releasing,
    /// How many releases are kept [default: 5]
    #[arg(long, value_name = "N", default_value_t = crate::publish::KEEP, hide_default_value = true)]
    keep: usize,
}

impl Published {
    /// Returns the options of publishing.
    pub(super) fn options(&self) -> crate::publish::Options {
        crate::publish::Options {
            repository: self.repository.clone(),
            site: folder(&self.site),
            keep: self.keep,
            ..self.releasing.options()
        }
    }
}

/// `publish`.
#[derive(Debug, clap::Args)]
pub(super) struct Publish {
    #[command(flatten)]
    pub(super) what: Published,
    /// The branch, tag or commit [default: HEAD]
    #[arg(long, value_name = "REVISION", default_value = "HEAD", hide_default_value = true)]
    pub(super) revision: String,
    /// Publish a commit even if it was rolled back from
    #[arg(long)]
    pub(super) again: bool,
    #[command(flatten)]
    pub(super) as_of: AsOf,
    #[command(flatten)]
    pub(super) shown: Shown,
    /// Do what the hooks asked for
    #[arg(long, hide = true)]
    pub(super) queued: bool,
}

/// `rollback`.
#[derive(Debug, clap::Args)]
pub(super) struct Rollback {
    /// The release, or the beginning of its commit [default: the one before]
    pub(super) release: Option<String>,
    #[command(flatten)]
    pub(super) releasing: Releasing,
}

/// `releases`.
#[derive(Debug, clap::Args)]
pub(super) struct Releases {
    #[command(flatten)]
    pub(super) releasing: Releasing,
    /// Read every file again and compare its SHA-256
    #[arg(long)]
    pub(super) verify: bool,
}

/// `hook`.
#[derive(Debug, clap::Args)]
pub(super) struct Hook {
    #[command(subcommand)]
    pub(super) command: HookCommand,
}

/// What is done with hooks.
#[derive(Debug, Subcommand)]
pub(super) enum HookCommand {
    /// Write the hooks into a repository
    Install(Install),
    /// Check what is pushed; git runs this
    #[command(hide = true)]
    PreReceive(Received),
    /// Ask for a publish of what was pushed; git runs this
    #[command(hide = true)]
    PostReceive(Received),
}

/// `hook install`.
#[derive(Debug, clap::Args)]
pub(super) struct Install {
    #[command(flatten)]
    pub(super) what: Published,
    /// The branch that is published [default: the one the repository stands on]
    #[arg(long, value_name = "BRANCH")]
    pub(super) branch: Option<String>,
    /// Move hooks of others aside
    #[arg(long)]
    pub(super) force: bool,
}

/// `hook pre-receive` and `hook post-receive`.
#[derive(Debug, clap::Args)]
pub(super) struct Received {
    #[command(flatten)]
    pub(super) what: Published,
    /// The branch that is published
    #[arg(long, value_name = "BRANCH")]
    pub(super) branch: String,
}

/// `completions`.
#[derive(Debug, clap::Args)]
pub(super) struct Completions {
    /// bash, elvish, fish, powershell or zsh
    #[arg(value_enum, hide_possible_values = true)]
    pub(super) shell: clap_complete::Shell,
}

fn lang_value(word: &str) -> Result<Lang, String> {
    Lang::from_tag(word).ok_or_else(|| "zh, en".to_owned())
}

fn megabytes(word: &str) -> Result<usize, String> {
    word.parse().ok().filter(|n| (1..=100).contains(n)).ok_or_else(|| "1 - 100".to_owned())
}

fn day_value(word: &str) -> Result<jiff::civil::Date, String> {
    word.parse::<jiff::civil::Date>().map_err(|_| "write 2026-03-18".to_owned())
}

fn pause_value(word: &str) -> Result<std::time::Duration, String> {
    let seconds = word.parse().ok().filter(|s| (0.05..=3600.0).contains(s));
    seconds.map(std::time::Duration::from_secs_f64).ok_or_else(|| "0.05–3600".to_owned())
}

/// Chooses the language: `--lang`, then `BEILIN_LANG` and the locale, else Chinese.
pub(super) fn choose_lang(words: &[OsString], disk: &dyn Disk) -> Lang {
    let mut asked = None;
    let mut words = words.iter().map(|w| w.to_string_lossy()).take_while(|w| w != "--");
    while let Some(word) = words.next() {
        if word == "--lang" {
            asked = words.next().and_then(|w| Lang::from_tag(&w));
        } else if let Some(tag) = word.strip_prefix("--lang=") {
            asked = Lang::from_tag(tag);
        }
    }
    let locale =
        || ["BEILIN_LANG", "LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| Lang::from_tag(&disk.env(name)?));
    asked.or_else(locale).unwrap_or_default()
}

/// Returns the command line as clap knows it, in a language.
pub(super) fn command(lang: Lang) -> clap::Command {
    match lang {
        Lang::En => Args::command(),
        Lang::Zh => zh::localise(Args::command()),
    }
}

/// What is printed instead of running a command.
#[derive(Debug)]
pub(super) enum Instead {
    /// Help or version, as asked.
    Asked(String),
    /// What is wrong with the words.
    Wrong(Failure),
    /// No command was given: the help.
    Nothing(String),
}

/// Reads the words.
pub(super) fn parse(words: &[OsString], lang: Lang, paint: Paint) -> Result<Args, Instead> {
    let matches = command(lang).try_get_matches_from(words).map_err(|e| instead(&e, lang, paint))?;
    Args::from_arg_matches(&matches).map_err(|e| instead(&e, lang, paint))
}

fn instead(error: &clap::Error, lang: Lang, paint: Paint) -> Instead {
    let text = |text: clap::builder::StyledStr| match paint {
        Paint::Colour => text.ansi().to_string(),
        Paint::Plain => text.to_string(),
    };
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Instead::Asked(text(error.render())),
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            Instead::Nothing(text(command(lang).render_help()))
        }
        _ => Instead::Wrong(wrong(error)),
    }
}

/// Says what is wrong with the words in both languages; clap itself speaks English only.
fn wrong(error: &clap::Error) -> Failure {
    let get = |kind| error.get(kind).map(words_of).unwrap_or_default();
    let arg = get(ContextKind::InvalidArg);
    let arg = arg.split(" <").next().unwrap_or(&arg);
    let value = get(ContextKind::InvalidValue);
    let message = match error.kind() {
        ErrorKind::UnknownArgument => say!("没有 `{arg}` 这个选项", "unknown option `{arg}`"),
        ErrorKind::InvalidSubcommand => {
            let name = get(ContextKind::InvalidSubcommand);
            say!("没有 `{name}` 这个命令", "unknown command `{name}`")
        }
        ErrorKind::MissingRequiredArgument => {
            let missing = get(ContextKind::InvalidArg);
            say!("还要写 {missing}", "{missing} is missing")
        }
        ErrorKind::InvalidValue if value.is_empty() => say!("`{arg}` 后面要写值", "`{arg}` needs a value"),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            say!("`{arg}` 不能是 `{value}`", "`{arg}` cannot be `{value}`")
        }
        ErrorKind::TooManyValues | ErrorKind::WrongNumberOfValues | ErrorKind::TooFewValues => {
            say!("`{arg}` 的值的个数不对", "`{arg}` has the wrong number of values")
        }
        ErrorKind::ArgumentConflict => {
            say!("`{arg}` 只能写一次，或与别的选项不能同用", "`{arg}` is given twice or does not go with the others")
        }
        ErrorKind::InvalidUtf8 => say!("命令里有不是 Unicode 的字", "the command is not Unicode"),
        _ => {
            let text = error.to_string();
            let first = text.lines().next().unwrap_or("").trim_start_matches("error: ").to_owned();
            say!("命令看不懂：{first}", "{first}")
        }
    };
    Failure::Command(message, Some(way_out(error, arg)))
}

/// What to write instead: a near word, the words there are, or where help is.
fn way_out(error: &clap::Error, arg: &str) -> Say {
    for kind in [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue] {
        if let Some(near) = error.get(kind).map(words_of).filter(|w| !w.is_empty()) {
            return say!("是不是 `{near}`？", "did you mean `{near}`?");
        }
    }
    if let Some(all) = error.get(ContextKind::ValidValue).map(words_of).filter(|w| !w.is_empty()) {
        return say!("可写：{all}", "one of: {all}");
    }
    match arg.trim_start_matches('-') {
        "lang" => say!("可写：zh、en", "one of: zh, en"),
        "as-of" => say!("写成 2026-03-18", "write 2026-03-18"),
        "limit" => say!("写 0 到 10000 的数", "a number from 0 to 10000"),
        "offset" => say!("写 0 或更大的数", "0 or a larger number"),
        "listen" => say!("写地址和端口，如 127.0.0.1:8787", "an address and a port, such as 127.0.0.1:8787"),
        "every" => say!("写秒数，1 到 86400", "seconds, from 1 to 86400"),
        "body-limit" => say!("写 1 到 100 的数，单位是 MB", "a number of megabytes from 1 to 100"),
        "port" => say!("写 1 到 65535 的数", "a number from 1 to 65535"),
        "bind" => say!("写 IP 地址，如 127.0.0.1", "an IP address such as 127.0.0.1"),
        _ => say!(
            "`beilin --help` 列出全部命令，`beilin 命令 --help` 列出它的选项",
            "`beilin --help` lists the commands, `beilin COMMAND --help` their options"
        ),
    }
}

fn words_of(value: &ContextValue) -> String {
    match value {
        ContextValue::String(s) => s.clone(),
        ContextValue::Strings(all) => all.join(" "),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::Memory;

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn the_language_is_asked_for_else_the_systems_else_chinese() {
        let check = |line: &str, env: &[(&str, &str)], expected: Lang| {
            let disk = env.iter().fold(Memory::default(), |d, (k, v)| d.with_env(k, v));
            assert_eq!(choose_lang(&words(line), &disk), expected, "{line} {env:?}");
        };
        check("beilin build", &[], Lang::Zh);
        check("beilin build", &[("LANG", "en_US.UTF-8")], Lang::En);
        check("beilin build", &[("LANG", "en_US.UTF-8"), ("LC_ALL", "zh_CN.UTF-8")], Lang::Zh);
        check("beilin build", &[("LC_ALL", "C"), ("LANG", "en_GB")], Lang::En);
        check("beilin build", &[("LANG", "zh_CN"), ("BEILIN_LANG", "en")], Lang::En);
        check("beilin build --lang zh", &[("BEILIN_LANG", "en")], Lang::Zh);
        check("beilin --lang=en build", &[], Lang::En);
        check("beilin build", &[("LANG", "fr_FR.UTF-8")], Lang::Zh);
    }

    #[test]
    fn the_command_line_is_consistent_in_both_languages() {
        command(Lang::En).debug_assert();
        command(Lang::Zh).debug_assert();
    }

    #[test]
    fn every_help_text_is_there_in_chinese() {
        fn walk(command: &clap::Command) {
            let han = |text: Option<String>, of: &str| {
                let text = text.unwrap_or_default();
                assert!(text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{of}: {text}");
            };
            han(command.get_about().map(ToString::to_string), command.get_name());
            for arg in command.get_arguments() {
                han(arg.get_help().map(ToString::to_string), &format!("{} {}", command.get_name(), arg.get_id()));
            }
            command.get_subcommands().for_each(walk);
        }
        walk(&command(Lang::Zh));
    }

    #[test]
    fn help_is_in_the_readers_language() {
        for (lang, wanted) in [
            (Lang::Zh, ["用法：", "命令:", "选项:", "生成网站"]),
            (Lang::En, ["Usage:", "Commands:", "Options:", "Build the site"]),
        ] {
            let Err(Instead::Asked(text)) = parse(&words("beilin --help"), lang, Paint::Plain) else {
                panic!("help was asked for")
            };
            for word in wanted {
                assert!(text.contains(word), "{word} in\n{text}");
            }
        }
    }

    #[test]
    fn what_is_wrong_with_the_words_is_said_in_both_languages() {
        let check = |line: &str, zh: &str, en: &str, hint: &str| {
            let Err(Instead::Wrong(Failure::Command(message, Some(way)))) = parse(&words(line), Lang::Zh, Paint::Plain)
            else {
                panic!("{line} is wrong")
            };
            assert_eq!((message.zh.as_str(), message.en.as_str()), (zh, en), "{line}");
            assert!(way.zh.contains(hint), "{}", way.zh);
        };
        check("beilin biuld", "没有 `biuld` 这个命令", "unknown command `biuld`", "`build`");
        check("beilin build --rooot x", "没有 `--rooot` 这个选项", "unknown option `--rooot`", "`--root`");
        check("beilin new", "还要写 <KIND>", "<KIND> is missing", "--help");
        check("beilin build --as-of 明天", "`--as-of` 不能是 `明天`", "`--as-of` cannot be `明天`", "2026-03-18");
        check("beilin build --lang fr", "`--lang` 不能是 `fr`", "`--lang` cannot be `fr`", "zh、en");
        check("beilin eject rules", "`<WHAT>` 不能是 `rules`", "`<WHAT>` cannot be `rules`", "theme");
        check("beilin build --out", "`--out` 后面要写值", "`--out` needs a value", "--help");
    }

    #[test]
    fn folders_are_named_as_the_disk_names_them() {
        for (word, expected) in [
            ("", ""),
            (".", ""),
            ("./", ""),
            ("./a/", "a"),
            ("a/b", "a/b"),
            ("/", "/"),
            ("/a/", "/a"),
            ("../x", "../x"),
        ] {
            assert_eq!(folder(word), expected, "{word}");
        }
    }
}
