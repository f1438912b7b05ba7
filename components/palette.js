import { nextTick } from "vue";

// Ctrl K: everything that can be gone to or done, found by typing.

const path = (rest) => (window.path_prefix ?? "") + rest;
const MOST = 12;

// Whether each letter begins a word of the text or follows the one before: “opf” stands for “Open file”.
function abbreviates(letters, text, at = 0) {
  if (!letters) return true;
  for (let i = at; i < text.length; i++) {
    const fits = (i === at && at > 0) || !/[\p{L}\p{N}]/u.test(text[i - 1] ?? " ");
    if (fits && text[i] === letters[0] && abbreviates(letters.slice(1), text, i + 1)) return true;
  }
  return false;
}

// The smaller the better; none when the text is not meant.
function closeness(text, typed) {
  const [lower, letters] = [text.toLowerCase(), typed.toLowerCase()];
  const whole = lower.indexOf(letters);
  if (whole >= 0) return whole === 0 || lower[whole - 1] === " " ? 0 : 1;
  return abbreviates(letters.replaceAll(" ", ""), lower) ? 2 : null;
}

export default {
  props: { places: Array },
  data() {
    return { open: false, typed: "", at: 0, acts: [] };
  },
  computed: {
    found() {
      const typed = this.typed.trim();
      const all = [...this.acts, ...this.places.map((place) => ({ ...place, run: () => location.assign(path(place.href)) }))];
      if (!typed) return all.slice(0, MOST);
      const ranked = all
        .map((item) => ({ item, rank: closeness(item.label, typed) }))
        .filter(({ rank }) => rank !== null)
        .sort((a, b) => a.rank - b.rank);
      return [...this.byNumber(typed), ...ranked.map(({ item }) => item).slice(0, MOST), this.search(typed)];
    },
  },
  mounted() {
    document.addEventListener("keydown", this.key, true);
  },
  unmounted() {
    document.removeEventListener("keydown", this.key, true);
  },
  methods: {
    key(event) {
      if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
        event.preventDefault();
        event.stopPropagation();
        if (this.open) this.close();
        else this.show();
      }
    },
    async show() {
      this.before = document.activeElement;
      const asked = new CustomEvent("printlab:commands", { detail: [] });
      window.dispatchEvent(asked);
      Object.assign(this, { open: true, typed: "", at: 0, acts: asked.detail });
      await nextTick();
      this.$refs.dialog.showModal();
      this.$refs.input.focus();
    },
    close() {
      this.open = false;
      this.before?.focus?.();
    },
    byNumber(typed) {
      const number = /^#?(\d{1,9})$/.exec(typed)?.[1];
      if (!number) return [];
      return [{ label: `Open job ${Number(number)}`, icon: "open_in_full", run: () => location.assign(path(`/jobs/${Number(number)}`)) }];
    },
    search(typed) {
      const run = () => location.assign(path(`/board?q=${encodeURIComponent(typed)}`));
      return { label: `Search all jobs for “${typed}”`, icon: "search", run };
    },
    choose(item) {
      this.close();
      item.run();
    },
    listKey(event) {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) {
        event.preventDefault();
        this.at = (this.at + step + this.found.length) % this.found.length;
        nextTick(() => this.$refs.list.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" }));
      } else if (event.key === "Enter") {
        event.preventDefault();
        if (this.found[this.at]) this.choose(this.found[this.at]);
      }
    },
  },
  template: `
    <dialog v-if="open" ref="dialog" class="pl-palette" aria-label="Go anywhere, do anything" @close="close" @click.self="close">
      <input ref="input" type="text" v-model="typed" placeholder="Go to, do, or find…" role="combobox" aria-expanded="true" aria-controls="pl-palette-list"
             :aria-activedescendant="'pl-palette-' + at" aria-label="What to do" autocomplete="off" spellcheck="false" @input="at = 0" @keydown="listKey">
      <ul id="pl-palette-list" ref="list" role="listbox" aria-label="What can be done">
        <li v-for="(item, i) in found" :key="item.label" :id="'pl-palette-' + i" role="option" :aria-selected="String(i === at)"
            @pointermove="at = i" @click="choose(item)">
          <i class="material-icons" aria-hidden="true">{{ item.icon }}</i><span>{{ item.label }}</span><kbd v-if="item.key">{{ item.key }}</kbd></li>
      </ul>
    </dialog>`,
};
