//! `beilin due`: what falls due, from ledgers, programmes and catalogues of disclosure, soonest first.
//!
//! It goes by all records in the files, whoever they are for: the answer is for the person at this machine.

use super::args;
use super::{Cli, FINE, Outcome, Style};
use crate::build::{self, Input, Unwatched};
use crate::diagnostic::{Lang, Say};
use crate::model::due::{self, Duty, Origin};
use crate::model::query::Index;
use crate::rules::cadence::Day;
use crate::say;
use serde_json::json;

pub(super) fn run(cli: &mut Cli<'_, '_>, args: &args::Due) -> Outcome {
    let input = Input { root: args.root.folder(), out: None, as_of: args.as_of.as_of };
    let loaded = build::load_whole(cli.disk, &input, &Unwatched)?;
    let index = Index::new(&loaded.site);
    let last: Option<Day> = args.until.map(|d| (d.year(), d.month() as u8, d.day() as u8));
    let mut duties = due::duties(&loaded.site, &index);
    duties.retain(|d| last.is_none_or(|last| d.day <= last));
    let day = loaded.site.options.as_of.to_string();
    if cli.json {
        let due: Vec<_> = duties.iter().map(json_of).collect();
        let until = args.until.map(|d| d.to_string());
        cli.say_json(&json!({ "ok": true, "as_of": day, "until": until, "due": due }));
        return Ok(FINE);
    }
    let mut text = String::new();
    for duty in &duties {
        text += &line(cli, duty);
    }
    if duties.is_empty() && !cli.quiet {
        text = match cli.lang {
            Lang::Zh => format!("截至 {day} 没有待办。\n"),
            Lang::En => format!("Nothing falls due as of {day}.\n"),
        };
    }
    cli.say(&text);
    if !cli.quiet && !duties.is_empty() {
        let count = duties.len();
        let over = duties.iter().filter(|d| d.is_over).count();
        let told = say!(
            "{count} 项待办，其中期限已过、没有记录的 {over} 项。没有记录，不等于没有办。\n",
            "{count} due, {over} of them past and not recorded; which is not to say that they were not done.\n"
        );
        cli.tell(told.get(cli.lang));
    }
    // A site that does not say what it means has said less of what is due.
    let faults = loaded.diagnostics.iter().filter(|d| d.severity == crate::diagnostic::Severity::Error).count();
    if faults > 0 {
        let told = say!(
            "站点有 {faults} 处错误，待办可能不全；见 `beilin check`\n",
            "the site has {faults} errors, so this may not be all: see `beilin check`\n"
        );
        cli.tell(told.get(cli.lang));
    }
    Ok(FINE)
}

fn origin(origin: Origin) -> Say {
    match origin {
        Origin::Ledger => say!("台账", "ledger"),
        Origin::Programme => say!("方案", "programme"),
        Origin::Post => say!("公开", "post"),
        Origin::TakeDown => say!("撤下", "take down"),
        Origin::Term => say!("换届", "term"),
    }
}

fn line(cli: &Cli<'_, '_>, d: &Duty) -> String {
    let day = iso(d.day);
    let day = if d.is_over { cli.paint_out.text(Style::Yellow, &day) } else { day };
    let what = origin(d.origin);
    let count = d.count.map(|(n, of)| format!("  {n}/{of}")).unwrap_or_default();
    let past = match (d.is_over, cli.lang) {
        (false, _) => "",
        (true, Lang::Zh) => "  期限已过",
        (true, Lang::En) => "  past",
    };
    let (name, title, by) = (&d.name, &d.title, &d.by);
    let by = match cli.lang {
        Lang::Zh => format!("（{by}）"),
        Lang::En => format!(" ({by})"),
    };
    format!("{day}  {}  {name}  {title}{count}{by}{past}\n", what.get(cli.lang))
}

fn json_of(d: &Duty) -> serde_json::Value {
    json!({
        "day": iso(d.day),
        "from": d.from.map(iso),
        "origin": d.origin.word(),
        "who": d.who,
        "name": d.name,
        "title": d.title,
        "count": d.count.map(|(n, _)| n),
        "min": d.count.map(|(_, of)| of),
        "by": d.by,
        "id": d.id,
        "past": d.is_over,
    })
}

/// A day in figures; the last of a month may stand as its 31st.
fn iso((year, month, day): Day) -> String {
    let day = day.min(crate::rules::programme::days_in(year, month));
    format!("{year:04}-{month:02}-{day:02}")
}
