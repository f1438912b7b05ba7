// What a page keeps in the browser, for a day. A browser that keeps nothing is no fault: only a reload empties its forms.
const KEPT_MS = 24 * 3600 * 1000;

// What `keep` put there, or else an empty object; `storage` is "localStorage" or "sessionStorage".
export function kept(storage, name) {
  try {
    const { at, value } = JSON.parse(window[storage].getItem(name));
    return Date.now() - at < KEPT_MS ? (value ?? {}) : {};
  } catch {
    return {};
  }
}

// Without a value nothing is kept any more.
export function keep(storage, name, value) {
  try {
    if (value) window[storage].setItem(name, JSON.stringify({ at: Date.now(), value }));
    else window[storage].removeItem(name);
  } catch {
    // see above
  }
}
