//! How browser and server talk: in postcard, which is small to read and names no fields. So each message, and what the server
//! writes into a page, begins with the build that wrote it, and a page left open over an update is told to reload.

use leptos::server_fn::{ContentType, Decodes, Encodes, Format, FormatType, codec::Post};
use serde::{Serialize, de::DeserializeOwned};
use std::fmt;

/// Tells our messages from what proxies and browsers say.
const MARK: &[u8] = b"mothball ";
/// Of this build; the other side must have the same.
const BUILD: &[u8] = env!("APP_SOURCES").as_bytes();

type Reader<'de> = postcard::Deserializer<'de, postcard::de_flavors::Slice<'de>>;

/// How each message begins.
const HEAD: &[u8] = concat!("mothball ", env!("APP_SOURCES")).as_bytes();

/// Input and output of every server function.
pub type Sealed = Post<Wire>;

pub struct Wire;

/// Why a message means nothing here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    /// It is none of ours.
    Foreign,
    OtherBuild,
    /// It says it is of this build and is not.
    Broken,
}

/// How [`Unreadable::OtherBuild`] is told where errors are text.
pub const OTHER_BUILD: &str = "the message was written by another build";

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Foreign => "the message is not Mothball's",
            Self::OtherBuild => OTHER_BUILD,
            Self::Broken => "the message is broken",
        })
    }
}

impl std::error::Error for Unreadable {}

fn write(value: &impl Serialize) -> Result<Vec<u8>, Unreadable> {
    postcard::to_extend(value, HEAD.to_vec()).map_err(|_| Unreadable::Broken)
}

fn read<T: DeserializeOwned>(message: &[u8]) -> Result<T, Unreadable> {
    T::deserialize(&mut opened(message)?).map_err(|_| Unreadable::Broken)
}

/// Compiled once, not for each type.
#[inline(never)]
fn opened(message: &[u8]) -> Result<Reader<'_>, Unreadable> {
    let message = message.strip_prefix(MARK).ok_or(Unreadable::Foreign)?;
    let message = message.strip_prefix(BUILD).ok_or(Unreadable::OtherBuild)?;
    Ok(Reader::from_bytes(message))
}

impl ContentType for Wire {
    const CONTENT_TYPE: &'static str = "application/vnd.mothball";
}

impl FormatType for Wire {
    const FORMAT_TYPE: Format = Format::Binary;
}

impl<T: Serialize> Encodes<T> for Wire {
    type Error = Unreadable;

    fn encode(value: &T) -> Result<bytes::Bytes, Unreadable> {
        write(value).map(Into::into)
    }
}

impl<T: DeserializeOwned> Decodes<T> for Wire {
    type Error = Unreadable;

    fn decode(message: bytes::Bytes) -> Result<T, Unreadable> {
        read(&message)
    }
}

/// Added to the bytes that would not survive in a script or an attribute.
const SHIFT: u32 = 0x100;

/// As text that stands in a page without escapes: most of it reads as what it is, and compresses so.
///
/// # Errors
/// When a value cannot be told in postcard: a defect of its type.
pub fn to_text(value: &impl Serialize) -> Result<String, Unreadable> {
    let bytes = write(value)?;
    let character = |byte| match byte {
        b'<' | b'>' | b'&' | b'"' | b'\'' | b'\\' => None,
        b' '..=b'~' => Some(char::from(byte)),
        _ => None,
    };
    let shifted = |byte| char::from_u32(SHIFT + u32::from(byte)).unwrap_or_default();
    Ok(bytes
        .into_iter()
        .map(|byte| character(byte).unwrap_or_else(|| shifted(byte)))
        .collect())
}

/// What [`to_text`] made.
///
/// # Errors
/// When it is not of this build, or no such value.
pub fn from_text<T: DeserializeOwned>(text: &str) -> Result<T, Unreadable> {
    let bytes: Vec<u8> = text
        .chars()
        .map(|character| character as u32 as u8)
        .collect();
    read(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn text_carries_every_value(words in any::<Vec<String>>(), numbers in any::<Vec<i64>>(), flag in any::<Option<bool>>()) {
            let value = (words, numbers, flag);
            let text = to_text(&value).unwrap();
            prop_assert!(!text.contains(['<', '>', '&', '"', '\'', '\\']));
            prop_assert!(!text.chars().any(char::is_control));
            prop_assert_eq!(&from_text::<(Vec<String>, Vec<i64>, Option<bool>)>(&text).unwrap(), &value);
            let message = Wire::encode(&value).unwrap();
            let read: (Vec<String>, Vec<i64>, Option<bool>) = Wire::decode(message).unwrap();
            prop_assert_eq!(read, value);
        }

        #[test]
        fn nothing_that_arrives_is_more_than_unreadable(bytes in any::<Vec<u8>>()) {
            let message = [MARK, BUILD, &bytes].concat();
            let _either_way: Result<Vec<String>, _> = Wire::decode(message.into());
            let _either_way: Result<Vec<String>, _> = from_text(&String::from_utf8_lossy(&bytes));
        }
    }

    #[test]
    fn what_is_not_of_this_build_is_told_apart() {
        let good = Wire::encode(&7_u64).unwrap().to_vec();
        let with = |change: fn(&mut Vec<u8>)| {
            let mut message = good.clone();
            change(&mut message);
            read::<u64>(&message)
        };
        assert_eq!(with(|_| ()), Ok(7));
        assert_eq!(with(|message| message[0] ^= 1), Err(Unreadable::Foreign));
        assert_eq!(
            with(|message| message[MARK.len()] ^= 1),
            Err(Unreadable::OtherBuild)
        );
        assert_eq!(
            with(|message| message.truncate(MARK.len() + BUILD.len())),
            Err(Unreadable::Broken)
        );
    }
}
