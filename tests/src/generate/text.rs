//! Words of the invented accounts: names in many scripts, subjects, sentences.

use super::Draw;

/// A person: the name as written, and the local part of an address.
pub const PEOPLE: &[(&str, &str)] = &[
    ("Ana Sousa", "ana.sousa"),
    ("Ben Carter", "ben.carter"),
    ("山田 太郎", "taro.yamada"),
    ("Олена Шевчук", "olena.shevchuk"),
    ("محمد الفارسي", "m.alfarsi"),
    ("Zoë Brontë", "zoe.bronte"),
    ("李 小龙", "li.xiaolong"),
    ("Łukasz Żółć", "lukasz.zolc"),
    ("Nguyễn Thị Hoa", "hoa.nguyen"),
    ("Ελένη Παππά", "eleni.pappa"),
    ("דנה כהן", "dana.cohen"),
    ("Seán O'Brien", "sean.obrien"),
    ("प्रिया शर्मा", "priya.sharma"),
    ("Müller, Jürgen (Einkauf)", "j.mueller"),
    ("김민수", "minsu.kim"),
    ("Carla \"CJ\" Jones", "cj.jones"),
    ("Ivan Petrov", "ivan.petrov"),
    ("สมชาย ใจดี", "somchai.jaidee"),
    ("Frida Holm", "frida.holm"),
    ("Tom van den Berg", "tom.vandenberg"),
    ("Kwame Mensah", "kwame.mensah"),
    ("Siti Rahma", "siti.rahma"),
    ("José-María de la Cruz y García-Hernández", "jm.delacruz"),
    ("X", "x"),
    ("Paula Nunes", "paula.nunes"),
    ("Grace Adeyemi", "grace.adeyemi"),
    ("Émile Côté", "emile.cote"),
    ("Ayşe Yılmaz", "ayse.yilmaz"),
    ("Noah Williams", "noah.williams"),
    ("Mia Schmidt", "mia.schmidt"),
    ("  Lena Vogel ", "lena.vogel"),
    ("accounts payable", "ap"),
];

/// Agents: the name as written, and the local part of an address.
pub const AGENTS: &[(&str, &str)] = &[
    ("Amara Osei", "amara"),
    ("Björn Åkesson", "bjorn"),
    ("Chiara Conti", "chiara"),
    ("森 大地", "daichi"),
    ("Elif Yıldız", "elif"),
    ("Farid Rahimi", "farid"),
    ("Greta Lindqvist", "greta"),
    ("Hugo Mercier", "hugo"),
    ("Ines Prado", "ines"),
    ("Jonas Weber", "jonas"),
    ("Keiko Arai", "keiko"),
    ("Liam Byrne", "liam"),
];

/// Subjects; `{n}` stands for a number.
const SUBJECTS: &[&str] = &[
    "Cannot log in since the update",
    "Invoice {n} shows the wrong VAT number",
    "API answers 502 for /v2/orders",
    "Password reset mail never arrives",
    "Frage zur Rechnung {n}",
    "Le téléchargement échoue à 99 %",
    "請求書 {n} について",
    "Не приходит код подтверждения",
    "طلب استرجاع {n}",
    "App crashes when I open the camera",
    "Please cancel order {n}",
    "Rückgabe der Bestellung {n}",
    "Upgrade from Basic to Team",
    "Two accounts with one address",
    "Export of contacts is empty",
    "RE: RE: FW: your message of Monday",
    "<b>URGENT</b> & \"important\" | pipe",
    "How do I add a colleague?",
    "  leading and trailing blanks  ",
    "¿Puedo pagar por transferencia?",
    "Łącze nie działa 😡",
    "Tab\tinside",
    "Calendar is one hour late since the clocks changed",
    "Order {n} arrived damaged",
    "Where is parcel {n}?",
    "Delete my account please",
];

const SENTENCES: &[&str] = &[
    "It worked until Friday.",
    "Please see the attached log.",
    "We have tried three browsers.",
    "Der Fehler tritt nur bei einigen Kunden auf.",
    "Merci de votre aide !",
    "The order arrived with a broken corner.",
    "お手数ですが、ご確認ください。",
    "I was charged twice on the same day.",
    "Our contract ends next month.",
    "Ответьте, пожалуйста, сегодня.",
    "Nothing happens after I press the button.",
    "This blocks forty people.",
    "Could you call me back after four?",
    "شكرا لكم على المساعدة.",
    "Is a < b && c > d in your parser?",
];

const ANSWERS: &[&str] = &[
    "Thank you for the report; we are looking into it.",
    "Could you send us the exact time?",
    "The fix is live, please try again.",
    "A refund is on its way and takes three to five days.",
    "Vielen Dank, wir melden uns morgen.",
    "The label is attached. Please use the original box.",
];

const NOTES: &[&str] = &[
    "Called twice, no answer. Do not promise a date.",
    "Known defect, engineers have it on their list.",
    "Customer is on the old price plan; check with sales first.",
    "Refund approved by Elif.",
    "VIP: answer before noon. Паспорт не просить.",
];

/// A file that somebody attached: name, type, bytes.
pub const FILES: &[(&str, &str, usize)] = &[
    ("log.txt", "text/plain", 4_118),
    ("Übersicht März.csv", "text/csv", 12_044),
    ("スクリーンショット.png", "image/png", 288_310),
    ("empty.dat", "application/octet-stream", 0),
    ("invoice.pdf", "application/pdf", 90_417),
    ("../../etc/passwd", "text/plain", 50),
    ("recording.mov", "video/quicktime", 47_185_920),
];

/// A subject of ordinary length.
pub fn subject(draw: &mut Draw) -> String {
    draw.pick(SUBJECTS).replace("{n}", &(1_000 + draw.below(9_000)).to_string())
}

/// A subject of exactly so many characters, as old trackers make them when they forward.
pub fn long_subject(draw: &mut Draw, characters: usize) -> String {
    const TAIL: &str = " – forwarded from the old tracker: Home > Customers > Europe > Contracts > Renewals > Escalations > Zweite Mahnung";
    let start = subject(draw);
    let start = start.trim();
    let text: String = start.chars().chain(TAIL.chars().cycle()).take(characters.saturating_sub(1)).collect();
    // The last character is no blank, so that trimming does not shorten it.
    text + "."
}

/// What a customer writes: a few sentences, sometimes with line breaks of another machine.
pub fn question(draw: &mut Draw) -> String {
    let count = 1 + draw.below(3);
    let text = (0..count).map(|_| draw.pick(SENTENCES)).collect::<Vec<_>>().join(" ");
    if draw.chance(15) { text.replace(". ", ".\r\n\r\n") + "\r\n-- \r\nsent from a phone" } else { text }
}

/// What an agent answers.
pub fn answer(draw: &mut Draw) -> String {
    draw.pick(ANSWERS).to_owned()
}

/// What an agent notes for colleagues only.
pub fn note(draw: &mut Draw) -> String {
    draw.pick(NOTES).to_owned()
}

/// The text as HTML: a paragraph a line.
#[must_use]
pub fn html(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace("\r\n", "\n");
    let lines: Vec<&str> = escaped.split('\n').filter(|line| !line.is_empty()).collect();
    format!("<p>{}</p>", lines.join("</p><p>"))
}
