//! What falls due (待办), from wherever it comes: ledgers, programmes, disclosure. One list for the command
//! line and for calendars. It tells what is not recorded yet; that something was not done it never says.

use super::Site;
use super::branch::Branch;
use super::campaign::{self, StageOn};
use super::disclosure;
use super::ledger;
use super::pack::day_of;
use super::query::Index;
use super::sums;
use crate::rules::cadence::Day;
use crate::rules::programme::Standing;
use serde::Serialize;

/// Where something comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Origin {
    /// 台账: a rule of a pack asks for a record.
    Ledger,
    /// 方案: a task of a programme.
    Programme,
    /// 公开: an item of a catalogue is to be posted.
    Post,
    /// 撤下: a posting comes to its last day.
    TakeDown,
    /// 换届: a committee's term ends.
    Term,
}

impl Origin {
    /// Returns the word used in data.
    pub fn word(self) -> &'static str {
        match self {
            Origin::Ledger => "ledger",
            Origin::Programme => "programme",
            Origin::Post => "post",
            Origin::TakeDown => "take-down",
            Origin::Term => "term",
        }
    }
}

/// Something that falls due.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Duty {
    /// The last day that is in time.
    pub day: Day,
    /// Where it comes from.
    pub origin: Origin,
    /// Whose it is, by id; empty for a body that is no organisation of the site.
    pub who: String,
    /// The name of the same.
    pub name: String,
    /// What.
    pub title: String,
    /// The first day of the time it belongs to.
    pub from: Option<Day>,
    /// How much is recorded, of how much.
    pub count: Option<(u32, u32)>,
    /// What asks for it: pack, programme or catalogue.
    pub by: String,
    /// Its id in what asks for it.
    pub id: String,
    /// Whether the day is past.
    pub is_over: bool,
}

/// Returns all that falls due, soonest first. Of what is past, it tells what belongs to this year.
pub fn duties(site: &Site, index: &Index) -> Vec<Duty> {
    sorted(of_ledgers(site, index).into_iter().chain(beside_ledgers(site)).collect())
}

/// Returns what falls due and no ledger asks for, in the same order.
pub fn beside_ledgers(site: &Site) -> Vec<Duty> {
    sorted(of_programmes(site).into_iter().chain(of_disclosure(site)).chain(of_terms(site)).collect())
}

fn sorted(mut all: Vec<Duty>) -> Vec<Duty> {
    all.sort();
    all.dedup();
    all
}

fn of_ledgers(site: &Site, index: &Index) -> Vec<Duty> {
    let mut all = Vec::new();
    for (b, branch) in site.branches.iter().enumerate().filter(|(_, b)| b.is_open()) {
        for due in ledger::due(site, index, b) {
            let pack = &site.packs[due.rule.0];
            let rule = &pack.rules[due.rule.1];
            let subject = due.subject.as_ref().map(|s| format!("（{}）", s.1)).unwrap_or_default();
            let who = due.subject.as_ref().map(|s| format!("-{}", s.0)).unwrap_or_default();
            all.push(Duty {
                day: due.span.to,
                origin: Origin::Ledger,
                who: branch.id.clone(),
                name: branch.short.as_deref().unwrap_or(&branch.name).to_owned(),
                title: format!("{}{subject}", rule.title),
                from: Some(due.span.from),
                count: Some(due.count),
                by: pack.short.as_deref().unwrap_or(&pack.title).to_owned(),
                id: format!("{}-{}{who}", pack.id, rule.id),
                is_over: false,
            });
        }
    }
    all
}

fn of_terms(site: &Site) -> Vec<Duty> {
    let today = day_of(site.options.as_of);
    let of = |branch: &Branch| -> Vec<Duty> {
        let duty = |((p, c), day): ((usize, usize), Day)| {
            let (pack, check) = (&site.packs[p], &site.packs[p].checks[c]);
            Duty {
                day,
                origin: Origin::Term,
                who: branch.id.clone(),
                name: branch.short.as_deref().unwrap_or(&branch.name).to_owned(),
                title: check.title.clone(),
                from: None,
                count: None,
                by: pack.short.as_deref().unwrap_or(&pack.title).to_owned(),
                id: format!("{}-{}", pack.id, check.id),
                is_over: day < today,
            }
        };
        sums::terms_due(site, branch).into_iter().map(duty).collect()
    };
    site.branches.iter().flat_map(of).collect()
}

fn of_programmes(site: &Site) -> Vec<Duty> {
    let mut all = Vec::new();
    for (at, programme) in site.programmes.iter().enumerate() {
        let title = programme.short.as_deref().unwrap_or(&programme.title);
        let campaign = campaign::campaign(site, at);
        of_stages(site, (&programme.id, title), &campaign.stages, &mut all);
    }
    all
}

fn of_stages(site: &Site, programme: (&str, &str), stages: &[StageOn<'_>], all: &mut Vec<Duty>) {
    let year = site.options.as_of.year();
    for stage in stages {
        for task in &stage.tasks {
            let Some(due) = task.due.read else { continue };
            for filer in &task.filers {
                let is_over = match filer.standing {
                    Some(Standing::NotYet) => false,
                    Some(Standing::Overdue) if due.last.0 == year => true,
                    _ => continue,
                };
                all.push(Duty {
                    day: due.last,
                    origin: Origin::Programme,
                    who: filer.who.id.to_owned(),
                    name: filer.who.name.to_owned(),
                    title: task.task.text.clone(),
                    from: due.from,
                    count: None,
                    by: programme.1.to_owned(),
                    id: format!("{}-{}", programme.0, task.task.id),
                    is_over,
                });
            }
        }
        of_stages(site, programme, &stage.stages, all);
    }
}

fn of_disclosure(site: &Site) -> Vec<Duty> {
    let today = day_of(site.options.as_of);
    let owed = disclosure::owed(site).into_iter().map(|o| Duty {
        day: o.span.to,
        origin: Origin::Post,
        who: o.who.id.to_owned(),
        name: o.who.name.to_owned(),
        title: o.item.title.clone(),
        from: Some(o.span.from),
        count: Some((0, 1)),
        by: o.catalogue.1.to_owned(),
        id: format!("{}-{}", o.catalogue.0, o.item.id),
        is_over: o.is_over,
    });
    let ending = disclosure::ending(site).into_iter().filter_map(|(r, day)| {
        let posting = disclosure::posting(site, r)?;
        let record = &site.records[r];
        let (who, name) = posting.who.map_or(("", ""), |w| (w.id, w.name));
        // The title of a posting may name somebody; what outlives it does not.
        let kind = site.kind(record).label.get(site.options.lang);
        let title = posting.item.map_or(kind, |(i, _)| i.title.as_str());
        Some(Duty {
            day,
            origin: Origin::TakeDown,
            who: who.to_owned(),
            name: name.to_owned(),
            title: title.to_owned(),
            from: posting.posted.and_then(|d| d.start.earliest()),
            count: None,
            by: posting.item.map_or(kind, |(_, c)| c).to_owned(),
            id: record.id.clone(),
            is_over: day < today,
        })
    });
    owed.chain(ending).collect()
}
