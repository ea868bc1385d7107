mod tables;

use std::fmt::{Debug, Display};

use super::*;
use tables::{COMMANDS, TEXTS, VALUES};

/// That what was shown is what should be shown; all rows of a table that are wrong are told at once.
#[track_caller]
fn same<S: Display, E: Display>(rows: impl Iterator<Item = (impl Debug, S, E)>) {
    let wrong: Vec<_> = rows
        .filter(|(_, shown, expected)| shown.to_string() != expected.to_string())
        .map(|(row, shown, expected)| format!("{row:?}\n  is shown as {shown}\n  and not as  {expected}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn values_are_shown_but_for_what_is_secret_in_them() {
    same(VALUES.iter().map(|(value, shown)| (value, mask_value("VALUE", value), *shown)));
}

#[test]
fn what_was_masked_stays_as_it_is() {
    for (_, shown) in VALUES {
        assert_eq!(mask_value("VALUE", shown), *shown);
        assert_eq!(mask_text(&mask_text(shown)), mask_text(shown));
    }
}

#[test]
fn a_name_that_says_secret_hides_the_whole_value() {
    let names = [
        "POSTGRES_PASSWORD",
        "db_pwd",
        "API_KEY",
        "key",
        "GitHub-Token",
        "client_secret",
        "BASIC-AUTH",
        "DB_PASS",
        "PGPASSWORD",
        "PGPASS",
        "MASTERPASS",
        "RABBITMQ_ERLANG_COOKIE",
        "JWT",
        "ENCRYPTIONKEY",
        "AWS_ACCESS_KEY_ID",
        "clientSecret",
        "apiKey",
        "encryptionKey",
        "SECRET_KEY_BASE",
        "HASHIDS_SALT",
        "JWT_SIGNING",
        "PGADMIN_PW",
        "SMTP_PWD",
        "CREDS_KEY",
        "API_KEYS",
        "GITEA__database__PASSWD",
        "hibernate_connection_password",
        "SEED_PHRASE",
        "MNEMONIC",
        "ACCESS_CODE",
        "TWO_FACTOR_OTP",
        "REDIS_AUTH",
        "SIGNALING_SECRET",
        "NEXT_PUBLIC_SUPABASE_ANON_KEY",
        "PUBLIC_KEY_PASSWORD",
        "traefik.http.middlewares.a.basicauth.users",
        "CR_CONF_Database.Password",
        "AZURE_STORAGE_CONNECTIONKEY",
        "DB-ROOT-PASSWORD",
        "VAPID_PRIVATE_KEY",
        "SW_AUTHENTICATION",
        "AUTHORIZATION",
    ];
    for name in names {
        assert_eq!(mask_value(name, "hunter2"), MASK, "{name}");
    }
}

#[test]
fn a_name_that_says_nothing_hides_nothing() {
    let names = [
        "MODE",
        "MONKEY",
        "TURKEY",
        "KEYBOARD",
        "VALKEY",
        "PATH",
        "USER",
        "AUTHOR",
        "COMPASS",
        "BYPASS",
        "VALKEY_ADDR",
        "PASSENGER_APP_ENV",
        "SERVICE_URL_KEYCLOAK_8080",
        "KEYCLOAK_ADMIN",
        "CONNECT_TIMEOUT",
        "PINNED",
        "SSL_CERT",
        "VAPID_PUBLIC_KEY",
        "STRIPE_PUBLISHABLE_KEY",
        "DB_CONNECTION",
        "SIGNUP",
        "ASSIGNED",
        "HOTKEY",
        "SPINNER",
        "POSTGRES_DB",
        "KeyError",
        "jwt.exceptions.InvalidTokenError",
        "PasswordException",
        "tokio",
    ];
    for name in names {
        assert_eq!(mask_value(name, "hunter2"), "hunter2", "{name}");
    }
}

#[test]
fn a_value_that_cannot_be_the_secret_that_its_name_speaks_of_is_shown() {
    let shown = [
        ("POSTGRES_PASSWORD_FILE", "/run/secrets/db-password"),
        ("DATABASE_PASSWORD", "/run/secrets/db-password"),
        ("SSL_KEY_PATH", "/etc/ssl/server.key"),
        ("TLS_KEY", "/etc/ssl/server.key"),
        ("ENABLE_AUTH", "true"),
        ("MYSQL_ALLOW_EMPTY_PASSWORD", "yes"),
        ("JWT_TTL", "3600"),
        ("JWT_EXPIRES", "7d"),
        ("MAX_TOKENS", "4096"),
        ("POSTGRES_HOST_AUTH_METHOD", "scram-sha-256"),
        ("OIDC_SIGNING_ALGORITHM", "RS256"),
        ("OIDC_TOKEN_URI", "https://id.example/token"),
        ("DB_PASSWORD", ""),
    ];
    for (name, value) in shown {
        assert_eq!(mask_value(name, value), value, "{name}");
    }
    let hidden = [
        ("POSTGRES_PASSWORD_FILE", "hunter2"),
        ("DATABASE_PASSWORD", "/hunter2"),
        ("ENABLE_AUTH", "hunter2"),
        ("JWT_TTL", "hunter2"),
        ("PASSWORD", "3600"),
        ("AUTH_METHOD", "hunter2-hunter2-hunter2"),
        ("TOKEN_URI", "hunter2"),
    ];
    for (name, value) in hidden {
        assert_eq!(mask_value(name, value), MASK, "{name}");
    }
}

#[test]
fn of_a_connection_string_that_is_not_understood_nothing_is_shown() {
    let table = [
        ("SENTRY_DSN", "https://abc123@sentry.example/1", "https://***@sentry.example/1"),
        ("DSN", "tcp://clickhouse:9000", "tcp://clickhouse:9000"),
        ("DB_CONNECTION", "pgsql", "pgsql"),
        ("MAX_CONNECTIONS", "100", "100"),
        ("CONN", "db:5432", "db:5432"),
        ("CONNECTION_STRING", "{db.url}", "{db.url}"),
        ("CONN", "host=db dbname=x", "host=db dbname=x"),
        ("CONN", "Server=db;Password=x", "Server=db;Password=***"),
        ("DSN", "sa/hunter2", "***"),
        ("ORACLE_CONN", "scott/tiger", "***"),
        ("DB_CONNECTION_STRING", "u:hunter2", "***"),
    ];
    for (name, value, shown) in table {
        assert_eq!(mask_value(name, value), shown, "{name}={value}");
    }
}

#[test]
fn command_lines_are_shown_but_for_their_secrets() {
    same(COMMANDS.iter().map(|(argv, shown)| {
        let words: Vec<String> = argv.iter().map(ToString::to_string).collect();
        (argv, format!("{:?}", mask_argv(&words)), format!("{shown:?}"))
    }));
}

#[test]
fn texts_are_shown_but_for_their_secrets() {
    same(TEXTS.iter().map(|(text, shown)| (text, mask_text(text), *shown)));
}

#[test]
fn known_secrets_are_masked_wherever_they_stand() {
    let values = [("db_password", "hunter2"), ("mode", "debug"), ("token", "abc"), ("url", "redis://:hunter3@h")];
    let text = "cannot be `hunter2` in debug of abc at redis://h: hunter2!";
    assert_eq!(mask_known(text, values), "cannot be `***` in debug of abc at redis://h: ***!");
}

#[test]
fn long_texts_take_no_longer_than_they_are_long() {
    // Each would take minutes if what follows were looked at again and again.
    for piece in [
        "a://",
        "a://b:",
        "key=",
        "'",
        "\"",
        "`",
        "'\"",
        "\\\"",
        "token: \"",
        "-p ",
        "x@",
        "://@",
        "{\"key\":\"",
        ";key=",
        "eyJ",
    ] {
        let text = piece.repeat(100_000 / piece.len());
        let began = std::time::Instant::now();
        let _ = (mask_value("VALUE", &text), mask_text(&text), mask_argv(std::slice::from_ref(&text)));
        assert!(began.elapsed().as_secs() < 10, "{piece:?} took {:?}", began.elapsed());
    }
}

proptest::proptest! {
    #[test]
    fn whatever_stands_round_it_a_password_is_not_shown(
        before in "[ -~]{0,12}",
        after in "[ -~]{0,12}",
        password in "hunter[0-9a-z]{4,12}",
    ) {
        let texts = [
            format!("{before} postgres://ada:{password}@db/{after}"),
            format!("{before} --password={password} {after}"),
            format!("{before}\nDB_PASSWORD={password} {after}"),
            format!("{before} Authorization: Bearer {password} {after}"),
        ];
        for text in texts {
            proptest::prop_assert!(!mask_text(&text).contains(&password), "{} of {text}", mask_text(&text));
        }
    }

    #[test]
    fn no_text_is_too_odd(text in "\\PC{0,60}", name in "\\PC{0,12}") {
        let masked = mask_value(&name, &text).into_owned();
        proptest::prop_assert!(masked.contains(MASK) || masked == text);
        let _ = (mask_text(&text), mask_argv(&[name, text.clone()]));
    }
}
