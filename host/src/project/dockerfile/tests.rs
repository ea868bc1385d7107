use super::*;

fn with(dockerfile: &str, arguments: &[(&str, &str)]) -> Fetches {
    let arguments = arguments.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    fetches(dockerfile, &arguments)
}

fn hosts(dockerfile: &str) -> Vec<(String, u16)> {
    let found = with(&format!("FROM scratch\n{dockerfile}"), &[]);
    assert_eq!(found.unclear, [""; 0], "{dockerfile}");
    found.hosts.into_iter().collect()
}

fn images(dockerfile: &str, arguments: &[(&str, &str)]) -> Vec<String> {
    let found = with(dockerfile, arguments);
    assert_eq!(found.unclear, [""; 0], "{dockerfile}");
    found.images.into_iter().collect()
}

#[test]
fn what_add_downloads_is_found_however_it_is_written() {
    for add in [
        "ADD http://127.0.0.1:22550/secret /stolen/",
        "  add   http://127.0.0.1:22550/secret /stolen/",
        "ADD a b http://127.0.0.1:22550 /stolen/",
        "ADD\u{b}http://127.0.0.1:22550/x\u{b}/",
        r#"ADD ["http://127.0.0.1:22550/secret", "/stolen/"] more"#,
        "ADD \u{a0}[\"http://127.0.0.1:22550/secret\", \"/stolen/\"]",
        "ADD \u{3000}\u{85}[\"http:\\/\\/127.0.0.1:22550/secret\", \"/stolen/\"]",
        r#"ADD ["\u0068ttp://127.0.0.1:22550/secret", "/stolen/"]"#,
        "ADD --chown=1:1 --checksum=x http://127.0.0.1:22550/?a /stolen/",
        r#"ADD ["http://127.0.0.1:22550/secret", "/stolen/"]"#,
        r#"ADD --link ["a", "HTTP://127.0.0.1:22550/secret", "/stolen/"]"#,
        r#"ADD "http"://127.0.0.1:22550/secret /stolen/"#,
        r"ADD ht\tp://127.0.0.1:22550/secret /stolen/",
        "ADD \\\n  # a remark\n\n  http://127.0.0.1:22550/secret \\\n /stolen/",
        "ONBUILD ADD http://127.0.0.1:22550/x /",
        "ADD http://example.com@127.0.0.1:22550/x /",
        "ADD http://127.0.0.1:22550/$FILE-${VERSION}.tar /",
    ] {
        assert_eq!(hosts(add), [("127.0.0.1".to_owned(), 22550)], "{add}");
    }
    // Which of these comments are directives is another question for each parser.
    for beginning in ["# escape=`", "# 1a=b\n# escape=`", "# other=b\n# escape=`", "\n# Escape = `", "#x\n# escape=`"] {
        for escape in ['`', '\\'] {
            let escaped = format!("{beginning}\nFROM scratch\nADD {escape}\n http://127.0.0.1:22550/x /\n");
            assert_eq!(with(&escaped, &[]).hosts, [("127.0.0.1".to_owned(), 22550)].into(), "{escaped}");
        }
    }
}

#[test]
fn a_port_that_is_not_written_is_the_schemes() {
    assert_eq!(hosts("ADD http://Example.com/a /"), [("example.com".to_owned(), 80)]);
    assert_eq!(hosts("ADD https://example.com /"), [("example.com".to_owned(), 443)]);
    assert_eq!(hosts("ADD https://[::1]/a /"), [("[::1]".to_owned(), 443)]);
    assert_eq!(hosts("ADD https://[::1]:8080/a /"), [("[::1]".to_owned(), 8080)]);
    assert_eq!(hosts("ADD git@github.com:a/b.git /"), [("github.com".to_owned(), 22)]);
    assert_eq!(hosts("ADD git@github.com:8080:a/b.git /"), [("github.com".to_owned(), 22)]);
    assert_eq!(hosts("ADD ssh://git@github.com/a/b /"), [("github.com".to_owned(), 22)]);
}

#[test]
fn files_of_the_context_are_not_fetched() {
    for add in [
        "ADD a b /c/",
        "ADD . /",
        "ADD [a-z]* /",
        "COPY http://127.0.0.1/a /",
        "ADD target/$JAR /",
        "ADD ./${A} /",
        "# ADD http://a/b /",
        "RUN echo ADD http://a/b",
        "ENV A=http://127.0.0.1/",
        "LABEL a=\\\n  \"ADD http://a\"",
    ] {
        assert_eq!(hosts(add), [], "{add}");
    }
}

#[test]
fn a_source_that_a_variable_says_is_unclear() {
    for add in [
        "ADD $A /",
        "ADD ${A} /",
        "ADD ht${A} /",
        "ADD http://$A/x /",
        "ADD http://a.$A/x /",
        "ADD h$A /",
        "ADD ${X:-http://a/b} /",
        r#"ADD ["a", 1] /"#,
    ] {
        let found = with(&format!("FROM scratch\nARG A=file\n{add}"), &[]);
        assert_eq!((found.unclear, found.hosts.len()), (vec![add.to_owned()], 0));
    }
}

#[test]
fn the_images_that_it_builds_on_are_found_and_stages_are_not() {
    let dockerfile = "# syntax=docker/dockerfile:1\nARG TAG=12\nFROM --platform=$BUILDPLATFORM debian:$TAG AS Base\n\
        FROM base as next\nCOPY --from=base /a /a\nCOPY --from=0 /a /a\nCOPY --from=127.0.0.1:22550/x /a /a\n\
        RUN --mount=type=bind,from=busybox:1,target=/b true\nFROM scratch\nCOPY --from=next / /\n";
    let expected = ["127.0.0.1:22550/x", "busybox:1", "debian:12", "docker/dockerfile:1"];
    assert_eq!(images(dockerfile, &[]), expected);
}

#[test]
fn the_arguments_of_images_are_filled_in() {
    let table = [
        ("FROM $R/x", "127.0.0.1:5000/x"),
        ("FROM ${R}/x", "127.0.0.1:5000/x"),
        ("FROM ${R:-docker.io}/x", "127.0.0.1:5000/x"),
        ("FROM ${NONE:-docker.io}/x", "docker.io/x"),
        ("FROM ${NONE-docker.io}/x", "docker.io/x"),
        ("FROM ${R:+localhost}/x", "localhost/x"),
        ("FROM \"$R\"/x", "127.0.0.1:5000/x"),
        ("FROM x$NONE", "x"),
    ];
    for (from, image) in table {
        assert_eq!(images(&format!("ARG R=127.0.0.1:5000\n{from}\n"), &[]), [image], "{from}");
        assert_eq!(images(&format!("ARG R\n{from}\n"), &[("R", "127.0.0.1:5000")]), [image], "{from}");
    }
    assert_eq!(images("ARG A=localhost\nARG B=$A/x\nFROM $B\n", &[]), ["localhost/x"]);
    for from in ["FROM ${R/a/b}", "FROM ${R:-$S}", "FROM ${}"] {
        assert_eq!(with(from, &[]).unclear, [from]);
    }
}
