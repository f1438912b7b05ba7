// Keeps what was typed in this browser, for a day, so that a reload or a restart of the server loses nothing.
const KEPT_MS = 24 * 3600 * 1000;

export default {
  template: `<span hidden></span>`,
  props: { name: String, values: Object },
  emits: ["restored"],
  mounted() {
    this.$emit("restored", this.read());
  },
  watch: {
    values(values) {
      try {
        if (values) localStorage.setItem(this.name, JSON.stringify({ at: Date.now(), values }));
        else localStorage.removeItem(this.name);
      } catch {
        // a browser that keeps nothing: the form works, only a reload empties it
      }
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
  },
};
