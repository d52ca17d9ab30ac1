//! What a page asks the server for: fetched before the page is made, handed over to the browser inside it, and fetched anew
//! when its key changes. All of them are one resource underneath, whatever they carry: its machinery is large, and is
//! compiled once.

#[cfg(not(feature = "ssr"))]
mod browser;
#[cfg(feature = "ssr")]
mod server;

#[cfg(not(feature = "ssr"))]
pub use browser::{Fetched, region};
#[cfg(feature = "ssr")]
pub use server::{Fetched, Needs, region};

/// What a waiting region shows.
type View = Box<dyn FnMut() -> leptos::prelude::AnyView + Send>;

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::server::write;
    use crate::{error::AppError, wire};

    #[test]
    fn what_the_server_wrote_is_what_the_browser_reads() {
        for value in [
            Ok("!".to_owned()),
            Ok(String::new()),
            Err(AppError::SignInRequired),
            Err(AppError::Unavailable),
        ] {
            let text = write(&value);
            let read: Result<String, AppError> = wire::from_text(&text).unwrap();
            assert_eq!(read, value);
        }
    }
}
