// What this browser remembers between visits. Where storage is forbidden or full, it remembers nothing, and the page works on.
const key = name => `pixwright ${name}`;

export function recall(name, otherwise) {
  try { return JSON.parse(localStorage.getItem(key(name))) ?? otherwise; }
  catch { return otherwise; }
}

export function remember(name, value) {
  try { localStorage.setItem(key(name), JSON.stringify(value)); }
  catch { /* nothing to be done, and nothing that the person must know */ }
}
