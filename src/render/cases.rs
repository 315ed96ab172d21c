//! Cases and work methods (案例): the page of all of them with its map of brands, and what their own pages
//! show beside the text: the list to look through, the rule a practice became.

use super::page::{Page, head};
use super::record::dimension_names;
use super::value::Map;
use super::view::Ask;
use crate::model::case::{self, Quality};
use crate::model::kind::Audience;
use crate::model::query::Classes;
use crate::model::record::Record;
use crate::model::route;
use tera::Value;

/// The four strengths in the order that is theirs (domain row 0-02).
const ORDER: [&str; 4] = ["政治功能强", "支部班子强", "党员队伍强", "作用发挥强"];

/// The page of all cases.
pub(super) fn cases(v: &Ask<'_>) -> Page {
    let all = v.newest_of(Classes::Cases, usize::MAX);
    let mut groups: Vec<(usize, Vec<usize>)> = Vec::new();
    for &r in &all {
        let kind = v.record(r).kind;
        match groups.iter_mut().find(|(k, _)| *k == kind) {
            Some((_, list)) => list.push(r),
            None => groups.push((kind, vec![r])),
        }
    }
    groups.sort_by_key(|(k, _)| *k);
    let groups: Vec<Value> = groups
        .into_iter()
        .map(|(k, list)| {
            Map::new().with("label", v.kind_name(k).label.get(v.lang())).with("cards", v.tiles(list)).done()
        })
        .collect();
    let mut dimensions: Vec<(String, Vec<usize>)> = Vec::new();
    for r in v.newest_of(Classes::CasesAndStories, usize::MAX) {
        for name in dimension_names(&v.record(r).values) {
            match dimensions.iter_mut().find(|(n, _)| *n == name) {
                Some((_, list)) => list.push(r),
                None => dimensions.push((name, vec![r])),
            }
        }
    }
    dimensions.sort_by_key(|(name, _)| ORDER.iter().position(|o| o == name).unwrap_or(ORDER.len()));
    let names: Vec<String> = dimensions.iter().map(|(n, _)| n.clone()).collect();
    let by_dimension: Vec<Value> = dimensions
        .into_iter()
        .enumerate()
        .map(|(i, (name, list))| {
            Map::new().with("name", name).with("anchor", anchor(i)).with("cards", v.tiles(list)).done()
        })
        .collect();
    let mut head = head(v, "cases", v.say("text.cases"));
    head.alternates = vec![
        ("text/csv", "CSV".into(), "data/cases.csv".into()),
        ("application/json", "JSON".into(), "data/cases.json".into()),
    ];
    let featured = all.iter().copied().filter(|r| v.record(*r).values.flag("featured"));
    let context = Map::new()
        .with("groups", groups)
        .list("featured", v.tiles(featured))
        .list("by_dimension", by_dimension)
        .maybe("map", v.theme.names("map").then(|| map(v, &names)).flatten());
    Page::new("cases.html", head, context)
}

fn anchor(dimension: usize) -> String {
    format!("strength-{}", dimension + 1)
}

/// A brand of a branch, with the strengths its cases and stories name.
struct Brand {
    name: String,
    branch: usize,
    /// The record it leads to: the newest case, else the newest story.
    record: usize,
    dimensions: Vec<usize>,
}

/// Finds the brands, branch by branch in the order of the directory.
fn brands(v: &Ask<'_>, names: &[String]) -> Vec<Brand> {
    let mut brands: Vec<Brand> = Vec::new();
    for at in v.newest_of(Classes::CasesAndStories, usize::MAX) {
        let r = v.record(at);
        let (Some(name), Some(branch)) = (r.values.string("brand"), r.branch) else { continue };
        let found = brands.iter().position(|b| b.branch == branch && b.name == name);
        let place = found.unwrap_or_else(|| {
            brands.push(Brand { name, branch, record: at, dimensions: Vec::new() });
            brands.len() - 1
        });
        let brand = &mut brands[place];
        if v.class_of(at) == "case" && v.class_of(brand.record) != "case" {
            brand.record = at;
        }
        for name in dimension_names(&r.values) {
            let Some(d) = names.iter().position(|n| *n == name) else { continue };
            if !brand.dimensions.contains(&d) {
                brand.dimensions.push(d);
            }
        }
    }
    brands.sort_by(|a, b| (a.branch, &a.name).cmp(&(b.branch, &b.name)));
    brands.iter_mut().for_each(|b| b.dimensions.sort_unstable());
    brands
}

/// Where the columns of the map stand, and how far its rows are apart.
const BRANCHES: (usize, usize) = (1, 230);
const BRANDS: (usize, usize) = (345, 170);
const STRENGTHS: (usize, usize) = (640, 170);
const WIDTH: usize = STRENGTHS.0 + STRENGTHS.1 + 1;
const ROW: usize = 52;
const BOX: usize = 36;
/// The most characters that fit into a box of the first column.
const FIT: usize = 14;

/// Draws branches, brands and strengths as a net of three columns; the places follow from the order alone.
fn map(v: &Ask<'_>, names: &[String]) -> Option<Value> {
    let brands = brands(v, names);
    if brands.is_empty() {
        return None;
    }
    let height = brands.len().max(names.len()) * ROW;
    let spread = |i: usize, n: usize| (2 * i + 1) * height / (2 * n);
    let mut branches: Vec<(usize, Vec<usize>)> = Vec::new();
    for (i, b) in brands.iter().enumerate() {
        match branches.last_mut() {
            Some((branch, list)) if *branch == b.branch => list.push(i),
            _ => branches.push((b.branch, vec![i])),
        }
    }
    let brand_y = |i: usize| spread(i, brands.len());
    let branch_y = |list: &[usize]| list.iter().map(|i| brand_y(*i)).sum::<usize>() / list.len();
    let mut edges: Vec<Value> = Vec::new();
    for (_, list) in &branches {
        edges.extend(list.iter().map(|i| edge(BRANCHES, branch_y(list), BRANDS.0, brand_y(*i))));
    }
    for (i, b) in brands.iter().enumerate() {
        edges.extend(b.dimensions.iter().map(|d| edge(BRANDS, brand_y(i), STRENGTHS.0, spread(*d, names.len()))));
    }
    let branch_nodes = branches.iter().map(|(b, list)| {
        let name = v.branch_name(*b, None);
        node("branch", name.short, v.url(&route::branch(name.id)), BRANCHES, branch_y(list))
    });
    let brand_nodes = brands
        .iter()
        .enumerate()
        .map(|(i, b)| node("brand", &b.name, v.url(v.name(b.record).route), BRANDS, brand_y(i)));
    let strength_nodes = names.iter().enumerate().map(|(i, n)| {
        node("strength", n, format!("{}#{}", v.url("cases/"), anchor(i)), STRENGTHS, spread(i, names.len()))
    });
    let nodes: Vec<Value> = branch_nodes.chain(brand_nodes).chain(strength_nodes).collect();
    let rows: Vec<Value> = brands
        .iter()
        .map(|b| {
            let dimensions: Vec<&str> = b.dimensions.iter().map(|d| names[*d].as_str()).collect();
            Map::new()
                .with("brand", b.name.as_str())
                .with("url", v.url(v.name(b.record).route))
                .with("branch", v.branch_ref(b.branch, None))
                .with("dimensions", dimensions.join("、"))
                .done()
        })
        .collect();
    let counts = [("branches", branches.len()), ("brands", brands.len()), ("strengths", names.len())];
    let counts = counts.map(|(k, n)| (k, n.to_string()));
    Some(
        Map::new()
            .with("width", WIDTH)
            .with("height", height)
            .with("aria", v.theme.say("cases.map_aria", &counts))
            .with("edges", edges)
            .with("nodes", nodes)
            .with("rows", rows)
            .done(),
    )
}

fn edge(from: (usize, usize), y: usize, x2: usize, y2: usize) -> Value {
    let x = from.0 + from.1;
    let middle = usize::midpoint(x, x2);
    Value::from(format!("M{x} {y}C{middle} {y} {middle} {y2} {x2} {y2}"))
}

fn node(class: &'static str, name: &str, url: String, column: (usize, usize), y: usize) -> Value {
    let mut shown: String = name.chars().take(FIT).collect();
    if shown.len() < name.len() {
        shown.pop();
        shown.push('…');
    }
    Map::new()
        .with("class", class)
        .with("name", name)
        .with("shown", shown)
        .with("url", url)
        .with("x", column.0)
        .with("y", y - BOX / 2)
        .with("w", column.1)
        .with("h", BOX)
        .with("tx", column.0 + column.1 / 2)
        .with("ty", y + 5)
        .done()
}

/// A record tied to a rule, with the day the rule came into force, else its own.
pub(super) fn promoted(v: &Ask<'_>, of: usize, rule: usize) -> Value {
    let (name, rule) = (v.name(of), v.record(rule));
    let date = rule.values.date("in_force").or(rule.date.as_ref());
    Map::new().with("title", name.title).with("url", v.url(name.route)).maybe("date", date.map(|d| v.date(d))).done()
}

/// The list to look through (五项、数字、步骤、佐证), where the build is not for the public: it is advice to
/// those who write.
pub(super) fn checklist(v: &Ask<'_>, r: &Record) -> Option<Value> {
    if v.config.site.audience == Audience::Society || !v.theme.names("quality") {
        return None;
    }
    let kind = v.gate(r.kind);
    if kind.gate.is_empty() {
        return None;
    }
    let q = case::quality(kind, r, |i| case::bears_out(v.class_of(i)));
    let tests: Vec<Value> = kind
        .tests
        .iter()
        .map(|t| Map::new().with("text", t.text.as_str()).with("source", t.source.as_str()).done())
        .collect();
    Some(Map::new().with("items", items(v, r, &q)).list("tests", tests).done())
}

/// The most characters of a text that the list repeats.
const MOST: usize = 40;

/// Returns the beginning of what is written under a key, or how much it is.
fn written(r: &Record, key: &str) -> Option<String> {
    match r.values.string(key) {
        Some(text) if text.chars().count() > MOST => Some(text.chars().take(MOST).chain(['…']).collect()),
        Some(text) => Some(text),
        None => Some(r.values.list(key).len()).filter(|n| *n > 0).map(|n| n.to_string()),
    }
}

fn items(v: &Ask<'_>, r: &Record, q: &Quality<'_>) -> Vec<Value> {
    let fields = &v.schema(r.kind).fields;
    let label = |key: &str| fields.iter().find(|f| f.key == key).map_or(key, |f| f.label.get(v.lang())).to_owned();
    let line = |text: String, has: bool| Map::new().with("text", text).with("has", has).done();
    let parts: Vec<Value> = q
        .parts
        .iter()
        .map(|(part, keys)| {
            let looked: Vec<String> = part.keys.iter().map(|k| written(r, k).unwrap_or_else(|| label(k))).collect();
            line(format!("{}：{}", part.label.get(v.lang()), looked.join("；")), keys.iter().all(|k| *k))
        })
        .collect();
    let figures: Vec<Value> = q
        .figures
        .iter()
        .map(|(label, source, date)| {
            let known: Vec<&str> = [source, date].into_iter().flatten().map(String::as_str).collect();
            let text = if known.is_empty() { label.clone() } else { format!("{label}：{}", known.join("，")) };
            line(text, source.is_some() && date.is_some())
        })
        .collect();
    let steps: Vec<Value> = r.values.texts("steps").into_iter().map(|s| line(s, true)).collect();
    let item = |key: &str, n: usize, of: Option<usize>| {
        let map = Map::new().with("label", v.say(&format!("cases.gate_{key}"))).with("n", n).maybe("of", of);
        map.with("met", n > 0 && of.is_none_or(|of| n == of))
    };
    vec![
        item("parts", q.whole(), Some(q.parts.len())).with("lines", parts).done(),
        item("figures", q.sourced(), Some(q.figures.len())).with("lines", figures).done(),
        item("steps", q.steps, None).with("lines", steps).done(),
        item("evidence", q.evidence.len(), None).with("cards", v.cards(q.evidence.iter().copied())).done(),
    ]
}
