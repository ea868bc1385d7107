//! Numbers that look random, and are the same again with the same seed.

/// Numbers that look random and follow from a seed (`SplitMix64`).
#[derive(Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// One of these.
    ///
    /// # Panics
    ///
    /// When there are none.
    pub(crate) fn choose<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let index = u64::from(self.number()) % u64::try_from(from.len()).expect("there are not so many");
        &from[usize::try_from(index).expect("it is below a length")]
    }

    /// At least 0 and less than 1.
    pub(crate) fn fraction(&mut self) -> f64 {
        f64::from(self.number()) / (f64::from(u32::MAX) + 1.0)
    }

    fn number(&mut self) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut number = self.0;
        number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        u32::try_from((number ^ (number >> 31)) >> 32).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_follow_from_the_seed_and_lie_all_over() {
        let moments = |seed| {
            let mut random = Random::new(seed);
            (0..100).map(|_| random.fraction()).collect::<Vec<_>>()
        };
        assert_eq!(format!("{:?}", moments(7)), format!("{:?}", moments(7)));
        assert_ne!(format!("{:?}", moments(7)), format!("{:?}", moments(8)));
        for tenth in 0..10 {
            let (from, to) = (f64::from(tenth) / 10.0, f64::from(tenth + 1) / 10.0);
            assert!(moments(7).iter().any(|moment| (from..to).contains(moment)), "none in tenth {tenth}");
        }
    }
}
