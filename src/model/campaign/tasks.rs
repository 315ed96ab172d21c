//! What stages ask for: who has filed it, who has not, and whether in time.

use super::{Link, Scene, Who, first_day, last_day};
use crate::model::programme::{By, Stage, Task};
use crate::rules::programme::{Day, Due, Standing, due, standing};
use serde::Serialize;

/// A stage on the day (阶段).
#[derive(Debug, Serialize)]
pub struct StageOn<'a> {
    /// The stage as written.
    pub stage: &'a Stage,
    /// Where it stands.
    pub progress: &'static str,
    /// Its first and its last day, as far as it is dated.
    pub window: (Option<Day>, Option<Day>),
    /// Its tasks.
    pub tasks: Vec<TaskOn<'a>>,
    /// The stages within it.
    pub stages: Vec<StageOn<'a>>,
}

/// A task on the day (任务).
#[derive(Debug, Serialize)]
pub struct TaskOn<'a> {
    /// The task as written.
    pub task: &'a Task,
    /// When it is due.
    pub due: DueOn,
    /// Whether records can show it; if not, it is told and not counted.
    pub is_looked_up: bool,
    /// Who has filed it and, in builds for the unit, who has not.
    pub filers: Vec<Filer<'a>>,
}

/// When something is due (期限).
#[derive(Debug, Serialize)]
pub struct DueOn {
    /// The words of the document, else the date.
    pub text: Option<String>,
    /// What the words were read as; none if they name no day.
    pub read: Option<Due>,
    /// Whether the file itself gives the date.
    pub is_given: bool,
}

/// Who files something, and what is there of it.
#[derive(Debug, Serialize)]
pub struct Filer<'a> {
    /// Who.
    pub who: Who<'a>,
    /// The records, oldest first.
    pub records: Vec<Link<'a>>,
    /// Where it stands; not told outside the unit.
    pub standing: Option<Standing>,
}

pub(super) fn stages<'a>(scene: &Scene<'a>, list: &'a [Stage]) -> Vec<StageOn<'a>> {
    list.iter()
        .map(|stage| StageOn {
            stage,
            progress: stage.progress(scene.site.options.as_of).word(),
            window: stage.window(),
            tasks: stage.tasks.iter().map(|task| on_the_day(scene, stage, task)).collect(),
            stages: stages(scene, &stage.stages),
        })
        .collect()
}

/// Returns the tasks of one branch, with their stages; those of others are left out.
pub(super) fn of_branch<'a>(scene: &Scene<'a>, list: &'a [Stage], id: &str) -> Vec<(&'a Stage, TaskOn<'a>)> {
    let mut all = Vec::new();
    for stage in list {
        for task in stage.tasks.iter().filter(|t| t.by == By::Branch) {
            let mut task = on_the_day(scene, stage, task);
            task.filers.retain(|f| f.who.id == id);
            // A branch that was not there when the stage ended was not asked.
            if !task.is_looked_up || !task.filers.is_empty() {
                all.push((stage, task));
            }
        }
        all.extend(of_branch(scene, &stage.stages, id));
    }
    all
}

/// Reads when a task is due: the date the file gives, else the words, in the years of the stage.
fn due_of(scene: &Scene<'_>, stage: &Stage, task: &Task) -> DueOn {
    let text = task.when.clone().or_else(|| task.due.as_ref().map(crate::model::date::ArchiveDate::zh));
    if let Some(date) = &task.due {
        let read = last_day(date).map(|last| Due { from: None, last, stricter: None });
        return DueOn { text, read, is_given: true };
    }
    let begin = match (&stage.from, &scene.programme.from, &scene.programme.date) {
        (Some(d), ..) | (None, Some(d), _) | (None, None, Some(d)) => first_day(d),
        (None, None, None) => None,
    };
    let read = task.when.as_deref().and_then(|words| due(words, begin));
    DueOn { text, read, is_given: false }
}

fn on_the_day<'a>(scene: &Scene<'a>, stage: &Stage, task: &'a Task) -> TaskOn<'a> {
    let due = due_of(scene, stage, task);
    let is_looked_up = !(task.kinds.is_empty() && task.forms.is_empty() && task.keywords.is_empty());
    let window = stage.window();
    let found: Vec<usize> = match is_looked_up {
        true => {
            scene.records.iter().copied().filter(|r| shows(scene, *r, task) && lies_in(scene, *r, window)).collect()
        }
        false => Vec::new(),
    };
    let filers = if is_looked_up { filers(scene, task, &found, due.read, window.1) } else { Vec::new() };
    TaskOn { task, due, is_looked_up, filers }
}

/// Tells whether a record is of the kinds, forms and words a task names.
fn shows(scene: &Scene<'_>, record: usize, task: &Task) -> bool {
    let r = &scene.site.records[record];
    let kind = &scene.site.kind(r).id;
    let form = r.values.text("form");
    let says = |word: &String| r.keywords.contains(word) || r.title.contains(word.as_str());
    (task.kinds.is_empty() || task.kinds.contains(kind))
        && (task.forms.is_empty() || task.forms.iter().any(|f| Some(f.as_str()) == form))
        && (task.keywords.is_empty() || task.keywords.iter().any(says))
}

/// Tells whether a record may lie in a stage. A stage without dates holds everything; a record whose year is
/// masked lies in no dated stage.
fn lies_in(scene: &Scene<'_>, record: usize, (begin, last): (Option<Day>, Option<Day>)) -> bool {
    let date = scene.site.records[record].sort_date();
    let (first, end) = (date.and_then(first_day), date.and_then(last_day));
    begin.is_none_or(|b| end.is_some_and(|e| b <= e)) && last.is_none_or(|l| first.is_some_and(|f| f <= l))
}

fn filers<'a>(scene: &Scene<'a>, task: &Task, found: &[usize], due: Option<Due>, end: Option<Day>) -> Vec<Filer<'a>> {
    let of = |who: Who<'a>, is_theirs: &dyn Fn(usize) -> bool| {
        let records: Vec<usize> = found.iter().copied().filter(|r| is_theirs(*r)).collect();
        filer(scene, task, who, &records, due)
    };
    let site = scene.site;
    let all: Vec<Filer<'a>> = match task.by {
        By::Branch => {
            // Those that were there when the stage ended; what came later was not asked.
            let day = end.map_or(scene.today, |end| end.min(scene.today));
            let there = super::branches_on(site, scene.programme, day);
            there.into_iter().map(|b| of(scene.branch(b), &|r| site.records[r].branch == Some(b))).collect()
        }
        By::Unit => scene.units.iter().map(|u| of(scene.unit(*u), &|r| site.records[r].unit == Some(*u))).collect(),
        By::Committee => {
            let body = scene.programme.issuer_unit;
            let is_theirs = |r: usize| match body {
                Some(body) => site.records[r].unit == Some(body),
                None => site.records[r].branch.is_none(),
            };
            vec![of(scene.body(), &is_theirs)]
        }
    };
    // Outside the unit practice is shown, not who has none.
    all.into_iter().filter(|f| scene.gaps || !f.records.is_empty()).collect()
}

fn filer<'a>(scene: &Scene<'a>, task: &Task, who: Who<'a>, records: &[usize], due: Option<Due>) -> Filer<'a> {
    let date = |r: usize| scene.site.records[r].sort_date();
    // It is filed on the day on which as many are there as are asked for.
    let last = usize::try_from(task.min).ok().and_then(|n| records.get(n.saturating_sub(1)));
    let filed = last.map(|r| (date(*r).and_then(first_day), date(*r).and_then(last_day)));
    Filer {
        who,
        records: records.iter().map(|r| scene.link(*r)).collect(),
        standing: scene.gaps.then(|| standing(due.map(|d| d.last), filed, scene.today)),
    }
}
