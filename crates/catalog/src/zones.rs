//! What products that follow Rails call a time zone. A product that knows no IANA names shows these in its settings.

/// IANA name and the product's name, sorted. Where the product has several names for a zone, one of them.
const RAILS: &[(&str, &str)] = &[
    ("Africa/Algiers", "West Central Africa"),
    ("Africa/Cairo", "Cairo"),
    ("Africa/Casablanca", "Casablanca"),
    ("Africa/Harare", "Harare"),
    ("Africa/Johannesburg", "Pretoria"),
    ("Africa/Monrovia", "Monrovia"),
    ("Africa/Nairobi", "Nairobi"),
    ("America/Argentina/Buenos_Aires", "Buenos Aires"),
    ("America/Bogota", "Bogota"),
    ("America/Caracas", "Caracas"),
    ("America/Chicago", "Central Time (US & Canada)"),
    ("America/Chihuahua", "Chihuahua"),
    ("America/Denver", "Mountain Time (US & Canada)"),
    ("America/Guatemala", "Central America"),
    ("America/Guyana", "Georgetown"),
    ("America/Halifax", "Atlantic Time (Canada)"),
    ("America/Indiana/Indianapolis", "Indiana (East)"),
    ("America/Juneau", "Alaska"),
    ("America/La_Paz", "La Paz"),
    ("America/Lima", "Lima"),
    ("America/Los_Angeles", "Pacific Time (US & Canada)"),
    ("America/Mazatlan", "Mazatlan"),
    ("America/Mexico_City", "Mexico City"),
    ("America/Monterrey", "Monterrey"),
    ("America/Montevideo", "Montevideo"),
    ("America/New_York", "Eastern Time (US & Canada)"),
    ("America/Nuuk", "Greenland"),
    ("America/Phoenix", "Arizona"),
    ("America/Puerto_Rico", "Puerto Rico"),
    ("America/Regina", "Saskatchewan"),
    ("America/Santiago", "Santiago"),
    ("America/Sao_Paulo", "Brasilia"),
    ("America/St_Johns", "Newfoundland"),
    ("America/Tijuana", "Tijuana"),
    ("Asia/Almaty", "Almaty"),
    ("Asia/Baghdad", "Baghdad"),
    ("Asia/Baku", "Baku"),
    ("Asia/Bangkok", "Bangkok"),
    ("Asia/Chongqing", "Chongqing"),
    ("Asia/Colombo", "Sri Jayawardenepura"),
    ("Asia/Dhaka", "Dhaka"),
    ("Asia/Hong_Kong", "Hong Kong"),
    ("Asia/Irkutsk", "Irkutsk"),
    ("Asia/Jakarta", "Jakarta"),
    ("Asia/Jerusalem", "Jerusalem"),
    ("Asia/Kabul", "Kabul"),
    ("Asia/Kamchatka", "Kamchatka"),
    ("Asia/Karachi", "Karachi"),
    ("Asia/Kathmandu", "Kathmandu"),
    ("Asia/Kolkata", "Kolkata"),
    ("Asia/Krasnoyarsk", "Krasnoyarsk"),
    ("Asia/Kuala_Lumpur", "Kuala Lumpur"),
    ("Asia/Kuwait", "Kuwait"),
    ("Asia/Magadan", "Magadan"),
    ("Asia/Muscat", "Muscat"),
    ("Asia/Novosibirsk", "Novosibirsk"),
    ("Asia/Rangoon", "Rangoon"),
    ("Asia/Riyadh", "Riyadh"),
    ("Asia/Seoul", "Seoul"),
    ("Asia/Shanghai", "Beijing"),
    ("Asia/Singapore", "Singapore"),
    ("Asia/Srednekolymsk", "Srednekolymsk"),
    ("Asia/Taipei", "Taipei"),
    ("Asia/Tashkent", "Tashkent"),
    ("Asia/Tbilisi", "Tbilisi"),
    ("Asia/Tehran", "Tehran"),
    ("Asia/Tokyo", "Tokyo"),
    ("Asia/Ulaanbaatar", "Ulaanbaatar"),
    ("Asia/Urumqi", "Urumqi"),
    ("Asia/Vladivostok", "Vladivostok"),
    ("Asia/Yakutsk", "Yakutsk"),
    ("Asia/Yekaterinburg", "Ekaterinburg"),
    ("Asia/Yerevan", "Yerevan"),
    ("Atlantic/Azores", "Azores"),
    ("Atlantic/Cape_Verde", "Cape Verde Is."),
    ("Atlantic/South_Georgia", "Mid-Atlantic"),
    ("Australia/Adelaide", "Adelaide"),
    ("Australia/Brisbane", "Brisbane"),
    ("Australia/Darwin", "Darwin"),
    ("Australia/Hobart", "Hobart"),
    ("Australia/Melbourne", "Melbourne"),
    ("Australia/Perth", "Perth"),
    ("Australia/Sydney", "Sydney"),
    ("Etc/UTC", "UTC"),
    ("Europe/Amsterdam", "Amsterdam"),
    ("Europe/Athens", "Athens"),
    ("Europe/Belgrade", "Belgrade"),
    ("Europe/Berlin", "Berlin"),
    ("Europe/Bratislava", "Bratislava"),
    ("Europe/Brussels", "Brussels"),
    ("Europe/Bucharest", "Bucharest"),
    ("Europe/Budapest", "Budapest"),
    ("Europe/Copenhagen", "Copenhagen"),
    ("Europe/Dublin", "Dublin"),
    ("Europe/Helsinki", "Helsinki"),
    ("Europe/Istanbul", "Istanbul"),
    ("Europe/Kaliningrad", "Kaliningrad"),
    ("Europe/Kyiv", "Kyiv"),
    ("Europe/Lisbon", "Lisbon"),
    ("Europe/Ljubljana", "Ljubljana"),
    ("Europe/London", "London"),
    ("Europe/Madrid", "Madrid"),
    ("Europe/Minsk", "Minsk"),
    ("Europe/Moscow", "Moscow"),
    ("Europe/Paris", "Paris"),
    ("Europe/Prague", "Prague"),
    ("Europe/Riga", "Riga"),
    ("Europe/Rome", "Rome"),
    ("Europe/Samara", "Samara"),
    ("Europe/Sarajevo", "Sarajevo"),
    ("Europe/Skopje", "Skopje"),
    ("Europe/Sofia", "Sofia"),
    ("Europe/Stockholm", "Stockholm"),
    ("Europe/Tallinn", "Tallinn"),
    ("Europe/Vienna", "Vienna"),
    ("Europe/Vilnius", "Vilnius"),
    ("Europe/Volgograd", "Volgograd"),
    ("Europe/Warsaw", "Warsaw"),
    ("Europe/Zagreb", "Zagreb"),
    ("Europe/Zurich", "Zurich"),
    ("Pacific/Apia", "Samoa"),
    ("Pacific/Auckland", "Auckland"),
    ("Pacific/Chatham", "Chatham Is."),
    ("Pacific/Fakaofo", "Tokelau Is."),
    ("Pacific/Fiji", "Fiji"),
    ("Pacific/Guadalcanal", "Solomon Is."),
    ("Pacific/Guam", "Guam"),
    ("Pacific/Honolulu", "Hawaii"),
    ("Pacific/Majuro", "Marshall Is."),
    ("Pacific/Midway", "Midway Island"),
    ("Pacific/Noumea", "New Caledonia"),
    ("Pacific/Pago_Pago", "American Samoa"),
    ("Pacific/Port_Moresby", "Port Moresby"),
    ("Pacific/Tongatapu", "Nuku'alofa"),
];

/// Other IANA names of the same zones.
const ALSO: &[(&str, &str)] = &[
    ("America/Buenos_Aires", "America/Argentina/Buenos_Aires"),
    ("America/Godthab", "America/Nuuk"),
    ("America/Indianapolis", "America/Indiana/Indianapolis"),
    ("Asia/Calcutta", "Asia/Kolkata"),
    ("Asia/Katmandu", "Asia/Kathmandu"),
    ("Asia/Yangon", "Asia/Rangoon"),
    ("Etc/GMT", "Etc/UTC"),
    ("Europe/Kiev", "Europe/Kyiv"),
    ("GMT", "Etc/UTC"),
    ("US/Central", "America/Chicago"),
    ("US/Eastern", "America/New_York"),
    ("US/Mountain", "America/Denver"),
    ("US/Pacific", "America/Los_Angeles"),
    ("UTC", "Etc/UTC"),
];

/// Further names of such products, of zones that have another one above. Sorted.
const MORE: &[(&str, &str)] = &[
    ("Abu Dhabi", "Asia/Muscat"),
    ("Astana", "Asia/Almaty"),
    ("Asuncion", "America/Asuncion"),
    ("Bern", "Europe/Zurich"),
    ("Canberra", "Australia/Melbourne"),
    ("Chennai", "Asia/Kolkata"),
    ("Edinburgh", "Europe/London"),
    ("Guadalajara", "America/Mexico_City"),
    ("Hanoi", "Asia/Bangkok"),
    ("International Date Line West", "Etc/GMT+12"),
    ("Islamabad", "Asia/Karachi"),
    ("Kyev", "Europe/Kyiv"),
    ("Mumbai", "Asia/Kolkata"),
    ("New Delhi", "Asia/Kolkata"),
    ("Osaka", "Asia/Tokyo"),
    ("Quito", "America/Lima"),
    ("Sapporo", "Asia/Tokyo"),
    ("St. Petersburg", "Europe/Moscow"),
    ("Wellington", "Pacific/Auckland"),
];

/// Whether such a product calls a zone by this name.
#[must_use]
pub fn is_product_name(name: &str) -> bool {
    RAILS.iter().any(|(_, own)| *own == name) || find(MORE, name).is_some()
}

/// What such a product calls a zone; `None` when it has no name for it.
#[must_use]
pub fn rails_name(iana: &str) -> Option<&'static str> {
    let iana = find(ALSO, iana).unwrap_or(iana);
    find(RAILS, iana)
}

/// The zone that a product means by a name: its own one, or the IANA name itself.
#[must_use]
pub fn iana_name(name: &str) -> &str {
    let own = RAILS.iter().find(|(_, own)| *own == name).map(|(iana, _)| *iana);
    own.or_else(|| find(MORE, name)).unwrap_or(name)
}

/// The zones for which such a product has names, with those names, sorted by IANA name.
#[must_use]
pub fn rails_zones() -> &'static [(&'static str, &'static str)] {
    RAILS
}

fn find(table: &'static [(&'static str, &'static str)], name: &str) -> Option<&'static str> {
    let at = table.binary_search_by(|(key, _)| (*key).cmp(name)).ok()?;
    table.get(at).map(|(_, value)| *value)
}

#[cfg(test)]
mod tests {
    use super::{ALSO, MORE, RAILS, rails_name};

    #[test]
    fn tables_are_sorted_and_lead_somewhere() {
        assert!(RAILS.is_sorted_by(|a, b| a.0 < b.0));
        assert!(ALSO.is_sorted_by(|a, b| a.0 < b.0));
        assert!(MORE.is_sorted_by(|a, b| a.0 < b.0));
        assert!(MORE.iter().all(|(own, _)| RAILS.iter().all(|(_, other)| other != own)));
        assert!(ALSO.iter().all(|(_, zone)| rails_name(zone).is_some()));
    }

    #[test]
    fn names_of_zones() {
        assert_eq!(rails_name("America/Los_Angeles"), Some("Pacific Time (US & Canada)"));
        assert_eq!(rails_name("Asia/Calcutta"), Some("Kolkata"));
        assert_eq!(rails_name("America/Toronto"), None);
        assert_eq!(super::iana_name("Lisbon"), "Europe/Lisbon");
        assert_eq!(super::iana_name("America/Toronto"), "America/Toronto");
        assert_eq!(super::iana_name("Bern"), "Europe/Zurich");
        assert!(super::is_product_name("Bern") && !super::is_product_name("Foobar"));
    }
}
