//! What a text without front matter lists as its topics (议题).

/// Headings under which a text without front matter lists its topics.
const AGENDA: [&str; 5] = ["议题", "议程", "会议内容", "主要内容", "agenda"];
/// Returns the topics a text lists under its agenda heading, as written, Markdown marks removed.
pub fn topics(body: &str) -> Vec<String> {
    let mut topics = Vec::new();
    let mut inside = false;
    for line in body.lines() {
        let line = line.trim();
        if let Some(heading) = heading_text(line) {
            if inside && !topics.is_empty() {
                break;
            }
            let lower = heading.to_lowercase();
            inside = AGENDA.iter().any(|w| lower.contains(w));
        } else if inside
            && let Some(topic) = topic_text(line)
            && !topics.contains(&topic)
        {
            topics.push(topic);
        }
        if topics.len() == 12 {
            break;
        }
    }
    topics
}

/// Returns the words of a heading line, marks removed.
pub fn heading_text(line: &str) -> Option<String> {
    let rest = line.trim_start_matches('#');
    (rest.len() < line.len() && rest.starts_with([' ', '*'])).then(|| plain(rest))
}

fn topic_text(line: &str) -> Option<String> {
    let text = plain(line.trim_start_matches(['-', '*', '+', ' ']));
    let text = strip_number(&text).to_owned();
    (text.chars().count() >= 2 && !text.starts_with("http") && !text.starts_with('|')).then_some(text)
}

/// Strips 议题1：, 1., （一）, 一、 from the front.
fn strip_number(text: &str) -> &str {
    let numeral = |c: char| c.is_ascii_digit() || "一二三四五六七八九十".contains(c);
    let after_word = text.strip_prefix("议题").unwrap_or(text).trim_start();
    let rest = after_word.trim_start_matches(['（', '(']).trim_start_matches(numeral);
    if rest.len() == after_word.len() {
        return text;
    }
    let rest = rest.trim_start();
    match rest.chars().next() {
        Some(c) if "：:、.．）)，".contains(c) => {
            rest[c.len_utf8()..].trim_start_matches(['、', '.', ' ', '：', ':']).trim()
        }
        _ => text,
    }
}

fn plain(text: &str) -> String {
    text.replace("**", "").replace('`', "").trim().trim_end_matches(['：', ':']).trim().to_owned()
}
