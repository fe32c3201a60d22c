// What the shapes and colours mean.

const signs: readonly [string, string][] = [
  ["input", "input: nothing shown made it"],
  ["intermediate", "intermediate"],
  ["target", "target: nothing shown reads it"],
  ["beside", "pale: only read beside, by an operation on the way"],
  ["dropped", "dropped"],
  ["start", "where it begins"],
  ["group", "group"],
  ["stub", "hidden: click to show"],
];

export function Legend() {
  return (
    <ul class="lineage-legend" aria-label="Legend">
      {signs.map(([sign, says]) => (
        <li key={sign}>
          <span class={`lineage-sign ${sign}`} aria-hidden="true" /> {says}
        </li>
      ))}
      <li>
        <i>name</i>: an operation at which it ends
      </li>
    </ul>
  );
}
