// Motion: a copy of the card flies above the columns, because each column clips what it contains.

const MOVE_MS = 150;

// How a card looks and where it is before it goes; null of one that is not to be seen.
export function departure(id, element) {
  if (!element?.offsetParent) return null;
  return { id, from: element.getBoundingClientRect(), copy: element.cloneNode(true), focus: element.contains(document.activeElement) };
}

// `element` is the card where it is now, `board` what the copy flies above.
export function land({ from, copy, focus }, element, board) {
  if (focus) element?.querySelector("a")?.focus({ preventScroll: true });
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (calm || !element?.offsetParent || document.hidden) return;
  const to = element.getBoundingClientRect();
  copy.removeAttribute("data-job");
  copy.setAttribute("aria-hidden", "true");
  copy.inert = true;
  copy.classList.add("plb-job--flying");
  Object.assign(copy.style, { left: `${from.left}px`, top: `${from.top}px`, width: `${from.width}px` });
  board.append(copy);
  element.style.visibility = "hidden";
  const there = `translate(${to.left - from.left}px, ${to.top - from.top}px)`;
  const flight = copy.animate([{ transform: "none" }, { transform: there }], { duration: MOVE_MS, easing: "ease-out" });
  flight.onfinish = flight.oncancel = () => {
    copy.remove();
    element.style.visibility = "";
  };
}
