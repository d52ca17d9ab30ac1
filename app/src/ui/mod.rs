//! The design system: how things look and behave, without words of any domain.
//!
//! - Look: [`button`] and [`field`] are classes for elements of one's own; [`badge`], [`banner`], [`empty`], [`failure`],
//!   [`tabs`] and [`icons`] are functions that answer a view.
//! - Values in tables: [`money`], [`time`] and the cells of [`table`].
//! - Behaviour: [`announce::Announcer`] speaks, [`toast::Toasts`] shows a success, [`hydration::awake`] says whether scripts
//!   run, [`copy`] copies, [`form`] turns GET forms into navigations, [`selection`] is the model of ticked rows, [`fetched`]
//!   is what the server is asked for, [`waiting`] a region that reads it, [`title::set`] names the page.
//!
//! Functions answer `AnyView` on purpose: each is compiled once, however many pages use it. Colours, sizes and type are the
//! tokens of `style/main.css`: `bg-surface`, `text-muted`, `text-small`, `h-(--control)`, `px-(--page-x)`.

pub mod announce;
pub mod badge;
pub mod banner;
pub mod button;
pub mod card;
pub mod copy;
pub mod dialog;
pub mod effects;
pub mod empty;
pub mod failure;
pub mod fetched;
pub mod field;
pub mod form;
pub mod hydration;
pub mod icons;
pub mod markup;
pub mod money;
pub mod selection;
pub mod span;
pub mod table;
pub mod tabs;
pub mod time;
pub mod title;
pub mod toast;
pub mod waiting;
