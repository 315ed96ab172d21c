//! Holds what files say of honours against the life of an honour, against each other and against the
//! programmes. Each message states two facts and the rule; nothing here says what is to be decided.

use super::{Draft, Event};
use crate::diagnostic::{Diagnostic, Say};
use crate::model::Site;
use crate::rules::cadence::Span;
use crate::rules::life::{self, Advice, Breach, Fact, State, Step};
use crate::say;
use std::collections::BTreeMap;
use std::ops::Range;

/// What a programme asks of those it names.
pub(in crate::model) struct Terms {
    /// Whether a branch is named once (不重复命名); absent where the programme says nothing.
    pub(in crate::model) once: Option<bool>,
    /// Honours a branch holds before it applies (参评条件).
    pub(in crate::model) gates: Vec<Gate>,
}

/// An honour to be held before another is applied for.
pub(in crate::model) struct Gate {
    /// For applications of these days.
    pub(in crate::model) force: Span,
    /// The type.
    pub(in crate::model) honour: String,
    /// The sentence of the programme.
    pub(in crate::model) text: String,
    /// Where it stands.
    pub(in crate::model) source: Option<String>,
}

/// An honour's file with what follows from its events.
struct Case<'a> {
    draft: &'a Draft,
    path: &'a str,
    facts: Vec<Fact>,
    life: life::Life,
}

impl<'a> Case<'a> {
    fn new(site: &'a Site, draft: &'a Draft) -> Case<'a> {
        // The schema allows no event of another name, so facts and events have the same places.
        let facts = draft.honour.facts();
        Case { draft, path: &site.docs[draft.honour.doc].shown, life: life::live(&facts), facts }
    }

    fn event(&self, at: usize) -> &'a Event {
        &self.draft.honour.events[at]
    }

    fn span(&self, at: usize, key: &str) -> Option<Range<usize>> {
        let row = &self.draft.rows[at];
        row.span(key).or_else(|| row.span("event"))
    }

    fn tell(&self, at: usize, is_error: bool, code: &'static str, key: &str, message: Say) -> Diagnostic {
        match is_error {
            true => Diagnostic::error(code, self.path, self.span(at, key), message),
            false => Diagnostic::warning(code, self.path, self.span(at, key), message),
        }
    }

    fn steps(&self, step: Step) -> impl Iterator<Item = usize> + '_ {
        self.facts.iter().enumerate().filter(move |(_, f)| f.step == step).map(|(i, _)| i)
    }
}

/// What happened and when, in both languages.
fn fact(event: &Event) -> Say {
    let name = event.step().map_or("", Step::zh);
    let (word, zh, en) = (event.event.replace('_', " "), event.date.zh(), event.date.start.iso());
    say!("{zh}{name}", "{word} on {en}")
}

/// Checks all honours.
pub(in crate::model) fn check(site: &Site, drafts: &[Draft], terms: &[Terms], out: &mut Vec<Diagnostic>) {
    let cases: Vec<Case<'_>> = drafts.iter().map(|d| Case::new(site, d)).collect();
    for case in &cases {
        order(case, out);
        windows(case, out);
        reviews(case, out);
        branch_at_work(site, case, out);
        if let Some(terms) = case.draft.honour.programme.and_then(|p| terms.get(p)) {
            gates(case, &cases, terms, out);
        }
    }
    numbers(&cases, out);
    named_while_held(&cases, terms, out);
    named_though_refused(&cases, out);
}

/// The order of events, in time and in a life.
fn order(case: &Case<'_>, out: &mut Vec<Diagnostic>) {
    for fault in &case.life.faults {
        let this = fact(case.event(fault.at));
        let that = match fault.other {
            Some(other) => fact(case.event(other)),
            None => say!("本文件没有命名", "this file has no naming"),
        };
        let (zh, en, zh2, en2) = (&this.zh, &this.en, &that.zh, &that.en);
        let rule = match fault.breach {
            Breach::Unnamed => {
                say!(
                    "授牌、复查、继续认定、撤销都在命名之后",
                    "plaque, review, confirmation and revocation follow a naming"
                )
            }
            Breach::NamedTwice => {
                say!(
                    "一份文件登记一次命名；撤销后再次命名的，另立文件",
                    "a file holds one naming: a later one is a file of its own"
                )
            }
            Breach::AfterNaming => {
                say!(
                    "申报到公示各步都在命名之前；命名以后的检查记作 reviewed",
                    "candidacy ends with the naming: later checks are `reviewed`"
                )
            }
            Breach::AfterDisqualification => {
                say!(
                    "不予参评的，本次不再往下走；再次申报的，先记 applied",
                    "who is not eligible goes no further: a new try begins with `applied`"
                )
            }
            Breach::AfterRevocation => {
                say!(
                    "撤销以后只有收回牌匾；再次命名的，另立文件",
                    "after a revocation only the plaque comes back: a new naming is a file of its own"
                )
            }
            Breach::RecalledUnrevoked => {
                say!("收回牌匾在撤销之后（2-45）", "a plaque is taken back after a revocation (2-45)")
            }
            Breach::OutOfOrder => {
                say!(
                    "申报、资格审核、考核和推荐、公示依次进行",
                    "application, eligibility, assessment and posting follow each other"
                )
            }
            Breach::Unclear => say!("日期不够确切，看不出先后", "the dates are too coarse to tell which came first"),
        };
        let message = say!("经过的先后不对：{zh}；{zh2}", "events out of order: {en}; {en2}");
        out.push(case.tell(fault.at, fault.breach.is_contradiction(), "honour-order", "event", message).hint(rule));
    }
}

/// Posting windows (公示).
fn windows(case: &Case<'_>, out: &mut Vec<Diagnostic>) {
    for at in case.steps(Step::Publicised) {
        let event = case.event(at);
        let Some((Some(from), Some(to))) = &event.window else { continue };
        let (zh_from, zh_to, en_from, en_to) = (from.zh(), to.zh(), from.start.iso(), to.start.iso());
        if to.certainly_before(from) {
            let message = say!(
                "公示{zh_from}开始，{zh_to}结束：结束在开始之前",
                "posted from {en_from}, until {en_to}: it ends before it begins"
            );
            out.push(
                case.tell(at, true, "honour-window", "to", message).hint(say!("核对起止日期", "check both dates")),
            );
            continue;
        }
        let says = case.draft.rows[at].int("days");
        if let (Some(says), Some(days)) = (says, from.days_until(to).map(|n| n + 1).filter(|n| Some(*n) < says)) {
            let message = say!(
                "公示{zh_from}至{zh_to}共{days}天，写明的公示期是{says}天",
                "posted from {en_from} to {en_to}, {days} days; it is said to be {says}"
            );
            let hint =
                say!("公示期不少于写明的天数；首尾两天都算", "a posting lasts as long as it says, both ends counted");
            out.push(case.tell(at, true, "honour-window", "days", message).hint(hint));
        }
        if event.date.certainly_before(from) || to.certainly_before(&event.date) {
            let (zh, en) = (event.date.zh(), event.date.start.iso());
            let message = say!(
                "公示记在{zh}，起止是{zh_from}至{zh_to}",
                "the posting is dated {en} and runs from {en_from} to {en_to}"
            );
            let hint =
                say!("公示的日期在起止之内，一般是第一天", "its date lies within it, most often on its first day");
            out.push(case.tell(at, false, "honour-window", "date", message).hint(hint));
        }
        for naming in case.steps(Step::Named).map(|n| case.event(n)) {
            // A naming of a day on which the posting still runs came too early; one of the same month may not have.
            let early = naming.date.certainly_before(to)
                || naming.date.start.civil().is_some() && naming.date.start == to.start;
            if early && !naming.date.certainly_before(from) {
                let named = fact(naming);
                let (zh, en) = (named.zh, named.en);
                let message = say!(
                    "公示到{zh_to}为止，{zh}：公示期未满",
                    "posted until {en_to}, {en}: before the posting was over"
                );
                let hint = say!("公示期满以后命名", "a naming follows the last day of its posting");
                out.push(case.tell(at, true, "honour-window", "to", message).hint(hint));
            }
        }
    }
}

/// Reviews (复查): words that are understood, and decisions on the advice to revoke.
fn reviews(case: &Case<'_>, out: &mut Vec<Diagnostic>) {
    for at in (0..case.facts.len()).filter(|at| matches!(case.facts[*at].step, Step::Reviewed | Step::Confirmed)) {
        let Some(result) = &case.event(at).result else { continue };
        if case.facts[at].advice.is_none() {
            let words = Advice::words().collect::<Vec<_>>().join("、");
            let message = say!(
                "结果写作“{result}”，不在能公开的词里，不会印出",
                "the result `{result}` is not among the words that may be published, and is not printed"
            );
            let hint = say!("写这些词之一：{words}；缘由不写", "write one of {words}; reasons are not written");
            out.push(case.tell(at, false, "honour-result", "result", message).hint(hint));
        }
        let decided = |f: &Fact| matches!(f.step, Step::Confirmed | Step::Revoked) && f.first >= case.facts[at].first;
        let open = case.facts[at].step == Step::Reviewed && case.facts[at].advice == Some(Advice::Revoke);
        if open && !case.facts.iter().any(decided) {
            let reviewed = fact(case.event(at));
            let (zh, en) = (reviewed.zh, reviewed.en);
            let message = say!("{zh}建议撤销，此后没有复核结论", "{en} advises to revoke, and no decision follows");
            let hint = say!(
                "复核后登记 confirmed 或者 revoked（2-45）；由主管机关决定，程序不推断",
                "record `confirmed` or `revoked` once it is decided (2-45): a body decides, not the program"
            );
            out.push(case.tell(at, false, "honour-review", "result", message).hint(hint));
        }
    }
}

/// What happens to an honour of a branch that is no more.
fn branch_at_work(site: &Site, case: &Case<'_>, out: &mut Vec<Diagnostic>) {
    let branch = &site.branches[case.draft.honour.branch];
    let ends =
        |e: &&crate::model::branch::BranchEvent| matches!(e.event.as_str(), "merged_into" | "dissolved" | "split_into");
    let Some(end) = branch.events.iter().rev().find(ends).filter(|_| !branch.is_open()) else { return };
    let (name, zh_end, en_end) = (&branch.name, end.date.zh(), end.date.start.iso());
    let ended = |zh: &str| match zh {
        "merged_into" => say!("并入其他支部", "was merged"),
        "split_into" => say!("拆分", "was split"),
        _ => say!("撤销", "was dissolved"),
    };
    let how = ended(&end.event);
    let (zh_how, en_how) = (&how.zh, &how.en);
    for (at, event) in case.draft.honour.events.iter().enumerate() {
        let goes_on = event.step().is_none_or(|s| s < Step::Revoked);
        if goes_on && end.date.certainly_before(&event.date) {
            let this = fact(event);
            let (zh, en) = (this.zh, this.en);
            let message = say!("{zh}，{name}已于{zh_end}{zh_how}", "{en}, but {name} {en_how} on {en_end}");
            let hint = say!(
                "支部不再存在以后，只能撤销或者收回牌匾；合并后的支部另行申报",
                "of a branch that is no more, only revocation and recall can follow: its successor applies anew"
            );
            out.push(case.tell(at, false, "honour-branch", "date", message).hint(hint));
            return;
        }
    }
    if case.life.standing.state() == State::Named
        && let Some(holding) = case.life.holdings.last()
    {
        let this = fact(case.event(holding.named));
        let (zh, en) = (this.zh, this.en);
        let message =
            say!("{zh}，仍在册；{name}已于{zh_end}{zh_how}", "{en} and still held, but {name} {en_how} on {en_end}");
        let hint = say!(
            "命名是否保留由主管机关决定；决定撤销的，登记 revoked",
            "whether it stays is for the body to decide: record `revoked` if it does not"
        );
        out.push(case.tell(holding.named, false, "honour-branch", "event", message).hint(hint));
    }
}

/// Honours to be held on the day of application.
fn gates(case: &Case<'_>, cases: &[Case<'_>], terms: &Terms, out: &mut Vec<Diagnostic>) {
    let Some(at) = case.steps(Step::Applied).last() else { return };
    let (Some(day), honour) = (case.facts[at].first, &case.draft.honour) else { return };
    for gate in terms.gates.iter().filter(|g| g.force.holds(Span { from: day, to: day })) {
        let of_type =
            || cases.iter().filter(|c| c.draft.honour.branch == honour.branch && c.draft.honour.sort == gate.honour);
        if of_type().any(|c| life::standing(&c.facts, day).state() == State::Named) {
            continue;
        }
        let wanted = &gate.honour;
        let found = of_type().find_map(|c| {
            let last = c.life.holdings.last()?;
            Some(fact(c.event(last.revoked.filter(|r| c.facts[*r].first <= Some(day)).unwrap_or(last.named))))
        });
        let that = match found {
            Some(Say { zh, en }) => say!("“{wanted}”{zh}", "its `{wanted}` was {en}"),
            None => say!("没有登记“{wanted}”", "no `{wanted}` is recorded"),
        };
        let this = fact(case.event(at));
        let (zh, en, zh2, en2) = (this.zh, this.en, that.zh, that.en);
        let (text, source) = (&gate.text, gate.source.as_deref().unwrap_or(""));
        let message = say!("{zh}时没有在册的“{wanted}”：{zh2}", "{en} without a `{wanted}` in force: {en2}");
        let hint = say!("参评条件：{text} {source}", "the programme's gate: {text} {source}");
        out.push(case.tell(at, false, "honour-gate", "date", message).hint(hint));
    }
}

/// Plaque numbers are of one plaque, a naming document is of one cohort.
fn numbers(cases: &[Case<'_>], out: &mut Vec<Diagnostic>) {
    let mut plaques: BTreeMap<&str, (&Case<'_>, usize)> = BTreeMap::new();
    let mut documents: BTreeMap<&str, (&Case<'_>, usize)> = BTreeMap::new();
    for case in cases {
        for at in case.steps(Step::PlaqueIssued) {
            let Some(number) = case.event(at).plaque.as_deref() else { continue };
            if let Some((other, place)) = plaques.insert(number, (case, at)) {
                let (this, that) = (fact(case.event(at)), fact(other.event(place)));
                let (zh, en, zh2, en2) = (this.zh, this.en, that.zh, that.en);
                let message = say!(
                    "牌匾编号 {number} 用了两次：{zh}；{zh2}",
                    "plaque number {number} is used twice: {en}; {en2}"
                );
                let hint = say!("一块牌匾一个编号", "each plaque has a number of its own");
                out.push(
                    with_other(case.tell(at, true, "honour-number", "plaque", message), other, place, "plaque")
                        .hint(hint),
                );
            }
        }
        let issued: Vec<&str> =
            case.steps(Step::PlaqueIssued).filter_map(|i| case.event(i).plaque.as_deref()).collect();
        for at in case.steps(Step::PlaqueRecalled) {
            let Some(number) = case.event(at).plaque.as_deref() else { continue };
            if !issued.is_empty() && !issued.contains(&number) {
                let issued = issued.join("、");
                let message = say!(
                    "收回的牌匾是 {number}，授的是 {issued}",
                    "plaque {number} was taken back, {issued} was issued"
                );
                let hint = say!("收回的是授出的那一块", "the plaque taken back is the one that was issued");
                out.push(case.tell(at, false, "honour-number", "plaque", message).hint(hint));
            }
        }
        for at in case.steps(Step::Named) {
            let Some(number) = case.event(at).docno.as_deref() else { continue };
            let Some((other, place)) = documents.get(number).copied() else {
                documents.insert(number, (case, at));
                continue;
            };
            let cohorts = (&case.draft.honour.cohort, &other.draft.honour.cohort);
            let same = match cohorts {
                (Some(a), Some(b)) => a == b,
                _ => case.facts[at].first == other.facts[place].first,
            };
            if !same {
                let cohort = |c: &Option<String>| c.clone().unwrap_or_default();
                let (this, that) = (fact(case.event(at)), fact(other.event(place)));
                let (zh, en, zh2, en2) = (this.zh, this.en, that.zh, that.en);
                let (one, two) = (cohort(cohorts.0), cohort(cohorts.1));
                let message = say!(
                    "命名文件 {number} 用在两个批次：{zh}（{one}）；{zh2}（{two}）",
                    "naming document {number} is of two cohorts: {en} ({one}); {en2} ({two})"
                );
                let hint =
                    say!("同一批次可以共用一个文号，不同批次不能", "a cohort may share a number, two cohorts may not");
                out.push(
                    with_other(case.tell(at, true, "honour-number", "docno", message), other, place, "docno")
                        .hint(hint),
                );
            }
        }
    }
}

fn with_other(mut d: Diagnostic, other: &Case<'_>, at: usize, key: &str) -> Diagnostic {
    d.others.push((other.path.to_owned(), other.span(at, key), say!("另一处", "the other one")));
    d
}

/// A naming while the same honour is in force (2-43).
fn named_while_held(cases: &[Case<'_>], terms: &[Terms], out: &mut Vec<Diagnostic>) {
    for (n, later) in cases.iter().enumerate() {
        let h = &later.draft.honour;
        let once = h.programme.and_then(|p| terms.get(p)?.once);
        if once == Some(false) {
            continue;
        }
        let same = |(m, c): &(usize, &Case<'_>)| {
            let o = &c.draft.honour;
            *m != n && (o.branch, &o.sort, &o.level) == (h.branch, &h.sort, &h.level)
        };
        for (m, earlier) in cases.iter().enumerate().filter(same) {
            let Some((first, second)) = life::clash(&earlier.facts, &later.facts) else { continue };
            // Two of one day clash both ways: told once.
            if m > n && life::clash(&later.facts, &earlier.facts).is_some() {
                continue;
            }
            let (this, that) = (fact(later.event(second)), fact(earlier.event(first)));
            let (zh, en, zh2, en2, sort) = (this.zh, this.en, that.zh, that.en, &h.sort);
            let message = say!("“{sort}”{zh}，而{zh2}的仍在册", "`{sort}`: {en}, while the one {en2} is in force");
            let hint = match once {
                Some(true) => say!(
                    "已命名的不重复参加评定（2-43）；方案写明 once",
                    "who is named is not named again (2-43): the programme says `once`"
                ),
                _ => say!(
                    "同一荣誉在册时一般不再命名（2-43）；每年都评的，在方案里写 once = false",
                    "an honour in force is not given again as a rule (2-43): where it is given every year, its programme says `once = false`"
                ),
            };
            let told = later.tell(second, once == Some(true), "honour-twice", "date", message);
            out.push(with_other(told, earlier, first, "date").hint(hint));
        }
    }
}

/// A naming in a year in which the branch was found not eligible (2-30).
fn named_though_refused(cases: &[Case<'_>], out: &mut Vec<Diagnostic>) {
    for refused in cases {
        let r = &refused.draft.honour;
        for at in refused.steps(Step::Disqualified) {
            let Some(day) = refused.facts[at].first else { continue };
            for named in cases.iter().filter(|c| (c.draft.honour.branch, &c.draft.honour.sort) == (r.branch, &r.sort)) {
                let in_year = |d: life::Day| d.0 == day.0 && d >= day;
                let Some(holding) =
                    named.life.holdings.iter().find(|h| named.facts[h.named].first.is_some_and(in_year))
                else {
                    continue;
                };
                let (this, that) = (fact(named.event(holding.named)), fact(refused.event(at)));
                let (zh, en, zh2, en2) = (this.zh, this.en, that.zh, that.en);
                let message = say!("{zh}，而{zh2}", "{en}, though {en2}");
                let hint = say!(
                    "当年不予参评的，当年不命名（2-30）",
                    "who is not eligible in a year is not named in it (2-30)"
                );
                let told = named.tell(holding.named, true, "honour-disqualified", "date", message);
                out.push(with_other(told, refused, at, "date").hint(hint));
            }
        }
    }
}
