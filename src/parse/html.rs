//! Writing HTML: escapes, nothing else.

/// What a byte of text becomes in HTML.
#[derive(Clone, Copy, PartialEq)]
enum Escape {
    Keep,
    Named(&'static str),
    /// A control character that neither HTML nor XML can hold (feeds carry bodies too).
    Drop,
}

const fn escapes(attribute: bool) -> [Escape; 128] {
    let mut table = [Escape::Keep; 128];
    let mut byte = 0;
    while byte < 0x20 {
        if byte != b'\t' as usize && byte != b'\n' as usize && byte != b'\r' as usize {
            table[byte] = Escape::Drop;
        }
        byte += 1;
    }
    table[0x7f] = Escape::Drop;
    table[b'&' as usize] = Escape::Named("&amp;");
    table[b'<' as usize] = Escape::Named("&lt;");
    table[b'>' as usize] = Escape::Named("&gt;");
    if attribute {
        table[b'"' as usize] = Escape::Named("&quot;");
    }
    table
}

static TEXT: [Escape; 128] = escapes(false);
static ATTRIBUTE: [Escape; 128] = escapes(true);

/// Appends text as the content of an element.
pub(crate) fn push_text(out: &mut String, text: &str) {
    push(out, text, &TEXT);
}

/// Appends text as the value of an attribute in double quotes.
pub(crate) fn push_value(out: &mut String, text: &str) {
    push(out, text, &ATTRIBUTE);
}

fn push(out: &mut String, text: &str, table: &[Escape; 128]) {
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        let Some(escape) = table.get(usize::from(byte)) else {
            continue;
        };
        let replacement = match escape {
            Escape::Keep => continue,
            Escape::Named(reference) => reference,
            Escape::Drop => "",
        };
        out.push_str(&text[from..at]);
        out.push_str(replacement);
        from = at + 1;
    }
    out.push_str(&text[from..]);
}

/// Appends raw text whose character references stand, without anything that could be a tag.
pub(crate) fn push_raw_text(out: &mut String, text: &str) {
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        let replacement = match byte {
            b'<' => "&lt;",
            b'>' => "&gt;",
            _ => continue,
        };
        out.push_str(&text[from..at]);
        out.push_str(replacement);
        from = at + 1;
    }
    out.push_str(&text[from..]);
}

/// Appends an address as the value of an attribute, with everything that is not plain ASCII percent-encoded.
pub(crate) fn push_address(out: &mut String, address: &str) {
    const HEXADECIMAL: &[u8; 16] = b"0123456789ABCDEF";
    for byte in address.bytes() {
        match byte {
            b'&' => out.push_str("&amp;"),
            b'\'' => out.push_str("&#x27;"),
            b'!' | b'#' | b'$' | b'%' | b'(' | b')' | b'*' | b'+' | b',' | b'-' | b'.' | b'/' | b':' | b';' | b'='
            | b'?' | b'@' | b'_' | b'~' => out.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => out.push(char::from(byte)),
            _ => {
                out.push('%');
                out.push(char::from(HEXADECIMAL[usize::from(byte >> 4)]));
                out.push(char::from(HEXADECIMAL[usize::from(byte & 15)]));
            }
        }
    }
}

/// Appends ` name="value"`.
pub(crate) fn push_attribute(out: &mut String, name: &str, value: &str) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    push_value(out, value);
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_values_hold_no_markup() {
        let mut out = String::new();
        push_text(&mut out, "a<b>&\"c\"\u{1}党\0");
        push_attribute(&mut out, "title", "\"><script>'");
        push_address(&mut out, "/党?a=1&b='\"<\\");
        push_raw_text(&mut out, "&amp;<");
        assert_eq!(
            out,
            "a&lt;b&gt;&amp;\"c\"党 title=\"&quot;&gt;&lt;script&gt;'\"/%E5%85%9A?a=1&amp;b=&#x27;%22%3C%5C&amp;&lt;"
        );
    }
}
