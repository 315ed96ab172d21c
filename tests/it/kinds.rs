//! Kinds of record: every shipped kind can be written with what it asks for; a site adds its own.

use crate::films::mp4;
use crate::support::{CONFIG, SiteTest, other};
use beilin::model::kind::Kinds;
use beilin::model::schema::{Field, FieldType, Need};

fn shipped() -> Kinds {
    let mut out = Vec::new();
    let kinds = Kinds::load(&[], &mut out);
    assert!(out.is_empty());
    kinds
}

/// Writes a value that fits a field, in TOML.
fn value(field: &Field) -> String {
    match field.sort {
        FieldType::Text | FieldType::Longtext | FieldType::Person => "\"文字\"".into(),
        FieldType::Int | FieldType::Number => "3".into(),
        FieldType::Bool => "true".into(),
        FieldType::Date | FieldType::When => "\"2025-01-02\"".into(),
        FieldType::Choice => format!("\"{}\"", field.options[0]),
        FieldType::People => "[\"文字\"]".into(),
        FieldType::List => format!("[\"{}\"]", field.options.first().map_or("文字", String::as_str)),
        FieldType::Record => "\"za\"".into(),
        FieldType::Records => "[\"za\"]".into(),
        FieldType::Rubric => "\"ru\"".into(),
        FieldType::Org => "\"org\"".into(),
        FieldType::Branch => "\"yi\"".into(),
        FieldType::Tally => format!("{{ \"{}\" = 3 }}", field.options.first().map_or("票", String::as_str)),
        FieldType::Figures | FieldType::Pictures | FieldType::Rows => format!("[{}]", row(field)),
        FieldType::Group => row(field),
    }
}

fn row(field: &Field) -> String {
    let columns = field.columns.iter().filter(|c| c.need == Need::Required).map(|c| {
        let value = match (field.key.as_str(), c.key.as_str()) {
            ("film", "file") => "\"f.mp4\"".into(),
            (_, "file") => "\"p.svg\"".into(),
            _ => value(c),
        };
        format!("{} = {value}", c.key)
    });
    format!("{{ {} }}", columns.collect::<Vec<_>>().join(", "))
}

/// Writes a record of a kind with the fields chosen.
fn record(kinds: &Kinds, at: usize, choose: impl Fn(&Field) -> bool) -> String {
    let kind = &kinds.kinds[at];
    let mut text = format!(
        "+++\nid = \"k-{}\"\nkind = \"{}\"\ntitle = \"题\"\nbranch = \"yi\"\ndate = \"2025-01-02\"\naudience = \"society\"\n",
        kind.id, kind.id
    );
    for field in kinds.schemas[at].fields.iter().filter(|f| {
        ![
            "id",
            "kind",
            "title",
            "branch",
            "unit",
            "date",
            "audience",
            "secrecy",
            "status",
            "group",
            "archive",
            "campaign",
            "evidence_for",
            "aliases",
            "corrects",
            "supersedes",
            "personal",
            "version",
            "versions",
        ]
        .contains(&f.key.as_str())
            && choose(f)
    }) {
        let value = match field.key.as_str() {
            "cover" => "\"p.svg\"".into(),
            "pictures" => "[{ file = \"p.svg\", alt = \"图\" }]".into(),
            "attachments" => "[{ title = \"表\", file = \"p.svg\" }]".into(),
            _ => value(field),
        };
        text += &format!("{} = {value}\n", field.key);
    }
    if kinds.schemas[at].field("group").is_some_and(|f| f.need == Need::Required) {
        text += "group = \"g1\"\n";
    }
    text + "+++\n正文。\n"
}

fn site() -> SiteTest {
    let site = SiteTest::from_files(&[
        (
            "content/branches/yi.md",
            "+++\nid = \"yi\"\nname = \"第一党支部\"\nparent = \"org\"\ngroups = [{ id = \"g1\", name = \"第一党小组\" }]\n+++\n",
        ),
        ("content/rubrics/ru.md", "+++\nid = \"ru\"\ntitle = \"标准\"\n+++\n"),
    ]);
    site.put("content/records/yi/za.md", &other("za", "2025-01-01", "", ""));
    site
}

#[test]
fn every_kind_is_built_of_what_it_requires_alone() {
    let (kinds, site) = (shipped(), site());
    for at in 0..kinds.kinds.len() {
        let folder = format!("content/records/yi/{}", kinds.kinds[at].id);
        site.put(&format!("{folder}/index.md"), &record(&kinds, at, |f| f.need == Need::Required));
        site.put(&format!("{folder}/p.svg"), "<svg xmlns=\"http://www.w3.org/2000/svg\"/>");
    }
    let built = site.build_clean();
    for kind in &kinds.kinds {
        let page = built.words_of(&format!("records/k-{}/index.html", kind.id));
        assert!(page.contains(&kind.label.zh) && page.contains("题") && page.contains("正文。"), "{}: {page}", kind.id);
    }
}

#[test]
fn every_kind_is_built_of_every_field_it_has() {
    let (kinds, site) = (shipped(), site());
    for at in 0..kinds.kinds.len() {
        let folder = format!("content/records/yi/{}", kinds.kinds[at].id);
        site.put(&format!("{folder}/index.md"), &record(&kinds, at, |_| true));
        site.put_bytes(&format!("{folder}/f.mp4"), &mp4(b"avc1", b"isom", true));
        site.put(&format!("{folder}/p.svg"), "<svg xmlns=\"http://www.w3.org/2000/svg\"/>");
    }
    let built = site.build_fine();
    assert_eq!(built.report.records, kinds.kinds.len() + 1, "{}", built.diagnostics);
}

#[test]
fn a_missing_required_field_is_told_with_its_names() {
    let kinds = shipped();
    for (at, kind) in kinds.kinds.iter().enumerate() {
        for field in kinds.schemas[at].fields.iter().filter(|f| f.need == Need::Required) {
            let site = site();
            site.put(
                "content/records/yi/x/index.md",
                &record(&kinds, at, |f| f.need == Need::Required && f.key != field.key)
                    .replace("group = \"g1\"\n", if field.key == "group" { "" } else { "group = \"g1\"\n" }),
            );
            site.put("content/records/yi/x/p.svg", "<svg/>");
            let told = site.check().diagnostics;
            assert!(
                told.contains("error[missing-key] content/records/yi/x/index.md:1:1")
                    && told.contains(&format!("`{}`", field.key)),
                "{} without {}: {told}",
                kind.id,
                field.key
            );
        }
    }
}

#[test]
fn a_kind_is_called_by_id_label_or_alias() {
    for word in ["committee-meeting", "支委会", "支部委员会会议"] {
        let Some(_) = shipped().find(word) else { continue };
        let site = SiteTest::from_files(&[(
            "content/records/yi/a.md",
            &format!(
                "+++\nid = \"a\"\nkind = \"{word}\"\ntitle = \"题\"\nbranch = \"yi\"\ndate = \"2025-01-02\"\nhost = \"甲\"\nrecorder = \"乙\"\nexpected = 3\npresent = 3\nagenda = [{{ title = \"议\" }}]\n+++\n"
            ),
        )]);
        assert_eq!(site.build_clean().json("records/a/index.json")["kind"], "committee-meeting", "{word}");
    }
}

#[test]
fn an_unknown_kind_is_told_with_the_nearest() {
    let site = SiteTest::from_files(&[("content/records/yi/a.md", "+++\nid = \"a\"\nkind = \"支委会会\"\n+++\n")]);
    let told = site.check().diagnostics;
    assert!(told.starts_with("error[unknown-kind] content/records/yi/a.md:3:8 ‹\"支委会会\"›"), "{told}");
    assert!(told.contains("did you mean `支委会会议`?"), "{told}");
}

#[test]
fn a_site_adds_a_kind_without_code_and_replaces_one() {
    let own = "[[kind]]\nid = \"drill\"\nlabel = { zh = \"岗位练兵\" }\nmark = \"练\"\nclass = \"activity\"\naudience = \"society\"\nfields = [{ key = \"subject\", label = { zh = \"科目\" }, type = \"text\", need = \"required\" }]\n\n[[kind]]\nid = \"other\"\nlabel = { zh = \"杂项\" }\nmark = \"杂\"\nclass = \"other\"\naudience = \"society\"\n";
    let site = SiteTest::from_files(&[
        ("beilin.toml", &format!("{CONFIG}[content]\nkinds = [\"kinds.toml\"]\n")),
        ("kinds.toml", own),
        (
            "content/records/yi/a.md",
            "+++\nid = \"a\"\nkind = \"岗位练兵\"\ntitle = \"题\"\nbranch = \"yi\"\ndate = \"2025-01-02\"\n\"科目\" = \"盘查\"\n+++\n",
        ),
        ("content/records/yi/b.md", &other("b", "2025-01-03", "", "")),
    ]);
    let built = site.build_clean();
    let page = built.words_of("records/a/index.html");
    assert!(page.contains("岗位练兵") && page.contains("科目 盘查") || page.contains("科目盘查"), "{page}");
    assert!(built.words_of("records/b/index.html").contains("杂项"));
    assert!(built.has("archive/kind/drill/index.html") && built.has("archive/kind/drill/feed.xml"));
}

#[test]
fn a_wrong_kinds_file_is_told_in_that_file() {
    let site = SiteTest::from_files(&[
        ("beilin.toml", &format!("{CONFIG}[content]\nkinds = [\"kinds.toml\"]\n")),
        (
            "kinds.toml",
            "[[kind]]\nid = \"x\"\nlabel = { zh = \"某\" }\nmark = \"某\"\nclass = \"nonsense\"\naudience = \"society\"\n",
        ),
    ]);
    let told = site.check().diagnostics;
    assert!(told.contains("error[kinds] kinds.toml:5:9 ‹\"nonsense\"›"), "{told}");
    site.remove("kinds.toml");
    assert!(site.check().diagnostics.contains("error[no-file] beilin.toml"));
}
