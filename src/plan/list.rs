//! Lists of records and their pages.

use crate::model::Site;
use crate::model::query::Selection;
use crate::model::route;
use std::sync::Arc;

/// What a list is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListOf {
    /// All records.
    All,
    /// A year.
    Year(i16),
    /// A month.
    Month(i16, u8),
    /// Records without a year.
    Undated,
    /// A kind.
    Kind(usize),
    /// A branch.
    Branch(usize),
    /// A branch's year.
    BranchYear(usize, i16),
    /// A branch's kind.
    BranchKind(usize, usize),
    /// An organisation's own records.
    Unit(usize),
    /// A programme's records.
    Programme(usize),
}

/// One page of a list.
#[derive(Debug, Clone)]
pub struct ListJob {
    /// What the list is of.
    pub of: ListOf,
    /// The records meant.
    pub selection: Selection,
    /// The route of the first page.
    pub base: String,
    /// The page's number, from 1.
    pub page: usize,
    /// How many pages there are.
    pub pages: usize,
    /// The records of the whole list.
    pub records: Arc<[usize]>,
    /// Where this page's records begin, and how many a page has.
    pub size: usize,
}

impl ListJob {
    /// Makes the pages of a list; an empty list has one page.
    pub fn pages_of(
        of: ListOf,
        selection: Selection,
        records: Vec<usize>,
        size: usize,
        site: &Site,
    ) -> impl Iterator<Item = ListJob> + use<> {
        let records: Arc<[usize]> = records.into();
        let pages = records.len().div_ceil(size).max(1);
        let base = base(of, site);
        (1..=pages).map(move |page| ListJob {
            of,
            selection,
            base: base.clone(),
            page,
            pages,
            records: records.clone(),
            size,
        })
    }

    /// Returns the route of a page of the list.
    pub fn route(&self, page: usize) -> String {
        if page == 1 { self.base.clone() } else { format!("{}page/{page}/", self.base) }
    }

    /// Returns the records of this page.
    pub fn shown(&self) -> &[usize] {
        let start = (self.page - 1) * self.size;
        &self.records[start.min(self.records.len())..(start + self.size).min(self.records.len())]
    }
}

/// Returns the route of a list's first page.
pub fn base(of: ListOf, site: &Site) -> String {
    let branch = |b: usize| route::branch(&site.branches[b].id);
    match of {
        ListOf::All => "archive/all/".into(),
        ListOf::Year(y) => format!("archive/{y}/"),
        ListOf::Month(y, m) => format!("archive/{y}/{m:02}/"),
        ListOf::Undated => "archive/undated/".into(),
        ListOf::Kind(k) => format!("archive/kind/{}/", site.kinds.kinds[k].id),
        ListOf::Branch(b) => format!("{}records/", branch(b)),
        ListOf::BranchYear(b, y) => format!("{}{y}/", branch(b)),
        ListOf::BranchKind(b, k) => format!("{}kind/{}/", branch(b), site.kinds.kinds[k].id),
        ListOf::Unit(u) => format!("organisations/{}/", site.organisations[u].id),
        ListOf::Programme(p) => format!("{}records/", route::programme(&site.programmes[p].id)),
    }
}

/// Returns the numbers a pager shows: ends, the current page and its neighbours; `None` for a gap.
pub fn pager(page: usize, pages: usize) -> Vec<Option<usize>> {
    let mut shown = Vec::new();
    let mut last = 0;
    for n in (1..=pages).filter(|n| *n == 1 || *n == pages || n.abs_diff(page) <= 2) {
        if n > last + 1 {
            // A gap of one is that page.
            shown.push(if n == last + 2 { Some(n - 1) } else { None });
        }
        shown.push(Some(n));
        last = n;
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pager_shows_ends_and_neighbours() {
        assert_eq!(pager(1, 1), [Some(1)]);
        assert_eq!(pager(1, 5), [Some(1), Some(2), Some(3), Some(4), Some(5)]);
        assert_eq!(pager(10, 20), [Some(1), None, Some(8), Some(9), Some(10), Some(11), Some(12), None, Some(20)]);
        assert_eq!(pager(4, 8), [Some(1), Some(2), Some(3), Some(4), Some(5), Some(6), Some(7), Some(8)]);
    }
}
