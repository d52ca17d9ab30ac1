//! What people see of who they are: signing in, and where they are signed in.

#[cfg(feature = "ssr")]
pub mod sessions;
pub mod sign_in;

#[cfg(feature = "ssr")]
pub use sessions::SessionsPage;
pub use sign_in::SignInPage;
