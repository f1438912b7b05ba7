import { nextTick } from "vue";
import { path } from "board_card";

// The menu of a card: everything that can be done with its job.

const GAP_PX = 4; // between the button and the menu
const EDGE_PX = 8;

export const BoardMenu = {
  emits: ["act", "upload", "closed"],
  data() {
    return { menu: null };
  },
  computed: {
    jobId() {
      return this.menu?.card.id;
    },
  },
  mounted() {
    document.addEventListener("pointerdown", this.closeOutside, true);
    window.addEventListener("resize", this.closeUnfocused);
  },
  unmounted() {
    document.removeEventListener("pointerdown", this.closeOutside, true);
    window.removeEventListener("resize", this.closeUnfocused);
  },
  methods: {
    // `takes` says which files the job takes; null for none.
    open(card, items, takes, button) {
      if (this.menu?.button === button) return this.close();
      this.menu = { card, items, takes, button, place: {} };
      nextTick(() => this.put(button));
    },
    put(button) {
      const list = this.$refs.list;
      if (!list) return;
      const anchor = button.getBoundingClientRect();
      const below = anchor.bottom + GAP_PX + list.offsetHeight < innerHeight;
      this.menu.place = {
        left: `${Math.max(EDGE_PX, Math.min(anchor.right - list.offsetWidth, innerWidth - list.offsetWidth - EDGE_PX))}px`,
        top: `${below ? anchor.bottom + GAP_PX : Math.max(EDGE_PX, anchor.top - GAP_PX - list.offsetHeight)}px`,
        visibility: "visible",
      };
      nextTick(() => list.querySelector("[role=menuitem]")?.focus());
    },
    close(refocus = false) {
      if (!this.menu) return;
      const { card, button } = this.menu;
      this.menu = null;
      if (refocus) button.focus();
      this.$emit("closed", card.id);
    },
    closeUnfocused() {
      this.close();
    },
    closeOutside({ target }) {
      if (this.menu && !this.$refs.list?.contains(target) && !this.menu.button.contains(target)) this.close();
    },
    chooseFile() {
      const { card, takes } = this.menu;
      this.close(true);
      this.$emit("upload", card.id, takes);
    },
    key(event) {
      const items = [...this.$refs.list.querySelectorAll("[role=menuitem]")];
      const at = items.indexOf(document.activeElement);
      const step = { ArrowDown: at + 1, ArrowUp: at - 1 + items.length, Home: 0, End: items.length - 1 }[event.key];
      if (step !== undefined) {
        event.preventDefault();
        items[step % items.length].focus();
      } else if (event.key === "Escape" || event.key === "Tab") {
        event.preventDefault();
        this.close(true);
      }
    },
    href: path,
  },
  template: `
    <div v-if="menu" ref="list" class="plb-menu" role="menu" :aria-label="'Job ' + jobId" :style="menu.place" @keydown="key">
      <a class="plb-menu__item" role="menuitem" tabindex="-1" :href="href('/jobs/' + jobId)">
        <i class="material-icons" aria-hidden="true">open_in_full</i>Open job {{ jobId }}</a>
      <a class="plb-menu__item" role="menuitem" tabindex="-1" :href="href('/files/' + jobId + '/authoritative')" download @click="close()">
        <i class="material-icons" aria-hidden="true">download</i>Download file</a>
      <button v-if="menu.takes" type="button" class="plb-menu__item" role="menuitem" tabindex="-1" @click="chooseFile">
        <i class="material-icons" aria-hidden="true">upload_file</i>Upload file…</button>
      <button v-for="item in menu.items" :key="item.verb" type="button" class="plb-menu__item" role="menuitem" tabindex="-1"
              :class="{ 'plb-menu__item--danger': item.danger }" @click="$emit('act', menu.card, item.verb)">
        <i class="material-icons" aria-hidden="true">{{ item.icon }}</i>{{ item.label }}</button>
    </div>
  `,
};
