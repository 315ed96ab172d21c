//! The registry (名录): organisations and branches, with their history.

use super::date::ArchiveDate;
use serde::{Deserialize, Serialize};

/// A party organisation above branches (机关党委, 党总支, 工委).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Organisation {
    /// The document it was read from.
    pub doc: usize,
    /// The id.
    pub id: String,
    /// The full name.
    pub name: String,
    /// The short name, for plaques.
    pub short: Option<String>,
    /// What sort of organisation it is.
    pub sort: Option<String>,
    /// The organisation above it.
    pub parent: Option<usize>,
    /// How deep it stands in the tree, 0 at the top.
    pub depth: usize,
    /// The administrative unit (所在单位).
    pub unit: Option<String>,
    /// The fonds number (全宗号).
    pub fonds: Option<String>,
    /// Its place among its siblings.
    pub order: i64,
}

/// A party branch (党支部).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Branch {
    /// The document it was read from; absent where only records name it.
    pub doc: Option<usize>,
    /// The id.
    pub id: String,
    /// Today's name.
    pub name: String,
    /// The short name.
    pub short: Option<String>,
    /// The organisation above it.
    pub parent: Option<usize>,
    /// What sort of branch it is (机关, 窗口, 离退休 …).
    pub sort: Option<String>,
    /// Its status as written; absent means it works.
    pub status: Option<String>,
    /// When it was founded.
    pub founded: Option<ArchiveDate>,
    /// Full members, probationary members, as of.
    pub members: Option<(i64, i64, Option<ArchiveDate>)>,
    /// The fixed day of the month for 主题党日, and a note.
    pub party_day: Option<(i64, Option<String>)>,
    /// The brand (品牌).
    pub brand: Option<String>,
    /// One plain sentence.
    pub motto: Option<String>,
    /// The code in archive numbers (机构代码).
    pub code: Option<String>,
    /// Its place among its siblings.
    pub order: i64,
    /// Its names over time, oldest first.
    pub names: Vec<Name>,
    /// Its committees (支委会), newest term first.
    pub terms: Vec<Term>,
    /// Its party groups (党小组).
    pub groups: Vec<Group>,
    /// What happened to it, oldest first.
    pub events: Vec<BranchEvent>,
    /// Old ids, whose addresses lead here.
    pub aliases: Vec<String>,
}

/// A name and when it held.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Name {
    /// The name.
    pub name: String,
    /// Its short form.
    pub short: Option<String>,
    /// From when.
    pub from: Option<ArchiveDate>,
    /// Until when; the day itself belongs to the next name.
    pub to: Option<ArchiveDate>,
}

/// A committee's term (届).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Term {
    /// What it is called (第三届).
    pub term: Option<String>,
    /// From when.
    pub from: Option<ArchiveDate>,
    /// Until when.
    pub to: Option<ArchiveDate>,
    /// Who held which post when.
    pub posts: Vec<Post>,
}

/// A post held (任职).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Post {
    /// The post.
    pub post: String,
    /// Who held it.
    pub name: Option<String>,
    /// From when.
    pub from: Option<ArchiveDate>,
    /// Until when.
    pub to: Option<ArchiveDate>,
}

/// A party group (党小组).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Group {
    /// The id within the branch.
    pub id: String,
    /// The name.
    pub name: String,
    /// Who leads it.
    pub leader: Option<String>,
    /// From when.
    pub from: Option<ArchiveDate>,
    /// Until when.
    pub to: Option<ArchiveDate>,
}

/// Something that happened to a branch (沿革).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BranchEvent {
    /// When.
    pub date: ArchiveDate,
    /// What: `founded`, `renamed`, `merged_into` …
    pub event: String,
    /// The branches concerned.
    pub with: Vec<usize>,
    /// The document.
    pub docno: Option<String>,
    /// A note.
    pub note: Option<String>,
}

impl Branch {
    /// Makes a branch that only records name.
    pub fn implied(id: &str) -> Branch {
        Branch {
            doc: None,
            id: id.to_owned(),
            name: id.to_owned(),
            short: None,
            parent: None,
            sort: None,
            status: None,
            founded: None,
            members: None,
            party_day: None,
            brand: None,
            motto: None,
            code: None,
            order: i64::MAX,
            names: Vec::new(),
            terms: Vec::new(),
            groups: Vec::new(),
            events: Vec::new(),
            aliases: Vec::new(),
        }
    }

    /// Returns the name it had on a date: a record of 2019 shows the name of 2019.
    pub fn name_at(&self, date: Option<&ArchiveDate>) -> &str {
        self.name_entry(date).map_or(&self.name, |n| &n.name)
    }

    /// Returns the short name it had on a date.
    pub fn short_at(&self, date: Option<&ArchiveDate>) -> &str {
        match self.name_entry(date) {
            Some(n) if n.name != self.name => n.short.as_deref().unwrap_or(&n.name),
            _ => self.short.as_deref().unwrap_or(&self.name),
        }
    }

    fn name_entry(&self, date: Option<&ArchiveDate>) -> Option<&Name> {
        let day = date?.start.earliest()?;
        self.names.iter().rev().find(|n| {
            let from = n.from.as_ref().and_then(|d| d.start.earliest());
            let to = n.to.as_ref().and_then(|d| d.start.earliest());
            from.is_none_or(|f| f <= day) && to.is_none_or(|t| day < t)
        })
    }

    /// Tells whether it still works.
    pub fn is_open(&self) -> bool {
        self.status.as_deref().is_none_or(|s| s == "正常")
    }

    /// Returns the group of this id or name.
    pub fn group(&self, id: &str) -> Option<&Group> {
        self.groups.iter().find(|g| g.id == id || g.name == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_of_2019_shows_the_name_of_2019() {
        let date = |t: &str| ArchiveDate::parse(t);
        let name = |name: &str, from, to| Name { name: name.into(), short: None, from: date(from), to: date(to) };
        let branch = Branch {
            name: "夜巡大队党支部".into(),
            names: vec![name("机动大队党支部", "2012-03", "2021-06"), name("夜巡大队党支部", "2021-06", "")],
            ..Branch::implied("yx")
        };
        for (at, expected) in [
            ("2019-05-01", "机动大队党支部"),
            ("2021-05-31", "机动大队党支部"),
            ("2021-06-01", "夜巡大队党支部"),
            ("2019", "机动大队党支部"),
            ("2026-01-01", "夜巡大队党支部"),
            ("20**-01", "夜巡大队党支部"),
        ] {
            assert_eq!(branch.name_at(date(at).as_ref()), expected, "{at}");
        }
        assert_eq!(branch.name_at(None), "夜巡大队党支部");
    }
}
