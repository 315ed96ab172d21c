//! Programmes (创建方案) and rubrics (评定标准), as read; what follows from them on a day is worked out in
//! `campaign` and `evidence`.

use super::date::ArchiveDate;
use crate::rules::programme::{Rounding, Share};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// A programme (campaign) such as a four-strong plan.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Programme {
    /// The document it was read from.
    pub doc: usize,
    /// The id.
    pub id: String,
    /// The title.
    pub title: String,
    /// A short title.
    pub short: Option<String>,
    /// Who issued it: an organisation's name.
    pub issuer: Option<String>,
    /// The organisation of the site that issued it.
    pub issuer_unit: Option<usize>,
    /// The document number (文号).
    pub docno: Option<String>,
    /// The date of the document.
    pub date: Option<ArchiveDate>,
    /// From when.
    pub from: Option<ArchiveDate>,
    /// Until when.
    pub to: Option<ArchiveDate>,
    /// Whom it concerns.
    pub scope: Option<String>,
    /// The rubric it assesses by.
    pub rubric: Option<usize>,
    /// Other rubrics it uses (其他标准).
    pub rubrics: Vec<usize>,
    /// The rule packs that go with it, by id (规则包).
    pub packs: Vec<String>,
    /// Where in its source it stands (出处).
    pub source: Option<String>,
    /// The plan of the body above that it is derived from (上级方案).
    pub parent: Option<usize>,
    /// Whose plan it is (制定单位).
    pub unit: Option<usize>,
    /// The type of honour it names (命名荣誉).
    pub honour: Option<String>,
    /// Whether a branch that holds the honour is not named again (不重复命名).
    pub once: Option<bool>,
    /// Topics of the day, which bind nobody (专题).
    pub topics: Vec<String>,
    /// What it rests on: relation, document.
    pub basis: Vec<(String, String)>,
    /// Its principles.
    pub principles: Vec<String>,
    /// The quota as written.
    pub quota: Option<String>,
    /// Its stages.
    pub stages: Vec<Stage>,
    /// Its procedure.
    pub steps: Vec<Step>,
    /// Numbers it sets: candidates of a unit, named ones of a cohort (数量要求).
    pub limits: Vec<Limit>,
    /// Shares of branches to be reached (覆盖目标).
    pub targets: Vec<Goal>,
    /// Who may take part (参评条件).
    pub gates: Vec<Gate>,
    /// How it is assessed (评估).
    pub assessment: Option<Assessment>,
    /// Who answers for what (责任分工).
    pub roles: Vec<Role>,
    /// Where it is made known (宣传载体).
    pub channels: Vec<String>,
    /// How its papers are filed (归档类别).
    pub archive: Vec<String>,
    /// Who may not take part.
    pub disqualifiers: Vec<String>,
}

/// A step of a procedure (程序).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Step {
    /// The title.
    pub title: String,
    /// By whom.
    pub by: Option<String>,
    /// What is asked.
    pub asks: Option<String>,
    /// The event of an honour's life it makes.
    pub event: Option<String>,
    /// When, as the document words it.
    pub when: Option<String>,
    /// Where in its source it stands.
    pub source: Option<String>,
}

/// Who does a task (由谁完成).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum By {
    /// Every branch (各支部).
    Branch,
    /// Every unit (各单位).
    Unit,
    /// The body in charge (主管机关).
    Committee,
}

impl By {
    /// Returns the word used in files and templates.
    pub fn word(self) -> &'static str {
        match self {
            By::Branch => "branch",
            By::Unit => "unit",
            By::Committee => "committee",
        }
    }
}

/// What a stage asks for, in a form that can be looked up among the records (任务).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Task {
    /// The id within the stage.
    pub id: String,
    /// The sentence of the document.
    pub text: String,
    /// Who does it.
    pub by: By,
    /// The kinds of record that show it, by id; any kind if none is named.
    pub kinds: Vec<String>,
    /// Words of which a record must carry one, in its keywords or its title.
    pub keywords: Vec<String>,
    /// Forms of which a record must have one.
    pub forms: Vec<String>,
    /// The due date.
    pub due: Option<ArchiveDate>,
    /// The due date as the document words it.
    pub when: Option<String>,
    /// How the due date is read, where it can be read in more ways.
    pub reading: Option<String>,
    /// How many records at least.
    pub min: u64,
    /// Where in its source it stands.
    pub source: Option<String>,
}

/// What a limit counts (数什么).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Counted {
    /// Branches that applied (创建对象).
    Candidates,
    /// Brands (品牌项目).
    Brands,
    /// Named branches (命名).
    Named,
    /// Recommended branches (推荐).
    Recommended,
    /// Films (专题片).
    Films,
}

impl Counted {
    /// Returns the word used in files and templates.
    pub fn word(self) -> &'static str {
        match self {
            Counted::Candidates => "candidates",
            Counted::Brands => "brands",
            Counted::Named => "named",
            Counted::Recommended => "recommended",
            Counted::Films => "films",
        }
    }
}

/// By what a limit counts (按什么数).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Per {
    /// Each unit.
    Unit,
    /// Each branch.
    Branch,
    /// Each cohort.
    Cohort,
}

impl Per {
    /// Returns the word used in files and templates.
    pub fn word(self) -> &'static str {
        match self {
            Per::Unit => "unit",
            Per::Branch => "branch",
            Per::Cohort => "cohort",
        }
    }
}

/// A number a programme sets (数量要求).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Limit {
    /// The id within the programme.
    pub id: String,
    /// What is counted.
    pub what: Counted,
    /// For what is known by its words only, such as films: in the title or among the keywords.
    pub keywords: Vec<String>,
    /// By what.
    pub per: Per,
    /// At least.
    pub min: Option<u64>,
    /// At most.
    pub max: Option<u64>,
    /// At most this share of the branches.
    pub share: Option<Share>,
    /// How the share becomes a number.
    pub rounding: Rounding,
    /// In force from.
    pub from: Option<ArchiveDate>,
    /// In force until.
    pub to: Option<ArchiveDate>,
    /// The sentence of the document.
    pub text: String,
    /// Where in its source it stands.
    pub source: Option<String>,
    /// Its place in the file; no part of what it is.
    #[serde(skip)]
    pub span: Option<Range<usize>>,
}

/// A share of branches to be reached by a day (覆盖目标).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Goal {
    /// The id within the programme.
    pub id: String,
    /// The title.
    pub title: String,
    /// By when.
    pub by: ArchiveDate,
    /// The share to be reached.
    pub share: Share,
    /// The share planned for.
    pub planned: Option<Share>,
    /// The type of honour that counts.
    pub honour: String,
    /// The sentence of the document.
    pub text: String,
    /// Where in its source it stands.
    pub source: Option<String>,
}

/// What a gate looks at (看什么).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Looks {
    /// An honour of this type, held on the day of the application.
    Honour(String),
    /// The secretary's debriefing of the year: the grades that shut out.
    Grade(Vec<String>),
    /// What the competent body declared.
    Declared,
}

/// A condition for taking part (参评条件).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Gate {
    /// The id within the programme.
    pub id: String,
    /// What it looks at.
    pub looks: Looks,
    /// For applications from this day on.
    pub from: Option<ArchiveDate>,
    /// For applications until this day.
    pub to: Option<ArchiveDate>,
    /// The sentence of the document.
    pub text: String,
    /// Where in its source it stands.
    pub source: Option<String>,
}

/// How a programme assesses (评估).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Assessment {
    /// The pass mark (达标分).
    pub pass: Option<f64>,
    /// Whether the mark itself passes (含本数); if nobody said, it does, as official usage has it.
    pub inclusive: Option<bool>,
    /// The sources of marks it asks for (测评来源).
    pub origins: Vec<String>,
    /// The sentence of the document.
    pub text: Option<String>,
    /// Where in its source it stands.
    pub source: Option<String>,
}

/// Who answers for what (责任分工).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Role {
    /// Who.
    pub who: String,
    /// The duty.
    pub duty: String,
    /// Where in its source it stands.
    pub source: Option<String>,
}

/// A stage of a programme (阶段).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Stage {
    /// The id within the programme.
    pub id: String,
    /// The title.
    pub title: String,
    /// From when.
    pub from: Option<ArchiveDate>,
    /// Until when.
    pub to: Option<ArchiveDate>,
    /// The time as the document words it.
    pub when: Option<String>,
    /// What it asks for.
    pub asks: Vec<String>,
    /// Where in its source it stands.
    pub source: Option<String>,
    /// What it asks for that records can show.
    pub tasks: Vec<Task>,
    /// Stages within it.
    pub stages: Vec<Stage>,
}

/// Where a stage stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Its last possible day is past.
    Done,
    /// It has begun and is not certainly over.
    Now,
    /// It has not begun, or its dates are masked.
    Next,
}

impl Progress {
    /// Returns the word used in templates.
    pub fn word(self) -> &'static str {
        match self {
            Progress::Done => "done",
            Progress::Now => "now",
            Progress::Next => "next",
        }
    }
}

impl Stage {
    /// Returns the first and the last day it can mean, as far as they are dated.
    pub fn window(&self) -> (Option<crate::rules::programme::Day>, Option<crate::rules::programme::Day>) {
        let last = self.to.as_ref().or(self.from.as_ref()).and_then(|d| d.end.unwrap_or(d.start).latest());
        (self.from.as_ref().and_then(|d| d.start.earliest()), last)
    }

    /// Returns where it stands on a day; masked dates are never guessed.
    pub fn progress(&self, as_of: jiff::civil::Date) -> Progress {
        let day = (as_of.year(), as_of.month() as u8, as_of.day() as u8);
        match self.window() {
            (_, Some(last)) if last < day => Progress::Done,
            (Some(begin), _) if begin <= day => Progress::Now,
            _ => Progress::Next,
        }
    }

    /// Returns its time in words.
    pub fn when_text(&self) -> Option<String> {
        self.when.clone().or_else(|| match (&self.from, &self.to) {
            (Some(a), Some(b)) if a == b => Some(a.zh()),
            (Some(a), Some(b)) => Some(format!("{}—{}", a.zh(), b.zh())),
            (Some(a), None) => Some(format!("{}起", a.zh())),
            (None, Some(b)) => Some(format!("{}前", b.zh())),
            (None, None) => None,
        })
    }
}

/// A rubric: dimensions and criteria, in one version.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Rubric {
    /// The document it was read from.
    pub doc: usize,
    /// The id.
    pub id: String,
    /// The title.
    pub title: String,
    /// The version.
    pub version: Option<String>,
    /// Who issued it.
    pub issuer: Option<String>,
    /// When.
    pub date: Option<ArchiveDate>,
    /// The rubric it replaces.
    pub replaces: Option<usize>,
    /// The full score.
    pub full: Option<f64>,
    /// The pass mark.
    pub pass: Option<f64>,
    /// Where in its source it stands.
    pub source: Option<String>,
    /// Its dimensions.
    pub dimensions: Vec<Dimension>,
}

/// A dimension of a rubric (方面).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Dimension {
    /// The id within the rubric.
    pub id: String,
    /// The title.
    pub title: String,
    /// The full sentence.
    pub text: Option<String>,
    /// Where in its source it stands.
    pub source: Option<String>,
    /// Its criteria.
    pub criteria: Vec<Criterion>,
}

/// A criterion (条目).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Criterion {
    /// The id within the rubric.
    pub id: String,
    /// The title.
    pub title: String,
    /// The full sentence.
    pub text: Option<String>,
    /// The points.
    pub points: Option<f64>,
    /// The kinds of record that usually show it.
    pub evidence: Vec<usize>,
    /// Criteria of other rubrics that ask for the same: rubric, criterion id (对应条目).
    pub same: Vec<(usize, String)>,
    /// Whether only a declaration of the competent body shows it (只凭认定).
    pub declared: bool,
    /// Where in its source it stands.
    pub source: Option<String>,
}

impl Rubric {
    /// Returns all criteria in order.
    pub fn criteria(&self) -> impl Iterator<Item = &Criterion> {
        self.dimensions.iter().flat_map(|d| &d.criteria)
    }

    /// Returns the criterion of this id.
    pub fn criterion(&self, id: &str) -> Option<&Criterion> {
        self.criteria().find(|c| c.id == id)
    }
}
