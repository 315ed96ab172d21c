//! Incremental rebuild is a property: whatever was edited since the last build, the tree is the one a
//! clean build gives, and only what shows the edit was rendered.

use crate::support::{CONFIG, DAY, ORG, SiteTest, YI, assert_same_site, is_of_search, other, png};
use beilin::build::{Changes, Input, Session, Unwatched};
use beilin::disk::{Disk, Memory, Real};

const HOME: (&str, &str) = ("content/_index.md", "+++\ntitle = \"首页\"\n+++\n欢迎。\n");
const ABOUT: (&str, &str) = ("content/about.md", "+++\ntitle = \"关于\"\n+++\n说明见[手册](manual/_index.md)。\n");
const MANUAL: (&str, &str) = ("content/manual/_index.md", "+++\ntitle = \"手册\"\n+++\n总说。\n");
const CHAPTER: (&str, &str) = ("content/manual/one.md", "+++\ntitle = \"第一章\"\norder = 1\n+++\n正文。\n");
const ER: (&str, &str) = (
    "content/branches/er.md",
    "+++\nid = \"er\"\nname = \"第二党支部\"\nparent = \"org\"\naliases = [\"lao-er\"]\nmotto = \"踏实\"\n+++\n简介。\n",
);
const RUBRIC: (&str, &str) = (
    "content/rubrics/r1.md",
    "+++\nid = \"r1\"\ntitle = \"评定标准\"\ndate = \"2025-01-01\"\n[[dimensions]]\nid = \"a\"\ntitle = \"政治功能强\"\n[[dimensions.criteria]]\nid = \"a-1\"\ntitle = \"第一议题\"\ntext = \"每次支委会安排。\"\nevidence = [\"other\"]\n[[dimensions.criteria]]\nid = \"a-2\"\ntitle = \"记录齐全\"\ntext = \"一事一记。\"\n+++\n",
);
const PROGRAMME: (&str, &str) = (
    "content/programmes/p1.md",
    "+++\nid = \"p1\"\ntitle = \"创建方案\"\nshort = \"创建\"\ndate = \"2025-01-01\"\nrubric = \"r1\"\n[[stages]]\nid = \"s1\"\ntitle = \"申报\"\nfrom = \"2025-01\"\nto = \"2027-03\"\n+++\n方案正文。\n",
);
const HONOUR: (&str, &str) = (
    "content/honours/h1.md",
    "+++\nid = \"h1\"\ntype = \"“四强”党支部\"\nbranch = \"yi\"\nprogramme = \"p1\"\ncohort = \"2025\"\nbrand = \"夜灯\"\nstory = \"s1\"\n[[events]]\nevent = \"named\"\ndate = \"2025-06-30\"\nby = \"org\"\n+++\n",
);
const STORY: (&str, &str) = (
    "content/stories/s1/index.md",
    "+++\nid = \"s1\"\nkind = \"story\"\ntitle = \"夜灯亮着\"\nbranch = \"yi\"\ndate = \"2025-07-01\"\nabstract = \"一盏灯。\"\nbrand = \"夜灯\"\nlede = \"灯下的人。\"\ncover = \"deng.png\"\ndimensions = [{ name = \"政治功能强\", text = \"学。\" }]\naudience = \"society\"\n+++\n故事正文。\n",
);

/// A record `n` of a branch.
pub(crate) fn record(n: usize, branch: &str, date: &str, more: &str, body: &str) -> (String, String) {
    (
        format!("content/records/{branch}/r{n}.md"),
        format!(
            "+++\nid = \"r{n}\"\nkind = \"other\"\ntitle = \"题{n}\"\nbranch = \"{branch}\"\ndate = \"{date}\"\nabstract = \"摘要{n}\"\naudience = \"society\"\n{more}+++\n{body}\n"
        ),
    )
}

/// A small site with every kind of page.
pub(crate) fn site() -> SiteTest {
    let config = format!("{CONFIG}\n[content]\nkinds = [\"kinds.toml\"]\n");
    let kinds = "[[kind]]\nid = \"own\"\nlabel = { zh = \"自定\", en = \"Own\" }\nmark = \"自\"\nclass = \"meeting\"\naudience = \"society\"\n";
    let site = SiteTest::bare(&[
        ("beilin.toml", config.as_str()),
        ("kinds.toml", kinds),
        ORG,
        YI,
        ER,
        HOME,
        ABOUT,
        MANUAL,
        CHAPTER,
        RUBRIC,
        PROGRAMME,
        HONOUR,
        STORY,
    ]);
    for (n, branch, date, more, body) in [
        (1, "yi", "2024-03-05", "keywords = [\"灯\"]\nevidence_for = [\"r1/a-1\"]\n", "正文一。"),
        (2, "yi", "2024-09-18", "keywords = [\"灯\"]\ncampaign = [\"p1\"]\n", "正文二，见[题一](r1.md)。"),
        (3, "yi", "2025-02-01", "related = [\"r1\"]\n", "正文三。"),
        (4, "er", "2025-02-11", "", "正文四。\n\n## 小节\n\n文字。"),
        (5, "er", "2025-05-05", "corrects = \"r4\"\n", "正文五。"),
    ] {
        let (path, text) = record(n, branch, date, more, body);
        site.put(&path, &text);
    }
    site.put_bytes("content/stories/s1/deng.png", &png(1, 12, 8));
    site.edit("content/records/er/r5.md", "kind = \"other\"", "kind = \"own\"");
    site
}

/// Returns what a build after an edit renders: a site is built, edited and built again.
fn rendered_after(edit: impl FnOnce(&SiteTest)) -> Vec<String> {
    let site = site();
    site.build_clean();
    edit(&site);
    let built = site.build();
    assert!(!built.report.failed(), "{}", built.diagnostics);
    assert_clean(&site.disk);
    let mut rendered = built.report.rendered;
    rendered.sort();
    rendered
}

/// Holds that what lies in the output folder is what a clean build gives.
fn assert_clean(disk: &Memory) {
    let now = disk.tree("s/public");
    let clean = Memory::default();
    for (path, bytes) in disk.tree("s").iter().filter(|(p, _)| !p.starts_with("public/") && !p.starts_with(".beilin/"))
    {
        clean.put(&format!("s/{path}"), bytes);
    }
    beilin::build(&clean, &input(), &Unwatched).expect("the machine refuses nothing");
    let clean = clean.tree("s/public");
    assert_same_site(&now, &clean);
}

/// The search's part of a build.
const SEARCH: &str = "search/meta.json";

fn input() -> beilin::Input {
    beilin::Input { root: "s".into(), out: None, as_of: Some(DAY) }
}

fn check(edit: impl FnOnce(&SiteTest), expected: &[&str]) {
    // Copies of pictures are named by what is in them.
    let named = |route: String| if route.starts_with("pictures/") { "pictures/?".to_owned() } else { route };
    assert_eq!(rendered_after(edit).into_iter().map(named).collect::<Vec<_>>(), expected);
}

#[test]
fn nothing_edited_renders_nothing() {
    check(|_| {}, &[]);
}

#[test]
fn a_prose_edit_renders_only_its_page() {
    check(
        |s| {
            s.edit("content/records/yi/r3.md", "正文三。", "正文三，改过。");
        },
        &["records/r3/", SEARCH],
    );
}

#[test]
fn a_prose_edit_of_a_branch_renders_only_its_page() {
    check(
        |s| {
            s.edit("content/branches/er.md", "简介。", "简介。\n\n第二段。");
        },
        &["branches/er/", SEARCH],
    );
}

#[test]
fn a_new_section_renders_the_page_and_nothing_that_does_not_show_it() {
    check(
        |s| {
            s.edit("content/records/er/r4.md", "## 小节", "## 小节\n\n## 又一节");
        },
        &["records/r4/", SEARCH],
    );
}

#[test]
fn a_title_renders_the_page_and_the_lists_that_show_it() {
    check(
        |s| {
            s.edit("content/records/yi/r1.md", "题1", "新题");
        },
        &[
            "",
            "archive/2024/",
            "archive/2024/03/",
            "archive/2024/03/list.csv",
            "archive/2024/03/list.json",
            "archive/2024/list.csv",
            "archive/2024/list.json",
            "archive/all/",
            "archive/kind/other/",
            "archive/kind/other/feed.xml",
            "archive/kind/other/list.csv",
            "archive/kind/other/list.json",
            "branches/yi/",
            "branches/yi/2024/",
            "branches/yi/2024/list.csv",
            "branches/yi/2024/list.json",
            "branches/yi/feed.xml",
            "branches/yi/kind/other/",
            "branches/yi/kind/other/list.csv",
            "branches/yi/kind/other/list.json",
            "branches/yi/records/",
            "branches/yi/records/list.csv",
            "branches/yi/records/list.json",
            // An application names the evidence of all years.
            "branches/yi/report/2025/shenbao/r1/",
            "calendar/2024/",
            "data/records.csv",
            "data/records.json",
            "feed.xml",
            "records/r1/",
            "records/r1/index.json",
            "records/r2/",
            "records/r3/",
            // The branch's story shows what was given for the criteria.
            "records/s1/",
            "rubrics/r1/",
            "rubrics/r1/a-1/",
            SEARCH,
        ],
    );
}

#[test]
fn a_picture_renders_what_shows_it() {
    check(
        |s| {
            s.put_bytes("content/stories/s1/deng.png", &png(2, 12, 8));
        },
        &[
            "",
            "branches/yi/",
            "cases/",
            "pictures/?",
            "records/s1/",
            "records/s1/deng.png",
            "records/s1/index.json",
            "showcase/",
        ],
    );
}

#[test]
fn a_criterion_renders_the_rubric_and_what_names_the_criterion() {
    check(
        |s| {
            s.edit("content/rubrics/r1.md", "每次支委会安排。", "每次支委会都安排。");
        },
        &["rubrics/r1/", "rubrics/r1/a-1/", "rubrics/r1/index.json", SEARCH],
    );
}

#[test]
fn a_file_of_the_theme_that_is_only_copied_is_copied_again() {
    let rendered = rendered_after(|s| {
        s.put("themes/default/styles/9-site.css", "body{}");
    });
    assert_eq!(rendered, ["assets/beilin.css"]);
}

#[test]
fn a_template_renders_every_page_and_copies_nothing() {
    let rendered = rendered_after(|s| {
        s.put("themes/default/templates/404.html", "没有这一页");
    });
    assert!(rendered.contains(&"records/r1/".to_owned()) && rendered.contains(&"404.html".to_owned()));
    assert!(!rendered.iter().any(|r| r.starts_with("assets/") || r.ends_with(".png")), "{rendered:?}");
}

#[test]
fn a_kinds_label_renders_what_names_the_kind() {
    let rendered = rendered_after(|s| {
        s.edit("kinds.toml", "自定", "改名");
    });
    assert!(rendered.contains(&"records/r5/".to_owned()), "its records: {rendered:?}");
    assert!(rendered.contains(&"archive/kind/own/".to_owned()), "its list");
    assert!(rendered.contains(&"archive/all/".to_owned()), "lists that offer it as a choice");
    for other in ["records/r2/", "records/s1/", "branches/yi/", "about/", "programmes/", "feed.xml/"] {
        assert!(!rendered.contains(&other.to_owned()), "{other} does not name it: {rendered:?}");
    }
}

#[test]
fn a_branch_renamed_renders_what_names_the_branch() {
    let rendered = rendered_after(|s| {
        s.edit("content/branches/er.md", "第二党支部", "新二支部");
    });
    for names in [
        "branches/er/",
        "branches/er/records/",
        "branches/",
        "records/r4/",
        "records/r5/",
        "archive/all/",
        "data/branches.csv",
        "sitemap/",
    ] {
        assert!(rendered.contains(&names.to_owned()), "{names} names it: {rendered:?}");
    }
    for other in [
        "records/r1/",
        "records/r2/",
        "branches/yi/records/",
        "about/",
        "manual/",
        "rubrics/r1/",
        "branches/yi/feed.xml",
    ] {
        assert!(!rendered.contains(&other.to_owned()), "{other} does not name it: {rendered:?}");
    }
}

#[test]
fn a_new_record_renders_its_page_its_lists_and_its_neighbours() {
    let rendered = rendered_after(|s| {
        let (path, text) = record(9, "er", "2025-03-03", "", "新来的。");
        s.put(&path, &text);
    });
    for shows in [
        "",
        "records/r9/",
        "records/r9/index.json",
        "records/r4/",
        "records/r5/",
        "archive/2025/",
        "archive/2025/03/",
        "branches/er/",
        "branches/er/2025/",
        "sitemap.xml",
        "data/records.csv",
    ] {
        assert!(rendered.contains(&shows.to_owned()), "{shows} shows it: {rendered:?}");
    }
    for other in [
        "records/r1/",
        "records/r2/",
        "records/r4/index.json",
        "branches/yi/feed.xml",
        "about/",
        "manual/one/",
        "calendar/2024/",
    ] {
        assert!(!rendered.contains(&other.to_owned()), "{other} does not show it: {rendered:?}");
    }
}

#[test]
fn a_deleted_record_is_gone_from_the_output_and_from_what_showed_it() {
    let rendered = rendered_after(|s| {
        s.remove("content/records/yi/r3.md");
    });
    for shows in ["", "records/r1/", "archive/2025/", "branches/yi/", "sitemap.xml"] {
        assert!(rendered.contains(&shows.to_owned()), "{shows} showed it: {rendered:?}");
    }
    for other in ["records/r4/", "branches/er/feed.xml", "about/", "calendar/2024/"] {
        assert!(!rendered.contains(&other.to_owned()), "{other} did not: {rendered:?}");
    }
}

#[test]
fn a_setting_of_the_site_renders_every_page() {
    let rendered = rendered_after(|s| {
        s.edit("beilin.toml", "测试文存", "新名文存");
    });
    assert!(rendered.contains(&"records/r1/".to_owned()) && rendered.contains(&"feed.xml".to_owned()));
}

#[test]
fn a_setting_only_some_pages_show_renders_those() {
    let rendered = rendered_after(|s| {
        s.edit("beilin.toml", "[content]", "[output]\npage_size = 2\nsitemap_urls = 20\n[content]");
    });
    for shows in ["archive/all/", "archive/all/page/2/", "sitemap.xml", "sitemap-1.xml"] {
        assert!(rendered.contains(&shows.to_owned()), "{shows} shows it: {rendered:?}");
    }
    for other in ["", "records/r1/", "feed.xml", "about/", "data/records.csv", "robots.txt"] {
        assert!(!rendered.contains(&other.to_owned()), "{other} does not show it: {rendered:?}");
    }
    check(
        |s| {
            s.edit("beilin.toml", "base_url", "audience = \"party\"\nbase_url");
        },
        // Who shows nothing is seen in builds for the unit only, and only there a branch leads to its reports.
        &[
            "branches/er/",
            "branches/yi/",
            "disclosure/",
            "programmes/p1/",
            "robots.txt",
            "rubrics/r1/a-1/",
            "rubrics/r1/a-2/",
            "rubrics/r1/matrix/",
        ],
    );
}

#[test]
fn a_short_name_renders_no_tables_and_no_data_of_records() {
    let rendered = rendered_after(|s| {
        s.edit("content/branches/er.md", "motto", "short = \"二支部\"\nmotto");
    });
    assert!(rendered.contains(&"branches/er/records/".to_owned()), "{rendered:?}");
    for other in ["data/records.csv", "records/r4/index.json", "archive/2025/list.json"] {
        assert!(!rendered.contains(&other.to_owned()), "{other} does not show it: {rendered:?}");
    }
}

#[test]
fn a_removed_or_altered_output_is_made_again() {
    let site = site();
    site.build_clean();
    site.remove("public/records/r1/index.html");
    site.put("public/about/index.html", "别人改过");
    let built = site.build();
    assert_eq!(built.report.rendered, ["records/r1/", "about/"]);
    assert_clean(&site.disk);
}

#[test]
fn a_build_with_errors_leaves_the_site_and_the_next_good_one_mends_only_what_changed() {
    let site = site();
    site.build_clean();
    let before = site.out();
    site.edit("content/records/yi/r3.md", "related = [\"r1\"]", "related = [\"r77\"]");
    assert!(site.build().report.failed());
    assert_eq!(site.out(), before);
    site.edit("content/records/yi/r3.md", "related = [\"r77\"]", "related = [\"r1\"]");
    assert_eq!(site.build().report.rendered, Vec::<String>::new());
}

#[test]
fn a_damaged_cache_is_noticed_and_never_trusted() {
    let site = site();
    site.build_clean();
    for part in ["head", "files-", "jobs-", "traces-", "site-", "docs-"] {
        let held = site.disk.tree("s/.beilin/cache");
        let part = held.keys().find(|p| p.starts_with(part)).expect("the part is there");
        let place = format!("s/.beilin/cache/{part}");
        let mut bytes = site.disk.read(&place).expect("a part can be read");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x55;
        site.disk.put(&place, &bytes);
        site.edit("content/records/yi/r1.md", "正文一。", "正文一。又一句。");
        site.build_clean();
        assert_clean(&site.disk);
        bytes.truncate(middle);
        site.disk.put(&place, &bytes);
        site.edit("content/records/yi/r2.md", "题2", "题2改");
        site.build_clean();
        assert_clean(&site.disk);
    }
}

#[test]
fn the_cache_folder_may_be_deleted_at_any_time() {
    let site = site();
    site.build_clean();
    for path in site.disk.tree("s/.beilin").keys() {
        site.disk.delete(&format!("s/.beilin/{path}"));
    }
    site.edit("content/records/yi/r1.md", "正文一。", "正文一。又一句。");
    let built = site.build_clean();
    let paths: Vec<&String> = built.report.paths.iter().filter(|p| !is_of_search(p)).collect();
    assert_eq!(paths, ["records/r1/index.html"], "the other files are what they were");
    assert_clean(&site.disk);
}

#[test]
fn warnings_are_told_again_though_nothing_is_read_again() {
    let site = site();
    site.put("content/records/yi/r8.md", "+++\nkind = \"other\"\nid = \"r8\"\nbranch = \"yi\"\ndate = \"2024-01-01\"\naudience = \"society\"\n+++\n<b>粗</b><blink>闪</blink>\n");
    let first = site.build();
    assert!(first.diagnostics.contains("no-title") && first.diagnostics.contains("blink"), "{}", first.diagnostics);
    let again = site.build();
    assert_eq!(again.diagnostics, first.diagnostics);
    assert_eq!(again.report.rendered, Vec::<String>::new());
    site.edit("content/records/yi/r1.md", "正文一。", "正文一。又一句。");
    assert_eq!(site.build().diagnostics, first.diagnostics);
    site.edit("content/records/yi/r8.md", "<blink>闪</blink>", "不闪");
    let mended = site.build();
    assert!(!mended.diagnostics.contains("blink") && mended.diagnostics.contains("no-title"), "{}", mended.diagnostics);
}

#[test]
fn a_check_after_a_build_finds_what_one_without_a_cache_finds() {
    let check = |site: &SiteTest| {
        let report = beilin::check(&site.disk, &input(), &Unwatched).expect("the machine refuses nothing");
        let codes: Vec<_> = report.diagnostics.iter().map(|d| (d.code, d.path.clone(), d.span.clone())).collect();
        (codes, report.records, report.pages)
    };
    type Edit<'e> = &'e dyn Fn(&SiteTest) -> &SiteTest;
    let edits: [Edit<'_>; 6] = [
        &|s| s,
        &|s| s.edit("content/records/yi/r1.md", "正文一。", "正文<blink>一</blink>。"),
        &|s| s.edit("content/records/yi/r3.md", "related = [\"r1\"]", "related = [\"r77\"]"),
        &|s| s.put("themes/default/templates/404.html", "{{ nothing.of.this }}"),
        &|s| s.edit("content/records/er/r4.md", "题4", "改题4"),
        &|s| s.remove("content/rubrics/r1.md"),
    ];
    for edit in edits {
        let (built, fresh) = (site(), site());
        built.build_clean();
        edit(&built);
        edit(&fresh);
        let before = built.out();
        assert_eq!(check(&built), check(&fresh));
        assert_eq!(built.out(), before, "a check writes nothing");
    }
}

#[test]
fn why_tells_which_answer_changed() {
    let site = site();
    site.build_clean();
    let why = |route: &str| beilin::build::why(&site.disk, &input(), route).expect("the machine refuses nothing");
    assert_eq!(why("records/r1/").expect("it is planned").now, None);
    assert_eq!(why("no/such/"), None);
    site.edit("content/records/yi/r1.md", "题1", "新题");
    let now = why("records/r2/").expect("it is planned").now.expect("it shows r1").describe();
    assert!(now.en.contains("something it shows changed") && now.en.contains("r1"), "{now:?}");
    site.edit("content/records/yi/r2.md", "正文二", "正文贰");
    let now = why("records/r2/").expect("it is planned").now.expect("its text changed").describe();
    assert!(now.en.contains("text"), "{now:?}");
}

/// A session of a site that has been built.
fn session(site: &SiteTest) -> Session {
    let mut session = Session::new(input());
    let report = session.build(&site.disk, &Changes::Everything, &Unwatched).expect("the machine refuses nothing");
    assert!(!report.failed(), "{:?}", report.diagnostics);
    session
}

/// Builds in a session that is told these paths; tells whether the site was built.
fn told(session: &mut Session, site: &SiteTest, paths: &[&str]) -> bool {
    let paths = Changes::Paths(paths.iter().map(|p| (*p).to_owned()).collect());
    let report = session.build(&site.disk, &paths, &Unwatched).expect("the machine refuses nothing");
    !report.failed()
}

#[test]
fn an_emblem_beside_the_content_is_part_of_the_site() {
    let site = site();
    site.put("mark.svg", "<svg/>").edit("beilin.toml", "base_url", "emblem = \"mark.svg\"\nbase_url");
    site.build_clean();
    site.put("mark.svg", "<svg id=\"b\"/>");
    assert_eq!(site.build_clean().report.rendered, ["assets/emblem.svg"]);
    assert_clean(&site.disk);
}

#[test]
fn what_was_read_under_settings_that_came_to_nothing_is_read_again() {
    let site = site();
    site.put("content/records/er/r4.md", &other("r4", "2025-02-11", "", "一二三四五六七八九十。"));
    let mut session = session(&site);
    let (good, r5) = ("[content]\n", "related = [\"r4\"]");
    site.edit("beilin.toml", good, "[content]\nexcerpt = 5\n").edit(
        "content/records/er/r5.md",
        "corrects",
        "坏 = 1\ncorrects",
    );
    assert!(!told(&mut session, &site, &["beilin.toml", "content/records/er/r5.md"]));
    site.edit("beilin.toml", "excerpt = 5\n", "");
    site.edit("content/records/er/r5.md", "坏 = 1\ncorrects = \"r4\"", r5);
    assert!(told(&mut session, &site, &["beilin.toml", "content/records/er/r5.md"]));
    assert_clean(&site.disk);
}

#[test]
fn a_change_told_to_a_build_that_came_to_nothing_is_not_forgotten() {
    let site = site();
    let mut session = session(&site);
    let config = CONFIG.to_owned() + "\n[content]\nkinds = [\"kinds.toml\"]\n";
    for broken in [Some("[site]\n无 = 1\n"), None] {
        match broken {
            Some(text) => site.put("beilin.toml", text),
            None => site.remove("beilin.toml"),
        };
        site.edit("content/records/yi/r3.md", "题3", "新题3");
        let paths = ["beilin.toml", "content/records/yi/r3.md"].map(str::to_owned);
        let failed = session.build(&site.disk, &Changes::Paths(paths.into()), &Unwatched);
        assert!(failed.is_err() || failed.is_ok_and(|r| r.failed()));
        site.put("beilin.toml", &config);
        assert!(told(&mut session, &site, &["beilin.toml"]));
        assert_clean(&site.disk);
    }
}

#[test]
fn a_folder_that_went_is_noticed_by_its_name_alone() {
    let site = site();
    let mut session = session(&site);
    site.remove("content/records/er/r4.md").remove("content/records/er/r5.md");
    assert!(told(&mut session, &site, &["content/records/er"]));
    assert_clean(&site.disk);
}

#[test]
fn a_name_is_known_in_any_spelling() {
    let site = site();
    let decomposed = "content/records/er/cafe\u{301}.md";
    site.put(decomposed, &other("r7", "2025-02-11", "", "正文。"));
    let mut session = session(&site);
    site.edit(decomposed, "正文。", "又一句。");
    assert!(told(&mut session, &site, &[decomposed]));
    assert_clean(&site.disk);
    site.remove(decomposed);
    assert!(told(&mut session, &site, &[decomposed]));
    assert_clean(&site.disk);
    let composed = "content/records/er/caf\u{e9}.md";
    site.put(composed, &other("r7", "2025-02-11", "", "正文。"));
    assert!(told(&mut session, &site, &[composed]));
    site.put(decomposed, &other("r8", "2025-02-11", "", "正文。"));
    assert!(!told(&mut session, &site, &[decomposed]), "two names some systems cannot tell apart");
}

#[test]
fn what_another_process_left_is_taken_away() {
    let site = site();
    let mut session = session(&site);
    site.put("themes/default/static/x.css", "a{}");
    site.build_clean();
    site.remove("themes/default/static/x.css");
    assert!(told(&mut session, &site, &["themes/default/static/x.css"]));
    assert_clean(&site.disk);
}

#[cfg(unix)]
#[test]
fn a_name_that_is_no_file_is_told_as_long_as_it_is_there() {
    let folder = std::env::temp_dir().join(format!("beilin-link-{}", std::process::id()));
    let root = folder.to_str().expect("the temporary folder is Unicode");
    Real.remove_tree(root).expect("an old folder goes away");
    for (path, text) in [("beilin.toml", CONFIG), ORG, YI] {
        Real.write(&format!("{root}/{path}"), text.as_bytes()).expect("a file is written");
    }
    let mut session = Session::new(Input { root: root.into(), ..Input::default() });
    let mut told = |paths: &[&str]| {
        let changes = Changes::Paths(paths.iter().map(|p| (*p).to_owned()).collect());
        let report = session.build(&Real, &changes, &Unwatched).expect("the machine refuses nothing");
        report.diagnostics.iter().map(|d| d.code).collect::<Vec<_>>()
    };
    let link = "content/branches/x.md";
    assert_eq!(told(&[]), [""; 0]);
    Real.point(&format!("{root}/{link}"), "../../beilin.toml").expect("a link is made");
    assert_eq!(told(&[link]), ["not-a-file"]);
    assert_eq!(told(&[]), ["not-a-file"]);
    Real.remove(&format!("{root}/{link}")).expect("the link goes away");
    assert_eq!(told(&[link]), [""; 0]);
    Real.remove_tree(root).expect("the folder goes away");
}

/// A site whose search has positions, and its search's files.
fn placed() -> (SiteTest, std::collections::BTreeMap<String, Vec<u8>>) {
    let site = site();
    let config = String::from_utf8(site.disk.read("s/beilin.toml").expect("it is there")).expect("text");
    site.put("beilin.toml", &format!("{config}\n[search]\npositions = true\n"));
    let out = site.build_clean().out;
    (site, out)
}

#[test]
fn positions_stand_beside_an_index_that_is_what_it_is_without() {
    let (without, (site, with)) = (site().build_clean().out, placed());
    let is_of_positions = |p: &String| p.starts_with("search/") && p.split('/').nth(2) == Some("p");
    let differs = |p: &&String| with.get(*p) != without.get(*p) && *p != ".beilin-manifest";
    let others: Vec<&String> = with.keys().filter(differs).filter(|p| !is_of_positions(p)).collect();
    assert_eq!(others, [SEARCH]);
    assert!(without.keys().all(|p| with.contains_key(p) && !is_of_positions(p)));
    let inspect = |out: &std::collections::BTreeMap<String, Vec<u8>>| {
        beilin::search::inspect::inspect(&|path| out.get(path).cloned())
    };
    let (found, bare) = (inspect(&with).expect("the search is whole"), inspect(&without).expect("the search is whole"));
    for (term, list) in &found.terms {
        let stripped: Vec<_> =
            list.iter().map(|(url, times, tiers, _)| (url.clone(), *times, *tiers, vec![])).collect();
        assert_eq!(Some(&stripped), bare.terms.get(term));
        // Every pair has as many positions as there are of it.
        let is_pair = String::from_utf8_lossy(term).chars().filter(|c| *c > '\u{4E00}').count() == 2;
        assert!(!is_pair || list.iter().all(|(_, times, _, places)| *times as usize == places.len()), "{term:?}");
    }
    // An edit, a page more and a page less, beside the generation and after it; then without positions again.
    site.edit("content/records/yi/r3.md", "正文三。", "正文三，改过；又改过。");
    site.put("content/records/yi/r99.md", &other("r99", "2025-03-02", "", "新写的一页，讲党课。"));
    site.build_clean();
    assert_clean(&site.disk);
    site.remove("content/records/yi/r99.md");
    site.build_clean();
    assert_clean(&site.disk);
    site.edit("beilin.toml", "positions = true", "positions = false");
    assert!(!site.build_clean().out.keys().any(is_of_positions), "they are taken away");
    assert_clean(&site.disk);
}

#[test]
fn positions_that_are_cut_off_are_noticed() {
    let (_, out) = placed();
    let of_positions: Vec<&String> = out.keys().filter(|p| p.split('/').nth(2) == Some("p")).collect();
    assert!(of_positions.len() > 1);
    for path in of_positions.iter().filter(|p| out[**p].len() > 3) {
        let read = |asked: &str| {
            let whole = out.get(asked)?;
            Some(whole[..whole.len() - if asked == path.as_str() { 2 } else { 0 }].to_vec())
        };
        assert!(beilin::search::inspect::inspect(&read).is_none(), "{path}");
    }
}

#[test]
fn a_site_that_loses_all_its_pages_has_an_index_of_nothing() {
    let site = SiteTest::bare(&[("beilin.toml", "[site]\ntitle = \"站\"\n"), ("content/_keep", "")]);
    let paths: Vec<String> = (0..40).map(|n| format!("content/p{n}.md")).collect();
    for path in &paths {
        site.put(path, "# 题\n\n话。\n");
    }
    let before = site.build_clean().out;
    for path in &paths {
        site.remove(path);
    }
    let now = site.build_clean().out;
    let found = beilin::search::inspect::inspect(&|path| now.get(path).cloned()).expect("the search is whole");
    assert!(found.order.is_empty() && found.terms.is_empty());
    assert_clean(&site.disk);
    let of = |tree: &std::collections::BTreeMap<String, Vec<u8>>| tree.keys().filter(|p| is_of_search(p)).count();
    assert!(of(&now) < of(&before) && of(&now) <= 5, "nothing of the old generation is left");
}

#[test]
fn a_short_title_weighs_in_the_search_what_it_does_in_a_clean_build() {
    // What the generation of the first build counted of it is taken away again.
    let rendered = rendered_after(|s| {
        s.edit("content/programmes/p1.md", "short = \"创建\"", "short = \"四强创建\"");
    });
    assert!(rendered.contains(&SEARCH.to_owned()), "{rendered:?}");
}

#[test]
fn a_search_for_copies_opened_from_a_folder_comes_and_goes_with_its_setting() {
    let site = site();
    let has_scripts = |site: &SiteTest| site.out().contains_key("search/meta.js");
    let edited = |site: &SiteTest| {
        site.edit("content/records/yi/r1.md", "正文一。", "正文一。又一句。").build_clean();
        assert_clean(&site.disk);
    };
    site.build_clean();
    edited(&site);
    assert!(!has_scripts(&site));
    site.edit("beilin.toml", "[content]", "[output]\nindex_in_links = true\n[content]").build_clean();
    assert_clean(&site.disk);
    edited(&site);
    assert!(has_scripts(&site));
    site.edit("beilin.toml", "index_in_links = true", "index_in_links = false").build_clean();
    assert_clean(&site.disk);
    assert!(!has_scripts(&site));
}

#[test]
fn a_generation_of_the_same_pages_leaves_nothing_of_the_one_before() {
    let site = site();
    let kept = |site: &SiteTest| site.disk.tree("s/.beilin/search").len();
    site.build_clean();
    let before = kept(&site);
    assert!(before > 1);
    for now in ["true", "false", "true"] {
        site.put("beilin.toml", &format!("{CONFIG}\n[content]\nkinds = [\"kinds.toml\"]\n[search]\noffline = {now}\n"));
        site.build_clean();
        assert_eq!(kept(&site), before);
    }
}
