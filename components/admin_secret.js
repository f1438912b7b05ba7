// A secret that is shown once, with a button that copies it. No link, and nothing keeps it.
export default {
  template: `
    <div class="pla-secret">
      <span class="pl-field-label">{{ label }}</span>
      <div class="pl-copy">
        <code ref="text" class="pla-secret-text" tabindex="0" :aria-label="label">{{ text }}</code>
        <q-btn flat class="pl-btn-quiet" :icon="done ? 'check' : 'content_copy'" :label="done ? 'Copied' : 'Copy'"
          :aria-label="(done ? 'Copied: ' : 'Copy ') + label" no-caps @click="copy"></q-btn>
        <span class="pl-sr" role="status">{{ done ? label + " copied" : "" }}</span>
      </div>
    </div>`,
  props: { label: String, text: String },
  data() {
    return { done: false };
  },
  methods: {
    async copy() {
      try {
        await navigator.clipboard.writeText(this.text);
      } catch {
        this.copyBySelection(); // without https browsers offer no clipboard
      }
      this.done = true;
      setTimeout(() => (this.done = false), 2000);
    },
    copyBySelection() {
      const range = document.createRange();
      range.selectNodeContents(this.$refs.text);
      const selection = window.getSelection();
      selection.removeAllRanges();
      selection.addRange(range);
      document.execCommand("copy");
      selection.removeAllRanges();
    },
  },
};
