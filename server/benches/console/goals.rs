//! What is promised. A figure beyond its goal makes the bench fail, once it has printed everything.

use std::cell::RefCell;

pub(crate) const SCRIPT_KIB: f64 = 300.0;
pub(crate) const STYLE_KIB: f64 = 20.0;
pub(crate) const LIST_KIB: f64 = 25.0;
pub(crate) const COLD_START_MS: f64 = 500.0;
/// CPU of a list, of that of the bare page.
pub(crate) const LIST_RATIO: f64 = 2.5;
/// Time of archiving 1,000, of that of the bare statements.
pub(crate) const ARCHIVE_RATIO: f64 = 1.5;
/// Time of a bulk job, of that of the bare statements with their results.
pub(crate) const JOB_RATIO: f64 = 1.5;
/// Time a row of the largest job, of that of the smallest.
pub(crate) const GROWTH_RATIO: f64 = 1.5;
/// Memory that a job takes, however large.
pub(crate) const JOB_MIB: f64 = 30.0;
/// Of a list while a job runs, of that while nothing does.
pub(crate) const STARVED_RATIO: f64 = 2.0;
pub(crate) const STARVED_MS: f64 = 300.0;
/// Rows a second of a job while people look at lists.
pub(crate) const JOB_ROWS: f64 = 500.0;
pub(crate) const MEMORY_MB: f64 = 60.0;

#[derive(Default)]
pub(crate) struct Goals(RefCell<Vec<String>>);

impl Goals {
    pub(crate) fn at_most(&self, what: &str, figure: f64, goal: f64) {
        if figure > goal {
            let missed = format!("{what}: {figure:.2}, at most {goal}");
            self.0.borrow_mut().push(missed);
        }
    }

    pub(crate) fn at_least(&self, what: &str, figure: f64, goal: f64) {
        if figure < goal {
            let missed = format!("{what}: {figure:.2}, at least {goal}");
            self.0.borrow_mut().push(missed);
        }
    }

    pub(crate) fn told(self) -> Result<(), String> {
        let missed = self.0.into_inner();
        if missed.is_empty() {
            println!("\nEvery goal is met.");
            Ok(())
        } else {
            Err(format!("goals missed: {}", missed.join("; ")))
        }
    }
}
