//! What programs are told, in literals.

use super::*;
use crate::component::{GroupHook, Hook, LogLine};
use crate::engine::EngineError;
use crate::grants::{Asked, Denied};
use crate::group::Protocol;
use crate::plan::{Exit, Published};

fn written(write: impl FnOnce(&Json<Vec<u8>>)) -> String {
    let json = Json::new(Vec::new(), false);
    write(&json);
    String::from_utf8(json.out.into_inner().unwrap()).unwrap()
}

#[test]
fn each_event_is_an_object_on_a_line() {
    let progress = |progress| Event::Progress { service: "db".into(), progress };
    let published = Published { container: 80, protocol: Protocol::Tcp, address: "127.0.0.1".into(), host: 8080 };
    let service = || "db".to_owned();
    let failure = || Failure::Exited(Exit { code: 3, out_of_memory: false });
    let took = Duration::from_millis(1234);
    let returned = |text: &str| CallError::Returned(text.into());
    let denied = |asked| Denied { hook: "ping".into(), asked };
    let log = |level, text: &str| Event::Log(LogLine { service: None, level, text: text.into() });
    let rows = [
        (
            Event::Phase { service: service(), phase: Phase::Pinging },
            r#"{"event":"phase","service":"db","phase":"pinging"}"#,
        ),
        (
            progress(ImageProgress::Layer { id: "a".into(), status: "Downloading".into(), bytes: Some((1, 2)) }),
            r#"{"event":"progress","service":"db","kind":"layer","id":"a","status":"Downloading","done_bytes":1,"total_bytes":2}"#,
        ),
        (
            progress(ImageProgress::Step { number: 1, of: 2, instruction: "RUN make".into() }),
            r#"{"event":"progress","service":"db","kind":"step","number":1,"of":2,"instruction":"RUN make"}"#,
        ),
        (
            progress(ImageProgress::Line("cc".into())),
            r#"{"event":"progress","service":"db","kind":"line","by":"engine","text":"cc"}"#,
        ),
        (Event::ImageReady { service: service() }, r#"{"event":"image-ready","service":"db"}"#),
        (
            log(Level::Warn, "one \u{1b}[2J"),
            r#"{"event":"log","service":null,"level":"warn","by":"definition","text":"one \u001b[2J"}"#,
        ),
        (
            Event::Ready { service: service(), took: Some(took), published: vec![published] },
            r#"{"event":"ready","service":"db","took_ms":1234,"addresses":[{"container_port":80,"protocol":"tcp","host":"127.0.0.1","host_port":8080}]}"#,
        ),
        (
            Event::Ready { service: service(), took: None, published: vec![] },
            r#"{"event":"ready","service":"db","took_ms":null,"addresses":[]}"#,
        ),
        (
            Event::Failed { service: service(), failure: failure(), log_tail: b"one\ntwo\n".to_vec() },
            r#"{"event":"failed","service":"db","error":"its container exited with code 3 before the service was ready","log_tail":["one","two"]}"#,
        ),
        (
            Event::NotStarted { service: service(), because: "app".into() },
            r#"{"event":"not-started","service":"db","because":"app"}"#,
        ),
        (Event::Interrupted { service: service() }, r#"{"event":"interrupted","service":"db"}"#),
        (
            Event::Stopped { service: service(), ran: true, removed: false, took },
            r#"{"event":"stopped","service":"db","ran":true,"removed":false,"took_ms":1234}"#,
        ),
        (
            Event::NotStopped { service: service(), failure: Failure::Interrupted },
            r#"{"event":"not-stopped","service":"db","error":"interrupted"}"#,
        ),
        (
            Event::Removed { what: "network", name: "drillmaster-g".into() },
            r#"{"event":"removed","what":"network","name":"drillmaster-g"}"#,
        ),
        (
            Event::HookFailed { service: service(), hook: Hook::PreStop, error: returned("busy") },
            r#"{"event":"hook-failed","service":"db","hook":"pre-stop","error":"busy","by":"definition","text":"busy"}"#,
        ),
        (
            Event::GroupHookFailed { hook: GroupHook::OnReload("db".into()), error: returned("a\nerror: b") },
            r#"{"event":"hook-failed","service":null,"hook":"on-reload","error":"a\n  | error: b","by":"definition","text":"a\nerror: b"}"#,
        ),
        (
            Event::NotStopped {
                service: service(),
                failure: EngineError::Refused { action: "stop db".into(), reason: "busy".into() }.into(),
            },
            r#"{"event":"not-stopped","service":"db","error":"Docker refused to stop db: busy","by":"engine","text":"busy"}"#,
        ),
        (
            Event::Denied { service: Some(service()), denied: denied(Asked::Connect(([10, 0, 0, 1], 80).into())) },
            r#"{"event":"denied","service":"db","hook":"ping","what":"to connect to 10.0.0.1:80","grant":"--allow-net 10.0.0.1:80"}"#,
        ),
        (
            Event::Denied { service: None, denied: denied(Asked::Udp) },
            r#"{"event":"denied","service":null,"hook":"ping","what":"to send UDP","grant":null}"#,
        ),
        (
            Event::LogCut { service: Some(service()), limit: "1 MiB".into() },
            r#"{"event":"log-cut","service":"db","limit":"1 MiB"}"#,
        ),
        (
            Event::ToolOutput { tool: "make".into(), line: "cc".into() },
            r#"{"event":"tool-output","tool":"make","by":"tool","text":"cc"}"#,
        ),
        (
            Event::Grants(vec![GrantSource { grants: vec!["env A".into()], from: "the command line".into() }]),
            r#"{"event":"grants","in_force":[{"grants":["env A"],"from":"the command line"}]}"#,
        ),
        (Event::Grants(Vec::new()), r#"{"event":"grants","in_force":[]}"#),
        (Event::Warning("look out".into()), r#"{"event":"warning","text":"look out"}"#),
    ];
    for (event, expected) in rows {
        assert_eq!(written(|json| json.show(event)), format!("{expected}\n"));
    }
}

#[test]
fn what_is_not_an_event_of_a_run_is_a_line_too() {
    let trace = Trace { kind: "docker", what: "pull db".into(), took: Duration::from_millis(14), outcome: None };
    let text = written(|json| {
        json.notice("waiting");
        json.trace(&trace);
        json.finish(0, None);
        json.finish(2, Some("no such file"));
    });
    assert_eq!(
        text,
        concat!(
            r#"{"event":"notice","text":"waiting"}"#,
            "\n",
            r#"{"event":"trace","kind":"docker","what":"pull db","took_ms":14,"outcome":null}"#,
            "\n",
            r#"{"event":"finished","exit_code":0,"error":null}"#,
            "\n",
            r#"{"event":"finished","exit_code":2,"error":"no such file"}"#,
            "\n",
        )
    );
}

#[test]
fn debug_lines_are_for_those_who_ask() {
    let line = LogLine { service: None, level: Level::Debug, text: "hidden".into() };
    assert_eq!(written(|json| json.show(Event::Log(line))), "");
}
