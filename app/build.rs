//! Notices new migrations: they are compiled into the binary, and a new file alone changes no source.

fn main() {
    println!("cargo:rerun-if-changed=../migrations");
}
