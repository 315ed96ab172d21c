//! The command line: the only code that knows a terminal.
//!
//! [`run`] reads the words ([`args`]), runs a command (one file each) and returns the exit code.
//! Diagnostics are drawn by [`report`]; nothing else in the crate prints.

mod answers;
mod args;
mod build;
mod check;
mod completions;
mod config;
mod due;
mod eject;
mod explain;
mod export;
mod fields;
mod follow;
mod hook;
mod init;
mod kinds;
mod man;
mod new;
mod progress;
mod publish;
mod releases;
mod report;
mod reports;
mod rollback;
mod search;
mod serve;

pub use answers::{Answers, Person};

use crate::diagnostic::{Error, Lang, Say, Severity};
use crate::disk::{Disk, Real};
use args::{Args, Color, Command, Instead};
use serde_json::{Value, json};
use std::ffi::OsString;
use std::io::{IsTerminal, Write};

/// All went well; warnings are well.
pub const FINE: u8 = 0;
/// The site has errors.
pub const ERRORS: u8 = 1;
/// The command was wrong, or the machine refused.
pub const REFUSED: u8 = 2;

/// Where a run writes, and who answers its questions.
pub struct Terminal<'a> {
    /// Results.
    pub out: &'a mut dyn Write,
    /// What a person should know.
    pub err: &'a mut dyn Write,
    /// Whether a person reads `out`.
    pub out_is_read: bool,
    /// Whether a person reads `err`.
    pub err_is_read: bool,
    /// Who answers questions; nobody where the input is not a terminal.
    pub answers: Option<&'a mut dyn Answers>,
}

/// Runs the command line of this process.
pub fn main() -> u8 {
    let (mut out, mut err, mut person) = (std::io::stdout(), std::io::stderr(), Person);
    let (out_is_read, err_is_read) = (out.is_terminal(), err.is_terminal());
    let answers = (std::io::stdin().is_terminal() && err_is_read).then_some(&mut person as &mut dyn Answers);
    run(std::env::args_os(), &Real, &mut Terminal { out: &mut out, err: &mut err, out_is_read, err_is_read, answers })
}

/// Runs a command line and returns the exit code: [`FINE`], [`ERRORS`] or [`REFUSED`].
pub fn run(words: impl IntoIterator<Item = OsString>, disk: &dyn Disk, terminal: &mut Terminal<'_>) -> u8 {
    let words: Vec<OsString> = words.into_iter().collect();
    let lang = args::choose_lang(&words, disk);
    let mut cli =
        Cli { disk, lang, json: false, quiet: false, paint_out: Paint::Plain, paint_err: Paint::Plain, terminal };
    cli.choose_paint(Color::Auto);
    match args::parse(&words, lang, cli.paint_out) {
        Ok(args) => cli.run(args),
        Err(Instead::Asked(text)) => {
            cli.say(&text);
            FINE
        }
        Err(Instead::Nothing(text)) => {
            cli.tell(&text);
            REFUSED
        }
        Err(Instead::Wrong(failure)) => cli.fail(&failure),
    }
}

/// Why a command did not do its work.
#[derive(Debug)]
enum Failure {
    /// The machine refused.
    Machine(Error),
    /// The command cannot be done as it was given; perhaps with the way out.
    Command(Say, Option<Say>),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Machine(error)
    }
}

impl Failure {
    /// Makes a failure of a command with the way out.
    fn of(message: Say, hint: Say) -> Failure {
        Failure::Command(message, Some(hint))
    }
}

/// What a command ends with: the exit code, or why not.
type Outcome = Result<u8, Failure>;

/// Whether colours are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Paint {
    /// Text only.
    Plain,
    /// With ANSI colours.
    Colour,
}

/// A way to set off a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    Bold,
    Red,
    Yellow,
    Blue,
}

impl Paint {
    /// Sets off a text.
    fn text(self, style: Style, text: &str) -> String {
        let code = match style {
            Style::Bold => "1",
            Style::Red => "1;91",
            Style::Yellow => "1;33",
            Style::Blue => "1;94",
        };
        match self {
            Paint::Plain => text.to_owned(),
            Paint::Colour => format!("\x1b[{code}m{text}\x1b[0m"),
        }
    }
}

/// A run: the machine, the terminal, and what all commands were told.
struct Cli<'a, 't> {
    disk: &'a dyn Disk,
    terminal: &'a mut Terminal<'t>,
    lang: Lang,
    json: bool,
    quiet: bool,
    paint_out: Paint,
    paint_err: Paint,
}

impl Cli<'_, '_> {
    fn run(&mut self, args: Args) -> u8 {
        (self.json, self.quiet) = (args.common.json, args.common.quiet);
        self.choose_paint(args.common.color);
        let outcome = match args.command {
            Command::Build(args) => build::run(self, &args),
            Command::Check(args) => check::run(self, &args),
            Command::New(args) => new::run(self, &args),
            Command::Init(args) => init::run(self, &args),
            Command::Serve(args) => serve::run(self, &args),
            Command::Search(args) => search::run(self, &args),
            Command::Follow(args) => follow::run(self, &args),
            Command::Due(args) => due::run(self, &args),
            Command::Explain(args) => explain::run(self, &args),
            Command::Eject(args) => eject::run(self, &args),
            Command::Kinds(args) => kinds::run(self, &args),
            Command::Config(args) => config::run(self, &args),
            Command::Report(args) => reports::run(self, &args),
            Command::Publish(args) => publish::run(self, &args),
            Command::Rollback(args) => rollback::run(self, &args),
            Command::Releases(args) => releases::run(self, &args),
            Command::Hook(args) => hook::run(self, &args),
            Command::Completions(args) => completions::run(self, &args),
            Command::Man => man::run(self),
        };
        outcome.unwrap_or_else(|failure| self.fail(&failure))
    }

    fn choose_paint(&mut self, color: Color) {
        let set = |name| self.disk.env(name).is_some_and(|v| !v.is_empty());
        // Old consoles of Windows print the codes; those that do not say so.
        let able = !cfg!(windows) || ["WT_SESSION", "TERM", "ANSICON", "ConEmuANSI"].into_iter().any(set);
        let wanted = able && !set("NO_COLOR") && self.disk.env("TERM").as_deref() != Some("dumb");
        let paint = |is_read: bool| match color {
            Color::Always => Paint::Colour,
            Color::Auto if wanted && is_read => Paint::Colour,
            Color::Auto | Color::Never => Paint::Plain,
        };
        (self.paint_out, self.paint_err) = (paint(self.terminal.out_is_read), paint(self.terminal.err_is_read));
    }

    /// Writes a result.
    fn say(&mut self, text: &str) {
        // A reader that has gone away (`| head`) wants no more.
        let _ = self.terminal.out.write_all(text.as_bytes()).and_then(|()| self.terminal.out.flush());
    }

    /// Writes a result for machines.
    fn say_json(&mut self, value: &Value) {
        self.say(&format!("{value:#}\n"));
    }

    /// Writes what a person should know.
    fn tell(&mut self, text: &str) {
        // Nobody is left to tell that nobody reads.
        let _ = self.terminal.err.write_all(text.as_bytes()).and_then(|()| self.terminal.err.flush());
    }

    /// Says why a command did not do its work.
    fn fail(&mut self, failure: &Failure) -> u8 {
        let (what, cause, hint) = match failure {
            Failure::Machine(error) => (&error.what, Some(error.cause.as_str()), None),
            Failure::Command(message, hint) => (message, None, hint.as_ref()),
        };
        if self.json {
            self.say_json(&json!({
                "ok": false,
                "error": { "message": what.zh, "message_en": what.en, "cause": cause, "hint": hint.map(|h| &h.zh), "hint_en": hint.map(|h| &h.en) },
            }));
            return REFUSED;
        }
        let mut text = report::title(Severity::Error, what.get(self.lang), self.lang, self.paint_err);
        if let Some(cause) = cause {
            text += &format!("  {cause}\n");
        }
        if let Some(hint) = hint {
            text += &report::way_out(hint.get(self.lang), 1, self.lang, self.paint_err);
        }
        self.tell(&text);
        REFUSED
    }
}

#[cfg(test)]
mod tests;
