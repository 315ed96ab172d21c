//! The pages of evidence: a criterion with what shows it, and a rubric's table of branches and criteria.

use super::meta::Head;
use super::page::{Page, crumbs, number};
use super::value::Map;
use super::view::Ask;
use crate::model::evidence::{CriterionOn, Matrix, ProofOn};
use crate::model::route;
use tera::Value;

/// The name of a rubric with its version, as titles of its pages need it.
fn rubric_name((_, title, version): (&str, &str, Option<&str>)) -> String {
    match version {
        Some(version) if !title.contains(version) => format!("{title}（{version}）"),
        _ => title.to_owned(),
    }
}

fn head(v: &Ask<'_>, title: String, rubric: (&str, &str, Option<&str>), last: String) -> Head {
    let way = [
        (v.say("nav.programmes"), Some("programmes/".to_owned())),
        (rubric.1.to_owned(), Some(route::rubric(rubric.0))),
        (last, None),
    ];
    Head { key: "rubric", title, crumbs: crumbs(v, &way), ..Head::default() }
}

fn proof(v: &Ask<'_>, p: &ProofOn<'_>) -> Value {
    let via = p.via.map(|(rubric, criterion)| {
        v.theme.say("evidence.via", &[("rubric", rubric.to_owned()), ("criterion", criterion.to_owned())])
    });
    Map::new().with("card", v.card(p.at)).maybe("via", via).done()
}

fn link(v: &Ask<'_>, (title, route): &(&str, String)) -> Value {
    Map::new().with("title", *title).with("url", v.url(route)).done()
}

/// Makes the page of a criterion.
pub(super) fn criterion(v: &Ask<'_>, rubric: usize, at: usize) -> Page {
    let found = v.proofs(rubric, at).expect("a criterion that is planned is there");
    let (id, title, text, source, points) = found.criterion;
    let name = format!("{title}（{}）", rubric_name(found.rubric));
    let same = found.same.iter().map(|(rubric, title, route)| {
        Map::new().with("rubric", *rubric).with("title", *title).with("url", v.url(route)).done()
    });
    let missing = found
        .missing
        .iter()
        .map(|w| Map::new().with("name", w.name).maybe("url", w.route.as_deref().map(|r| v.url(r))).done());
    let value = Map::new()
        .with("id", id)
        .with("title", title)
        .maybe("text", text)
        .maybe("source", source)
        .maybe("points", points.map(number))
        .with(
            "rubric",
            Map::new().with("title", found.rubric.1).with("url", v.url(&route::rubric(found.rubric.0))).done(),
        )
        .with("matrix", v.url(&route::matrix(found.rubric.0)))
        .with("dimension", found.dimension.1)
        .with("declared", found.declared)
        .with("gaps", found.gaps)
        .list("kinds", found.kinds.iter().map(|k| v.kind(*k)).collect())
        .list("same", same.collect())
        .list("branches", shown(v, &found))
        .list("units", found.units.iter().map(|p| proof(v, p)).collect())
        .list("missing", missing.collect())
        .maybe("before", found.around[0].as_ref().map(|l| link(v, l)))
        .maybe("after", found.around[1].as_ref().map(|l| link(v, l)));
    let head = head(v, name, found.rubric, title.to_owned());
    Page::new("criterion.html", head, Map::new().with("criterion", value.done()))
}

fn shown(v: &Ask<'_>, c: &CriterionOn<'_>) -> Vec<Value> {
    let branch = |s: &crate::model::evidence::Shown<'_>| {
        Map::new()
            .with("id", s.who.id)
            .with("name", s.who.name)
            .maybe("url", s.who.route.as_deref().map(|r| v.url(r)))
            .with("count", s.proofs.len())
            .maybe("freshest", s.proofs.first().and_then(|p| p.record.date).map(|d| v.date(d)))
            .list("proofs", s.proofs.iter().map(|p| proof(v, p)).collect())
            .with("unpublished", s.is_unpublished)
            .done()
    };
    c.branches.iter().map(branch).collect()
}

/// Makes the table of a rubric's criteria by branches.
pub(super) fn matrix(v: &Ask<'_>, rubric: usize) -> Page {
    let m = v.matrix(rubric);
    let title = v.theme.say("evidence.matrix_of", &[("rubric", rubric_name(m.rubric))]);
    let heads = m.heads.iter().map(|(title, criteria)| {
        let criteria = criteria.iter().map(|c| {
            Map::new()
                .with("id", c.id)
                .with("title", c.title)
                .with("url", v.url(&c.route))
                .with("declared", c.declared)
                .done()
        });
        Map::new().with("title", *title).with("criteria", criteria.collect::<Vec<_>>()).done()
    });
    let value = Map::new()
        .with("rubric", Map::new().with("title", m.rubric.1).with("url", v.url(&route::rubric(m.rubric.0))).done())
        .with("title", title.as_str())
        .with("gaps", m.gaps)
        .with("heads", heads.collect::<Vec<_>>())
        .list("rows", rows(v, &m))
        .list("bare", m.bare.iter().map(|l| link(v, l)).collect());
    let head = head(v, title, m.rubric, v.say("evidence.matrix"));
    Page::new("matrix.html", head, Map::new().with("matrix", value.done()))
}

fn rows(v: &Ask<'_>, m: &Matrix<'_>) -> Vec<Value> {
    let row = |r: &crate::model::evidence::Row<'_>| {
        let heads = m.heads.iter().flat_map(|(_, criteria)| criteria);
        let cells = r.cells.iter().zip(heads).map(|(c, head)| {
            Map::new()
                .with("url", v.url(&format!("{}#b-{}", head.route, r.who.id)))
                .with("title", head.title)
                .with("count", c.count)
                .with("via", c.via)
                .maybe("freshest", c.freshest.map(|d| d.start.iso()))
                .with("unpublished", c.is_unpublished)
                .with("declared", head.declared)
                .done()
        });
        Map::new()
            .with("name", r.who.name)
            .maybe("url", r.who.route.as_deref().map(|r| v.url(r)))
            .with("cells", cells.collect::<Vec<_>>())
            .done()
    };
    m.rows.iter().map(row).collect()
}
