import { keep, kept } from "kept";

// Keeps what is typed into the fields beside it in this tab's own storage: the page may have to be loaded again, when its
// server process dies or the computer slept for long. Sent or closed, the form goes away, and what was kept with it.
const FIELDS = "input:not([type=checkbox], [type=radio], [type=file], [type=password]), textarea";

export default {
  template: `
    <p v-if="isBack" class="pl-hint pl-kept" role="status">What you typed before this page was loaded again is back.</p>`,
  props: { name: String },
  data: () => ({ isBack: false }),
  async mounted() {
    this.form = this.$el.parentElement;
    this.kept = kept("sessionStorage", this.name);
    await this.$nextTick();
    for (const [label, text] of Object.entries(this.kept)) this.fill(label, text);
    this.form.addEventListener("input", this.keep);
  },
  beforeUnmount() {
    this.form.removeEventListener("input", this.keep);
    this.forget();
  },
  methods: {
    fill(label, text) {
      const field = [...this.form.querySelectorAll(FIELDS)].find((one) => this.labelOf(one) === label);
      if (!field || field.value === text) return;
      const { set } = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value");
      set.call(field, text);
      field.dispatchEvent(new Event("input", { bubbles: true }));
      this.isBack = true;
    },
    keep({ target }) {
      const label = this.labelOf(target);
      if (!label || !target.matches(FIELDS) || target.closest("[data-not-kept]")) return;
      this.kept[label] = target.value;
      keep("sessionStorage", this.name, this.kept);
    },
    forget() {
      this.isBack = false;
      this.kept = {};
      keep("sessionStorage", this.name, null);
    },
    labelOf: (field) => field.getAttribute("aria-label"),
  },
};
