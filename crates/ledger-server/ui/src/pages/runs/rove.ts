// A chart is one stop of the tab key; from there the arrows lead to its bars, one by one.

export function rove(event: KeyboardEvent): void {
  const by: Record<string, number> = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };
  const step = by[event.key];
  const end = event.key === "Home" || event.key === "End";
  if (step === undefined && !end) return;
  const all = [...(event.currentTarget as Element).querySelectorAll<HTMLElement>("[data-rove]")];
  const at = all.indexOf(event.target as HTMLElement);
  const next = end ? (event.key === "Home" ? 0 : all.length - 1) : Math.max(0, at + step!);
  if (!all[next]) return;
  event.preventDefault();
  all[next].focus();
}
