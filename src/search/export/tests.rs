use super::*;
use crate::search::entry::{Face, Section};
use proptest::prelude::*;

fn entry() -> Entry {
    Entry {
        face: Face {
            url: "records/甲/".into(),
            title: "支委会\u{2028}会议".into(),
            kind: Some(("committee".into(), "支委会".into())),
            branch: Some(("yi".into(), "第一党支部".into())),
            date: "2026年3月".into(),
            iso: "2026-03".into(),
            fields: vec![
                (Part::Kind, "支委会".into()),
                (Part::People, "支部书记 周衡".into()),
                (Part::Number, "云委〔2026〕6号".into()),
                (Part::Attachment, "签到表.pdf".into()),
                (Part::Other, "学习".into()),
            ],
        },
        sections: vec![
            Section { anchor: String::new(), heading: String::new(), text: "开头\n第二行".into() },
            Section { anchor: "yi".into(), heading: "议题".into(), text: "\"四强\"标准".into() },
        ],
    }
}

#[test]
fn a_page_is_a_document_with_all_that_is_found_of_it() {
    let (entry, honours) = (entry(), ["四强党支部".to_owned()]);
    let line = Format::Ndjson.line("beilin", &Document::of(&entry, &honours));
    let found: Value = serde_json::from_str(&line.text).expect("JSON");
    let expected = json!({
        "id": Digest::of("records/甲/".as_bytes()).to_hex()[..32],
        "url": "records/甲/",
        "title": "支委会\u{2028}会议",
        "kind": "支委会", "kind_id": "committee",
        "branch": "第一党支部", "branch_id": "yi",
        "date": "2026-03", "day": 20260300, "year": 2026,
        "body": "开头\n第二行\n议题\n\"四强\"标准",
        "sections": [
            { "anchor": "", "heading": "", "text": "开头\n第二行" },
            { "anchor": "yi", "heading": "议题", "text": "\"四强\"标准" },
        ],
        "people": ["支部书记 周衡"],
        "numbers": ["云委〔2026〕6号"],
        "attachments": ["签到表.pdf"],
        "other": ["支委会", "学习"],
        "honours": ["四强党支部"],
    });
    assert_eq!(found, expected);
    assert_eq!(line.text.matches('\n').count(), 1);
}

#[test]
fn a_date_is_a_number_as_far_as_it_is_known() {
    for (iso, expected) in [
        ("2026-03-18", Some(20260318)),
        ("2026-03", Some(20260300)),
        ("2026", Some(20260000)),
        ("", None),
        ("昨天", None),
        ("99999-01", None),
    ] {
        assert_eq!(day(iso), expected, "{iso}");
    }
    let bare = Entry::default();
    let bare = json!(Document::of(&bare, &[]));
    for key in ["kind", "kind_id", "branch", "branch_id", "date", "day", "year"] {
        assert!(bare.get(key).is_none(), "{key}");
    }
}

#[test]
fn bulk_says_what_to_do_with_each_document() {
    let entry = entry();
    let document = Document::of(&entry, &[]);
    let line = Format::Bulk.line("dang-an", &document);
    let lines: Vec<Value> = line.text.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect();
    assert_eq!(lines, [json!({ "index": { "_index": "dang-an", "_id": document.id } }), json!(document)]);
}

fn lines(count: usize) -> Vec<Line> {
    (0..count).map(|n| Line { url: format!("p{n}/"), text: format!("{{\"url\":\"p{n}/\"}}\n") }).collect()
}

#[test]
fn a_batch_holds_no_more_than_it_may_and_a_long_document_goes_alone() {
    let all: Vec<Line> =
        ["a", "bb", "ccccccc", "d", "e", "f"].iter().map(|t| Line { url: String::new(), text: (*t).into() }).collect();
    let limits = Limits { documents: 2, bytes: 4 };
    let batches = Batches::new(all.into_iter().map(Ok::<_, ()>), limits);
    let found: Vec<String> =
        batches.map(|b| b.expect("no faults").iter().map(|l| l.text.as_str()).collect::<Vec<_>>().join("+")).collect();
    assert_eq!(found, ["a+bb", "ccccccc", "d+e", "f"]);
    let fault = vec![Ok(lines(1).remove(0)), Err(()), Ok(lines(1).remove(0))];
    let found: Vec<_> = Batches::new(fault.into_iter(), limits).map(|b| b.map(|b| b.len())).collect();
    assert_eq!(found, [Err(()), Ok(1)]);
}

#[test]
fn the_answer_of_bulk_is_read_document_by_document() {
    let batch = lines(4);
    let taken = Format::Bulk.read(r#"{"took":3,"errors":false,"items":[]}"#, &batch);
    assert_eq!(taken, Taken::default());
    let answer = json!({ "errors": true, "items": [
        { "index": { "_id": "0", "status": 201 } },
        { "index": { "_id": "1", "status": 429, "error": { "type": "es_rejected_execution_exception" } } },
        { "index": { "_id": "2", "status": 400, "error": {
            "type": "mapper_parsing_exception", "reason": "failed to parse field [year]",
            "caused_by": { "type": "number_format_exception", "reason": "For input string" } } } },
        { "index": { "_id": "3", "status": 409 } },
    ]});
    let taken = Format::Bulk.read(&answer.to_string(), &batch);
    assert_eq!(taken.again, [1]);
    let refused: Vec<(&str, &str)> = taken.refused.iter().map(|r| (r.url.as_str(), r.reason.as_str())).collect();
    let reason = "mapper_parsing_exception: failed to parse field [year]: For input string";
    assert_eq!(refused, [("p2/", reason), ("p3/", "409")]);
    for odd in ["", "<html>", "[]", r#"{"errors":true,"items":[]}"#] {
        assert_eq!(Format::Bulk.read(odd, &batch).refused.len(), 4, "{odd}");
    }
}

#[test]
fn the_answer_of_quickwit_is_read_with_and_without_details() {
    let batch = lines(3);
    assert_eq!(Format::Quickwit.read(r#"{"num_docs_for_processing":3}"#, &batch), Taken::default());
    let answer = json!({ "num_docs_for_processing": 3, "num_ingested_docs": 1, "num_rejected_docs": 2,
        "parse_failures": [{ "message": "strict mode", "document": "{\"url\":\"p1/\"}", "reason": "unspecified" }] });
    let taken = Format::Quickwit.read(&answer.to_string(), &batch);
    let refused: Vec<(&str, &str)> = taken.refused.iter().map(|r| (r.url.as_str(), r.reason.as_str())).collect();
    assert_eq!(refused, [("p1/", "unspecified: strict mode"), ("", "rejected")]);
    assert_eq!(Format::Quickwit.read("no", &batch).refused.len(), 3);
}

#[test]
fn every_field_of_a_document_is_in_the_configuration_and_no_other() {
    let entry = entry();
    let document = json!(Document::of(&entry, &[]));
    let keys = |value: &Value| -> Vec<String> { value.as_object().expect("an object").keys().cloned().collect() };
    let mut wanted = keys(&document);
    wanted.sort();
    let elastic = elasticsearch();
    let mut found = keys(&elastic["mappings"]["properties"]);
    found.sort();
    assert_eq!(found, wanted);
    let yaml: Value = serde_saphyr::from_str(&quickwit("dang-an")).expect("YAML");
    assert_eq!(yaml["index_id"], "dang-an");
    let fields = yaml["doc_mapping"]["field_mappings"].as_array().expect("a list");
    let of = |name: &str| fields.iter().find(|f| f["name"] == name).unwrap_or_else(|| panic!("{name}"));
    let mut found: Vec<String> = fields.iter().map(|f| f["name"].as_str().expect("a name").to_owned()).collect();
    found.sort();
    assert_eq!(found, wanted);
    for name in ["title", "body", "people", "numbers", "attachments", "other"] {
        let field = of(name);
        assert_eq!(field["tokenizer"], "chinese_compatible", "{name}");
        assert_eq!((&field["record"], &field["fieldnorms"]), (&json!("position"), &json!(true)), "{name}");
        assert_eq!(elastic["mappings"]["properties"][name]["analyzer"], "beilin", "{name}");
    }
    for name in ["kind", "branch", "honours", "date", "year", "day"] {
        assert_eq!(of(name)["fast"], true, "{name}");
    }
    for name in ["kind", "branch", "honours", "date"] {
        assert_eq!(elastic["mappings"]["properties"][name]["type"], "keyword", "{name}");
    }
    let rules = elastic["settings"]["analysis"]["char_filter"]["simplified"]["mappings"].as_array().expect("a list");
    assert!(rules.contains(&json!("學=>学")));
}

#[test]
fn the_pages_script_asks_for_fields_there_are() {
    let script = include_str!("../client/remote.js");
    let properties = &elasticsearch()["mappings"]["properties"];
    for list in ["TEXTS", "FIELDS", "SOURCE"] {
        let (_, rest) = script.split_once(&format!("var {list} = ")).expect("the script has the list");
        let (list, _) = rest.split_once(';').expect("it ends");
        // Of `key: 'field'` the field, of `'field'` itself.
        for name in list.split('\'').skip(1).step_by(2) {
            assert!(properties.get(name).is_some(), "{name}");
        }
    }
}

#[test]
fn an_index_is_called_as_all_servers_allow() {
    for (name, is_one) in [
        ("beilin", true),
        ("dang-an_2026", true),
        ("ab", false),
        ("Beilin", false),
        ("_all", false),
        ("档案", false),
        ("a/b?c", false),
        ("", false),
    ] {
        assert_eq!(is_index_name(name), is_one, "{name}");
    }
}

proptest! {
    #[test]
    fn any_answer_is_read_without_a_fault(answer in "(?s).{0,60}|\\{\"errors\":true,\"items\":\\[(\\{\"index\":(null|1|\\{\\})\\},?){0,3}\\]\\}") {
        let batch = lines(2);
        for format in [Format::Ndjson, Format::Bulk, Format::Quickwit] {
            let taken = format.read(&answer, &batch);
            prop_assert!(taken.again.iter().all(|n| *n < 2));
        }
    }

    #[test]
    fn any_text_is_one_line(text in "(?s).{0,40}") {
        let mut entry = entry();
        entry.sections[0].text = text.clone();
        let line = Format::Quickwit.line("beilin", &Document::of(&entry, &[]));
        prop_assert_eq!(line.text.matches('\n').count(), 1);
        let found: Value = serde_json::from_str(&line.text).expect("JSON");
        prop_assert_eq!(found["sections"][0]["text"].as_str(), Some(text.as_str()));
    }
}
