//! The sums of records and the standing of committees (核算), by the checks of the packs that hold.

use super::Site;
use super::branch::{Branch, Term};
use super::date::ArchiveDate;
use super::kind::Audience;
use super::meeting;
use super::pack::{self, Check, day_of};
use super::record::Record;
use crate::diagnostic::{Diagnostic, Say};
use crate::rules::cadence::{Day, Modality, Span};
use crate::rules::vote::{self, Sum};
use crate::say;
use serde::Serialize;
use std::ops::Range;

/// What a check found of a record or a branch.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// Pack and check.
    pub check: (usize, usize),
    /// What it was found of: an item of the agenda, a candidate.
    pub of: Option<String>,
    /// Whether it holds; `None` where a number is not recorded.
    pub holds: Option<bool>,
    /// The sum, in both languages.
    pub said: (String, String),
    #[serde(skip)]
    span: Option<Range<usize>>,
}

/// Returns what the packs' checks find of a record.
pub fn of_record(site: &Site, record: &Record) -> Vec<Finding> {
    let sort = record.branch.and_then(|b| site.branches[b].sort.as_deref());
    let day = record.date.as_ref().and_then(|d| d.start.earliest());
    let mut all = Vec::new();
    for p in pack::picked(site, sort) {
        for (c, check) in site.packs[p].checks.iter().enumerate() {
            let in_force = day.is_none_or(|d| check.force.holds(Span { from: d, to: d }));
            let of_type = check.types.is_empty() || sort.is_some_and(|s| check.types.iter().any(|t| t == s));
            let of_kind = check.kinds.is_empty() || check.kinds.contains(&record.kind);
            if in_force && of_type && of_kind {
                all.extend(by_check(record, check).into_iter().map(|(of, sum, key)| Finding {
                    check: (p, c),
                    of,
                    holds: sum.holds,
                    said: (sum.said.zh, sum.said.en),
                    span: record.values.span(key),
                }));
            }
        }
    }
    all
}

type Found = (Option<String>, Sum, &'static str);

fn by_check(r: &Record, check: &Check) -> Vec<Found> {
    match check.what.as_str() {
        "attendance" => attendance(r),
        "quorum" => quorum(r, check),
        "majority" => majority(r, check),
        "election-quorum" => election_quorum(r, check),
        "election-majority" => election_majority(r, check),
        "appraisal-share" => appraisal(r, check),
        // Of a branch, not of a record.
        _ => Vec::new(),
    }
}

fn attendance(r: &Record) -> Vec<Found> {
    let a = meeting::attendance(&r.values);
    let (Some(expected), Some(present)) = (a.expected, a.present) else { return Vec::new() };
    let absent = a.absent.len() as i64;
    let mut found = Vec::new();
    // Where nobody is listed absent and somebody is, the list is what is missing.
    if absent == 0 && expected > present {
        let what =
            say!("缺席名单（应到 {expected}，实到 {present}）", "the absent ({expected} expected, {present} present):");
        found.push((None, vote::unrecorded(&what), "present"));
    } else {
        found.push((None, vote::attendance(expected, present, absent), "present"));
    }
    if absent > 0 {
        let with_reason = a.absent.iter().filter(|a| a.reason.is_some()).count() as i64;
        found.push((None, vote::reasons(absent, with_reason), "absent"));
    }
    found
}

/// Returns the numbers a share is of: who should be there and who was.
fn turnout(r: &Record, of: Option<&str>) -> (Option<i64>, Option<i64>, &'static str) {
    let a = meeting::attendance(&r.values);
    match of {
        Some("voters_expected" | "voters_present") => (a.voters_expected, a.voters_present, "voters"),
        _ => (a.expected, a.present, "present"),
    }
}

fn quorum(r: &Record, check: &Check) -> Vec<Found> {
    let Some(share) = check.fraction() else { return Vec::new() };
    let (expected, present, key) = turnout(r, check.of.as_deref());
    let sum = match (expected, present) {
        (Some(expected), Some(present)) if expected > 0 => vote::quorum(present, expected, share),
        // A meeting without these numbers says nothing of them.
        _ if key == "voters" && meeting::agenda(&r.values).iter().all(|i| i.resolution.is_none()) => return Vec::new(),
        _ => vote::unrecorded(&numbers(key)),
    };
    vec![(None, sum, key)]
}

fn numbers(key: &str) -> Say {
    match key {
        "voters" => say!("有表决权的应到、实到人数", "the numbers of voters expected and present"),
        _ => say!("应到、实到人数", "the numbers expected and present"),
    }
}

fn majority(r: &Record, check: &Check) -> Vec<Found> {
    let Some(share) = check.fraction() else { return Vec::new() };
    let a = meeting::attendance(&r.values);
    let (base, present) = match check.of.as_deref() {
        Some("voters_present") => (a.voters_present, a.voters_present),
        Some("present") => (a.present, a.present),
        Some("expected") => (a.expected, a.present),
        _ => (a.voters_expected, a.voters_present),
    };
    let mut found = Vec::new();
    for item in meeting::agenda(&r.values) {
        let Some(resolution) = item.resolution else { continue };
        let Some(in_favour) = resolution.in_favour else { continue };
        let of = Some(item.title);
        let (Some(base), Some(present)) = (base, present) else {
            found.push((of, vote::unrecorded(&numbers("voters")), "agenda"));
            continue;
        };
        let (against, abstain) = (resolution.against.unwrap_or(0), resolution.abstain.unwrap_or(0));
        found.push((of.clone(), vote::votes(in_favour, against, abstain, present), "agenda"));
        match resolution.result.as_deref() {
            Some("通过") => found.push((of, vote::majority(in_favour, base, share, true), "agenda")),
            Some("未通过") => found.push((of, vote::majority(in_favour, base, share, false), "agenda")),
            // 缓议 is no result of the vote.
            _ => {}
        }
    }
    found
}

fn election_quorum(r: &Record, check: &Check) -> Vec<Found> {
    let (Some(share), Some(voters)) = (check.fraction(), r.values.row("voters")) else { return Vec::new() };
    if r.values.row("ballots").is_none() {
        return Vec::new();
    }
    let sum = match (voters.int("expected"), voters.int("present")) {
        (Some(expected), Some(present)) if expected > 0 => vote::quorum(present, expected, share),
        _ => vote::unrecorded(&numbers("voters")),
    };
    vec![(None, sum, "voters")]
}

fn election_majority(r: &Record, check: &Check) -> Vec<Found> {
    let (Some(share), Some(ballots)) = (check.fraction(), r.values.row("ballots")) else { return Vec::new() };
    let mut found = Vec::new();
    let number = |key: &str| ballots.int(key);
    if let (Some(issued), Some(returned), Some(valid), Some(invalid)) =
        (number("issued"), number("returned"), number("valid"), number("invalid"))
    {
        found.push((None, vote::ballots(issued, returned, valid, invalid), "ballots"));
    }
    let voters = r.values.row("voters");
    let base = match check.of.as_deref() {
        Some("voters_expected" | "expected") => voters.and_then(|v| v.int("expected")),
        _ => voters.and_then(|v| v.int("present")),
    };
    for (at, row) in r.values.rows("candidates").enumerate() {
        let (Some(base), Some(votes)) = (base, row.int("for")) else { continue };
        let n = at + 1;
        // By place in the list: a sum needs no name.
        found.push((Some(format!("{n}")), vote::majority(votes, base, share, row.flag("elected")), "candidates"));
    }
    found
}

fn appraisal(r: &Record, check: &Check) -> Vec<Found> {
    let (Some(share), Some(grade)) = (check.fraction(), check.grade.as_deref()) else { return Vec::new() };
    let tally = r.values.tally("grades");
    let Some(members) = r.values.int("members").filter(|_| !tally.is_empty()) else { return Vec::new() };
    let with_grade = tally.iter().find(|(g, _)| g == grade).map_or(0, |(_, n)| *n);
    let graded = tally.iter().map(|(_, n)| n).sum();
    let probationary = r.values.int("probationary").unwrap_or(0);
    vote::appraisal(grade, with_grade, graded, members, probationary, share).map(|sum| (None, sum, "grades")).into()
}

/// Returns what the packs' checks find of a branch on the day: its committee, its term, its vacancies.
pub fn of_branch(site: &Site, branch: &Branch) -> Vec<Finding> {
    let mut all = Vec::new();
    for (p, c) in checks_of(site, branch) {
        let check = &site.packs[p].checks[c];
        let found = match check.what.as_str() {
            "committee" => committee(site, branch, check),
            "term" => term(site, branch, check),
            "vacancy" => vacancies(site, branch, check),
            _ => Vec::new(),
        };
        all.extend(found.into_iter().map(|(of, sum)| Finding {
            check: (p, c),
            of,
            holds: sum.holds,
            said: (sum.said.zh, sum.said.en),
            span: None,
        }));
    }
    all
}

/// Returns when the present term of a branch ends (换届): by which check (pack, check), and the day.
pub fn terms_due(site: &Site, branch: &Branch) -> Vec<((usize, usize), Day)> {
    let Some(term) = current_term(branch, site.options.as_of) else { return Vec::new() };
    let due = |at: &(usize, usize)| {
        let check = &site.packs[at.0].checks[at.1];
        term_due(term, check.years.filter(|_| check.what == "term")?)
    };
    checks_of(site, branch).into_iter().filter_map(|at| Some((at, due(&at)?))).collect()
}

/// Returns the checks in force for an open branch on the day: pack and check.
fn checks_of(site: &Site, branch: &Branch) -> Vec<(usize, usize)> {
    let mut all = Vec::new();
    let today = day_of(site.options.as_of);
    if !branch.is_open() {
        return all;
    }
    for p in pack::of_branch(site, branch) {
        for (c, check) in site.packs[p].checks.iter().enumerate() {
            let is_own = |c: &Check| branch.sort.as_ref().is_some_and(|s| c.types.contains(s));
            // What a document says of this type of branch comes before what it says of all.
            let is_general =
                |c: &Check| c.types.is_empty() && !site.packs[p].checks.iter().any(|o| o.what == c.what && is_own(o));
            if !(is_own(check) || is_general(check)) || !check.force.holds(Span { from: today, to: today }) {
                continue;
            }
            all.push((p, c));
        }
    }
    all
}

/// Returns the committee of the day.
pub fn current_term(branch: &Branch, as_of: jiff::civil::Date) -> Option<&Term> {
    let today = day_of(as_of);
    let begun = |t: &&Term| t.from.as_ref().and_then(|d| d.start.earliest()).is_none_or(|f| f <= today);
    branch.terms.iter().find(begun)
}

fn committee(site: &Site, branch: &Branch, check: &Check) -> Vec<(Option<String>, Sum)> {
    let Some(least) = check.at_least else { return Vec::new() };
    let Some((full, _, _)) = branch.members else {
        return vec![(None, vote::unrecorded(&say!("正式党员人数", "the number of full members")))];
    };
    if full < least {
        return vec![(
            None,
            Sum {
                holds: Some(true),
                said: say!(
                    "正式党员 {full} < {least}，不要求设支委会",
                    "{full} full members < {least}: no committee is asked for"
                ),
            },
        )];
    }
    let posts = current_term(branch, site.options.as_of).map_or(0, |t| serving(t, site).len());
    let said = say!(
        "正式党员 {full} ≥ {least}；在册的现任支委 {posts} 人",
        "{full} full members ≥ {least}; {posts} committee posts on the roster"
    );
    vec![(None, Sum { holds: (posts > 0).then_some(true), said })]
}

fn serving<'a>(term: &'a Term, site: &Site) -> Vec<&'a super::branch::Post> {
    let today = day_of(site.options.as_of);
    let now = Span { from: today, to: today };
    term.posts.iter().filter(|p| pack::force(p.from.as_ref(), p.to.as_ref()).holds(now)).collect()
}

/// Returns the day a term is due to end: as recorded, or so many years after it began.
pub fn term_due(term: &Term, years: i64) -> Option<(i16, u8, u8)> {
    let due = |d: &ArchiveDate| d.end.unwrap_or(d.start).latest();
    let (y, m, d) = term.from.as_ref().and_then(due)?;
    let counted = i16::try_from(i64::from(y) + years).ok().map(|y| (y, m, d));
    match (term.to.as_ref().and_then(due), counted) {
        (Some(written), Some(counted)) => Some(written.min(counted)),
        (written, counted) => written.or(counted),
    }
}

fn term(site: &Site, branch: &Branch, check: &Check) -> Vec<(Option<String>, Sum)> {
    let Some(years) = check.years else { return Vec::new() };
    let Some(term) = current_term(branch, site.options.as_of) else {
        return vec![(None, vote::unrecorded(&say!("本届支委会起止", "when the present term began")))];
    };
    let Some(due) = term_due(term, years) else {
        return vec![(term.term.clone(), vote::unrecorded(&say!("本届起始日期", "when the present term began")))];
    };
    let today = day_of(site.options.as_of);
    let from = term.from.as_ref().map(|d| d.start.iso()).unwrap_or_default();
    let (y, m) = (due.0, due.1);
    let (holds, zh, en) = if today <= due {
        (true, "未届满", "not over")
    } else {
        (false, "已届满，未见换届记录", "over, and no election is recorded")
    };
    vec![(
        term.term.clone(),
        Sum {
            holds: Some(holds),
            said: say!(
                "自 {from} 起，每届 {years} 年，{y}年{m}月届满；{zh}",
                "from {from}, {years} years, until {y}-{m:02}: {en}"
            ),
        },
    )]
}

fn vacancies(site: &Site, branch: &Branch, check: &Check) -> Vec<(Option<String>, Sum)> {
    let Some(term) = current_term(branch, site.options.as_of) else { return Vec::new() };
    let serving: Vec<&str> = serving(term, site).iter().map(|p| p.post.as_str()).collect();
    let today = site.options.as_of;
    let mut found = Vec::new();
    for post in &term.posts {
        let Some(left) = post.to.as_ref().and_then(|d| d.start.civil().or_else(|| first_of_month(d))) else { continue };
        if left > today
            || serving.contains(&post.post.as_str())
            || found.iter().any(|(of, _)| *of == Some(post.post.clone()))
        {
            continue;
        }
        let days = left.until(today).map_or(0, |s| i64::from(s.get_days()));
        let since = post.to.as_ref().map(|d| d.start.iso()).unwrap_or_default();
        let holds = check.days.map(|most| days <= most);
        found.push((
            Some(post.post.clone()),
            Sum {
                holds: holds.filter(|h| *h).or(holds),
                said: say!("自 {since} 空缺，已 {days} 天", "vacant since {since}, {days} days"),
            },
        ));
    }
    if found.is_empty() {
        found.push((
            None,
            Sum { holds: Some(true), said: say!("在册职务均有人任职", "every post on the roster is held") },
        ));
    }
    found
}

fn first_of_month(date: &ArchiveDate) -> Option<jiff::civil::Date> {
    jiff::civil::Date::new(date.start.year()?, date.start.month? as i8, 1).ok()
}

/// Tells authors of sums that do not come out: by a rule that binds, with the sum. What is worded as usual
/// stays advice, on the page only.
pub(super) fn tell(site: &Site, out: &mut Vec<Diagnostic>) {
    if site.options.packs.is_empty() || site.options.audience < Audience::Unit {
        return;
    }
    for record in &site.records {
        for finding in of_record(site, record).iter().filter(|f| f.holds == Some(false)) {
            let pack = &site.packs[finding.check.0];
            let check = &pack.checks[finding.check.1];
            if check.modality != Modality::Must {
                continue;
            }
            let (zh, en) = &finding.said;
            let of = |open, close| finding.of.as_ref().map(|o| format!("{open}{o}{close}")).unwrap_or_default();
            let (title, of_zh, of_en) = (&check.title, of("（", "）"), of(" (", ")"));
            let (short, text) = (pack.short.as_deref().unwrap_or(&pack.title), &check.told.text);
            let mut told = Diagnostic::warning(
                "sum",
                &site.docs[record.doc].shown,
                finding.span.clone(),
                say!("{title}{of_zh}：{zh}", "{title}{of_en}: {en}"),
            );
            told = told.hint(say!(
                "规则：{short}，“{text}”；请核对原始记录，不要凑数",
                "rule: {short}, “{text}”; compare with the original record, do not make numbers fit"
            ));
            out.push(told);
        }
    }
}
