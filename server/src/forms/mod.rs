//! Plain HTML forms: what the console does without JavaScript. Most post to their page's own URL; each is answered with a
//! redirect, or with the page again where something is missing.

mod bulk;
mod confirm;
mod fields;
mod sessions;
mod sign_in;

use crate::doors::Door;

pub(crate) fn doors() -> Vec<Door> {
    let mut doors = sign_in::doors();
    doors.extend(bulk::doors());
    doors.extend(confirm::doors());
    doors.extend(sessions::doors());
    doors
}
