import { nextTick } from "vue";
import { path } from "board_card";

// A larger picture beside the card, and from there the part in 3D or the job: over the card its buttons could not be
// reached.

const PEEK_MS = 150;
const PEEK_PX = 320;
const REACH_MS = 300; // to get from the small picture to the large one
const GAP_PX = 8;

function besideCard(card) {
  const top = Math.max(GAP_PX, Math.min(card.top, innerHeight - PEEK_PX - GAP_PX));
  const px = (left, y, size = PEEK_PX) => ({ left: `${left}px`, top: `${y}px`, width: `${size}px`, height: `${size}px` });
  if (card.right + GAP_PX + PEEK_PX + GAP_PX <= innerWidth) return px(card.right + GAP_PX, top);
  if (card.left - GAP_PX - PEEK_PX >= GAP_PX) return px(card.left - GAP_PX - PEEK_PX, top);
  const [above, below] = [card.top - 2 * GAP_PX, innerHeight - card.bottom - 2 * GAP_PX];
  const size = Math.min(PEEK_PX, Math.max(above, below), innerWidth - 2 * GAP_PX);
  return px((innerWidth - size) / 2, below >= above ? card.bottom + GAP_PX : card.top - GAP_PX - size, size);
}

export const BoardPeek = {
  props: { jobs: Map },
  emits: ["part"],
  data() {
    return { peek: null };
  },
  computed: {
    isShown() {
      return this.peek !== null && this.jobs.has(this.peek.id);
    },
    href() {
      return path(`/jobs/${this.peek.id}`);
    },
  },
  mounted() {
    document.addEventListener("pointerdown", this.endOutside, true);
    document.addEventListener("keydown", this.key, true);
    document.addEventListener("scroll", this.endWhereItMoves, true);
    window.addEventListener("resize", this.end);
  },
  unmounted() {
    document.removeEventListener("pointerdown", this.endOutside, true);
    document.removeEventListener("keydown", this.key, true);
    document.removeEventListener("scroll", this.endWhereItMoves, true);
    window.removeEventListener("resize", this.end);
    clearTimeout(this.coming);
    clearTimeout(this.leaving);
  },
  methods: {
    // What the pointer or the focus does at the small picture of a card.
    at(card, { how, event }) {
      clearTimeout(this.coming);
      const button = event?.currentTarget;
      const isOpen = this.peek?.id === card.id;
      if (how === "over" && event.pointerType !== "touch" && !isOpen) {
        this.coming = setTimeout(() => button.isConnected && this.begin(card, button), PEEK_MS);
      } else if (how === "focus" && button.matches(":focus-visible") && !this.isBack(button)) this.begin(card, button);
      else if (how === "away") this.leave();
      else if (how === "click") {
        if (isOpen && this.peek.pinned) return this.end();
        this.begin(card, button, true);
        if (!event.detail) nextTick(() => this.$refs.part?.focus()); // by keyboard
      }
    },
    begin(card, button, pinned = false) {
      const place = besideCard(button.closest("[data-job]").getBoundingClientRect());
      const { top } = button.getBoundingClientRect();
      clearTimeout(this.leaving);
      const words = `${card.file}, job ${card.id}`;
      this.peek = { id: card.id, top, url: path(card.picture), words, caption: card.insides, button, pinned, place };
    },
    // The way to the large picture, which leads to the job, takes a moment.
    leave() {
      clearTimeout(this.leaving);
      if (!this.peek?.pinned) this.leaving = setTimeout(this.end, REACH_MS);
    },
    reach() {
      clearTimeout(this.leaving);
    },
    end() {
      clearTimeout(this.coming);
      clearTimeout(this.leaving);
      this.peek = null;
    },
    endWhereItMoves() {
      if (this.peek && this.peek.top !== this.peek.button.getBoundingClientRect().top) this.end();
    },
    endOutside({ target }) {
      if (this.peek && !this.peek.button.contains(target) && !this.$refs.large?.contains(target)) this.end();
    },
    key(event) {
      if (event.key !== "Escape" || !this.peek) return;
      event.stopPropagation();
      if (this.$refs.large?.contains(document.activeElement)) this.goBack(1);
      this.end();
    },
    // A dialog gives the keyboard back to what had it.
    showPart() {
      const { id } = this.peek;
      this.goBack(2);
      this.end();
      this.$emit("part", id);
    },
    // The small picture gets the keyboard so many times without being enlarged by it.
    goBack(times) {
      this.back = { button: this.peek.button, times };
      this.back.button.focus();
    },
    isBack(button) {
      return this.back?.button === button && this.back.times-- > 0;
    },
  },
  template: `
    <div v-if="isShown" ref="large" class="plb-peek" role="group" :aria-label="peek.words" :style="peek.place"
         @pointerenter="reach" @pointerleave="leave">
      <a class="plb-peek__picture" tabindex="-1" :href="href" :title="'Open job ' + peek.id"><img :src="peek.url" :alt="peek.words"></a>
      <span v-if="peek.caption" class="plb-peek__caption">{{ peek.caption }}</span>
      <div class="plb-peek__ways">
        <button ref="part" type="button" class="plb-act plb-act--next" :aria-label="'View job ' + peek.id + ' in 3D'" title="Turn it in 3D (v)" @click="showPart"
          ><i class="material-icons" aria-hidden="true">view_in_ar</i>3D</button>
        <a class="plb-act" :href="href">Open job {{ peek.id }}</a>
      </div>
    </div>
  `,
};
