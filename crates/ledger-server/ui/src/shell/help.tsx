import { Dialog } from "../parts/dialog.tsx";
import { type Key, helpOpen, keys, ownKeys } from "./keys.ts";

export function Help() {
  return (
    <Dialog open={helpOpen.value} title="Keys" close={() => (helpOpen.value = false)}>
      <List keys={keys} />
      {ownKeys.map(([page, keys]) => (
        <section key={page}>
          <h3>{page}</h3>
          <List keys={keys} />
        </section>
      ))}
    </Dialog>
  );
}

function List({ keys }: { keys: readonly Key[] }) {
  return (
    <dl class="keys">
      {keys.map(([key, does]) => (
        <div key={does}>
          <dt>
            {key.split(/\s+/).map((one) => (
              <kbd key={one}>{one}</kbd>
            ))}
          </dt>
          <dd>{does}</dd>
        </div>
      ))}
    </dl>
  );
}
