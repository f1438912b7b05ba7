import { hint, resultInWords, usualPointer } from "printlab-measuring";
import { firstCut, SectionBar } from "printlab-section";
import { layerInWords, PATH_COLORS, ToolPathBar } from "printlab-tool-path";

// A part in 3D, on the bed of its printer. The engine (viewer.js) is fetched when there is something to show; without
// WebGL the picture and the words that the server gave stand in.
const WORDS = {
  "not-loaded": "The 3D view could not be loaded. Reload the page.",
  lost: "The browser stopped the 3D view. Reload the page.",
  unreadable: "This file cannot be shown here. The lab checks it once it has arrived.",
  empty: "This file has no part in it that could be shown.",
  "too-many": "This file has too many triangles to be shown before it has arrived.",
  "too-large": "A file this large is shown in 3D once it has arrived.",
  "no-path": "The tool path cannot be shown here.",
  later: "This file is shown in 3D once it has arrived.",
  "no-webgl": "This browser shows no 3D; another one may. The figures say the same.",
};
const SPREAD = "As the file lays them out: wider than one bed, so shown without it";
const OUTSIDE = "Red stripes: outside the build volume";
const READ_HERE = [".stl", ".obj"];
const MOST_BYTES = 100_000_000;
const SPECK_MM = 12; // a smaller part is shown large at once: on the whole bed it is some pixels
const COLORS = {
  front: "--part",
  inside: "--part-inside",
  outside: "--part-outside",
  cut: "--part-cut",
  plate: "--plate",
  plateLine: "--plate-line",
  edge: "--line-input",
  brand: "--brand",
};
const SHOWN = [
  { name: "part", label: "Model" },
  { name: "path", label: "Tool path" },
  { name: "both", label: "Both" },
];
const VIEWS = [
  { name: "iso", label: "Corner", title: "From the front right, above" },
  { name: "front", label: "Front", title: "From the front" },
  { name: "right", label: "Right", title: "From the right" },
  { name: "top", label: "Top", title: "From above" },
];
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const PAGES = { PageUp: 1, PageDown: -1 };
const prefix = (address) => (address.startsWith("/") ? `${window.path_prefix ?? ""}${address}` : address);
const channels = (color) => color.match(/[0-9a-f]{2}/gi).map((two) => parseInt(two, 16) / 255);
const inWords = (lengths) => `${lengths.map((mm) => Number(mm.toFixed(1)).toLocaleString("en-US")).join(" × ")} mm`;

// Browsers give a page only a few pictures that move: the newest viewer has it, the others wait. Of those the one that
// gave way last has it back once the live one shows nothing any more, or goes.
let live = null;
let waiting = [];
let engine = null;

export default {
  components: { SectionBar, ToolPathBar },
  template: `
    <figure class="plv" :data-state="state" :data-triangles="triangles" :data-size="sizeData" :data-fits="fitsData" :data-shows="shows" @keydown.esc="escape">
      <div v-if="url && toolPathUrl && state !== 'no-webgl'" class="plv-shown" role="group" aria-label="What is shown">
        <button v-for="one in choices" :key="one.name" type="button" class="plv-btn" :aria-pressed="String(shows === one.name)"
          @click="choose(one.name)">{{ one.label }}</button>
      </div>
      <div ref="stage" class="plv-stage" :class="{'plv-measuring': measuring}">
        <canvas v-if="state !== 'no-webgl'" :key="canvasNumber" ref="canvas" class="plv-canvas" role="application"
          aria-roledescription="3D view" :tabindex="state === 'shown' ? 0 : -1" :aria-label="label"
          :aria-describedby="id + '-keys'" @keydown="key" @pointerdown="usePointer($event.pointerType === 'touch' ? 'finger' : 'mouse')"
          @focus="isFocused = true" @blur="isFocused = false"></canvas>
        <svg ref="svg" class="plv-overlay" aria-hidden="true"></svg>
        <div v-if="state !== 'shown'" class="plv-cover" :role="state === 'failed' ? 'alert' : null">
          <img v-if="fallbackUrl" :src="withPrefix(fallbackUrl)" :alt="state === 'no-webgl' ? description : ''">
          <p v-if="note">{{ note }}</p>
          <q-btn v-if="elsewhere" class="pl-btn-secondary" label="Show it here" no-caps unelevated @click="reload"></q-btn>
        </div>
        <div v-if="shows === 'both' && state === 'shown'" class="plv-halves" aria-hidden="true">
          <span class="plv-chip">{{ ["Model", sizeText].filter(Boolean).join(" · ") }}</span><span class="plv-chip">Tool path · {{ pathSizeText }}</span>
        </div>
        <div v-if="shows !== 'both' && state === 'shown'" class="plv-facts">
          <span class="plv-chip plv-size">{{ shows === "part" ? sizeText : pathSizeText }}</span>
        </div>
        <div v-if="hasCross" class="plv-cross" aria-hidden="true"></div>
        <p v-if="measuring && state === 'shown'" class="plv-hint plv-chip" :class="{ 'plv-missed': missed }">{{ hint }}</p>
        <p v-else-if="bed && shows !== 'both' && state === 'shown'" class="plv-bed plv-chip">{{ isSpread ? spread : bed.name + " · " + bedText }}</p>
      </div>
      <p v-if="shows === 'part' && state === 'shown' && reds.length" class="plv-reds">
        <span v-if="fits === false"><i class="plv-key plv-key-outside" aria-hidden="true"></i>{{ outside }}</span>
        <span v-if="insides"><i class="plv-key plv-key-inside" aria-hidden="true"></i>{{ insides }}</span>
      </p>
      <section-bar v-if="section && state === 'shown'" :cut="section" :lengths="lengths" @cut="cut"></section-bar>
      <tool-path-bar v-if="layers && state === 'shown'" :id="id" :plates="plates" :plate="plate" :layer="layer" :travels="travels"
        @plate="showPlate" @layer="showLayer"></tool-path-bar>
      <div v-if="state !== 'no-webgl'" class="plv-bar" role="toolbar" aria-label="3D view">
        <button type="button" class="plv-btn" title="Fit (F)" aria-label="Fit" :disabled="!isShown" @click="act('fit')">
          <i class="material-icons" aria-hidden="true">fit_screen</i><span class="plv-word plv-word-below">Fit</span></button>
        <span class="plv-gap"></span>
        <div class="plv-views" role="group" aria-label="Look from">
          <button v-for="(view, i) in views" :key="view.name" type="button" class="plv-btn plv-choice" :title="view.title + ' (' + (i + 1) + ')'"
            :disabled="!isShown" @click="act('look', view.name)">{{ view.label }}</button>
        </div>
        <span class="plv-gap plv-grow"></span>
        <button v-for="tool in tools" :key="tool.name" type="button" class="plv-btn" :class="{'plv-btn-text': tool.text}"
          :title="tool.label" :aria-label="tool.label" :aria-pressed="String(Boolean(this[tool.name]))" :disabled="!isShown"
          @click="toggle(tool.name, $event.detail === 0)"><i class="material-icons" aria-hidden="true">{{ tool.icon }}</i><span v-if="tool.text">{{ tool.text }}</span><span
            v-if="tool.word" class="plv-word">{{ tool.word }}</span></button>
      </div>
      <p :id="id + '-keys'" class="pl-sr">Arrow keys turn the part, with Shift they move it, plus and minus zoom, 0 fits it into the
        view, 1 to 4 choose a view. While measuring, Enter takes the point in the middle and Escape ends it. In a tool path, Page up and Page down go
        from layer to layer.</p>
      <p class="pl-sr" aria-live="polite">{{ announced }}</p>
    </figure>`,
  props: {
    id: String,
    description: String,
    url: String, // a GLB, or nothing
    toolPathUrl: String, // of the sliced file, or nothing
    pose: Object, // {outline, height} of the part in it, as the server measured them
    bed: Object, // {name, x, y, z}, mm
    scale: Number,
    fallbackUrl: String,
    empty: String,
    color: String, // of what it is printed in, #rrggbb; nothing where none is chosen
    insides: String, // what plain red is, where its surface has holes or faces that look the wrong way
    several: Boolean, // things that are printed one by one: their places on the bed are not judged
    local: Boolean, // show the file that somebody has just chosen
    engineUrl: String,
    workerUrl: String,
  },
  emits: ["measured"],
  data() {
    return {
      state: "empty",
      note: this.empty,
      elsewhere: false,
      triangles: null,
      size: null,
      lengths: null, // of the part as it stands on the bed
      fits: null,
      canvasNumber: 0,
      dimensions: false,
      section: null,
      measuring: false,
      pointer: usualPointer(), // "mouse", "finger" or "keys"
      isFocused: false,
      taken: 0, // points to measure between
      missed: false,
      smooth: false,
      wireframe: false,
      announced: "",
      shows: "part",
      plates: null, // of the tool path, as the engine tells them
      plate: 0,
      layer: 1,
      travels: false,
      views: VIEWS,
      choices: SHOWN,
      outside: OUTSIDE,
      spread: SPREAD,
      partTools: [
        { name: "wireframe", label: "Wireframe", word: "Wireframe", icon: "grid_on" },
        { name: "smooth", label: "Smooth surfaces", word: "Smooth", icon: "blur_on" },
        { name: "section", label: "Cut the part open", word: "Cut", icon: "vertical_split" },
        { name: "dimensions", label: "Dimensions", word: "Dimensions", icon: "view_in_ar" },
        { name: "measure", label: "Measure between two points", word: "Measure", icon: "straighten" },
      ],
      pathTools: [{ name: "travels", label: "Travel: moves without plastic", text: "Travel", icon: "route" }],
    };
  },
  computed: {
    isShown() {
      return this.state === "shown";
    },
    showsFile() {
      return this.isShown && this.shows === "part" && Boolean(this.file) && this.readsHere(this.file);
    },
    addresses() {
      return [this.url, this.toolPathUrl];
    },
    measure() {
      return this.measuring;
    },
    tools() {
      return this.shows === "part" ? this.partTools : this.pathTools;
    },
    layers() {
      return this.shows === "part" || !this.plates ? null : this.plates[this.plate].heights;
    },
    pathSizeText() {
      return this.plates ? inWords(this.plates[this.plate].size) : "";
    },
    pathInWords() {
      const { number } = this.plates[this.plate];
      return `${this.plates.length > 1 ? `Plate ${number}. ` : ""}${layerInWords(this.layers, this.layer)}.`;
    },
    label() {
      if (this.layers) return `The tool path of the sliced file. ${this.pathInWords} It prints ${this.pathSizeText}.`;
      return this.size ? [this.description, `${this.sizeText}.`, ...this.reds].join(" ") : this.description;
    },
    // What is red, in words.
    reds() {
      return [this.fits === false && OUTSIDE, this.insides].filter(Boolean).map((text) => `${text}.`);
    },
    sizeText() {
      return this.size ? inWords(this.size) : "";
    },
    sizeData() {
      return this.size ? this.size.map((mm) => mm.toFixed(1)).join(" ") : "";
    },
    fitsData() {
      return this.fits === null ? "" : String(this.fits);
    },
    bedText() {
      return inWords([this.bed.x, this.bed.y, this.bed.z]);
    },
    // Things of several plates lie farther apart than one bed is wide: on it they would stand beside it, in the air.
    isSpread() {
      if (!this.several || !this.bed || !this.size || this.shows !== "part") return false;
      const [things, bed] = [this.size.slice(0, 2), [this.bed.x, this.bed.y]].map((sides) => sides.sort((a, b) => a - b));
      return things.some((mm, i) => mm > bed[i]);
    },
    ground() {
      return this.bed && !this.isSpread ? [this.bed.x, this.bed.y, this.bed.z] : null;
    },
    // What one measures with now: keys are heard by the picture alone.
    pointerNow() {
      return this.pointer === "keys" && !this.isFocused ? usualPointer() : this.pointer;
    },
    hint() {
      return hint(this.pointerNow, this.taken, this.missed);
    },
    // Where Enter will measure.
    hasCross() {
      return this.measuring && this.isShown && this.pointerNow === "keys";
    },
  },
  watch: {
    // What does not touch what is shown leaves it as somebody has turned it.
    addresses([url, toolPathUrl], [urlBefore, toolPathUrlBefore]) {
      const before = this.shows;
      this.shows = this.wanted();
      if (url !== urlBefore) this.outdated = null;
      if (toolPathUrl !== toolPathUrlBefore) this.plates = null;
      const isPartTouched = url !== urlBefore && this.shows !== "path" && !this.showsFile;
      const isPathTouched = toolPathUrl !== toolPathUrlBefore && this.shows !== "part";
      if (!this.elsewhere && (isPartTouched || isPathTouched || this.shows !== before)) this.reload();
    },
    bed(bed, before) {
      if (JSON.stringify(bed) === JSON.stringify(before)) return; // every message has an object of its own
      this.viewer?.setBed(this.ground);
      this.stoodAnew();
      this.judgeAgain();
    },
    isSpread() {
      this.viewer?.setBed(this.ground);
      this.stoodAnew();
    },
    scale(scale) {
      this.viewer?.setScale(scale);
      this.stoodAnew();
      this.judgeAgain();
    },
    several(several) {
      this.viewer?.setJudged(!several);
      this.stoodAnew();
      this.judge();
    },
    color() {
      this.tint();
    },
    insides() {
      this.tint();
      if (this.isShown) this.announced = this.verdict();
    },
  },
  mounted() {
    this.resizing = new ResizeObserver(() => this.resize());
    this.resizing.observe(this.$refs.stage);
    this.theming = new MutationObserver(() => this.paint());
    this.theming.observe(document.body, { attributeFilter: ["class"] });
    this.scheme = matchMedia("(prefers-color-scheme: dark)");
    this.scheme.addEventListener("change", this.paint);
    if (this.local) window.addEventListener("printlab-file", this.chosen);
    this.choose(this.wanted());
  },
  beforeUnmount() {
    this.resizing.disconnect();
    this.theming.disconnect();
    this.scheme.removeEventListener("change", this.paint);
    window.removeEventListener("printlab-file", this.chosen);
    this.turn = null;
    waiting = waiting.filter((viewer) => viewer !== this);
    if (live === this) this.handBack();
  },
  methods: {
    withPrefix: prefix,
    // ---------- what is shown ----------
    chosen({ detail: { file } }) {
      this.file = file;
      this.outdated = this.url; // of the file before, until the server knows of this one
      this.reload();
    },
    // The file in the student's hand comes first: it is there at once. What is not read here is shown once it is drawn.
    reload() {
      this.elsewhere = false;
      if (this.shows !== "part") return this.loadPath();
      const isDrawn = this.url && this.url !== this.outdated;
      if (this.file && (this.readsHere(this.file) || !isDrawn)) this.loadFile(this.file);
      else if (this.url && this.url === this.loadedUrl) this.showAgain();
      else if (this.url) this.load({ content: this.fetched(this.url) });
      else this.clear(this.empty);
    },
    readsHere({ name, size }) {
      return READ_HERE.some((ending) => name.toLowerCase().endsWith(ending)) && size <= MOST_BYTES;
    },
    loadFile(file) {
      if (!this.readsHere(file)) this.clear(file.size > MOST_BYTES ? WORDS["too-large"] : WORDS.later);
      else this.load({ file });
    },
    // The part is fetched while the engine is.
    async fetched(address) {
      const target = new URL(prefix(address), location.href);
      const answer = target.origin === location.origin && (await fetch(target, { credentials: "same-origin" }));
      if (!answer.ok) throw { code: "not-loaded" };
      return answer.arrayBuffer();
    },
    async load({ content, file }) {
      const turn = (this.turn = {});
      this.stopTools();
      Object.assign(this, { state: "loading", note: "Loading the 3D view", triangles: null, size: null, fits: null });
      try {
        const [viewer, bytes] = await Promise.all([this.start(), content]);
        if (!viewer || turn !== this.turn) return;
        this.loadedUrl = null;
        const { triangles } = await viewer.load({ bytes, file, pose: file ? null : this.pose });
        if (turn !== this.turn) return;
        this.loadedUrl = file ? null : this.url;
        if (viewer.shown !== "part") viewer.show("part");
        Object.assign(this, { state: "shown", note: "", triangles });
        this.judge();
        if (Math.max(...this.size) < SPECK_MM) viewer.fit();
        this.announced = `The part is shown. ${this.verdict()}`;
        if (this.smooth) viewer.setSmooth(true);
      } catch (error) {
        if (turn === this.turn) this.fail(error.code);
      }
    },
    // ---------- the tool path ----------
    // What is left to show where one of the two is not there.
    wanted() {
      if (!this.toolPathUrl) return "part";
      return this.url ? this.shows : "path";
    },
    choose(shows) {
      this.shows = shows;
      this.reload();
    },
    async loadPath() {
      const turn = (this.turn = {});
      this.stopTools();
      Object.assign(this, { state: "loading", note: "Loading the tool path" });
      try {
        const part = this.shows === "both" && this.url !== this.loadedUrl && this.fetched(this.url);
        const path = !this.plates && this.fetched(this.toolPathUrl);
        const [viewer, partBytes, pathBytes] = await Promise.all([this.start(), part, path]);
        if (!viewer || turn !== this.turn) return;
        if (partBytes) await this.takePart(viewer, partBytes);
        if (turn !== this.turn) return; // to read on would end the reading of what was asked for since
        const read = pathBytes && (await viewer.loadPath(pathBytes));
        if (turn !== this.turn) return;
        if (read) Object.assign(this, { plates: read, plate: 0, layer: read[0].heights.length });
        viewer.setTravels(this.travels);
        viewer.show(this.shows);
        Object.assign(this, { state: "shown", note: "", announced: `The tool path is shown. ${this.pathInWords}` });
      } catch (error) {
        if (turn === this.turn) this.fail(error.code === "unreadable" ? "no-path" : error.code);
      }
    },
    async takePart(viewer, bytes) {
      const url = this.url;
      this.triangles = (await viewer.load({ bytes, pose: this.pose })).triangles;
      this.loadedUrl = url;
      this.judge();
    },
    showAgain() {
      this.turn = {};
      this.viewer.show("part");
      Object.assign(this, { state: "shown", note: "" });
    },
    showPlate(index) {
      this.plate = index;
      this.layer = this.layers.length;
      this.viewer.showPlate(index);
      this.announced = this.pathInWords;
    },
    showLayer(number) {
      this.layer = Math.min(Math.max(number, 1), this.layers.length);
      this.viewer.setLayer(this.layer);
    },
    clear(note) {
      this.turn = null;
      this.stopTools();
      this.viewer?.clear();
      this.forget();
      Object.assign(this, { state: "empty", note, triangles: null, size: null, fits: null });
      if (live === this && waiting.length > 0) this.handBack();
    },
    handBack() {
      this.end();
      this.canvasNumber++;
      waiting.pop()?.reload();
    },
    fail(code) {
      if (code === "no-webgl") return Object.assign(this, { state: code, note: WORDS[code] });
      this.viewer?.clear();
      this.forget();
      Object.assign(this, { state: "failed", note: WORDS[code] ?? WORDS["not-loaded"] });
    },
    // What the engine no longer holds.
    forget() {
      this.loadedUrl = null;
      this.plates = null;
    },
    judge() {
      if (!this.viewer?.part) return;
      this.size = this.viewer.size;
      this.lengths = this.viewer.lengths;
      this.fits = this.viewer.fits;
    },
    judgeAgain() {
      this.judge();
      if (this.isShown) this.announced = this.verdict();
    },
    verdict() {
      const judged = this.fits === null ? "" : `; it ${this.fits ? "fits" : "does not fit"} the ${this.bed.name}`;
      return [`${this.sizeText}${judged}.`, ...this.reds].join(" ");
    },
    // ---------- the engine ----------
    async start() {
      if (this.viewer) return this.viewer;
      const context = this.$refs.canvas?.getContext("webgl2", { alpha: true, antialias: true });
      if (!context) throw { code: "no-webgl" };
      if (live !== this) live?.giveWay();
      waiting = waiting.filter((viewer) => viewer !== this);
      live = this;
      engine ??= import(prefix(this.engineUrl));
      const { Viewer } = await engine.catch((error) => {
        engine = null; // the next attempt may find the network again
        throw error;
      });
      if (this.viewer || live !== this || !this.$refs.canvas) return this.viewer;
      const on = { drawn: this.drawn, picked: this.picked, missed: this.miss, lost: () => this.fail("lost") };
      const { canvas, svg } = this.$refs;
      this.viewer = new Viewer({ canvas, context, svg, workerUrl: prefix(this.workerUrl), on });
      if (this.ground) this.viewer.setBed(this.ground);
      this.viewer.setJudged(!this.several);
      this.viewer.setScale(this.scale);
      this.viewer.setWireframe(this.wireframe);
      this.viewer.setDimensions(this.dimensions);
      this.paint();
      this.tint();
      this.resize();
      return this.viewer;
    },
    end() {
      this.viewer?.dispose();
      this.viewer = null;
      this.forget();
      if (live === this) live = null;
    },
    // A canvas whose picture was taken away gets no new one: the next viewer has another canvas.
    giveWay() {
      waiting.push(this);
      this.turn = null;
      this.stopTools();
      this.end();
      this.canvasNumber++;
      this.$refs.svg.replaceChildren();
      Object.assign(this, { state: "empty", note: "The 3D view is open elsewhere on this page.", elsewhere: true });
    },
    drawn(frames) {
      this.$el.dataset.frames = frames;
    },
    resize() {
      const { clientWidth, clientHeight } = this.$refs.stage;
      this.viewer?.resize(clientWidth, clientHeight);
    },
    paint() {
      if (!this.viewer) return;
      const style = getComputedStyle(this.$el);
      const tokens = { ...COLORS, ...PATH_COLORS };
      const found = Object.entries(tokens).map(([name, token]) => [name, channels(style.getPropertyValue(token))]);
      this.viewer.setColors(Object.fromEntries(found));
    },
    tint() {
      this.viewer?.setMaterial(this.color ? channels(this.color) : null, Boolean(this.insides));
    },
    // ---------- tools ----------
    act(name, argument) {
      if (this.isShown) this.viewer[name](argument);
    },
    // ``isByKey``: a button that was pressed with a key, or by a program that reads the page aloud.
    toggle(name, isByKey) {
      if (name === "section") this.cut(this.section ? null : firstCut(this.lengths));
      if (name === "measure") this.setMeasuring(!this.measuring, isByKey);
      if (name === "travels") this.viewer.setTravels((this.travels = !this.travels));
      if (name === "dimensions") this.viewer.setDimensions((this.dimensions = !this.dimensions));
      if (name === "wireframe") this.viewer.setWireframe((this.wireframe = !this.wireframe));
      if (name === "smooth") this.viewer.setSmooth((this.smooth = !this.smooth));
    },
    cut(change) {
      if (change && this.measuring) this.setMeasuring(false); // its points would hang in the air
      this.section = change && { ...this.section, ...change };
      this.viewer?.cut(this.section && { ...this.section });
    },
    setMeasuring(isOn, isByKey = false) {
      Object.assign(this, { measuring: isOn, taken: 0, missed: false });
      this.viewer?.setMeasuring(isOn);
      if (isOn && isByKey) this.aim();
      this.say(isOn ? this.hint : "");
    },
    // Enter measures in the picture: on the button it would end that.
    aim() {
      this.$refs.canvas.focus();
      this.usePointer("keys");
    },
    usePointer(pointer) {
      this.pointer = pointer;
    },
    // The points that were taken are no longer where the part is.
    stoodAnew() {
      Object.assign(this, { taken: 0, missed: false });
    },
    stopTools() {
      if (this.measuring) this.setMeasuring(false);
      if (this.section) this.cut(null);
    },
    picked(result) {
      Object.assign(this, { taken: result ? 2 : 1, missed: false });
      this.say(result ? resultInWords(result) : this.hint);
      if (result) this.$emit("measured", result.mm);
    },
    miss() {
      this.missed = true;
      this.say(this.hint);
    },
    // The same words once more are read aloud only where they differ.
    say(text) {
      this.announced = text && text === this.announced ? `${text}\u00a0` : text;
    },
    escape(event) {
      if (!this.measuring) return;
      this.setMeasuring(false);
      event.stopPropagation(); // of a dialog around it
    },
    key(event) {
      if (event.ctrlKey || event.metaKey || event.altKey || !this.isShown) return;
      const act = this.meaning(event);
      if (!act) return;
      if (this.measuring) this.usePointer("keys");
      act();
      event.preventDefault();
      event.stopPropagation();
    },
    // What the key does here; null where it means nothing.
    meaning({ key, shiftKey }) {
      const { viewer } = this;
      if (key in ARROWS) return () => viewer[shiftKey ? "move" : "turn"](...ARROWS[key]);
      if (key === "+" || key === "=") return () => viewer.zoom(true);
      if (key === "-") return () => viewer.zoom(false);
      if (key === "0" || key.toLowerCase() === "f") return () => viewer.fit();
      if (this.layers && key in PAGES) return () => this.showLayer(this.layer + PAGES[key]);
      if (VIEWS[key - 1]) return () => viewer.look(VIEWS[key - 1].name);
      if (key === "Enter" && this.measuring) return () => viewer.pickMiddle();
      return null;
    },
  },
};
