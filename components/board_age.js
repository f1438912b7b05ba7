// How long a job has its status, in words, and whether that is longer than the lab wants.

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const MARKS = {
  amber: { icon: "schedule", words: "long" },
  red: { icon: "alarm", words: "too long" },
};

function inWords(minutes) {
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h`;
  const days = Math.floor(minutes / (24 * 60));
  return days < 21 ? `${days} d` : `${Math.floor(days / 7)} weeks`;
}

function limitInWords(hours) {
  const days = hours / 24;
  if (!Number.isInteger(days)) return `${hours} h`;
  return days === 1 ? "1 day" : `${days} days`;
}

// `limit` are hours of the lab's, of which any may be missing. `tone` is empty below them.
export function ageOf(since, now, limit) {
  const past = Math.max(0, now - since);
  const isOver = (hours) => hours !== null && hours !== undefined && past >= hours * HOUR_MS;
  const tone = isOver(limit?.red_h) ? "red" : isOver(limit?.amber_h) ? "amber" : "";
  const age = { text: inWords(Math.floor(past / MINUTE_MS)), tone, icon: "", words: "", why: "" };
  if (!tone) return age;
  return { ...age, ...MARKS[tone], why: `longer than ${limitInWords(limit[`${tone}_h`])}` };
}

// The age of a card; what its colour means is told on hover, and to whoever does not see it.
export const JobAge = {
  props: { age: Object, since: String, exact: String },
  computed: {
    hint() {
      return this.age.why ? `${this.exact}; ${this.age.why}` : this.exact;
    },
  },
  template: `
    <time class="plb-age" :class="age.tone && 'plb-age--' + age.tone" :datetime="since" :title="hint"
      ><i v-if="age.icon" class="material-icons" aria-hidden="true">{{ age.icon }}</i>{{ age.text }}<span v-if="age.words" class="pl-sr">, {{ age.words }}</span></time>
  `,
};
