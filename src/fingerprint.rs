//! The build script: tells the tool which sources it was made of, so that a cache left by other
//! sources is not trusted, whatever their version number says.
#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a build script reads files and talks to cargo")]

use std::path::Path;

fn main() -> std::io::Result<()> {
    let mut hasher = blake3::Hasher::new();
    for part in ["Cargo.toml", "Cargo.lock", "src", "themes"] {
        println!("cargo:rerun-if-changed={part}");
        feed(Path::new(part), &mut hasher)?;
    }
    println!("cargo:rustc-env=BEILIN_FINGERPRINT={}", &hasher.finalize().to_hex()[..16]);
    println!("cargo:rustc-env=BEILIN_PICTURES={}", &pictures()?.to_hex()[..16]);
    Ok(())
}

/// What copies of pictures are made by: our sources and these libraries. Another tool with the same hand goes on with
/// the copies there are.
const ENCODERS: [&str; 12] = [
    "fast_image_resize",
    "fdeflate",
    "gif",
    "image",
    "image-webp",
    "libwebp-sys",
    "moxcms",
    "png",
    "webp",
    "weezl",
    "zune-core",
    "zune-jpeg",
];

fn pictures() -> std::io::Result<blake3::Hash> {
    let mut hasher = blake3::Hasher::new();
    feed(Path::new("src/picture"), &mut hasher)?;
    feed(Path::new("src/picture.rs"), &mut hasher)?;
    let lock = std::fs::read_to_string("Cargo.lock").unwrap_or_default();
    for package in lock.split("[[package]]") {
        let is_one = |name: &&str| package.lines().any(|line| line == format!("name = \"{name}\""));
        if ENCODERS.iter().any(is_one) {
            hasher.update(package.as_bytes());
        }
    }
    Ok(hasher.finalize())
}

fn feed(path: &Path, hasher: &mut blake3::Hasher) -> std::io::Result<()> {
    if path.is_dir() {
        let mut entries = std::fs::read_dir(path)?.map(|e| Ok(e?.path())).collect::<std::io::Result<Vec<_>>>()?;
        // Sorted, because the order of a folder differs between file systems.
        entries.sort();
        return entries.iter().try_for_each(|entry| feed(entry, hasher));
    }
    // What is not there (a package without its lock file) adds nothing.
    let Ok(bytes) = std::fs::read(path) else { return Ok(()) };
    hasher.update(path.to_string_lossy().as_bytes()).update(&(bytes.len() as u64).to_le_bytes()).update(&bytes);
    Ok(())
}
