// How runs and operations ended, and the signs by which each is known.
import type { Schemas } from "../../lib/api.ts";

export type Outcome = "open" | "finished" | "failed";

export const outcomeSigns: Record<Outcome, string> = { open: "▷", finished: "✓", failed: "✕" };
export const outcomeClasses: Record<Outcome, string> = { open: "run-open", finished: "good", failed: "bad" };

const WELL = /^(done|ok|okay|success|successful|succeeded|completed?|finished)([^a-z]|$)/i;
const BADLY =
  /(^|[^a-z])(fail(s|ed|ure|ing)?|errors?|errored|abort(ed)?|crash(ed)?|panic(ked)?|killed|timeout|timed[ _-]?out)([^a-z]|$)/i;

/** How a run ended. The ledger knows only that it did: that it failed is what its reason says. */
export function outcomeOf(run: Pick<Schemas["Run"], "state" | "reason">): Outcome {
  if (run.state === "open") return "open";
  return soundsBad(run.reason?.trim() ?? "") ? "failed" : "finished";
}

/** Says whether words tell that something failed: those of a reason, or a part of a kind. */
export function soundsBad(words: string): boolean {
  return BADLY.test(words) && !WELL.test(words);
}

export type OperationOutcome = "open" | "success" | "error" | "timeout";

export function endedBadly(outcome: OperationOutcome): boolean {
  return outcome === "error" || outcome === "timeout";
}

export const operationSigns: Record<OperationOutcome, string> = { open: "▷", success: "✓", error: "✕", timeout: "◷" };
export const operationWords: Record<OperationOutcome, string> = {
  open: "not ended",
  success: "done",
  error: "failed",
  timeout: "timed out",
};
