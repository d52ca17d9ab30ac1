//! The design system: no domain words.

pub mod effects;
pub mod time;
