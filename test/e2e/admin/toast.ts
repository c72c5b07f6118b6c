/** Shows a text. Like the message of a component library, it shows a key once. */
export function toast(text: string, { key }: { key: string }): void {
  const toasts = document.querySelector('#toasts')!;
  if (toasts.querySelector(`[data-key="${CSS.escape(key)}"]`)) return;
  const toast = Object.assign(document.createElement('p'), { textContent: text });
  toast.dataset.key = key;
  toasts.append(toast);
}
