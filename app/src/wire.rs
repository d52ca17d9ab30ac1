//! How browser and server talk: in postcard, which takes a fifth of the code that JSON takes in the browser. It names no
//! fields, so each message begins with the build that wrote it, and a page left open over an update is told to reload.

use leptos::server_fn::{ContentType, Decodes, Encodes, Format, FormatType, codec::Post};
use serde::{Serialize, de::DeserializeOwned};
use std::fmt;

/// Of this build; the other side must have the same.
const BUILD: &[u8] = env!("APP_SOURCES").as_bytes();

/// Input and output of every server function.
pub type Sealed = Post<Wire>;

pub struct Wire;

/// The other side is of another build, or is no Mothball at all.
#[derive(Debug)]
pub struct Unreadable;

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the message was written by another build")
    }
}

impl std::error::Error for Unreadable {}

impl ContentType for Wire {
    const CONTENT_TYPE: &'static str = "application/vnd.mothball";
}

impl FormatType for Wire {
    const FORMAT_TYPE: Format = Format::Binary;
}

impl<T: Serialize> Encodes<T> for Wire {
    type Error = Unreadable;

    fn encode(value: &T) -> Result<bytes::Bytes, Unreadable> {
        let message = postcard::to_extend(value, BUILD.to_vec()).map_err(|_| Unreadable)?;
        Ok(message.into())
    }
}

impl<T: DeserializeOwned> Decodes<T> for Wire {
    type Error = Unreadable;

    fn decode(message: bytes::Bytes) -> Result<T, Unreadable> {
        let message = message.strip_prefix(BUILD).ok_or(Unreadable)?;
        postcard::from_bytes(message).map_err(|_| Unreadable)
    }
}

/// Added to the bytes that would not survive in a script or an attribute.
const SHIFT: u32 = 0x100;

/// As text that stands in a page without escapes: most of it reads as what it is, and compresses so.
///
/// # Errors
/// When a value cannot be told in postcard: a defect of its type.
pub fn to_text(value: &impl Serialize) -> Result<String, Unreadable> {
    let bytes = postcard::to_allocvec(value).map_err(|_| Unreadable)?;
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
/// When the text is no such value.
pub fn from_text<T: DeserializeOwned>(text: &str) -> Result<T, Unreadable> {
    let bytes: Vec<u8> = text
        .chars()
        .map(|character| character as u32 as u8)
        .collect();
    postcard::from_bytes(&bytes).map_err(|_| Unreadable)
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
            let message = [BUILD, &bytes].concat();
            let _either_way: Result<Vec<String>, _> = Wire::decode(message.into());
            let _either_way: Result<Vec<String>, _> = from_text(&String::from_utf8_lossy(&bytes));
        }
    }

    #[test]
    fn another_build_is_not_understood() {
        let mut message = Wire::encode(&7_u64).unwrap().to_vec();
        message[0] ^= 1;
        assert!(<Wire as Decodes<u64>>::decode(message.into()).is_err());
    }
}
