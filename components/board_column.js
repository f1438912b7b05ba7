// The cards of a column. Only those near the window are in the page: the others are a space as high as they are.

const NEAR_PX = 200;
const LEAST = 2; // in a column that is not to be seen
const SCROLLS = { passive: true, capture: true }; // the page, and the row of columns in it
const AHEAD = 6; // cards before the end at which the next ones are asked for

export const BoardColumn = {
  props: { column: String, cards: Array, count: Number, px: Number },
  emits: ["more"],
  data() {
    return { first: 0, end: LEAST, before: 0, after: 0 };
  },
  computed: {
    // A card stays the element that it is. What somebody looks for anew takes over those of what they looked for before.
    shown() {
      const cards = this.cards.slice(this.first, this.end);
      const keys = new Map(cards.map((card) => [card.id, this.keys.get(card.id)]));
      for (const [id, key] of keys) if (key === undefined) keys.set(id, this.spare.shift() ?? this.newest++);
      this.keys = keys;
      this.spare = [];
      return cards.map((card) => ({ card, key: keys.get(card.id) }));
    },
  },
  watch: {
    px: { handler: "measureAgain", flush: "post" },
  },
  created() {
    this.heights = new Map();
    this.usual = 0; // of cards that were here before
    this.keys = new Map();
    this.spare = [];
    this.newest = 0;
    this.asked = -1;
  },
  mounted() {
    this.observer = new ResizeObserver((entries) => this.measured(entries));
    this.observer.observe(this.$el); // also when it comes to be seen
    window.addEventListener("scroll", this.scrolled, SCROLLS);
    this.takeIn();
  },
  // All columns have their new cards by now: to ask for a size earlier costs a layout of the whole board each time.
  updated() {
    this.takeIn();
  },
  unmounted() {
    this.observer.disconnect();
    window.removeEventListener("scroll", this.scrolled, SCROLLS);
  },
  methods: {
    measureAgain() {
      this.usual = 0;
      this.heights.clear();
      this.takeIn();
    },
    // Another column that scrolls moves nothing here.
    scrolled({ target }) {
      if (target === this.$el || !target.matches?.(".plb-column__cards")) this.look();
    },
    // Something else is shown from its beginning on. Where the focus is, nothing else may come below the next key.
    begin() {
      this.asked = -1;
      this.spare = this.$el.contains(document.activeElement) ? [] : [...this.keys.values()];
      this.keys = new Map();
      this.usual = this.usualHeight();
      this.heights.clear();
      this.$el.scrollTop = 0;
    },
    // New cards are measured at once: what is reckoned with until the browser tells their heights moves the others away.
    takeIn() {
      for (const slot of this.$el.querySelectorAll(":scope > .plb-slot")) {
        this.observer.observe(slot);
        this.measure(slot);
      }
      this.look();
    },
    measured(entries) {
      for (const { target } of entries) {
        if (target === this.$el) continue;
        if (!target.isConnected) this.observer.unobserve(target);
        else this.measure(target);
      }
      this.look();
    },
    measure(slot) {
      const height = slot.offsetHeight; // 0 in a column that is not to be seen
      if (height) this.heights.set(Number(slot.dataset.slot), height);
    },
    // Which cards are near the part of the column that can be seen, and how high those before and behind them are.
    look() {
      const list = this.$el;
      if (!list) return;
      const box = list.getBoundingClientRect();
      const isBeside = box.right < 0 || box.left > innerWidth;
      const seen = isBeside ? 0 : Math.min(innerHeight, box.bottom) - Math.max(0, box.top);
      const top = list.scrollTop + Math.max(0, -box.top);
      const usual = this.usualHeight();
      const heights = this.cards.map((card) => this.heights.get(card.id) ?? usual);
      let first = 0;
      let before = 0;
      while (first < heights.length && before + heights[first] < top - NEAR_PX) before += heights[first++];
      let end = first;
      let reach = before;
      while (end < heights.length && (end - first < LEAST || (seen > 0 && reach < top + seen + NEAR_PX))) reach += heights[end++];
      const after = heights.slice(end).reduce((sum, height) => sum + height, 0);
      Object.assign(this, { first, end, before, after });
      this.askForMore();
    },
    usualHeight() {
      if (!this.heights.size) return this.usual || this.px;
      let sum = 0;
      for (const height of this.heights.values()) sum += height;
      return sum / this.heights.size;
    },
    // What was asked for may not have come: the server has read all of it anew.
    askAgain() {
      this.asked = -1;
    },
    askForMore() {
      const ahead = this.first > 0 ? AHEAD : 0; // nobody who has not scrolled is on the way there
      const isNear = this.end > this.cards.length - ahead - 1 && this.$el.offsetParent;
      if (!isNear || this.cards.length >= this.count || this.asked === this.cards.length) return;
      this.asked = this.cards.length;
      this.$emit("more");
    },
    // Scroll to where a card is, so that it comes into the page.
    async reveal(id) {
      const index = this.cards.findIndex((card) => card.id === id);
      if (index < 0 || (index >= this.first && index < this.end)) return;
      const usual = this.usualHeight();
      const top = this.cards.slice(0, index).reduce((sum, card) => sum + (this.heights.get(card.id) ?? usual), 0);
      const box = this.$el.getBoundingClientRect();
      if (this.$el.scrollHeight > this.$el.clientHeight) this.$el.scrollTop = top;
      else window.scrollTo(0, window.scrollY + box.top + top);
      this.look();
      await this.$nextTick();
    },
  },
  template: `
    <ol class="plb-column__cards">
      <li v-if="before" class="plb-space" aria-hidden="true" :style="{ height: before + 'px' }"></li>
      <li v-for="({ card, key }, i) in shown" :key="key" class="plb-slot" :data-slot="card.id" :aria-setsize="count" :aria-posinset="first + i + 1"
          :class="{ 'plb-slot--first': first + i === 0, 'plb-slot--last': first + i === cards.length - 1 }"
        ><slot name="card" :card="card"></slot></li>
      <li v-if="after" class="plb-space" aria-hidden="true" :style="{ height: after + 'px' }"></li>
      <li v-if="!count && $slots.empty" class="plb-column__empty"><slot name="empty"></slot></li>
    </ol>
  `,
};
