//! Meetings: agenda, votes, quorum and attendance, as recorded (domain §2.3). Sums are shown; judging
//! them is the rules' part.

use super::schema::{Person, Values};

/// Attendance as recorded (出席情况).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Attendance {
    /// 应到.
    pub expected: Option<i64>,
    /// 实到.
    pub present: Option<i64>,
    /// Who was absent, and why.
    pub absent: Vec<Absence>,
    /// 有表决权应到.
    pub voters_expected: Option<i64>,
    /// 有表决权实到.
    pub voters_present: Option<i64>,
    /// 列席: who, and why.
    pub observers: Vec<(Person, Option<String>)>,
}

/// One absence.
#[derive(Debug, Clone, PartialEq)]
pub struct Absence {
    /// Who; never printed on a page.
    pub who: Option<Person>,
    /// 因公, 病假, 事假, 其他.
    pub reason: Option<String>,
}

/// One item of the agenda (议题).
#[derive(Debug, Clone, PartialEq)]
pub struct AgendaItem {
    /// The title.
    pub title: String,
    /// Whether it is the 第一议题.
    pub first_topic: bool,
    /// Who presented it.
    pub presenter: Option<Person>,
    /// The discussion, if it stands in the front matter.
    pub discussion: Option<String>,
    /// The resolution.
    pub resolution: Option<Resolution>,
}

/// A resolution (决议) and its vote.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolution {
    /// What was resolved.
    pub text: String,
    /// 举手, 无记名票决 …
    pub method: Option<String>,
    /// 赞成.
    pub in_favour: Option<i64>,
    /// 反对.
    pub against: Option<i64>,
    /// 弃权.
    pub abstain: Option<i64>,
    /// The result as recorded: 通过, 未通过, 缓议.
    pub result: Option<String>,
}

/// Reads attendance from a record's values.
pub fn attendance(values: &Values) -> Attendance {
    let voters = values.row("voters");
    Attendance {
        expected: values.int("expected"),
        present: values.int("present"),
        absent: values
            .rows("absent")
            .map(|r| Absence { who: r.person("who").cloned(), reason: r.string("reason") })
            .collect(),
        voters_expected: voters.and_then(|v| v.int("expected")),
        voters_present: voters.and_then(|v| v.int("present")),
        observers: values
            .rows("observers")
            .filter_map(|r| {
                Some((
                    r.person("who").cloned().or_else(|| r.text("who").map(Person::parse))?,
                    r.string("why").or_else(|| r.string("role")),
                ))
            })
            .collect(),
    }
}

/// Reads the agenda from a record's values.
pub fn agenda(values: &Values) -> Vec<AgendaItem> {
    values
        .rows("agenda")
        .map(|r| AgendaItem {
            title: r.string("title").unwrap_or_default(),
            first_topic: r.flag("first_topic"),
            presenter: r.person("presenter").cloned().or_else(|| r.text("presenter").map(Person::parse)),
            discussion: r.string("discussion"),
            resolution: r.row("resolution").and_then(|v| {
                Some(Resolution {
                    text: v.string("text")?,
                    method: v.string("method"),
                    in_favour: v.int("for"),
                    against: v.int("against"),
                    abstain: v.int("abstain"),
                    result: v.string("result"),
                })
            }),
        })
        .collect()
}

/// Tells whether a heading of the body is the section of an agenda item: the same words, numbering
/// and white space aside.
pub fn is_section_of(heading: &str, title: &str) -> bool {
    let bare = |text: &str| -> String {
        let text = text.trim();
        let cut = text
            .char_indices()
            .find(|(_, c)| !"（(第议题一二三四五六七八九十百0123456789".contains(*c))
            .map_or(0, |(i, _)| i);
        let rest = &text[cut..];
        let rest = match rest.chars().next() {
            Some(c) if cut > 0 && "、.．）):： ".contains(c) => {
                rest[c.len_utf8()..].trim_start_matches(['、', '.', '：', ' '])
            }
            _ => text,
        };
        rest.chars().filter(|c| !c.is_whitespace()).collect()
    };
    let (heading, title) = (bare(heading), bare(title));
    !title.is_empty() && heading == title
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heading_is_an_items_section_with_or_without_its_number() {
        for heading in [
            "讨论接收预备党员",
            "一、讨论接收预备党员",
            "（一）讨论接收预备党员",
            "1. 讨论接收预备党员",
            "议题二：讨论接收预备党员",
            "讨论接收 预备党员",
        ] {
            assert!(is_section_of(heading, "讨论接收预备党员"), "{heading}");
        }
        assert!(!is_section_of("讨论", "讨论接收预备党员"));
        assert!(is_section_of("一、第一议题学习", "第一议题学习"));
        assert!(is_section_of("十佳评选", "十佳评选"));
    }
}
