// The board by keyboard: which key means what, and what each is called in the list of them.

export const VERB_KEYS = { a: "approve", r: "reject", s: "start", c: "complete", h: "hand-over", u: "undo" };

export const KEY_LIST = [
  { title: "Find", keys: [["/", "Search"], ["f", "Filters"], ["g", "Next view: needs you, board, table"], ["Ctrl K", "Go anywhere, do anything"]] },
  { title: "Move", keys: [["j, ↓", "Next job"], ["k, ↑", "Previous job"], ["→", "Next column"], ["←", "Previous column"], ["Enter", "Open the job"], ["o", "Open its file"], ["m", "All its actions"]] },
  { title: "Do", keys: [["a", "Approve"], ["r", "Reject"], ["s", "Start"], ["c", "Complete"], ["h", "Hand over"], ["u", "Undo the last step"]] },
  { title: "Several", keys: [["x", "Choose the job"], ["Shift x", "Choose all up to this one"], ["Esc", "Choose none, close"]] },
];

// Keys belong to whoever types, to an open dialog and to the browser's own shortcuts first.
export function isOurs(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return false;
  const target = event.target instanceof Element ? event.target : null;
  if (target?.closest("input:not([type=checkbox]), textarea, select, [contenteditable=true], [role=menu], [role=dialog]")) return false;
  return !document.querySelector(".q-dialog__inner");
}
