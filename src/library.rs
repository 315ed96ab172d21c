//! The shipped library (随附文库): the programmes, rubrics, rule packs and the catalogue of disclosure of five documents, and of the
//! national regulation they rest on, to start one's own from. A table of texts and nothing else; they are
//! content like a site's own, copied into it by `beilin new programme --from` and read there.
//!
//! The words are the documents'. A key `source` names the row of the notes a thing comes from: `0-12` is row
//! 12 of document 0. They are other units' plans: what those units meant to do, not what law asks for.

/// What a text of the library is (类别).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// A programme (创建方案).
    Programme,
    /// A rubric (评定标准).
    Rubric,
    /// A rule pack (规则包).
    Pack,
    /// A catalogue of disclosure (公开目录).
    Catalogue,
}

impl Sort {
    /// All, in the order they are listed.
    pub const ALL: [Sort; 4] = [Sort::Programme, Sort::Rubric, Sort::Pack, Sort::Catalogue];

    /// Returns the word of the entity's schema, also that of the command line.
    pub fn word(self) -> &'static str {
        match self {
            Sort::Programme => "programme",
            Sort::Rubric => "rubric",
            Sort::Pack => "pack",
            Sort::Catalogue => "catalogue",
        }
    }
}

/// A text of the library.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// The id (编号), also the file's name.
    pub id: &'static str,
    /// What it is.
    pub sort: Sort,
    /// Its file below the content folder.
    pub path: &'static str,
    /// The text with its front matter.
    pub text: &'static str,
}

macro_rules! entry {
    ($sort:ident, $folder:literal, $id:literal) => {
        Entry {
            id: $id,
            sort: Sort::$sort,
            path: concat!($folder, "/", $id, ".md"),
            text: include_str!(concat!("library/", $folder, "/", $id, ".md")),
        }
    };
}

/// The library, in the order of the documents.
pub const ALL: [Entry; 21] = [
    entry!(Programme, "programmes", "gongan-jiguan"),
    entry!(Programme, "programmes", "boshan-2020"),
    entry!(Programme, "programmes", "pingdingshan-2024"),
    entry!(Programme, "programmes", "suzhou-2020"),
    entry!(Programme, "programmes", "zhibu-2018"),
    entry!(Rubric, "rubrics", "gongan-jiguan"),
    entry!(Rubric, "rubrics", "gongan-jiguan-guifan"),
    entry!(Rubric, "rubrics", "gongan-jiguan-shenhe"),
    entry!(Rubric, "rubrics", "boshan-2020"),
    entry!(Rubric, "rubrics", "boshan-2020-wugeyi"),
    entry!(Rubric, "rubrics", "boshan-2020-shifandian"),
    entry!(Rubric, "rubrics", "pingdingshan-2024"),
    entry!(Rubric, "rubrics", "suzhou-2020"),
    entry!(Rubric, "rubrics", "zhibu-2018-zicha"),
    entry!(Pack, "packs", "tiaoli-2018"),
    entry!(Pack, "packs", "gongan-jiguan"),
    entry!(Pack, "packs", "boshan-2020"),
    entry!(Pack, "packs", "pingdingshan-2024"),
    entry!(Pack, "packs", "suzhou-2020"),
    entry!(Pack, "packs", "zhibu-2018"),
    entry!(Catalogue, "catalogues", "zhibu-2018"),
];

/// Returns the text of an id.
pub fn find(sort: Sort, id: &str) -> Option<&'static Entry> {
    ALL.iter().find(|e| e.sort == sort && e.id == id)
}

impl Entry {
    /// Returns the front matter.
    pub fn front(&self) -> toml::Table {
        let front =
            self.text.strip_prefix("+++\n").and_then(|t| t.split_once("\n+++\n")).map_or("", |(front, _)| front);
        front.parse().expect("a test reads every text of the library")
    }

    /// Returns the title.
    pub fn title(&self) -> String {
        self.front().get("title").and_then(toml::Value::as_str).unwrap_or(self.id).to_owned()
    }

    /// Returns it with the rubrics, packs and catalogues it names: all that has to be there for it to be read.
    pub fn family(&'static self) -> Vec<&'static Entry> {
        let front = self.front();
        let named = |key: &str, sort: Sort| -> Vec<&'static Entry> {
            let words = match front.get(key) {
                Some(toml::Value::String(one)) => vec![one.as_str()],
                Some(toml::Value::Array(all)) => all.iter().filter_map(toml::Value::as_str).collect(),
                _ => Vec::new(),
            };
            words.into_iter().filter_map(|id| find(sort, id)).collect()
        };
        let mut all = vec![self];
        if self.sort == Sort::Programme {
            all.extend(named("rubric", Sort::Rubric));
            all.extend(named("rubrics", Sort::Rubric));
            all.extend(named("packs", Sort::Pack));
            all.extend(named("catalogues", Sort::Catalogue));
        }
        all
    }

    /// Returns the text for a site that has certain rubrics: a criterion is the `same` as one of a rubric that
    /// is there. Rubrics name each other both ways, so what comes later brings the link.
    pub fn text_for(&self, has_rubric: impl Fn(&str) -> bool) -> String {
        let mut out = String::with_capacity(self.text.len());
        for line in self.text.split_inclusive('\n') {
            let Some(list) = line.strip_prefix("same = [").and_then(|l| l.trim_end().strip_suffix(']')) else {
                out += line;
                continue;
            };
            let kept: Vec<&str> = list
                .split(", ")
                .filter(|item| item.trim_matches('"').split_once('/').is_some_and(|(rubric, _)| has_rubric(rubric)))
                .collect();
            if !kept.is_empty() {
                out += &format!("same = [{}]\n", kept.join(", "));
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_what_its_file_says() {
        for entry in &ALL {
            let front = entry.front();
            assert_eq!(front.get("id").and_then(toml::Value::as_str), Some(entry.id), "{}", entry.path);
            assert_eq!(entry.path, format!("{}s/{}.md", entry.sort.word(), entry.id));
            assert_ne!(entry.title(), entry.id);
        }
    }

    #[test]
    fn what_a_programme_names_is_in_the_library() {
        for entry in ALL.iter().filter(|e| e.sort == Sort::Programme) {
            let front = entry.front();
            let count = |key: &str| match front.get(key) {
                Some(toml::Value::Array(all)) => all.len(),
                Some(_) => 1,
                None => 0,
            };
            assert_eq!(
                entry.family().len(),
                1 + ["rubric", "rubrics", "packs", "catalogues"].map(count).iter().sum::<usize>(),
                "{}",
                entry.id
            );
        }
    }

    #[test]
    fn a_criterion_is_the_same_as_one_that_is_there() {
        let rubric = find(Sort::Rubric, "pingdingshan-2024").expect("it is in the library");
        let line = |has: &[&str]| {
            let text = rubric.text_for(|id| has.contains(&id));
            text.lines().find(|l| l.starts_with("same = ")).map(str::to_owned)
        };
        assert_eq!(line(&["pingdingshan-2024"]), None);
        assert_eq!(line(&["suzhou-2020"]).as_deref(), Some("same = [\"suzhou-2020/2\"]"));
        assert_eq!(rubric.text_for(|_| true), rubric.text);
    }
}
