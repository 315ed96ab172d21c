//! A theme: templates, static files and strings. The one built in is the ground; a site's
//! `themes/<name>/` replaces it file by file.

use super::contrast;
use crate::config::Config;
use crate::diagnostic::{Diagnostic, Error, Lang};
use crate::digest::Digest;
use crate::disk::{Disk, join};
use crate::say;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use include_dir::{Dir, include_dir};
use sha2::{Digest as _, Sha256};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tera::{Context, Kwargs, State, Tera, TeraResult};

/// Room for a page of usual size, so that its buffer need not grow.
const PAGE_SIZE: usize = 16 * 1024;

static SHIPPED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/themes/default");

/// Returns the files of the theme built in: path, bytes.
pub fn embedded() -> Vec<(&'static str, &'static [u8])> {
    fn walk(dir: &'static Dir<'static>, out: &mut Vec<(&'static str, &'static [u8])>) {
        for file in dir.files() {
            if let Some(path) = file.path().to_str() {
                out.push((path, file.contents()));
            }
        }
        for dir in dir.dirs() {
            walk(dir, out);
        }
    }
    let mut out = Vec::new();
    walk(&SHIPPED, &mut out);
    out.sort();
    out
}

/// A theme, ready to render.
pub struct Theme {
    tera: Tera,
    files: BTreeMap<String, Cow<'static, [u8]>>,
    strings: Arc<Strings>,
    /// Where each template was read from, as diagnostics name it.
    places: BTreeMap<String, String>,
    words: Words,
}

/// What a page says of a script it loads: a change of its address for each change of its bytes, so that no browser
/// pairs a new page with an old script, and what it must be to be run.
#[derive(Debug, Clone)]
struct Script {
    address: String,
    integrity: String,
}

impl Script {
    fn of(path: &str, bytes: &[u8]) -> Script {
        let address = format!("assets/{path}?v={}", &Digest::of(bytes).to_hex()[..8]);
        Script { address, integrity: format!("sha256-{}", BASE64_STANDARD.encode(Sha256::digest(bytes))) }
    }
}

/// The words of a theme's templates. A value whose key is not among them is printed by no template.
#[derive(Debug)]
enum Words {
    /// Templates go through maps without naming their keys: every word may be meant.
    All,
    /// These and no others.
    These(BTreeSet<String>),
}

impl Words {
    /// Collects the words of templates.
    fn of(templates: &[(String, String)]) -> Words {
        let mut words = BTreeSet::new();
        for (_, text) in templates {
            if goes_through_maps(text) {
                return Words::All;
            }
            // The name of an element is no key; `<meta` is in every page.
            let text = text.replace("<meta ", " ");
            let found = text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|w| !w.is_empty());
            words.extend(found.map(str::to_owned));
        }
        Words::These(words)
    }
}

/// Tells whether a template may print a map whose keys it does not name.
fn goes_through_maps(text: &str) -> bool {
    let takes_pairs = |rest: &str| rest.split_once(" in ").is_some_and(|(names, _)| names.contains(','));
    let dumps = ["__tera_context", "pairs", "values", "keys", "json_encode"];
    dumps.iter().any(|word| text.contains(word)) || text.split("for ").skip(1).any(takes_pairs)
}

/// The words of the interface, by key (`list.count`).
#[derive(Debug, Default)]
struct Strings(BTreeMap<String, String>);

impl Strings {
    fn say(&self, key: &str, values: &[(&str, String)]) -> String {
        let Some(text) = self.0.get(key) else { return key.to_owned() };
        values.iter().fold(text.clone(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    }
}

/// The files of a theme as read, not yet understood.
#[derive(Debug, Clone)]
pub struct Sources {
    files: BTreeMap<String, (Cow<'static, [u8]>, String)>,
}

impl Sources {
    /// Reads the theme of a site.
    pub fn read(disk: &dyn Disk, root: &str, config: &Config, out: &mut Vec<Diagnostic>) -> Result<Sources, Error> {
        let name = config.site.theme.as_str();
        let shipped = |(p, b): (&'static str, &'static [u8])| {
            (p.replace('\\', "/"), (Cow::Borrowed(b), format!("themes/default/{p}")))
        };
        let folder = join(root, &format!("themes/{name}"));
        if name != "default" && !disk.is_folder(&folder) {
            out.push(
                Diagnostic::error(
                    "no-theme",
                    crate::config::FILE,
                    None,
                    say!("没有 `themes/{name}/` 这个主题", "no theme `themes/{name}/`"),
                )
                .hint(say!(
                    "用 `beilin eject theme` 拷出一份再改，或去掉 theme 一行",
                    "`beilin eject theme` copies one to change, or drop the `theme` line"
                )),
            );
        }
        let found = disk
            .walk(&folder)
            .map_err(|e| Error::new(say!("读不了主题 `{folder}`", "cannot list the theme `{folder}`"), e))?;
        let mut own = BTreeMap::new();
        for file in found.into_iter().filter(|f| f.plain && !f.path.split('/').any(|p| p.starts_with('.'))) {
            let place = join(&folder, &file.path);
            let bytes =
                disk.read(&place).map_err(|e| Error::new(say!("读不了 `{place}`", "cannot read `{place}`"), e))?;
            own.insert(file.path.clone(), (bytes.into(), format!("themes/{name}/{}", file.path)));
        }
        let stands_alone = own.get("theme.toml").is_some_and(|(text, _): &(Cow<'static, [u8]>, String)| is_alone(text));
        let ground = embedded().into_iter().map(shipped).filter(|(p, _)| !stands_alone || p.starts_with("strings/"));
        let mut files: BTreeMap<String, (Cow<'static, [u8]>, String)> = ground.collect();
        files.extend(own);
        let colors = config.colors.css();
        if !colors.is_empty() {
            files.insert(COLORS.to_owned(), (colors.into_bytes().into(), crate::config::FILE.to_owned()));
        }
        if join_styles(&mut files) {
            let css = files.get(STYLESHEET).map_or(Cow::default(), |(bytes, _)| String::from_utf8_lossy(bytes));
            contrast::check(&css, &config.colors, &format!("themes/{name}/styles"), out);
        }
        Ok(Sources { files })
    }

    /// Returns the digest of everything that pages are made with: templates, strings, and the scripts whose digests
    /// stand in pages.
    pub fn closure(&self) -> Digest {
        let of = |(path, (bytes, _)): (&String, &(Cow<'static, [u8]>, String))| (path.clone(), Digest::of(bytes));
        let is_of_pages = |path: &str| !path.starts_with("static/") || is_script(path);
        let parts: Vec<_> = self.files.iter().filter(|(p, _)| is_of_pages(p)).map(of).collect();
        Digest::of_value(&parts)
    }

    /// Returns the static files with their digests.
    pub fn statics(&self) -> BTreeMap<String, Digest> {
        let of = |(path, (bytes, _)): (&String, &(Cow<'static, [u8]>, String))| {
            Some((path.strip_prefix("static/")?.to_owned(), Digest::of(bytes)))
        };
        self.files.iter().filter_map(of).collect()
    }
}

/// The stylesheet, among the files of a theme.
const STYLESHEET: &str = "static/beilin.css";
/// The site's own colours among the parts of the stylesheet: behind all tokens, before print, which has none.
const COLORS: &str = "styles/7-z-colors.css";

/// Joins the parts of the stylesheet (`styles/*.css`, by name) to one file, for one file is one answer to wait for.
/// A site that has the whole of its own keeps that. Tells whether it is joined.
fn join_styles(files: &mut BTreeMap<String, (Cow<'static, [u8]>, String)>) -> bool {
    let is_part = |path: &&String| path.starts_with("styles/") && path.ends_with(".css");
    let parts: Vec<String> = files.keys().filter(is_part).cloned().collect();
    let mut joined = Vec::new();
    for (bytes, _) in parts.iter().filter_map(|part| files.remove(part)) {
        joined.extend_from_slice(&bytes);
        joined.push(b'\n');
    }
    if joined.is_empty() || files.contains_key(STYLESHEET) {
        return false;
    }
    files.insert(STYLESHEET.to_owned(), (joined.into(), "themes/default/styles".to_owned()));
    true
}

fn is_script(path: &str) -> bool {
    path.ends_with(".js")
}

/// Tells whether a `theme.toml` says that its theme does not stand on the one built in.
fn is_alone(text: &[u8]) -> bool {
    let table = std::str::from_utf8(text).ok().and_then(|t| toml::from_str::<toml::Table>(t).ok());
    table.is_some_and(|t| t.get("alone").and_then(toml::Value::as_bool) == Some(true))
}

impl Theme {
    /// Makes a theme of its files.
    pub fn new(sources: Sources, lang: Lang, out: &mut Vec<Diagnostic>) -> Theme {
        let mut templates = Vec::new();
        let mut files = BTreeMap::new();
        let mut places = BTreeMap::new();
        let mut strings = Strings::default();
        for (path, (bytes, place)) in sources.files {
            if let Some(static_path) = path.strip_prefix("static/") {
                files.insert(static_path.to_owned(), bytes);
                continue;
            }
            let text = match String::from_utf8(bytes.into_owned()) {
                Ok(text) => text,
                Err(_) => {
                    out.push(Diagnostic::error("encoding", &place, None, say!("不是 UTF-8 编码", "not UTF-8")));
                    continue;
                }
            };
            if let Some(template) = path.strip_prefix("templates/") {
                places.insert(template.to_owned(), place);
                templates.push((template.to_owned(), text));
            } else if path == strings_path(lang) {
                read_strings(&text, &place, &mut strings, out);
            }
        }
        fill_strings(lang, &mut strings);
        let strings = Arc::new(strings);
        let words = Words::of(&templates);
        let scripts = files.iter().filter(|(path, _)| is_script(path));
        let scripts = scripts.map(|(path, bytes)| (path.clone(), Script::of(path, bytes))).collect();
        let tera = load_templates(templates, &places, &strings, scripts, out);
        Theme { tera, files, strings, places, words }
    }

    /// Loads the theme of a site.
    pub fn load(disk: &dyn Disk, root: &str, config: &Config, out: &mut Vec<Diagnostic>) -> Result<Theme, Error> {
        Ok(Theme::new(Sources::read(disk, root, config, out)?, config.site.lang, out))
    }

    /// Returns the names of the static files.
    pub fn file_names(&self) -> Vec<String> {
        self.files.keys().cloned().collect()
    }

    /// Returns a static file.
    pub fn file(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(AsRef::as_ref)
    }

    /// Returns a string of the interface with its places filled.
    pub fn say(&self, key: &str, values: &[(&str, String)]) -> String {
        self.strings.say(key, values)
    }

    /// Returns the strings whose keys begin with a prefix, by what follows it.
    pub fn strings<'s>(&'s self, prefix: &'s str) -> impl Iterator<Item = (&'s str, &'s str)> {
        self.strings.0.iter().filter_map(move |(key, text)| Some((key.strip_prefix(prefix)?, text.as_str())))
    }

    /// Tells whether a template names a key: what none names need not be made.
    pub fn names(&self, key: &str) -> bool {
        match &self.words {
            Words::All => true,
            Words::These(words) => words.contains(key),
        }
    }

    /// Tells whether there is a template of this name.
    pub fn has(&self, template: &str) -> bool {
        self.tera.contains_template(template)
    }

    /// Renders a template to the bytes of a page.
    pub fn render(&self, template: &str, context: &Context) -> Result<Vec<u8>, Box<Diagnostic>> {
        let mut html = Vec::with_capacity(PAGE_SIZE);
        self.tera.render_to(template, context, &mut html).map_err(|e| Box::new(fault(&e, &self.places, template)))?;
        Ok(html)
    }
}

fn strings_path(lang: Lang) -> &'static str {
    match lang {
        Lang::Zh => "strings/zh-CN.toml",
        Lang::En => "strings/en.toml",
    }
}

fn read_strings(text: &str, place: &str, strings: &mut Strings, out: &mut Vec<Diagnostic>) {
    match toml::from_str::<BTreeMap<String, toml::Value>>(text) {
        Ok(table) => table.into_iter().for_each(|(k, v)| flatten(k, v, strings)),
        Err(e) => {
            let message = e.message().to_owned();
            out.push(Diagnostic::error(
                "strings",
                place,
                e.span(),
                say!("界面用语文件有误：{message}", "invalid strings file: {message}"),
            ));
        }
    }
}

fn flatten(key: String, value: toml::Value, strings: &mut Strings) {
    match value {
        toml::Value::Table(t) => t.into_iter().for_each(|(k, v)| flatten(format!("{key}.{k}"), v, strings)),
        toml::Value::String(s) => {
            strings.0.insert(key, s);
        }
        other => {
            strings.0.insert(key, other.to_string());
        }
    }
}

/// A theme with strings of its own may lack newer ones: those built in fill the gaps.
fn fill_strings(lang: Lang, strings: &mut Strings) {
    let shipped = SHIPPED.get_file(strings_path(lang)).and_then(|f| f.contents_utf8()).unwrap_or("");
    let mut ground = Strings::default();
    read_strings(shipped, "", &mut ground, &mut Vec::new());
    for (key, text) in ground.0 {
        strings.0.entry(key).or_insert(text);
    }
}

fn load_templates(
    templates: Vec<(String, String)>,
    places: &BTreeMap<String, String>,
    strings: &Arc<Strings>,
    scripts: BTreeMap<String, Script>,
    out: &mut Vec<Diagnostic>,
) -> Tera {
    let mut tera = Tera::new();
    // Most strings have no places to fill: their values are made once.
    let words: BTreeMap<String, (String, Option<tera::Value>)> = strings
        .0
        .iter()
        .map(|(key, text)| {
            (key.clone(), (text.clone(), (!text.contains('{')).then(|| tera::Value::from(text.as_str()))))
        })
        .collect();
    tera.register_function("t", move |args: Kwargs, _: &State<'_>| -> TeraResult<tera::Value> {
        let key = args.must_get::<&str>("k")?;
        let Some((text, whole)) = words.get(key) else {
            return Err(tera::Error::message(format!("no string `{key}` in strings/")));
        };
        if let Some(whole) = whole {
            return Ok(whole.clone());
        }
        let mut filled = text.clone();
        for name in places_of(text) {
            let value = match args.get::<tera::Value>(name)? {
                Some(v) => v.to_string(),
                None => continue,
            };
            filled = filled.replace(&format!("{{{name}}}"), &value);
        }
        Ok(filled.into())
    });
    let scripts = Arc::new(scripts);
    let of_script = |pick: fn(&Script) -> &str| {
        let scripts = Arc::clone(&scripts);
        move |args: Kwargs, _: &State<'_>| -> TeraResult<tera::Value> {
            let file = args.must_get::<&str>("f")?;
            let script = scripts.get(file);
            let script = script.ok_or_else(|| tera::Error::message(format!("no script `{file}` in static/")))?;
            Ok(tera::Value::from(pick(script)))
        }
    };
    tera.register_function("script", of_script(|s| &s.address));
    tera.register_function("integrity", of_script(|s| &s.integrity));
    if let Err(e) = tera.add_raw_templates(templates) {
        out.push(fault(&e, places, ""));
    }
    tera
}

/// Returns the names between braces in a string.
fn places_of(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
}

/// Says what a template stumbled over, at its place.
fn fault(error: &tera::Error, places: &BTreeMap<String, String>, template: &str) -> Diagnostic {
    use tera::ErrorKind;
    let place = |name: &str| places.get(name).cloned().unwrap_or_else(|| format!("templates/{name}"));
    match error.kind() {
        ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => {
            let message = report.message();
            let span = report.span();
            Diagnostic::error(
                "template",
                &place(report.filename()),
                Some(span.range.clone()),
                say!("模板有误：{message}", "template: {message}"),
            )
        }
        ErrorKind::MissingParent { current, parent } => Diagnostic::error(
            "template",
            &place(current),
            None,
            say!("模板有误：没有 `{parent}` 这个模板可扩展", "template: no template `{parent}` to extend"),
        ),
        _ => {
            let message = error.to_string();
            Diagnostic::error("template", &place(template), None, say!("模板有误：{message}", "template: {message}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::Memory;

    fn config(theme: &str, lang: Lang) -> Config {
        let mut config = Config::default();
        (config.site.theme, config.site.lang) = (theme.to_owned(), lang);
        config
    }

    fn load(files: &[(&str, &str)], lang: Lang) -> (Theme, Vec<Diagnostic>) {
        let mut out = Vec::new();
        let theme =
            Theme::load(&Memory::new(files.iter().copied()), "s", &config("default", lang), &mut out).expect("loads");
        (theme, out)
    }

    #[test]
    fn the_theme_built_in_loads_in_both_languages() {
        for lang in [Lang::Zh, Lang::En] {
            let (theme, out) = load(&[], lang);
            assert!(out.is_empty(), "{out:?}");
            assert!(theme.has("home.html") && theme.file("beilin.css").is_some());
        }
    }

    #[test]
    fn both_languages_have_the_same_strings() {
        let (zh, en) = (load(&[], Lang::Zh).0, load(&[], Lang::En).0);
        assert_eq!(zh.strings.0.keys().collect::<Vec<_>>(), en.strings.0.keys().collect::<Vec<_>>());
    }

    #[test]
    fn a_theme_that_stands_alone_has_its_own_templates_and_every_string() {
        let mut out = Vec::new();
        let files = [
            ("s/themes/own/theme.toml", "alone = true\n"),
            ("s/themes/own/templates/404.html", "{{ t(k=\"site.home\") }}"),
        ];
        let theme = Theme::load(&Memory::new(files), "s", &config("own", Lang::Zh), &mut out).expect("loads");
        assert!(out.is_empty(), "{out:?}");
        assert_eq!(theme.render("404.html", &Context::new()).expect("renders"), "首页".as_bytes());
        assert!(!theme.has("home.html") && theme.file("beilin.css").is_none());
    }

    #[test]
    fn a_key_no_template_names_is_not_named_unless_one_goes_through_maps() {
        let words = |text: &str| Words::of(&[("a.html".to_owned(), text.to_owned())]);
        let Words::These(named) = words("<meta charset=\"utf-8\">{% if page.og %}{{ page[\"title\"] }}{% endif %}")
        else {
            panic!("no map is gone through")
        };
        assert!(named.contains("og") && named.contains("title") && !named.contains("meta"), "{named:?}");
        for text in ["{{ __tera_context }}", "{% for k, v in page %}{{ v }}{% endfor %}", "{{ page | values }}"] {
            assert!(matches!(words(text), Words::All), "{text}");
        }
    }

    #[test]
    fn a_site_replaces_one_file_and_a_fault_in_it_has_a_place() {
        let (theme, out) =
            load(&[("s/themes/default/templates/404.html", "自己的 {{ t(k=\"site.home\") }}")], Lang::Zh);
        assert!(out.is_empty(), "{out:?}");
        assert_eq!(theme.render("404.html", &Context::new()).expect("renders"), "自己的 首页".as_bytes());
        let (_, out) = load(&[("s/themes/default/templates/404.html", "行一\n{% if %}")], Lang::Zh);
        assert_eq!((out[0].code, out[0].path.as_str()), ("template", "themes/default/templates/404.html"));
        assert!(out[0].span.as_ref().is_some_and(|s| s.start >= "行一\n".len()), "{out:?}");
    }
}
