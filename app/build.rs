//! Notices new migrations, which are compiled into the binary although no source names them. Names the build by its
//! sources: browser and server understand each other when both were made of the same.

use std::{
    collections::hash_map::DefaultHasher,
    fs,
    hash::{Hash, Hasher},
    io,
    path::Path,
};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=../migrations");
    let mut hasher = DefaultHasher::new();
    // The same sources with other libraries may write another message.
    for path in ["src", "Cargo.toml", "../Cargo.toml", "../Cargo.lock"] {
        println!("cargo::rerun-if-changed={path}");
        read(Path::new(path), &mut hasher)?;
    }
    println!("cargo::rustc-env=APP_SOURCES={:016x}", hasher.finish());
    Ok(())
}

/// A file, or every Rust file below a folder; what editors leave there is none of ours.
fn read(path: &Path, hasher: &mut DefaultHasher) -> io::Result<()> {
    path.hash(hasher);
    if !path.is_dir() {
        fs::read(path)?.hash(hasher);
        return Ok(());
    }
    let mut entries = fs::read_dir(path)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        let rust = path.extension().is_some_and(|ending| ending == "rs");
        if !hidden && (rust || path.is_dir()) {
            read(&path, hasher)?;
        }
    }
    Ok(())
}
