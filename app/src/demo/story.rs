//! Tells one customer's story in order of time, by the product's own rules: what an archive does here is what it does when
//! someone clicks the button.

use super::{
    countries::Country,
    invoices::Billing,
    names::{Identity, Words},
    plot::{Event, Fate, Plot},
    rng::{BASE36, Rng},
    world::{Notification, Taken, World},
};
use crate::{
    customers::{Customer, CustomerType, Profile, rules},
    ids::{CustomerId, NotificationId},
    lifecycle::Lifecycle,
    money::Money,
};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

pub(super) struct Story<'s> {
    pub(super) rng: Rng,
    pub(super) as_of: DateTime<Utc>,
    pub(super) plot: Plot,
    pub(super) country: &'s Country,
    pub(super) who: Identity,
    /// The customer's short name, unique: its key may be one.
    pub(super) handle: String,
    /// What it pays for one contract in a month, in euros.
    pub(super) size: f64,
    pub(super) taken: &'s mut Taken,
    pub(super) world: World,
    /// How each contract is billed, in the order of the contracts.
    pub(super) billing: Vec<Billing>,
    pub(super) contracts_to_come: usize,
    pub(super) invoices_to_come: usize,
}

impl<'s> Story<'s> {
    pub(super) fn new(
        mut rng: Rng,
        as_of: DateTime<Utc>,
        number: u64,
        archived: bool,
        words: &'s Words,
        taken: &'s mut Taken,
    ) -> Self {
        let country = words.country(&mut rng);
        let who = words.identity(&mut rng, country, number);
        let plot = Plot::new(&mut rng, as_of, archived);
        let handle = taken.key(&who.stem);
        let key = key(&mut rng, &handle, taken);
        let customer = customer(&mut rng, &plot, country, &who, &handle, key);
        let size = size(&mut rng);
        Self {
            as_of,
            country,
            who,
            handle,
            size,
            taken,
            world: World {
                customer,
                configurations: Vec::new(),
                contracts: Vec::new(),
                invoices: Vec::new(),
                notifications: Vec::new(),
                entries: Vec::new(),
            },
            billing: Vec::new(),
            contracts_to_come: count(&plot, Event::AddContract),
            invoices_to_come: plot.invoices,
            plot,
            rng,
        }
    }

    /// The whole of it.
    pub(super) fn told(mut self) -> World {
        self.take_aliases();
        self.create();
        for (at, event) in std::mem::take(&mut self.plot.events) {
            match event {
                Event::AddConfiguration => self.add_configuration(at),
                Event::AddContract => self.add_contract(at),
                Event::SetAliases => self.set_aliases(at),
                Event::Edit => self.edit(at),
                Event::ArchiveConfigurations => self.archive_configurations(at),
                Event::Archive => self.archive(at),
                Event::Unarchive => self.unarchive(at),
            }
        }
        if self.plot.fate != Fate::Archived {
            let (now, last) = (self.as_of, self.plot.last);
            self.bill(now, last, self.invoices_to_come);
            self.end(last);
        }
        self.watch();
        self.number_entries();
        self.world
    }

    fn take_aliases(&mut self) {
        for turn in 0..self.plot.aliases {
            let alias = self.alias(turn);
            self.world.customer.ingest_aliases.push(alias);
        }
    }

    /// A string that the customer's own systems may call it by.
    pub(super) fn alias(&mut self, turn: u64) -> String {
        let region = *self.rng.pick(&REGIONS);
        let stem = &self.who.stem;
        let wanted = match self.rng.below(5) {
            0 if turn == 0 => stem.clone(),
            0 | 1 => format!("{stem}.example"),
            2 => format!("{stem}-{region}"),
            3 => format!("{stem}-metering"),
            _ => format!("org_{}", self.rng.text(super::rng::ALPHANUMERIC, 8)),
        };
        self.taken.alias(&wanted)
    }

    /// Thresholds that are watched, the first since soon after the customer was made.
    fn watch(&mut self) {
        for _ in 0..self.plot.notifications {
            let created_at = self.rng.moment(self.plot.created, self.plot.last);
            let (kind, what) = *self.rng.pick(&WATCHED);
            let round = *self.rng.pick(&[100, 250, 500, 1_000, 2_500, 5_000, 10_000]);
            let threshold = Money {
                minor: self.minor(f64::from(round)),
                currency: self.currency(),
            };
            self.world.notifications.push(Notification {
                id: NotificationId(self.rng.uuid(created_at)),
                customer_id: self.world.customer.id,
                name: format!("{what} {threshold}"),
                kind,
                threshold,
                created_at,
            });
        }
    }
}

/// Euros: 120 for the smallest, twice as much for each further step, and a few are far larger.
fn size(rng: &mut Rng) -> f64 {
    let steps = rng.low() * 7.6;
    let size = 120.0 * f64::from(1_u32 << steps as u32) * (1.0 + steps.fract());
    if rng.percent(4) { size * 5.0 } else { size }
}

fn count(plot: &Plot, wanted: Event) -> usize {
    plot.events
        .iter()
        .filter(|(_, event)| *event == wanted)
        .count()
}

/// Generated for most; some customers chose their own.
fn key(rng: &mut Rng, handle: &str, taken: &mut Taken) -> String {
    let wanted = match rng.below(100) {
        0..6 => format!(
            "{handle}-{}",
            rng.pick(&["prod", "live", "main", "eu", "0001"])
        ),
        // The handle itself is taken already, by this customer.
        6..10 => return handle.to_owned(),
        _ => format!("cust-{}", rng.text(BASE36, 12)),
    };
    taken.key(&wanted)
}

fn customer(
    rng: &mut Rng,
    plot: &Plot,
    country: &Country,
    who: &Identity,
    handle: &str,
    key: String,
) -> Customer {
    // The bearer dialect creates customers by name alone.
    let by_name_alone = who.person.is_none() && rng.percent(9);
    let primary_email = (!by_name_alone).then(|| email(rng, who, handle));
    let profile = match by_name_alone {
        true => Profile(fields(json!({ "display_name": who.name }))),
        false => Profile(profile(rng, country, who, handle)),
    };
    Customer {
        id: CustomerId(rng.uuid(plot.created)),
        name: rules::shown_name(&profile, primary_email.as_deref(), &key),
        key,
        customer_type: match (&who.person, by_name_alone) {
            (_, true) => None,
            (Some(_), false) => Some(CustomerType::Individual),
            (None, false) => Some(CustomerType::Business),
        },
        primary_email,
        profile,
        custom_fields: custom_fields(rng),
        ingest_aliases: Vec::new(),
        version: 1,
        created_at: plot.created,
        updated_at: plot.created,
        lifecycle: Lifecycle::Active,
    }
}

fn email(rng: &mut Rng, who: &Identity, handle: &str) -> String {
    let ending = *rng.pick(&["com", "net", "org"]);
    match &who.person {
        Some(_) => format!("{}@example.{ending}", handle.replace('-', ".")),
        None => format!("{}@{handle}.example.{ending}", rng.pick(&MAILBOXES)),
    }
}

fn profile(rng: &mut Rng, country: &Country, who: &Identity, handle: &str) -> Map<String, Value> {
    let mut profile = fields(json!({
        "country": country.code,
        "city": who.city,
        "currency": country.currency,
        "language": country.language,
        "timezone": country.timezone,
    }));
    match &who.person {
        Some((first, last)) => {
            profile.insert("first_name".into(), first.as_str().into());
            profile.insert("last_name".into(), last.as_str().into());
        }
        None => {
            profile.insert("legal_name".into(), who.name.as_str().into());
            profile.insert(
                "website_url".into(),
                format!("https://{handle}.example.com").into(),
            );
        }
    }
    if rng.percent(30) {
        let number = format!("{}{}", country.code, rng.text(super::rng::DIGITS, 9));
        profile.insert("tax_identification_number".into(), number.into());
    }
    profile
}

fn custom_fields(rng: &mut Rng) -> Map<String, Value> {
    let mut custom = Map::new();
    if rng.percent(40) {
        custom.insert(
            "tier".into(),
            (*rng.pick(&["gold", "silver", "bronze", "trial"])).into(),
        );
    }
    if rng.percent(25) {
        custom.insert(
            "region".into(),
            (*rng.pick(&["emea", "amer", "apac"])).into(),
        );
    }
    custom
}

pub(super) fn fields(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

pub(super) const REGIONS: [&str; 8] = [
    "eu",
    "us",
    "apac",
    "eu-central-1",
    "us-east-1",
    "ap-southeast-2",
    "staging",
    "prod",
];
const MAILBOXES: [&str; 6] = ["billing", "accounts", "finance", "invoices", "ap", "office"];
const WATCHED: [(&str, &str); 4] = [
    (
        "low_remaining_credit_balance_reached",
        "Credit balance below",
    ),
    ("spend_threshold_reached", "Spend over"),
    ("usage_threshold_reached", "Usage worth"),
    ("invoice_total_reached", "Invoice over"),
];
