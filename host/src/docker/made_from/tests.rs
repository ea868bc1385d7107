use super::*;

/// A container as Docker 20.10 tells of it that was made from every field.
const INSPECTED: &str = r#"{
    "Id": "cf9a96d6566400000000000000000000", "Name": "/secrets-old-db", "Platform": "linux",
    "Config": {
        "Hostname": "db", "User": "1000", "WorkingDir": "/", "Image": "drillmaster-test-service:latest", "StopSignal": "SIGINT",
        "Env": ["MODE=dev", "POSTGRES_PASSWORD=hunter2", "URL=redis://:hunter4@cache", "PATH=/usr/bin:/bin"],
        "Cmd": ["serve", "--token=hunter3"], "Entrypoint": ["/service"], "StopTimeout": 2,
        "Healthcheck": {"Test": ["CMD", "/service", "print", "a \"b\" \u00fc"], "Interval": 500000000},
        "Labels": {"dev.drillmaster.group": "secrets-old", "dev.drillmaster.service": "db",
                   "dev.drillmaster.stop-timeout": "1500", "team": "a"}
    },
    "HostConfig": {
        "PortBindings": {"53/udp": [{"HostIp": "127.0.0.1", "HostPort": "0"}],
                         "5432/tcp": [{"HostIp": "127.0.0.1", "HostPort": "25433"}]},
        "Mounts": [{"Type": "volume", "Source": "drillmaster-secrets-old-data", "Target": "/data"},
                   {"Type": "bind", "Source": "/project/x", "Target": "/etc/x", "ReadOnly": true}],
        "Tmpfs": {"/tmp": ""}, "RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 0},
        "ShmSize": 67108864, "Memory": 536870912, "NanoCpus": 500000000
    },
    "NetworkSettings": {"Networks": {
        "drillmaster-secrets-old": {"Aliases": ["db", "database", "cf9a96d65664"]},
        "drillmaster-secrets-old-back": {"Aliases": ["db", "database", "cf9a96d65664"]}
    }}
}"#;

#[test]
fn what_a_container_was_made_from_is_told_field_by_field() {
    let service = service_of(serde_json::from_str(INSPECTED).unwrap()).unwrap();
    let shown: Vec<String> =
        service.described().into_iter().map(|(name, field)| format!("{name}: {}", field.shown())).collect();
    assert_eq!(
        shown,
        [
            "aliases: database",
            r#"command: ["serve", "--token=***"]"#,
            "cpu_limit: 500/1000",
            r#"entrypoint: ["/service"]"#,
            "env MODE: dev",
            "env PATH: /usr/bin:/bin",
            "env POSTGRES_PASSWORD: ***",
            "env URL: redis://:***@cache",
            r#"health_check: ["/service", "print", "a \"b\" ü"] every 0.5 s"#,
            "image: drillmaster-test-service:latest",
            "label dev.drillmaster.group: secrets-old",
            "label dev.drillmaster.service: db",
            "label dev.drillmaster.stop-timeout: 1500",
            "label team: a",
            "memory_limit: 512 MiB",
            "mount /etc/x: /project/x (read-only)",
            "networks: back",
            "port 53/udp: a free one on 127.0.0.1",
            "port 5432/tcp: 127.0.0.1:25433",
            "restart_policy: on-failure",
            "shared_memory: 64 MiB",
            "stop_signal: SIGINT",
            "stop_timeout: 1.5 s",
            "tmpfs: /tmp",
            "user: 1000",
            "volume /data: data",
            "working_directory: /",
        ]
    );
}

#[test]
fn what_is_not_ours_or_says_too_little_is_not_made_sense_of() {
    for text in ["{}", r#"{"Config": {"Labels": {"dev.drillmaster.group": "g"}}}"#, r#"{"Config": {"Image": "a"}}"#] {
        assert_eq!(service_of(serde_json::from_str(text).unwrap()), None, "{text}");
    }
    let least =
        r#"{"Config": {"Image": "a", "Labels": {"dev.drillmaster.group": "g", "dev.drillmaster.service": "s"}}}"#;
    assert_eq!(service_of(serde_json::from_str(least).unwrap()).unwrap().name, "s");
}
