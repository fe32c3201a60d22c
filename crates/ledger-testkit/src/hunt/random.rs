//! Numbers that look random and follow from a seed, because a hunt that found something has to be held again.

/// A source of numbers (SplitMix64).
#[derive(Clone, Debug)]
pub(super) struct Random(u64);

impl Random {
    /// Starts from a seed and from what tells this source from the others of the same seed.
    pub(super) fn new(seed: u64, parts: &[u64]) -> Self {
        Self(parts.iter().fold(seed, |seed, part| Self(seed ^ part).draw()))
    }

    /// Returns a number.
    pub(super) fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number from 0 to before `end`, and 0 when that is 0 itself.
    pub(super) fn below(&mut self, end: usize) -> usize {
        let drawn = self.draw() % (end as u64).max(1);
        usize::try_from(drawn).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn the_same_seed_gives_the_same_numbers_and_each_part_others() {
        let drawn = |seed, parts: &[u64]| {
            let mut random = Random::new(seed, parts);
            [random.draw(), random.draw(), random.draw()]
        };
        assert_eq!(drawn(7, &[1, 2]), drawn(7, &[1, 2]));
        assert_ne!(drawn(7, &[1, 2]), drawn(7, &[2, 1]));
        assert_ne!(drawn(7, &[1]), drawn(8, &[1]));
        let mut random = Random::new(7, &[]);
        assert!((0..100).all(|_| random.below(3) < 3) && random.below(0) == 0);
    }
}
