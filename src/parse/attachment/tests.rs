use super::*;
use crate::diagnostic::Severity;
use std::fmt::Write as _;
use std::io::Write as _;

fn told(name: &str, bytes: &[u8]) -> Vec<Diagnostic> {
    inspect(name, bytes, &Limits::default())
}

fn drawing(inside: &str) -> Vec<Diagnostic> {
    let text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\">{inside}</svg>"
    );
    let out = told("a/x.svg", text.as_bytes());
    for d in &out {
        let span = d.span.clone().expect("a place");
        assert!(text.get(span).is_some(), "a place in the text: {d:?}");
        assert_eq!(d.severity, Severity::Error);
    }
    out
}

#[test]
fn drawings_of_drawing_programs_are_published() {
    for good in [
        "<rect width=\"1\" height=\"1\" fill=\"url(#g)\" style=\"stroke:#000;filter:url('#f')\"/>",
        "<defs><linearGradient id=\"g\"><stop offset=\"0\"/></linearGradient></defs>",
        "<style>.a{fill:#a3271d}</style><text class=\"a\">党 &amp; 群 &#x515A;</text>",
        "<use xlink:href=\"#g\"/><a href=\"https://www.gov.cn/\"><text>x</text></a>",
        "<image href=\"data:image/png;base64,iVBORw0KGgo=\"/>",
        "<sodipodi:namedview xmlns:sodipodi=\"http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd\" pagecolor=\"#fff\"/>",
        "<!-- Generator --><metadata><x:xmpmeta xmlns:x=\"adobe:ns:meta/\"/></metadata>",
    ] {
        assert_eq!(drawing(good), Vec::new(), "{good}");
    }
    let illustrator = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" \"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd\">\n<svg xmlns=\"http://www.w3.org/2000/svg\"><g/></svg>\n";
    assert_eq!(told("x.svg", illustrator.as_bytes()), Vec::new());
}

#[test]
fn a_drawing_that_runs_loads_or_leads_elsewhere_is_refused_at_its_place() {
    for bad in [
        "<script>alert(1)</script>",
        "<script href=\"x.js\"/>",
        "<g onload=\"alert(1)\"/>",
        "<g ONCLICK=\"alert(1)\"/>",
        "<foreignObject><p/></foreignObject>",
        "<h:script xmlns:h=\"http://www.w3.org/1999/xhtml\">alert(1)</h:script>",
        "<iframe/>",
        "<animate attributeName=\"href\" to=\"javascript:alert(1)\"/>",
        "<set attributeName=\"onclick\" to=\"alert(1)\"/>",
        "<a href=\"javascript:alert(1)\"/>",
        "<a xlink:href=\" java&#x09;script:alert(1)\"/>",
        "<a href=\"data:text/html,x\"/>",
        "<use href=\"https://evil.example/x.svg#a\"/>",
        "<use href=\"other.svg#a\"/>",
        "<image href=\"https://evil.example/x.png\"/>",
        "<image href=\"data:image/svg+xml;base64,PHN2Zy8+\"/>",
        "<feImage href=\"https://evil.example/x.png\"/>",
        "<style>@import 'https://evil.example/x.css';</style>",
        "<style><![CDATA[rect{fill:url(https://evil.example/x)}]]></style>",
        "<rect style=\"fill:url(//evil.example/x)\"/>",
        "<rect fill=\"u\\72l(https://evil.example/x)\"/>",
        "<rect xml:base=\"https://evil.example/\"/>",
        "<handler/>",
        "<text>&evil;</text>",
        "<text x=\"&evil;\"/>",
        "<?xml-stylesheet href=\"https://evil.example/x.css\"?>",
    ] {
        assert!(!drawing(bad).is_empty(), "{bad}");
    }
    for bad in [
        "<!DOCTYPE svg [<!ENTITY a \"x\">]><svg xmlns=\"http://www.w3.org/2000/svg\"/>",
        "<?xml version=\"1.0\" encoding=\"UTF-7\"?><svg xmlns=\"http://www.w3.org/2000/svg\"/>",
        "<?xml ver(\">\")\"><script>x()</script> UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
        "<svg xmlns=\"http://www.w3.org/2000/svg\"><?xml version=\"1.0\"?></svg>",
        "<html xmlns=\"http://www.w3.org/1999/xhtml\"><script/></html>",
        "<svg xmlns=\"http://www.w3.org/2000/svg\"><g></svg>",
        "",
        "x",
    ] {
        assert!(!told("x.svg", bad.as_bytes()).is_empty(), "{bad}");
    }
    assert!(!told("x.svg", b"\xff\xfe<\0s\0v\0g\0").is_empty(), "UTF-16");
}

#[test]
fn a_drawing_that_laughs_a_billion_times_is_counted_not_drawn() {
    let mut entities = String::from("<!DOCTYPE svg [<!ENTITY l0 \"ha\">");
    let mut uses = String::from("<g id=\"l0\"><path/></g>");
    for n in 1..40 {
        let _ = write!(entities, "<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10));
        let _ = write!(uses, "<g id=\"l{n}\">{}</g>", format!("<use href=\"#l{}\"/>", n - 1).repeat(10));
    }
    let entities = format!("{entities}]><svg xmlns=\"http://www.w3.org/2000/svg\"><text>&l39;</text></svg>");
    assert!(!told("x.svg", entities.as_bytes()).is_empty());
    assert_eq!(drawing(&uses).len(), 1);
    assert_eq!(drawing("<g id=\"a\"><use href=\"#b\"/></g><g id=\"b\"><use href=\"#a\"/></g>").len(), 1, "a circle");
    assert_eq!(drawing("<pattern id=\"p\"><rect fill=\"url(#p)\"/></pattern><rect fill=\"url(#p)\"/>").len(), 1);
    assert!(!drawing(&format!("{}{}", "<g>".repeat(100_000), "</g>".repeat(100_000))).is_empty(), "depth");
    assert!(!drawing(&"<g/>".repeat(200_001)).is_empty(), "number");
    assert!(drawing(&"<g onload=\"x\"/>".repeat(10_000)).len() <= 20, "few are told");
}

#[test]
fn what_somebodys_program_runs_is_not_published() {
    for name in ["a.html", "A.HTM", "x.js", "通知.xml", "报表.exe", "x.php", "x.svgz", "附件.lnk", ".htm"] {
        assert_eq!(told(name, b"x").len(), 1, "{name}");
    }
    for name in ["a.pdf", "a.ofd", "a.csv", "a.txt", "a.docx", "html", "js", "a.html.pdf"] {
        assert_eq!(told(name, b"x"), Vec::new(), "{name}");
    }
    for page in ["<!DOCTYPE html><p>", "\u{feff} \n<HTML>", "<script>", "<?xml version='1.0'?>"] {
        assert_eq!(told("README", page.as_bytes()).len(), 1, "{page}");
        assert_eq!(told("a.txt", page.as_bytes()), Vec::new(), "a text is shown as text");
    }
    let allowed = Limits { allow: vec!["xml".into(), ".HTML".into()], ..Limits::default() };
    assert_eq!(inspect("a.xml", b"x", &allowed), Vec::new());
    assert_eq!(inspect("a.html", b"x", &allowed), Vec::new());
}

/// A ZIP with entries that are stored; the sizes they claim to have can be other than they are.
fn package(entries: &[(&str, u32)]) -> Vec<u8> {
    let (mut file, mut list) = (Vec::new(), Vec::new());
    for (name, claimed) in entries {
        let at = file.len() as u32;
        let common = |out: &mut Vec<u8>| {
            for n in [20u16, 0x800, 0, 0, 0x21] {
                out.extend(n.to_le_bytes());
            }
            for n in [0u32, 0, *claimed] {
                out.extend(n.to_le_bytes());
            }
            out.extend((name.len() as u16).to_le_bytes());
            out.extend(0u16.to_le_bytes());
        };
        file.extend(b"PK\x03\x04");
        common(&mut file);
        file.write_all(name.as_bytes()).expect("memory");
        list.extend(b"PK\x01\x02\x14\x00");
        common(&mut list);
        list.extend([0u8; 10]);
        list.extend(at.to_le_bytes());
        list.extend(name.as_bytes());
    }
    let (at, size, n) = (file.len() as u32, list.len() as u32, entries.len() as u16);
    file.extend(list);
    file.extend(b"PK\x05\x06\0\0\0\0");
    file.extend(n.to_le_bytes());
    file.extend(n.to_le_bytes());
    file.extend(size.to_le_bytes());
    file.extend(at.to_le_bytes());
    file.extend(0u16.to_le_bytes());
    file
}

#[test]
fn packages_are_believed_in_what_they_claim_and_never_unpacked() {
    let codes = |name: &str, bytes: &[u8]| told(name, bytes).iter().map(|d| d.code).collect::<Vec<_>>();
    let none: Vec<&str> = Vec::new();
    assert_eq!(codes("a.docx", &package(&[("word/document.xml", 40_000), ("a.png", 100)])), none);
    assert_eq!(codes("a.zip", &package(&[("a", 4_000_000_000), ("b", 4_000_000_000)])), ["limit"]);
    assert_eq!(codes("a.xlsx", &package(&[("xl/a.xml", 100 << 20)])), ["limit"], "a thousand times its size");
    assert_eq!(codes("a.zip", &package(&[("../../etc/passwd", 10)])), ["active-file"]);
    assert_eq!(codes("a.zip", &package(&[("/etc/passwd", 10)])), ["active-file"]);
    assert_eq!(codes("a.docm", &package(&[("word/vbaProject.bin", 10)])), ["active-file"]);
    assert_eq!(
        codes("a.bin", &package(&[("a", 4_000_000_000), ("b", 4_000_000_000)])),
        ["limit"],
        "whatever it is called"
    );
    // Whatever is changed in one, nothing is attempted.
    let good = package(&[("word/document.xml", 40_000), ("a.png", 100)]);
    for at in 0..good.len() {
        for byte in [0, 1, 0x7f, 0xff] {
            let mut bad = good.clone();
            bad[at] = byte;
            let _ = codes("a.docx", &bad);
            let _ = codes("a.docx", &bad[..at]);
        }
    }
    assert_eq!(codes("a.zip", b"PK\x03\x04broken"), none);
    assert_eq!(codes("a.zip", b""), none);
}
