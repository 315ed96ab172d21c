//! `beilin.toml` → [`Config`], cut into one narrow struct per stage.
//!
//! The keys are data too (`data/config.toml`): unknown ones are told with the nearest known one, and
//! the manual's table is made from the same file.

use crate::diagnostic::{Diagnostic, Lang};
use crate::model::kind::Audience;
use crate::model::schema::{Field, FieldValue, Reading, Schema, Values};
use crate::parse::node;
use crate::say;
use serde::Deserialize;
use std::ops::Range;

/// The schema of `beilin.toml`.
pub const KEYS: &str = include_str!("data/config.toml");

/// What sort of site it is; checks are switched by it (domain §4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Profile {
    /// A column of a government portal (政府网站栏目).
    GovPortalColumn,
    /// A party organisation's own site (党组织网站).
    #[default]
    PartyOrgSite,
    /// Pages on an intranet (内网): no filings are shown.
    Intranet,
}

impl Profile {
    /// Returns the word used in `beilin.toml`.
    pub fn word(self) -> &'static str {
        match self {
            Profile::GovPortalColumn => "gov-portal-column",
            Profile::PartyOrgSite => "party-org-site",
            Profile::Intranet => "intranet",
        }
    }
}

/// Everything `beilin.toml` says.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// The site's face.
    pub site: SiteOptions,
    /// What is read.
    pub content: ContentOptions,
    /// How paths are understood.
    pub paths: Vec<PathRule>,
    /// Which rule packs hold for whom.
    pub packs: Vec<Pick>,
    /// How records are judged by date.
    pub late_after: i64,
    /// Whether evidence left out of a build may be told to exist.
    pub unpublished: bool,
    /// Provenance.
    pub history: HistoryOptions,
    /// What is written.
    pub output: OutputOptions,
    /// Pictures and films.
    pub pictures: PictureOptions,
    /// The search.
    pub search: SearchOptions,
    /// What pages may load and run.
    pub security: SecurityOptions,
    /// The site's own colours.
    pub colors: ColorOptions,
    /// Where else its items go out.
    pub channels: ChannelOptions,
}

/// The site's face: title, owner, identity.
#[derive(Debug, Clone, Default)]
pub struct SiteOptions {
    /// The title (站名).
    pub title: String,
    /// The line under it.
    pub subtitle: Option<String>,
    /// The characters of the name seal.
    pub seal: String,
    /// The unit that runs it (主办单位).
    pub unit: Option<String>,
    /// How to reach it.
    pub contact: Option<String>,
    /// The address, ending in `/`; empty if unknown.
    pub base_url: String,
    /// The language of the interface.
    pub lang: Lang,
    /// The theme's name.
    pub theme: String,
    /// The sort of site.
    pub profile: Profile,
    /// Who the build is for.
    pub audience: Audience,
    /// The emblem's file, relative to the root.
    pub emblem: Option<String>,
    /// ICP 备案号.
    pub icp: Option<String>,
    /// 公安备案号.
    pub gongan: Option<String>,
    /// 党政机关网站标识.
    pub biaoshi: Option<String>,
    /// 网站标识码.
    pub code: Option<String>,
    /// The navigation, if the site has its own: label, address.
    pub nav: Vec<(String, String)>,
}

/// What is read.
#[derive(Debug, Clone)]
pub struct ContentOptions {
    /// The folder of the content.
    pub dir: String,
    /// The site's own kinds files.
    pub kinds: Vec<String>,
    /// Globs of files not to read.
    pub ignore: Vec<String>,
    /// The most characters of an excerpt.
    pub excerpt: usize,
    /// How much of anything is too much.
    pub limits: Limits,
}

impl Default for ContentOptions {
    fn default() -> Self {
        ContentOptions {
            dir: "content".into(),
            kinds: Vec::new(),
            ignore: Vec::new(),
            excerpt: 90,
            limits: Limits::default(),
        }
    }
}

/// How much of anything is too much: beyond it there is an error at its place, and no attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a text.
    pub text: u64,
    /// Bytes of any other file.
    pub file: u64,
    /// Bytes of front matter.
    pub front_matter: usize,
    /// How deep values of front matter may nest.
    pub depth: usize,
    /// How deep lists, quotations and words in a text may nest.
    pub nesting: usize,
    /// Cells of a table in a text.
    pub table_cells: usize,
    /// Bytes that a package says it becomes when it is unpacked.
    pub unpacked: u64,
    /// Bytes of the whole site.
    pub output: u64,
    /// Endings of files that are published although somebody's program runs them.
    pub allow: Vec<String>,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            text: 4 << 20,
            file: 1000 << 20,
            front_matter: 256 << 10,
            depth: 12,
            nesting: 40,
            table_cells: 20_000,
            unpacked: 4000 << 20,
            output: 50_000 << 20,
            allow: Vec::new(),
        }
    }
}

/// A rule that understands a path.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PathRule {
    /// The pattern, with `{branch}`, `{date}` and so on.
    pub pattern: String,
    /// The kind of what matches.
    pub kind: Option<String>,
    /// The branch.
    pub branch: Option<String>,
    /// The party group.
    pub group: Option<String>,
    /// The title of what has none.
    pub title: Option<String>,
    /// Keywords to add.
    pub keywords: Vec<String>,
}

/// Rule packs (规则包) picked for branches.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pick {
    /// The packs' ids, and where `beilin.toml` names them.
    pub packs: Vec<(String, Range<usize>)>,
    /// The types of branch or organisation they hold for; all if empty.
    pub types: Vec<String>,
}

/// Provenance from git.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistoryOptions {
    /// Whether it is read.
    pub enabled: bool,
    /// Whether its lack is told.
    pub expected: bool,
    /// Whether the names of authors are read.
    pub authors: bool,
}

impl Default for HistoryOptions {
    fn default() -> Self {
        HistoryOptions { enabled: true, expected: false, authors: false }
    }
}

/// What is written.
#[derive(Debug, Clone)]
pub struct OutputOptions {
    /// The folder.
    pub dir: String,
    /// Entries on a page of a list.
    pub page_size: usize,
    /// Entries in a feed.
    pub feed_items: usize,
    /// Addresses in a sitemap file.
    pub sitemap_urls: usize,
    /// Whether links name `index.html`.
    pub index_in_links: bool,
    /// Whether there are files of data: JSON beside pages, tables of lists.
    pub data: bool,
    /// Whether every year has a calendar.
    pub calendar: bool,
}

impl Default for OutputOptions {
    fn default() -> Self {
        OutputOptions {
            dir: "public".into(),
            page_size: 40,
            feed_items: 30,
            sitemap_urls: 40_000,
            index_in_links: false,
            data: true,
            calendar: true,
        }
    }
}

/// A colour the site set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Color {
    /// The key it was set by.
    key: &'static str,
    /// The value, `#rgb` or `#rrggbb`.
    value: String,
    /// Where it was set.
    pub span: Option<Range<usize>>,
}

/// The site's own colours (颜色).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColorOptions {
    set: Vec<Color>,
}

/// The keys of colours: whether of dark pages, and the tokens of the stylesheet that follow.
const COLORS: [(&str, bool, &[&str]); 7] = [
    ("slate", false, &["slate", "band"]),
    ("seal", false, &["seal", "seal-fill", "short"]),
    ("bronze", false, &["bronze"]),
    ("slate_dark", true, &["slate"]),
    ("seal_dark", true, &["seal", "short"]),
    ("seal_fill_dark", true, &["seal-fill"]),
    ("bronze_dark", true, &["bronze"]),
];

impl ColorOptions {
    fn read(group: &Values, out: &mut Vec<Diagnostic>) -> ColorOptions {
        let mut set = Vec::new();
        for (key, ..) in COLORS {
            let Some(value) = group.text(key) else { continue };
            let digits = value.strip_prefix('#').filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
            if digits.is_some_and(|d| matches!(d.len(), 3 | 6)) {
                set.push(Color { key, value: value.to_ascii_lowercase(), span: group.span(key) });
                continue;
            }
            out.push(
                Diagnostic::error(
                    "bad-value",
                    FILE,
                    group.span(key),
                    say!("`{value}` 不是颜色", "`{value}` is no colour"),
                )
                .hint(say!("写成 #rrggbb，如 #21403f", "write #rrggbb, such as #21403f")),
            );
        }
        ColorOptions { set }
    }

    /// Returns the colour that a token of the stylesheet has from the site, in light or in dark.
    pub fn of(&self, token: &str, dark: bool) -> Option<&Color> {
        let sets =
            |c: &&Color| COLORS.iter().any(|(k, d, tokens)| *k == c.key && *d == dark && tokens.contains(&token));
        self.set.iter().find(sets)
    }

    /// Returns the rules of a stylesheet that set them; empty if there are none.
    pub fn css(&self) -> String {
        let of = |dark: bool| -> String {
            let keys = COLORS.iter().filter(|(_, d, _)| *d == dark);
            let set = keys.filter_map(|(key, _, tokens)| Some((self.set.iter().find(|c| c.key == *key)?, tokens)));
            set.flat_map(|(c, tokens)| tokens.iter().map(move |t| format!("--{t}: {};", c.value))).collect()
        };
        let (light, dark) = (of(false), of(true));
        let mut css = String::new();
        if !light.is_empty() {
            css += &format!(":root:not([data-view=senior]) {{{light}}}\n");
        }
        if !dark.is_empty() {
            css += &format!(
                "@media (prefers-color-scheme: dark) {{:root:not([data-theme=light]):not([data-view=senior]) {{{dark}}}}}\n"
            );
            css += &format!(":root[data-theme=dark]:not([data-view=senior]) {{{dark}}}\n");
        }
        css
    }
}

/// How large pictures and films may be, and which copies are made of pictures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PictureOptions {
    /// The widths of copies, the smallest first.
    pub widths: Vec<u32>,
    /// The quality of copies, 1 to 100.
    pub quality: u8,
    /// The most pixels of a picture, in millions.
    pub max_megapixels: usize,
    /// The largest file of a picture, in megabytes.
    pub max_size: usize,
    /// The largest file of a film, in megabytes.
    pub max_film: usize,
}

impl Default for PictureOptions {
    fn default() -> Self {
        PictureOptions { widths: vec![480, 960, 1600], quality: 78, max_megapixels: 100, max_size: 40, max_film: 200 }
    }
}

/// Where items go out beside the pages (传播渠道).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelOptions {
    /// The classes of records that get an article for a WeChat public account (微信公众号).
    pub wechat: Vec<String>,
    /// The classes of records that get a panel (展板).
    pub panels: Vec<String>,
    /// Width and height of a panel in millimetres.
    pub panel_size: (u32, u32),
    /// The bleed of a panel in millimetres.
    pub panel_bleed: u32,
    /// Whether a branch's year is bound into a volume (年度卷).
    pub volumes: bool,
    /// Whether there is a kiosk (电子公告栏).
    pub has_kiosk: bool,
    /// What it is like.
    pub kiosk: Kiosk,
}

impl Default for ChannelOptions {
    fn default() -> Self {
        ChannelOptions {
            wechat: Vec::new(),
            panels: Vec::new(),
            panel_size: (900, 1200),
            panel_bleed: 3,
            volumes: false,
            has_kiosk: false,
            kiosk: Kiosk::default(),
        }
    }
}

/// A kiosk (电子公告栏).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kiosk {
    /// How long a card stays, in seconds.
    pub seconds: u32,
    /// From when to when it is dark, in minutes of the day.
    pub night: Option<(u32, u32)>,
    /// Whether it names people.
    pub names: bool,
    /// Who sees it.
    pub audience: Audience,
}

impl Default for Kiosk {
    fn default() -> Self {
        Kiosk { seconds: 12, night: Some((22 * 60, 6 * 60 + 30)), names: false, audience: Audience::Society }
    }
}

impl ChannelOptions {
    fn read(own: &Values, out: &mut Vec<Diagnostic>) -> ChannelOptions {
        let known = ChannelOptions::default();
        let mut bad = |key: &str, message: crate::diagnostic::Say, hint: crate::diagnostic::Say| {
            out.push(Diagnostic::error("bad-value", FILE, own.span(key), message).hint(hint));
        };
        let panel_size = own.text("panel_size").map_or(Some(known.panel_size), |text| {
            let (w, h) = text.split_once(['x', 'X', '×'])?;
            let (w, h) = (w.trim().parse().ok()?, h.trim().parse().ok()?);
            ((100..=5000).contains(&w) && (100..=5000).contains(&h)).then_some((w, h))
        });
        if panel_size.is_none() {
            let text = own.text("panel_size").unwrap_or_default();
            bad(
                "panel_size",
                say!("`{text}` 不是展板尺寸", "`{text}` is no size of a panel"),
                say!(
                    "写成宽x高（毫米，各 100 到 5000），如 900x1200",
                    "write width x height in millimetres, each from 100 to 5000, such as 900x1200"
                ),
            );
        }
        let mut within = |key: &str, default: u32, least: i64, most: i64| match own.int(key) {
            None => default,
            Some(n) if (least..=most).contains(&n) => n as u32,
            Some(n) => {
                bad(
                    key,
                    say!(
                        "`{key}` 应在 {least} 到 {most} 之间，这里是 {n}",
                        "`{key}` should be between {least} and {most}, not {n}"
                    ),
                    say!("不写就是 {default}", "{default} if it is not written"),
                );
                default
            }
        };
        let panel_bleed = within("panel_bleed", known.panel_bleed, 0, 50);
        let seconds = within("kiosk_seconds", known.kiosk.seconds, 2, 3600);
        let night = match own.text("kiosk_night") {
            Some("off") => Ok(None),
            Some(text) => night(text).map(Some).ok_or(text),
            None => Ok(known.kiosk.night),
        };
        if let Err(text) = night {
            bad(
                "kiosk_night",
                say!("`{text}` 不是一段时间", "`{text}` is no stretch of time"),
                say!("写成 22:00-06:30，或 off", "write 22:00-06:30, or off"),
            );
        }
        ChannelOptions {
            wechat: own.texts("wechat"),
            panels: own.texts("panels"),
            panel_size: panel_size.unwrap_or(known.panel_size),
            panel_bleed,
            volumes: own.flag("volumes"),
            has_kiosk: own.flag("kiosk"),
            kiosk: Kiosk {
                seconds,
                night: night.unwrap_or_default(),
                names: own.flag("kiosk_names"),
                audience: own.text("kiosk_audience").and_then(Audience::parse).unwrap_or(known.kiosk.audience),
            },
        }
    }

    /// Tells whether anything but the site's pages is made.
    pub fn any(&self) -> bool {
        !self.wechat.is_empty() || !self.panels.is_empty() || self.volumes || self.has_kiosk
    }
}

/// Reads a stretch of the day such as `22:00-06:30`, in minutes.
fn night(text: &str) -> Option<(u32, u32)> {
    let time = |t: &str| {
        let (h, m) = t.trim().split_once([':', '：'])?;
        let (h, m): (u32, u32) = (h.parse().ok()?, m.parse().ok()?);
        (h < 24 && m < 60).then_some(h * 60 + m)
    };
    let (from, until) = text.split_once(['-', '—', '–'])?;
    Some((time(from)?, time(until)?))
}

/// What pages may load and run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityOptions {
    /// Whether pages carry a Content Security Policy.
    pub csp: bool,
    /// Other hosts whose scripts and pictures pages may load, each with its scheme.
    pub hosts: Vec<String>,
}

impl Default for SecurityOptions {
    fn default() -> Self {
        SecurityOptions { csp: true, hosts: Vec::new() }
    }
}

/// How visitors search.
#[derive(Debug, Clone)]
pub struct SearchOptions {
    /// Whether there is a search page, with the form and the dialog that lead to it.
    pub enabled: bool,
    /// The server that answers instead of the index beside the pages.
    pub endpoint: Option<String>,
    /// What that server is.
    pub endpoint_kind: EndpointKind,
    /// How much more parts weigh, by the words of `beilin.toml`.
    pub boosts: Vec<(String, f64)>,
    /// Whether a copy of the site that is opened from a folder can be searched.
    pub offline: bool,
    /// Whether the index has positions, by which totals are exact.
    pub positions: bool,
}

impl Default for SearchOptions {
    fn default() -> Self {
        SearchOptions {
            enabled: true,
            endpoint: None,
            endpoint_kind: EndpointKind::default(),
            boosts: vec![("title".to_owned(), 3.0), ("number".to_owned(), 3.0)],
            offline: false,
            positions: false,
        }
    }
}

/// The sort of server a search page may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EndpointKind {
    /// `beilin serve`: `/api/search`.
    #[default]
    Beilin,
    /// Elasticsearch or OpenSearch: `_search` of an index.
    Elasticsearch,
    /// Quickwit: `/api/v1/<index>/search`.
    Quickwit,
}

impl EndpointKind {
    /// Returns the word used in `beilin.toml`.
    pub fn word(self) -> &'static str {
        match self {
            EndpointKind::Beilin => "beilin",
            EndpointKind::Elasticsearch => "elasticsearch",
            EndpointKind::Quickwit => "quickwit",
        }
    }
}

impl Config {
    /// Tells whether copies of the site are meant to be opened from a folder. Browsers check the digest of no script
    /// there, and would run none that has one.
    pub fn opens_from_folder(&self) -> bool {
        self.output.index_in_links || self.search.offline
    }
}

#[derive(Deserialize)]
struct KeysFile {
    field: Vec<Field>,
}

/// Returns the keys of `beilin.toml`.
pub fn keys() -> Vec<Field> {
    toml::from_str::<KeysFile>(KEYS).expect("data/config.toml is checked by a test").field
}

/// The configuration's file name.
pub const FILE: &str = "beilin.toml";

/// Reads `beilin.toml`.
pub fn read(text: &str, out: &mut Vec<Diagnostic>) -> Config {
    let start = usize::from(text.starts_with('\u{feff}')) * 3;
    let table = node::from_toml(&text[start..], start, FILE, out);
    let schema = Schema { fields: keys() };
    let values = schema.read(&table, 0..0, &mut Reading { path: FILE, text, out });
    let empty = Values::default();
    let group = |key: &str| values.row(key).unwrap_or(&empty);
    let (site, identity, content, output) = (group("site"), group("identity"), group("content"), group("output"));
    let (history, search) = (group("history"), group("search"));
    if values.row("site").is_none() {
        out.push(
            Diagnostic::error("missing-key", FILE, Some(0..0), say!("缺少 [site] 一节", "the [site] table is missing"))
                .hint(say!("至少写：[site] 换行 title = \"…\"", "write at least: [site] and title = \"…\"")),
        );
    }
    let count = |values: &Values, key: &str, default: usize, out: &mut Vec<Diagnostic>| match values.int(key) {
        Some(n) if (1..=1_000_000).contains(&n) => n as usize,
        Some(n) => {
            out.push(Diagnostic::error(
                "bad-value",
                FILE,
                values.span(key),
                say!("`{key}` 应在 1 到 1000000 之间，这里是 {n}", "`{key}` should be between 1 and 1000000, not {n}"),
            ));
            default
        }
        None => default,
    };
    let pictures = group("pictures");
    let pictures_default = PictureOptions::default();
    let content_default = ContentOptions::default();
    let output_default = OutputOptions::default();
    let title = site.string("title").unwrap_or_default();
    check_rules(&values, out);
    let config = Config {
        site: SiteOptions {
            seal: site.string("seal").unwrap_or_else(|| last_characters(&title, 4)),
            subtitle: site.string("subtitle"),
            unit: site.string("unit"),
            contact: site.string("contact"),
            base_url: base_url(site, out),
            lang: if site.text("language") == Some("en") { Lang::En } else { Lang::Zh },
            theme: plain_name(site, "theme", "default", out),
            profile: match site.text("profile") {
                Some("gov-portal-column") => Profile::GovPortalColumn,
                Some("intranet") => Profile::Intranet,
                _ => Profile::PartyOrgSite,
            },
            audience: site.text("audience").and_then(Audience::parse).unwrap_or_default(),
            emblem: site
                .string("emblem")
                .filter(|_| is_plain_path(site, "emblem", site.text("emblem").unwrap_or_default(), out)),
            icp: identity.string("icp"),
            gongan: identity.string("gongan"),
            biaoshi: identity.string("biaoshi"),
            code: identity.string("code"),
            nav: values.rows("nav").filter_map(|r| Some((r.string("label")?, r.string("url")?))).collect(),
            title,
        },
        content: ContentOptions {
            dir: plain_name(content, "dir", &content_default.dir, out),
            kinds: content.texts("kinds").into_iter().filter(|k| is_plain_path(content, "kinds", k, out)).collect(),
            ignore: content.texts("ignore"),
            excerpt: count(content, "excerpt", content_default.excerpt, out),
            limits: {
                let (own, known) = (group("limits"), Limits::default());
                let mut of = |key: &str, unit: u32, default: u64| -> u64 {
                    let default = usize::try_from(default >> unit).unwrap_or(usize::MAX);
                    (count(own, key, default, out) as u64) << unit
                };
                Limits {
                    text: of("text_kb", 10, known.text),
                    file: of("file_mb", 20, known.file),
                    front_matter: of("front_matter_kb", 10, known.front_matter as u64) as usize,
                    depth: of("front_matter_depth", 0, known.depth as u64) as usize,
                    nesting: of("nesting", 0, known.nesting as u64) as usize,
                    table_cells: of("table_cells", 0, known.table_cells as u64) as usize,
                    unpacked: of("unpacked_mb", 20, known.unpacked),
                    output: of("output_mb", 20, known.output),
                    allow: own.texts("allow"),
                }
            },
        },
        paths: values
            .rows("paths")
            .map(|r| PathRule {
                pattern: r.string("pattern").unwrap_or_default(),
                kind: r.string("kind"),
                branch: r.string("branch"),
                group: r.string("group"),
                title: r.string("title"),
                keywords: r.texts("keywords"),
            })
            .collect(),
        packs: values
            .rows("packs")
            .map(|r| {
                let packs = r.list("use").iter().filter_map(|item| match &item.value {
                    FieldValue::Text(id) => Some((id.clone(), item.span.clone())),
                    _ => None,
                });
                Pick { packs: packs.collect(), types: r.texts("types") }
            })
            .collect(),
        unpublished: values.row("rules").is_some_and(|r| r.flag("unpublished")),
        late_after: values.row("record").and_then(|r| r.int("late_after")).unwrap_or(7),
        history: HistoryOptions {
            enabled: unless_denied(history, "enabled"),
            expected: history.flag("expected"),
            authors: history.flag("authors"),
        },
        output: OutputOptions {
            dir: plain_name(output, "dir", &output_default.dir, out),
            page_size: count(output, "page_size", output_default.page_size, out),
            feed_items: count(output, "feed_items", output_default.feed_items, out),
            sitemap_urls: count(output, "sitemap_urls", output_default.sitemap_urls, out),
            index_in_links: output.flag("index_in_links"),
            data: unless_denied(output, "data"),
            calendar: unless_denied(output, "calendar"),
        },
        pictures: PictureOptions {
            widths: widths(pictures, out).unwrap_or(pictures_default.widths),
            quality: count(pictures, "quality", usize::from(pictures_default.quality), out).min(100) as u8,
            max_megapixels: count(pictures, "max_megapixels", pictures_default.max_megapixels, out),
            max_size: count(pictures, "max_size", pictures_default.max_size, out),
            max_film: count(pictures, "max_film", pictures_default.max_film, out),
        },
        search: SearchOptions {
            enabled: unless_denied(search, "enabled"),
            boosts: boosts(group("boosts"), out),
            // The mode made for copies opened from a folder.
            offline: search.get("offline").map_or(output.flag("index_in_links"), |_| search.flag("offline")),
            positions: search.flag("positions"),
            endpoint: endpoint(search, out),
            endpoint_kind: match search.text("endpoint_kind") {
                Some("elasticsearch") => EndpointKind::Elasticsearch,
                Some("quickwit") => EndpointKind::Quickwit,
                _ => EndpointKind::Beilin,
            },
        },
        security: SecurityOptions {
            csp: unless_denied(group("security"), "csp"),
            hosts: hosts(group("security"), out),
        },
        colors: ColorOptions::read(group("colors"), out),
        channels: ChannelOptions::read(group("channels"), out),
    };
    check_folders(&config, output, out);
    config
}

/// Reads how much more parts of a page weigh in a search: those not named keep what they have.
fn boosts(own: &Values, out: &mut Vec<Diagnostic>) -> Vec<(String, f64)> {
    let mut boosts = SearchOptions::default().boosts;
    for key in BOOSTED {
        let Some(boost) = own.number(key) else { continue };
        if !(0.0..=20.0).contains(&boost) {
            out.push(Diagnostic::error(
                "bad-value",
                FILE,
                own.span(key),
                say!("`{key}` 应在 0 到 20 之间，这里是 {boost}", "`{key}` should be between 0 and 20, not {boost}"),
            ));
            continue;
        }
        match boosts.iter_mut().find(|(name, _)| name == key) {
            Some(known) => known.1 = boost,
            None if boost > 0.0 => boosts.push((key.to_owned(), boost)),
            None => {}
        }
    }
    boosts
}

/// Reads the widths of copies of pictures, the smallest first.
fn widths(own: &Values, out: &mut Vec<Diagnostic>) -> Option<Vec<u32>> {
    own.get("widths")?;
    let mut widths = Vec::new();
    for item in own.list("widths") {
        let FieldValue::Text(word) = &item.value else { continue };
        match word.parse::<u32>() {
            Ok(width) if (16..=8192).contains(&width) => widths.push(width),
            _ => out.push(Diagnostic::error(
                "bad-value",
                FILE,
                Some(item.span.clone()),
                say!(
                    "宽度应是 16 到 8192 之间的整数，这里是 `{word}`",
                    "a width should be a whole number between 16 and 8192, not `{word}`"
                ),
            )),
        }
    }
    widths.sort_unstable();
    widths.dedup();
    (!widths.is_empty()).then_some(widths)
}

/// The parts of a page that can weigh more.
const BOOSTED: [&str; 9] = ["title", "branch", "kind", "number", "people", "attachment", "other", "heading", "body"];

/// Reads a flag that is set unless the file says otherwise.
fn unless_denied(values: &Values, key: &str) -> bool {
    values.get(key).is_none() || values.flag(key)
}

/// A folder or theme name: relative, without `..`.
fn plain_name(values: &Values, key: &str, default: &str, out: &mut Vec<Diagnostic>) -> String {
    let Some(name) = values.text(key) else { return default.to_owned() };
    let name = name.trim_end_matches('/');
    if is_plain_path(values, key, name, out) { name.to_owned() } else { default.to_owned() }
}

/// Tells whether a path stays below the site's root; complains if not.
fn is_plain_path(values: &Values, key: &str, path: &str, out: &mut Vec<Diagnostic>) -> bool {
    let plain = !path.is_empty()
        && !path.starts_with('/')
        && !path.contains(['\\', ':'])
        && path.split('/').all(|p| !matches!(p, "" | "." | ".."));
    if !plain {
        out.push(Diagnostic::error(
            "bad-value",
            FILE,
            values.span(key),
            say!("`{key}` 应是站点根目录下的名字", "`{key}` should be a name below the site's root"),
        ));
    }
    plain
}

/// The output must not lie in what the site is made of, nor that in the output.
fn check_folders(config: &Config, output: &Values, out: &mut Vec<Diagnostic>) {
    let inside = |a: &str, b: &str| a == b || a.strip_prefix(b).is_some_and(|rest| rest.starts_with('/'));
    let dir = &config.output.dir;
    for other in [config.content.dir.as_str(), "themes"] {
        if inside(dir, other) || inside(other, dir) {
            out.push(
                Diagnostic::error(
                    "bad-value",
                    FILE,
                    output.span("dir"),
                    say!("输出目录 `{dir}` 和 `{other}` 重叠", "the output folder `{dir}` overlaps `{other}`"),
                )
                .hint(say!("输出另放一个目录，如 public", "write to a folder of its own, such as public")),
            );
        }
    }
}

/// The places a path rule may have.
const PLACES: [&str; 7] = ["branch", "group", "kind", "date", "year", "title", "*"];

/// A path rule with a misspelt place would match nothing, and nobody would know.
fn check_rules(values: &Values, out: &mut Vec<Diagnostic>) {
    for row in values.rows("paths") {
        for key in ["pattern", "title"] {
            let Some(text) = row.text(key) else { continue };
            for rest in text.split('{').skip(1) {
                let name = rest.split_once('}').map(|(name, _)| name);
                if name.is_some_and(|n| PLACES.contains(&n)) {
                    continue;
                }
                let shown = name.unwrap_or(rest);
                out.push(
                    Diagnostic::error(
                        "bad-pattern",
                        FILE,
                        row.span(key),
                        say!("路径规则里没有 `{{{shown}}}` 这种占位", "a path rule has no place `{{{shown}}}`"),
                    )
                    .hint(say!(
                        "可用：{{branch}} {{group}} {{kind}} {{date}} {{year}} {{title}} {{*}}",
                        "known: {{branch}} {{group}} {{kind}} {{date}} {{year}} {{title}} {{*}}"
                    )),
                );
            }
        }
    }
}

fn base_url(site: &Values, out: &mut Vec<Diagnostic>) -> String {
    let Some(url) = site.text("base_url") else { return String::new() };
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    if rest.is_none_or(|r| r.is_empty() || r.starts_with('/') || r.contains([' ', '?', '#', '"', '<', '>', '\\'])) {
        out.push(
            Diagnostic::error(
                "bad-value",
                FILE,
                site.span("base_url"),
                say!("`base_url` 应是完整网址", "`base_url` should be a full address"),
            )
            .hint(say!("如 https://dj.example.gov.cn/", "such as https://dj.example.gov.cn/")),
        );
        return String::new();
    }
    if url.ends_with('/') { url.to_owned() } else { format!("{url}/") }
}

/// The address of a search server: whole, or from the root of the site's own host.
fn endpoint(search: &Values, out: &mut Vec<Diagnostic>) -> Option<String> {
    let url = search.text("endpoint")?;
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).or(url.strip_prefix('/'));
    if rest.is_none_or(|r| r.is_empty() || r.starts_with('/') || r.contains([' ', '#', '"', '<', '>', '\\'])) {
        out.push(
            Diagnostic::error(
                "bad-value",
                FILE,
                search.span("endpoint"),
                say!(
                    "`endpoint` 应是完整网址，或从本站主机根目录起的地址",
                    "`endpoint` should be a full address, or one from the root of the site's host"
                ),
            )
            .hint(say!(
                "如 /api/search，或 https://es.example.gov.cn/wencun/_search",
                "such as /api/search, or https://es.example.gov.cn/archive/_search"
            )),
        );
        return None;
    }
    Some(url.to_owned())
}

/// Reads the hosts pages may load from: a scheme and a host, nothing that could be another word of a policy.
fn hosts(security: &Values, out: &mut Vec<Diagnostic>) -> Vec<String> {
    let is_host = |host: &str| {
        let rest = host.strip_prefix("https://").or_else(|| host.strip_prefix("http://")).unwrap_or_default();
        rest.starts_with(|c: char| c.is_ascii_alphanumeric())
            && rest.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':'))
    };
    let mut hosts = security.texts("hosts");
    hosts.retain(|host| {
        let good = is_host(host);
        if !good {
            out.push(
                Diagnostic::error(
                    "bad-value",
                    FILE,
                    security.span("hosts"),
                    say!("`{host}` 不是协议加主机名", "`{host}` is not a scheme and a host"),
                )
                .hint(say!("如 https://tongji.example.gov.cn", "such as https://stats.example.gov.cn")),
            );
        }
        good
    });
    hosts
}

fn last_characters(text: &str, n: usize) -> String {
    let skip = text.chars().count().saturating_sub(n);
    text.chars().skip(skip).collect()
}

/// Reads arbitrary bytes as a configuration and panics where a promise of this module is broken:
/// every place lies in the text, and every folder below the site's root.
///
/// For fuzzing and property tests.
#[doc(hidden)]
pub fn fuzz_config(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let mut out = Vec::new();
    let config = read(text, &mut out);
    for span in out.iter().filter_map(|d| d.span.clone()) {
        assert!(text.get(span.clone()).is_some(), "{span:?} is a place in a text of {}", text.len());
    }
    for name in [&config.content.dir, &config.output.dir, &config.site.theme] {
        assert!(!name.split('/').any(|p| matches!(p, "" | "." | "..")), "`{name}` stays below the root");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> (Config, Vec<&'static str>) {
        let mut out = Vec::new();
        let config = read(text, &mut out);
        (config, out.iter().map(|d| d.code).collect())
    }

    #[test]
    fn the_shipped_keys_are_documented() {
        for field in keys() {
            for column in &field.columns {
                assert!(!column.doc.zh.is_empty() && !column.doc.en.is_empty(), "{}.{}", field.key, column.key);
            }
        }
    }

    #[test]
    fn a_site_needs_only_a_title() {
        let (config, codes) = check("[site]\ntitle = \"云州支部文存\"\n");
        assert!(codes.is_empty(), "{codes:?}");
        assert_eq!((config.site.seal.as_str(), config.output.page_size), ("支部文存", 40));
    }

    #[test]
    fn unknown_and_impossible_values_are_told() {
        let (_, codes) =
            check("[site]\ntitel = \"x\"\nbase_url = \"dj\"\n[output]\ndir = \"../x\"\npage_size = 0\n[outptu]\n");
        assert_eq!(codes, ["unknown-key", "missing-key", "unknown-key", "bad-value", "bad-value", "bad-value"]);
    }

    #[test]
    fn search_is_there_unless_denied_and_asks_no_server_unless_told() {
        let search = |more: &str| check(&format!("[site]\ntitle = \"x\"\n[search]\n{more}\n"));
        let (config, codes) = search("");
        assert!(codes.is_empty() && config.search.enabled && config.search.endpoint.is_none());
        assert!(!search("enabled = false").0.search.enabled);
        let (config, codes) = search("endpoint = \"https://es.example/w/_search\"\nendpoint_kind = \"elasticsearch\"");
        assert_eq!(codes, Vec::<&str>::new());
        assert_eq!(config.search.endpoint_kind, EndpointKind::Elasticsearch);
        for wrong in ["search", "//es.example/x", "ftp://es.example/", "https://", "/a b", "javascript:alert(1)"] {
            let (config, codes) = search(&format!("endpoint = \"{wrong}\""));
            assert_eq!((config.search.endpoint, codes), (None, vec!["bad-value"]), "{wrong}");
        }
    }
}
