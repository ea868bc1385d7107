;; A definition with one service, `hostile`, that behaves well until something is put into its holes.
(component
  (import "drillmaster:plugin/definition@0.1.0" (instance $definition
    (export "group" (type $group (sub resource)))
    (export "service" (type $service (sub resource)))
    (export "[method]group.set-name" (func (param "self" (borrow $group)) (param "name" string)))
    (export "[method]group.parameter" (func
      (param "self" (borrow $group)) (param "name" string) (result (option string))))
    (export "[method]group.add-service" (func
      (param "self" (borrow $group)) (param "name" string) (param "image" string) (result (own $service))))
    (export "[method]service.add-dependency" (func (param "self" (borrow $service)) (param "name" string)))
    (export "[method]service.set-env" (func
      (param "self" (borrow $service)) (param "name" string) (param "value" string)))))
  (import "drillmaster:plugin/container@0.1.0" (instance $container
    (export "container" (type $container (sub resource)))
    (type $output (record (field "exit-code" s32) (field "stdout" (list u8)) (field "stderr" (list u8))))
    (export "exec-output" (type $exec-output (eq $output)))
    (export "[method]container.exec" (func
      (param "self" (borrow $container)) (param "argv" (list string)) (param "timeout-ms" u32)
      (result (result $exec-output (error string)))))
    (export "[method]container.dependency" (func
      (param "self" (borrow $container)) (param "service" string) (result (result (own $container) (error string)))))))
  (import "drillmaster:plugin/context@0.1.0" (instance $context
    (export "get" (func (param "key" string) (result (option string))))
    (export "set" (func (param "key" string) (param "value" string) (result (result (error string)))))))
  (import "drillmaster:plugin/log@0.1.0" (instance $log
    (export "info" (func (param "message" string)))))
  (import "wasi:random/random@0.2.0" (instance $random
    (export "get-random-bytes" (func (param "len" u64) (result (list u8))))))
  (import "wasi:io/error@0.2.0" (instance $io-error
    (export "error" (type (sub resource)))))
  (alias export $io-error "error" (type $io-error))
  (import "wasi:io/poll@0.2.0" (instance $poll
    (export "pollable" (type $pollable (sub resource)))
    (export "[method]pollable.block" (func (param "self" (borrow $pollable))))))
  (alias export $poll "pollable" (type $pollable))
  (import "wasi:io/streams@0.2.0" (instance $streams
    (export "output-stream" (type $output-stream (sub resource)))
    (alias outer 1 $io-error (type $outer-error))
    (export "error" (type $error (eq $outer-error)))
    (type $failure (variant (case "last-operation-failed" (own $error)) (case "closed")))
    (export "stream-error" (type $stream-error (eq $failure)))
    (export "[method]output-stream.blocking-write-and-flush" (func
      (param "self" (borrow $output-stream)) (param "contents" (list u8)) (result (result (error $stream-error)))))))
  (alias export $streams "output-stream" (type $output-stream))
  (import "wasi:cli/stdout@0.2.0" (instance $stdout
    (alias outer 1 $output-stream (type $outer-stream))
    (export "output-stream" (type $output-stream (eq $outer-stream)))
    (export "get-stdout" (func (result (own $output-stream))))))
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
    (alias outer 1 $pollable (type $outer-pollable))
    (export "pollable" (type $pollable (eq $outer-pollable)))
    (export "subscribe-duration" (func (param "when" u64) (result (own $pollable))))))
  (import "wasi:sockets/network@0.2.0" (instance $network
    (type $codes (enum "unknown" "access-denied" "not-supported" "invalid-argument" "out-of-memory" "timeout"
      "concurrency-conflict" "not-in-progress" "would-block" "invalid-state" "new-socket-limit" "address-not-bindable"
      "address-in-use" "remote-unreachable" "connection-refused" "connection-reset" "connection-aborted"
      "datagram-too-large" "name-unresolvable" "temporary-resolver-failure" "permanent-resolver-failure"))
    (export "error-code" (type (eq $codes)))
    (type $families (enum "ipv4" "ipv6"))
    (export "ip-address-family" (type (eq $families)))))
  (alias export $network "error-code" (type $error-code))
  (alias export $network "ip-address-family" (type $family))
  (import "wasi:sockets/tcp@0.2.0" (instance $tcp
    (export "tcp-socket" (type (sub resource)))))
  (alias export $tcp "tcp-socket" (type $tcp-socket))
  (import "wasi:sockets/tcp-create-socket@0.2.0" (instance $create
    (alias outer 1 $error-code (type $outer-code))
    (export "error-code" (type $error-code (eq $outer-code)))
    (alias outer 1 $family (type $outer-family))
    (export "ip-address-family" (type $family (eq $outer-family)))
    (alias outer 1 $tcp-socket (type $outer-socket))
    (export "tcp-socket" (type $tcp-socket (eq $outer-socket)))
    (export "create-tcp-socket" (func
      (param "address-family" $family) (result (result (own $tcp-socket) (error $error-code)))))))
  (alias export $definition "group" (type $group))
  (alias export $container "container" (type $a-container))

  (core module $memory
    (memory (export "memory") 64)
    (data (i32.const 1024) "hostile")
    (data (i32.const 1040) "drillmaster-test-service:latest")
    (data (i32.const 1080) "app")
    (data (i32.const 1100) "/service" "sleep" "1000000")
    ;; Those three as a list.
    (data (i32.const 1136) "\4c\04\00\00\08\00\00\00" "\54\04\00\00\05\00\00\00" "\59\04\00\00\07\00\00\00")
    ;; No error, and true.
    (data (i32.const 2052) "\01")
    ;; At 3072: no error. From 4096: results of the host. From 2 MiB: what the host passes. From 3 MiB: long texts.
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      ;; realloc
      (i32.const 2097152)))
  (core instance $m (instantiate $memory))

  (core func $set-name (canon lower (func $definition "[method]group.set-name") (memory (core memory $m "memory"))))
  (core func $parameter (canon lower (func $definition "[method]group.parameter")
    (memory (core memory $m "memory")) (realloc (core func $m "realloc"))))
  (core func $add-service (canon lower (func $definition "[method]group.add-service")
    (memory (core memory $m "memory"))))
  (core func $add-dependency (canon lower (func $definition "[method]service.add-dependency")
    (memory (core memory $m "memory"))))
  (core func $set-env (canon lower (func $definition "[method]service.set-env") (memory (core memory $m "memory"))))
  (core func $exec (canon lower (func $container "[method]container.exec")
    (memory (core memory $m "memory")) (realloc (core func $m "realloc"))))
  (core func $dependency (canon lower (func $container "[method]container.dependency")
    (memory (core memory $m "memory")) (realloc (core func $m "realloc"))))
  (core func $get (canon lower (func $context "get")
    (memory (core memory $m "memory")) (realloc (core func $m "realloc"))))
  (core func $set (canon lower (func $context "set")
    (memory (core memory $m "memory")) (realloc (core func $m "realloc"))))
  (core func $info (canon lower (func $log "info") (memory (core memory $m "memory"))))
  (core func $get-random-bytes (canon lower (func $random "get-random-bytes")
    (memory (core memory $m "memory")) (realloc (core func $m "realloc"))))
  (core func $get-stdout (canon lower (func $stdout "get-stdout")))
  (core func $write (canon lower (func $streams "[method]output-stream.blocking-write-and-flush")
    (memory (core memory $m "memory"))))
  (core func $subscribe-duration (canon lower (func $clock "subscribe-duration")))
  (core func $block (canon lower (func $poll "[method]pollable.block")))
  (core func $create-socket (canon lower (func $create "create-tcp-socket") (memory (core memory $m "memory"))))
  (type $thing (resource (rep i32)))
  (core func $new-thing (canon resource.new $thing))
  ;; component

  (core module $code
    (import "m" "memory" (memory 64))
    (import "host" "set-name" (func $set-name (param i32 i32 i32)))
    (import "host" "parameter" (func $parameter (param i32 i32 i32 i32)))
    (import "host" "add-service" (func $add-service (param i32 i32 i32 i32 i32) (result i32)))
    (import "host" "add-dependency" (func $add-dependency (param i32 i32 i32)))
    (import "host" "set-env" (func $set-env (param i32 i32 i32 i32 i32)))
    (import "host" "exec" (func $exec (param i32 i32 i32 i32 i32)))
    (import "host" "dependency" (func $dependency (param i32 i32 i32 i32)))
    (import "host" "get" (func $get (param i32 i32 i32)))
    (import "host" "set" (func $set (param i32 i32 i32 i32 i32)))
    (import "host" "info" (func $info (param i32 i32)))
    (import "host" "get-random-bytes" (func $get-random-bytes (param i64 i32)))
    (import "host" "get-stdout" (func $get-stdout (result i32)))
    (import "host" "write" (func $write (param i32 i32 i32 i32)))
    (import "host" "subscribe-duration" (func $subscribe-duration (param i64) (result i32)))
    (import "host" "block" (func $block (param i32)))
    (import "host" "create-socket" (func $create-socket (param i32 i32)))
    (import "host" "new-thing" (func $new-thing (param i32) (result i32)))
    ;; module

    ;; Declares the service.
    (func $declare (param $group i32) (result i32)
      (call $add-service (local.get $group) (i32.const 1024) (i32.const 7) (i32.const 1040) (i32.const 31)))
    ;; So many MiB of `x`, 3 MiB from the beginning of the memory.
    (func $long (param $mebibytes i32) (result i32)
      (drop (memory.grow (i32.mul (local.get $mebibytes) (i32.const 16))))
      (memory.fill (i32.const 3145728) (i32.const 120) (i32.shl (local.get $mebibytes) (i32.const 20)))
      (i32.const 3145728))
    ;; What a hook returns that fails with a text.
    (func $error (param $text i32) (param $length i32) (result i32)
      (i32.store (i32.const 4000) (i32.const 1))
      (i32.store (i32.const 4004) (local.get $text))
      (i32.store (i32.const 4008) (local.get $length))
      (i32.const 4000))

    (func (export "fields") (param $group i32) (result i32)
      ;; fields
      (drop (call $declare (local.get $group)))
      (i32.const 3072))
    (func (export "ping") (param $container i32) (result i32)
      ;; ping
      (i32.const 2048))
    (func (export "post-start-init") (param $container i32) (result i32)
      ;; post-start-init
      (i32.const 3072))
    (func (export "pre-start") (param i32 i32) (result i32)
      ;; pre-start
      (i32.const 3072))
    (func (export "pre-stop") (param $container i32) (result i32)
      ;; pre-stop
      (i32.const 3072)))
  (core instance $c (instantiate $code
    (with "m" (instance $m))
    (with "host" (instance
      (export "set-name" (func $set-name))
      (export "parameter" (func $parameter))
      (export "add-service" (func $add-service))
      (export "add-dependency" (func $add-dependency))
      (export "set-env" (func $set-env))
      (export "exec" (func $exec))
      (export "dependency" (func $dependency))
      (export "get" (func $get))
      (export "set" (func $set))
      (export "info" (func $info))
      (export "get-random-bytes" (func $get-random-bytes))
      (export "get-stdout" (func $get-stdout))
      (export "write" (func $write))
      (export "subscribe-duration" (func $subscribe-duration))
      (export "block" (func $block))
      (export "create-socket" (func $create-socket))
      (export "new-thing" (func $new-thing))))))

  (func $fields (param "group" (own $group)) (result (result (error string)))
    (canon lift (core func $c "fields") (memory (core memory $m "memory"))))
  (func $ping (param "container" (own $a-container)) (result (result bool (error string)))
    (canon lift (core func $c "ping") (memory (core memory $m "memory"))))
  (func $post-start-init (param "container" (own $a-container)) (result (result (error string)))
    (canon lift (core func $c "post-start-init") (memory (core memory $m "memory"))))
  (instance $lifecycle
    (export "fields" (func $fields))
    (export "ping" (func $ping))
    (export "post-start-init" (func $post-start-init)))
  (export "drillmaster:plugin/lifecycle@0.1.0" (instance $lifecycle))

  (func $pre-start (param "service" string) (result (result (error string)))
    (canon lift (core func $c "pre-start") (memory (core memory $m "memory")) (realloc (core func $m "realloc"))))
  (func $pre-stop (param "container" (own $a-container)) (result (result (error string)))
    (canon lift (core func $c "pre-stop") (memory (core memory $m "memory"))))
  (instance $service-hooks
    (export "pre-start" (func $pre-start))
    (export "pre-stop" (func $pre-stop)))
  (export "drillmaster:plugin/service-hooks@0.1.0" (instance $service-hooks))
)
