//! What a hunt found, as a table for people and as JSON for programs.

use std::time::Duration;

use serde_json::{Value, json};

use super::faults::FaultKind;
use super::verdict::Verdict;

/// How often somebody was killed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Killed {
    /// Writers.
    pub writers: u64,
    /// Tailers.
    pub tailers: u64,
    /// The engine, or the server.
    pub engines: u64,
}

/// What a hunt found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// Where it was held, without a password.
    pub at: String,
    /// What its random choices followed from.
    pub seed: u64,
    /// How many wrote.
    pub writers: u32,
    /// How many followed.
    pub tailers: u32,
    /// From the first append until the last writer had stopped.
    pub elapsed: Duration,
    /// How often somebody was killed.
    pub killed: Killed,
    /// What the comparison says.
    pub verdict: Verdict,
    /// Who failed otherwise than by a kill: the verdict stands for what was done until then.
    pub failures: Vec<String>,
}

impl Report {
    /// Returns the exit code of a program that ends with it: 1 when something is wrong with the ledger, 3 when somebody
    /// failed for another reason, and else 0.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match (self.verdict.faults.total(), self.failures.len()) {
            (0, 0) => 0,
            (0, _) => 3,
            _ => 1,
        }
    }

    /// Returns a table.
    #[must_use]
    pub fn table(&self) -> String {
        let Self { verdict, killed, .. } = self;
        let rate = |count: u64| format!("{:.0} /s", self.per_second(count));
        let kills = format!("{} writers, {} tailers, {} engines", killed.writers, killed.tailers, killed.engines);
        let receipts = verdict.acknowledged + verdict.repeated;
        let mut rows = vec![
            ("appended (in the ledger)", verdict.appended, rate(verdict.appended)),
            ("acknowledged", verdict.acknowledged, rate(receipts) + " with repeats"),
            ("repeated (answered `duplicate`)", verdict.repeated, String::new()),
            ("conflicts refused", verdict.refused, String::new()),
            ("delivered to tailers", verdict.delivered, String::new()),
            ("... while others wrote", verdict.delivered_meanwhile, rate(verdict.delivered_meanwhile)),
            ("kills", killed.writers + killed.tailers + killed.engines, kills),
        ];
        rows.extend(FaultKind::ALL.map(|(kind, _, meaning)| (meaning, verdict.faults.count(kind), String::new())));
        let mut lines = vec![
            format!(
                "{}, seed {}: {} writers, {} tailers, {:.1} s",
                self.at,
                self.seed,
                self.writers,
                self.tailers,
                self.elapsed.as_secs_f64()
            ),
            String::new(),
        ];
        let row = |(name, count, more): (&str, u64, String)| format!("  {name:<36}{count:>12}  {more}");
        lines.extend(rows.into_iter().map(|cells| row(cells).trim_end().to_owned()));
        lines.push(String::new());
        lines.extend(self.findings());
        lines.join("\n")
    }

    /// Lists what is wrong, or says that nothing is.
    fn findings(&self) -> Vec<String> {
        let faults = self.verdict.faults.first().iter();
        let faults = faults.map(|fault| format!("{}: {}", FaultKind::ALL[fault.kind as usize].2, fault.what));
        let failures = self.failures.iter().map(|failure| format!("failed: {failure}"));
        let found: Vec<_> = faults.chain(failures).collect();
        if found.is_empty() { vec!["nothing is lost".to_owned()] } else { found }
    }

    /// Returns the same as an object of JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        let Self { verdict, killed, .. } = self;
        let first = verdict.faults.first().iter();
        let first: Vec<_> = first
            .map(|fault| json!({"kind": FaultKind::ALL[fault.kind as usize].1, "what": fault.what.as_str()}))
            .collect();
        let mut object = json!({
            "at": self.at,
            "seed": self.seed,
            "writers": self.writers,
            "tailers": self.tailers,
            "seconds": self.elapsed.as_secs_f64(),
            "appended": verdict.appended,
            "appended_per_second": self.per_second(verdict.appended),
            "acknowledged": verdict.acknowledged,
            "repeated": verdict.repeated,
            "receipts_per_second": self.per_second(verdict.acknowledged + verdict.repeated),
            "conflicts_refused": verdict.refused,
            "delivered": verdict.delivered,
            "delivered_meanwhile": verdict.delivered_meanwhile,
            "delivered_per_second": self.per_second(verdict.delivered_meanwhile),
            "kills": {"writers": killed.writers, "tailers": killed.tailers, "engines": killed.engines},
            "first": first,
            "failures": self.failures,
        });
        for (kind, word, _) in FaultKind::ALL {
            object[word] = verdict.faults.count(kind).into();
        }
        object
    }

    fn per_second(&self, count: u64) -> f64 {
        const SHORTEST: f64 = 0.001;
        (count as f64 / self.elapsed.as_secs_f64().max(SHORTEST)).round()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hunt::faults::Faults;

    fn report(faults: Faults, failures: Vec<String>) -> Report {
        let verdict = Verdict {
            appended: 100,
            acknowledged: 90,
            repeated: 10,
            refused: 2,
            delivered: 200,
            delivered_meanwhile: 180,
            faults,
        };
        let killed = Killed { writers: 3, tailers: 2, engines: 1 };
        let elapsed = Duration::from_secs(2);
        Report { at: "sqlite:a.db".to_owned(), seed: 7, writers: 4, tailers: 2, elapsed, killed, verdict, failures }
    }

    #[test]
    fn a_report_says_that_nothing_is_lost_or_what_is() {
        let clean = report(Faults::default(), Vec::new());
        let table = clean.table();
        assert!(table.starts_with("sqlite:a.db, seed 7: 4 writers, 2 tailers, 2.0 s\n"), "{table}");
        assert!(table.contains(" 100  50 /s\n") && table.contains(" 180  90 /s\n"), "{table}");
        assert!(table.ends_with("\nnothing is lost"), "{table}");
        assert_eq!(clean.exit_code(), 0);
        let mut faults = Faults::default();
        faults.add(FaultKind::Lost, || "`hunt-1-1`".to_owned());
        let lost = report(faults, vec!["writer 1".to_owned()]);
        assert!(lost.table().ends_with("\nlost: `hunt-1-1`\nfailed: writer 1"), "{}", lost.table());
        assert_eq!(lost.exit_code(), 1);
        assert_eq!(report(Faults::default(), vec!["writer 1".to_owned()]).exit_code(), 3);
    }

    #[test]
    fn a_report_is_one_object_of_json() {
        let object = report(Faults::default(), Vec::new()).json();
        assert_eq!((&object["appended"], &object["appended_per_second"]), (&json!(100), &json!(50.0)));
        assert_eq!((&object["lost"], &object["kills"]["engines"]), (&json!(0), &json!(1)));
        assert_eq!((&object["first"], &object["failures"]), (&json!([]), &json!([])));
    }
}
