import { path } from "board_card";

// New jobs are told by a sound and by the desktop, for whoever wants that.

const NOTES_HZ = [659, 880];
const NOTE_S = 0.16;
const LOUD = 0.08;

// Two short notes. A browser that nobody has clicked in yet stays silent.
function chime() {
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

async function askForNotices() {
  return "Notification" in window ? Notification.requestPermission() : "denied";
}

// Also from a page that is not to be seen; a click on it leads there.
function notice(text, address) {
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  const shown = new Notification("New in the lab", { body: text, tag: "printlab-new" });
  shown.onclick = () => {
    window.focus();
    if (address) location.assign(address);
    shown.close();
  };
}

// Of the board: new jobs, as this person wants to be told of them, and how many there are in the title.
export const tellingOfNew = {
  watch: {
    "tally.fresh"() {
      this.showTitle();
    },
  },
  mounted() {
    this.showTitle();
  },
  methods: {
    async toggleDesktop(box) {
      if (!this.desktop && (await askForNotices()) !== "granted") {
        box.checked = false;
        return this.tell("The browser does not allow notices of this site. Allow them in its settings for this address.");
      }
      this.desktop = !this.desktop;
      this.keep();
    },
    toggleSound() {
      this.sound = !this.sound;
      if (this.sound) chime();
      this.keep();
    },
    // Called by the server.
    arrived(jobs) {
      const one = jobs.length === 1;
      const text = one ? `Job ${jobs[0].id} of ${jobs[0].who}` : `${jobs.length} new jobs`;
      this.announced = `New: ${text}`;
      if (this.sound) chime();
      if (this.desktop) notice(text, one ? path(`/jobs/${jobs[0].id}`) : null);
    },
    showTitle() {
      const bare = document.title.replace(/^\(\d+\) /, "");
      document.title = this.tally.fresh ? `(${this.tally.fresh}) ${bare}` : bare;
    },
  },
};
