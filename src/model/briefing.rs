//! Numbers of briefings (简报期号): within a year one after another, and so the running number over all years
//! (domain §4.9). What is held may begin anywhere; between two that are held nothing may be missing.

use super::Site;
use super::date::ArchiveDate;
use super::ledger::shows_gaps;
use super::record::Record;
use crate::diagnostic::{Diagnostic, Say};
use crate::say;
use std::collections::BTreeMap;

/// Whose briefing it is: branch, organisation, editor.
type Series<'a> = (Option<usize>, Option<usize>, Option<&'a str>);

/// Warns of numbers that are there twice, stand in another order than the days, or leave others out.
pub(super) fn check(site: &Site, out: &mut Vec<Diagnostic>) {
    let mut series: BTreeMap<Series<'_>, Vec<&Record>> = BTreeMap::new();
    for r in site.records.iter().filter(|r| site.kind(r).class == "briefing" && r.values.int("issue").is_some()) {
        series.entry((r.branch, r.unit, r.values.text("editor"))).or_default().push(r);
    }
    for issues in series.values_mut() {
        issues.sort_by(|a, b| match (&a.date, &b.date) {
            (Some(x), Some(y)) => ArchiveDate::cmp_start(x, y),
            (x, y) => x.is_some().cmp(&y.is_some()),
        });
        for pair in issues.windows(2) {
            let [before, after] = pair else { continue };
            let number = |r: &Record, key: &str| r.values.int(key);
            if before.year() == after.year()
                && let (Some(a), Some(b)) = (number(before, "issue"), number(after, "issue"))
            {
                let what = say!("期号", "the issue");
                tell(site, (before, after), "issue", (a, b), &what, out);
            }
            if let (Some(a), Some(b)) = (number(before, "total_issue"), number(after, "total_issue")) {
                let what = say!("总期号", "the running number");
                tell(site, (before, after), "total_issue", (a, b), &what, out);
            }
        }
    }
}

fn tell(
    site: &Site,
    (before, after): (&Record, &Record),
    key: &str,
    (a, b): (i64, i64),
    what: &Say,
    out: &mut Vec<Diagnostic>,
) {
    let (zh, en) = (&what.zh, &what.en);
    let message = match b - a {
        1 => return,
        0 => say!("{zh} {b} 用过了", "{en} {b} is taken"),
        d if d < 0 => say!("{zh} {b} 比前一期的 {a} 小", "{en} {b} comes after {a}"),
        // Readers from whom records are withheld see gaps that are none.
        _ if !shows_gaps(site.options.audience) => return,
        d => {
            let n = d - 1;
            say!("{zh}从 {a} 跳到 {b}，缺 {n} 期", "{en} goes from {a} to {b}: {n} are missing")
        }
    };
    let hint =
        say!("核对原件上的期号；缺的补上，没出就改编号", "compare the paper: add what is missing, or mend the number");
    let (one, other) = (&site.docs[after.doc], &site.docs[before.doc]);
    out.push(
        Diagnostic::warning("briefing-number", &one.shown, after.values.span(key), message)
            .other(&other.shown, before.values.span(key), say!("前一期", "the one before"))
            .hint(hint),
    );
}
