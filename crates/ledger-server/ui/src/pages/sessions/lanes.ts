// Where the edits of a session stand: a lane for each actor, and from left to right what may have caused what.

export interface Edit {
  id: string;
  actor: string;
  lamport: bigint | null;
  offset: number;
  parents: readonly string[];
}

export interface Placed<E extends Edit> {
  edit: E;
  lane: number;
  column: number;
}

export interface Lanes<E extends Edit> {
  actors: string[];
  edits: Placed<E>[];
  /** From which edit to which, by their places in `edits`. */
  arrows: [number, number][];
  columns: number;
}

/**
 * Places edits by their stamps. One without stands by itself behind all that the ledger had when it was recorded. Stamps that
 * nobody has leave no gap, and two edits of an actor with the same stamp stand side by side. Lanes are in the order of the actors
 * that are known: which of their edits are shown changes with every new one.
 */
export function lanesOf<E extends Edit>(edits: readonly E[], known: readonly string[] = []): Lanes<E> {
  const shown = new Set(edits.map((edit) => edit.actor));
  const actors = [...new Set([...known.filter((actor) => shown.has(actor)), ...shown])];
  const lanes = new Map(actors.map((actor, lane) => [actor, lane]));
  const placed: Placed<E>[] = [];
  const last = new Map<string, number>();
  let column = -1;
  let before: bigint | null = null;
  for (const edit of inOrder(edits)) {
    if (edit.lamport === null || edit.lamport !== before || last.get(edit.actor) === column) column += 1;
    before = edit.lamport;
    last.set(edit.actor, column);
    placed.push({ edit, lane: lanes.get(edit.actor)!, column });
  }
  const places = new Map(placed.map(({ edit }, at) => [edit.id, at]));
  const arrows = placed.flatMap(({ edit }, to) =>
    edit.parents.flatMap((parent): [number, number][] => {
      const from = places.get(parent);
      return from === undefined ? [] : [[from, to]];
    }),
  );
  return { actors, edits: placed, arrows, columns: column + 1 };
}

/** Edits by their stamps, and by the highest that was recorded before them if they have none. */
function inOrder<E extends Edit>(edits: readonly E[]): E[] {
  let highest = -1n;
  const stamped = [...edits].sort((one, other) => one.offset - other.offset).map((edit) => {
    if (edit.lamport !== null && edit.lamport > highest) highest = edit.lamport;
    return { edit, stamp: edit.lamport ?? highest, isLoose: Number(edit.lamport === null) };
  });
  const compare = (one: bigint, other: bigint) => (one < other ? -1 : Number(one > other));
  // What is the same in both stays in the order of the ledger.
  stamped.sort((one, other) => compare(one.stamp, other.stamp) || one.isLoose - other.isLoose);
  return stamped.map(({ edit }) => edit);
}
