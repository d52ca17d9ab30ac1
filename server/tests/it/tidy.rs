//! The house rules that a machine can check.

use std::{
    fs,
    path::{Path, PathBuf},
};

fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = ["app/src", "server/src", "frontend/src"]
        .iter()
        .map(|folder| root.join(folder))
        .collect();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    assert!(found.len() > 50, "the sources were found");
    found
}

#[test]
fn there_are_no_junk_drawers() {
    for (path, _) in sources() {
        for junk in [
            "utils", "util", "common", "helpers", "misc", "types", "shared",
        ] {
            assert!(
                !path.components().any(|part| part
                    .as_os_str()
                    .to_string_lossy()
                    .trim_end_matches(".rs")
                    == junk),
                "{path:?}"
            );
        }
    }
}

#[test]
fn sql_lives_in_stores() {
    for (path, text) in sources() {
        let home = path.ends_with("store.rs")
            || path.ends_with("db.rs")
            || path.ends_with("search.rs")
            || path
                .components()
                .any(|part| part.as_os_str() == "demo" || part.as_os_str() == "store");
        let holds = ["sqlx::query", "QueryBuilder"]
            .iter()
            .any(|word| text.contains(word));
        assert!(home || !holds, "{path:?} holds SQL");
    }
}

#[test]
fn every_file_says_what_it_is() {
    for (path, text) in sources() {
        assert!(
            text.starts_with("//!")
                || path.ends_with("model.rs")
                || path.to_string_lossy().ends_with("tests.rs"),
            "{path:?} has no doc comment"
        );
    }
}

#[test]
fn modules_are_gated_and_lines_are_not() {
    for (path, text) in sources()
        .into_iter()
        .filter(|(path, _)| !path.ends_with("lib.rs") && !path.ends_with("mod.rs"))
    {
        assert!(!text.contains("#[cfg(feature"), "{path:?} gates a line");
    }
}

#[test]
fn only_escaped_data_is_shown_as_html() {
    for (path, text) in sources() {
        let escapes = path.ends_with("ui/markup.rs");
        assert!(escapes || !text.contains("inner_html"), "{path:?}");
        // What `raw` takes must stand in the source.
        assert!(!text.contains("leak("), "{path:?}");
    }
}
