//! What the name of a variable, an option or a label says of its value.

/// What says that a value is secret wherever it stands in a name, whatever separates the name's parts.
const WORDS: [&str; 19] = [
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "PASSCODE",
    "SECRET",
    "TOKEN",
    "CREDENTIAL",
    "APIKEY",
    "PRIVATEKEY",
    "ACCESSCODE",
    "COOKIE",
    "JWT",
    "PGPASS",
    "MNEMONIC",
    "SEEDPHRASE",
    "BASICAUTH",
    "MASTERAUTH",
    "SESSIONID",
    "SESSID",
];

/// What says it as a part of a name: `DB_PASS`, `clientKey`.
const PARTS: [&str; 16] = [
    "KEYS",
    "AUTH",
    "PW",
    "CRED",
    "CREDS",
    "PRIVATE",
    "SALT",
    "PEPPER",
    "PIN",
    "OTP",
    "TOTP",
    "SIGNING",
    "SIGNATURE",
    "SIG",
    "BEARER",
    "HMAC",
];

/// The last part of a name that is an error's, of which the text is told: `KeyError`.
const ERRORS: [&str; 2] = ["ERROR", "EXCEPTION"];

/// What says it as the last part of a name: `AGENT_AUTHENTICATION`.
const LAST_PARTS: [&str; 2] = ["AUTHENTICATION", "AUTHORIZATION"];

/// What says it at the end of a part: `ENCRYPTIONKEY`, `MASTERPASS`.
const ENDINGS: [&str; 3] = ["KEY", "PASS", "PWD"];

/// Parts that end so by chance.
const OTHER_WORDS: [&str; 19] = [
    "MONKEY",
    "TURKEY",
    "DONKEY",
    "HOCKEY",
    "JOCKEY",
    "WHISKEY",
    "MICKEY",
    "LACKEY",
    "SMOKEY",
    "VALKEY",
    "HOTKEY",
    "NEWKEY",
    "COMPASS",
    "BYPASS",
    "SURPASS",
    "OVERPASS",
    "UNDERPASS",
    "TRESPASS",
    "ENCOMPASS",
];

/// What a key is called that everybody may know.
const PUBLIC: [&str; 3] = ["PUBLIC", "PUB", "PUBLISHABLE"];

/// What a name ends with that is about a file or directory.
const PATHS: [&str; 4] = ["FILE", "PATH", "DIR", "DIRECTORY"];

/// Where container engines put secrets, and what files that hold them end with.
const SECRET_DIRECTORIES: [&str; 2] = ["/run/secrets/", "/var/run/secrets/"];
const SECRET_FILES: [&str; 10] = [".pem", ".key", ".crt", ".cer", ".p12", ".pfx", ".jks", ".json", ".txt", ".htpasswd"];

/// The last part of a name that is about a number or a time.
const MEASURES: [&str; 19] = [
    "TTL",
    "EXP",
    "EXPIRY",
    "EXPIRE",
    "EXPIRES",
    "EXPIRATION",
    "LIFETIME",
    "TIMEOUT",
    "AGE",
    "INTERVAL",
    "LENGTH",
    "SIZE",
    "COUNT",
    "LIMIT",
    "ROUNDS",
    "SECONDS",
    "MINUTES",
    "HOURS",
    "DAYS",
];

/// The last part of a name that is about a choice among a few.
const CHOICES: [&str; 12] = [
    "METHOD",
    "MECHANISM",
    "TYPE",
    "MODE",
    "ALGORITHM",
    "ALG",
    "PROVIDER",
    "DRIVER",
    "BACKEND",
    "STRATEGY",
    "MANAGER",
    "SOURCE",
];

/// The most characters of a word that is a choice.
const CHOICE: usize = 20;

/// What the answer to yes or no is.
const ANSWERS: [&str; 6] = ["true", "false", "yes", "no", "on", "off"];

/// The parts of names that hold connection strings: `SENTRY_DSN`, `CONN`.
const CONNECTIONS: [&str; 5] = ["DSN", "CONN", "CONNECTION", "CONNSTR", "CONNECTIONSTRING"];

/// The last parts of names that hold URLs.
const URLS: [&str; 5] = ["URL", "URI", "ENDPOINT", "HOST", "DSN"];

/// Whether a name says that its value is secret.
pub(super) fn is_secret(name: &str) -> bool {
    let parts = parts(name);
    if parts.last().is_some_and(|last| ERRORS.contains(&last.as_str())) {
        return false;
    }
    let squeezed = squeezed(name);
    if WORDS.iter().any(|word| squeezed.contains(word)) {
        return true;
    }
    if parts.last().is_some_and(|last| LAST_PARTS.contains(&last.as_str())) {
        return true;
    }
    parts.iter().enumerate().any(|(index, part)| {
        let part = part.as_str();
        let is_public = index > 0 && PUBLIC.contains(&parts[index - 1].as_str());
        let ends_so = || ENDINGS.iter().any(|ending| part.ends_with(ending)) && !OTHER_WORDS.contains(&part);
        !(is_public && part.starts_with("KEY")) && (PARTS.contains(&part) || ends_so())
    })
}

/// Whether a value cannot be the secret that its name speaks of: it is the path of a file, a time, a choice.
pub(super) fn is_harmless(name: &str, value: &str) -> bool {
    let parts = parts(name);
    let last = parts.last().map_or("", String::as_str);
    let first = parts.first().map_or("", String::as_str);
    ANSWERS.contains(&value.to_ascii_lowercase().as_str())
        || is_path_of_secrets(value)
        || (PATHS.iter().any(|end| last.ends_with(end)) && is_path(value))
        || ((MEASURES.contains(&last) || matches!(first, "MAX" | "MIN")) && is_measure(value))
        || (CHOICES.contains(&last) && is_choice(value))
}

/// Whether a name says that its value is a connection string, in which there can be a password.
pub(super) fn holds_connection(name: &str) -> bool {
    parts(name).iter().any(|part| CONNECTIONS.contains(&part.as_str())) || squeezed(name).contains("CONNECTIONSTRING")
}

/// Whether a name says that its value is a URL.
pub(super) fn holds_url(name: &str) -> bool {
    parts(name).last().is_some_and(|last| URLS.iter().any(|end| last.ends_with(end)))
}

fn is_path(value: &str) -> bool {
    ["/", "./", "../", "~/"].iter().any(|beginning| value.starts_with(beginning))
        && !value.contains(char::is_whitespace)
}

fn is_path_of_secrets(value: &str) -> bool {
    is_path(value)
        && (SECRET_DIRECTORIES.iter().any(|directory| value.starts_with(directory))
            || SECRET_FILES.iter().any(|end| value.ends_with(end)))
}

/// A number, perhaps with a unit: `3600`, `7d`, `1.5 h`.
fn is_measure(value: &str) -> bool {
    let unit = value.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    unit.len() < value.len()
        && value.len() - unit.len() <= 10
        && unit.trim_start().len() <= 3
        && unit.chars().all(|c| c.is_ascii_alphabetic() || c == ' ')
}

/// A short word in small or capital letters: `scram-sha-256`, `RS256`.
fn is_choice(value: &str) -> bool {
    value.len() <= CHOICE
        && value.starts_with(|first: char| first.is_ascii_alphabetic())
        && value.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

/// The letters and digits of a name, in capitals.
fn squeezed(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

/// The parts of a name in capitals, whether it is `written_so`, `written-so`, `written.so` or `writtenSo`.
fn parts(name: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut before = '_';
    for c in name.chars() {
        let begins = before.is_ascii_lowercase() && c.is_ascii_uppercase();
        if (begins || !c.is_ascii_alphanumeric()) && parts.last().is_some_and(|part| !part.is_empty()) {
            parts.push(String::new());
        }
        if c.is_ascii_alphanumeric()
            && let Some(part) = parts.last_mut()
        {
            part.push(c.to_ascii_uppercase());
        }
        before = c;
    }
    parts.retain(|part| !part.is_empty());
    parts
}
