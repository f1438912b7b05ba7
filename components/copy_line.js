// A line of text with a button that copies it.
export default {
  template: `
    <div class="pl-copy">
      <a v-if="link" class="pl-copy-text pl-link" :href="text">{{ text }}</a>
      <span v-else class="pl-copy-text pl-copy-text--whole"><template v-for="(word, i) in text.split(' ')"
        :key="i">{{ i ? " " : "" }}<span class="pl-copy-word">{{ word }}</span></template></span>
      <q-btn flat class="pl-btn-quiet" :icon="done ? 'check' : 'content_copy'" :label="done ? 'Copied' : 'Copy'"
        no-caps @click="copy"></q-btn>
      <span class="pl-sr" role="status">{{ done ? "Copied" : "" }}</span>
    </div>`,
  props: { text: String, link: Boolean },
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
      range.selectNodeContents(this.$el.querySelector(".pl-copy-text"));
      const selection = window.getSelection();
      selection.removeAllRanges();
      selection.addRange(range);
      document.execCommand("copy");
      selection.removeAllRanges();
    },
  },
};
