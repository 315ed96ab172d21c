//! Reads programmes (创建方案) and rubrics (评定标准): every key into its type, every id looked up.

use super::{find_ref, newest, org_name, read_values, take_id, unique};
use crate::diagnostic::{Diagnostic, Say, did_you_mean};
use crate::model::kind::Kinds;
use crate::model::programme::{
    Assessment, By, Counted, Criterion, Dimension, Gate, Goal, Limit, Looks, Per, Programme, Role, Rubric, Stage, Step,
    Task,
};
use crate::model::schema::{FieldValue, Values};
use crate::model::{Site, What};
use crate::parse::Document;
use crate::rules::programme::{Rounding, Share};
use crate::say;
use std::collections::BTreeMap;

/// Reads the rubrics.
pub(super) fn read_rubrics(site: &mut Site, docs: &[usize], out: &mut Vec<Diagnostic>) {
    let mut read: Vec<(Rubric, Values)> = Vec::new();
    for &doc in docs {
        let v = read_values(site, doc, "rubric", out);
        let taken = read.iter().find(|(r, _)| Some(r.id.as_str()) == v.text("id")).map(|(r, _)| r.doc);
        let Some(id) = take_id(site, doc, &v, taken, out) else { continue };
        let d = &site.docs[doc];
        unique(&v, "dimensions", d, out);
        let mut seen: BTreeMap<String, ()> = BTreeMap::new();
        let mut dimensions = Vec::new();
        for row in v.rows("dimensions") {
            let mut criteria = Vec::new();
            for c in row.rows("criteria") {
                let cid = c.string("id").unwrap_or_default();
                if seen.insert(cid.clone(), ()).is_some() {
                    out.push(Diagnostic::error(
                        "duplicate-id",
                        &d.shown,
                        c.span("id"),
                        say!("条目编号 `{cid}` 在本标准里已经用过", "criterion id `{cid}` is taken in this rubric"),
                    ));
                }
                let evidence = kinds_of(c, "evidence", &site.kinds, d, out);
                criteria.push(Criterion {
                    title: c.string("title").unwrap_or_default(),
                    text: c.string("text"),
                    points: c.number("points"),
                    evidence,
                    same: Vec::new(),
                    declared: c.flag("declared"),
                    source: c.string("source"),
                    id: cid,
                });
            }
            dimensions.push(Dimension {
                id: row.string("id").unwrap_or_default(),
                title: row.string("title").unwrap_or_default(),
                text: row.string("text"),
                source: row.string("source"),
                criteria,
            });
        }
        let rubric = Rubric {
            doc,
            title: v.string("title").unwrap_or_else(|| id.clone()),
            version: v.string("version"),
            issuer: org_name(site, v.string("issuer")),
            date: v.date("date").cloned(),
            replaces: None,
            full: v.number("full"),
            pass: v.number("pass"),
            source: v.string("source"),
            dimensions,
            id,
        };
        read.push((rubric, v));
    }
    read.sort_by(|(a, _), (b, _)| newest(b.date.as_ref(), a.date.as_ref()).then_with(|| a.id.cmp(&b.id)));
    let ids: Vec<String> = read.iter().map(|(r, _)| r.id.clone()).collect();
    let criteria: Vec<(usize, String, String)> = read
        .iter()
        .enumerate()
        .flat_map(|(i, (r, _))| r.criteria().map(move |c| (i, c.id.clone(), format!("{}/{}", r.id, c.id))))
        .collect();
    for (i, (mut rubric, v)) in read.into_iter().enumerate() {
        let d = &site.docs[rubric.doc];
        rubric.replaces = v.text("replaces").and_then(|w| {
            find_ref(d, v.span("replaces"), w, say!("评定标准", "rubric"), ids.iter().map(String::as_str), out)
        });
        let rows = v.rows("dimensions").flat_map(|row| row.rows("criteria"));
        for (c, row) in rubric.dimensions.iter_mut().flat_map(|d| &mut d.criteria).zip(rows) {
            c.same = row
                .list("same")
                .iter()
                .filter_map(|item| {
                    let FieldValue::Text(word) = &item.value else { return None };
                    let known = criteria.iter().map(|(_, _, full)| full.as_str());
                    let at = find_ref(d, Some(item.span.clone()), word, say!("评定条目", "criterion"), known, out)?;
                    Some((criteria[at].0, criteria[at].1.clone()))
                })
                .collect();
        }
        site.what[rubric.doc] = What::Rubric(i);
        site.rubrics.push(rubric);
    }
}

/// Returns the kinds a list names; complains of unknown ones.
fn kinds_of(v: &Values, key: &str, kinds: &Kinds, d: &Document, out: &mut Vec<Diagnostic>) -> Vec<usize> {
    let kind = |item: &crate::model::schema::Item| {
        let FieldValue::Text(word) = &item.value else { return None };
        let kind = kinds.find(word);
        if kind.is_none() {
            out.push(
                Diagnostic::error(
                    "unknown-kind",
                    &d.shown,
                    Some(item.span.clone()),
                    say!("没有`{word}`这种记录", "unknown kind `{word}`"),
                )
                .hint_if(
                    did_you_mean(word, kinds.names()).map(|near| say!("是不是 `{near}`？", "did you mean `{near}`?")),
                ),
            );
        }
        kind
    };
    v.list(key).iter().filter_map(kind).collect()
}

/// Reads the programmes. `packs` are the ids of the site's rule packs.
pub(super) fn read_programmes(site: &mut Site, docs: &[usize], packs: &[String], out: &mut Vec<Diagnostic>) {
    let mut read: Vec<(Programme, Values)> = Vec::new();
    for &doc in docs {
        let v = read_values(site, doc, "programme", out);
        let taken = read.iter().find(|(p, _)| Some(p.id.as_str()) == v.text("id")).map(|(p, _)| p.doc);
        let Some(id) = take_id(site, doc, &v, taken, out) else { continue };
        let mut told = Told { d: &site.docs[doc], out };
        let programme = programme(site, doc, id, &v, packs, &mut told);
        read.push((programme, v));
    }
    read.sort_by(|(a, _), (b, _)| newest(b.date.as_ref(), a.date.as_ref()).then_with(|| a.id.cmp(&b.id)));
    let ids: Vec<String> = read.iter().map(|(p, _)| p.id.clone()).collect();
    for (p, v) in &mut read {
        let mut told = Told { d: &site.docs[p.doc], out };
        p.parent = told.find(v, "parent", say!("创建方案", "programme"), &ids);
    }
    cut_rings(site, &mut read, out);
    for (i, (p, _)) in read.into_iter().enumerate() {
        site.what[p.doc] = What::Programme(i);
        site.programmes.push(p);
    }
}

/// A plan derived from itself has no plan above it: the ring is told, and cut.
fn cut_rings(site: &Site, read: &mut [(Programme, Values)], out: &mut Vec<Diagnostic>) {
    for i in 0..read.len() {
        let (mut at, mut steps) = (i, 0);
        while let Some(up) = read[at].0.parent {
            (at, steps) = (up, steps + 1);
            if steps > read.len() {
                let (p, v) = &read[i];
                let id = &p.id;
                out.push(Diagnostic::error(
                    "ring",
                    &site.docs[p.doc].shown,
                    v.span("parent"),
                    say!("`{id}` 的上级方案绕成了一圈", "the plans `{id}` is derived from run in a ring"),
                ));
                read[i].0.parent = None;
                break;
            }
        }
    }
}

/// A file whose values are read, and where complaints go.
struct Told<'a, 'o> {
    d: &'a Document,
    out: &'o mut Vec<Diagnostic>,
}

impl Told<'_, '_> {
    fn complain(&mut self, v: &Values, key: &str, message: Say, hint: Say) {
        self.out.push(Diagnostic::error("bad-value", &self.d.shown, v.span(key), message).hint(hint));
    }

    fn find(&mut self, v: &Values, key: &str, what: Say, known: &[String]) -> Option<usize> {
        let word = v.text(key)?;
        find_ref(self.d, v.span(key), word, what, known.iter().map(String::as_str), self.out)
    }

    fn find_all(&mut self, v: &Values, key: &str, what: &Say, known: &[String]) -> Vec<usize> {
        let find = |item: &crate::model::schema::Item| {
            let FieldValue::Text(word) = &item.value else { return None };
            find_ref(self.d, Some(item.span.clone()), word, what.clone(), known.iter().map(String::as_str), self.out)
        };
        v.list(key).iter().filter_map(find).collect()
    }

    /// Reads a share between 0 and 1.
    fn share(&mut self, v: &Values, key: &str) -> Option<Share> {
        let number = v.number(key)?;
        let share = Share::of(number);
        if share.is_none() {
            self.complain(
                v,
                key,
                say!("比例应在 0 到 1 之间，这里是 {number}", "a share is between 0 and 1, not {number}"),
                say!("百分之十写作 0.1", "write ten per cent as 0.1"),
            );
        }
        share
    }

    /// Reads a count.
    fn count(&mut self, v: &Values, key: &str) -> Option<u64> {
        let number = v.int(key)?;
        let count = u64::try_from(number).ok();
        if count.is_none() {
            let hint = say!("改为 0 或正整数", "write 0 or a positive number");
            self.complain(v, key, say!("数目不能是负数：{number}", "a count cannot be negative: {number}"), hint);
        }
        count
    }
}

fn programme(site: &Site, doc: usize, id: String, v: &Values, packs: &[String], told: &mut Told<'_, '_>) -> Programme {
    // Catalogues hold by being there; that those it names are there is all there is to see to.
    let catalogues: Vec<String> = site.catalogues.iter().map(|c| c.id.clone()).collect();
    told.find_all(v, "catalogues", &say!("公开目录", "catalogue of disclosure"), &catalogues);
    let rubric_ids: Vec<String> = site.rubrics.iter().map(|r| r.id.clone()).collect();
    let org_ids: Vec<String> = site.organisations.iter().map(|o| o.id.clone()).collect();
    let rubric = say!("评定标准", "rubric");
    for key in ["stages", "limits", "targets", "gates"] {
        unique(v, key, told.d, told.out);
    }
    let quota = v.row("quota");
    if let Some(quota) = quota {
        told.share(quota, "max_share");
    }
    let stages = stages(v, &site.kinds, told);
    check_order(v, &stages, None, told);
    Programme {
        doc,
        title: v.string("title").unwrap_or_else(|| id.clone()),
        short: v.string("short"),
        issuer: org_name(site, v.string("issuer")),
        issuer_unit: v.text("issuer").and_then(|w| site.organisations.iter().position(|o| o.id == w || o.name == w)),
        docno: v.string("docno"),
        date: v.date("date").cloned(),
        from: v.date("from").cloned(),
        to: v.date("to").cloned(),
        scope: v.string("scope"),
        rubric: told.find(v, "rubric", rubric.clone(), &rubric_ids),
        rubrics: told.find_all(v, "rubrics", &rubric, &rubric_ids),
        packs: told
            .find_all(v, "packs", &say!("规则包", "rule pack"), packs)
            .into_iter()
            .map(|at| packs[at].clone())
            .collect(),
        source: v.string("source"),
        parent: None,
        unit: told.find(v, "unit", say!("党组织", "organisation"), &org_ids),
        honour: v.string("honour"),
        once: v.item("once").map(|_| v.flag("once")),
        topics: v.texts("topics"),
        basis: v
            .rows("basis")
            .map(|r| (r.string("rel").unwrap_or_default(), r.string("doc").unwrap_or_default()))
            .collect(),
        principles: v.texts("principles"),
        quota: quota.and_then(|q| q.string("text")),
        stages,
        steps: v.rows("steps").map(step).collect(),
        limits: v.rows("limits").filter_map(|r| limit(r, told)).collect(),
        targets: v.rows("targets").filter_map(|r| goal(r, told)).collect(),
        gates: v.rows("gates").filter_map(|r| gate(r, told)).collect(),
        assessment: v.row("assessment").map(|r| Assessment {
            pass: r.number("pass"),
            inclusive: r.get("inclusive").map(|_| r.flag("inclusive")),
            origins: r.texts("origins"),
            text: r.string("text"),
            source: r.string("source"),
        }),
        roles: v
            .rows("roles")
            .filter_map(|r| Some(Role { who: r.string("who")?, duty: r.string("duty")?, source: r.string("source") }))
            .collect(),
        channels: v.texts("channels"),
        archive: v.texts("archive"),
        disqualifiers: v.texts("disqualifiers"),
        id,
    }
}

fn step(r: &Values) -> Step {
    Step {
        title: r.string("title").unwrap_or_default(),
        by: r.string("by"),
        asks: r.string("asks"),
        event: r.string("event"),
        when: r.string("when"),
        source: r.string("source"),
    }
}

fn stages(v: &Values, kinds: &Kinds, told: &mut Told<'_, '_>) -> Vec<Stage> {
    let mut all = Vec::new();
    for r in v.rows("stages") {
        unique(r, "tasks", told.d, told.out);
        unique(r, "stages", told.d, told.out);
        all.push(Stage {
            id: r.string("id").unwrap_or_default(),
            title: r.string("title").unwrap_or_default(),
            from: r.date("from").cloned(),
            to: r.date("to").cloned(),
            when: r.string("when"),
            asks: r.texts("asks"),
            source: r.string("source"),
            tasks: r.rows("tasks").filter_map(|t| task(t, kinds, told)).collect(),
            stages: stages(r, kinds, told),
        });
    }
    all
}

fn task(r: &Values, kinds: &Kinds, told: &mut Told<'_, '_>) -> Option<Task> {
    let found = kinds_of(r, "kinds", kinds, told.d, told.out);
    Some(Task {
        id: r.string("id")?,
        text: r.string("text")?,
        by: match r.text("by")? {
            "branch" => By::Branch,
            "unit" => By::Unit,
            _ => By::Committee,
        },
        kinds: found.into_iter().map(|k| kinds.kinds[k].id.clone()).collect(),
        keywords: r.texts("keywords"),
        forms: r.texts("forms"),
        due: r.date("due").cloned(),
        when: r.string("when"),
        reading: r.string("reading"),
        min: told.count(r, "min").unwrap_or(1).max(1),
        source: r.string("source"),
    })
}

/// Stages follow each other: one that begins before the one above it, ends before it begins or leaves the
/// stage it is part of was mistyped. Masked dates are never held against anything.
fn check_order(v: &Values, stages: &[Stage], within: Option<&Stage>, told: &mut Told<'_, '_>) {
    let mut before: Option<&Stage> = None;
    for (row, stage) in v.rows("stages").zip(stages) {
        let (begin, last) = stage.window();
        let title = &stage.title;
        let mut complain = |key: &str, message: Say| {
            let hint = say!("请核对起止日期和先后次序", "check the dates and the order");
            told.out.push(Diagnostic::warning("stage-order", &told.d.shown, row.span(key), message).hint(hint));
        };
        if begin.is_some() && last.is_some() && last < begin {
            complain("to", say!("阶段“{title}”的结束早于开始", "stage `{title}` ends before it begins"));
        }
        if let Some(earlier) = before
            && let (Some(theirs), Some(ours)) = (earlier.window().0, begin)
            && ours < theirs
        {
            let earlier = &earlier.title;
            complain(
                "from",
                say!(
                    "阶段“{title}”的开始早于前一阶段“{earlier}”",
                    "stage `{title}` begins before `{earlier}`, which stands above it"
                ),
            );
        }
        if let Some(outer) = within
            && let (from, to) = outer.window()
            && (from.is_some_and(|f| begin.is_some_and(|b| b < f)) || to.is_some_and(|t| last.is_some_and(|l| l > t)))
        {
            let outer = &outer.title;
            complain(
                if begin.is_some() && begin < from { "from" } else { "to" },
                say!("分阶段“{title}”超出了所在阶段“{outer}”", "stage `{title}` leaves `{outer}`, which it is part of"),
            );
        }
        check_order(row, &stage.stages, Some(stage), told);
        before = Some(stage);
    }
}

fn limit(r: &Values, told: &mut Told<'_, '_>) -> Option<Limit> {
    let (min, max) = (told.count(r, "min"), told.count(r, "max"));
    if let (Some(min), Some(max)) = (min, max)
        && min > max
    {
        told.complain(
            r,
            "min",
            say!("至少 {min}，至多 {max}：下限大于上限", "at least {min} and at most {max}: no number is both"),
            say!("把两个数对调，或者改正其中一个", "swap them, or mend one"),
        );
    }
    if r.text("what") == Some("films") && r.texts("keywords").is_empty() {
        told.complain(
            r,
            "what",
            say!("数专题片要写明凭哪些词认它", "films are known by words, and none are given"),
            say!("如 keywords = [\"专题片\"]", "such as keywords = [\"专题片\"]"),
        );
    }
    Some(Limit {
        id: r.string("id")?,
        keywords: r.texts("keywords"),
        what: match r.text("what")? {
            "candidates" => Counted::Candidates,
            "brands" => Counted::Brands,
            "named" => Counted::Named,
            "recommended" => Counted::Recommended,
            _ => Counted::Films,
        },
        per: match r.text("per")? {
            "unit" => Per::Unit,
            "branch" => Per::Branch,
            _ => Per::Cohort,
        },
        min,
        max,
        share: told.share(r, "max_share"),
        rounding: r.text("rounding").and_then(Rounding::parse).unwrap_or_default(),
        from: r.date("from").cloned(),
        to: r.date("to").cloned(),
        text: r.string("text")?,
        source: r.string("source"),
        span: r.span("id"),
    })
}

fn goal(r: &Values, told: &mut Told<'_, '_>) -> Option<Goal> {
    let (share, planned) = (told.share(r, "share"), told.share(r, "planned"));
    Some(Goal {
        id: r.string("id")?,
        title: r.string("title")?,
        by: r.date("by")?.clone(),
        share: share?,
        planned,
        honour: r.string("honour")?,
        text: r.string("text")?,
        source: r.string("source"),
    })
}

fn gate(r: &Values, told: &mut Told<'_, '_>) -> Option<Gate> {
    let looks = match r.text("what")? {
        "honour" => Looks::Honour(r.string("honour").unwrap_or_default()),
        "grade" => Looks::Grade(r.texts("grades")),
        _ => Looks::Declared,
    };
    let lacks = match &looks {
        Looks::Honour(honour) if honour.is_empty() => Some("honour"),
        Looks::Grade(grades) if grades.is_empty() => Some("grades"),
        Looks::Honour(_) | Looks::Grade(_) | Looks::Declared => None,
    };
    if let Some(key) = lacks {
        told.complain(
            r,
            "what",
            say!("这一条件缺少 `{key}`", "this gate lacks `{key}`"),
            say!("写明 `{key}`，或改为 what = \"declared\"", "give `{key}`, or write what = \"declared\""),
        );
    }
    Some(Gate {
        id: r.string("id")?,
        from: r.date("from").cloned(),
        to: r.date("to").cloned(),
        looks,
        text: r.string("text")?,
        source: r.string("source"),
    })
}
