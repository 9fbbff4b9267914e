/** Moves the focus up and down among the elements of a list. */
export function flechas(event: KeyboardEvent & { currentTarget: HTMLElement }, selector: string): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  // In a field that offers rows of its own the arrows are its own.
  if (step === undefined || event.defaultPrevented) return;
  event.preventDefault();
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>(selector)];
  const at = all.indexOf(document.activeElement as HTMLElement);
  all[Math.max(0, Math.min(all.length - 1, at + step))]?.focus();
}
