//! Forms of reports (报告格式), as data: which parts, what of them records tell, what is left to be written.
//!
//! What comes of a form for a branch and a year is `report`'s.

use super::kind::{Class, Kind};
use super::schema::Label;
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::say;
use serde::{Deserialize, Serialize};

/// The forms shipped with the tool.
pub const SHIPPED: &str = include_str!("../data/reports.toml");

/// A form of report.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// The id, in ASCII; part of addresses.
    pub id: String,
    /// What people call it.
    pub label: Label,
    /// The sentence that asks for it, in the document's words (原文).
    #[serde(default)]
    pub told: String,
    /// Where the sentence stands (出处).
    #[serde(default)]
    pub source: String,
    /// Whether it goes by a rubric (评定标准).
    #[serde(default)]
    pub rubric: bool,
    /// Its parts.
    #[serde(rename = "section")]
    pub sections: Vec<Section>,
}

/// A part of a form.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// The heading.
    pub title: Label,
    /// What records tell, in order.
    #[serde(default)]
    pub facts: Vec<Asked>,
    /// What is to be written by hand, in the document's words; empty if nothing is.
    #[serde(default)]
    pub prompt: String,
    /// Whether room is left for an opinion, a seal and a date.
    #[serde(default)]
    pub seal: bool,
}

/// Facts a part asks for.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Which.
    pub of: Fact,
    /// Only of records of these classes.
    #[serde(default)]
    pub classes: Vec<String>,
    /// Only of records of these kinds.
    #[serde(default)]
    pub kinds: Vec<String>,
    /// Of all years up to the report's.
    #[serde(default)]
    pub whole: bool,
    /// Sources of marks that have a column in any case (测评来源).
    #[serde(default)]
    pub origins: Vec<String>,
}

/// What records can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fact {
    /// The branch by its registry (支部基本情况).
    Branch,
    /// Its committees of the year (支委会).
    Committee,
    /// How many records of each kind (各类记录件数).
    Counts,
    /// The ledger, row by row (台账).
    Ledger,
    /// A list of records (记录目录).
    Records,
    /// Attendance, as ranges (到会情况).
    Attendance,
    /// Honours (荣誉).
    Honours,
    /// What programmes asked the branch for (创建任务).
    Tasks,
    /// Rectifications, closed and open (整改).
    Rectifications,
    /// Evidence by criterion (佐证).
    Evidence,
    /// A score sheet to be filled in (评分表).
    Scores,
    /// Marks of all sources side by side (各方测评).
    Assessment,
    /// Party dues in sum (党费).
    Dues,
    /// Brands and cases (品牌和案例).
    Cases,
}

impl Fact {
    /// Returns the word used in files and templates.
    pub fn word(self) -> &'static str {
        match self {
            Fact::Branch => "branch",
            Fact::Committee => "committee",
            Fact::Counts => "counts",
            Fact::Ledger => "ledger",
            Fact::Records => "records",
            Fact::Attendance => "attendance",
            Fact::Honours => "honours",
            Fact::Tasks => "tasks",
            Fact::Rectifications => "rectifications",
            Fact::Evidence => "evidence",
            Fact::Scores => "scores",
            Fact::Assessment => "assessment",
            Fact::Dues => "dues",
            Fact::Cases => "cases",
        }
    }

    /// Tells whether it goes by a rubric.
    pub fn needs_rubric(self) -> bool {
        matches!(self, Fact::Evidence | Fact::Scores | Fact::Assessment)
    }
}

/// Tells what a form of a site's own has wrong beside its shape.
pub(super) fn check(form: &Form, classes: &[Class], kinds: &[Kind], path: &str, text: &str, out: &mut Vec<Diagnostic>) {
    let place = |word: &str| text.find(&format!("\"{word}\"")).map(|i| i..i + word.len() + 2);
    let id = &form.id;
    let mut told = |word: &str, message, hint| {
        out.push(Diagnostic::error("reports", path, place(word).or_else(|| place(id)), message).hint_if(hint));
    };
    if id.is_empty() || !id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
        told(
            id,
            say!(
                "报告编号`{id}`只能用小写字母、数字和连字符",
                "report id `{id}` may only have lower-case letters, digits and hyphens"
            ),
            None,
        );
    }
    for section in &form.sections {
        let title = &section.title.zh;
        if section.facts.is_empty() && section.prompt.is_empty() && !section.seal {
            told(
                title,
                say!("报告`{id}`的“{title}”里什么也没有", "section `{title}` of report `{id}` holds nothing"),
                Some(say!("写上 `facts`、`prompt` 或 `seal`", "give it `facts`, a `prompt` or a `seal`")),
            );
        }
        for asked in &section.facts {
            let word = asked.of.word();
            if asked.of.needs_rubric() && !form.rubric {
                told(
                    word,
                    say!("报告`{id}`的`{word}`要照评定标准", "`{word}` of report `{id}` goes by a rubric"),
                    Some(say!("给报告写上 `rubric = true`", "give the report `rubric = true`")),
                );
            }
            let unknown = asked.kinds.iter().filter(|k| !kinds.iter().any(|kind| kind.id == **k));
            for kind in unknown {
                let near = did_you_mean(kind, kinds.iter().map(|k| k.id.as_str()));
                told(
                    kind,
                    say!("报告`{id}`的记录类型`{kind}`不存在", "report `{id}` names an unknown kind `{kind}`"),
                    near.map(|near| say!("是不是 `{near}`？", "did you mean `{near}`?")),
                );
            }
            for class in asked.classes.iter().filter(|c| !classes.iter().any(|class| class.id == **c)) {
                let near = did_you_mean(class, classes.iter().map(|c| c.id.as_str()));
                told(
                    class,
                    say!("报告`{id}`的类别`{class}`不存在", "report `{id}` names an unknown class `{class}`"),
                    near.map(|near| say!("是不是 `{near}`？", "did you mean `{near}`?")),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::kind::Kinds;
    use super::*;

    #[test]
    fn the_forms_shipped_are_in_order_and_say_where_they_are_from() {
        let mut out = Vec::new();
        let kinds = Kinds::load(&[], &mut out);
        for form in &kinds.reports {
            check(form, &kinds.classes, &kinds.kinds, "data/reports.toml", SHIPPED, &mut out);
            assert!(!form.told.is_empty() && form.source.contains('-'), "{}", form.id);
            assert!(!form.label.en.is_empty() && form.sections.iter().all(|s| !s.title.en.is_empty()), "{}", form.id);
        }
        assert!(out.is_empty(), "{out:?}");
        assert_eq!(kinds.reports.len(), 6);
    }
}
