(component
  (import "drillmaster:plugin/definition@0.1.0" (instance $definition
    (export "group" (type $group (sub resource)))
    (export "service" (type $service (sub resource)))
    (export "[method]group.add-service" (func
      (param "self" (borrow $group)) (param "name" string) (param "image" string) (result (own $service))))))
  (import "drillmaster:plugin/container@0.1.0" (instance $container
    (export "container" (type (sub resource)))))
  (alias export $definition "group" (type $group))
  (alias export $container "container" (type $a-container))

  (core module $memory
    (memory (export "memory") 1)
    (data (i32.const 1024) "app")
    (data (i32.const 1040) "drillmaster-test-service:latest")
    ;; The answer of ping: no error, and true.
    (data (i32.const 2052) "\01")
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096)))
  (core instance $m (instantiate $memory))
  (core func $add (canon lower (func $definition "[method]group.add-service") (memory (core memory $m "memory"))))

  (core module $code
    (import "host" "add" (func $add (param i32 i32 i32 i32 i32) (result i32)))
    (func (export "fields") (param i32) (result i32)
      (drop (call $add (local.get 0) (i32.const 1024) (i32.const 3) (i32.const 1040) (i32.const 31)))
      (i32.const 3072))
    (func (export "ping") (param i32) (result i32) (i32.const 2048))
    ;; No error, whatever was given.
    (func (export "none") (result i32) (i32.const 3072))
    (func (export "one") (param i32) (result i32) (i32.const 3072))
    (func (export "two") (param i32 i32) (result i32) (i32.const 3072)))
  (core instance $c (instantiate $code (with "host" (instance (export "add" (func $add))))))

  (func $fields (param "group" (own $group)) (result (result (error string)))
    (canon lift (core func $c "fields") (memory (core memory $m "memory"))))
  (func $ping (param "container" (own $a-container)) (result (result bool (error string)))
    (canon lift (core func $c "ping") (memory (core memory $m "memory"))))
  (func $post-start-init (param "container" (own $a-container)) (result (result (error string)))
    (canon lift (core func $c "one") (memory (core memory $m "memory"))))
  (instance $lifecycle
    (export "fields" (func $fields))
    (export "ping" (func $ping))
    (export "post-start-init" (func $post-start-init)))
  (export "drillmaster:plugin/lifecycle@0.1.0" (instance $lifecycle))

  (func $nothing (result (result (error string)))
    (canon lift (core func $c "none") (memory (core memory $m "memory"))))
  (func $number (param "number" u32) (result (result (error string)))
    (canon lift (core func $c "one") (memory (core memory $m "memory"))))
  (func $text (param "text" string) (result (result (error string)))
    (canon lift (core func $c "two") (memory (core memory $m "memory")) (realloc (core func $m "realloc"))))
  (func $texts (param "texts" (list string)) (result (result (error string)))
    (canon lift (core func $c "two") (memory (core memory $m "memory")) (realloc (core func $m "realloc"))))
  (func $a-container-hook (param "container" (own $a-container)) (result (result (error string)))
    (canon lift (core func $c "one") (memory (core memory $m "memory"))))
  ;; hooks
)
