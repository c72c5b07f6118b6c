/** Shows a text. Like the messages of component libraries, it shows the same key only once. */
export function toast(text: string, { key }: { key: string }): void {
  const toasts = document.querySelector('#toasts')!;
  if (toasts.querySelector(`[data-key="${CSS.escape(key)}"]`)) return;
  const toast = Object.assign(document.createElement('p'), { textContent: text });
  toast.dataset.key = key;
  toasts.append(toast);
}
