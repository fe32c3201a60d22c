// Causes and effects in the order of a tree: each beneath what it hangs on.
import type { Event } from "./read.ts";

export interface Linked {
  distance: number;
  event: Event;
}

export interface Branch extends Linked {
  /** Other events, nearer to the one that is looked at, that it hangs on, too. */
  also: number[];
}

/** Effects beneath the parent that they name, the nearest first. */
export function effectTree(of: Event, effects: readonly Linked[]): Branch[] {
  return tree(of, effects, (lower, upper) => lower.parents.includes(upper.id));
}

/** Causes beneath the event that names them as its parent. */
export function causeTree(of: Event, causes: readonly Linked[]): Branch[] {
  return tree(of, causes, (lower, upper) => upper.parents.includes(lower.id));
}

function tree(of: Event, all: readonly Linked[], hangs: (lower: Event, upper: Event) => boolean): Branch[] {
  const beneath = new Map<number, Branch[]>();
  const nodes: Linked[] = [{ distance: 0, event: of }, ...all];
  for (const node of all) {
    const uppers = nodes.filter((upper) => upper.distance === node.distance - 1 && hangs(node.event, upper.event));
    const [first, ...also] = uppers.map((upper) => upper.event.offset);
    const branch = { ...node, also };
    const upper = first ?? of.offset;
    beneath.set(upper, [...(beneath.get(upper) ?? []), branch]);
  }
  const order: Branch[] = [];
  const waiting = [...(beneath.get(of.offset) ?? [])].reverse();
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    order.push(next);
    waiting.push(...[...(beneath.get(next.event.offset) ?? [])].reverse());
  }
  return order;
}
