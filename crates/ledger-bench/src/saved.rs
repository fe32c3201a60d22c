//! The figures of all runs in a folder: a run replaces those it measured anew and leaves the others, so that one case can be
//! measured again without the rest.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Write};
use std::path::Path;

use serde_json::Value;

use crate::Result;
use crate::chart;
use crate::figure::Figure;
use crate::machine::Machine;

const FIGURES: &str = "figures.jsonl";
const CHART: &str = "figures.svg";
/// What cannot stand beside the figures of this machine.
const BEFORE: &str = "figures-before.jsonl";

/// Adds what was measured to the figures of a folder, and draws all of them.
pub(crate) fn save(measured: &[Figure], machine: &Machine, folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    let figures = merged(load(machine, folder)?, measured);
    let lines: String = figures.iter().map(|figure| format!("{figure}\n")).collect();
    // Under its name it is whole at any time, because it holds what took others minutes.
    let partial = folder.join(format!(".{FIGURES}"));
    std::fs::write(&partial, format!("{}\n{lines}", machine.json()))?;
    std::fs::rename(&partial, folder.join(FIGURES))?;
    Ok(std::fs::write(folder.join(CHART), chart::draw(&figures, &machine.line()))?)
}

/// Puts figures into the place of those of the same case, which names the backend too, and sorts all by it.
fn merged(saved: Vec<Figure>, measured: &[Figure]) -> Vec<Figure> {
    let all = saved.into_iter().chain(measured.iter().cloned());
    let by_case: BTreeMap<String, Figure> = all.map(|figure| (figure.case.clone(), figure)).collect();
    by_case.into_values().collect()
}

/// Reads the figures of a folder. What another machine measured, or a program that wrote other lines, is put aside.
fn load(machine: &Machine, folder: &Path) -> Result<Vec<Figure>> {
    let path = folder.join(FIGURES);
    let text = match std::fs::read_to_string(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        text => text?,
    };
    match parsed(&text, machine) {
        Ok(figures) => Ok(figures),
        Err(why) => {
            let before = folder.join(BEFORE);
            let mut kept = std::fs::OpenOptions::new().create(true).append(true).open(&before)?;
            kept.write_all(text.as_bytes())?;
            std::fs::remove_file(&path)?;
            eprintln!("the figures of earlier runs are in `{}` now: {why}", before.display());
            Ok(Vec::new())
        }
    }
}

fn parsed(text: &str, machine: &Machine) -> Result<Vec<Figure>> {
    let mut lines = text.lines();
    let first: Value = serde_json::from_str(lines.next().unwrap_or_default())?;
    if !machine.is(&first) {
        return Err("they were measured on another machine".into());
    }
    let figures = lines.map(serde_json::from_str::<Figure>).collect::<Result<_, _>>()?;
    Ok(figures)
}

#[cfg(test)]
mod tests {
    use ledger_core::Timestamp;

    use super::*;
    use crate::bench::Sizes;
    use crate::figure::{Run, Target, Unit};

    fn figures(values: &[(&str, f64)]) -> Vec<Figure> {
        let run = Run { at: Timestamp::EPOCH, rounds: 7, events: Sizes::alike(10_000) };
        let figure =
            |&(case, value): &(&str, f64)| Figure::new(case, Unit::Micros, value.into(), None, Target::None, &run);
        values.iter().map(figure).collect()
    }

    #[test]
    fn a_run_replaces_what_it_measured_and_keeps_the_rest() {
        let folder = tempfile::tempdir().unwrap();
        let machine = Machine::look(folder.path()).unwrap();
        let (first, second) = ([("sqlite/b", 1.0), ("postgres/a", 2.0)], [("sqlite/b", 3.0), ("sqlite/a", 4.0)]);
        save(&figures(&first), &machine, folder.path()).unwrap();
        save(&figures(&second), &machine, folder.path()).unwrap();
        let all = figures(&[("postgres/a", 2.0), ("sqlite/a", 4.0), ("sqlite/b", 3.0)]);
        assert_eq!(load(&machine, folder.path()).unwrap(), all);
        let chart = std::fs::read_to_string(folder.path().join(CHART)).unwrap();
        assert!(all.iter().all(|figure| chart.contains(&figure.case)));
    }

    #[test]
    fn figures_of_another_machine_are_put_aside() {
        let folder = tempfile::tempdir().unwrap();
        let machine = Machine::look(folder.path()).unwrap();
        let other = "{\"machine\":{\"cores\":0}}\n";
        std::fs::write(folder.path().join(FIGURES), other).unwrap();
        let ours = figures(&[("sqlite/a", 1.0)]);
        save(&ours, &machine, folder.path()).unwrap();
        assert_eq!(load(&machine, folder.path()).unwrap(), ours);
        assert_eq!(std::fs::read_to_string(folder.path().join(BEFORE)).unwrap(), other);
    }
}
