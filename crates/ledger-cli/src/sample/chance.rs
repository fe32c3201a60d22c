//! Numbers that look random and follow from a seed, so that a sample is the same whenever it is made.

/// A source of numbers (SplitMix64).
#[derive(Clone, Debug)]
pub(super) struct Chance(u64);

impl Chance {
    /// Starts from a seed and from a word that tells this source from the others of the same seed: what one of them
    /// draws changes nothing for the others.
    pub(super) fn new(seed: u64, word: &str) -> Self {
        Self(word.bytes().fold(seed, |seed, byte| Self(seed ^ u64::from(byte)).draw()))
    }

    /// Returns a number.
    fn draw(&mut self) -> u64 {
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

    /// Returns a number from 0 to before 1.
    pub(super) fn share(&mut self) -> f64 {
        (self.draw() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Returns a number between two others.
    pub(super) fn between(&mut self, least: f64, most: f64) -> f64 {
        least + self.share() * (most - least)
    }

    /// Says whether something happens that does so with these odds, from 0 to 1.
    pub(super) fn happens(&mut self, odds: f64) -> bool {
        self.share() < odds
    }

    /// Returns one of several things.
    pub(super) fn pick<'t, T>(&mut self, of: &'t [T]) -> &'t T {
        &of[self.below(of.len())]
    }

    /// Returns a number about a middle as times and sizes are: half are below it, and a few far above. With a width
    /// of 0.5, two of three are between 0.6 and 1.65 of it.
    pub(super) fn spread(&mut self, middle: f64, width: f64) -> f64 {
        // Twelve even numbers add up to very nearly the normal distribution.
        let normal: f64 = (0..12).map(|_| self.share()).sum::<f64>() - 6.0;
        middle * (normal * width).exp()
    }

    /// Returns how long to wait for what comes at any time, and once in so long on average.
    pub(super) fn wait(&mut self, average: f64) -> f64 {
        -(1.0 - self.share()).ln() * average
    }
}
