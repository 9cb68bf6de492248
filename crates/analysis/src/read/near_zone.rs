//! The time zone that somebody meant who named a city or a country.

use cutover_diagnostics::suggest;

/// Cities and countries that people name in place of their zone. Where a country has several zones, that of most of its people.
const PLACES: &[(&str, &[&str])] = &[
    ("Africa/Johannesburg", &["capetown", "durban", "pretoria", "southafrica"]),
    ("America/Argentina/Buenos_Aires", &["argentina", "cordoba"]),
    ("America/Bogota", &["colombia", "medellin"]),
    (
        "America/Chicago",
        &["austin", "centraltime", "cst", "dallas", "houston", "minneapolis", "nashville", "stlouis"],
    ),
    ("America/Denver", &["mountaintime", "mst", "saltlakecity"]),
    (
        "America/Los_Angeles",
        &["california", "pacifictime", "portland", "pst", "sandiego", "sanfrancisco", "sanjose", "seattle"],
    ),
    ("America/Mexico_City", &["guadalajara", "mexico"]),
    (
        "America/New_York",
        &["atlanta", "boston", "easterntime", "est", "miami", "philadelphia", "us", "usa", "washington"],
    ),
    ("America/Sao_Paulo", &["brasilia", "brazil", "rio", "riodejaneiro"]),
    ("America/Toronto", &["canada", "montreal", "ottawa"]),
    ("Asia/Dubai", &["abudhabi", "uae"]),
    ("Asia/Ho_Chi_Minh", &["hanoi", "vietnam"]),
    ("Asia/Jerusalem", &["israel"]),
    (
        "Asia/Kolkata",
        &[
            "bangalore",
            "bengaluru",
            "chennai",
            "delhi",
            "hyderabad",
            "india",
            "ist",
            "mumbai",
            "newdelhi",
            "pune",
        ],
    ),
    ("Asia/Manila", &["cebu", "philippines"]),
    ("Asia/Seoul", &["busan", "korea", "southkorea"]),
    ("Asia/Shanghai", &["beijing", "china", "guangzhou", "shenzhen"]),
    ("Asia/Tokyo", &["japan", "kyoto", "osaka"]),
    ("Australia/Melbourne", &["victoria"]),
    ("Australia/Sydney", &["aest", "australia", "canberra"]),
    ("Europe/Amsterdam", &["netherlands", "rotterdam", "thehague", "utrecht"]),
    (
        "Europe/Berlin",
        &[
            "bonn",
            "bremen",
            "cologne",
            "dortmund",
            "dresden",
            "dusseldorf",
            "essen",
            "frankfurt",
            "germany",
            "hamburg",
            "hannover",
            "hanover",
            "koln",
            "leipzig",
            "munchen",
            "munich",
            "nuremberg",
            "stuttgart",
        ],
    ),
    ("Europe/Brussels", &["antwerp", "belgium", "ghent"]),
    ("Europe/Copenhagen", &["aarhus", "denmark"]),
    ("Europe/Dublin", &["cork", "ireland"]),
    ("Europe/Helsinki", &["finland"]),
    ("Europe/Istanbul", &["ankara", "izmir", "turkey"]),
    ("Europe/Kyiv", &["kharkiv", "lviv", "ukraine"]),
    ("Europe/Lisbon", &["porto", "portugal"]),
    (
        "Europe/London",
        &[
            "belfast",
            "birmingham",
            "bristol",
            "cardiff",
            "edinburgh",
            "england",
            "glasgow",
            "gmt",
            "leeds",
            "liverpool",
            "manchester",
            "uk",
            "unitedkingdom",
        ],
    ),
    ("Europe/Madrid", &["barcelona", "seville", "spain", "valencia"]),
    ("Europe/Oslo", &["bergen", "norway"]),
    (
        "Europe/Paris",
        &["bordeaux", "cet", "france", "lille", "lyon", "marseille", "nantes", "nice", "toulouse"],
    ),
    ("Europe/Prague", &["brno", "czechia"]),
    ("Europe/Rome", &["florence", "italy", "milan", "naples", "turin"]),
    ("Europe/Stockholm", &["gothenburg", "malmo", "sweden"]),
    ("Europe/Vienna", &["austria", "graz", "salzburg"]),
    ("Europe/Warsaw", &["gdansk", "krakow", "poland", "wroclaw"]),
    ("Europe/Zurich", &["basel", "bern", "geneva", "lausanne", "switzerland"]),
    ("Pacific/Auckland", &["newzealand", "wellington"]),
];

/// The zone that was probably meant by a name that is none: of the place at its end, else one that is spelled nearly like it.
#[must_use]
pub fn of<'z>(name: &str, zones: &'z [String]) -> Option<&'z str> {
    let place = plain(name.rsplit('/').next().unwrap_or(name));
    let exact = |zone: &str| zones.iter().find(|known| *known == zone).map(String::as_str);
    let city = |zone: &&String| plain(zone.rsplit('/').next().unwrap_or(zone)) == place;
    // `Berlin` and `Germany/Berlin` end with the city of a zone. Old names of zones have no region, or one city only.
    let of_city = zones.iter().filter(|zone| zone.contains('/')).find(city).map(String::as_str);
    let of_place =
        || PLACES.iter().find(|(_, places)| places.contains(&&*place)).and_then(|(zone, _)| exact(zone));
    // Within one region a slip is one in the city: the region itself makes no two names alike.
    let spelled = || {
        let (region, city) = name.rsplit_once('/')?;
        let cities = zones.iter().filter_map(|zone| {
            let (of, city) = zone.rsplit_once('/')?;
            of.eq_ignore_ascii_case(region).then_some(city)
        });
        let near = *suggest::nearest(city, cities, 1).first()?;
        zones.iter().map(String::as_str).find(|zone| {
            zone.rsplit_once('/').is_some_and(|(of, city)| city == near && of.eq_ignore_ascii_case(region))
        })
    };
    let whole = || suggest::nearest(name, zones.iter().map(String::as_str), 1).first().copied();
    of_city.or_else(of_place).or_else(spelled).or_else(|| if name.contains('/') { None } else { whole() })
}

/// Lower-case letters without marks, blanks and signs.
fn plain(name: &str) -> String {
    name.to_lowercase()
        .chars()
        .filter_map(|c| match c {
            'ä' | 'á' | 'à' | 'ã' => Some('a'),
            'é' | 'è' => Some('e'),
            'ö' | 'ó' | 'ø' => Some('o'),
            'ü' | 'ú' => Some('u'),
            'ń' => Some('n'),
            c => c.is_ascii_alphabetic().then_some(c),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{PLACES, of};
    use cutover_calendar::{Zone, zone_names};

    #[test]
    fn places_lead_to_zones() {
        let zones = zone_names();
        for (name, zone) in [
            ("Europe/Hamburg", Some("Europe/Berlin")),
            ("Europe/München", Some("Europe/Berlin")),
            ("Berlin", Some("Europe/Berlin")),
            ("USA/San Francisco", Some("America/Los_Angeles")),
            ("Europe/Brelin", Some("Europe/Berlin")),
            ("europe/Lodnon", Some("Europe/London")),
            ("Spain", Some("Europe/Madrid")),
            ("Europe/Xyzzy", None),
        ] {
            assert_eq!(of(name, &zones), zone, "{name}");
        }
    }

    #[test]
    fn all_places_name_zones_that_exist() {
        for (zone, places) in PLACES {
            assert!(Zone::named(zone).is_some(), "{zone}");
            assert!(places.is_sorted(), "{zone}");
        }
        assert!(PLACES.is_sorted());
    }
}
