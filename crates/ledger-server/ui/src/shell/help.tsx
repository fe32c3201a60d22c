import { Dialog } from "../parts/dialog.tsx";
import { helpOpen, keys } from "./keys.ts";

export function Help() {
  return (
    <Dialog open={helpOpen.value} title="Keys" close={() => (helpOpen.value = false)}>
      <dl class="keys">
        {keys.map(([key, does]) => (
          <div key={key}>
            <dt>
              {key.split(/\s+/).map((one) => (
                <kbd key={one}>{one}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
