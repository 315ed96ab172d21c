//! The honour roll (荣誉名录): cohorts with where each honour stands, and the numbers by year.

use super::page::{Page, crumbs, downloads, head};
use super::value::Map;
use super::view::Ask;
use crate::diagnostic::Lang;
use crate::model::honour::{Event, Honour, State};
use crate::rules::life::{Step, Year};
use tera::Value;

/// The roll, whole or of a year.
pub(super) fn honours(v: &Ask<'_>, year: Option<i16>) -> Page {
    let mut years: Vec<(Option<i16>, Vec<&Honour>)> = Vec::new();
    for h in v.honours().iter().filter(|h| year.is_none() || h.year() == year) {
        match years.last_mut() {
            Some((y, list)) if *y == h.year() => list.push(h),
            _ => years.push((h.year(), vec![h])),
        }
    }
    let years: Vec<Value> = years
        .into_iter()
        .map(|(y, list)| {
            let rows: Vec<Value> = list.iter().map(|h| v.honour(h)).collect();
            Map::new()
                .maybe("year", y)
                .maybe("han", y.map(|y| v.year(y)))
                .maybe("url", y.map(|y| v.url(&format!("honours/{y}/"))))
                .with("rows", rows)
                .with("groups", cohorts(v, &list))
                .done()
        })
        .collect();
    let title = match year {
        Some(y) => v.theme.say("text.honours_year", &[("year", y.to_string())]),
        None => v.say("text.honours"),
    };
    let mut h = head(v, "honours", title.clone());
    h.crumbs = match year {
        Some(_) => crumbs(v, &[(v.say("text.honours"), Some("honours/".into())), (title, None)]),
        None => crumbs(v, &[(title, None)]),
    };
    let downloads = downloads(v, "data/honours", None);
    let mut context = Map::new().with("years", years).maybe("current_year", year).with("downloads", downloads);
    if year.is_none() && v.theme.names("tallies") {
        let counted = v.honour_years();
        let last = counted.first().and_then(|(_, years)| years.last()).map(|y| y.year);
        let all = counted.iter().map(|(sort, years)| tally(v, sort, years)).collect();
        context = context.list("tallies", all).maybe("tallies_year", last);
    }
    Page::new("honours.html", h, context)
}

/// The honours of a year by type and cohort, in the order of the roll.
fn cohorts(v: &Ask<'_>, list: &[&Honour]) -> Vec<Value> {
    type Group<'h> = ((&'h str, Option<&'h str>), Vec<&'h Honour>);
    let mut groups: Vec<Group<'_>> = Vec::new();
    for h in list {
        let key = (h.sort.as_str(), h.cohort.as_deref());
        match groups.iter_mut().find(|(k, _)| *k == key) {
            Some((_, list)) => list.push(h),
            None => groups.push((key, vec![h])),
        }
    }
    let of = |((sort, cohort), list): Group<'_>| {
        let named: Vec<&Event> = list.iter().filter_map(|h| h.named()).collect();
        let held = list.iter().filter(|h| v.state(h) == State::Named).count();
        let open = list.iter().filter(|h| v.state(h) == State::InProgress).count();
        let first = named.first();
        Map::new()
            .with("type_label", sort)
            .maybe("cohort", cohort)
            .with("named", named.len())
            .with("held", held)
            .with("open", open)
            .maybe("docno", first.and_then(|e| e.docno.as_deref()))
            .maybe("date", first.map(|e| v.date(&e.date)))
            .maybe("by", first.and_then(|e| e.by.as_deref()))
            .with("rows", list.iter().map(|h| v.honour(h)).collect::<Vec<_>>())
            .done()
    };
    groups.into_iter().map(of).collect()
}

/// The width of a year in the chart, and where its bars stand.
const STEP: usize = 72;
const TOP: usize = 22;
const GROUND: usize = 110;

/// Numbers of a type by year, with bars: what is in force filled, what was revoked open beside it.
fn tally(v: &Ask<'_>, sort: &str, years: &[Year]) -> Value {
    let most = years.iter().map(|y| y.held.max(y.revoked)).max().unwrap_or(0).max(1);
    let height = |n: usize| n * (GROUND - TOP) / most;
    let rows: Vec<Value> = years
        .iter()
        .enumerate()
        .map(|(i, y)| {
            let (held, revoked) = (height(y.held), height(y.revoked));
            Map::new()
                .with("year", y.year)
                .with("named", y.named)
                .with("revoked", y.revoked)
                .with("held", y.held)
                .with("x", i * STEP + 14)
                .with("y", GROUND - held)
                .with("h", held)
                .with("revoked_y", GROUND - revoked)
                .with("revoked_h", revoked)
                .done()
        })
        .collect();
    let one =
        |y: &Year| v.theme.say("honours.tally_aria_one", &[("year", y.year.to_string()), ("held", y.held.to_string())]);
    let text = years.iter().map(one).collect::<Vec<_>>().join(match v.lang() {
        Lang::Zh => "，",
        Lang::En => ", ",
    });
    Map::new()
        .with("type_label", sort)
        .with("rows", rows)
        .with("width", (years.len() * STEP).max(STEP * 3))
        .with("aria", v.theme.say("honours.tally_aria", &[("type", sort.to_owned()), ("text", text)]))
        .done()
}

/// A naming or a revocation as the history of its branch tells it.
pub(super) fn milestone(v: &Ask<'_>, h: &Honour, e: &Event) -> Value {
    let label = match (e.step(), v.lang()) {
        // Alone it would read as the end of the branch.
        (Some(Step::Revoked), Lang::Zh) => "撤销命名".to_owned(),
        (Some(step), Lang::Zh) => step.zh().to_owned(),
        (_, Lang::En) => e.event.replace('_', " "),
        (None, Lang::Zh) => e.event.clone(),
    };
    Map::new()
        .with("when", e.date.start.iso())
        .with("label", label)
        .with("text", h.sort.as_str())
        .maybe("docno", e.docno.as_deref())
        .done()
}
