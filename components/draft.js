import { keep, kept } from "kept";

// Keeps what was typed in this browser, so that a reload or a restart of the server loses nothing.

export default {
  template: `
    <q-btn v-if="label" class="pl-btn-secondary" icon="add" :label="label" no-caps unelevated
      @click="carryOver"></q-btn>
    <span v-else hidden></span>`,
  props: { name: String, values: Object, label: String, target: String },
  emits: ["restored"],
  mounted() {
    if (this.label) return;
    this.$emit("restored", kept("localStorage", this.name));
    window.addEventListener("pageshow", this.shownAgain);
  },
  beforeUnmount() {
    window.removeEventListener("pageshow", this.shownAgain);
  },
  watch: {
    values(values) {
      keep("localStorage", this.name, values);
    },
  },
  methods: {
    carryOver() {
      keep("localStorage", this.name, this.values);
      window.location.assign(`${window.path_prefix ?? ""}${this.target}`);
    },
    // A page that the browser had put aside shows a form that may have been sent since.
    shownAgain(event) {
      if (event.persisted) window.location.reload();
    },
  },
};
