//! Money: integer minor units and an ISO 4217 currency. Amounts of two currencies are never added.

use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// Three upper-case letters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency(String);

impl Currency {
    /// Accepts three ASCII letters in either case.
    pub fn parse(text: &str) -> Result<Self, String> {
        let code = text.trim().to_ascii_uppercase();
        if code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase()) {
            Ok(Self(code))
        } else {
            Err("must be a three-letter ISO 4217 currency such as EUR".into())
        }
    }

    pub fn code(&self) -> &str {
        &self.0
    }

    /// Digits after the point, from ISO 4217.
    pub fn decimals(&self) -> u32 {
        match self.0.as_str() {
            "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF"
            | "UGX" | "UYI" | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => 0,
            "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
            "CLF" | "UYW" => 4,
            _ => 2,
        }
    }
}

impl TryFrom<String> for Currency {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.0
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Money {
    pub currency: Currency,
    /// In the currency's smallest unit: cents for EUR, yen for JPY.
    pub minor: i64,
}

impl Money {
    /// The amount alone, thousands grouped: `1,204.00`.
    pub fn amount(&self) -> String {
        let decimals = self.currency.decimals();
        let unit = 10_u64.pow(decimals);
        let minor = self.minor.unsigned_abs();
        let sign = if self.minor < 0 { "-" } else { "" };
        let whole = group_thousands(minor / unit);
        match decimals {
            0 => format!("{sign}{whole}"),
            n => format!("{sign}{whole}.{:0width$}", minor % unit, width = n as usize),
        }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.currency.code(), self.amount())
    }
}

/// One amount for each currency, in order of currency.
pub fn totals<'a>(amounts: impl IntoIterator<Item = &'a Money>) -> Vec<Money> {
    let mut sums: BTreeMap<&Currency, i64> = BTreeMap::new();
    for money in amounts {
        let sum = sums.entry(&money.currency).or_default();
        *sum = sum.saturating_add(money.minor);
    }
    sums.into_iter()
        .map(|(currency, minor)| Money {
            currency: currency.clone(),
            minor,
        })
        .collect()
}

/// `12408` as `12,408`.
pub fn group_thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(code: &str, minor: i64) -> Money {
        Money {
            currency: Currency::parse(code).unwrap(),
            minor,
        }
    }

    #[test]
    fn amounts_follow_the_currency() {
        for (code, minor, shown) in [
            ("EUR", 120_400, "EUR 1,204.00"),
            ("EUR", 5, "EUR 0.05"),
            ("JPY", 1_204_000, "JPY 1,204,000"),
            ("KWD", 1_234_567, "KWD 1,234.567"),
            ("USD", -31_000, "USD -310.00"),
            ("USD", i64::MIN, "USD -92,233,720,368,547,758.08"),
        ] {
            assert_eq!(money(code, minor).to_string(), shown);
        }
    }

    #[test]
    fn currencies_are_never_added_to_each_other() {
        let sums = totals(&[money("USD", 100), money("EUR", 250), money("USD", 10)]);
        assert_eq!(sums, [money("EUR", 250), money("USD", 110)]);
    }

    #[test]
    fn a_currency_is_three_letters() {
        for text in ["", "EU", "EURO", "E1R", "€€€"] {
            assert!(Currency::parse(text).is_err(), "{text}");
        }
        assert_eq!(Currency::parse("eur").unwrap().code(), "EUR");
    }
}
