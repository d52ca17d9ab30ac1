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
    println!("cargo::rerun-if-changed=src");
    let mut hasher = DefaultHasher::new();
    read(Path::new("src"), &mut hasher)?;
    println!("cargo::rustc-env=APP_SOURCES={:016x}", hasher.finish());
    Ok(())
}

fn read(folder: &Path, hasher: &mut DefaultHasher) -> io::Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        path.hash(hasher);
        if entry.file_type()?.is_dir() {
            read(&path, hasher)?;
        } else {
            fs::read(&path)?.hash(hasher);
        }
    }
    Ok(())
}
