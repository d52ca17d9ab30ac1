//! Services through the real router on real PostgreSQL. Every test has a database of its own.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod archive;
mod archivers;
mod bulk;
mod bulk_forms;
mod bulk_guards;
mod bulk_runs;
mod bulk_shown;
mod bulk_waits;
mod command_line;
mod configurations;
mod corpus;
mod crash_points;
mod doors;
mod harness;
mod keys;
mod kills;
mod loads;
mod moving_worlds;
mod orders;
mod overlaps;
mod panics;
mod preview;
mod races;
mod sessions;
mod sign_in;
mod skew;
mod strangers;
mod tidy;
mod wire;
mod witness;
mod worlds;
