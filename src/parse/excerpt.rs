//! The first words of a record, for lists and feeds.
//!
//! Works on lines of plain text; what is a line and what it stood in is the reader's business.

use super::cjk;

/// A line of text that can open an excerpt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// The text, as a range of the body's plain text.
    pub(crate) range: std::ops::Range<usize>,
    /// Whether it stood in a list or a quotation.
    pub(crate) enclosed: bool,
}

/// Makes an excerpt at most `limit` Han characters wide.
///
/// Takes prose if there is any, else the items of lists, else anything: minutes are often headings,
/// labels (`主持人：……`), names and lists only.
pub(crate) fn excerpt(text: &str, lines: &[Line], limit: usize) -> String {
    let of = |line: &Line| text[line.range.clone()].trim();
    let prose = lines.iter().filter(|line| !line.enclosed).map(of).filter(|line| !is_label(line));
    let items = lines.iter().filter(|line| line.enclosed).map(of).filter(|line| !is_label(line));
    let mut text = gather(prose, limit);
    if text.is_empty() {
        text = gather(items, limit);
    }
    if text.is_empty() {
        text = gather(lines.iter().filter(|line| line.enclosed).map(of), limit);
    }
    if text.is_empty() {
        text = gather(lines.iter().map(of), limit);
    }
    cut(&text, limit)
}

/// Puts lines together until there is one character too many, from which [`cut`] sees that it has to cut.
fn gather<'a>(lines: impl Iterator<Item = &'a str>, limit: usize) -> String {
    let mut text = String::new();
    let mut width = 0;
    for line in lines.filter(|line| !line.is_empty()) {
        if let Some(last) = text.chars().next_back() {
            if last.is_alphanumeric() || matches!(last, '”' | '》' | '）' | '」' | ')' | '】') {
                text.push('；');
                width += cjk::width('；');
            } else if !cjk::joined(&text, line) {
                text.push(' ');
            }
        }
        for c in line.chars() {
            // Runs of white space, controls and what nobody sees have no place in one line.
            match c {
                '\u{200B}' | '\u{FEFF}' | '\u{FFFC}' => {}
                _ if !c.is_control() && !c.is_whitespace() => text.push(c),
                _ if !text.ends_with(' ') => text.push(' '),
                _ => {}
            }
            width += cjk::width(c);
            if width > 2 * limit {
                return text;
            }
        }
    }
    text
}

/// Says whether a line only names something: `会议结论：`, `主持人：张三`, `议题一、年度计划`, `张三、李四、王五`.
fn is_label(line: &str) -> bool {
    const NAME: usize = 8;
    let sentences = sentences(line);
    let colon = line.char_indices().take(NAME + 1).find(|(_, c)| matches!(c, '：' | ':'));
    let value = colon.map(|(at, c)| line[at + c.len_utf8()..].trim_matches(|c: char| !c.is_alphanumeric()));
    if line.ends_with(['：', ':']) || value.is_some_and(|value| sentences == 0 || value.chars().count() <= 2) {
        return true;
    }
    let clauses = line.contains(['，', '；', ';']) || line.contains(", ");
    if sentences == 0 && (!clauses || line.contains("://")) || line.chars().count() <= 3 {
        return true;
    }
    is_list_of_names(line)
}

/// Counts the ends of sentences; `.`, `!` and `?` end one only before a blank, since addresses and versions hold them too.
fn sentences(line: &str) -> usize {
    let mut characters = line.chars().peekable();
    let mut count = 0;
    while let Some(c) = characters.next() {
        let before_blank = characters.peek().is_none_or(|next| next.is_whitespace());
        count += usize::from(matches!(c, '。' | '！' | '？') || matches!(c, '.' | '!' | '?') && before_blank);
    }
    count
}

/// Says whether a line is at least three short pieces with commas between, as the names of those present are.
fn is_list_of_names(line: &str) -> bool {
    const SHORT: usize = 6;
    let pieces = line.split(['、', '，', ',', ' ', '；']).filter(|piece| !piece.is_empty());
    let (mut count, mut width) = (0, 0);
    for piece in pieces {
        count += 1;
        width += piece.chars().map(cjk::width).sum::<usize>();
    }
    sentences(line.trim_end_matches(['。', '.'])) == 0 && count >= 3 && width <= count * SHORT * 2 && {
        let commas = line.chars().filter(|c| matches!(c, '、' | '，' | ',' | '；')).count();
        2 * commas >= count
    }
}

/// Cuts a text to `limit` Han characters, at punctuation if some stands in the last third.
fn cut(text: &str, limit: usize) -> String {
    let mut width = 0;
    let Some((end, _)) = text.char_indices().find(|(_, c)| {
        width += cjk::width(*c);
        width > 2 * limit
    }) else {
        return text.to_owned();
    };
    let head = &text[..end];
    let at_least = head.char_indices().nth(head.chars().count() * 2 / 3).map_or(0, |(at, _)| at);
    let stop = head
        .char_indices()
        .rev()
        .take_while(|(at, _)| *at >= at_least)
        .find(|(_, c)| matches!(c, '。' | '！' | '？' | '；' | '，' | '、' | '：'));
    let kept = match stop {
        Some((at, c @ ('。' | '！' | '？'))) => &head[..at + c.len_utf8()],
        Some((at, _)) => &head[..at],
        None => before_word(text, end),
    };
    format!("{}……", kept.trim_end())
}

/// Returns the text up to `end`, or up to the Latin word or number that `end` would cut.
fn before_word(text: &str, end: usize) -> &str {
    let within = |c: char| c.is_ascii_alphanumeric();
    if !text[end..].starts_with(within) {
        return &text[..end];
    }
    let whole = text[..end].trim_end_matches(within);
    if whole.is_empty() { &text[..end] } else { whole }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(lines: &[(&str, bool)], limit: usize, expected: &str) {
        let mut text = String::new();
        let mut ranges = Vec::new();
        for (line, enclosed) in lines {
            let start = text.len();
            text.push_str(line);
            ranges.push(Line { range: start..text.len(), enclosed: *enclosed });
        }
        assert_eq!(excerpt(&text, &ranges, limit), expected);
    }

    #[test]
    fn prose_is_taken_before_labels_and_lists() {
        check(
            &[("主持人：张三", false), ("会议结论：", false), ("学习了文件", true), ("会议讨论了计划，同意。", false)],
            20,
            "会议讨论了计划，同意。",
        );
    }

    #[test]
    fn names_addresses_and_headlines_are_no_prose() {
        for line in [
            "刘洋、廖朝阳、刘建文、陈伟",
            "刘洋，聂威，刘洋，Samuel张。",
            "2025 年 09 月 04 日 15:00–16:00",
            "遗留问题：无。",
            "无。",
            "录制文件：https://a.cn/?a=1&b=2",
            "议题1、OpenHarmony社区SBOM规范初稿评审及下一步计划安排的讨论情况",
        ] {
            check(&[(line, false), ("会议讨论了计划。", false)], 20, "会议讨论了计划。");
        }
        for line in [
            "会议结论：同意该方案，尽快实施。",
            "Go with risk. Closed later.",
            "学习文件，讨论计划，提出建议，一致通过。",
            "共三项，均已完成",
        ] {
            check(&[(line, false)], 40, line);
        }
    }

    #[test]
    fn minutes_of_lists_are_quoted_from_their_lists() {
        check(
            &[("会议结论：", false), ("标准已正式发布，侧重质量", true), ("输出实践，报社区。", true)],
            30,
            "标准已正式发布，侧重质量；输出实践，报社区。",
        );
        check(&[("议题一", false), ("议题二", false)], 20, "议题一；议题二");
        check(&[("议题一", false), ("年度计划", true)], 20, "年度计划");
        check(&[], 20, "");
    }

    #[test]
    fn a_long_text_is_cut_at_punctuation() {
        check(&[("会议学习了文件，讨论了计划，提出了要求，明确了分工。", false)], 15, "会议学习了文件，讨论了计划……");
        check(&[("会议学习了文件。大家讨论了很久", false)], 10, "会议学习了文件。……");
        check(&[("abcdef ghijkl mnopqr，好", false)], 8, "abcdef ghijkl……");
        check(&[("一二三四五六七八九十，", false)], 5, "一二三四五……");
    }
}
