//! The contract in Rust, generated from `wit/`.
#![allow(missing_docs, unreachable_pub, clippy::all, clippy::pedantic, reason = "generated code")]

/// The bindings, with more of what wasmtime can do for imports.
macro_rules! bindings {
    ($($more:tt)*) => {
        wasmtime::component::bindgen!({
            path: "../wit",
            world: "plugin-with-hooks",
            imports: { default: async | trappable $($more)* },
            exports: { default: async },
            with: {
                "drillmaster:plugin/definition.group": crate::component::state::GroupHandle,
                "drillmaster:plugin/definition.service": crate::component::state::ServiceHandle,
                "drillmaster:plugin/container.container": crate::component::state::ContainerHandle,
            },
        });
    };
}

// Values of variables and of the context are among the arguments: nobody is to find them in a trace but tests.
#[cfg(feature = "trace-imports")]
bindings!(|tracing| verbose_tracing);
#[cfg(not(feature = "trace-imports"))]
bindings!();
