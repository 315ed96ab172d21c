//! The shipped library: what is in it, that a site reads it, and how a site begins with it.

use crate::support::{CONFIG, DAY, ORG, SiteTest};
use beilin::library::{self, Entry, Sort};
use beilin::model::kind::Kinds;
use beilin::model::programme::Rubric;
use beilin::model::schema::{Reading, Schema};
use beilin::parse::front_matter;
use std::collections::BTreeSet;

/// A site that holds texts of the library and nothing else.
fn site_of(entries: &[&Entry]) -> SiteTest {
    let site = SiteTest::bare(&[("beilin.toml", CONFIG), ORG]);
    for entry in entries {
        let has = |id: &str| entries.iter().any(|e| e.sort == Sort::Rubric && e.id == id);
        site.put(&format!("content/{}", entry.path), &entry.text_for(has));
    }
    site
}

fn front(sort: Sort, id: &str) -> toml::Table {
    library::find(sort, id).unwrap_or_else(|| panic!("the library has the {} {id}", sort.word())).front()
}

fn rows<'t>(table: &'t toml::Table, key: &str) -> Vec<&'t toml::Table> {
    let all = table.get(key).and_then(toml::Value::as_array).map(Vec::as_slice).unwrap_or_default();
    all.iter().filter_map(toml::Value::as_table).collect()
}

fn text<'t>(table: &'t toml::Table, key: &str) -> &'t str {
    table.get(key).and_then(toml::Value::as_str).unwrap_or_default()
}

fn number(table: &toml::Table, key: &str) -> Option<f64> {
    table.get(key).and_then(|v| v.as_float().or(v.as_integer().map(|n| n as f64)))
}

/// How many criteria each dimension has.
fn criteria(id: &str) -> Vec<usize> {
    rows(&front(Sort::Rubric, id), "dimensions").iter().map(|d| rows(d, "criteria").len()).collect()
}

/// The row of a table with this id.
fn row<'t>(table: &'t toml::Table, key: &str, id: &str) -> &'t toml::Table {
    rows(table, key).into_iter().find(|r| text(r, "id") == id).unwrap_or_else(|| panic!("{key} has {id}"))
}

/// All tables below one.
fn all<'t>(table: &'t toml::Table, out: &mut Vec<&'t toml::Table>) {
    out.push(table);
    for value in table.values() {
        for inner in value.as_array().into_iter().flatten().chain([value]) {
            if let Some(inner) = inner.as_table() {
                all(inner, out);
            }
        }
    }
}

#[test]
fn a_site_reads_the_whole_library_without_a_word_of_complaint() {
    let entries: Vec<&Entry> = library::ALL.iter().collect();
    let built = site_of(&entries).build_clean();
    for entry in entries.iter().filter(|e| !matches!(e.sort, Sort::Pack | Sort::Catalogue)) {
        let page = format!("{}/index.html", entry.path.trim_end_matches(".md"));
        assert!(built.text(&page).contains(&entry.title().replace('&', "&amp;")), "{page}");
    }
}

#[test]
fn every_text_has_only_keys_of_its_entity() {
    let kinds = Kinds::load(&[], &mut Vec::new());
    for entry in &library::ALL {
        let entity = kinds.entity(entry.sort.word()).expect("there is such an entity");
        let mut out = Vec::new();
        let table = front_matter::cut(entry.text, entry.path, &mut out).table;
        let schema = Schema::of(&[&entity.fields]);
        schema.read(&table, 0..0, &mut Reading { path: entry.path, text: entry.text, out: &mut out });
        assert!(out.is_empty(), "{}: {out:?}", entry.path);
    }
}

#[test]
fn a_site_reads_each_programme_with_what_it_names_alone() {
    for entry in library::ALL.iter().filter(|e| e.sort == Sort::Programme) {
        site_of(&entry.family()).build_clean();
    }
}

#[test]
fn the_model_reads_every_criterion_with_its_text() {
    let entries: Vec<&Entry> = library::ALL.iter().collect();
    let site = site_of(&entries);
    let input = beilin::Input { root: "s".to_owned(), out: None, as_of: Some(DAY) };
    let loaded = beilin::load(&site.disk, &input, &beilin::build::Unwatched).expect("it is read");
    let count = |r: &Rubric| r.dimensions.iter().map(|d| d.criteria.len()).sum::<usize>();
    assert_eq!(loaded.site.rubrics.iter().map(count).sum::<usize>(), 119);
    for rubric in &loaded.site.rubrics {
        for criterion in rubric.dimensions.iter().flat_map(|d| &d.criteria) {
            let text = criterion.text.as_deref().unwrap_or_default();
            assert!(
                text.contains(&criterion.title),
                "{}/{}: the title is the document's phrase",
                rubric.id,
                criterion.id
            );
            assert!(!criterion.evidence.is_empty(), "{}/{} says what usually shows it", rubric.id, criterion.id);
        }
    }
}

#[test]
fn rubrics_are_complete_to_the_last_criterion() {
    assert_eq!(criteria("gongan-jiguan"), [5, 5, 5, 5]);
    assert_eq!(criteria("gongan-jiguan-guifan"), [6]);
    assert_eq!(criteria("gongan-jiguan-shenhe"), [6]);
    assert_eq!(criteria("boshan-2020"), [3, 5, 3, 4], "三化、五好、三有、四强");
    assert_eq!(criteria("boshan-2020-wugeyi"), [7, 7, 5, 6, 5], "五个一");
    assert_eq!(criteria("boshan-2020-shifandian"), [6, 5]);
    assert_eq!(criteria("pingdingshan-2024"), [5, 5, 5, 5]);
    assert_eq!(criteria("suzhou-2020"), [6]);
    assert_eq!(criteria("zhibu-2018-zicha"), [5]);
}

#[test]
fn every_rule_criterion_task_and_limit_says_where_it_is_from() {
    let keys = [
        "rules",
        "checks",
        "criteria",
        "dimensions",
        "stages",
        "tasks",
        "steps",
        "limits",
        "targets",
        "gates",
        "roles",
    ];
    for entry in &library::ALL {
        let front = entry.front();
        let mut tables = Vec::new();
        all(&front, &mut tables);
        for (table, key) in tables.iter().flat_map(|t| keys.map(|k| (*t, k))) {
            for row in rows(table, key) {
                assert!(!text(row, "source").is_empty(), "{}: {key} {row:?}", entry.path);
            }
        }
    }
}

#[test]
fn six_disqualifiers_of_which_a_machine_reads_one() {
    let front = front(Sort::Programme, "pingdingshan-2024");
    let gates = rows(&front, "gates");
    assert_eq!(
        gates.iter().map(|g| text(g, "what")).collect::<Vec<_>>(),
        ["declared", "grade", "declared", "declared", "declared", "declared"]
    );
    let grades: Vec<_> =
        gates[1]["grades"].as_array().expect("grades").iter().filter_map(toml::Value::as_str).collect();
    assert_eq!(grades, ["一般", "差"]);
    assert_eq!(front["once"].as_bool(), Some(true));
    let limit = row(&front, "limits", "tuijian");
    assert_eq!((number(limit, "max_share"), text(limit, "rounding")), (Some(0.1), "floor"));
    assert!(text(limit, "note").contains("没有写怎样取整"));
    assert_eq!(rows(&front, "steps").len(), 7, "four steps, and 复查, 复核, 撤销");
}

#[test]
fn masked_cities_and_years_stay_masked() {
    let front = front(Sort::Programme, "gongan-jiguan");
    let mut tables = Vec::new();
    all(&front, &mut tables);
    for key in ["from", "to", "due"] {
        for date in tables.iter().map(|t| text(t, key)).filter(|d| !d.is_empty()) {
            assert!(date.starts_with("20**"), "{date}");
        }
    }
    let limit = |id: &str| {
        let limit = row(&front, "limits", id);
        (number(limit, "min"), number(limit, "max"))
    };
    assert_eq!(limit("duixiang"), (Some(1.0), Some(5.0)));
    assert_eq!(limit("pinpai"), (Some(1.0), Some(1.0)));
    assert_eq!(limit("mingming"), (Some(20.0), Some(20.0)));
    let revoked = rows(&front, "steps").into_iter().filter(|s| text(s, "event") == "revoked");
    assert_eq!(revoked.map(|s| text(s, "source")).collect::<Vec<_>>(), ["0-71", "0-72"]);
    assert_eq!(front["principles"].as_array().map(Vec::len), Some(4));
}

#[test]
fn targets_grow_from_80_to_100_percent_and_the_mark_of_95_passes() {
    let front = front(Sort::Programme, "suzhou-2020");
    let shares: Vec<_> = rows(&front, "targets").iter().map(|t| (text(t, "by"), number(t, "share"))).collect();
    assert_eq!(shares, [("2020", Some(0.8)), ("2021", Some(1.0)), ("2022", Some(1.0))]);
    assert_eq!(number(row(&front, "targets", "m2020"), "planned"), Some(0.8));
    let assessment = front["assessment"].as_table().expect("there is an assessment");
    assert_eq!((number(assessment, "pass"), assessment["inclusive"].as_bool()), (Some(95.0), Some(true)));
    assert_eq!(assessment["origins"].as_array().map(Vec::len), Some(4));
}

#[test]
fn the_sources_of_marks_are_words_a_record_may_have() {
    let kinds = Kinds::load(&[], &mut Vec::new());
    let kind = kinds.find("self-assessment").expect("there is such a kind");
    let options = &kinds.schemas[kind].field("origin").expect("it has its origin").options;
    let front = front(Sort::Programme, "suzhou-2020");
    for origin in front["assessment"]["origins"].as_array().expect("origins").iter().filter_map(toml::Value::as_str) {
        assert!(options.iter().any(|o| o == origin), "{origin}");
    }
}

#[test]
fn acceptance_is_asked_for_before_30_september_of_three_years() {
    let front = front(Sort::Programme, "boshan-2020");
    let mut tables = Vec::new();
    all(&front, &mut tables);
    let due: BTreeSet<_> = tables.iter().map(|t| text(t, "due")).filter(|d| d.ends_with("-09-30")).collect();
    assert_eq!(due.into_iter().collect::<Vec<_>>(), ["2020-09-30", "2021-09-30", "2022-09-30"]);
    assert_eq!(front["principles"].as_array().map(Vec::len), Some(7));
    assert_eq!((text(&front, "honour"), front["honours"][0].as_str()), ("四强党支部", Some("党建工作示范点")));
}

#[test]
fn the_branchs_own_cadences_are_those_of_its_plan() {
    let front = front(Sort::Pack, "zhibu-2018");
    let rule = |id: &str| {
        let rule = row(&front, "rules", id);
        (text(rule, "per"), text(rule, "period"), number(rule, "min"))
    };
    assert_eq!(rule("xiaozuhui"), ("group", "month", Some(1.0)));
    assert_eq!(rule("zhiweihui"), ("branch", "month", Some(1.0)));
    assert_eq!(rule("zhibu-dahui"), ("branch", "quarter", Some(1.0)));
    assert_eq!(rule("shuji-dangke"), ("branch", "year", Some(4.0)));
    assert_eq!(rule("tanxin-tanhua"), ("pair", "half", Some(1.0)));
    assert_eq!(text(row(&front, "rules", "shuzhi-pingyi"), "window"), "10-21/11-10");
    let split = row(&front, "rules", "shuji-dangke")["split"].as_table().expect("it is spread over the year");
    assert_eq!((text(split, "period"), number(split, "min")), ("half", Some(2.0)));
    assert_eq!(front_of_plan()["archive"].as_array().map(Vec::len), Some(5));
}

fn front_of_plan() -> toml::Table {
    front(Sort::Programme, "zhibu-2018")
}

#[test]
fn what_has_no_number_gets_none() {
    for entry in library::ALL.iter().filter(|e| e.sort == Sort::Pack) {
        for rule in rows(&entry.front(), "rules") {
            let irregular = text(rule, "period") == "irregular";
            assert_eq!(irregular, number(rule, "min").is_none(), "{} {}", entry.id, text(rule, "id"));
            if irregular {
                assert!(!text(rule, "note").is_empty(), "{} {} says who sets it", entry.id, text(rule, "id"));
            }
        }
    }
}

#[test]
fn what_the_regulation_calls_usual_is_advice() {
    let front = front(Sort::Pack, "tiaoli-2018");
    for rule in rows(&front, "rules").into_iter().chain(rows(&front, "checks")) {
        // 一般第四季度 is about the time of a meeting that must be held.
        let usual = text(rule, "text").contains("一般") && text(rule, "id") != "zuzhi-shenghuohui";
        assert_eq!(usual, text(rule, "modality") == "normally", "{}", text(rule, "id"));
    }
}

#[test]
fn packs_name_kinds_and_words_that_exist() {
    let kinds = Kinds::load(&[], &mut Vec::new());
    for entry in library::ALL.iter() {
        let front = entry.front();
        let mut tables = Vec::new();
        all(&front, &mut tables);
        for table in tables {
            let words = |key: &str| -> Vec<&str> {
                table
                    .get(key)
                    .and_then(toml::Value::as_array)
                    .into_iter()
                    .flatten()
                    .filter_map(toml::Value::as_str)
                    .collect()
            };
            let named: Vec<usize> = words("kinds")
                .iter()
                .map(|k| kinds.find(k).unwrap_or_else(|| panic!("{}: kind {k}", entry.path)))
                .collect();
            for (key, field) in [("forms", "form"), ("pairs", "pair")] {
                for word in words(key) {
                    let known = named
                        .iter()
                        .filter_map(|k| kinds.schemas[*k].field(field))
                        .any(|f| f.options.iter().any(|o| o == word));
                    assert!(known, "{}: {key} {word}", entry.path);
                }
            }
        }
    }
}

#[test]
fn criteria_that_ask_for_the_same_name_each_other() {
    let mut same: BTreeSet<(String, String)> = BTreeSet::new();
    let mut known: BTreeSet<String> = BTreeSet::new();
    for entry in library::ALL.iter().filter(|e| e.sort == Sort::Rubric) {
        let front = entry.front();
        for criterion in rows(&front, "dimensions").into_iter().flat_map(|d| rows(d, "criteria")) {
            let own = format!("{}/{}", entry.id, text(criterion, "id"));
            let others = criterion.get("same").and_then(toml::Value::as_array).into_iter().flatten();
            same.extend(others.filter_map(toml::Value::as_str).map(|other| (own.clone(), other.to_owned())));
            known.insert(own);
        }
    }
    assert!(!same.is_empty());
    for (one, other) in &same {
        assert!(known.contains(other), "{one} names {other}");
        assert!(same.contains(&(other.clone(), one.clone())), "{other} names {one} as well");
    }
}
