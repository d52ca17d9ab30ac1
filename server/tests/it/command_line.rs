//! The binary as a shell starts it: what it says, and what it ends with.

use std::process::{Command, Output};

fn mothball(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mothball"));
    // Nothing but what a test says: neither its database nor a proxy.
    command.args(arguments).env_clear();
    command
}

/// What a command came to.
struct Ended {
    code: Option<i32>,
    out: String,
    err: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ended {
    fn says(&self, code: i32, parts: &[&str]) {
        let all = format!("{:?}\n{}\n{}", self.code, self.out, self.err);
        assert_eq!(self.code, Some(code), "{all}");
        for part in parts {
            assert!(all.contains(part), "{part}: {all}");
        }
    }
}

#[test]
fn what_is_typed_wrongly_ends_with_1_and_help_with_0() {
    let file = ["bulk", "archive", "--api-key", "x", "--file", "-"];
    for (arguments, code, said) in [
        (&["bulk", "archive", "--nonsense"][..], 1, "--nonsense"),
        (&["bulk", "archive"], 1, "--file"),
        (
            &[&file[..], &["--rows", "invoices"]].concat(),
            1,
            "invoices",
        ),
        (&["nonsense"], 1, "nonsense"),
        (&["key", "add"], 1, "--name"),
        (&["seed-demo", "--customers", "0"], 1, "0 is not in 1"),
        (&[], 1, "Usage"),
        (&["bulk"], 1, "Usage"),
        (&["--help"], 0, "Usage"),
        (&["help", "bulk"], 0, "Usage"),
        (&["--version"], 0, "mothball "),
        (&["bulk", "unarchive", "--help"], 0, "Ends with 0 when"),
    ] {
        let ended = Ended::from(mothball(arguments).output().unwrap());
        ended.says(code, &[said]);
        assert_eq!(ended.out.is_empty(), code != 0, "{arguments:?}");
    }
}
