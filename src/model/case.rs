//! Cases and work methods (品牌案例、支部工作法): what a good one has, and what became of it.
//!
//! What a good one has is advice (1-03, 1-52): it is counted and shown, and nothing is refused for it. The
//! one thing told while building is a featured case (精选) that no record bears out.

use super::Site;
use super::kind::{Kind, Part};
use super::record::Record;
use super::schema::Values;
use crate::diagnostic::Diagnostic;
use crate::say;

/// The kind of record a practice may become.
const RULE: &str = "rule";

/// What was looked at in a case.
#[derive(Debug)]
pub struct Quality<'a> {
    /// The parts (五项), and which of their keys are there.
    pub parts: Vec<(&'a Part, Vec<bool>)>,
    /// The figures: what, and whether source and date are given.
    pub figures: Vec<(String, Option<String>, Option<String>)>,
    /// How many steps others can follow.
    pub steps: usize,
    /// The records it rests on: neither cases and stories nor the rule it became.
    pub evidence: Vec<usize>,
}

impl Quality<'_> {
    /// Returns how many parts are whole.
    pub fn whole(&self) -> usize {
        self.parts.iter().filter(|(_, keys)| keys.iter().all(|k| *k)).count()
    }

    /// Returns how many figures have both a source and a date.
    pub fn sourced(&self) -> usize {
        self.figures.iter().filter(|(_, source, date)| source.is_some() && date.is_some()).count()
    }
}

/// Looks at a case. `is_evidence` tells which of the records it names bear it out.
pub fn quality<'a>(kind: &'a Kind, r: &Record, is_evidence: impl Fn(usize) -> bool) -> Quality<'a> {
    let has = |key: &String| r.values.get(key).is_some() && (r.values.string(key).is_none_or(|t| !t.trim().is_empty()));
    let figure = |f: &Values| {
        let date = f.date("date").map(|d| d.start.iso()).or_else(|| f.string("date"));
        (f.string("label").unwrap_or_default(), f.string("source"), date)
    };
    Quality {
        parts: kind.gate.iter().map(|p| (p, p.keys.iter().map(has).collect())).collect(),
        figures: r.values.rows("figures").map(figure).collect(),
        steps: r.values.texts("steps").len().max(r.values.rows("steps").count()),
        evidence: r.related.iter().copied().filter(|i| Some(*i) != r.promoted_to && is_evidence(*i)).collect(),
    }
}

/// Tells whether records of a class bear a case out: not another case, nor a story told of it.
pub fn bears_out(class: &str) -> bool {
    !matches!(class, "case" | "story")
}

/// Warns of featured cases that no record bears out, and says what else is missing.
pub(super) fn check(site: &Site, out: &mut Vec<Diagnostic>) {
    for r in site.records.iter().filter(|r| r.values.flag("featured")) {
        let kind = site.kind(r);
        let quality = quality(kind, r, |i| bears_out(&site.kind(&site.records[i]).class));
        if kind.gate.is_empty() || !quality.evidence.is_empty() {
            continue;
        }
        let d = &site.docs[r.doc];
        let message = say!(
            "写明精选，没有一条佐证：`related` 和正文都没有连到一条会议、活动等记录",
            "featured, and borne out by nothing: neither `related` nor the text leads to a record of a meeting or an activity"
        );
        let mut missing: Vec<(String, String)> = Vec::new();
        for (part, keys) in &quality.parts {
            let absent: Vec<&str> =
                part.keys.iter().zip(keys).filter(|(_, has)| !**has).map(|(k, _)| k.as_str()).collect();
            if !absent.is_empty() {
                let absent = absent.join(", ");
                missing.push((format!("{}（{absent}）", part.label.zh), format!("{} ({absent})", part.label.en)));
            }
        }
        let bare = quality.figures.len() - quality.sourced();
        if bare > 0 {
            missing.push((format!("{bare} 个数字的来源或者日期"), format!("source or date of {bare} figures")));
        }
        if quality.steps == 0 {
            missing.push(("可推广的步骤（steps）".into(), "steps to repeat it (steps)".into()));
        }
        let zh = missing.iter().map(|m| m.0.as_str()).collect::<Vec<_>>().join("、");
        let en = missing.iter().map(|m| m.1.as_str()).collect::<Vec<_>>().join(", ");
        let hint = match missing.is_empty() {
            true => say!(
                "真实性（1-52）要有佐证：写上 related",
                "an authentic case (1-52) names its evidence: write `related`"
            ),
            false => say!(
                "真实性（1-52）要有佐证：写上 related；此外还没有：{zh}",
                "an authentic case (1-52) names its evidence: write `related`; also missing: {en}"
            ),
        };
        out.push(Diagnostic::warning("featured", &d.shown, r.values.span("featured"), message).hint(hint));
    }
}

/// Ties practices to the rules they became: `promoted_to` names a rule by id, by title, or by its title in 《》.
pub(super) fn promote(site: &mut Site, out: &mut Vec<Diagnostic>) {
    for i in 0..site.records.len() {
        let r = &site.records[i];
        let Some(item) = r.values.item("promoted_to") else { continue };
        let Some(word) = r.values.text("promoted_to").map(str::trim) else { continue };
        let by_id = site.record(word).filter(|to| *to != i);
        if let Some(other) = by_id.filter(|to| site.kind(&site.records[*to]).id != RULE) {
            let (title, kind) = (&site.records[other].title, &site.kind(&site.records[other]).label);
            let (zh, en) = (&kind.zh, &kind.en);
            let message = say!(
                "`{word}` 是《{title}》，属于{zh}，不是制度",
                "`{word}` is {title}, a record of kind {en}, not a rule"
            );
            let d = &site.docs[r.doc];
            let hint = say!("写制度的记录号或者名称", "name the rule by its id or title");
            out.push(Diagnostic::warning("not-a-rule", &d.shown, Some(item.span.clone()), message).hint(hint));
            continue;
        }
        let Some(to) = by_id.or_else(|| rule_called(site, word)) else { continue };
        site.records[i].promoted_to = Some(to);
        site.records[to].promoted_from.push(i);
    }
}

/// Finds the one rule of this title; two of a title are none.
fn rule_called(site: &Site, word: &str) -> Option<usize> {
    let quoted = word.strip_prefix('《').and_then(|rest| rest.split_once('》')).map(|(title, _)| title);
    let is_called = |r: &&Record| r.title == word || Some(r.title.as_str()) == quoted;
    let mut found = site.records.iter().filter(|r| site.kind(r).id == RULE).filter(is_called);
    let one = found.next()?;
    found.next().is_none().then(|| site.record(&one.id)).flatten()
}
