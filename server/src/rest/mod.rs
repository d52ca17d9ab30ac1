//! The HTTP API in its two dialects. A handler reads its request, calls a service and renders the answer; it decides nothing.

mod answer;
mod api_v1;
mod body;
mod call;
pub mod error;
mod fault;
mod options;
mod query;
mod v1;
mod version;

use crate::doors::Door;

/// Every route of the API.
pub fn doors() -> Vec<Door> {
    let mut doors = v1::doors();
    doors.extend(api_v1::doors());
    doors
}
