//! Addresses: where each thing is published, relative to the site's root, without a leading slash.

/// Returns the output file of a route (`a/` is served from `a/index.html`).
pub fn file_of(route: &str) -> String {
    if route.is_empty() || route.ends_with('/') { format!("{route}index.html") } else { route.to_owned() }
}

/// Returns the way from a route to the site's root: `./`, `../`, `../../`.
pub fn root_of(route: &str) -> String {
    match route.matches('/').count() {
        0 => "./".to_owned(),
        n => "../".repeat(n),
    }
}

/// The route of a record.
pub fn record(id: &str) -> String {
    format!("records/{id}/")
}

/// The route of a branch.
pub fn branch(id: &str) -> String {
    format!("branches/{id}/")
}

/// The route of an organisation: its place in the directory.
pub fn organisation(id: &str) -> String {
    format!("branches/#org-{id}")
}

/// The route of a record's article for a WeChat public account: the page it is copied from.
pub fn wechat(id: &str) -> String {
    format!("wechat/{id}/")
}

/// The route of a record's panel.
pub fn panel(id: &str) -> String {
    format!("panels/{id}.html")
}

/// The route of the volume of a branch's year.
pub fn volume(branch: &str, year: i16) -> String {
    format!("branches/{branch}/volume/{year}/")
}

/// The route of a programme.
pub fn programme(id: &str) -> String {
    format!("programmes/{id}/")
}

/// The route of a rubric.
pub fn rubric(id: &str) -> String {
    format!("rubrics/{id}/")
}

/// The route of a rule pack.
pub fn pack(id: &str) -> String {
    format!("rules/{id}/")
}

/// The route of a catalogue of disclosure.
pub fn catalogue(catalogue: &str) -> String {
    format!("disclosure/{catalogue}/")
}

/// The route of a rubric's matrix of branches and criteria.
pub fn matrix(rubric: &str) -> String {
    format!("rubrics/{rubric}/matrix/")
}

/// The route of a criterion.
pub fn criterion(rubric: &str, criterion: &str) -> String {
    format!("rubrics/{rubric}/{}/", segment(criterion))
}

/// Writes any words as one part of an address that is also a file's name on every system: what is neither a
/// small letter, a digit, `-`, `_` nor an inner `.` becomes `~` and the hexadecimal digits of its bytes, so that
/// no two words become one. Names the site or a system needs itself are written so from their first letter on.
fn segment(words: &str) -> String {
    const TAKEN: [&str; 7] = ["matrix", "index.html", "index.json", "con", "prn", "aux", "nul"];
    const MOST: usize = 120;
    let is_taken = TAKEN.contains(&words) || TAKEN[3..].contains(&words.split('.').next().unwrap_or(""));
    let mut out = String::new();
    for (i, b) in words.bytes().enumerate() {
        let is_edge = i == 0 || i + 1 == words.len();
        let plain = b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_') || b == b'.' && !is_edge;
        if plain && !(is_taken && i == 0) {
            out.push(char::from(b));
        } else {
            out.push_str(&format!("~{b:02x}"));
        }
    }
    if out.len() > MOST {
        let digest = crate::digest::Digest::of(words.as_bytes()).short();
        out.truncate(MOST - digest.len() - 1);
        out = format!("{out}~{digest}");
    }
    if out.is_empty() { "~".to_owned() } else { out }
}

/// The route of a branch's reports of a year.
pub fn reports(branch: &str, year: i16) -> String {
    format!("branches/{branch}/report/{year}/")
}

/// The route of a report, by a rubric where its form goes by one.
pub fn report(branch: &str, year: i16, form: &str, rubric: Option<&str>) -> String {
    let base = format!("{}{form}/", reports(branch, year));
    rubric.map_or(base.clone(), |rubric| format!("{base}{rubric}/"))
}

/// The route of an honour's entry in the roll.
pub fn honour(id: &str) -> String {
    format!("honours/#{id}")
}

/// Tells whether an id can stand in an address as it is.
pub fn is_id(id: &str) -> bool {
    !id.is_empty()
        && id.len() <= 120
        && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.'))
        && !id.starts_with(['.', '-'])
        && !id.ends_with('.')
        && !id.contains("..")
        && !matches!(id.split('.').next().unwrap_or(""), "con" | "prn" | "aux" | "nul")
}

/// Percent-encodes a path for an address: everything but unreserved characters and `/`.
pub fn encode(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for b in path.bytes() {
        if b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~' | b'/') {
            out.push(char::from(b));
        } else {
            out.push_str(&format!("%{b:02X}"));
        }
    }
    out
}

/// Undoes percent-encoding; what is no valid encoding stays.
pub fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let hex = |b: u8| char::from(b).to_digit(16);
        if bytes[i] == b'%'
            && i + 2 < bytes.len()
            && let (Some(h), Some(l)) = (hex(bytes[i + 1]), hex(bytes[i + 2]))
        {
            out.push((h * 16 + l) as u8);
            i += 3;
        } else {
            out.push(bytes[i]);
            i += 1;
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_ways_back() {
        assert_eq!(
            (file_of(""), file_of("a/b/"), file_of("404.html")),
            ("index.html".into(), "a/b/index.html".into(), "404.html".into())
        );
        assert_eq!((root_of(""), root_of("a/b/"), root_of("404.html")), ("./".into(), "../../".into(), "./".into()));
    }

    #[test]
    fn encoding_goes_both_ways() {
        assert_eq!(encode("签到 表.csv"), "%E7%AD%BE%E5%88%B0%20%E8%A1%A8.csv");
        assert_eq!(decode(&encode("签到 表.csv")), "签到 表.csv");
        assert_eq!(decode("100%"), "100%");
    }

    #[test]
    fn any_words_are_one_part_of_an_address_and_no_two_the_same() {
        let written = |words: &str| segment(words);
        assert_eq!(written("zz-1"), "zz-1");
        assert_eq!(written("政治/1"), "~e6~94~bf~e6~b2~bb~2f1");
        assert_eq!(
            (written("matrix"), written("con"), written("A"), written("..")),
            ("~6datrix".into(), "~63on".into(), "~41".into(), "~2e~2e".into())
        );
        let long = ["一".repeat(100), "一".repeat(101)].map(|w| segment(&w));
        assert!(long[0] != long[1] && long[0].len() <= 120);
        assert_eq!(written(""), "~");
    }

    #[test]
    fn ids_are_safe_in_paths() {
        for id in ["a-1", "ga-yexun-dydh-2025-q3", "x_y.z"] {
            assert!(is_id(id), "{id}");
        }
        for id in ["", "../x", "a/b", "支部", "-a", ".a", "a.", "a..b", "A"] {
            assert!(!is_id(id), "{id}");
        }
    }
}
