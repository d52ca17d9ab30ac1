//! What customers are called: invented companies by the habits of their country, some individuals, and now and then a
//! name that is hard to show.

use super::{
    countries::{self, Country},
    rng::Rng,
};

/// Every word that names are made of.
#[derive(Debug)]
pub(super) struct Words {
    pub(super) countries: Vec<Country>,
    places_to_be: Vec<(u64, usize)>,
    fronts: Vec<&'static str>,
    backs: Vec<&'static str>,
    nouns: Vec<&'static str>,
    streets: Vec<&'static str>,
    trades: Vec<&'static str>,
}

/// Who a customer is.
#[derive(Debug, Clone)]
pub(super) struct Identity {
    pub(super) name: String,
    /// First and last name, of an individual.
    pub(super) person: Option<(String, String)>,
    /// The name's own part in lower-case ASCII: `brightwater`.
    pub(super) stem: String,
    pub(super) city: &'static str,
}

/// One in so many customers has a hard name.
const HARD_EVERY: u64 = 331;
/// The first that has one.
const HARD_FIRST: u64 = 17;

impl Words {
    pub(super) fn new() -> Self {
        let countries = countries::all();
        Self {
            places_to_be: countries
                .iter()
                .enumerate()
                .map(|(at, one)| (one.weight, at))
                .collect(),
            countries,
            fronts: countries::list(FRONTS),
            backs: countries::list(BACKS),
            nouns: countries::list(NOUNS),
            streets: countries::list(STREETS),
            trades: countries::list(TRADES),
        }
    }

    pub(super) fn country(&self, rng: &mut Rng) -> &Country {
        &self.countries[rng.weighted(&self.places_to_be)]
    }

    /// The customer with this number, at home in `country`.
    pub(super) fn identity(&self, rng: &mut Rng, country: &Country, number: u64) -> Identity {
        let city = *rng.pick(&country.places);
        if let Some(name) = hard_name(number) {
            return Identity {
                name: name.to_owned(),
                person: None,
                stem: slug(name),
                city,
            };
        }
        if rng.percent(5) {
            let (first, last) = (*rng.pick(&country.people), *rng.pick(&country.founders));
            return Identity {
                name: format!("{first} {last}"),
                person: Some((first.to_owned(), last.to_owned())),
                stem: slug(&format!("{first} {last}")),
                city,
            };
        }
        let (stem, name) = self.company(rng, country, city);
        Identity {
            name,
            person: None,
            stem: slug(&stem),
            city,
        }
    }

    /// What a company is called for short, and in full.
    fn company(&self, rng: &mut Rng, country: &Country, city: &str) -> (String, String) {
        let trade = self.trade(rng, country);
        let form = *rng.pick(&country.forms);
        match rng.below(100) {
            0..26 => {
                let founder = *rng.pick(&country.founders);
                (founder.to_owned(), join(&[founder, trade, form]))
            }
            26..38 => (format!("{city} {trade}"), join(&[city, trade, form])),
            38..66 => {
                let stem = self.compound(rng);
                let name = join(&[&stem, trade, form]);
                (stem, name)
            }
            66..76 => {
                let stem = (*rng.pick(&self.nouns)).to_owned();
                let name = join(&[&stem, trade, form]);
                (stem, name)
            }
            76..84 => {
                let (one, other) = two(rng, &country.founders);
                (
                    format!("{one} {other}"),
                    join(&[one, country.and, other, form]),
                )
            }
            84..93 => {
                let (one, other) = two(rng, &self.nouns);
                let form = if rng.percent(50) { form } else { "-" };
                (
                    format!("{one} {other}"),
                    join(&[one, "&", other, trade, form]),
                )
            }
            _ => {
                let stem = format!("{} {}", rng.pick(&self.nouns), rng.pick(&self.streets));
                let name = join(&[&stem, trade, form]);
                (stem, name)
            }
        }
    }

    fn trade(&self, rng: &mut Rng, country: &Country) -> &'static str {
        let own = rng.percent(35);
        let trades: &[&'static str] = if own { &country.trades } else { &self.trades };
        trades[rng.below(trades.len() as u64) as usize]
    }

    /// Two nature words grown together: `Brightwater`.
    fn compound(&self, rng: &mut Rng) -> String {
        let front = *rng.pick(&self.fronts);
        loop {
            let back = *rng.pick(&self.backs);
            let doubled = front.chars().last() == back.chars().next();
            if !doubled && !front.eq_ignore_ascii_case(back) {
                return format!("{front}{back}");
            }
        }
    }
}

/// Two different ones of several.
fn two(rng: &mut Rng, words: &[&'static str]) -> (&'static str, &'static str) {
    let first = rng.below(words.len() as u64) as usize;
    let step = 1 + rng.below(words.len() as u64 - 1) as usize;
    (words[first], words[(first + step) % words.len()])
}

/// The parts of a name; `-` is left out.
fn join(parts: &[&str]) -> String {
    let parts: Vec<&str> = parts.iter().copied().filter(|part| *part != "-").collect();
    parts.join(" ")
}

fn hard_name(number: u64) -> Option<&'static str> {
    let after = number.checked_sub(HARD_FIRST)?;
    let turn = usize::try_from(after / HARD_EVERY).unwrap_or_default();
    after
        .is_multiple_of(HARD_EVERY)
        .then(|| HARD_NAMES[turn % HARD_NAMES.len()])
}

/// Lower-case ASCII letters and digits, hyphens between words.
pub(super) fn slug(text: &str) -> String {
    let mut slug = String::with_capacity(text.len());
    for letter in text.chars().flat_map(char::to_lowercase) {
        match letter {
            'a'..='z' | '0'..='9' => slug.push(letter),
            'ä' | 'æ' => slug.push_str("ae"),
            'ö' | 'ø' | 'œ' => slug.push_str("oe"),
            'ü' => slug.push_str("ue"),
            'ß' => slug.push_str("ss"),
            'à' | 'á' | 'â' | 'ã' | 'å' | 'ą' => slug.push('a'),
            'ç' | 'ć' | 'č' => slug.push('c'),
            'ď' => slug.push('d'),
            'è' | 'é' | 'ê' | 'ë' | 'ě' | 'ę' => slug.push('e'),
            'ì' | 'í' | 'î' | 'ï' => slug.push('i'),
            'ł' => slug.push('l'),
            'ñ' | 'ň' | 'ń' => slug.push('n'),
            'ò' | 'ó' | 'ô' | 'õ' | 'ō' => slug.push('o'),
            'ř' => slug.push('r'),
            'ś' | 'š' => slug.push('s'),
            'ť' => slug.push('t'),
            'ù' | 'ú' | 'û' | 'ů' => slug.push('u'),
            'ý' => slug.push('y'),
            'ź' | 'ż' | 'ž' => slug.push('z'),
            ' ' | '-' | '.' | '&' | '/' if !slug.ends_with('-') => slug.push('-'),
            _ => {}
        }
        if slug.len() >= 40 {
            break;
        }
    }
    match slug.trim_matches('-') {
        "" => "org".to_owned(),
        slug => slug.to_owned(),
    }
}

const FRONTS: &str = "Bright,Copper,Lark,Sable,Thistle,Hazel,Fern,Ember,Cinder,Hollow,Winter,North,East,\
    Stone,Moss,Heather,Bramble,Alder,Birch,Rowan,Juniper,Heron,Otter,Clover,Amber,Quarry,Marsh,Harbour,Lantern,\
    Elm,Willow,Raven,Fox,Long,Fair,High,Summer,Glass,Iron,Salt,Frost,Pine,Barley,Wren,Meadow,Dusk,Cedar,Sorrel,\
    Flint,Mill,Sparrow,Wool,Tide,Cross,Silver,Swift,Badger,Linden,Storm,Apple";
const BACKS: &str = "line,water,wood,field,brook,mere,ridge,haven,gate,bridge,moor,croft,fell,shore,wick,\
    stead,holt,dale,mark,spur,light,hill,garth,combe,bank,reach,point,vale,leaf,path,weir,stow,crest,ford";
const NOUNS: &str = "Kestrel,Tamarind,Peregrine,Velodrome,Lumen,Oak,Larkspur,Aster,Finch,Quarry,Gantry,Ondine,\
    Pallas,Sextant,Marigold,Tern,Anvil,Saffron,Cobalt,Verbena,Lodestar,Halyard,Juniper,Bellwether,Cartwheel,Goshawk,\
    Trellis,Marl,Basalt,Gossamer,Petrel,Cardamom,Tinder,Windlass,Plover,Ironwood,Meridian,Wicket,Fathom,Sycamore,\
    Heliotrope,Cormorant,Pumice,Tansy,Almanac,Damson,Dipper,Foxglove,Sirocco,Sundial,Thimble,Capstan,Gneiss,\
    Nightjar,Palisade,Quince,Rookery,Samphire,Tidewrack,Umber,Wagtail,Yarrow,Zephyr,Arbour,Bulrush,Curlew";
const STREETS: &str = "Street,Quay,Yard,Hill,Wharf,Row,Court,Mill,Green,Bridge";
const TRADES: &str = "Analytics,Robotics,Freight,Logistics,Labs,Media,Mobility,Interiors,Publishing,Systems,\
    Software,Foods,Textiles,Instruments,Optics,Biotech,Diagnostics,Therapeutics,Insurance Services,Advisory,Studio,\
    Engineering,Ceramics,Packaging,Timber,Marine,Telecom,Networks,Security,Learning,Travel,Hospitality,Kitchens,\
    Bicycles,Batteries,Solar,Hydro,Water Treatment,Recycling,Materials,Composites,Tooling,Foundry,Printing,\
    Photography,Records,Games,Animation,Architecture,Surveying,Geodata,Weather,Agritech,Seeds,Orchards,Dairy,Bakery,\
    Roasters,Pharmacy,Veterinary,Orthopaedics,Outdoor,Apparel,Footwear,Furniture,Lighting,Acoustics,Sensors,\
    Silicon,Avionics,Rail,Forwarding,Warehousing,Procurement,Payroll,Staffing,Translations,Research,Archive";

/// Names that break what is careless: long ones, other directions, emoji, combining marks, markup, wildcards, quotes.
const HARD_NAMES: [&str; 20] = [
    "<script>alert('invoice')</script> Ltd",
    "شركة النخيل للخدمات اللوجستية ذ.م.م",
    "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesellschaft für Mecklenburg und Vorpommern \
     mit beschränkter Haftung & Co. Kommanditgesellschaft",
    "Sunny Side 🌻 Up! Bakery 🥐🇫🇷 SARL",
    "Cafe\u{301} Ange\u{301}lique Zu\u{308}rich GmbH",
    "O'Brien \"Quote\" & Söns \\ Backslash Ltd",
    "קבוצת אורן שירותי מחשוב בע\"מ",
    "100% Natur_Kost GmbH",
    "株式会社みなもと物流サービス",
    "İstanbul Çağrı Merkezi A.Ş.",
    "Null",
    "บริษัท ใบตอง ดิจิทัล จำกัด",
    "Mixed עברית and العربية Trading (FZE)",
    "👩‍👩‍👧‍👦 Family Desk Inc.",
    "Å",
    "'; drop table customers; --",
    "Ελληνικά Νερά Α.Ε.",
    "ТОВ «Степові Дані»",
    "T\u{323}o\u{304}\u{301}n V\u{1e0}\u{302}n Hải Phòng JSC",
    "one-two-three-four-five-six-seven-eight-nine-ten-eleven-twelve-thirteen-fourteen-fifteen-sixteen LLC",
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn slugs_are_plain() {
        for (name, expected) in [
            ("Brightwater", "brightwater"),
            ("Quarry Street", "quarry-street"),
            ("Weißenborn & Söhne", "weissenborn-soehne"),
            ("O'Halloran", "ohalloran"),
            ("株式会社", "org"),
        ] {
            assert_eq!(slug(name), expected);
        }
    }

    #[test]
    fn few_companies_share_a_name() {
        let words = Words::new();
        let names: HashSet<String> = (0..2_000)
            .map(|number| {
                let mut rng = Rng::stream(1, number);
                let country = words.country(&mut rng);
                words.identity(&mut rng, country, number).name
            })
            .collect();
        assert!(names.len() > 1_940, "{}", names.len());
    }

    #[test]
    fn every_name_is_one_the_rules_keep() {
        for name in HARD_NAMES {
            assert_eq!(crate::customers::rules::name("name", name).unwrap(), name);
        }
    }
}
