//! The plan as programs read it.

use super::*;
use crate::group::{PortDeclaration, Protocol, to_start};
use crate::plan::{Request, reconcile};

#[test]
fn a_plan_as_json() {
    let db = ServiceDeclaration {
        env: vec![("DB_PASSWORD".into(), "hunter2".into())],
        ports: vec![PortDeclaration { container: 5432, host: None, protocol: Protocol::Tcp }],
        ..service("db", &[])
    };
    let before = ServiceDeclaration { user: Some("ada".into()), ..db.clone() };
    let starting = Container { id: ContainerId("db-2".into()), stage: Stage::Starting, ..container(&db) };
    let mut found = observed(vec![container(&before), starting, container(&service("gone", &[]))]);
    found.networks.clear();
    let made_from = group(vec![before]).services.remove("db").unwrap();
    let web = ServiceDeclaration { image: "web:2".into(), ..service("web", &["db"]) };
    let group = group(vec![web, db]);
    let request = Request { selected: to_start(&group.dependencies(), &[]).unwrap(), ..Request::default() };
    let plan = reconcile(group, &request, &found, &|_| None);
    assert!(
        crate::report::plan_json(&plan)
            .contains("\"old\": null,\n          \"new\": null,\n          \"old_unknown\": true")
    );
    let plan = plan.with_old_fields(&[(ContainerId("db-1".into()), made_from)].into());
    let definition = Digest::of(b"definition");
    assert_eq!(
        crate::report::plan_json(&plan),
        format!(
            r#"{{
  "group": "g",
  "nothing_to_do": false,
  "steps": [
    {{
      "service": "db",
      "action": "replace",
      "reason": "changed",
      "changes": [
        {{
          "field": "user",
          "old": "ada",
          "new": null
        }}
      ],
      "image": {{
        "name": "image",
        "action": "use"
      }},
      "container": "db-1",
      "removes": [
        "db-2"
      ],
      "definition": "{definition}",
      "fields": {{
        "env DB_PASSWORD": "***",
        "image": "image",
        "port 5432/tcp": "a free one on 127.0.0.1",
        "restart_policy": "no"
      }}
    }},
    {{
      "service": "web",
      "action": "create",
      "reason": "new",
      "changes": [],
      "image": {{
        "name": "web:2",
        "action": "pull",
        "reason": "absent"
      }},
      "removes": [],
      "definition": "{definition}",
      "fields": {{
        "dependencies": "db",
        "image": "web:2",
        "restart_policy": "no"
      }}
    }}
  ],
  "create_networks": [
    "drillmaster-g"
  ],
  "remove_networks": [],
  "orphans": [
    "gone"
  ]
}}
"#
        )
    );
}
