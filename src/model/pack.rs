//! Rule packs (规则包) as read: what a document asks to be recorded, and which sums it lays down.
//!
//! A pack is a file of `content/packs/`, or one that comes with the tool; a file with the id of a
//! shipped pack stands in its place. Sources: domain §1.5; each rule names its own row.

use super::Site;
use super::branch::{Branch, Organisation};
use super::date::ArchiveDate;
use super::kind::Kinds;
use super::schema::{FieldValue, Values};
use crate::config::Pick;
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::parse::Document;
use crate::rules::cadence::{self, Day, Modality, Period, Span, Want};
use crate::rules::vote::Share;
use crate::say;
use serde::{Deserialize, Serialize};

/// A rule pack.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Pack {
    /// The document it was read from; absent for a shipped one.
    pub doc: Option<usize>,
    /// The id.
    pub id: String,
    /// The title.
    pub title: String,
    /// A short title.
    pub short: Option<String>,
    /// Who issued the document.
    pub issuer: Option<String>,
    /// The document's number (文号).
    pub docno: Option<String>,
    /// The date of the document.
    pub date: Option<ArchiveDate>,
    /// Where the document is from.
    pub source: Option<String>,
    /// What it is about.
    pub summary: Option<String>,
    /// What is to be recorded, and how often.
    pub rules: Vec<Rule>,
    /// Which sums are laid down.
    pub checks: Vec<Check>,
}

/// Whom a rule binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Per {
    /// 每个支部.
    Branch,
    /// 每个党小组.
    Group,
    /// 每个上级党组织.
    Organisation,
    /// 每人: counted by branch, never by name.
    Person,
    /// 每对谈话对象, by kind of pair.
    Pair,
}

/// A rule of cadence: what is to be recorded how often.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Rule {
    /// The id within the pack.
    pub id: String,
    /// The title.
    pub title: String,
    /// The kinds of record that count.
    pub kinds: Vec<usize>,
    /// Whom it binds.
    pub per: Per,
    /// How often.
    pub period: Period,
    /// How much, and how it is worded.
    pub want: Want,
    /// How the whole is spread: a shorter period, and at least so many in it.
    pub split: Option<(Period, u32)>,
    /// The post of the lecturer.
    pub lecturer: Option<String>,
    /// The forms that count; all if empty.
    pub forms: Vec<String>,
    /// Keywords of which one must be there; none if empty.
    pub keywords: Vec<String>,
    /// The kinds of pair.
    pub pairs: Vec<String>,
    /// Whether it applies only to branches with a committee (设有支委会).
    pub needs_committee: bool,
    /// When it is in force.
    pub force: Span,
    /// Where it comes from.
    pub told: Told,
}

/// A sum a document lays down (核算).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Check {
    /// The id within the pack.
    pub id: String,
    /// The title.
    pub title: String,
    /// What is checked, in the words of the schema.
    pub what: String,
    /// The kinds of record; those the check is made for if empty.
    pub kinds: Vec<usize>,
    /// The types of branch; all if empty.
    pub types: Vec<String>,
    /// What the share is of.
    pub of: Option<String>,
    /// The share.
    pub share: Option<f64>,
    /// Whether the share itself suffices.
    pub inclusive: bool,
    /// A number of people.
    pub at_least: Option<i64>,
    /// A number of years.
    pub years: Option<i64>,
    /// A number of days.
    pub days: Option<i64>,
    /// A grade.
    pub grade: Option<String>,
    /// How it is worded.
    pub modality: Modality,
    /// When it is in force.
    pub force: Span,
    /// Where it comes from.
    pub told: Told,
}

/// Where a rule comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The source sentence.
    pub text: String,
    /// The article.
    pub basis: Option<String>,
    /// The row of the source.
    pub source: Option<String>,
    /// How the sentence is read, where it can be read in two ways.
    pub note: Option<String>,
}

impl Check {
    /// Returns the share as a fraction.
    pub fn fraction(&self) -> Option<Share> {
        self.share.map(|s| Share::of(s, self.inclusive))
    }
}

impl Rule {
    /// Tells whether another rule is about the same thing: then they agree, or differ.
    pub fn is_about(&self, other: &Rule) -> bool {
        (&self.kinds, self.per, &self.lecturer, &self.forms, &self.keywords, &self.pairs)
            == (&other.kinds, other.per, &other.lecturer, &other.forms, &other.keywords, &other.pairs)
    }

    /// Tells whether another rule asks for the same in the same measure.
    pub fn agrees(&self, other: &Rule) -> bool {
        let measure = |r: &Rule| (r.period, r.want.min, r.want.max, r.split, r.force);
        self.is_about(other) && measure(self) == measure(other)
    }
}

/// Returns the days a date begins and ends a time with.
pub fn force(from: Option<&ArchiveDate>, to: Option<&ArchiveDate>) -> Span {
    Span::of(from.and_then(|d| d.start.earliest()), to.and_then(|d| d.end.unwrap_or(d.start).latest()))
}

/// Reads a pack's values; `None` without an id.
pub(super) fn read(d: &Document, v: &Values, kinds: &Kinds, out: &mut Vec<Diagnostic>) -> Option<Pack> {
    let whole = force(v.date("from"), v.date("to"));
    let reader = Reader { d, kinds, whole };
    Some(Pack {
        doc: None,
        id: v.string("id")?,
        title: v.string("title").unwrap_or_default(),
        short: v.string("short"),
        issuer: v.string("issuer"),
        docno: v.string("docno"),
        date: v.date("date").cloned(),
        source: v.string("source"),
        summary: v.string("summary"),
        rules: v.rows("rules").filter_map(|r| reader.rule(r, out)).collect(),
        checks: v.rows("checks").filter_map(|r| reader.check(r, out)).collect(),
    })
}

struct Reader<'a> {
    d: &'a Document,
    kinds: &'a Kinds,
    whole: Span,
}

impl Reader<'_> {
    fn rule(&self, r: &Values, out: &mut Vec<Diagnostic>) -> Option<Rule> {
        let number = |key: &str, out: &mut Vec<Diagnostic>| self.number(r, key, out);
        let want = Want { min: number("min", out), max: number("max", out), modality: modality(r) };
        if let (Some(min), Some(max)) = (want.min, want.max)
            && min > max
        {
            out.push(Diagnostic::error(
                "bad-value",
                &self.d.shown,
                r.span("max"),
                say!("至多 {max} 比至少 {min} 还小", "at most {max} is less than at least {min}"),
            ));
        }
        let split = r.row("split").and_then(|s| Some((period(s.text("period")?)?, self.number(s, "min", out)?)));
        Some(Rule {
            id: r.string("id")?,
            title: r.string("title")?,
            kinds: self.kinds_of(r, out),
            per: match r.text("per")? {
                "group" => Per::Group,
                "organisation" => Per::Organisation,
                "person" => Per::Person,
                "pair" => Per::Pair,
                _ => Per::Branch,
            },
            period: self.period(r, out)?,
            want,
            split,
            lecturer: r.string("lecturer"),
            forms: r.texts("forms"),
            keywords: r.texts("keywords"),
            pairs: r.texts("pairs"),
            needs_committee: r.text("needs") == Some("committee"),
            force: self.force(r)?,
            told: told(r),
        })
    }

    fn check(&self, r: &Values, out: &mut Vec<Diagnostic>) -> Option<Check> {
        let what = r.string("what")?;
        let wants: &[&str] = match what.as_str() {
            "quorum" | "majority" | "election-quorum" | "election-majority" => &["share"],
            "appraisal-share" => &["share", "grade"],
            "committee" => &["at_least"],
            "term" => &["years"],
            _ => &[],
        };
        for key in wants.iter().filter(|k| r.get(k).is_none()) {
            out.push(Diagnostic::error(
                "missing-key",
                &self.d.shown,
                r.span("what"),
                say!("`{what}` 这种核算要写 `{key}`", "a check `{what}` needs `{key}`"),
            ));
        }
        if let Some(share) = r.number("share").filter(|s| !(0.0..=1.0).contains(s)) {
            out.push(Diagnostic::error(
                "bad-value",
                &self.d.shown,
                r.span("share"),
                say!("比例应在 0 到 1 之间，这里是 {share}", "a share lies between 0 and 1, not {share}"),
            ));
        }
        Some(Check {
            id: r.string("id")?,
            title: r.string("title")?,
            kinds: self.kinds_of(r, out),
            types: r.texts("types"),
            of: r.string("of"),
            share: r.number("share"),
            inclusive: r.flag("inclusive"),
            at_least: r.int("at_least"),
            years: r.int("years"),
            days: r.int("days"),
            grade: r.string("grade"),
            modality: modality(r),
            force: self.force(r)?,
            told: told(r),
            what,
        })
    }

    fn number(&self, r: &Values, key: &str, out: &mut Vec<Diagnostic>) -> Option<u32> {
        let n = r.int(key)?;
        if !(0..=1000).contains(&n) {
            out.push(Diagnostic::error(
                "bad-value",
                &self.d.shown,
                r.span(key),
                say!("`{key}` 应在 0 到 1000 之间，这里是 {n}", "`{key}` should be between 0 and 1000, not {n}"),
            ));
        }
        u32::try_from(n.clamp(0, 1000)).ok()
    }

    /// A rule is in force while both it and its pack are.
    fn force(&self, r: &Values) -> Option<Span> {
        self.whole.and(force(r.date("from"), r.date("to")))
    }

    fn period(&self, r: &Values, out: &mut Vec<Diagnostic>) -> Option<Period> {
        let word = r.text("period")?;
        if word != "window" {
            return period(word);
        }
        let found = r.text("window").and_then(cadence::window);
        if found.is_none() {
            out.push(
                Diagnostic::error(
                    "bad-value",
                    &self.d.shown,
                    r.span("window").or(r.span("period")),
                    say!("每年某段时间要写起止月日", "a window in the year needs its first and last month and day"),
                )
                .hint(say!("如 window = \"10-21/11-10\"", "such as window = \"10-21/11-10\"")),
            );
        }
        found
    }

    fn kinds_of(&self, r: &Values, out: &mut Vec<Diagnostic>) -> Vec<usize> {
        let mut found = Vec::new();
        for item in r.list("kinds") {
            let FieldValue::Text(word) = &item.value else { continue };
            match self.kinds.find(word) {
                Some(kind) => found.push(kind),
                None => out.push(
                    Diagnostic::error(
                        "unknown-kind",
                        &self.d.shown,
                        Some(item.span.clone()),
                        say!("没有`{word}`这种记录", "unknown kind `{word}`"),
                    )
                    .hint_if(
                        did_you_mean(word, self.kinds.names())
                            .map(|near| say!("是不是 `{near}`？", "did you mean `{near}`?")),
                    ),
                ),
            }
        }
        found.sort_unstable();
        found
    }
}

fn period(word: &str) -> Option<Period> {
    Some(match word {
        "month" => Period::Month,
        "quarter" => Period::Quarter,
        "half" => Period::Half,
        "year" => Period::Year,
        "irregular" => Period::Irregular,
        _ => return None,
    })
}

fn modality(r: &Values) -> Modality {
    match r.text("modality") {
        Some("normally") => Modality::Normally,
        Some("encouraged") => Modality::Encouraged,
        _ => Modality::Must,
    }
}

fn told(r: &Values) -> Told {
    Told {
        text: r.string("text").unwrap_or_default(),
        basis: r.string("basis"),
        source: r.string("source"),
        note: r.string("note"),
    }
}

/// Returns the packs that hold for a type of branch or organisation, in the order they are picked.
pub fn picked(site: &Site, sort: Option<&str>) -> Vec<usize> {
    let holds = |p: &&Pick| p.types.is_empty() || sort.is_some_and(|s| p.types.iter().any(|t| t == s));
    let mut all = Vec::new();
    for id in site.options.packs.iter().filter(holds).flat_map(|p| &p.packs) {
        if let Some(at) = site.packs.iter().position(|p| p.id == id.0)
            && !all.contains(&at)
        {
            all.push(at);
        }
    }
    all
}

/// Returns the packs that hold for a branch.
pub fn of_branch(site: &Site, branch: &Branch) -> Vec<usize> {
    picked(site, branch.sort.as_deref())
}

/// Returns the packs that hold for an organisation.
pub fn of_organisation(site: &Site, organisation: &Organisation) -> Vec<usize> {
    picked(site, organisation.sort.as_deref())
}

/// Two rules of packs that hold together and ask for the same thing in another measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Conflict {
    /// Pack and rule.
    pub a: (usize, usize),
    /// Pack and rule.
    pub b: (usize, usize),
}

/// Returns the rules that differ among packs that hold for the same branch or organisation.
pub fn conflicts(site: &Site) -> Vec<Conflict> {
    let branches = site.branches.iter().map(|b| of_branch(site, b));
    let mut sets: Vec<Vec<usize>> =
        branches.chain(site.organisations.iter().map(|o| of_organisation(site, o))).collect();
    sets.sort();
    sets.dedup();
    let mut found = Vec::new();
    for set in sets {
        let rules: Vec<(usize, usize)> =
            set.iter().flat_map(|p| (0..site.packs[*p].rules.len()).map(|r| (*p, r))).collect();
        let rule = |at: (usize, usize)| &site.packs[at.0].rules[at.1];
        for (i, a) in rules.iter().enumerate() {
            for b in &rules[i + 1..] {
                let (one, other) = (rule(*a), rule(*b));
                if a.0 != b.0 && one.is_about(other) && !one.agrees(other) && one.force.and(other.force).is_some() {
                    found.push(Conflict { a: *a, b: *b });
                }
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

/// A day as numbers.
pub fn day_of(date: jiff::civil::Date) -> Day {
    (date.year(), date.month() as u8, date.day() as u8)
}
