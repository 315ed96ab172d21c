//! How things stand, as a page: made of what `/status` says and nothing else, without a script.

use crate::diagnostic::Lang;
use serde_json::Value;
use tera::{Context, Tera, TeraResult};

const TEMPLATE: &str = include_str!("status.html");

/// The words of the page: key, Chinese, English.
const WORDS: [(&str, &str, &str); 24] = [
    ("title", "发布状态", "Publishing"),
    ("fine", "正常", "Fine"),
    ("failed", "没有发布成功", "Not published"),
    ("busy", "正在发布", "Publishing"),
    ("branch", "分支", "Branch"),
    ("repository", "仓库", "Repository"),
    ("live", "线上的提交", "Live commit"),
    ("none", "还没有", "none yet"),
    ("since", "起", "since"),
    ("building", "正在发布的提交", "Commit being published"),
    ("queue", "等待中的通知", "Calls waiting"),
    ("next_poll", "下次查看", "Next look"),
    ("last", "上一次发布", "Last publishing"),
    ("result_live", "已上线", "live"),
    ("result_refused", "有错误，没有上线", "refused for its errors"),
    ("result_failed", "机器出了问题", "the machine refused"),
    ("seconds", "秒", "s"),
    ("rewritten", "历史被改写", "History was rewritten"),
    ("failure", "哪里不对", "What is wrong"),
    ("error", "错误", "error"),
    ("warning", "警告", "warning"),
    ("hint", "提示：", "hint: "),
    ("version", "版本", "Version"),
    ("now", "这一页的时间", "This page's time"),
];

/// Makes the page of a status.
pub(super) fn page(status: &Value, now: i64, lang: Lang) -> TeraResult<String> {
    let words: std::collections::BTreeMap<&str, &str> = WORDS
        .iter()
        .map(|(key, zh, en)| {
            let word = match lang {
                Lang::Zh => zh,
                Lang::En => en,
            };
            (*key, *word)
        })
        .collect();
    let mut status = status.clone();
    clocks(&mut status);
    let mut context = Context::new();
    context.insert("s", &status);
    context.insert("t", &words);
    context.insert("zh", &(lang == Lang::Zh));
    context.insert("now", &clock(&super::moment(now)));
    Tera::one_off(TEMPLATE, &context, true)
}

/// Turns every moment into the time on a Chinese clock.
fn clocks(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (key, value) in map.iter_mut() {
                match value {
                    Value::String(text) if ["since", "at", "next_poll", "started"].contains(&key.as_str()) => {
                        *text = clock(text);
                    }
                    Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
                    Value::Array(_) | Value::Object(_) => clocks(value),
                }
            }
        }
        Value::Array(all) => all.iter_mut().for_each(clocks),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn clock(moment: &str) -> String {
    let time = moment.parse::<jiff::Timestamp>().unwrap_or_default();
    time.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(8))).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn status() -> Value {
        json!({
            "branch": "main<script>", "repository": "/srv/a.git",
            "live": { "commit": "a".repeat(40), "since": "2026-11-20T16:00:00Z" },
            "building": null, "queue": 0, "next_poll": "2026-11-20T16:01:00Z",
            "last": { "commit": "b".repeat(40), "at": "2026-11-20T16:00:30Z", "result": "refused", "seconds": 0.4, "written": 0 },
            "failure": { "commit": "b".repeat(40), "at": "2026-11-20T16:00:30Z", "message": "有 1 个错误", "message_en": "1 error",
                "diagnostics": [{ "severity": "error", "code": "unknown-key", "path": "content/<img src=x onerror=alert(1)>.md", "line": 3, "column": 1,
                    "message": "没有`<b>`这个键", "message_en": "unknown key `<b>`", "hint": "是不是 \"x\"？", "hint_en": "did you mean \"x\"?" }] },
            "rewritten": null, "started": "2026-11-20T15:00:00Z", "version": "1.2.3",
        })
    }

    #[test]
    fn the_page_tells_all_in_both_languages_and_on_a_chinese_clock() {
        for (lang, words) in [
            (
                Lang::Zh,
                [
                    "没有发布成功",
                    "没有`&lt;b&gt;`这个键",
                    "是不是",
                    "content/",
                    "2026-11-21 00:00:00",
                    "有错误，没有上线",
                ],
            ),
            (
                Lang::En,
                [
                    "Not published",
                    "unknown key `&lt;b&gt;`",
                    "did you mean",
                    "content/",
                    "2026-11-21 00:00:00",
                    "refused for its errors",
                ],
            ),
        ] {
            let page = page(&status(), 0, lang).expect("the template is sound");
            for word in words {
                assert!(page.contains(word), "{word} in\n{page}");
            }
        }
    }

    #[test]
    fn what_is_quoted_never_becomes_markup() {
        let page = page(&status(), 0, Lang::Zh).expect("the template is sound");
        for forbidden in ["<script", "<img", "<b>"] {
            assert!(!page.contains(forbidden), "{forbidden} in\n{page}");
        }
    }

    #[test]
    fn a_daemon_that_has_done_nothing_yet_has_a_page() {
        let bare = json!({ "branch": "main", "repository": "r", "live": null, "building": null, "queue": 1, "next_poll": null,
            "last": null, "failure": null, "rewritten": null, "started": "2026-11-20T15:00:00Z", "version": "1" });
        let page = page(&bare, 0, Lang::Zh).expect("the template is sound");
        assert!(page.contains("还没有") && page.contains("正常"), "{page}");
    }
}
