// Keeps what was typed in this browser, for a day, so that a reload or a restart of the server loses nothing.
const KEPT_MS = 24 * 3600 * 1000;

export default {
  template: `
    <q-btn v-if="label" class="pl-btn-secondary" icon="add" :label="label" no-caps unelevated
      @click="carryOver"></q-btn>
    <span v-else hidden></span>`,
  props: { name: String, values: Object, label: String, target: String },
  emits: ["restored"],
  mounted() {
    if (this.label) return;
    this.$emit("restored", this.read());
    window.addEventListener("pageshow", this.shownAgain);
  },
  beforeUnmount() {
    window.removeEventListener("pageshow", this.shownAgain);
  },
  watch: {
    values(values) {
      this.write(values);
    },
  },
  methods: {
    read() {
      try {
        const kept = JSON.parse(localStorage.getItem(this.name));
        return kept && Date.now() - kept.at < KEPT_MS ? kept.values : {};
      } catch {
        return {};
      }
    },
    write(values) {
      try {
        if (values) localStorage.setItem(this.name, JSON.stringify({ at: Date.now(), values }));
        else localStorage.removeItem(this.name);
      } catch {
        // a browser that keeps nothing: the form works, only a reload empties it
      }
    },
    carryOver() {
      this.write(this.values);
      window.location.assign(`${window.path_prefix ?? ""}${this.target}`);
    },
    // A page that the browser had put aside shows a form that may have been sent since.
    shownAgain(event) {
      if (event.persisted) window.location.reload();
    },
  },
};
