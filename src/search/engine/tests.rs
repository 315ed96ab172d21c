//! The engine against reading every page, and after edits against a clean build.

use super::*;
use crate::digest::Digest;
use crate::disk::Memory;
use crate::search::entry::{Face, Part, Section};
use crate::search::publish::{self, Options, Pages};
use proptest::prelude::*;
use std::cell::RefCell;

/// tantivy's files by path.
type Files = Vec<(String, Vec<u8>)>;

/// Pages a test writes and writes again.
struct Site {
    disk: Memory,
    last: RefCell<Option<State>>,
    index: RefCell<Arc<Files>>,
}

fn page(n: usize, title: &str, date: &str, text: &str) -> Entry {
    let branch = if n.is_multiple_of(2) { ("yi", "第一党支部") } else { ("er", "第二党支部") };
    Entry {
        face: Face {
            url: format!("records/{n}/"),
            title: title.into(),
            kind: Some(("study".into(), "专题学习".into())).filter(|_| !n.is_multiple_of(3)),
            branch: Some((branch.0.into(), branch.1.into())),
            date: date.into(),
            iso: date.into(),
            fields: vec![
                (Part::Title, format!("简{n}")),
                (Part::People, format!("张三{n}")),
                (Part::Number, format!("云委〔2026〕{n}号")),
            ],
        },
        sections: vec![
            Section { anchor: String::new(), heading: String::new(), text: text.into() },
            Section { anchor: "jielun".into(), heading: "结论".into(), text: format!("同意第{n}项。") },
        ],
    }
}

impl Site {
    fn new() -> Site {
        Site { disk: Memory::default(), last: RefCell::default(), index: RefCell::default() }
    }

    fn publish(&self, entries: &[Entry]) -> Left {
        let mut entries: Vec<&Entry> = entries.iter().collect();
        entries.sort_by_key(|e| (e.face.iso.clone(), e.face.url.clone()));
        let keys: Vec<Digest> = entries
            .iter()
            .map(|e| Digest::of_value(&(&e.face, e.sections.iter().map(|s| &s.text).collect::<Vec<_>>())))
            .collect();
        let labels = serde_json::json!({
            "kinds": [["study", "专题学习"]],
            "branches": [["yi", "中共第一党支部委员会", "第一党支部", "机关党委", ["先进党支部"]], ["er", "中共第二党支部委员会", "第二党支部", "机关党委", []]],
        });
        let entry = |n: usize| Ok::<_, Error>(entries[n].clone());
        let pages = Pages { keys: &keys, entry: &entry, labels: &labels };
        let read = |path: &str| self.disk.read(&format!("out/{path}")).ok();
        let disk = &self.disk;
        let put = |output: crate::output::Output| {
            let place = format!("out/{}", output.path);
            disk.write(&place, &output.bytes).map_err(|e| Error::new(say!("写", "write"), e))
        };
        let published =
            publish::publish(&pages, &Options::default(), self.last.take(), &read, &put).expect("it is written");
        if !published.index.is_empty() {
            self.index.replace(Arc::new(published.index));
        }
        self.last.replace(Some(published.state.clone()));
        Left { state: published.state, index: self.index.borrow().clone(), folder: "kept".into(), out: "out".into() }
    }
}

const ALL: Page = Page { sort: Sort::Relevance, limit: 1000, offset: 0 };

fn urls(engine: &Engine<'_>, query: &str) -> Vec<String> {
    engine.search(query, ALL).expect("it is found").hits.into_iter().map(|h| h.url).collect()
}

fn small() -> Vec<Entry> {
    vec![
        page(0, "三会一课 学习记录", "2024-03-05", "支部书记讲党课。Party Branch 2024年3月12日。"),
        page(1, "支委会会议", "2024-06", "會議學習《习近平文选》第12卷，党课另行安排。"),
        page(2, "重庆行动", "2025-01-09", "三会，一课。议题：党建。三会一课制度。"),
        page(3, "关于", "", "没有日期的一页，三会一课。"),
    ]
}

#[test]
fn what_is_found_is_what_is_there() {
    let site = Site::new();
    let left = site.publish(&small());
    let engine = Engine::open(&site.disk, &left, None).expect("it opens");
    for (query, expected) in [
        ("三会一课", &["records/0/", "records/2/", "records/3/"][..]),
        ("一课制度", &["records/2/"]),
        ("三会 一课", &["records/0/", "records/2/", "records/3/"]),
        ("学习习近平文选", &["records/1/"]),
        ("学习 -三会一课", &["records/1/"]),
        ("党建 OR 文选", &["records/2/", "records/1/"]),
        ("第1", &["records/1/"]),
        ("party branch", &["records/0/"]),
        ("24年3月", &["records/0/"]),
        ("会议 year:2024", &["records/1/"]),
        ("date:2024-06..", &["records/2/", "records/1/"]),
        ("date:..2024-05", &["records/0/"]),
        ("类型:专题学习 三会一课", &["records/2/"]),
        ("-类型:学习 三会", &["records/0/", "records/3/"]),
        ("支部:第一党支部 三会一课", &["records/0/", "records/2/"]),
        ("荣誉:先进 课", &["records/0/", "records/2/"]),
        ("person:张三2", &["records/2/"]),
        ("人物:党课", &[]),
        ("姓名:张三1 姓名:张三3", &["records/1/", "records/3/"]),
        ("-人物:张三1 结论", &["records/0/", "records/2/", "records/3/"]),
        ("云委6号", &[]),
        ("云委〔2026〕1号", &["records/1/"]),
        ("sanhuiyike", &["records/0/"]),
        ("shyk", &["records/0/"]),
        ("chongqing", &["records/2/"]),
        ("，。", &[]),
        ("", &[]),
        ("person:，", &[]),
        ("date:甲..乙", &[]),
    ] {
        let mut found = urls(&engine, query);
        let mut expected: Vec<String> = expected.iter().map(|u| (*u).to_owned()).collect();
        if query != "三会一课" {
            found.sort();
            expected.sort();
        }
        assert_eq!(found, expected, "{query}");
    }
    let by = |query: &str| engine.search(query, ALL).expect("it is found").by;
    assert_eq!((by("党课"), by("shyk"), by("24年3月")), (By::Text, By::Pinyin, By::Edge));
    let dates = |sort| {
        let found = engine.search("三会一课", Page { sort, ..ALL }).expect("found").hits;
        found.into_iter().map(|h| h.iso).collect::<Vec<_>>()
    };
    assert_eq!(dates(Sort::Newest), ["2025-01-09", "2024-03-05", ""]);
    assert_eq!(dates(Sort::Oldest), ["", "2024-03-05", "2025-01-09"]);
    let second = engine.search("三会一课", Page { limit: 1, offset: 1, ..ALL }).expect("found");
    assert_eq!((second.total, second.hits[0].url.as_str()), (3, "records/2/"));
}

#[test]
fn a_hit_is_shown_with_its_heading() {
    let site = Site::new();
    let left = site.publish(&small());
    let engine = Engine::open(&site.disk, &left, None).expect("it opens");
    let hit = &engine.search("同意第2项", ALL).expect("found").hits[0];
    assert_eq!((hit.anchor.as_str(), hit.heading.as_str(), hit.place), ("jielun", "结论", "body"));
    assert_eq!(hit.excerpt_parts, [("同意第2项".to_owned(), true), ("。".to_owned(), false)]);
    assert_eq!((hit.kind.as_str(), hit.branch.as_str()), ("专题学习", "第一党支部"));
    let hit = &engine.search("重庆", ALL).expect("found").hits[0];
    assert_eq!((hit.place, &hit.title_parts[0]), ("title", &("重庆".to_owned(), true)));
    // A short title is not the one that is shown.
    let hit = &engine.search("简2", ALL).expect("it is found").hits[0];
    assert_eq!((hit.place, hit.excerpt.as_str()), ("other", "简2"));
}

#[test]
fn the_files_of_the_index_are_opened_as_they_were_left() {
    let site = Site::new();
    let left = site.publish(&small());
    let tiers = left.state.options.tiers().len();
    let docs = |left: &Left| opened(&site.disk, left, tiers).map(|segments| docs_of(&segments));
    assert_eq!(docs(&left), Some(4));
    for (path, bytes) in left.index.as_slice() {
        site.disk.put(&format!("kept/{}/{path}", left.state.name), bytes);
    }
    let on_disk = Left { index: Arc::default(), ..left.clone() };
    assert_eq!(docs(&on_disk), Some(4));
    for (n, (path, _)) in left.index.iter().enumerate().filter(|(_, (path, _))| !path.ends_with("meta.json")) {
        let mut index = left.index.to_vec();
        let middle = index[n].1.len() / 2;
        index[n].1[middle] ^= 0x55;
        assert_eq!(docs(&Left { index: Arc::new(index), ..left.clone() }), None, "{path} is damaged");
    }
    let (path, _) = &left.index[0];
    site.disk.delete(&format!("kept/{}/{path}", left.state.name));
    assert_eq!(docs(&on_disk), None);
}

#[test]
fn lost_files_of_the_index_are_made_again_of_the_fragments() {
    let site = Site::new();
    let left = site.publish(&small());
    let lost = Left { index: Arc::default(), ..left.clone() };
    let (whole, again) = (
        Engine::open(&site.disk, &left, None).expect("it opens"),
        Engine::open(&site.disk, &lost, None).expect("it opens"),
    );
    for query in ["三会一课", "会议 -党课", "类型:专题学习", "shyk", "简2"] {
        assert_eq!(whole.search(query, ALL).expect("found"), again.search(query, ALL).expect("found"), "{query}");
    }
    site.disk.delete(&format!("out/search/{}/c.bin", left.state.name));
    assert!(Engine::open(&site.disk, &left, None).is_err());
}

#[test]
fn scores_are_those_of_tantivys_own_query() {
    let site = Site::new();
    let left = site.publish(&small());
    let engine = Engine::open(&site.disk, &left, None).expect("it opens");
    let segment = &engine.base.segments[0].segment;
    let searcher = segment.searcher().expect("it opens");
    let fields = &segment.fields;
    let term = |text: &str| -> Box<dyn tantivy::query::Query> {
        let of = |field, option| Box::new(TermQuery::new(Term::from_field_text(field, text), option));
        let boosted = tantivy::query::BoostQuery::new(of(fields.tiers[0], IndexRecordOption::Basic), 3.0);
        Box::new(BooleanQuery::new(vec![
            (Occur::Must, of(fields.all, IndexRecordOption::WithFreqs)),
            (Occur::Should, Box::new(boosted)),
        ]))
    };
    // Of a phrase its rarest term counts; the others must be there.
    let there = |text: &&str| -> (Occur, Box<dyn tantivy::query::Query>) {
        let of = TermQuery::new(Term::from_field_text(fields.all, text), IndexRecordOption::Basic);
        (Occur::Must, Box::new(tantivy::query::ConstScoreQuery::new(Box::new(of), 0.0)))
    };
    for (query, terms) in [("三会", &["三会"][..]), ("三会一课", &["三会", "会一", "一课"]), ("党", &["党"])]
    {
        let count = |t: &&&str| searcher.doc_freq(&Term::from_field_text(fields.all, t)).expect("counted");
        let rarest = terms.iter().min_by_key(count).expect("one at least");
        let others = terms.iter().filter(|t| *t != rarest).map(there);
        let own = BooleanQuery::new(std::iter::once((Occur::Must, term(rarest))).chain(others).collect());
        let collector = tantivy::collector::TopDocs::with_limit(10).order_by_score();
        let own: Vec<(f32, tantivy::DocAddress)> = searcher.search(&own, &collector).expect("it searches");
        let ours = engine.search(query, ALL).expect("found");
        let own: Vec<f32> = own.into_iter().map(|(score, _)| score).take(ours.total).collect();
        let ours: Vec<f32> = ours.hits.iter().map(|h| h.score).collect();
        assert!(!ours.is_empty() && ours.len() == own.len(), "{query}");
        assert!(ours.iter().zip(&own).all(|(a, b)| (a - b).abs() <= a * 1e-6), "{query}: {ours:?} {own:?}");
    }
}

/// Texts of few words, so that much is found and much is equal.
fn text() -> impl Strategy<Value = String> {
    let word = proptest::sample::select(vec![
        "党",
        "课",
        "党课",
        "会",
        "三会一课",
        "，",
        "“",
        "”",
        "2024年",
        "3月",
        "12",
        "branch",
        " ",
        "。",
        "學習",
        "学习",
    ]);
    proptest::collection::vec(word, 0..14).prop_map(|words| words.concat())
}

fn question() -> impl Strategy<Value = String> {
    let word = proptest::sample::select(vec![
        "党课",
        "会一",
        "三会一课",
        "\"年3月\"",
        "-课",
        "24年",
        "branch",
        "OR",
        "学习党",
        "year:2024",
        "-year:2024",
        "支部:第一党支部",
        "-类型:专题学习",
        "人物:张三",
        "-人物:张三1",
        "课三会",
        "\"12 branch\"",
        "党",
    ]);
    proptest::collection::vec(word, 1..4).prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn any_question_is_answered(questions in proptest::collection::vec("([\"“”:：.\\- ]|OR|kind:|人物:|日期:|[0-9]|[党课员第一a-z]|\\PC){0,40}", 1..8), offset in 0usize..8, limit in 0usize..4) {
        let site = Site::new();
        let left = site.publish(&small());
        let engine = Engine::open(&site.disk, &left, None).expect("it opens");
        for question in &questions {
            let all = engine.search(question, ALL).expect("answered");
            prop_assert_eq!(all.total, all.hits.len());
            let some = engine.search(question, Page { offset, limit, ..ALL }).expect("answered");
            let expected: Vec<&Hit> = all.hits.iter().skip(offset).take(limit).collect();
            prop_assert_eq!((some.total, some.hits.iter().collect::<Vec<_>>()), (all.total, expected), "{}", question);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn after_edits_everything_is_as_of_a_clean_build(
        texts in proptest::collection::vec((text(), text(), 0u32..5), 1..12),
        edits in proptest::collection::vec((0usize..12, proptest::option::of((text(), 0u32..5))), 1..6),
        questions in proptest::collection::vec(question(), 1..12),
    ) {
        let date = |n: u32| if n == 0 { String::new() } else { format!("202{n}-0{n}-1{n}") };
        let mut entries: Vec<Entry> =
            texts.iter().enumerate().map(|(n, (title, text, year))| page(n, title, &date(*year), text)).collect();
        let site = Site::new();
        let first = site.publish(&entries);
        let opened = Engine::open(&site.disk, &first, None).expect("it opens");
        for (at, edit) in &edits {
            let at = at % entries.len().max(1);
            match edit {
                Some((text, year)) if at < entries.len() && year % 2 == 0 => entries[at].sections[0].text.clone_from(text),
                Some((text, year)) => entries.push(page(entries.len() + 20, text, &date(*year), "新的一页")),
                None if entries.len() > 1 => drop(entries.remove(at)),
                None => {}
            }
        }
        let left = site.publish(&entries);
        let edited = Engine::open(&site.disk, &left, Some(&opened)).expect("it opens");
        let clean = Site::new();
        let left = clean.publish(&entries);
        let clean = Engine::open(&clean.disk, &left, None).expect("it opens");
        prop_assert_eq!(edited.docs(), entries.len());
        for question in &questions {
            let found = edited.search(question, ALL).expect("found");
            prop_assert_eq!(&found, &clean.search(question, ALL).expect("found"), "{}", question);
            if found.by == By::Text && !question.contains([':', 'R']) {
                // Whoever reads every page finds the same.
                let asked = query::parse(question);
                let holds = |e: &Entry, phrase: &String| e.pieces().any(|(_, text)| {
                    analyzer::holds(&analyzer::squeeze(&analyzer::fold(text)), &analyzer::squeeze(&analyzer::fold(phrase)))
                });
                let mut expected: Vec<&str> = entries.iter().filter(|e| {
                    asked.groups.iter().all(|g| g.iter().any(|p| holds(e, p))) && !asked.without.iter().any(|p| holds(e, p))
                }).map(|e| e.face.url.as_str()).collect();
                let mut hits: Vec<&str> = found.hits.iter().map(|h| h.url.as_str()).collect();
                expected.sort_unstable();
                hits.sort_unstable();
                prop_assert_eq!(hits, expected, "{}", question);
            }
        }
        let all: Vec<Entry> = edited.entries().map(|e| e.expect("read").0).collect();
        prop_assert!(all.iter().map(|e| &e.face).eq(clean.entries().map(|e| e.expect("read").0.face).collect::<Vec<_>>().iter()));
    }
}
