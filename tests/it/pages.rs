//! Every kind of page is there and shows its thing.

use crate::support::{CONFIG, SiteTest, attributes, example, other, texts};
use std::fmt::Write as _;

#[test]
fn a_small_site_looks_as_it_did() {
    SiteTest::from_fixture("small").check_output();
}

#[test]
fn mistakes_read_as_they_did() {
    SiteTest::from_fixture("mistakes").check_output();
}

fn year(n: usize) -> SiteTest {
    let site = SiteTest::from_files(&[("beilin.toml", &format!("{CONFIG}[output]\npage_size = 10\n"))]);
    for i in 0..n {
        site.put(
            &format!("content/records/yi/r{i:02}.md"),
            &other(&format!("r{i:02}"), &format!("2025-{:02}-{:02}", i / 20 + 1, i % 20 + 1), "", "话。"),
        );
    }
    site
}

#[test]
fn an_empty_site_has_all_its_pages() {
    let site = SiteTest::bare(&[("beilin.toml", CONFIG), ("content/_index.md", "话。\n")]);
    let built = site.build_clean();
    for path in [
        "index.html",
        "branches/index.html",
        "records/index.html",
        "archive/all/index.html",
        "showcase/index.html",
        "cases/index.html",
        "programmes/index.html",
        "honours/index.html",
        "disclosure/index.html",
        "sitemap/index.html",
        "search/index.html",
        "404.html",
    ] {
        assert_eq!(texts(&built.page(path), "h1").len(), 1, "{path}");
    }
}

#[test]
fn every_page_has_one_heading_a_title_a_language_and_a_skip_link() {
    let built = example();
    assert!(built.pages().len() > 500);
    for path in built.pages() {
        let page = built.page(path);
        assert_eq!(texts(&page, "h1").len(), 1, "{path}");
        assert!(!texts(&page, "h1")[0].is_empty(), "{path}");
        assert!(!texts(&page, "title")[0].is_empty(), "{path}");
        assert_eq!(attributes(&page, "html", "lang"), ["zh-CN"], "{path}");
        assert_eq!(attributes(&page, "body > a:first-child", "href"), ["#main"], "{path}");
        assert_eq!(attributes(&page, "main#main", "id").len(), 1, "{path}");
    }
}

#[test]
fn titles_of_pages_differ() {
    let built = example();
    let mut seen = std::collections::BTreeMap::new();
    for path in built.pages() {
        // Records may share a title, chapters of the manual have that of what they explain, pages of one list share theirs.
        if path.starts_with("records/") && path.matches('/').count() == 2
            || path.contains("/page/")
            || path.starts_with("manual/")
        {
            continue;
        }
        let title = texts(&built.page(path), "title").concat();
        if let Some(other) = seen.insert(title.clone(), path) {
            panic!("`{title}` is the title of {other} and {path}");
        }
    }
}

#[test]
fn no_page_shows_a_key_a_null_or_a_template() {
    let built = example();
    for path in built.pages() {
        if path.starts_with("manual/") {
            continue;
        }
        let text = built.words_of(path);
        for bad in ["{{", "{%", "undefined", "null", "NaN", "facts.", "record.", "text.", "i16", "Some("] {
            assert!(
                !text.contains(bad),
                "{bad} in {path}: {}",
                text.split(bad)
                    .next()
                    .unwrap_or("")
                    .chars()
                    .rev()
                    .take(40)
                    .collect::<String>()
                    .chars()
                    .rev()
                    .collect::<String>()
            );
        }
    }
}

#[test]
fn ids_on_a_page_are_unique() {
    let built = example();
    for path in built.pages() {
        let mut ids = attributes(&built.page(path), "[id]", "id");
        let all = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), all, "{path}");
    }
}

#[test]
fn a_long_list_is_cut_into_pages_that_lead_to_each_other() {
    let built = year(35).build_clean();
    let first = built.page("archive/2025/index.html");
    assert!(
        texts(&first, ".ph").concat().contains("共 35 件")
            && texts(&first, ".ph").concat().contains("第 1 页，共 4 页")
    );
    assert_eq!(attributes(&first, ".pages a[rel=next]", "href"), ["../../archive/2025/page/2/"]);
    assert_eq!(attributes(&first, ".pages a[rel=prev]", "href"), Vec::<String>::new());
    let last = built.page("archive/2025/page/4/index.html");
    assert_eq!(attributes(&last, ".pages a[rel=prev]", "href"), ["../../../../archive/2025/page/3/"]);
    assert_eq!(texts(&last, ".pages [aria-current=page]"), ["4"]);
    let mut titles = Vec::new();
    for page in [
        "archive/2025/index.html",
        "archive/2025/page/2/index.html",
        "archive/2025/page/3/index.html",
        "archive/2025/page/4/index.html",
    ] {
        titles.extend(texts(&built.page(page), ".res-l li a.t"));
    }
    assert_eq!(titles.len(), 35);
    let mut sorted = titles.clone();
    sorted.sort();
    sorted.reverse();
    assert_eq!(titles, sorted, "newest first, each once");
    assert!(!built.has("archive/2025/page/5/index.html") && !built.has("archive/2025/page/1/index.html"));
}

#[test]
fn records_are_listed_by_year_month_kind_and_branch() {
    let built = year(35).build_clean();
    let count = |path: &str| texts(&built.page(path), ".res-l li a.t").len();
    assert_eq!((count("archive/2025/01/index.html"), count("archive/2025/02/index.html")), (10, 10));
    for path in [
        "archive/kind/other/index.html",
        "branches/yi/records/index.html",
        "branches/yi/2025/index.html",
        "branches/yi/kind/other/index.html",
    ] {
        assert!(texts(&built.page(path), ".ph").concat().contains("共 35 件"), "{path}");
    }
    assert!(built.has("branches/er/records/index.html"), "a branch without records has its list");
    assert!(!built.has("archive/2025/03/index.html"), "a month without records has none");
}

#[test]
fn a_record_without_a_year_is_listed_too() {
    let site = year(2);
    site.put("content/records/yi/x.md", &other("x", "20**-07", "", "话。"));
    let built = site.build_clean();
    assert_eq!(texts(&built.page("archive/undated/index.html"), ".res-l li a.t"), ["题x"]);
    assert!(texts(&built.page("archive/all/index.html"), ".res-l li").iter().any(|r| r.contains("题x")));
    assert!(built.words_of("records/x/index.html").contains("20**年7月"));
}

#[test]
fn before_and_after_lead_along_a_branch() {
    let site = year(3);
    site.put("content/records/er/e.md", &other("e", "2025-01-02", "", "话。").replace("\"yi\"", "\"er\""));
    let built = site.build_clean();
    let way = |path: &str, rel: &str| attributes(&built.page(path), &format!(".pn a[rel={rel}]"), "href");
    assert_eq!(
        (way("records/r01/index.html", "prev"), way("records/r01/index.html", "next")),
        (vec!["../../records/r00/".to_owned()], vec!["../../records/r02/".to_owned()])
    );
    assert_eq!(
        (way("records/r00/index.html", "prev"), way("records/r02/index.html", "next")),
        (Vec::new(), Vec::new())
    );
    assert_eq!(way("records/e/index.html", "next"), Vec::<String>::new(), "another branch's records are no neighbours");
}

#[test]
fn crumbs_lead_up_and_the_last_is_here() {
    let built = year(1).build_clean();
    let page = built.page("records/r00/index.html");
    assert_eq!(attributes(&page, ".crumbs a", "href"), ["../../", "../../branches/yi/", "../../branches/yi/2025/"]);
    assert_eq!(texts(&page, ".crumbs [aria-current=page]"), ["其他记录"]);
}

#[test]
fn a_record_has_a_number_a_permanent_address_and_a_citation() {
    let built = year(1).build_clean();
    let page = built.page("records/r00/index.html");
    assert_eq!(texts(&page, "dl.arch .id"), ["r00", "https://t.example/records/r00/"]);
    let cite = texts(&page, ".cite").concat();
    for part in ["第一党支部", "题r00", "2025", "https://t.example/records/r00/"] {
        assert!(cite.contains(part), "{part} in {cite}");
    }
}

#[test]
fn an_old_address_leads_to_the_record() {
    let site = year(1);
    site.put(
        "content/records/yi/x.md",
        &other("x", "2025-07-01", "aliases = [\"x-old\", \"/djgz/2019/03/t123.html\"]", "话。"),
    );
    let built = site.build_clean();
    assert!(built.text("records/x-old/index.html").contains("url=../../records/x/"));
    assert!(built.text("djgz/2019/03/t123.html").contains("url=../../../records/x/"));
}

#[test]
fn the_page_for_missing_addresses_works_from_any_depth() {
    let site = year(1);
    site.edit("beilin.toml", "https://t.example/", "https://t.example/dj/");
    let page = site.build_clean().page("404.html");
    for (css, name) in [("link[rel=stylesheet]", "href"), ("script[src]", "src"), ("main a", "href"), ("nav a", "href")]
    {
        let all = attributes(&page, css, name);
        assert!(!all.is_empty() && all.iter().all(|a| a.starts_with("/dj/")), "{css}: {all:?}");
    }
    assert_eq!(attributes(&page, "meta[name=robots]", "content"), ["noindex"]);
}

#[test]
fn pages_have_siblings_order_and_old_addresses() {
    let site = year(1);
    for (name, order) in [("b", 1), ("a", 2), ("c", 3)] {
        site.put(
            &format!("content/manual/{name}.md"),
            &format!("+++\ntitle = \"章{name}\"\norder = {order}\naliases = [\"/old/{name}/\"]\n+++\n话。\n"),
        );
    }
    site.put("content/manual/_index.md", "+++\ntitle = \"手册\"\n+++\n话。\n");
    let built = site.build_clean();
    let page = built.page("manual/a/index.html");
    assert_eq!(
        (attributes(&page, ".pn a[rel=prev]", "href"), attributes(&page, ".pn a[rel=next]", "href")),
        (vec!["../../manual/b/".to_owned()], vec!["../../manual/c/".to_owned()])
    );
    assert!(built.text("old/a/index.html").contains("url=../../manual/a/"));
    assert!(attributes(&built.page("sitemap/index.html"), "main a", "href").contains(&"../manual/a/".to_owned()));
}

fn honours() -> SiteTest {
    let site = SiteTest::from_files(&[
        (
            "content/programmes/fa.md",
            "+++\nid = \"fa\"\ntitle = \"创建方案\"\nrubric = \"ru\"\ndocno = \"云机工〔2024〕6号\"\nprinciples = [\"务实\"]\n[[stages]]\nid = \"s1\"\ntitle = \"动员部署\"\nfrom = \"2024-03\"\nto = \"2024-04\"\nasks = [\"开大会\"]\n[[stages]]\nid = \"s2\"\ntitle = \"总结\"\nfrom = \"2027-01\"\n[[steps]]\ntitle = \"自评\"\nby = \"党支部\"\n+++\n方案全文。\n",
        ),
        (
            "content/rubrics/ru.md",
            "+++\nid = \"ru\"\ntitle = \"评定标准\"\nversion = \"2024\"\nfull = 100\n[[dimensions]]\nid = \"zz\"\ntitle = \"政治功能强\"\n[[dimensions.criteria]]\nid = \"zz-1\"\ntitle = \"第一议题\"\ntext = \"每月一次。\"\npoints = 5\n+++\n",
        ),
    ]);
    for (id, branch, brand, more) in [
        ("h1", "yi", "守夜灯", ""),
        (
            "h2",
            "er",
            "活档案",
            "{ event = \"revoked\", date = \"2025-12-19\", docno = \"云机工〔2025〕21号\", note = \"撤销原因不公开\" }",
        ),
    ] {
        let mut text = String::new();
        let _ = write!(
            text,
            "+++\nid = \"{id}\"\ntype = \"四强党支部\"\nbranch = \"{branch}\"\nprogramme = \"fa\"\ncohort = \"2024\"\nbrand = \"{brand}\"\nmotto = \"一句话\"\nevents = [{{ event = \"named\", date = \"2024-06-28\", by = \"org\", docno = \"云机工〔2024〕15号\" }}, {more}]\n+++\n"
        );
        site.put(&format!("content/honours/{id}.md"), &text.replace(", ]", "]"));
    }
    site
}

#[test]
fn a_revoked_honour_is_on_the_roll_and_not_in_the_showcase() {
    let built = honours().build_clean();
    let (showcase, roll) = (built.words_of("showcase/index.html"), built.words_of("honours/index.html"));
    assert!(showcase.contains("守夜灯") && !showcase.contains("活档案"), "{showcase}");
    assert!(showcase.contains("命名 2 个，现予展示 1 个"), "{showcase}");
    assert!(
        roll.contains("守夜灯")
            && roll.contains("活档案")
            && roll.contains("已撤销")
            && roll.contains("云机工〔2025〕21号"),
        "{roll}"
    );
    assert!(built.has("honours/2024/index.html"));
}

#[test]
fn the_reason_of_a_revocation_is_shown_nowhere() {
    assert_eq!(honours().build_clean().holding("撤销原因不公开"), Vec::<&str>::new());
}

#[test]
fn an_honour_is_what_it_was_on_the_day() {
    let site = honours();
    let input = beilin::Input { root: "s".into(), out: None, as_of: Some(jiff::civil::date(2025, 6, 1)) };
    beilin::build(&site.disk, &input, &beilin::build::Unwatched).expect("builds");
    let out = site.out();
    let showcase = String::from_utf8_lossy(&out["showcase/index.html"]).into_owned();
    assert!(showcase.contains("活档案"), "before the revocation it is shown");
}

#[test]
fn programmes_and_rubrics_show_stages_and_criteria() {
    let built = honours().build_clean();
    let programme = built.words_of("programmes/fa/index.html");
    for words in ["云机工〔2024〕6号", "务实", "动员部署", "开大会", "总结", "自评", "方案全文。", "已完成", "未开始"]
    {
        assert!(programme.contains(words), "{words} in {programme}");
    }
    let rubric = built.words_of("rubrics/ru/index.html");
    for words in ["政治功能强", "第一议题", "每月一次。", "5 分", "尚无记录佐证"] {
        assert!(rubric.contains(words), "{words} in {rubric}");
    }
}

#[test]
fn disclosure_shows_what_is_posted_and_what_was_taken_down() {
    let site = SiteTest::from_files(&[]);
    for (id, until) in [("now", "2026-12-31"), ("past", "2025-01-31")] {
        site.put(&format!("content/records/yi/{id}.md"), &format!("+++\nid = \"{id}\"\nkind = \"disclosure\"\ntitle = \"公示{id}\"\nbranch = \"yi\"\ndate = \"2025-01-02\"\nitem = \"发展党员\"\nposted = \"2025-01-02\"\nuntil = \"{until}\"\n+++\n话。\n"));
    }
    let rows = texts(&site.build_clean().page("disclosure/index.html"), "main tbody tr");
    let row = |id: &str| rows.iter().find(|r| r.contains(id)).unwrap_or_else(|| panic!("{id} in {rows:?}"));
    assert!(row("公示now").contains("公示中"), "{rows:?}");
    assert!(row("〔党务公开（第一党支部）〕").contains("到期撤下"), "its own title went with it: {rows:?}");
}

#[test]
fn the_calendar_counts_days() {
    let built = year(35).build_clean();
    let cells = texts(&built.page("calendar/2025/index.html"), ".alm td i");
    assert_eq!(cells.len(), 35);
    assert!(built.words_of("calendar/2025/index.html").contains("全年 35 件"));
}

#[test]
fn the_interface_speaks_english_when_asked() {
    let site = year(12);
    site.edit("beilin.toml", "[site]", "[site]\nlanguage = \"en\"");
    let built = site.build_clean();
    for path in built.pages() {
        let page = built.page(path);
        assert_eq!(attributes(&page, "html", "lang"), ["en"], "{path}");
        let menu: String = texts(&page, ".skip, .nav, .foot ul, .crumbs li:first-child, .pages").concat();
        assert!(!menu.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{path}: {menu}");
    }
}

#[test]
fn the_example_shows_every_kind_of_page() {
    let built = example();
    for path in [
        "index.html",
        "branches/index.html",
        "branches/ga-yexun/index.html",
        "branches/ga-yexun/records/index.html",
        "branches/zj-jingguan/index.html",
        "records/index.html",
        "archive/all/index.html",
        "calendar/2025/index.html",
        "showcase/index.html",
        "cases/index.html",
        "programmes/index.html",
        "programmes/sq-2024/index.html",
        "rubrics/sq-2024/index.html",
        "honours/index.html",
        "disclosure/index.html",
        "about/index.html",
        "manual/index.html",
        "sitemap/index.html",
        "search/index.html",
        "404.html",
    ] {
        assert!(built.has(path), "{path}");
    }
    assert!(built.report.records >= 150, "{}", built.report.records);
}
