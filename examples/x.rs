//! x
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let input = beilin::Input { root: a[1].clone(), out: a.get(2).cloned(), as_of: None };
    let t = std::time::Instant::now();
    let r = beilin::build(&beilin::disk::Real, &input, &beilin::build::Unwatched);
    match r {
        Ok(r) => {
            for d in r.diagnostics.iter().take(60) {
                let text = std::fs::read_to_string(format!("{}/{}", a[1], d.path)).unwrap_or_default();
                let (l, c) = d.span.as_ref().map_or((0, 0), |s| beilin::diagnostic::line_column(&text, s.start));
                println!(
                    "{:?} {} {}:{l}:{c} {} | {}",
                    d.severity,
                    d.code,
                    d.path,
                    d.message.zh,
                    d.hint.as_ref().map_or("", |h| &h.zh)
                );
            }
            println!(
                "{} diags; records {} withheld {} pages {} files {} {:?} {:?}",
                r.diagnostics.len(),
                r.records,
                r.withheld,
                r.pages,
                r.files,
                r.written,
                t.elapsed()
            );
        }
        Err(e) => println!("{e}"),
    }
}
