// The lab's terms: whole when they are short; of long ones the beginning, with a button that shows the rest.
const FOLDED_PX = 280;
const SLACK_PX = 100; // what is a little longer is not worth a button

export default {
  template: `
    <div class="pl-stack pl-tight">
      <div ref="text" class="pl-terms" :class="{'pl-terms-folded': long && !open}"
        :style="{'--folded': folded + 'px'}">{{ text }}</div>
      <div v-if="long">
        <q-btn class="pl-btn-quiet" flat dense no-caps :icon="open ? 'expand_less' : 'expand_more'"
          :label="open ? 'Show less of the terms' : 'Read all of the terms'" :aria-expanded="String(open)"
          @click="open = !open"></q-btn>
      </div>
    </div>`,
  props: { text: String },
  data() {
    return { long: false, open: false, folded: FOLDED_PX };
  },
  mounted() {
    this.observer = new ResizeObserver(() => this.measure());
    this.observer.observe(this.$refs.text);
    this.measure();
  },
  beforeUnmount() {
    this.observer.disconnect();
  },
  watch: {
    text() {
      this.$nextTick(() => this.measure());
    },
  },
  methods: {
    measure() {
      this.long = this.$refs.text.scrollHeight > FOLDED_PX + SLACK_PX;
    },
  },
};
