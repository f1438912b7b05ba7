// What stands below a tool path: which plate, up to which layer, and what its colours mean.
const FEATURES = {
  "outer-wall": "Outer walls",
  "inner-wall": "Inner walls",
  overhang: "Overhangs and bridges",
  infill: "Infill",
  "solid-infill": "Solid infill",
  top: "Top surfaces",
  support: "Supports",
  skirt: "Skirt and brim",
  tower: "Purge tower",
  other: "Other lines",
  travel: "Travel",
};
export const PATH_COLORS = Object.fromEntries(Object.keys(FEATURES).map((name) => [name, `--path-${name}`]));

// ``heights``: of the layers, in mm; ``layer`` is counted from 1.
export function layerInWords(heights, layer) {
  return `Layer ${layer} of ${heights.length} · ${Number(heights[layer - 1].toFixed(2))} mm`;
}

export const ToolPathBar = {
  template: `
    <div class="plv-layers">
      <select v-if="plates.length > 1" class="plv-plates" aria-label="Plate" :value="plate"
        @change="$emit('plate', Number($event.target.value))">
        <option v-for="({ number }, i) in plates" :key="number" :value="i">Plate {{ number }}</option>
      </select>
      <label :for="id + '-layer'">{{ layerText }}</label>
      <input :id="id + '-layer'" type="range" min="1" :max="heights.length" step="1" :value="layer" :disabled="heights.length < 2"
        :aria-valuetext="layerText" @input="$emit('layer', Number($event.target.value))">
    </div>
    <ul class="plv-legend" aria-label="Colours">
      <li v-for="name in legend" :key="name"><i :style="{ background: 'var(--path-' + name + ')' }"></i>{{ words[name] }}</li>
    </ul>`,
  props: {
    id: String,
    plates: Array, // of each {number, heights, features}
    plate: Number, // which of them, counted from 0
    layer: Number,
    travels: Boolean, // whether moves without plastic are shown
  },
  emits: ["plate", "layer"],
  data() {
    return { words: FEATURES };
  },
  computed: {
    heights() {
      return this.plates[this.plate].heights;
    },
    layerText() {
      return layerInWords(this.heights, this.layer);
    },
    legend() {
      return [...this.plates[this.plate].features, ...(this.travels ? ["travel"] : [])];
    },
  },
};
