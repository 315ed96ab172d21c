//! Meetings: agenda, votes and attendance on the page; the absent are counted and never named.

use crate::support::{Built, SiteTest, attributes, texts};

const PAGE: &str = "records/h/index.html";

fn meeting(voters: &str, body: &str) -> String {
    format!(
        r#"+++
id = "h"
kind = "general-meeting"
title = "第三季度党员大会"
branch = "yi"
date = "2025-09-18T15:00/16:35"
recorded = "2025-09-30"
host = "周衡（支部书记）"
recorder = "林一舟"
expected = 25
present = 23
{voters}
absent = [{{ who = "缺席甲", reason = "因公" }}, {{ who = "缺席乙（组织委员）", reason = "病假", note = "请假条在案", approved = "支部书记" }}]
observers = [{{ who = "列席丙", why = "入党积极分子" }}]
[[agenda]]
title = "第一议题学习"
first_topic = true
presenter = "宣传委员"
[[agenda]]
title = "讨论接收预备党员"
[agenda.resolution]
text = "同意接收一人"
method = "无记名票决"
for = 18
against = 1
abstain = 2
result = "通过"
[[agenda]]
title = "审议支部预算"
discussion = "有人提出先核对台账。"
[agenda.resolution]
text = "预算暂不通过"
method = "举手"
for = 5
against = 15
abstain = 1
result = "未通过"
+++
{body}
"#
    )
}

fn built(voters: &str, body: &str) -> Built {
    SiteTest::from_files(&[("content/records/yi/h.md", &meeting(voters, body))]).build_clean()
}

const VOTERS: &str = "voters = { expected = 23, present = 21 }";

#[test]
fn attendance_and_voters_stand_as_recorded() {
    let page = built(VOTERS, "").words_of(PAGE);
    for words in [
        "应到 25 人，实到 23 人；有表决权应到 23 人，实到 21 人",
        "列席丙（入党积极分子）",
        "表决 2 项，通过 1 项，未通过 1 项",
        "周衡（支部书记）",
        "林一舟",
    ] {
        assert!(page.contains(words), "{words} in {page}");
    }
}

#[test]
fn the_absent_are_counted_by_reason() {
    let page = built(VOTERS, "").words_of(PAGE);
    assert!(page.contains("2 人：因公 1 人，病假 1 人"), "{page}");
}

#[test]
fn the_absent_are_named_in_no_output() {
    let built = built(VOTERS, "正文。");
    for name in ["缺席甲", "缺席乙", "请假条在案"] {
        assert_eq!(built.holding(name), Vec::<&str>::new(), "{name}");
    }
    assert_eq!(built.json("records/h/index.json")["fields"]["absent"], 2);
}

#[test]
fn votes_are_shown_in_numbers_and_cells_with_the_half_line() {
    let page = built(VOTERS, "").page(PAGE);
    let tallies = texts(&page, ".tally");
    assert!(
        tallies[0].contains("赞成 18")
            && tallies[0].contains("反对 1")
            && tallies[0].contains("弃权 2")
            && tallies[0].contains("未到 2"),
        "{tallies:?}"
    );
    assert!(tallies[0].contains("过半线 11.5") && tallies[0].contains("应到 23，须 12 票：通过"), "{tallies:?}");
    let labels = attributes(&page, "svg.votes", "aria-label");
    assert_eq!(labels, ["赞成 18，反对 1，弃权 2，未到 2", "赞成 5，反对 15，弃权 1，未到 2"]);
    for (class, n) in [("y", 18 + 5), ("n", 1 + 15), ("b", 2 + 1), ("a", 2 + 2)] {
        assert_eq!(attributes(&page, &format!("svg.votes rect.{class}"), "x").len(), n, "cells of {class}");
    }
}

#[test]
fn without_voters_no_half_line_is_drawn() {
    let page = built("", "").page(PAGE);
    let tallies = texts(&page, ".tally");
    assert!(!tallies.concat().contains("过半线") && tallies[0].contains("表决结果：通过"), "{tallies:?}");
    assert_eq!(attributes(&page, "svg.votes path.half", "d").len(), 0);
}

#[test]
fn many_voters_are_drawn_in_segments() {
    let text = meeting("voters = { expected = 900, present = 800 }", "")
        .replace("for = 18", "for = 700")
        .replace("against = 1\n", "against = 60\n");
    let page = SiteTest::from_files(&[("content/records/yi/h.md", &text)]).build_clean().page(PAGE);
    assert_eq!(attributes(&page, "svg.votes rect", "x").len() % 4, 0);
    assert!(attributes(&page, "svg.votes rect", "x").len() <= 8);
}

#[test]
fn a_motion_that_failed_is_marked_so() {
    let page = built(VOTERS, "").page(PAGE);
    assert_eq!(texts(&page, ".res.no .what"), ["决议预算暂不通过"]);
    assert_eq!(texts(&page, ".res:not(.no) .what"), ["决议同意接收一人"]);
}

#[test]
fn a_resolution_stands_under_its_section_of_the_text() {
    let body =
        "开场白。\n\n## 一、第一议题学习\n\n学了。\n\n## 二、讨论接收预备党员\n\n逐一表态。\n\n## 其他\n\n散会。";
    let words = built(VOTERS, body).words_of(PAGE);
    let at = |needle: &str| words.find(needle).unwrap_or_else(|| panic!("{needle} in {words}"));
    assert!(
        at("开场白。") < at("学了。") && at("逐一表态。") < at("同意接收一人") && at("同意接收一人") < at("散会。"),
        "{words}"
    );
    assert!(
        at("散会。") < at("三、审议支部预算") && at("三、审议支部预算") < at("预算暂不通过"),
        "an item without a section follows with its number"
    );
    assert_eq!(
        words.matches("讨论接收预备党员").count(),
        words.matches("二、讨论接收预备党员").count(),
        "an item with a section has one heading"
    );
}

#[test]
fn first_topic_presenter_and_discussion_are_shown() {
    let words = built(VOTERS, "").words_of(PAGE);
    for part in ["第一议题", "汇报：宣传委员", "有人提出先核对台账。"] {
        assert!(words.contains(part), "{part}");
    }
}

#[test]
fn a_late_record_is_marked_and_the_four_dates_stand_in_order() {
    let page = built(VOTERS, "").page(PAGE);
    let dates = texts(&page, ".dates li");
    assert_eq!(dates.len(), 4);
    assert!(
        dates[0].contains("2025-09-18")
            && dates[1].contains("2025-09-30")
            && dates[1].contains("补录 12 天")
            && dates[2].contains("未记")
            && dates[3].contains("未记"),
        "{dates:?}"
    );
}

#[test]
fn dates_out_of_order_are_told_and_published_as_they_are() {
    let site = SiteTest::from_files(&[(
        "content/records/yi/h.md",
        &meeting(VOTERS, "").replace("recorded = \"2025-09-30\"", "recorded = \"2025-09-01\""),
    )]);
    let built = site.build_fine();
    assert!(
        built.diagnostics.starts_with("warning[dates-order] content/records/yi/h.md:7:12 ‹\"2025-09-01\"›"),
        "{}",
        built.diagnostics
    );
    assert!(texts(&built.page(PAGE), ".dates li")[1].contains("2025-09-01"));
}

#[test]
fn an_election_shows_ballots_candidates_and_who_was_elected() {
    let record = "+++\nid = \"h\"\nkind = \"election\"\ntitle = \"换届选举\"\nbranch = \"yi\"\ndate = \"2025-03-27\"\nhost = \"周衡\"\nrecorder = \"林一舟\"\npost = \"支委会委员\"\nvoters = { expected = 20, present = 19 }\nballots = { issued = 19, returned = 19, valid = 18, invalid = 1 }\ncandidates = [{ name = \"甲一\", for = 17, against = 1, abstain = 0, elected = true }, { name = \"乙二\", for = 6, elected = false }]\ntellers = [\"监票人丁\"]\n+++\n话。\n";
    let page = SiteTest::from_files(&[("content/records/yi/h.md", record)]).build_clean().page(PAGE);
    let rows = texts(&page, "table.tab tbody tr");
    assert!(
        rows[0].contains("甲一") && rows[0].contains("17") && rows[0].contains("当选") && rows[1].contains("未当选"),
        "{rows:?}"
    );
    assert!(texts(&page, ".hold div").concat().contains("19"));
}
