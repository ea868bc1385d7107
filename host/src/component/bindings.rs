//! The contract in Rust, generated from `wit/`.
#![allow(missing_docs, unreachable_pub, clippy::all, clippy::pedantic, reason = "generated code")]

wasmtime::component::bindgen!({
    path: "../wit",
    world: "plugin-with-hooks",
    imports: { default: async | trappable | tracing | verbose_tracing },
    exports: { default: async },
    with: {
        "drillmaster:plugin/definition.group": crate::component::state::GroupHandle,
        "drillmaster:plugin/definition.service": crate::component::state::ServiceHandle,
        "drillmaster:plugin/container.container": crate::component::state::ContainerHandle,
    },
});
