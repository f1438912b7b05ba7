// How a file gets from a page to the server: looked at before a byte is sent, then as the raw body of one request, with
// real progress.
const ADDRESS = "/upload";
const MB = 1_000_000;
const STALLED_MS = 6000;
const LONGEST_NAME = 60;

export const size = (bytes) =>
  bytes < 1000 ? `${bytes} bytes` : bytes < MB ? `${(bytes / 1000).toFixed(0)} kB` : `${(bytes / MB).toFixed(1)} MB`;

const short = (name) => (name.length > LONGEST_NAME ? `${name.slice(0, 36)}…${name.slice(-20)}` : name);

// Why a file is not sent at all; empty when it may be.
export function refusal(file, { extensions, maxMb }) {
  const name = file.name.toLowerCase();
  if (!extensions.some((ending) => name.endsWith(ending)))
    return `“${short(file.name)}” is not a file this lab takes. Save it as ${extensions.join(", ")}.`;
  if (file.size > maxMb * MB)
    return `“${short(file.name)}” has ${size(file.size)}; this lab takes up to ${maxMb} MB. Reduce it and choose it again.`;
  if (file.size === 0) return `“${short(file.name)}” is empty. Export it again and choose it.`;
  return "";
}

// How far a file is: `arrived` once the server has all of it.
export const begun = (file) => ({ name: file.name, sent: 0, total: file.size, speed: 0, arrived: false, stalled: false });

export const percent = (state) => (state.total ? Math.floor((state.sent / state.total) * 100) : 0);

export function progress(state) {
  const { sent, total, speed, stalled } = state;
  if (sent >= total) return `${size(total)} · checking`;
  if (stalled) return `${percent(state)} % of ${size(total)} · waiting for the connection`;
  return `${percent(state)} % of ${size(total)}` + (speed ? ` · ${size(speed)}/s` : "");
}

// Send a file and keep `state` (of `begun`, reactive) up to date. `onArrived` gets the server's answer; `onFailed` a
// sentence, and whether the same file may be sent once more. Nothing is called after `abort()` of what this returns.
export function send(file, { purpose, maxMb }, state, onArrived, onFailed) {
  const started = performance.now();
  let moved = started;
  const watch = setInterval(() => (state.stalled = performance.now() - moved > STALLED_MS), 1000);
  const request = new XMLHttpRequest();
  const query = new URLSearchParams({ name: file.name, purpose });
  request.open("POST", `${window.path_prefix ?? ""}${ADDRESS}?${query}`);
  request.setRequestHeader("Content-Type", "application/octet-stream");
  request.upload.onprogress = (event) => {
    moved = performance.now();
    const seconds = (moved - started) / 1000;
    state.sent = event.loaded;
    state.speed = seconds > 0.3 ? event.loaded / seconds : 0;
  };
  request.onloadend = () => clearInterval(watch);
  request.onload = () => {
    const answer = answerOf(request);
    if (request.status !== 200 || !answer.id) {
      const [sentence, again] = failure(request.status, answer, maxMb);
      return onFailed(`“${short(file.name)}”: ${sentence}`, again);
    }
    state.sent = state.total;
    state.arrived = true;
    onArrived(answer);
  };
  request.onerror = () =>
    onFailed(`The upload of “${short(file.name)}” broke off. Check the connection, then try again.`, true);
  request.send(file);
  return request;
}

function answerOf(request) {
  try {
    return JSON.parse(request.responseText) ?? {};
  } catch {
    return {}; // a proxy's own error page: the number has to do
  }
}

function failure(status, { detail }, maxMb) {
  if (status === 413 && !detail)
    return [`The file is larger than ${maxMb} MB, the most this lab accepts. Reduce it and choose it again.`, false];
  if (status >= 500) return [detail || `The server could not take the file (${status}). Try again in a moment.`, true];
  return [detail || `The server did not take the file (${status}). Choose it again.`, false];
}
