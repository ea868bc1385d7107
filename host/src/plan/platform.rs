//! Platforms of images, in the forms in which people and engines write them.

/// A platform in parts.
#[derive(Debug, PartialEq, Eq)]
struct Platform {
    system: String,
    architecture: String,
    /// Which of the architecture's versions; empty if that is not said.
    variant: String,
}

/// Whether an image is for the platform that is wanted, as far as both are known.
pub(super) fn is_for(image: Option<&str>, wanted: Option<&str>) -> bool {
    let (Some(image), Some(wanted)) = (image, wanted) else { return true };
    let (image, wanted) = (Platform::read(image), Platform::read(wanted));
    let same = |one: &str, other: &str| one.is_empty() || other.is_empty() || one == other;
    same(&image.system, &wanted.system)
        && same(&image.architecture, &wanted.architecture)
        && same(&image.variant, &wanted.variant)
}

impl Platform {
    /// A text of one to three parts. One part alone is a system or an architecture.
    fn read(text: &str) -> Self {
        let text = text.to_lowercase();
        let mut parts = text.split('/').map(str::to_owned);
        let first = parts.next().unwrap_or_default();
        let (system, architecture) = match parts.next() {
            Some(architecture) => (first, architecture),
            None if matches!(first.as_str(), "linux" | "windows" | "darwin" | "freebsd") => (first, String::new()),
            None => (String::new(), first),
        };
        let variant = parts.next().unwrap_or_default();
        let (architecture, variant) = match (architecture.as_str(), variant.as_str()) {
            ("x86_64" | "x86-64", _) => ("amd64", variant.as_str()),
            ("i386" | "i486" | "i586" | "i686", _) => ("386", ""),
            // That is the only one there is.
            ("aarch64" | "arm64", "8" | "v8" | "") => ("arm64", ""),
            ("armhf", _) => ("arm", "v7"),
            ("armel", _) => ("arm", "v6"),
            ("arm", "5" | "6" | "7" | "8") => {
                ("arm", ["v5", "v6", "v7", "v8"][usize::from(variant.as_bytes()[0] - b'5')])
            }
            (architecture, variant) => (architecture, variant),
        };
        Self { system, architecture: architecture.to_owned(), variant: variant.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::is_for;

    #[test]
    fn platforms_are_the_same_however_they_are_written() {
        for (image, wanted) in [
            ("linux/amd64", "linux/amd64"),
            ("linux/amd64", "linux/x86_64"),
            ("linux/amd64", "amd64"),
            ("linux/amd64", "linux"),
            ("linux/arm64", "linux/arm64/v8"),
            ("linux/arm64/v8", "linux/aarch64"),
            ("linux/arm/v7", "linux/arm"),
            ("linux/arm/v7", "linux/arm/7"),
            ("linux/arm/v7", "armhf"),
            ("Linux/386", "linux/i686"),
        ] {
            assert!(is_for(Some(image), Some(wanted)), "{image} {wanted}");
        }
        for (image, wanted) in [
            ("linux/amd64", "linux/arm64"),
            ("linux/amd64", "arm64"),
            ("windows/amd64", "linux/amd64"),
            ("windows/amd64", "linux"),
            ("linux/arm/v6", "linux/arm/v7"),
            ("linux/arm/v7", "linux/arm64"),
        ] {
            assert!(!is_for(Some(image), Some(wanted)), "{image} {wanted}");
        }
        assert!(is_for(None, Some("linux/arm64")) && is_for(Some("linux/arm64"), None));
    }
}
