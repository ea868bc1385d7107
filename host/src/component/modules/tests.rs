use std::fs;

use super::*;

/// A directory with these files, of which `app.js` is the definition.
fn with(files: &[(&str, &str)]) -> (tempfile::TempDir, Modules) {
    let directory = tempfile::tempdir().unwrap();
    for (path, text) in [("app.js", "")].iter().chain(files) {
        let path = directory.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let modules = Modules::beside(&directory.path().join("app.js")).unwrap();
    (directory, modules)
}

/// What each of these imports of a file means, or why it means nothing.
#[track_caller]
fn check(modules: &Modules, referrer: &str, imports: &[(&str, Result<&str, &str>)]) {
    for (specifier, wanted) in imports {
        match (modules.resolve(referrer, specifier), wanted) {
            (Ok(found), Ok(wanted)) => assert_eq!(found, *wanted, "{specifier}"),
            (Err(error), Err(wanted)) => assert!(error.to_string().contains(wanted), "{specifier}: {error}"),
            (found, wanted) => panic!("{specifier} is {found:?} and not {wanted:?}"),
        }
    }
}

#[test]
fn the_sdk_is_found_from_everywhere_and_finds_the_definition() {
    let (_directory, modules) = with(&[]);
    check(&modules, "a/b.js", &[("drillmaster", Ok("drillmaster:index.js"))]);
    check(&modules, SCRIPT.name, &[("#definition", Ok("app.js")), ("./group.js", Ok("drillmaster:src/group.js"))]);
    check(&modules, "app.js", &[("#definition", Err("no package")), ("drillmaster/testing", Err("is for tests"))]);
    assert!(modules.load("drillmaster:index.js").unwrap().contains("defineGroup"));
}

#[test]
fn a_path_is_taken_from_where_it_is_written() {
    let (_directory, modules) = with(&[("a/b.js", ""), ("a/c/index.js", ""), ("d.json", "1")]);
    let imports = [
        ("./a/b.js", Ok("a/b.js")),
        ("./a/./c/../b.js", Ok("a/b.js")),
        ("./d.json", Ok("d.json")),
        ("./a/b", Err("there is no file `a/b`: did you mean `a/b.js`?")),
        ("./a/c", Err("`a/c` is a directory: did you mean `a/c/index.js`?")),
        ("./e.js", Err("there is no file `e.js`")),
    ];
    check(&modules, "app.js", &imports);
    check(&modules, "a/b.js", &[("../d.json", Ok("d.json")), ("./c/index.js", Ok("a/c/index.js"))]);
    // As nobody is called, but may say of itself.
    check(&modules, "./a/.././b.js", &[("./d.json", Ok("d.json"))]);
}

#[test]
fn nothing_is_imported_that_lies_outside() {
    let (directory, modules) = with(&[("inside.js", "")]);
    std::os::unix::fs::symlink("/etc/passwd", directory.path().join("passwd.js")).unwrap();
    std::os::unix::fs::symlink("inside.js", directory.path().join("linked.js")).unwrap();
    for outside in ["../a.js", "./a/../../a.js", "/etc/passwd", "file:///etc/passwd", "./passwd.js"] {
        let error = modules.resolve("app.js", outside).unwrap_err();
        assert_eq!(error.outside.as_deref(), Some(outside));
    }
    assert_eq!(modules.load("passwd.js").unwrap_err().outside.as_deref(), Some("passwd.js"));
    check(&modules, "app.js", &[("./linked.js", Ok("linked.js"))]);
    assert!(modules.load("linked.js").is_ok());
}

#[test]
fn what_is_node_s_own_is_not_here() {
    let (_directory, modules) = with(&[]);
    let none = Err("no Node.js here");
    check(&modules, "app.js", &[("node:fs", none), ("fs/promises", none), ("https://example.com/a.js", none)]);
}

#[test]
fn a_package_is_found_by_what_its_package_json_says() {
    let (_directory, modules) = with(&[
        ("node_modules/plain/package.json", r#"{"type": "module", "main": "main.js"}"#),
        ("node_modules/plain/main.js", ""),
        ("node_modules/plain/part.js", ""),
        ("node_modules/@a/both/package.json", r#"{"module": "./esm/a.js", "main": "./cjs/a.js"}"#),
        ("node_modules/@a/both/esm/a.js", ""),
        (
            "node_modules/exporting/package.json",
            r#"{"exports": {".": {"require": "./a.cjs", "import": {"types": "./a.d.ts", "default": "./a.mjs"}},
                "./part": "./part.cjs", "./all/*": "./*.mjs"}}"#,
        ),
        ("node_modules/exporting/a.mjs", ""),
        ("node_modules/common/package.json", r#"{"main": "index.js"}"#),
        ("node_modules/common/index.js", ""),
        ("node_modules/leading/package.json", r#"{"exports": "../../secret.js", "type": "module"}"#),
        ("sub/node_modules/plain/package.json", r#"{"exports": ["./near.mjs"]}"#),
        ("sub/node_modules/plain/near.mjs", ""),
    ]);
    let imports = [
        ("plain", Ok("node_modules/plain/main.js")),
        ("plain/part.js", Ok("node_modules/plain/part.js")),
        ("@a/both", Ok("node_modules/@a/both/esm/a.js")),
        ("exporting", Ok("node_modules/exporting/a.mjs")),
        ("exporting/part", Err("is CommonJS")),
        ("exporting/all/a", Err("does not say")),
        ("exporting/other", Err("does not say")),
        ("common", Err("is CommonJS")),
        ("leading", Err("a path out of itself")),
        ("@a/none", Err("there is no package `@a/none`")),
        ("@a", Err("neither a path nor a package's name")),
        ("a/../b", Err("there is no package `a`")),
    ];
    check(&modules, "app.js", &imports);
    check(&modules, "sub/deep/a.js", &[("plain", Ok("sub/node_modules/plain/near.mjs"))]);
}

#[test]
fn json_is_a_module_with_its_value() {
    let (_directory, modules) = with(&[("a.json", "{\"b\": \"`\"}"), ("wrong.json", "{\n  \"a\" 1}")]);
    assert_eq!(modules.load("a.json").unwrap(), r#"export default JSON.parse("{\"b\": \"`\"}");"#);
    let error = modules.load("wrong.json").unwrap_err().to_string();
    assert!(error.starts_with("`wrong.json` is not JSON: ") && error.contains("line 2"), "{error}");
}

#[test]
fn what_is_no_text_of_javascript_is_refused() {
    let (directory, modules) = with(&[("a.ts", ""), ("a.cjs", ""), ("a.txt", "")]);
    fs::write(directory.path().join("bytes.js"), b"\xff").unwrap();
    fs::create_dir(directory.path().join("directory.js")).unwrap();
    for (name, wanted) in [
        ("a.ts", "is TypeScript"),
        ("a.cjs", "is CommonJS"),
        ("a.txt", "is none of"),
        ("bytes.js", "is not UTF-8"),
        ("directory.js", "it is not a file"),
        ("none.js", "cannot be read"),
    ] {
        let error = modules.load(name).unwrap_err().to_string();
        assert!(error.contains(wanted), "{error}");
    }
}

#[test]
fn only_so_much_is_read() {
    let (directory, modules) = with(&[]);
    let write = |name: &str, bytes: u64| {
        fs::write(directory.path().join(name), " ".repeat(usize::try_from(bytes).unwrap())).unwrap();
    };
    write("large.js", MODULE + 1);
    assert!(modules.load("large.js").unwrap_err().to_string().contains("larger than 4 MiB"));
    write("a.js", MODULE);
    for _ in 0..ALL / MODULE {
        assert!(modules.load("a.js").is_ok());
    }
    assert!(modules.load("app.js").is_ok());
    write("b.js", 1);
    assert!(modules.load("b.js").unwrap_err().to_string().contains("more than 1000 files, or 16 MiB"));
    let modules = modules.anew().unwrap();
    assert!((0..MOST).all(|_| modules.load("b.js").is_ok()));
    assert!(modules.load("b.js").is_err());
}
