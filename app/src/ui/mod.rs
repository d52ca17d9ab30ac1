//! The design system: no domain words.
