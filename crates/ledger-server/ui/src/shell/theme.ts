// Dark or light: as the system has it, until the viewer chooses.
import { signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";
const KEY = "ledger.theme";

export const theme = signal<Theme>("system");

export function startTheme(): void {
  const stored = localStorage.getItem(KEY);
  show(stored === "light" || stored === "dark" ? stored : "system");
}

export function nextTheme(): void {
  const order: Theme[] = ["system", "light", "dark"];
  show(order[(order.indexOf(theme.value) + 1) % order.length]!);
  localStorage.setItem(KEY, theme.value);
}

function show(chosen: Theme): void {
  theme.value = chosen;
  document.documentElement.dataset.theme = chosen;
}
