//! What the manual promises about bodies.

use super::*;

fn html_of(body: &str) -> String {
    render(body, &Options::default(), &mut |_| Resolved::Keep).html
}

#[track_caller]
fn check(body: &str, expected: &str) {
    assert_eq!(html_of(body).trim(), expected);
}

fn warnings(body: &str) -> Vec<String> {
    let outline = outline(body, &Options::default());
    outline.warnings.iter().map(|warning| format!("{} {}", &body[warning.span.clone()], warning.kind)).collect()
}

mod emphasis {
    use super::*;

    #[test]
    fn emphasis_beside_cjk_punctuation() {
        check("**重要。**然后", "<p><strong>重要。</strong>然后</p>");
        check("**“三会一课”**制度", "<p><strong>“三会一课”</strong>制度</p>");
        check("他说**「真」**的", "<p>他说<strong>「真」</strong>的</p>");
        check("**重点（注）**后文", "<p><strong>重点（注）</strong>后文</p>");
        check("~~删，~~后", "<p><del>删，</del>后</p>");
        check("*斜。*后", "<p><em>斜。</em>后</p>");
        check("**真，**她**「甲」**乙", "<p><strong>真，</strong>她<strong>「甲」</strong>乙</p>");
        check("甲~~**乙。**~~丙", "<p>甲<del><strong>乙。</strong></del>丙</p>");
        check("甲**~~乙~~**丙", "<p>甲<strong><del>乙</del></strong>丙</p>");
        check("甲***乙。***丙", "<p>甲<em><strong>乙。</strong></em>丙</p>");
        check("会议**通过（12:0）**。", "<p>会议<strong>通过（12:0）</strong>。</p>");
        check("中文**\"quoted\"**中文", "<p>中文<strong>\"quoted\"</strong>中文</p>");
        check(
            "| 甲**乙。**丙 |\n|---|",
            "<div class=\"scroll\" role=\"region\" aria-label=\"表格\" tabindex=\"0\"><table><thead><tr><th scope=\"col\">甲<strong>乙。</strong>丙</th></tr></thead>\n</table></div>",
        );
    }

    #[test]
    fn stars_in_code_and_addresses_stay() {
        check("`甲**乙。**丙`", "<p><code>甲**乙。**丙</code></p>");
        check("    甲**乙。**丙\n", "<pre tabindex=\"0\"><code>甲**乙。**丙\n</code></pre>");
        check(
            "```丙**。**丁\n甲**乙。**丙\n```",
            "<pre tabindex=\"0\"><code class=\"language-丙**。**丁\">甲**乙。**丙\n</code></pre>",
        );
        check("[甲](/a*。b \"乙*。丙\")", "<p><a href=\"/a*%E3%80%82b\" title=\"乙*。丙\">甲</a></p>");
        check("\\**甲。*乙", "<p>*<em>甲。</em>乙</p>");
    }

    #[test]
    fn western_text_keeps_to_commonmark() {
        check("**a.**b", "<p>**a.**b</p>");
        check("a*\"b\"*c", "<p>a*\"b\"*c</p>");
    }

    #[test]
    fn one_tilde_is_a_range() {
        check("会期~9月~，~~删~~", "<p>会期~9月~，<del>删</del></p>");
        check("（~5人）和（6~）", "<p>（~5人）和（6~）</p>");
    }

    #[test]
    fn the_guard_itself_is_replaced_with_a_warning() {
        check("甲\u{FDD0}乙", "<p>甲\u{FFFD}乙</p>");
        check("甲&#xFDD0;乙", "<p>甲乙</p>");
        assert_eq!(warnings("甲\u{FDD0}**乙。**丙"), ["\u{FDD0} the noncharacter U+FDD0 was replaced"]);
    }

    #[test]
    fn spans_are_those_of_the_body() {
        let body = "**甲。**乙 [丙](丁.md)\n\n**戊。**己 <blink>";
        let outline = outline(body, &Options::default());
        assert_eq!(&body[outline.links[0].span.clone()], "丁.md");
        assert_eq!(&body[outline.warnings[0].span.clone()], "<blink>");
    }
}

mod line_ends {
    use super::*;

    #[test]
    fn no_space_between_han_characters() {
        check("全体党员\n参加会议", "<p>全体党员参加会议</p>");
        check("参加，\n会议", "<p>参加，会议</p>");
        check("**全体**\n党员", "<p><strong>全体</strong>党员</p>");
        check("全体\n**党员**", "<p>全体<strong>党员</strong></p>");
        check("他说：\n“好。”\n“是。”", "<p>他说：“好。”“是。”</p>");
        check("カタ\nカナ", "<p>カタカナ</p>");
        check("> 全体\n> 党员", "<blockquote>\n<p>全体党员</p>\n</blockquote>");
        check("- 全体\n  党员", "<ul>\n<li>全体党员</li>\n</ul>");
    }

    #[test]
    fn none_beside_latin_letters_and_digits_either() {
        check("应到党员\n35名", "<p>应到党员35名</p>");
        check("使用 Rust\n编写", "<p>使用 Rust编写</p>");
        check("全体\n`code`", "<p>全体<code>code</code></p>");
    }

    #[test]
    fn a_space_between_words() {
        check("two\nwords", "<p>two\nwords</p>");
        check("two\n**words**", "<p>two\n<strong>words</strong></p>");
        check("한국\n어", "<p>한국\n어</p>");
        check("a\n[b](c)", "<p>a\n<a href=\"c\">b</a></p>");
    }

    #[test]
    fn a_hard_break_stays() {
        check("全体  \n党员\\\n参加", "<p>全体<br>\n党员<br>\n参加</p>");
        check("全体\r\n党员  \r\n参加", "<p>全体党员<br>\n参加</p>");
    }
}

mod headings {
    use super::*;

    fn structure(body: &str, title: TitleHeading<'_>) -> Vec<String> {
        let rendered = render(body, &Options { title, ..Options::default() }, &mut |_| Resolved::Keep);
        rendered.toc.iter().map(|entry| format!("{} {}", entry.level, entry.text)).collect()
    }

    #[test]
    fn the_page_has_h2_at_the_top() {
        assert_eq!(structure("# 题\n## 甲\n### 乙", TitleHeading::Drop), ["2 甲", "3 乙"]);
        assert_eq!(structure("# 题\n## 甲\n### 乙", TitleHeading::Keep), ["2 题", "3 甲", "4 乙"]);
        assert_eq!(structure("## 甲\n### 乙\n## 丙", TitleHeading::Keep), ["2 甲", "3 乙", "2 丙"]);
        assert_eq!(structure("文\n\n### 甲\n##### 乙", TitleHeading::Keep), ["2 甲", "3 乙"]);
    }

    #[test]
    fn a_title_is_dropped_only_where_it_opens_the_body() {
        assert_eq!(structure("文\n\n# 题", TitleHeading::Drop), ["2 题"]);
        assert_eq!(structure("### 题", TitleHeading::Drop), ["2 题"]);
        assert_eq!(structure("<!-- 注 -->\n\n# 题\n## 甲", TitleHeading::Drop), ["2 甲"]);
        assert_eq!(structure("# 支委 会（一）\n## 甲", TitleHeading::DropIfSame("支委会(一)")), ["2 甲"]);
        assert_eq!(structure("# 支委会\n## 甲", TitleHeading::DropIfSame("党课")), ["2 支委会", "3 甲"]);
    }

    #[test]
    fn the_first_heading_is_told_with_its_rank() {
        let first =
            |body| outline(body, &Options::default()).first_heading.map(|first| (first.level, first.text, first.alone));
        assert_eq!(first("# **会议**`纪要`\n\n## 甲"), Some((1, "会议纪要".to_owned(), true)));
        assert_eq!(first("## 参会人员\n\n## 议题"), Some((2, "参会人员".to_owned(), false)));
        assert_eq!(first("文\n\n# 题"), None);
        assert_eq!(first("### 题"), None);
    }

    #[test]
    fn anchors_are_stable_ascii_and_unique() {
        let ids = |body: &str| -> Vec<String> {
            outline(body, &Options::default()).headings.into_iter().map(|heading| heading.id).collect()
        };
        assert_eq!(ids("## Agenda"), ["agenda"]);
        assert_eq!(ids("## 议题 {#topics}"), ["topics"]);
        let alone = ids("## 会议议题");
        assert_eq!(alone, ["s-22be0a34"], "a changed digest breaks every printed address");
        assert_eq!(ids("## 前言\n## 会议议题\n## **会议议题**")[1..], [alone[0].clone(), format!("{}-2", alone[0])]);
    }

    #[test]
    fn an_anchor_by_hand_that_cannot_be_is_told() {
        assert_eq!(
            warnings("## 甲 {#a}\n\n## 乙 {#a}\n\n## 丙 {#丙}\n"),
            [
                "## 乙 {#a}\n the anchor `a` is in use already; this heading has `a-2`",
                "## 丙 {#丙}\n `丙` cannot be an anchor"
            ]
        );
    }

    #[test]
    fn braces_that_are_no_attributes_are_text() {
        let text = |body| outline(body, &Options::default()).headings.remove(0).text;
        assert_eq!(text("## 地点 {待定}"), "地点 {待定}");
        assert_eq!(text("## 议题 {{ page.title }}"), "议题 {{ page.title }}");
        assert_eq!(text("## {{x}}"), "{{x}}");
        check("{{ site.title }} {% if a %}", "<p>{{ site.title }} {% if a %}</p>");
        assert_eq!(warnings("## 甲 {#a 待定}\n"), ["## 甲 {#a 待定}\n `待定` is no attribute of a heading"]);
    }

    #[test]
    fn a_class_is_kept() {
        check("## Notes {.plain .b}", "<h2 id=\"notes\" class=\"plain b\">Notes</h2>");
    }

    #[test]
    fn headings_in_quotations_open_no_section() {
        let body = "## 甲\n\n> # 引\n\n### 乙\n\n- ## 项\n\n## 丙";
        let rendered = render(body, &Options::default(), &mut |_| Resolved::Keep);
        assert_eq!(rendered.toc.iter().map(|entry| entry.text.as_str()).collect::<Vec<_>>(), ["甲", "乙", "丙"]);
        assert_eq!(rendered.sections.len(), 2);
        let nested: Vec<_> = outline(body, &Options::default()).headings.iter().map(|h| (h.level, h.nested)).collect();
        assert_eq!(nested, [(2, false), (3, true), (3, false), (4, true), (2, false)]);
    }

    #[test]
    fn something_can_be_put_after_a_section() {
        let body = "引\n\n## A\n\n文[^1]\n\n## B\n\n**字**\n\n[^1]: 注";
        let mut rendered = render(body, &Options::default(), &mut |_| Resolved::Keep);
        rendered.html.insert_str(rendered.sections[0].range.end, "[A]");
        let place = rendered.sections[1].range.end + 3;
        rendered.html.insert_str(place, "[B]");
        assert!(
            rendered.html.contains("</p>\n[A]<h2 id=\"b\">") && rendered.html.contains("</p>\n[B]<section"),
            "{}",
            rendered.html
        );
    }

    #[test]
    fn sections_are_found_again_after_cleaning() {
        let body = "<p>引<br>\n\n## A\n\n<div>\n\n## B\n\n</div>\n\n## C\n\n文<br>字";
        let rendered = render(body, &Options::default(), &mut |_| Resolved::Keep);
        let ids: Vec<_> = rendered.sections.iter().map(|section| section.id.as_str()).collect();
        assert_eq!(ids, ["a", "c"]);
        assert!(rendered.html[rendered.sections[1].range.clone()].ends_with("文<br>字</p>\n"));
    }
}

mod blocks {
    use super::*;

    #[test]
    fn tables_scroll_and_have_scopes() {
        check(
            "| 姓名 | 票 |\n|:--|--:|\n| 甲 | 3 |",
            "<div class=\"scroll\" role=\"region\" aria-label=\"表格\" tabindex=\"0\"><table>\
             <thead><tr><th scope=\"col\" class=\"left\">姓名</th><th scope=\"col\" class=\"right\">票</th></tr></thead>\n\
             <tbody>\n<tr><td class=\"left\">甲</td><td class=\"right\">3</td></tr>\n</tbody></table></div>",
        );
    }

    #[test]
    fn an_empty_head_is_no_head() {
        let html = html_of("| | |\n|--|--|\n| 甲 | 乙 |\n\n|a|\n|-|");
        assert_eq!(html.matches("<thead>").count(), 1);
        assert!(html.contains("aria-label=\"表格 2\""));
    }

    #[test]
    fn tasks_cannot_be_ticked() {
        check(
            "- [x] 已办\n- [ ] 待办",
            "<ul>\n<li class=\"task\"><input type=\"checkbox\" disabled=\"\" checked=\"\" aria-label=\"已完成\"> 已办</li>\n\
             <li class=\"task\"><input type=\"checkbox\" disabled=\"\" aria-label=\"未完成\"> 待办</li>\n</ul>",
        );
        assert!(html_of("- [x] 已办\n\n- [ ] 待办").contains("<li class=\"task\">\n<p><input"));
    }

    #[test]
    fn definition_lists_are_lists_of_terms() {
        check(
            "主持人\n: 张三\n\n记录人\n: 李四",
            "<dl>\n<dt>主持人</dt>\n<dd>张三</dd>\n<dt>记录人</dt>\n<dd>李四</dd>\n</dl>",
        );
    }

    #[test]
    fn footnotes_stand_at_the_end_and_lead_back() {
        check(
            "甲[^a]乙[^b]丙[^a]\n\n[^b]: 后注\n[^a]: 前注\n\n末段",
            "<p>甲<sup class=\"footnote-ref\"><a href=\"#fn-1\" id=\"fnref-1\" role=\"doc-noteref\">1</a></sup>\
             乙<sup class=\"footnote-ref\"><a href=\"#fn-2\" id=\"fnref-2\" role=\"doc-noteref\">2</a></sup>\
             丙<sup class=\"footnote-ref\"><a href=\"#fn-1\" id=\"fnref-1-2\" role=\"doc-noteref\">1</a></sup></p>\n\
             <p>末段</p>\n\
             <section class=\"footnotes\" role=\"doc-endnotes\" aria-labelledby=\"fn-title\">\n<h2 id=\"fn-title\">注释</h2>\n<ol>\n\
             <li id=\"fn-1\">\n<p>前注 <a href=\"#fnref-1\" class=\"footnote-back\" role=\"doc-backlink\" aria-label=\"返回正文\">↩\u{FE0E}</a> \
             <a href=\"#fnref-1-2\" class=\"footnote-back\" role=\"doc-backlink\" aria-label=\"返回正文\">↩\u{FE0E}</a></p>\n</li>\n\
             <li id=\"fn-2\">\n<p>后注 <a href=\"#fnref-2\" class=\"footnote-back\" role=\"doc-backlink\" aria-label=\"返回正文\">↩\u{FE0E}</a></p>\n</li>\n\
             </ol>\n</section>",
        );
    }

    #[test]
    fn a_footnote_nobody_refers_to_is_printed_and_told() {
        assert!(html_of("甲\n\n[^x]: 注").contains("<li>\n<p>注</p>\n</li>"));
        assert_eq!(warnings("甲\n\n[^x]: 注"), ["[^x]: 注 nothing refers to the footnote `x`"]);
        check("甲[^无]", "<p>甲[^无]</p>");
    }

    #[test]
    fn code_has_its_language_and_can_be_scrolled() {
        check("```rust x\na < b\n```", "<pre tabindex=\"0\"><code class=\"language-rust\">a &lt; b\n</code></pre>");
    }
}

mod pictures {
    use super::*;

    const IMG: &str = "loading=\"lazy\" decoding=\"async\">";
    const PIXEL: &str = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";

    #[test]
    fn a_picture_alone_is_a_figure() {
        check(
            "![会场](a.jpg \"图一 会场\")",
            &format!("<figure><img src=\"a.jpg\" alt=\"会场\" {IMG}<figcaption>图一 会场</figcaption></figure>"),
        );
        check("![会场](a.jpg)", &format!("<figure><img src=\"a.jpg\" alt=\"会场\" {IMG}</figure>"));
        check(
            "[![会场](a.jpg)](b.jpg)",
            &format!("<figure><a href=\"b.jpg\"><img src=\"a.jpg\" alt=\"会场\" {IMG}</a></figure>"),
        );
    }

    #[test]
    fn a_row_of_pictures_is_a_row_of_figures() {
        let html = html_of("![a](a.jpg \"甲\")\n![b](b.jpg) [![c](c.jpg)](d)");
        assert_eq!(html.matches("<figure>").count(), 3, "{html}");
        assert!(!html.contains("<p>") && html.contains("<figcaption>甲</figcaption></figure>\n<figure><img"));
    }

    #[test]
    fn a_picture_among_text_is_no_figure() {
        check("甲![a](b.png \"题\")", &format!("<p>甲<img src=\"b.png\" alt=\"a\" title=\"题\" {IMG}</p>"));
        check("见图 ![印章](a.png)", &format!("<p>见图 <img src=\"a.png\" alt=\"印章\" {IMG}</p>"));
        check("- ![印章](a.png)", &format!("<ul>\n<li><img src=\"a.png\" alt=\"印章\" {IMG}</li>\n</ul>"));
        check("![**粗** `码`\n字 [链](x)](a.png)甲", &format!("<p><img src=\"a.png\" alt=\"粗 码字 链\" {IMG}甲</p>"));
    }

    #[test]
    fn the_resolver_has_the_last_word() {
        let picture = || Picture {
            src: "/p/a.jpg".into(),
            width: Some(800),
            height: Some(600),
            alt: None,
            caption: Some("新".into()),
            ..Picture::default()
        };
        let html = render("![会场](a.jpg)", &Options::default(), &mut |_| Resolved::ToPicture(picture())).html;
        assert_eq!(
            html,
            format!(
                "<figure><img src=\"/p/a.jpg\" alt=\"会场\" width=\"800\" height=\"600\" {IMG}<figcaption>新</figcaption></figure>\n"
            )
        );
        let raw = render("<img src=a.jpg width=400 alt='&lt;会场>'>", &Options::default(), &mut |_| {
            Resolved::ToPicture(picture())
        })
        .html;
        assert!(raw.contains("alt=\"&lt;会场&gt;\"") && raw.contains("width=\"400\" height=\"300\""), "{raw}");
        let none = render("甲![会场](a.jpg)乙", &Options::default(), &mut |_| Resolved::Unlink).html;
        assert_eq!(none, "<p>甲会场乙</p>\n");
    }

    #[test]
    fn embedded_pictures_are_taken_out() {
        let options = Options { embedded_prefix: "files/", ..Options::default() };
        let body = format!("![点]({PIXEL})\n\n<img src=\"{PIXEL}\">\n\n![点][p]\n\n[p]: {PIXEL}");
        let rendered = render(&body, &options, &mut |link| {
            assert!(link.embedded.is_some_and(|picture| picture.name == link.destination));
            Resolved::Keep
        });
        assert_eq!(rendered.embedded.len(), 1);
        let src = format!("src=\"files/{}\"", rendered.embedded[0].name);
        assert_eq!(rendered.html.matches(&src).count(), 3, "{}", rendered.html);
        assert_eq!(outline(&body, &options).embedded, rendered.embedded);
        assert!(outline(&body, &options).links.is_empty());
    }

    #[test]
    fn an_embedded_picture_that_is_none_is_refused() {
        check("![图](data:image/svg+xml;base64,PHN2Zy8+)", "<p>图</p>");
        assert_eq!(
            outline("![图](data:image/svg+xml;base64,PHN2Zy8+)", &Options::default()).warnings[0].kind,
            WarningKind::RefusedPicture(EmbeddedFault::Type)
        );
        let small = Options { embedded_limit: 10, ..Options::default() };
        assert_eq!(
            outline(&format!("![]({PIXEL})"), &small).warnings[0].kind,
            WarningKind::RefusedPicture(EmbeddedFault::Size)
        );
    }
}

mod links {
    use super::*;

    #[test]
    fn every_destination_is_asked_for() {
        let mut asked = Vec::new();
        let body = "[甲](a.md) ![乙](b.png) <https://c.cn> <d@e.cn> [丁][f] <a href='g&amp;h.md'>戊</a> [己](#x)\n\n[f]: @/f.md\n";
        render(body, &Options::default(), &mut |link| {
            asked.push(format!("{} @{}", link.destination, &body[link.span.clone()]));
            Resolved::Keep
        });
        assert_eq!(
            asked,
            [
                "a.md @a.md",
                "b.png @b.png",
                "https://c.cn @https://c.cn",
                "mailto:d@e.cn @<d@e.cn>",
                "@/f.md @[丁][f]",
                "g&h.md @<a href='g&amp;h.md'>",
                "#x @#x"
            ]
        );
        let found: Vec<_> = outline(body, &Options::default()).links.into_iter().map(|link| link.text).collect();
        assert_eq!(found, ["甲", "乙", "https://c.cn", "d@e.cn", "丁", "", "己"]);
    }

    #[test]
    fn answers_are_written() {
        let html = render("[甲](a.md) [乙](b.md) [丙](c.md)", &Options::default(), &mut |link| match link.destination
        {
            "a.md" => Resolved::To("/甲/?x=1&y".into()),
            "b.md" => Resolved::Unlink,
            _ => Resolved::To("javascript:x".into()),
        });
        assert_eq!(html.html, "<p><a href=\"/%E7%94%B2/?x=1&amp;y\">甲</a> 乙 丙</p>\n");
    }

    #[test]
    fn external_links_tell_nothing() {
        check("[甲](https://a.cn)", "<p><a href=\"https://a.cn\" rel=\"noopener noreferrer\">甲</a></p>");
        check("[甲](//a.cn)", "<p><a href=\"//a.cn\" rel=\"noopener noreferrer\">甲</a></p>");
        check("<a href='http://a.cn'>甲</a>", "<p><a href=\"http://a.cn\" rel=\"noopener noreferrer\">甲</a></p>");
    }

    #[test]
    fn only_known_schemes_are_written() {
        for body in [
            "[甲](javascript:alert(1))",
            "[甲](JaVaScRiPt:alert(1))",
            "[甲](<java\tscript:alert(1)>)",
            "[甲](java&Tab;script:alert(1))",
            "[甲](&#1;javascript&colon;alert(1))",
            "[甲](vbscript:x)",
            "[甲](data:text/html;base64,x)",
            "[甲](file:///etc/passwd)",
            "[甲][x]\n\n[x]: javascript:x",
            "<a href=\"java&#x0A;script&colon;alert(1)\">甲</a>",
        ] {
            let html = html_of(body);
            assert!(!html.contains("href") && html.contains("甲"), "{body}: {html}");
            assert_eq!(outline(body, &Options::default()).warnings.len(), 1, "{body}");
        }
        assert!(!html_of("<javascript:alert(1)>").contains("href"));
        check(
            "[甲](tel:010) [乙](mailto:a@b.cn)",
            "<p><a href=\"tel:010\">甲</a> <a href=\"mailto:a@b.cn\">乙</a></p>",
        );
    }
}

mod raw_html {
    use super::*;
    use crate::parse::sanitise::{TokenKind, Tokens};

    #[test]
    fn the_allowed_elements_stay() {
        check("甲<br>乙", "<p>甲<br>乙</p>");
        check(
            "<ruby>碑<rp>(</rp><rt>bēi</rt><rp>)</rp></ruby>",
            "<p><ruby>碑<rp>(</rp><rt>bēi</rt><rp>)</rp></ruby></p>",
        );
        check(
            "<table><tr><th scope=row colspan=2>甲</th></tr></table>",
            "<table><tbody><tr><th colspan=\"2\" scope=\"row\">甲</th></tr></tbody></table>",
        );
        check(
            "甲<img src=a.png>乙<BR/>丙",
            "<p>甲<img src=\"a.png\" alt=\"\" loading=\"lazy\" decoding=\"async\">乙<br>丙</p>",
        );
        check(
            "<details>\n<summary>题</summary>\n\n**文**\n\n</details>",
            "<details>\n<summary>题</summary>\n<p><strong>文</strong></p>\n</details>",
        );
        check(
            "<abbr title='三会一课'>制度</abbr>H<sub>2</sub>O",
            "<p><abbr title=\"三会一课\">制度</abbr>H<sub>2</sub>O</p>",
        );
        check("<h1>题</h1>", "<h2>题</h2>");
    }

    #[test]
    fn what_is_dropped_is_told_at_its_place() {
        assert_eq!(
            warnings(
                "**甲。**乙 <font color=red>丙</font>\n\n<div onclick=\"x()\" style='y'>\n<script>\nalert(1)\n</script>\n</div>\n"
            ),
            [
                "<font color=red> `<font>` is not allowed and was left out",
                "onclick=\"x()\" `onclick` is not allowed on `<div>` and was left out",
                "style='y' `style` is not allowed on `<div>` and was left out",
                "<script> `<script>` is not allowed and was left out",
            ]
        );
        assert_eq!(
            warnings("> <p class=\"a\"\n> id=\"党\">文</p>\n"),
            [
                "class=\"a\" `class` is not allowed on `<p>` and was left out",
                "id=\"党\" `id` is not allowed on `<p>` and was left out"
            ]
        );
        assert_eq!(
            warnings("甲 <!-- 注 --> <?php x ?>"),
            ["<?php x ?> declarations and instructions are not allowed and were left out"]
        );
        assert_eq!(warnings("<td colspan=x>")[0], "colspan=x `colspan` is not allowed on `<td>` and was left out");
    }

    #[test]
    fn scripts_go_with_their_content() {
        check("甲<script>alert(1)</script>乙", "<p>甲乙</p>");
        check("<script>\nalert(1)\n</script>\n\n乙", "<p>乙</p>");
        check("甲<svg><script>x</script></svg>乙", "<p>甲乙</p>");
        check("**甲<style>a** 乙\n\n丙", "<p><strong>甲</strong></p>\n<p>丙</p>");
    }

    #[test]
    fn tags_are_balanced() {
        check("<div>\n\n甲 <b>乙", "<div>\n<p>甲 <b>乙</b></p><b>\n</b></div>");
        check("甲</div></b></section>乙", "<p>甲乙</p>");
    }

    #[test]
    fn an_element_left_open_does_not_swallow_the_notes() {
        let html = html_of("<details>\n\n甲[^1]\n\n[^1]: 注");
        assert!(html.contains("</details><section class=\"footnotes\""), "{html}");
    }

    #[test]
    fn our_own_markup_survives_cleaning() {
        let body =
            "## A {.x}\n\n- [x] 甲[^1]\n\n|a|\n|:-|\n|b|\n\n![图](a.png \"题\")\n\n```rust\nx\n```\n\n[^1]: 注\n";
        let loose = |html: &str| html.replace(['\n'], "");
        assert_eq!(
            loose(&html_of(&format!("{body}\n<b>甲</b>\n"))),
            loose(&html_of(&format!("{body}\n**甲**\n"))).replace("strong", "b")
        );
    }

    #[test]
    fn attacks_come_to_nothing() {
        for body in [
            "<img src=x onerror=alert(1)>",
            "<svg/onload=alert(1)>",
            "<a href=\"jav\tascript:alert(1)\">x</a>",
            "<iframe src=\"https://a\"></iframe>",
            "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
            "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
            "<<script>script>alert(1)</script>",
            "<p title='\"><script>alert(1)</script>'>x</p>",
            "<table><tr><td background=\"javascript:x\">x",
            "<form action=x><input type=text><button formaction=y>",
            "<base href=\"https://evil\"><meta http-equiv=refresh><link rel=stylesheet href=x>",
            "<div id=main class=scroll name=x>y</div>",
        ] {
            fuzz_markdown(body.as_bytes());
            let html = html_of(body);
            for token in Tokens::new(&html) {
                if let TokenKind::Start(name, attributes) = token.kind {
                    assert!(
                        ["a", "b", "div", "h2", "img", "p", "table", "tbody", "td", "tr"].contains(&name.as_str()),
                        "{body}: {html}"
                    );
                    let known = ["alt", "decoding", "href", "loading", "src", "title"];
                    assert!(attributes.iter().all(|a| known.contains(&a.name.as_str())), "{body}: {html}");
                }
            }
        }
    }

    #[test]
    fn depth_has_an_end() {
        let body = format!("{}甲", "<div>".repeat(1000));
        assert_eq!(html_of(&body).matches("<div>").count(), 100);
        assert_eq!(warnings(&body).len(), 900);
    }
}

mod outlines {
    use super::*;

    #[track_caller]
    fn check_excerpt(body: &str, expected: &str) {
        assert_eq!(outline(body, &Options { excerpt: 20, ..Options::default() }).excerpt, expected);
    }

    #[test]
    fn an_excerpt_is_the_first_prose() {
        check_excerpt(
            "# 题\n\n时间：3月1日  \n地点：会议室\n\n会议结论：\n\n会议学习了**文件**，\n讨论了计划。",
            "会议学习了文件，讨论了计划。",
        );
        check_excerpt(
            "第一段很短，有句号。\n\n第二段[接着](x)说，很长很长很长很长。",
            "第一段很短，有句号。第二段接着说……",
        );
        check_excerpt("![图](a.png)\n\n> 引文在前，不取。\n\n正文在后，取这句。", "正文在后，取这句。");
    }

    #[test]
    fn minutes_without_prose_are_quoted_from_lists() {
        check_excerpt("**议题一**  \n汇报人：陈某\n\n1. 标准已发布，侧重质量。\n2. 输出实践", "标准已发布，侧重质量。");
        check_excerpt("## 议题\n\n- 甲项\n- 乙项\n", "甲项；乙项");
        check_excerpt("## 只有标题", "");
    }

    #[test]
    fn characters_are_counted_as_a_writer_counts_them() {
        let count = |body| outline(body, &Options::default()).text_chars;
        assert_eq!(count("# 题目\n\n三会 一课。\n\n- **a** b"), 9);
        assert_eq!(count("甲![说明](a.png)乙[^1]\n\n[^1]: 注"), 3);
        assert_eq!(
            outline("# 题目\n\n三会", &Options { title: TitleHeading::Drop, ..Options::default() }).text_chars,
            2
        );
    }

    #[test]
    fn plain_text_has_a_line_for_each_block() {
        assert_eq!(
            plain_text(
                "# 题\n\n全体\n党员`码`[^1]\n\n- 甲\n- 乙\n\n|a|b|\n|-|-|\n|c|d|\n\n<p>丙&amp;丁</p>\n\n[^1]: 注"
            ),
            "题\n全体党员码\n甲\n乙\na\tb\t\nc\td\t\n丙&丁\n注"
        );
    }

    #[test]
    fn an_outline_is_send_and_sync() {
        fn check<T: Send + Sync>() {}
        check::<(Outline, Rendered, Options<'static>)>();
    }
}
