// What stands below a part that is cut open: across which direction, where, and which side stays.
const AXES = [
  { name: "x", label: "X (left–right)", from: "From left" },
  { name: "y", label: "Y (front–back)", from: "From front" },
  { name: "z", label: "Z (height)", from: "Height" },
];
const NICE_STEPS_MM = [0.05, 0.1, 0.2, 0.5, 1, 2, 5];
const MOST_STEPS = 250;

// Of the slider: its ends are those of the part.
const stepOf = (length) => NICE_STEPS_MM.find((mm) => length / mm <= MOST_STEPS) ?? 10;
const shareAt = (steps, length) => (length > 0 ? Math.min((steps * stepOf(length)) / length, 1) : 0);
const isTooThin = (length) => length < NICE_STEPS_MM[0];

// The cut that one sees first across an axis, of a part with these lengths in mm.
function halfway(index, lengths) {
  const length = lengths[index];
  return { axis: AXES[index].name, share: shareAt(Math.round(length / 2 / stepOf(length)), length), isFlipped: false };
}

// The cut that one sees first of all: across the first axis along which the part has anything to cut.
export function firstCut(lengths) {
  return halfway(Math.max(lengths.findIndex((length) => !isTooThin(length)), 0), lengths);
}

export const SectionBar = {
  template: `
    <div class="plv-section">
      <div class="plv-axes" role="group" aria-label="Cut across">
        <span aria-hidden="true">Cut across</span>
        <button v-for="(one, i) in axes" :key="one.name" type="button" class="plv-btn plv-choice" :aria-pressed="String(cut.axis === one.name)"
          :disabled="isTooThin(lengths[i])" :title="isTooThin(lengths[i]) ? 'The part is too thin to be cut this way' : null"
          @click="$emit('cut', first(i))">{{ one.label }}</button>
      </div>
      <div class="plv-place">
        <span>{{ placeText }}</span>
        <input type="range" min="0" :max="steps" step="1" :value="Math.round((cut.share * length) / step)"
          aria-label="Where the part is cut" :aria-valuetext="placeText" @input="put(Number($event.target.value))">
      </div>
      <button type="button" class="plv-btn plv-btn-text" title="Keep the other side of the cut" :aria-pressed="String(cut.isFlipped)"
        @click="$emit('cut', { isFlipped: !cut.isFlipped })"><i class="material-icons" aria-hidden="true">flip</i>Other side</button>
    </div>`,
  props: {
    cut: Object, // {axis, share, isFlipped}
    lengths: Array, // of the part as it stands, in mm
  },
  emits: ["cut"],
  data() {
    return { axes: AXES };
  },
  computed: {
    index() {
      return AXES.findIndex(({ name }) => name === this.cut.axis);
    },
    length() {
      return this.lengths[this.index];
    },
    step() {
      return stepOf(this.length);
    },
    steps() {
      return Math.ceil(this.length / this.step);
    },
    placeText() {
      const [place, length] = [this.cut.share * this.length, this.length].map((mm) => mm.toFixed(this.step < 0.1 ? 2 : 1));
      return `${AXES[this.index].from} ${place} mm of ${length} mm`;
    },
  },
  methods: {
    isTooThin,
    first(index) {
      return { ...halfway(index, this.lengths), isFlipped: this.cut.isFlipped };
    },
    put(steps) {
      this.$emit("cut", { share: shareAt(steps, this.length) });
    },
  },
};
