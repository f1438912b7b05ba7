// New jobs are told by a sound and by the desktop, for whoever wants that.

const NOTES_HZ = [659, 880];
const NOTE_S = 0.16;
const LOUD = 0.08;

// Two short notes. A browser that nobody has clicked in yet stays silent.
export function chime() {
  const audio = new AudioContext();
  NOTES_HZ.forEach((hertz, i) => {
    const [tone, loudness, from] = [audio.createOscillator(), audio.createGain(), audio.currentTime + i * NOTE_S];
    tone.frequency.value = hertz;
    loudness.gain.setValueAtTime(LOUD, from);
    loudness.gain.exponentialRampToValueAtTime(0.0001, from + 2 * NOTE_S);
    tone.connect(loudness).connect(audio.destination);
    tone.start(from);
    tone.stop(from + 2 * NOTE_S);
  });
  setTimeout(() => audio.close(), 1000);
}

export async function askForNotices() {
  return "Notification" in window ? Notification.requestPermission() : "denied";
}

// Also from a page that is not to be seen; a click on it leads there.
export function notice(text, address) {
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  const shown = new Notification("New in the lab", { body: text, tag: "printlab-new" });
  shown.onclick = () => {
    window.focus();
    if (address) location.assign(address);
    shown.close();
  };
}
