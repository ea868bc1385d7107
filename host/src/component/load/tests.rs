use std::fs;
use std::os::unix::net::UnixListener;
use std::time::Instant;

use crate::component::Allowed;

use super::*;

const LIFECYCLE: &str = r#"(instance $none) (export "drillmaster:plugin/lifecycle@0.1.0" (instance $none))"#;

/// Looks at a file with this content.
async fn look(content: impl AsRef<[u8]>) -> Looked {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("app.wasm");
    fs::write(&file, content).unwrap();
    look_at(&file).await
}

async fn look_at(file: &Path) -> Looked {
    Runtime::new(None, Allowed::default()).unwrap().look(file).await
}

/// Why a file with this content is no definition, in the words that the person reads, without the file's name.
async fn problem(content: impl AsRef<[u8]>) -> String {
    problem_of(look(content).await)
}

fn problem_of(looked: Looked) -> String {
    let error = looked.definition.map(|_| ()).expect_err("it is no definition");
    assert!(error.to_string().starts_with("cannot load /"), "{error}");
    let problem = error.problem.to_string();
    assert!(!problem.contains('\n') && !problem.contains("linker"), "{problem}");
    problem
}

/// A component with these imports, which is a definition but for its functions.
fn importing(imports: &str) -> String {
    format!("(component {imports} {LIFECYCLE})")
}

#[tokio::test]
async fn what_is_no_file_is_named_and_never_waited_for() {
    let home = tempfile::tempdir().unwrap();
    let path = |name: &str| home.path().join(name);
    assert_eq!(problem_of(look_at(&path("nowhere")).await), "there is no such file");
    assert_eq!(problem_of(look_at(home.path()).await), "it is a directory; name the file of the component");
    let _listener = UnixListener::bind(path("socket")).unwrap();
    assert!(problem_of(look_at(&path("socket")).await).starts_with("it is a socket and not a file"));
    rustix::fs::mkfifoat(rustix::fs::CWD, path("pipe"), rustix::fs::Mode::RWXU).unwrap();
    let pipe = problem_of(look_at(&path("pipe")).await);
    assert_eq!(pipe, "it is a pipe and not a file; save the component to a file first");
    for device in ["/dev/zero", "/dev/null"] {
        assert!(problem_of(look_at(Path::new(device)).await).starts_with("it is a device and not a file"), "{device}");
    }
}

#[test]
fn a_file_that_became_a_pipe_is_not_waited_for() {
    let home = tempfile::tempdir().unwrap();
    let pipe = home.path().join("pipe");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RWXU).unwrap();
    assert!(!file::open_at_once(&pipe).unwrap().metadata().unwrap().is_file());
}

#[test]
fn a_file_that_may_not_be_read_is_told_from_others() {
    let problem = |kind| LoadProblem::from(std::io::Error::from(kind)).to_string();
    assert!(problem(std::io::ErrorKind::PermissionDenied).starts_with("you may not read it (permission denied)"));
    assert!(problem(std::io::ErrorKind::InvalidFilename).starts_with("it cannot be read: "));
}

#[tokio::test]
async fn a_file_that_is_too_large_is_not_read() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("large");
    let file = fs::File::create(&path).unwrap();
    let sizes = [(MAX_SIZE + 1, "it is larger than 64 MiB"), (MAX_SIZE, "it is not a Wasm component")];
    for (size, expected) in sizes {
        file.set_len(size).unwrap();
        let problem = problem_of(look_at(&path).await);
        assert!(problem.starts_with(expected), "{problem}");
    }
    file.set_len(MAX_SIZE * 1024).unwrap();
    let begun = Instant::now();
    problem_of(look_at(&path).await);
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn what_is_no_component_is_recognised() {
    let cases: [(&[u8], &str); 13] = [
        (b"", "it is empty"),
        (b"\0as", "it is not a whole Wasm component"),
        (b"\0asm", "it is not a whole Wasm component"),
        (b"\0asm\x0d\0", "it is not a whole Wasm component"),
        (b"\0asm\x01\0\0\0", "it is a core Wasm module and not a component"),
        (b"(module (func))", "it is a core Wasm module and not a component"),
        (b";; no word for it\n(func)", "it is a core Wasm module and not a component"),
        (b"(component binary \"\\00asm\\01\\00\\00\\00\")", "it is a core Wasm module and not a component"),
        (b"\0asm\x0a\0\x01\0", "it is in another version of the format"),
        (b"FROM scratch\n", "it is not a Wasm component: it is neither Wasm nor the text form of it"),
        (b"\xff\xfe(\0", "it is not a Wasm component: it is neither Wasm nor the text form of it"),
        (b"\x7fELF\x02\x01\x01\0", "it is not a Wasm component but a program for a machine"),
        (b"(component \xff)", "it is not a Wasm component: it begins as the text form does, but byte 12 is not UTF-8"),
    ];
    for (content, expected) in cases {
        let problem = problem(content).await;
        assert!(problem.starts_with(expected), "{content:?}: {problem}");
    }
}

#[tokio::test]
async fn a_mistake_in_the_text_form_is_told_with_its_place() {
    for (text, expected) in [
        ("(component\n  (bad))", "line 2, column 4: expected valid component field"),
        ("(component\n\u{7})", "line 2, column 1: unexpected character '\\u{7}'"),
        (
            "(component\n (alias export $none \"a\" (func)))",
            "line 2, column 16: unknown instance: failed to find name `$none`",
        ),
    ] {
        assert_eq!(problem(text).await, format!("it is not a Wasm component: {expected}"));
    }
}

#[tokio::test]
async fn compiled_code_is_refused() {
    let engine = Runtime::new(None, Allowed::default()).unwrap().engine;
    let compiled = [
        engine.precompile_component(&wat("(component)")).unwrap(),
        engine.precompile_module(b"\0asm\x01\0\0\0").unwrap(),
    ];
    for compiled in compiled {
        assert!(problem(compiled).await.contains("what a compiler has made of one (a .cwasm)"));
    }
}

#[tokio::test]
async fn a_component_that_breaks_off_anywhere_is_refused() {
    let whole = wat(&importing(r#"(core module $m (func) (data "12345")) (import "a:b/c" (instance))"#));
    assert!(problem(&whole).await.contains("does not export `fields"));
    let mut cut_off = 0;
    for length in 1..whole.len() {
        let problem = problem(&whole[..length]).await;
        // Between two sections nothing breaks off; there is only less.
        if problem.starts_with("it is not a whole Wasm component") {
            cut_off += 1;
        } else {
            assert!(problem.starts_with("it is a Wasm component but not a definition"), "{length}: {problem}");
        }
    }
    assert!(cut_off > whole.len() * 3 / 4, "{cut_off} of {}", whole.len());
}

#[tokio::test]
async fn a_damaged_component_is_refused_with_the_place() {
    let mut damaged = wat(&importing("(core module (func))"));
    let name = damaged.windows(9).position(|bytes| bytes == b"lifecycle").unwrap();
    let code = damaged.windows(4).position(|bytes| bytes == [0x0a, 4, 1, 2]).unwrap();
    damaged[code + 5] = 0xff;
    let told = problem(&damaged).await;
    assert!(told.starts_with("it is not a Wasm component that can be compiled: ") && told.contains("0x"), "{told}");
    damaged[name] = 0x1b;
    let told = problem(&damaged).await;
    assert!(told.contains("an import or export of it has no valid name"), "{told}");
}

#[tokio::test]
async fn what_is_no_definition_is_told_what_it_lacks() {
    let lacking =
        "it is a Wasm component but not a definition: it does not export drillmaster:plugin/lifecycle@0.1.0, ";
    assert_eq!(problem("(component)").await, format!("{lacking}but nothing"));
    let command = r#"(component (instance $none) (export "wasi:cli/run@0.2.6" (instance $none)))"#;
    assert_eq!(problem(command).await, format!("{lacking}but wasi:cli/run@0.2.6"));
    let function =
        "its drillmaster:plugin/lifecycle@0.1.0 does not export `fields: func(group: group) -> result<_, string>`";
    assert!(problem(importing("")).await.ends_with(function));
}

#[tokio::test]
async fn a_function_of_another_type_is_named_with_the_type_it_should_have() {
    let text = r#"(component
        (core module $code (func (export "f")))
        (core instance $c (instantiate $code))
        (func $f (canon lift (core func $c "f")))
        (instance $lifecycle (export "fields" (func $f)))
        (export "drillmaster:plugin/lifecycle@0.1.0" (instance $lifecycle)))"#;
    let expected =
        "its drillmaster:plugin/lifecycle@0.1.0 exports `fields`, but not as func(group: group) -> result<_, string>";
    assert!(problem(text).await.ends_with(expected));
}

#[tokio::test]
async fn another_version_of_the_contract_is_told() {
    let exporting = r#"(component (instance $none) (export "drillmaster:plugin/lifecycle@0.9.0" (instance $none)))"#;
    for text in [exporting, &importing(r#"(import "drillmaster:plugin/context@0.9.0" (instance))"#)] {
        let looked = look(text).await;
        assert!(looked.facts.is_some());
        assert!(problem_of(looked).starts_with("it was made for version 0.9.0 of drillmaster's interface, and this"));
    }
}

#[tokio::test]
async fn an_import_that_is_not_there_is_named_with_the_reason() {
    let instance = |name: &str, function: &str| format!(r#"(import "{name}" (instance {function}))"#);
    let f = r#"(export "f" (func))"#;
    let cases = [
        (
            instance("other:thing/of-value@1.0.0", f),
            "it imports other:thing/of-value@1.0.0, which drillmaster does not",
        ),
        (r#"(import "f" (func))"#.to_owned(), "it imports f, which drillmaster does not have"),
        (instance("wasi:nn/graph@0.2.0", f), "it imports wasi:nn/graph@0.2.0, which drillmaster does not have"),
        (instance("wasi:cli/exit@0.3.0", f), "it imports wasi:cli/exit@0.3.0, and drillmaster has only WASI 0.2"),
        (instance("wasi:cli/exit@0.2.0-rc-2023-11-10", f), "it imports wasi:cli/exit@0.2.0-rc-2023-11-10, and"),
        (
            instance(
                "drillmaster:plugin/container@0.1.7",
                r#"(export "container" (type $c (sub resource)))
                (export "[method]container.freeze" (func (param "self" (borrow $c))))"#,
            ),
            "it calls container.freeze of drillmaster:plugin/container@0.1.7, and this drillmaster speaks version 0.1.0",
        ),
        (
            instance("drillmaster:plugin/files@0.1.7", f),
            "it calls f of drillmaster:plugin/files@0.1.7, and this drillmaster speaks version 0.1.0",
        ),
        (
            instance("drillmaster:plugin/log@0.1.0", r#"(export "info" (func (param "message" u32)))"#),
            "it imports info of drillmaster:plugin/log@0.1.0, which drillmaster has with another type",
        ),
        (
            instance("wasi:random/random@0.2.6", r#"(export "get-random-u128" (func))"#),
            "it imports get-random-u128 of wasi:random/random@0.2.6, which drillmaster does not have; build",
        ),
        (
            instance("wasi:random/random@0.2.6", r#"(export "get-random-u64" (func (result u32)))"#),
            "it imports get-random-u64 of wasi:random/random@0.2.6, which drillmaster has with another type; build",
        ),
    ];
    for (import, expected) in cases {
        let looked = look(importing(&import)).await;
        assert_eq!(looked.facts.as_ref().map(|facts| facts.imports.len()), Some(1));
        let problem = problem_of(looked);
        assert!(problem.starts_with(expected), "{problem}");
    }
}

#[tokio::test]
async fn a_component_that_is_made_for_a_later_wasi_and_does_not_even_compile_is_told_so() {
    let text = importing(r#"(import "wasi:clocks/monotonic-clock@0.3.0" (instance (export "wait" (func async))))"#);
    let problem = problem(text).await;
    assert!(problem.starts_with("it imports wasi:clocks/monotonic-clock@0.3.0, and drillmaster has only"), "{problem}");
}

/// From the first of them to the one that this wasmtime has.
#[tokio::test]
async fn every_version_of_wasi_0_2_is_there() {
    for version in 0..=12 {
        let imports = format!(
            r#"(import "wasi:random/random@0.2.{version}" (instance (export "get-random-u64" (func (result u64)))))
            (import "wasi:clocks/monotonic-clock@0.2.{version}" (instance (export "now" (func (result u64)))))
            (import "wasi:cli/environment@0.2.{version}" (instance
                (export "get-environment" (func (result (list (tuple string string)))))))
            (import "wasi:cli/stdout@0.2.{version}" (instance))
            (import "wasi:io/poll@0.2.{version}" (instance (export "pollable" (type (sub resource)))))
            (import "wasi:sockets/instance-network@0.2.{version}" (instance))"#
        );
        let problem = problem(importing(&imports)).await;
        assert!(problem.contains("does not export `fields"), "0.2.{version}: {problem}");
    }
}

#[tokio::test]
async fn what_is_imported_and_called_by_nobody_need_not_be_there() {
    let problem = problem(importing(r#"(import "other:thing/types@1.0.0" (instance))"#)).await;
    assert!(problem.contains("does not export `fields"), "{problem}");
}

#[tokio::test]
async fn what_a_component_is_can_be_told_without_running_it() {
    let text = importing(
        r#"(import "drillmaster:plugin/log@0.1.2" (instance)) (import "wasi:io/poll@0.2.6" (instance))
        (core module $m (memory 3)) (core instance (instantiate $m)) (core instance (instantiate $m))
        (instance $hooks) (export "drillmaster:plugin/group-hooks@0.1.0" (instance $hooks))"#,
    );
    for content in [text.clone().into_bytes(), wat(&text)] {
        let facts = look(&content).await.facts.unwrap();
        assert_eq!((facts.digest.clone(), facts.size), (Digest::of(&content), content.len() as u64));
        assert_eq!(facts.imports, ["drillmaster:plugin/log@0.1.2", "wasi:io/poll@0.2.6"]);
        assert_eq!(
            facts.imports_for(Some(crate::component::Capability::Basics)).collect::<Vec<_>>(),
            ["wasi:io/poll@0.2.6"]
        );
        assert_eq!(facts.contract(), Some("0.1.0"));
        assert_eq!(facts.hooks(), ["fields", "ping", "post-start-init", "on-start", "on-stop", "on-reload"]);
        assert_eq!(facts.memory, Some(3 * 64 * 1024));
    }
}

fn wat(text: &str) -> Vec<u8> {
    file::binary(text.as_bytes().to_vec()).unwrap()
}

#[test]
fn a_definition_is_compiled_once() {
    let home = tempfile::tempdir().unwrap();
    let cache = Cache::below(home.path());
    let engine = Runtime::new(None, Allowed::default()).unwrap().engine;
    let file = home.path().join("app.wat");
    let exported = |cache: Option<&Cache>| {
        let (facts, code) = find(&engine, cache, &file).unwrap();
        assert_eq!(facts.digest, Digest::of(&fs::read(&file).unwrap()));
        let component = match code {
            Code::Compiled(component) => component,
            Code::Binary(binary) => compile(&engine, cache, &binary, &facts.digest).unwrap(),
        };
        component.component_type().exports(&engine).next().map(|(name, _)| name.to_owned())
    };
    let text = |name: &str| format!(r#"(component (core module $m) (export "{name}" (core module $m)))"#);
    let export = |name: &str| Some(name.to_owned());

    fs::write(&file, text("one")).unwrap();
    assert_eq!(exported(None), export("one"));
    assert!(!home.path().join("drillmaster").exists(), "without a cache nothing is kept");
    assert_eq!(exported(Some(&cache)), export("one"));
    let kept = fs::read_dir(home.path().join("drillmaster")).unwrap().next().unwrap().unwrap().path();

    // Another definition is not taken for it.
    fs::write(&file, text("two")).unwrap();
    assert_eq!(exported(Some(&cache)), export("two"));
    let two = cache.load(&engine, &Digest::of(text("two").as_bytes())).unwrap().serialize().unwrap();

    // What is kept is what is used: here it says something else than the definition.
    fs::write(&kept, two).unwrap();
    fs::write(&file, text("one")).unwrap();
    assert_eq!(exported(Some(&cache)), export("two"));
    assert_eq!(exported(None), export("one"));
}

#[test]
fn a_file_that_was_compiled_and_left_alone_is_not_read() {
    let home = tempfile::tempdir().unwrap();
    let cache = Cache::below(home.path());
    let engine = Runtime::new(None, Allowed::default()).unwrap().engine;
    let file = home.path().join("app.wat");
    fs::write(&file, "what nobody reads").unwrap();
    let digest = Digest::of(b"another file's");
    cache.try_note_digest(&fs::metadata(&file).unwrap(), &digest).unwrap();
    let problem = find(&engine, Some(&cache), &file).err().unwrap();
    assert!(matches!(problem, LoadProblem::NotWasm), "it is read as long as nothing was compiled: {problem}");

    cache.store(&engine, &digest, &Component::new(&engine, "(component)").unwrap());
    let (facts, code) = find(&engine, Some(&cache), &file).unwrap();
    assert!(matches!(code, Code::Compiled(_)));
    assert_eq!((facts.digest, facts.size), (digest, 17));
}

#[tokio::test]
async fn compiled_code_tells_the_same_of_a_component() {
    let imports = r#"(import "wasi:io/poll@0.2.6" (instance (export "pollable" (type (sub resource)))))
        (import "drillmaster:plugin/log@0.1.0" (instance (export "info" (func (param "message" string)))))
        (import "other:thing/unused@1.0.0" (instance))"#;
    let definition = include_str!("../../../../tests/e2e/by_hand.wat");
    for (text, is_definition) in [(importing(imports), false), (definition.to_owned(), true)] {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("app.wat");
        fs::write(&file, text).unwrap();
        let runtime = Runtime::new(Some(Cache::below(home.path())), Allowed::default()).unwrap();
        let (first, second) = (runtime.look(&file).await, runtime.look(&file).await);
        assert_eq!(first.facts, second.facts);
        assert_eq!((first.definition.is_ok(), second.definition.is_ok()), (is_definition, is_definition));
        let told = |looked: Looked| looked.definition.err().map(|error| error.to_string());
        assert_eq!(told(first), told(second));
    }
}
