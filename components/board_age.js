// How long ago something was, in words.

const MINUTE = 60_000;

export function ageInWords(since, now) {
  const minutes = Math.max(0, Math.floor((now - since) / MINUTE));
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h`;
  const days = Math.floor(minutes / (24 * 60));
  return days < 21 ? `${days} d` : `${Math.floor(days / 7)} weeks`;
}
