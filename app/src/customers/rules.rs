//! What customers may be called, and what archiving and unarchiving them does. Pure; the browser runs the same rules.

use super::{ArchiveOptions, CustomerWorld, Profile, SetUpAgain};
use crate::{
    billing_configurations::{self, Configuration, ConfigurationWorld},
    contracts::{Contract, rules::end_when_archived},
    effects::{Effect, Tally, Verdict},
    error::{AppError, Refusal},
    ids::ContractId,
    lifecycle::Lifecycle,
};
use chrono::{DateTime, Utc};
use serde_json::Value;

/// Customers that one request or chunk may name.
pub const IDS_MAX: usize = 1_000;
/// Invoices on the detail page.
pub const DETAIL_INVOICES_MAX: i64 = 500;
/// Longer names are cut, as the bearer dialect documents.
pub const NAME_CHARACTERS_MAX: usize = 160;
pub const KEY_CHARACTERS_MAX: usize = 255;
pub const ALIASES_MAX: usize = 500;
pub const ALIAS_CHARACTERS_MAX: usize = 128;
const EMAIL_CHARACTERS_MAX: usize = 254;
const PROFILE_BYTES_MAX: usize = 64 * 1024;
/// Words that are part of paths, and so cannot be keys.
const RESERVED_KEYS: [&str; 5] = [".", "..", "new", "bulk-create", "csv-upload"];

/// What archiving one customer does, with the grace periods that had not ended at `counted_at`.
pub fn archive(
    world: &CustomerWorld,
    how: &ArchiveOptions,
    now: DateTime<Utc>,
    counted_at: DateTime<Utc>,
) -> (Verdict, Vec<Effect>) {
    if let Some(archived) = world.customer.lifecycle.archived() {
        return (
            Verdict::Skipped {
                since: Some(archived.at),
            },
            Vec::new(),
        );
    }
    let mut effects = Vec::new();
    for contract in &world.contracts {
        let (id, name) = (contract.id, contract.title());
        effects.push(Effect::ContractArchived {
            id,
            name: name.clone(),
            before: contract.ending_before,
            after: end_when_archived(contract, now),
        });
        if !contract.metering_stopped {
            effects.push(Effect::MeteringStopped {
                id,
                name: name.clone(),
            });
        }
        for recharge in contract.recharges_on() {
            effects.push(Effect::RechargeDisabled {
                id,
                name: name.clone(),
                recharge,
            });
        }
    }
    for invoice in &world.invoices {
        let (id, number, money) = (invoice.id, invoice.number.clone(), invoice.total.clone());
        if invoice.is_paid() && how.keep_paid_invoices {
            effects.push(Effect::PaidInvoiceKept { id, number, money });
        } else {
            effects.push(Effect::InvoiceVoided {
                id,
                number,
                money,
                before: invoice.status,
                paid: invoice.is_paid(),
                in_grace_period: invoice.in_grace_period(counted_at),
            });
        }
    }
    if how.archive_configurations {
        effects.extend(configuration_effects(world, counted_at));
    }
    for alias in &world.customer.ingest_aliases {
        let alias = alias.clone();
        effects.push(if how.release_aliases {
            Effect::AliasReleased { alias }
        } else {
            Effect::AliasReserved { alias }
        });
    }
    (Verdict::Change, effects)
}

/// Whether one customer comes back. It brings nothing with it.
pub fn unarchive(lifecycle: &Lifecycle, allowed: bool) -> Verdict {
    match (lifecycle.is_archived(), allowed) {
        (false, _) => Verdict::Skipped { since: None },
        (true, true) => Verdict::Change,
        (true, false) => Verdict::Blocked(Refusal::UnarchiveDisabled),
    }
}

/// What stays gone after an unarchive, from what the archive did and what is still there.
pub fn set_up_again(
    done: &[Effect],
    contracts: &[Contract],
    configurations: &[Configuration],
) -> SetUpAgain {
    // With a contract in service the way back is behind it.
    if contracts.iter().any(|one| one.archived_at.is_none()) {
        return SetUpAgain::default();
    }
    let ended: Vec<ContractId> = done
        .iter()
        .filter_map(|effect| match effect {
            Effect::ContractArchived { id, .. } => Some(*id),
            _ => None,
        })
        .collect();
    let used = |configuration: &&Configuration| {
        !configuration.lifecycle.is_archived()
            && contracts.iter().any(|contract| {
                ended.contains(&contract.id) && contract.configuration_id == Some(configuration.id)
            })
    };
    SetUpAgain {
        contracts: contracts
            .iter()
            .filter(|one| ended.contains(&one.id))
            .map(Contract::title)
            .collect(),
        configurations: configurations
            .iter()
            .filter(used)
            .map(Configuration::title)
            .collect(),
        recharges: done
            .iter()
            .filter_map(|effect| match effect {
                Effect::RechargeDisabled { name, recharge, .. } => {
                    Some(format!("{} recharge of {name}", recharge.label()))
                }
                _ => None,
            })
            .collect(),
        voided_invoices: Tally::of(done).invoices_voided,
    }
}

/// What archiving the customer's configurations adds to archiving the customer: the contracts are ended and their recharges
/// off already, and the invoices are void.
fn configuration_effects(
    world: &CustomerWorld,
    counted_at: DateTime<Utc>,
) -> impl Iterator<Item = Effect> {
    let alone = ConfigurationWorld {
        customer_id: world.customer.id,
        customer_name: world.customer.name.clone(),
        version: world.customer.version,
        configurations: world.configurations.clone(),
        contracts: world.contracts.clone(),
        invoices: Vec::new(),
    };
    billing_configurations::rules::archive(&alone, counted_at)
        .into_iter()
        .filter(|effect| {
            matches!(
                effect,
                Effect::ConfigurationArchived { .. } | Effect::ConfigurationDetached { .. }
            )
        })
}

/// A customer key: 1 to 255 visible characters, none of them `/`, and no word that is part of a path.
pub fn key(text: &str) -> Result<String, AppError> {
    let length = text.chars().count();
    let visible = text
        .chars()
        .all(|c| !c.is_control() && !c.is_whitespace() && c != '/' && !invisible(c));
    if length == 0 || length > KEY_CHARACTERS_MAX || !visible {
        return Err(AppError::invalid(
            "customer_key",
            "must be 1 to 255 visible characters without a slash",
        ));
    }
    if RESERVED_KEYS.contains(&text) {
        return Err(AppError::invalid(
            "customer_key",
            format!("{text} is reserved. Choose another"),
        ));
    }
    Ok(text.to_owned())
}

/// A shown name: trimmed, cut at 160 characters, not blank.
pub fn name(field: &str, text: &str) -> Result<String, AppError> {
    let clean: String = text.chars().filter(|c| !c.is_control()).collect();
    match clean.trim() {
        "" => Err(AppError::invalid(field, "must not be blank")),
        name => Ok(name.chars().take(NAME_CHARACTERS_MAX).collect()),
    }
}

/// Aliases are a set; the order of their first mention is kept.
pub fn aliases(given: &[String]) -> Result<Vec<String>, AppError> {
    let mut seen = std::collections::HashSet::new();
    let unique: Vec<String> = given
        .iter()
        .filter(|alias| seen.insert(alias.as_str()))
        .cloned()
        .collect();
    if unique.len() > ALIASES_MAX {
        return Err(AppError::invalid(
            "ingest_aliases",
            format!("must be at most {ALIASES_MAX}"),
        ));
    }
    for alias in &unique {
        let length = alias.chars().count();
        if length == 0
            || length > ALIAS_CHARACTERS_MAX
            || alias.chars().any(char::is_control)
            || alias.trim() != alias
        {
            return Err(AppError::invalid(
                "ingest_aliases",
                "must be 1 to 128 characters each, without control characters or blanks at the ends",
            ));
        }
    }
    Ok(unique)
}

/// An email address, as far as one can tell without writing to it.
pub fn email(field: &str, text: &str) -> Result<String, AppError> {
    let text = text.trim();
    let plausible = text.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && domain.contains('.')
            && !domain.starts_with('.')
            && !domain.ends_with('.')
            && !domain.contains('@')
    });
    if plausible
        && text.chars().count() <= EMAIL_CHARACTERS_MAX
        && !text.chars().any(|c| c.is_control() || c.is_whitespace())
    {
        Ok(text.to_owned())
    } else {
        Err(AppError::invalid(field, "must be an email address"))
    }
}

/// Fields of a profile that are text, and what is a list or an object.
const TEXT_FIELDS: [&str; 32] = [
    "primary_phone",
    "legal_name",
    "display_name",
    "legal_number",
    "tax_identification_number",
    "logo_url",
    "website_url",
    "account_manager",
    "first_name",
    "middle_name",
    "last_name",
    "date_of_birth",
    "billing_email",
    "timezone",
    "language",
    "currency",
    "tax_status",
    "address_line1",
    "address_line2",
    "city",
    "state",
    "country",
    "zip_code",
    "shipping_address_line1",
    "shipping_address_line2",
    "shipping_city",
    "shipping_state",
    "shipping_country",
    "shipping_zip_code",
    "salesforce_account_id",
    "external_id",
    "phone",
];
const LIST_FIELDS: [&str; 6] = [
    "phone_numbers",
    "email_addresses",
    "tax_identifications",
    "contact_people",
    "payment_terms",
    "documents",
];
const OBJECT_FIELDS: [&str; 2] = ["billing_configuration", "metadata"];

/// Picks the known fields out of a request and checks their types; unknown ones are ignored, as clients send extras.
pub fn profile(body: &serde_json::Map<String, Value>) -> Result<Profile, AppError> {
    let mut known = serde_json::Map::new();
    for (field, value) in body {
        let name = field.as_str();
        let fits = if TEXT_FIELDS.contains(&name) {
            value.is_string() || value.is_null()
        } else if LIST_FIELDS.contains(&name) {
            // One published example writes an empty object where the client libraries have a list.
            value.is_array()
                || value.is_null()
                || value.as_object().is_some_and(serde_json::Map::is_empty)
        } else if OBJECT_FIELDS.contains(&name) {
            value.is_object() || value.is_null()
        } else if name == "mid_cycle_invoice_consolidation" {
            value.is_boolean() || value.is_null()
        } else {
            continue;
        };
        if !fits {
            return Err(AppError::invalid(name, "has the wrong type"));
        }
        if holds_nul(value) {
            return Err(AppError::invalid(name, "must not contain NUL characters"));
        }
        known.insert(field.clone(), value.clone());
    }
    let length: usize = known.values().map(|value| value.to_string().len()).sum();
    if length > PROFILE_BYTES_MAX {
        return Err(AppError::invalid("customer", "is larger than 64 KiB"));
    }
    Ok(Profile(known))
}

/// jsonb cannot hold NUL, in values or in keys.
pub fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(holds_nul),
        Value::Object(fields) => fields
            .iter()
            .any(|(field, value)| field.contains('\0') || holds_nul(value)),
        _ => false,
    }
}

/// Display name, else legal name, else first and last name, else email, else key.
pub fn shown_name(profile: &Profile, email: Option<&str>, key: &str) -> String {
    let person = [profile.text("first_name"), profile.text("last_name")]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" ");
    let chosen = profile
        .text("display_name")
        .or(profile.text("legal_name"))
        .or((!person.is_empty()).then_some(person.as_str()))
        .or(email)
        .unwrap_or(key);
    let clean: String = chosen
        .chars()
        .filter(|c| !c.is_control())
        .take(NAME_CHARACTERS_MAX)
        .collect();
    if clean.trim().is_empty() {
        key.to_owned()
    } else {
        clean
    }
}

/// Characters that take no room and so make two keys look alike.
fn invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{ad}')
}
