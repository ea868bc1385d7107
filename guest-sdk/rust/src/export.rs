/// Makes this crate a definition: exports the group to drillmaster. Once a crate.
///
/// The expression is evaluated anew for each call, since each runs in a fresh instance of the component.
///
/// ```
/// use drillmaster_sdk::{Fields, Group, Parameters, Result, Service};
///
/// struct Cache;
///
/// impl Service for Cache {
///     fn fields(&self, _: &Parameters) -> Result<Fields> {
///         Ok(Fields::new("redis:7").port(6379, 6379))
///     }
/// }
///
/// drillmaster_sdk::export_group!(Group::named("shop").service("cache", Cache));
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! export_group {
    ($group:expr) => {
        $crate::__export_group!($group);
    };
}

#[cfg(target_family = "wasm")]
#[doc(hidden)]
#[macro_export]
macro_rules! __export_group {
    ($group:expr) => {
        const _: () = {
            struct Exported;
            impl $crate::Definition for Exported {
                fn group() -> $crate::Group {
                    $group
                }
            }
    $crate::bindings::export!(Exported with_types_in $crate::bindings);
        };
    };
}

/// Outside of a component nobody calls the group, but it is checked all the same.
#[cfg(not(target_family = "wasm"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __export_group {
    ($group:expr) => {
        const _: fn() -> $crate::Group = || $group;
    };
}
