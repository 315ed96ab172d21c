//! The commands as a person meets them: words in, text and exit code out, on a disk in memory.

use super::*;
use crate::disk::Memory;
use std::io;

/// Answers written beforehand.
struct Script(Vec<&'static str>);

impl Script {
    fn next(&mut self) -> io::Result<&'static str> {
        if self.0.is_empty() { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(self.0.remove(0)) }
    }
}

impl Answers for Script {
    fn choose(&mut self, _: &str, among: &[String]) -> io::Result<usize> {
        let word = self.next()?;
        Ok(among.iter().position(|a| a.contains(word)).expect("the answer is among the choices"))
    }

    fn text(&mut self, _: &str, proposed: &str) -> io::Result<String> {
        let word = self.next()?;
        Ok(if word.is_empty() { proposed.to_owned() } else { word.to_owned() })
    }
}

fn beilin_asking(disk: &Memory, line: &str, mut script: Option<Script>) -> (u8, String, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let answers = script.as_mut().map(|s| s as &mut dyn Answers);
    let mut terminal = Terminal { out: &mut out, err: &mut err, out_is_read: false, err_is_read: false, answers };
    let code = run(format!("beilin {line}").split(' ').map(OsString::from), disk, &mut terminal);
    let text = |bytes| String::from_utf8(bytes).expect("we write UTF-8");
    (code, text(out), text(err))
}

fn beilin(disk: &Memory, line: &str) -> (u8, String, String) {
    beilin_asking(disk, line, None)
}

/// A new site in `s/`.
fn site() -> Memory {
    let disk = Memory::default();
    let (code, _, err) = beilin(&disk, "init s");
    assert_eq!((code, err.as_str()), (FINE, ""));
    disk
}

#[test]
fn a_new_site_is_built_without_a_word_of_complaint() {
    let disk = site();
    let (code, out, err) = beilin(&disk, "check --root s");
    assert_eq!((code, err.as_str()), (FINE, ""), "{out}");
    assert!(out.starts_with("没有错误：1 条记录，"), "{out}");
    let (code, out, err) = beilin(&disk, "build --root s");
    assert_eq!((code, err.as_str()), (FINE, ""), "{out}");
    assert!(out.starts_with("已生成 s/public/：1 条记录，"), "{out}");
    let (_, out, _) = beilin(&disk, "build --root s --lang en");
    assert!(out.contains("Wrote 0 files"), "{out}");
}

#[test]
fn a_site_is_never_begun_among_other_files() {
    let disk = Memory::new([("s/notes.txt", "mine")]);
    let (code, _, err) = beilin(&disk, "init s");
    assert_eq!(code, REFUSED);
    assert!(err.starts_with("错误：文件夹 `s` 里已经有东西\n"), "{err}");
    assert_eq!(disk.tree("s").len(), 1);
}

#[test]
fn a_new_record_says_what_is_to_be_filled_in_and_nothing_else() {
    let disk = site();
    let (code, out, _) = beilin(
        &disk,
        "new general-meeting --root s --branch yangli-bgs --date 2026-12-18 --title 第四季度支部党员大会",
    );
    assert_eq!((code, out.as_str()), (FINE, "s/content/records/yangli-bgs/2026/2026-12-18-general-meeting.md\n"));
    let (code, out, err) = beilin(&disk, "check --root s --json");
    assert_eq!((code, err.as_str()), (ERRORS, ""));
    let value: Value = serde_json::from_str(&out).expect("JSON");
    let codes: Vec<_> = value["diagnostics"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|d| (d["code"].clone(), d["message"].clone()))
        .collect();
    assert!(codes.iter().all(|(code, _)| code == "missing-key"), "{codes:?}");
    for key in ["host", "recorder", "expected", "present", "agenda"] {
        assert!(
            codes.iter().any(|(_, m)| m.as_str().is_some_and(|m| m.contains(&format!("`{key}`")))),
            "{key}: {codes:?}"
        );
    }
    let (code, _, err) = beilin(&disk, "check --root s");
    assert_eq!(code, ERRORS);
    assert!(
        err.contains("错误：缺少`host`（主持人）、`recorder`（记录人）") && err.contains("\n1 个错误，0 个警告\n"),
        "{err}"
    );
}

#[test]
fn a_file_that_is_there_is_never_overwritten() {
    let disk = site();
    let line = "new study --root s --branch yangli-bgs --date 2026-12-18 --title 甲";
    let paths: Vec<_> =
        [line.to_owned(), line.to_owned(), format!("{line} --dir")].iter().map(|l| beilin(&disk, l).1).collect();
    let folder = "s/content/records/yangli-bgs/2026/2026-12-18-study";
    assert_eq!(paths, [format!("{folder}.md\n"), format!("{folder}-2.md\n"), format!("{folder}-3/index.md\n")]);
    let texts: Vec<_> = disk
        .tree("s/content/records/yangli-bgs/2026")
        .into_values()
        .map(|b| String::from_utf8(b).expect("UTF-8"))
        .filter(|t| t.contains("\"study\""))
        .collect();
    let ids: std::collections::BTreeSet<_> =
        texts.iter().filter_map(|t| t.lines().find(|l| l.starts_with("id"))).collect();
    assert_eq!(ids.len(), 3, "{texts:?}");
}

#[test]
fn what_is_not_given_is_asked_and_where_nobody_answers_it_must_be_given() {
    let disk = site();
    let (code, _, err) = beilin(&disk, "new group-meeting --root s --date 2026-12-18");
    assert_eq!(code, REFUSED);
    assert!(err.starts_with("错误：还要写 --branch、--title、--group\n"), "{err}");
    let script = Script(vec!["yangli-bgs", "昨天", "2026-12-18T15:00/16:00", "党小组会", "g1"]);
    let (code, out, err) = beilin_asking(&disk, "new 党小组会 --root s --yaml", Some(script));
    assert_eq!((code, err.as_str()), (FINE, ""));
    let text = String::from_utf8(disk.read(out.trim()).expect("it is written")).expect("UTF-8");
    for line in [
        "---\n",
        "branch: \"yangli-bgs\"  # 样例局办公室党支部\n",
        "group: \"g1\"\n",
        "date: \"2026-12-18T15:00/16:00\"\n",
        "# host: \"\"  # 主持人，必填\n",
    ] {
        assert!(text.contains(line), "{line} in\n{text}");
    }
}

#[test]
fn words_that_are_wrong_get_the_way_out() {
    let disk = site();
    let check = |line: &str, wanted: &str| {
        let (code, out, err) = beilin(&disk, line);
        assert_eq!((code, out.as_str()), (REFUSED, ""), "{line}");
        assert!(err.contains(wanted), "{line}: {err}");
    };
    check("new 支委汇 --root s --branch yangli-bgs --date 2026-12-18 --title 甲", "是不是 `支委会`？");
    check("new study --root s --branch yangli-bg --date 2026-12-18 --title 甲", "是不是 `yangli-bgs`？");
    check("new study --root s --branch yangli-bgs --date 明天 --title 甲", "日期 `明天` 看不懂");
    check("biuld", "没有 `biuld` 这个命令");
    check("build --root nowhere", "错误：读不了 `nowhere/beilin.toml`");
    check("--lang en build --root nowhere", "error: cannot read `nowhere/beilin.toml`");
    check("explain nothing.md --root s", "站点里没有 `nothing.md`");
}

#[test]
fn errors_are_code_1_and_the_old_site_stays() {
    let disk = site();
    beilin(&disk, "build --root s");
    let before = disk.tree("s/public");
    disk.put("s/content/records/yangli-bgs/2026/x.md", "+++\nkind = \"支委汇\"\n+++\n".as_bytes());
    let (code, out, err) = beilin(&disk, "build --root s");
    assert_eq!((code, out.as_str()), (ERRORS, ""));
    assert!(
        err.contains("2 | kind = \"支委汇\"\n  |        ^^^^^^^^\n") && err.contains("没有生成，原来的网站没有动。"),
        "{err}"
    );
    assert_eq!(disk.tree("s/public"), before);
    let (code, out, err) = beilin(&disk, "build --root s --json --quiet");
    let value: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!((code, err.as_str(), &value["ok"], &value["written"]), (ERRORS, "", &json!(false), &Value::Null));
    assert_eq!((&value["diagnostics"][0]["line"], &value["diagnostics"][0]["column"]), (&json!(2), &json!(8)));
}

#[test]
fn a_machine_that_refuses_is_told_in_json_too() {
    let (code, out, _) = beilin(&Memory::default(), "check --root nowhere --json");
    let value: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!((code, &value["ok"]), (REFUSED, &json!(false)));
    assert!(value["error"]["message_en"].as_str().is_some_and(|m| m.contains("nowhere/beilin.toml")), "{value}");
}

#[test]
fn a_file_is_explained_with_where_each_thing_comes_from() {
    let disk = site();
    let (code, out, _) = beilin(&disk, "explain s/content/records/yangli-bgs/2026/2026-01-15-zhuti-dangri.md --root s");
    assert_eq!(code, FINE);
    for line in [
        "content/records/yangli-bgs/2026/2026-01-15-zhuti-dangri.md\n",
        "  类型：主题党日（theme-party-day），文件里写了 kind = theme-party-day\n",
        "  题名：样例：主题党日整理档案柜（文件里写的）\n",
        "  支部：样例局办公室党支部（yangli-bgs）（文件里写的）\n",
        "  日期：2026年1月15日（文件里写的）\n",
        "  公开范围：向社会（这种记录的默认值）；这次生成给：本单位\n",
        "  发布：是，地址 /records/yangli-bgs-zhuti-dangri-2026-01-15/\n",
    ] {
        assert!(out.contains(line), "{line} in\n{out}");
    }
}

#[test]
fn an_adopted_file_is_explained_by_its_rule() {
    let disk = Memory::new([
        (
            "beilin.toml",
            "[site]\ntitle = \"甲\"\n[[paths]]\npattern = \"sig/{branch}/{date}_meeting.md\"\nkind = \"minutes\"\n[content]\nignore = [\"old/**\"]\n",
        ),
        ("content/sig/wuye/2024_03_22_meeting.md", "# 三月例会\n\n正文\n"),
        ("content/old/a.md", "x"),
        ("content/_draft.md", "x"),
        ("content/draft.md", "+++\nkind = \"study\"\nstatus = \"草稿\"\n+++\n"),
        ("content/broken.md", "+++\nkind = \"主题党曰\"\n+++\n"),
    ]);
    let check = |path: &str, wanted: &[&str]| {
        let (code, out, err) = beilin(&disk, &format!("explain {path}"));
        assert_eq!(code, FINE, "{path}: {err}");
        for text in wanted {
            assert!(format!("{out}{err}").contains(text), "{text} in\n{out}{err}");
        }
    };
    let rule = "路径上认的，规则 sig/{branch}/{date}_meeting.md";
    check(
        "./content/sig/wuye/2024_03_22_meeting.md",
        &[
            "合乎路径规则 sig/",
            "三月例会（正文的第一个标题）",
            &format!("wuye）（{rule}）"),
            &format!("2024年3月22日（{rule}）"),
        ],
    );
    check("/home/me/site/content/sig/wuye/2024_03_22_meeting.md", &["三月例会"]);
    check("content/old/a.md", &["ignore 里的 `old/**`"]);
    check("content/_draft.md", &["下划线"]);
    check("content/draft.md", &["发布：否：状态是草稿"]);
    check("content/broken.md", &["没有认出来", "是不是 `主题党日`？"]);
}

#[test]
fn an_output_is_explained_by_what_it_is_made_from() {
    let disk = site();
    let id = "yangli-bgs-zhuti-dangri-2026-01-15";
    for path in [
        format!("/records/{id}/"),
        format!("records/{id}"),
        format!("s/public/records/{id}/index.html"),
        format!("http://127.0.0.1:8000/records/{id}/#x"),
    ] {
        let (code, out, err) = beilin(&disk, &format!("explain {path} --root s"));
        assert_eq!(code, FINE, "{path}: {err}");
        assert!(
            out.starts_with(&format!("records/{id}/index.html\n")) && out.contains("来源：content/records/"),
            "{path}: {out}"
        );
    }
    let (code, out, _) = beilin(&disk, "explain index.html --root s --lang en");
    assert_eq!(code, FINE);
    assert!(out.contains("Made from: "), "{out}");
}

#[test]
fn what_is_ejected_never_replaces_what_is_there() {
    let disk = site();
    disk.put("s/themes/default/theme.toml", b"mine");
    let (code, out, _) = beilin(&disk, "eject theme --root s");
    assert_eq!(code, FINE);
    assert!(out.contains("已经有的 1 个没有动：\n  s/themes/default/theme.toml\n"), "{out}");
    assert_eq!(disk.read("s/themes/default/theme.toml").expect("it is there"), b"mine");
    assert!(disk.exists("s/themes/default/strings/zh-CN.toml"));
    let (_, out, _) = beilin(&disk, "eject kinds --root s");
    assert!(out.contains("[content]\nkinds = [\"kinds.toml\"]\n"), "{out}");
    disk.put("s/beilin.toml", "[site]\ntitle = \"甲\"\n[content]\nkinds = [\"kinds.toml\"]\n".as_bytes());
    assert_eq!(beilin(&disk, "check --root s").0, FINE, "the shipped kinds are valid as a site's own");
}

#[test]
fn a_programme_of_the_library_comes_with_all_it_names() {
    let disk = site();
    let (code, out, err) = beilin(&disk, "new programme --from pingdingshan-2024 --root s");
    assert_eq!((code, err.as_str()), (FINE, ""));
    let paths: Vec<&str> = out.lines().take(4).collect();
    assert_eq!(
        paths,
        [
            "s/content/programmes/pingdingshan-2024.md",
            "s/content/rubrics/pingdingshan-2024.md",
            "s/content/packs/pingdingshan-2024.md",
            "s/content/packs/tiaoli-2018.md"
        ]
    );
    let rubric = |id: &str| {
        let bytes = disk.read(&format!("s/content/rubrics/{id}.md")).expect("it was written");
        String::from_utf8(bytes).expect("it is text")
    };
    assert!(!rubric("pingdingshan-2024").contains("same ="), "no criterion is the same as one that is not there");
    let (code, out, _) = beilin(&disk, "new 创建方案 --from suzhou-2020 --root s --json");
    let told: Value = serde_json::from_str(&out).expect("it is JSON");
    assert_eq!((code, &told["kept"]), (FINE, &json!(["s/content/packs/tiaoli-2018.md"])));
    assert!(rubric("suzhou-2020").contains("same = [\"pingdingshan-2024/11\"]"));
    let (code, _, err) = beilin(&disk, "check --root s");
    assert_eq!((code, err.as_str()), (FINE, ""));
}

#[test]
fn a_programme_of_the_library_overwrites_nothing() {
    let disk = site();
    disk.put("s/content/programmes/zhibu-2018.md", b"mine");
    disk.put("s/content/packs/tiaoli-2018.md", b"mine as well");
    let (code, out, err) = beilin(&disk, "new programme --from zhibu-2018 --root s");
    assert_eq!((code, out.as_str()), (REFUSED, ""));
    assert!(err.contains("`s/content/programmes/zhibu-2018.md` 已经有了") && err.contains("不覆盖"), "{err}");
    assert!(!disk.exists("s/content/rubrics/zhibu-2018-zicha.md"), "nothing was begun");
    let (code, out, _) = beilin(&disk, "new programme --from gongan-jiguan --root s");
    assert!(code == FINE && out.contains("已经有的 1 个没有动：\n  s/content/packs/tiaoli-2018.md\n"), "{out}");
    assert_eq!(disk.read("s/content/packs/tiaoli-2018.md").expect("it is there"), b"mine as well");
}

#[test]
fn the_library_says_what_it_holds() {
    let disk = site();
    let (code, out, _) = beilin(&disk, "new programme --list");
    assert!(code == FINE && out.lines().count() == 5 && out.contains("suzhou-2020        市级机关党支部"), "{out}");
    let (_, out, _) = beilin(&disk, "new pack --list --json");
    let told: Value = serde_json::from_str(&out).expect("it is JSON");
    assert_eq!(told["library"].as_array().map(Vec::len), Some(6));
    for (line, wanted) in [
        ("new programme", "有：gongan-jiguan、boshan-2020"),
        ("new programme --from suzhou-202", "是不是 `suzhou-2020`？"),
        ("new rubric --from suzhou-2020 --branch yi", "--from"),
        ("new 党课 --from suzhou-2020 --root s", "创建方案"),
    ] {
        let (code, out, err) = beilin(&disk, line);
        assert_eq!((code, out.as_str()), (REFUSED, ""), "{line}");
        assert!(err.contains(wanted), "{line}: {err}");
    }
    let (code, out, _) = beilin(&disk, "eject library --root s");
    assert!(code == FINE && out.contains("写了 21 个文件"), "{out}");
    assert_eq!(beilin(&disk, "check --root s").0, FINE);
}

#[test]
fn help_version_completions_and_man_are_results() {
    let disk = Memory::default();
    for (line, wanted) in [
        ("--help", "生成网站"),
        ("build --help", "输出的文件夹"),
        ("--version", "beilin "),
        ("completions bash", "_beilin"),
        ("man", ".TH"),
        ("kinds", "general-meeting"),
        ("kinds 支委会", "recorder"),
        ("kinds --markdown", "### "),
        ("config", "[site]"),
        ("config --markdown", "| `title` | 必填 |"),
    ] {
        let (code, out, err) = beilin(&disk, line);
        assert_eq!((code, err.as_str()), (FINE, ""), "{line}");
        assert!(out.contains(wanted), "{line}: {out}");
    }
    let (code, out, err) = beilin(&disk, "--lang en");
    assert_eq!((code, out.as_str()), (REFUSED, ""));
    assert!(err.contains("Usage:"), "{err}");
}

#[test]
fn colours_are_for_readers_who_want_them() {
    let check = |line: &str, env: &[(&str, &str)], is_read: bool, expected: bool| {
        let disk = env.iter().fold(Memory::default(), |d, (k, v)| d.with_env(k, v)).with_env("WT_SESSION", "1");
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut terminal =
            Terminal { out: &mut out, err: &mut err, out_is_read: is_read, err_is_read: is_read, answers: None };
        run(format!("beilin {line}").split(' ').map(OsString::from), &disk, &mut terminal);
        assert_eq!(err.contains(&b'\x1b'), expected, "{line} {env:?}");
    };
    check("check", &[], true, true);
    check("check", &[], false, false);
    check("check", &[("NO_COLOR", "1")], true, false);
    check("check --color always", &[("NO_COLOR", "1")], false, true);
    check("check --color never", &[], true, false);
}

fn searched(disk: &Memory, line: &str) -> (u8, Value) {
    let (code, out, err) = beilin(disk, &format!("search --root s --json {line}"));
    (code, serde_json::from_str(&out).unwrap_or_else(|e| panic!("JSON: {e}: {out}{err}")))
}

#[test]
fn a_site_is_searched_as_it_is_now_and_nothing_is_written() {
    let disk = site();
    let before = disk.tree("s");
    let never_built = searched(&disk, "整理档案柜");
    assert_eq!(never_built.1["total"], 1, "{}", never_built.1);
    assert_eq!(disk.tree("s"), before);
    beilin(&disk, "build --root s");
    let built = disk.tree("s");
    let (code, found) = searched(&disk, "整理档案柜");
    assert_eq!((code, &found), (FINE, &never_built.1), "what a build left says the same");
    let hit = &found["hits"][0];
    assert_eq!((&found["exact"], &found["current"]), (&json!(true), &json!(true)));
    assert_eq!(
        (&hit["url"], &hit["iso"]),
        (&json!("records/yangli-bgs-zhuti-dangri-2026-01-15/"), &json!("2026-01-15"))
    );
    assert!(hit["score"].as_f64().is_some_and(|score| score > 0.0), "{hit}");
    let path = "s/content/records/yangli-bgs/2026/2026-01-15-zhuti-dangri.md";
    let text = String::from_utf8(disk.read(path).expect("it is there")).expect("text");
    disk.put(path, format!("{text}\n清点了借阅登记簿。\n").as_bytes());
    let (_, found) = searched(&disk, "清点了借阅");
    assert_eq!(found["total"], 1, "{found}");
    disk.put(path, text.as_bytes());
    assert_eq!(searched(&disk, "清点了借阅").1["total"], 0);
    assert_eq!(disk.tree("s"), built);
}

#[test]
fn a_site_whose_traces_are_lost_is_searched_and_built_all_the_same() {
    let disk = site();
    beilin(&disk, "build --root s");
    let found = searched(&disk, "整理档案柜").1;
    disk.remove("s/.beilin/search/state").expect("it was there");
    assert_eq!(searched(&disk, "整理档案柜").1, found);
    beilin(&disk, "build --root s");
    assert!(disk.exists("s/.beilin/search/state"), "the next build leaves it again");
    disk.remove_tree("s/.beilin/search").expect("removed");
    disk.put("s/.beilin/search/state", b"x");
    let (code, value) = searched(&disk, "整理档案柜");
    assert_eq!((code, &value["ok"]), (REFUSED, &json!(false)), "{value}");
}

#[test]
fn a_site_with_errors_is_searched_as_it_was_built_last() {
    let disk = site();
    disk.put("s/content/records/bad.md", "+++\nkind = \"x\"\n+++\n".as_bytes());
    let (code, out, err) = beilin(&disk, "search --root s 档案");
    assert_eq!((code, out.as_str()), (ERRORS, ""));
    assert!(err.contains("没有`x`这种记录") && err.ends_with("没有检索：以前也没有生成过。\n"), "{err}");
    let (code, value) = searched(&disk, "档案");
    assert_eq!((code, &value["ok"]), (ERRORS, &json!(false)));
    disk.remove("s/content/records/bad.md").expect("removed");
    beilin(&disk, "build --root s");
    disk.put("s/content/records/bad.md", "+++\nkind = \"x\"\n+++\n".as_bytes());
    let (code, out, err) = beilin(&disk, "search --root s 档案");
    assert_eq!(code, FINE);
    assert!(out.starts_with("1. 样例：主题党日整理档案柜\n   主题党日 · 办公室党支部 · 2026年1月15日\n"), "{out}");
    assert!(err.contains("没有`x`这种记录") && err.ends_with("检索的是上一次生成的内容。\n"), "{err}");
    let (code, value) = searched(&disk, "档案");
    assert_eq!((code, &value["current"], &value["total"]), (FINE, &json!(false), &json!(1)));
    assert_eq!(value["diagnostics"][0]["code"], "unknown-kind");
}

#[test]
fn what_is_found_is_written_for_people() {
    let disk = site();
    let (code, out, err) = beilin(&disk, "search --root s --color always --lang en 整理 档案柜");
    assert_eq!((code, err.as_str()), (FINE, ""));
    assert!(out.contains("\u{1b}[1;91m整理\u{1b}[0m\u{1b}[1;91m档案柜\u{1b}[0m"), "{out}");
    assert!(out.contains("\n1 page found, in "), "{out}");
    let (_, out, _) = beilin(&disk, "search --root s zhutidangri");
    assert!(out.contains("共找到 1 条，是按拼音找到的题名，用时 "), "{out}");
    let (_, out, _) = beilin(&disk, "search --root s --offset 1 档案柜");
    assert!(out.starts_with("共找到 1 条，这里没有列出，用时 "), "{out}");
    let (code, out, err) = beilin(&disk, "search --root s 没有的东西");
    assert_eq!((code, err.as_str()), (FINE, ""));
    assert!(out.starts_with("没有找到“没有的东西”，用时 "), "{out}");
    assert_eq!(beilin(&disk, "search --root s -q 没有的东西"), (FINE, String::new(), String::new()));
}

#[test]
fn addresses_are_whole_where_the_site_has_one() {
    let disk = site();
    let config = String::from_utf8(disk.read("s/beilin.toml").expect("it is there")).expect("text");
    let with = config.replacen("[site]", "[site]\nbase_url = \"https://dj.example/甲\"", 1);
    disk.put("s/beilin.toml", with.as_bytes());
    let (code, found) = searched(&disk, "整理档案柜");
    assert_eq!((code, &found["total"]), (FINE, &json!(1)), "{found}");
    let url = found["hits"][0]["url"].as_str().expect("an address");
    assert_eq!(url, "https://dj.example/甲/records/yangli-bgs-zhuti-dangri-2026-01-15/");
}

#[test]
fn what_cannot_be_searched_is_refused_with_the_way_out() {
    let disk = site();
    let (code, _, err) = beilin(&disk, "search --root nowhere 档案");
    assert_eq!((code, err), (REFUSED, beilin(&disk, "build --root nowhere").2));
    let (code, _, err) = beilin(&disk, "search --root s");
    assert_eq!(code, REFUSED);
    assert!(err.contains("还要写 <QUERY>"), "{err}");
    assert_eq!(beilin(&disk, "search --root s --limit 10001 x").0, REFUSED);
    let config = String::from_utf8(disk.read("s/beilin.toml").expect("it is there")).expect("text");
    disk.put("s/beilin.toml", format!("{config}\n[search]\nenabled = false\n").as_bytes());
    let (code, _, err) = beilin(&disk, "search --root s 档案");
    assert_eq!(code, REFUSED);
    assert!(err.contains("这个网站没有检索") && err.contains("enabled = false"), "{err}");
    let (code, out, _) = beilin(&disk, "search --root s --json 档案");
    assert_eq!((code, out.contains("this site has no search")), (REFUSED, true));
}

/// A site for its unit, whose branch has records and a rubric.
fn site_with_a_year() -> Memory {
    let disk = site();
    let study = "+++\nid = \"xx\"\nkind = \"study\"\ntitle = \"学[一]\"\nbranch = \"yangli-bgs\"\ndate = \"2026-03-05\"\ntopic = \"题\"\n+++\n正文不进报告。\n";
    disk.put("s/content/records/yangli-bgs/xx.md", study.as_bytes());
    disk
}

#[test]
fn a_report_has_the_facts_filled_in_and_the_prose_left_blank() {
    let disk = site_with_a_year();
    let line = "report zongjie --root s --branch yangli-bgs --year 2026 --as-of 2026-12-31";
    let (code, out, err) = beilin(&disk, line);
    assert_eq!((code, err.as_str()), (FINE, ""), "{out}");
    assert!(out.starts_with("# ") && out.contains("2026年度总结\n"), "{out}");
    assert!(out.contains("| 学习研讨 | 1 |\n"), "{out}");
    assert!(out.contains("[学\\[一\\]](<") && out.contains("records/xx/>)"), "{out}");
    assert!(out.contains("\n〔待写：对创建活动进行总结〕\n"), "{out}");
    assert!(!out.contains("正文不进报告"), "{out}");
}

#[test]
fn a_report_writes_over_nothing() {
    let disk = site_with_a_year();
    let line = "report 述职报告 --root s --branch yangli-bgs --as-of 2026-12-31 --out draft.md";
    let (code, out, err) = beilin(&disk, line);
    assert_eq!((code, out.as_str(), err.as_str()), (FINE, "draft.md\n", ""));
    disk.put("draft.md", b"mine");
    let (code, out, err) = beilin(&disk, line);
    assert_eq!((code, out.as_str()), (REFUSED, ""));
    assert!(err.contains("`draft.md` 已经有了") && err.contains("不覆盖"), "{err}");
    assert_eq!(disk.read("draft.md").expect("it is there"), b"mine");
}

#[test]
fn a_report_that_cannot_be_written_says_why() {
    let disk = site_with_a_year();
    let check = |words: &str, expected: &str| {
        let (code, out, err) = beilin(&disk, &format!("report {words} --root s --as-of 2026-12-31"));
        assert_eq!((code, out.as_str()), (REFUSED, ""), "{words}");
        assert!(err.contains(expected), "{words}: {err}");
    };
    check("zongji --branch yangli-bgs", "是不是 `zongjie`？");
    check("zongjie --branch yangli-bg", "是不是 `yangli-bgs`？");
    check("zongjie --branch yangli-bgs --year 2027", "2027 年还没有到");
    check("ziping --branch yangli-bgs", "没有评定这个支部的标准");
    check("ziping --branch yangli-bgs --rubric x", "没有编号为`x`的评定标准");
    check("zongjie", "--branch");
    let public = site();
    let config = String::from_utf8(public.read("s/beilin.toml").expect("it was written")).expect("it is text");
    public.put("s/beilin.toml", config.replace("audience = \"unit\"", "audience = \"society\"").as_bytes());
    let (code, _, err) = beilin(&public, "report zongjie --root s --branch yangli-bgs --year 2026");
    assert!(code == REFUSED && err.contains("记录不全"), "{err}");
}

#[test]
fn the_reports_are_listed() {
    let (code, out, _) = beilin(&site(), "report --list --root s");
    assert_eq!((code, out.lines().count()), (FINE, 6), "{out}");
    assert!(out.contains("ziping     自评表") && out.contains("照评定标准"), "{out}");
    let (_, out, _) = beilin(&site(), "report --list --root s --json");
    let list: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(list[0]["id"], "shuzhi");
}
