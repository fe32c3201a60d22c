// Where the edits of a session stand: a lane for each actor, and from left to right what may have caused what.

export interface Edit {
  id: string;
  actor: string;
  lamport: number | null;
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
 * Places edits by their stamps; those without one by their offsets after the stamp before them. Stamps that nobody has leave no gap, and two
 * edits of an actor with the same stamp stand side by side.
 */
export function lanesOf<E extends Edit>(edits: readonly E[]): Lanes<E> {
  const ordered = [...edits].sort((one, other) => stamp(one) - stamp(other) || one.offset - other.offset);
  const actors = [...new Set(edits.map((edit) => edit.actor))];
  const placed: Placed<E>[] = [];
  const last = new Map<string, number>();
  let [column, before] = [-1, Number.NaN];
  for (const edit of ordered) {
    const now = stamp(edit);
    if (now !== before || last.get(edit.actor) === column) column += 1;
    before = now;
    last.set(edit.actor, column);
    placed.push({ edit, lane: actors.indexOf(edit.actor), column });
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

function stamp(edit: Edit): number {
  return edit.lamport ?? 0;
}
