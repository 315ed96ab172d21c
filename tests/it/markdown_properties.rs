//! What holds for every body, on bodies nobody wrote.

use beilin::parse::markdown::fuzz_markdown;
use proptest::prelude::*;

/// Pieces that mean something to Markdown, HTML or the guard.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => prop::sample::select(vec![
            "党", "员", "。", "，", "“", "”", "（", "）", "a", "b ", "1", " ", "\n", "\n\n", "\r\n", "  \n", "\t",
        ]),
        8 => prop::sample::select(vec![
            "*", "**", "***", "~", "~~", "_", "`", "```\n", "# ", "## ", "### 题\n", "> ", "- ", "1. ", "- [x] ", "    ",
            "---\n", "===\n", "|", "|-|-|\n", "|a|b|\n|-|:-:|\n|c|d|\n", ": ", "\\", "{#a}", "{#fn-1}", "{待定}", "{{", "!",
        ]),
        6 => prop::sample::select(vec![
            "[^1]", "\n[^1]: 注\n", "\n[^2]: ", "[甲](a.md)", "![图](a.png \"题\")", "[甲][r]", "\n[r]: javascript:x\n", "<https://a.cn>",
            "[", "](", ")", "](java&Tab;script:x)", "![", "![](data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7)",
            "&#xFDD0;", "\u{FDD0}", "&#1;", "&amp;", "&colon;", "\0", "\u{1}",
        ]),
        6 => prop::sample::select(vec![
            "<b>", "</b>", "<div>\n", "</div>\n", "<p title='", "'>", "<a href=javascript:x>", "<a href='x'>", "</a>", "<img src=x onerror=y>",
            "<script>", "</script>", "<!--", "-->", "<![CDATA[", "]]>", "<?", "?>", "<table><tr><td>", "</table>", "<h1>", "</h2>", "<svg", "/>",
            "<style>", "<", ">", "\"", "=", "<ruby>", "<details>\n", "<br>", "<input>", "<h2 id=x>", "<pre>", "<textarea>", "<plaintext>",
        ]),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_keeps_the_promises(body in any::<String>()) {
        fuzz_markdown(body.as_bytes());
    }

    #[test]
    fn any_markdown_keeps_the_promises(body in pieces()) {
        fuzz_markdown(body.as_bytes());
    }
}
