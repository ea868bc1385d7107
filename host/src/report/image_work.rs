//! How far an image is that is pulled or built: all words of progress summed up.

use std::collections::BTreeMap;

use crate::engine::ImageProgress;
use crate::group::short;

use super::visible::plain;

/// The most bytes of a line of progress.
const READABLE: usize = 1000;

/// What the engine has told of one image so far.
#[derive(Debug, Default)]
pub(super) struct ImageWork {
    layers: BTreeMap<String, Layer>,
    step: Option<String>,
    line: Option<String>,
}

#[derive(Debug, Default)]
struct Layer {
    done: bool,
    /// How many bytes of how many were downloaded.
    bytes: Option<(u64, u64)>,
}

impl ImageWork {
    pub(super) fn add(&mut self, progress: &ImageProgress) {
        match progress {
            ImageProgress::Layer { id, status, bytes } => self.layer(id, status, *bytes),
            ImageProgress::Step { number, of, instruction } => {
                self.step = Some(format!("step {number}/{of} {}", readable(instruction)));
                self.line = None;
            }
            ImageProgress::Line(line) if is_remark(line.trim_start()) => {}
            ImageProgress::Line(line) => self.line = Some(readable(line)),
        }
    }

    fn layer(&mut self, id: &str, status: &str, bytes: Option<(u64, u64)>) {
        // The first word of a pull is about the tag, and looks as if it were about a layer.
        if status.starts_with("Pulling from") {
            return;
        }
        let layer = self.layers.entry(id.to_owned()).or_default();
        match status {
            "Downloading" => layer.bytes = bytes.or(layer.bytes),
            // From here on the bytes are those that are unpacked, if there are any.
            _ => layer.bytes = layer.bytes.map(|(_, total)| (total, total)),
        }
        layer.done |= matches!(status, "Pull complete" | "Already exists");
    }

    /// Everything in a few words: `3 of 7 layers, 45 of 120 MB`, or `step 4/9 RUN make: a line of its output`. None if
    /// nothing was told. A line of the engine's own begins with a bar.
    pub(super) fn word(&self) -> Option<String> {
        match (&self.step, &self.line) {
            (Some(step), Some(line)) => Some(format!("{step}: {line}")),
            (Some(step), None) => Some(step.clone()),
            (None, line) if self.layers.is_empty() => line.as_ref().map(|line| format!("| {line}")),
            (None, _) => Some(self.layers_in_short()),
        }
    }

    fn layers_in_short(&self) -> String {
        let done = self.layers.values().filter(|layer| layer.done).count();
        let layers = match self.layers.len() {
            1 => format!("{done} of 1 layer"),
            all => format!("{done} of {all} layers"),
        };
        let bytes = self.layers.values().filter_map(|layer| layer.bytes);
        let (loaded, total) =
            bytes.fold((0_u64, 0_u64), |sum, bytes| (sum.0.saturating_add(bytes.0), sum.1.saturating_add(bytes.1)));
        if total == 0 {
            return layers;
        }
        let (size, unit) = if total < 1_000_000 { (1_000, "kB") } else { (1_000_000, "MB") };
        let rounded = |bytes: u64| bytes.saturating_add(size / 2) / size;
        format!("{layers}, {} of {} {unit}", rounded(loaded), rounded(total))
    }
}

/// As much of a line as people read while it passes, without its colours.
fn readable(line: &str) -> String {
    plain(&short(line.trim(), READABLE))
}

/// Whether a line is the builder's own: which container it runs in, which image that gave.
fn is_remark(line: &str) -> bool {
    line.starts_with("--->") || line.starts_with("Removing intermediate container ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(id: &str, status: &str, bytes: Option<(u64, u64)>) -> ImageProgress {
        ImageProgress::Layer { id: id.into(), status: status.into(), bytes }
    }

    fn word(all: &[ImageProgress]) -> Option<String> {
        let mut work = ImageWork::default();
        for progress in all {
            work.add(progress);
        }
        work.word()
    }

    #[test]
    fn the_layers_of_a_pull_are_summed_up() {
        let mb = 1_000_000;
        let mut told = vec![
            layer("latest", "Pulling from library/postgres", None),
            layer("a", "Already exists", None),
            layer("b", "Pulling fs layer", None),
            layer("c", "Pulling fs layer", None),
            layer("b", "Downloading", Some((40 * mb, 100 * mb))),
            layer("c", "Downloading", Some((5 * mb, 20 * mb))),
        ];
        assert_eq!(word(&told).as_deref(), Some("1 of 3 layers, 45 of 120 MB"));
        told.push(layer("b", "Download complete", None));
        // Unpacking counts other bytes.
        told.push(layer("b", "Extracting", Some((3 * mb, 100 * mb))));
        assert_eq!(word(&told).as_deref(), Some("1 of 3 layers, 105 of 120 MB"));
        told.push(layer("b", "Pull complete", None));
        told.push(ImageProgress::Line("Digest: sha256:0".into()));
        assert_eq!(word(&told).as_deref(), Some("2 of 3 layers, 105 of 120 MB"));
    }

    #[test]
    fn a_small_image_is_counted_in_kilobytes_and_one_of_unknown_size_in_layers() {
        assert_eq!(word(&[layer("a", "Downloading", Some((400, 9_600)))]).as_deref(), Some("0 of 1 layer, 0 of 10 kB"));
        assert_eq!(word(&[layer("a", "Waiting", None)]).as_deref(), Some("0 of 1 layer"));
        assert_eq!(word(&[layer("latest", "Pulling from library/postgres", None)]), None);
        let huge = layer("a", "Downloading", Some((u64::MAX, u64::MAX)));
        assert!(word(&[huge.clone(), layer("b", "Downloading", Some((u64::MAX, u64::MAX)))]).is_some());
    }

    #[test]
    fn a_build_is_told_by_its_step_and_the_last_line_of_it() {
        let step = |number| ImageProgress::Step { number, of: 9, instruction: "RUN make".into() };
        let line = |text: &str| ImageProgress::Line(text.into());
        assert_eq!(word(&[line("Pulling from library/alpine")]).as_deref(), Some("| Pulling from library/alpine"));
        assert_eq!(word(&[step(4), line(" ---> Running in 0123")]).as_deref(), Some("step 4/9 RUN make"));
        let remark = line("Removing intermediate container 0123");
        assert_eq!(word(&[step(4), line("cc a.c"), remark]).as_deref(), Some("step 4/9 RUN make: cc a.c"));
        assert_eq!(word(&[step(4), line("cc a.c")]).as_deref(), Some("step 4/9 RUN make: cc a.c"));
        assert_eq!(word(&[step(4), line("\u{1b}[91mcc\u{1b}[0m a.c")]).as_deref(), Some("step 4/9 RUN make: cc a.c"));
        assert_eq!(word(&[step(4), line("cc a.c"), step(5)]).as_deref(), Some("step 5/9 RUN make"));
    }
}
