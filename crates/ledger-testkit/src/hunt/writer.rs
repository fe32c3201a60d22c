//! A writer: appends batch after batch, and reports each receipt once it has it.

use ledger_core::{Condition, Error, Ledger, Receipt, Result};
use serde::{Deserialize, Serialize};

use super::error::HuntError;
use super::mark::Mark;
use super::part::{Order, Orders};
use super::patience::patiently;
use super::plan::{Batch, Planner, Position};
use super::said::{Said, Told, say};

/// What a writer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Writing {
    /// What its choices follow from.
    pub(super) seed: u64,
    /// Which writer it is.
    pub(super) writer: u32,
    /// How many were started before it, so that it does not make their choices again.
    pub(super) life: u32,
    /// Where it goes on.
    pub(super) at: Position,
}

/// Writes until it is told to stop. Fails when the ledger fails otherwise than by refusing a conflict.
pub(super) async fn write(url: &str, writing: &Writing, orders: &Orders) -> Result<(), HuntError> {
    let ledger = patiently(|| backends::open(url)).await?;
    let mut planner = Planner::new(writing.seed, writing.writer, writing.life, writing.at);
    let condition = Condition::None;
    // The guard of what is borrowed is gone before anything is waited for.
    while *orders.borrow() == Order::GoOn {
        let batch = planner.next_batch();
        let drafts = batch.drafts()?;
        // A batch that was recorded although its answer was lost is answered as a repeat.
        let outcome = patiently(|| ledger.append(&drafts, &condition)).await;
        say(&said(&batch, &outcome)?)?;
        if let Ok(receipts) = outcome {
            planner.heard(&batch, &receipts);
        }
    }
    Ok(())
}

/// Says how a batch was answered. Fails with an error that is no refusal.
fn said(batch: &Batch, outcome: &Result<Vec<Receipt>>) -> Result<Said> {
    match (outcome, batch.forged) {
        (Ok(receipts), None) => acknowledged(batch, receipts),
        (Ok(receipts), Some(mark)) => {
            Ok(Said::Accepted(mark, receipts.last().map(|receipt| receipt.offset).unwrap_or_default()))
        }
        (Err(Error::IdConflict { id, .. }), forged) => {
            let mark = Mark::of_id(id.as_str()).unwrap_or(batch.marks[0]);
            Ok(if forged == Some(mark) { Said::Refused(mark) } else { Said::Wronged(mark) })
        }
        (Err(error), _) => Err(error.clone()),
    }
}

fn acknowledged(batch: &Batch, receipts: &[Receipt]) -> Result<Said> {
    if receipts.len() != batch.marks.len() {
        let why = format!("{} events were answered with {} receipts", batch.marks.len(), receipts.len());
        return Err(Error::Corrupt { why });
    }
    let both = batch.marks.iter().zip(receipts);
    let told = both.map(|(mark, receipt)| Told { mark: *mark, offset: receipt.offset, status: receipt.status });
    Ok(Said::Acknowledged(told.collect()))
}

#[cfg(test)]
mod tests {
    use ledger_core::{Offset, Status};

    use super::super::plan::Source;
    use super::*;

    #[test]
    fn each_answer_to_a_batch_is_said_as_what_it_is() {
        let (one, two) = (Mark::refused(0, 1), Mark::own(0, 2));
        let plain = Batch { source: Source::Own, marks: vec![two], forged: None };
        let forged = Batch { source: Source::Conflict, marks: vec![one], forged: Some(two) };
        let receipt = Receipt { offset: Offset::new(5).unwrap(), status: Status::New };
        let Receipt { offset, status } = receipt;
        let conflict = |mark: Mark| Error::IdConflict { id: mark.to_string().parse().unwrap(), offset };
        let away = || Error::Unavailable { backend: "it", why: "away".to_owned(), source: None };
        for (batch, outcome, wanted) in [
            (&plain, Ok(vec![receipt]), Said::Acknowledged(vec![Told { mark: two, offset, status }])),
            (&plain, Err(conflict(two)), Said::Wronged(two)),
            (&forged, Err(conflict(two)), Said::Refused(two)),
            (&forged, Err(conflict(one)), Said::Wronged(one)),
            (&forged, Ok(vec![receipt; 2]), Said::Accepted(two, offset)),
        ] {
            let said = said(batch, &outcome).unwrap();
            assert_eq!(said, wanted);
            // What is said is a line, and understood.
            assert_eq!(serde_json::from_slice::<Said>(&serde_json::to_vec(&said).unwrap()).unwrap(), wanted);
        }
        assert!(said(&plain, &Err(away())).is_err());
        assert!(said(&plain, &Ok(vec![receipt; 2])).is_err());
    }
}
