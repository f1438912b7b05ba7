import { markRaw, nextTick, provide, shallowReactive } from "vue";
import { BoardCard, path } from "board_card";
import { BoardColumn } from "board_column";
import { CardUploads } from "board_uploads";

// The staff board: fed with the beginning of each column, with more of it as somebody scrolls there, and with single
// cards as they change. Every text comes in as data and is rendered as text. Columns, labels and icons come from the
// server, so that the table of moves exists once.

const MOVE_MS = 150;
const LOOK_MS = 400;
const TICK_MS = 20_000;
const MOST_SEEN = 2000;
const SEEN_KEY = "printlab.board.seen";
const DENSITY_KEY = "printlab.board.density";
const COMPACT = "compact";
const PHONE = "(max-width: 759px)"; // has whole cards, as in board.css
const PEEK_MS = 150;
const PEEK_PX = 320;
const REACH_MS = 300; // to get from the small picture to the large one
const GAP_PX = 8;
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

function ageInWords(since, now) {
  const minutes = Math.max(0, Math.floor((now - since) / MINUTE));
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h`;
  const days = Math.floor(minutes / (24 * 60));
  return days < 21 ? `${days} d` : `${Math.floor(days / 7)} weeks`;
}

function readSeen() {
  try {
    const stored = JSON.parse(localStorage.getItem(SEEN_KEY));
    return Array.isArray(stored) ? new Set(stored) : null;
  } catch {
    return null;
  }
}

function writeSeen(seen) {
  try {
    localStorage.setItem(SEEN_KEY, JSON.stringify([...seen].sort((a, b) => a - b).slice(-MOST_SEEN)));
  } catch {
    // A full or forbidden storage costs the gold edges, nothing else.
  }
}

function readCompact() {
  try {
    return localStorage.getItem(DENSITY_KEY) === COMPACT;
  } catch {
    return false;
  }
}

function writeCompact(compact) {
  try {
    localStorage.setItem(DENSITY_KEY, compact ? COMPACT : "");
  } catch {
    // A full or forbidden storage costs the choice after a reload, nothing else.
  }
}

// Places are lists of numbers and texts, as the server sorts them.
function inOrder(a, b) {
  for (let i = 0; i < a.place.length; i++) {
    if (a.place[i] < b.place[i]) return -1;
    if (a.place[i] > b.place[i]) return 1;
  }
  return 0;
}

// A card as the board keeps it: what is the same for everybody, its place in this list, and what this viewer can undo.
function kept({ card, place, undo }) {
  return markRaw({ ...card, place, undo });
}

export default {
  components: { BoardCard, BoardColumn },
  props: { columns: Array, cards: Array, totals: Object, zone: String },
  emits: ["verb", "file", "upload", "more"],
  setup(props, { emit }) {
    const jobs = shallowReactive(new Map(props.cards.map((entry) => [entry.card.id, kept(entry)])));
    const uploads = markRaw(
      new CardUploads((id, staged) => emit("upload", { id, version: jobs.get(id)?.version ?? 0, staged })),
    );
    provide("uploads", uploads);
    return { jobs, uploads };
  },
  data() {
    return {
      counts: this.totals,
      now: Date.now(),
      current: this.columns[0].status,
      doneOpen: false,
      compact: readCompact(),
      narrow: matchMedia(PHONE).matches,
      seen: new Set(),
      held: new Map(),
      menu: null,
      peek: null,
      announced: "",
    };
  },
  created() {
    this.hovered = null;
    this.dropOn = null;
    this.flights = new Set();
    const stored = readSeen();
    this.isFirstLook = !stored;
    this.seen = stored ?? new Set(this.cardsOf(this.columns[0]).map((card) => card.id));
    this.clock = new Intl.DateTimeFormat("en-GB", {
      timeZone: this.zone, weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit",
    });
  },
  mounted() {
    this.ticker = setInterval(() => (this.now = Date.now()), TICK_MS);
    document.addEventListener("visibilitychange", this.tick);
    document.addEventListener("pointerdown", this.closeMenuOutside, true);
    window.addEventListener("storage", this.seenElsewhere);
    window.addEventListener("resize", this.closeMenuOnResize);
    document.addEventListener("keydown", this.peekKey, true);
    this.$el.addEventListener("scroll", this.endPeekThatMoves, true);
    for (const [type, listener] of this.droppings()) window.addEventListener(type, listener);
    writeSeen(this.seen);
  },
  unmounted() {
    for (const [type, listener] of this.droppings()) window.removeEventListener(type, listener);
    this.uploads.stopAll();
    clearInterval(this.ticker);
    document.removeEventListener("visibilitychange", this.tick);
    document.removeEventListener("pointerdown", this.closeMenuOutside, true);
    window.removeEventListener("storage", this.seenElsewhere);
    window.removeEventListener("resize", this.closeMenuOnResize);
    document.removeEventListener("keydown", this.peekKey, true);
    clearTimeout(this.peeking);
  },
  computed: {
    dense() {
      return this.compact && !this.narrow;
    },
    working() {
      return this.columns.filter((column) => !column.done);
    },
    finished() {
      return this.columns.filter((column) => column.done);
    },
    byStatus() {
      const lists = Object.fromEntries(this.columns.map((column) => [column.status, []]));
      for (const card of this.jobs.values()) lists[card.status]?.push(card);
      for (const list of Object.values(lists)) list.sort(inOrder);
      return lists;
    },
    freshCount() {
      return this.byStatus[this.columns[0].status].filter((card) => !this.seen.has(card.id)).length;
    },
    tomorrow() {
      return new Intl.DateTimeFormat("en-CA", { timeZone: this.zone }).format(new Date(this.now + DAY)); // ISO 8601
    },
    doneCount() {
      return this.finished.reduce((sum, column) => sum + this.count(column), 0);
    },
  },
  methods: {
    // Called by the server.
    upsert(entries, counts, gone) {
      this.counts = counts;
      for (const id of gone) this.remove(id);
      const due = entries.map(kept).filter((card) => this.isNewer(card) && !this.holdBack(card));
      if (due.length) this.apply(due);
    },
    // The next ones of a column: they were there before, so nothing moves and nobody is told.
    append(status, entries, counts) {
      this.counts = counts;
      for (const card of entries.map(kept)) {
        if (!this.isNewer(card)) continue;
        if (this.isFirstLook) this.seen.add(card.id);
        this.jobs.set(card.id, card);
      }
    },
    replace(entries, counts) {
      const present = new Set(entries.map(({ card }) => card.id));
      this.upsert(entries, counts, [...this.jobs.keys()].filter((id) => !present.has(id)));
    },
    remove(id) {
      this.jobs.delete(id);
      this.held.delete(id);
    },
    isNewer(card) {
      const known = this.held.get(card.id) ?? this.jobs.get(card.id);
      return !known || card.version >= known.version;
    },
    // A card that moves away under the pointer makes the next click hit another job: it waits.
    holdBack(card) {
      const shown = this.jobs.get(card.id);
      if (this.hovered !== card.id || !shown || shown.status === card.status) return false;
      this.held.set(card.id, card);
      return true;
    },
    release(id) {
      const card = this.held.get(id);
      if (!card) return;
      this.held.delete(id);
      this.apply([card]);
    },
    async apply(changed) {
      const flights = changed.map((card) => this.departure(card));
      for (const card of changed) {
        if (card.status !== this.columns[0].status) this.seen.delete(card.id);
        this.jobs.set(card.id, card);
      }
      this.announce(changed);
      await nextTick();
      flights.forEach((flight) => flight && this.land(flight));
    },
    announce(changed) {
      const card = changed[changed.length - 1];
      const column = this.columns.find((other) => other.status === card.status);
      this.announced = `Job ${card.id}, ${card.who}: ${column?.label ?? ""}`;
    },

    // Motion: a copy of the card flies above the columns, because each column clips what it contains.
    departure(card) {
      const shown = this.jobs.get(card.id);
      if (!shown || shown.status === card.status) return null;
      const element = this.elementOf(card.id);
      if (!element?.offsetParent) return null;
      return { id: card.id, from: element.getBoundingClientRect(), copy: element.cloneNode(true), focus: element.contains(document.activeElement) };
    },
    land({ id, from, copy, focus }) {
      const element = this.elementOf(id);
      if (focus) element?.querySelector("a")?.focus({ preventScroll: true });
      const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
      if (calm || !element?.offsetParent || document.hidden) return;
      const to = element.getBoundingClientRect();
      copy.removeAttribute("data-job");
      copy.setAttribute("aria-hidden", "true");
      copy.inert = true;
      copy.classList.add("plb-job--flying");
      Object.assign(copy.style, { left: `${from.left}px`, top: `${from.top}px`, width: `${from.width}px` });
      this.$el.append(copy);
      element.style.visibility = "hidden";
      const there = `translate(${to.left - from.left}px, ${to.top - from.top}px)`;
      const flight = copy.animate([{ transform: "none" }, { transform: there }], { duration: MOVE_MS, easing: "ease-out" });
      flight.onfinish = flight.oncancel = () => {
        copy.remove();
        element.style.visibility = "";
      };
    },
    elementOf(id) {
      return this.$el.querySelector(`[data-job="${Number(id)}"]`);
    },

    enter(card, event) {
      if (event.pointerType === "touch") return this.look(card.id);
      this.hovered = card.id;
      clearTimeout(this.looking);
      this.looking = setTimeout(() => this.hovered === card.id && this.look(card.id), LOOK_MS);
    },
    leave(card) {
      if (this.hovered === card.id) this.hovered = null;
      if (this.menu?.id !== card.id) this.release(card.id);
    },
    look(id) {
      const card = this.jobs.get(id);
      if (card?.status !== this.columns[0].status || this.seen.has(id)) return;
      this.seen.add(id);
      writeSeen(this.seen);
    },
    seenElsewhere(event) {
      if (event.key === SEEN_KEY) readSeen()?.forEach((id) => this.jobs.has(id) && this.seen.add(id));
    },
    showFresh() {
      const card = this.byStatus[this.columns[0].status].find((other) => !this.seen.has(other.id));
      if (card) this.goTo(card);
    },

    async goTo(card) {
      await this.$refs.lists.find((list) => list.status === card.status)?.reveal(card.id);
      const element = this.elementOf(card.id);
      element?.scrollIntoView({ block: "nearest" });
      element?.querySelector("a")?.focus({ preventScroll: true });
    },

    toggleDone() {
      this.doneOpen = !this.doneOpen;
      nextTick(() => this.doneOpen && (this.$refs.columns.scrollLeft = this.$refs.columns.scrollWidth));
    },
    toggleCompact() {
      this.compact = !this.compact;
      writeCompact(this.compact);
    },
    act(card, verb) {
      this.closeMenu();
      this.$emit("verb", { id: card.id, version: card.version, verb });
    },
    openMenu(card, column, button) {
      if (this.menu?.button === button) return this.closeMenu();
      this.menu = { id: card.id, card, items: this.menuOf(card, column), takes: column.takes, button, place: {} };
      nextTick(() => this.placeMenu(button));
    },
    menuOf(card, column) {
      const undo = card.undo && Date.now() <= Date.parse(card.undo.until) ? [card.undo] : [];
      return [...undo, ...column.menu];
    },
    placeMenu(button) {
      const menu = this.$refs.menu;
      if (!menu) return;
      const anchor = button.getBoundingClientRect();
      const below = anchor.bottom + 4 + menu.offsetHeight < innerHeight;
      this.menu.place = {
        left: `${Math.max(8, Math.min(anchor.right - menu.offsetWidth, innerWidth - menu.offsetWidth - 8))}px`,
        top: `${below ? anchor.bottom + 4 : Math.max(8, anchor.top - 4 - menu.offsetHeight)}px`,
        visibility: "visible",
      };
      nextTick(() => menu.querySelector("[role=menuitem]")?.focus());
    },
    closeMenu(refocus = false) {
      if (!this.menu) return;
      const { id, button } = this.menu;
      this.menu = null;
      if (refocus) button.focus();
      if (this.hovered !== id) this.release(id);
    },
    closeMenuOutside(event) {
      if (this.menu && !this.$refs.menu?.contains(event.target) && !this.menu.button.contains(event.target)) this.closeMenu();
      if (this.peek && !this.peek.button.contains(event.target) && !this.$refs.peek?.contains(event.target)) this.endPeek();
    },
    closeMenuOnResize() {
      this.narrow = matchMedia(PHONE).matches;
      this.closeMenu();
      this.endPeek();
    },

    // Files are dropped on cards. One listener each for all of them: there may be a thousand.
    droppings() {
      return [
        ["dragover", this.dragOver],
        ["dragleave", this.dragLeave],
        ["drop", this.dropped],
        ["beforeunload", this.askFirst],
      ];
    },
    // Beside a card nothing is dropped: the browser would open the file in place of the board.
    dragOver(event) {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      const card = this.cardAt(event);
      event.dataTransfer.dropEffect = card ? "copy" : "none";
      this.markDrop(card);
    },
    dragLeave(event) {
      if (!event.relatedTarget) this.markDrop(null);
    },
    dropped(event) {
      this.markDrop(null);
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      const card = this.cardAt(event);
      if (card) this.takeFiles(Number(card.dataset.job), event.dataTransfer.files);
    },
    cardAt(event) {
      const card = event.target instanceof Element ? event.target.closest("[data-job]") : null;
      return card && this.$el.contains(card) ? card : null;
    },
    // On the element itself: through the board's data every card would be looked at anew.
    markDrop(card) {
      if (this.dropOn === card) return;
      this.dropOn?.removeAttribute("data-drop");
      card?.setAttribute("data-drop", "");
      this.dropOn = card;
    },
    takeFiles(id, files) {
      const column = this.columns.find((other) => other.status === this.jobs.get(id)?.status);
      if (column) this.uploads.take(id, [...files], column.takes, column.closed);
    },
    chooseFile() {
      const { id, takes } = this.menu;
      const picker = this.$refs.picker;
      this.closeMenu(true);
      // Phones grey out files whose type they do not know, so there the check after choosing has to do.
      picker.accept = matchMedia("(pointer: coarse)").matches ? "" : takes.extensions.join(",");
      picker.onchange = () => {
        this.takeFiles(id, picker.files);
        picker.value = "";
      };
      picker.click();
    },
    // Called by the server.
    uploadEnded(id, problem) {
      this.uploads.ended(id, problem);
    },
    askFirst(event) {
      if (this.uploads.underWay) event.preventDefault();
    },

    // A larger picture beside the card: over it the card's buttons could not be reached.
    peekAt(card, { how, event }) {
      clearTimeout(this.peeking);
      const button = event?.currentTarget;
      const isOpen = this.peek?.id === card.id;
      if (how === "over" && event.pointerType !== "touch" && !isOpen) {
        this.peeking = setTimeout(() => button.isConnected && this.startPeek(card, button), PEEK_MS);
      } else if (how === "focus" && button.matches(":focus-visible")) this.startPeek(card, button);
      else if (how === "away") this.leavePeek();
      else if (how === "click") {
        if (isOpen && this.peek.pinned) this.endPeek();
        else this.startPeek(card, button, true);
      }
    },
    startPeek(card, button, pinned = false) {
      const place = this.besideCard(this.elementOf(card.id).getBoundingClientRect());
      const { top } = button.getBoundingClientRect();
      clearTimeout(this.leaving);
      const words = `${card.file}, job ${card.id}`;
      this.peek = { id: card.id, top, url: path(card.picture), words, caption: card.insides, button, pinned, place };
    },
    besideCard(card) {
      const top = Math.max(GAP_PX, Math.min(card.top, innerHeight - PEEK_PX - GAP_PX));
      const px = (left, y, size = PEEK_PX) => ({ left: `${left}px`, top: `${y}px`, width: `${size}px`, height: `${size}px` });
      if (card.right + GAP_PX + PEEK_PX + GAP_PX <= innerWidth) return px(card.right + GAP_PX, top);
      if (card.left - GAP_PX - PEEK_PX >= GAP_PX) return px(card.left - GAP_PX - PEEK_PX, top);
      const [above, below] = [card.top - 2 * GAP_PX, innerHeight - card.bottom - 2 * GAP_PX];
      const size = Math.min(PEEK_PX, Math.max(above, below), innerWidth - 2 * GAP_PX);
      return px((innerWidth - size) / 2, below >= above ? card.bottom + GAP_PX : card.top - GAP_PX - size, size);
    },
    endPeekThatMoves() {
      if (this.peek && this.peek.top !== this.peek.button.getBoundingClientRect().top) this.endPeek();
    },
    // The way to the large picture, which leads to the job, takes a moment.
    leavePeek() {
      clearTimeout(this.leaving);
      if (!this.peek?.pinned) this.leaving = setTimeout(() => this.endPeek(), REACH_MS);
    },
    reachPeek() {
      clearTimeout(this.leaving);
    },
    endPeek() {
      clearTimeout(this.peeking);
      clearTimeout(this.leaving);
      this.peek = null;
    },
    peekKey(event) {
      if (event.key !== "Escape" || !this.peek) return;
      event.stopPropagation();
      this.endPeek();
    },
    menuKey(event) {
      const items = [...this.$refs.menu.querySelectorAll("[role=menuitem]")];
      const at = items.indexOf(document.activeElement);
      const step = { ArrowDown: at + 1, ArrowUp: at - 1 + items.length, Home: 0, End: items.length - 1 }[event.key];
      if (step !== undefined) {
        event.preventDefault();
        items[step % items.length].focus();
      } else if (event.key === "Escape" || event.key === "Tab") {
        event.preventDefault();
        this.closeMenu(true);
      }
    },
    tabKey(event) {
      const at = this.columns.findIndex((column) => column.status === this.current);
      const step = { ArrowRight: at + 1, ArrowLeft: at - 1 + this.columns.length }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      this.current = this.columns[step % this.columns.length].status;
      nextTick(() => this.$el.querySelector("[role=tab][aria-selected=true]")?.focus());
    },

    tick() {
      if (!document.hidden) this.now = Date.now();
    },
    cardsOf(column) {
      return this.byStatus[column.status];
    },
    count(column) {
      return this.counts[column.status] ?? 0;
    },
    isFresh(card) {
      return card.status === this.columns[0].status && !this.seen.has(card.id);
    },
    ageOf(card) {
      return ageInWords(Date.parse(card.since), this.now);
    },
    exactOf(card, column) {
      const since = this.clock.format(new Date(card.since));
      const sent = this.clock.format(new Date(card.created));
      return since === sent ? `Sent ${sent}` : `${column.label} since ${since}, sent ${sent}`;
    },
    waitingFor(card) {
      const target = this.held.get(card.id)?.status;
      return target && this.columns.find((column) => column.status === target)?.label;
    },
    jobHref(id) {
      return path(`/jobs/${id}`);
    },
    fileHref(id) {
      return path(`/files/${id}/authoritative`);
    },
  },
  template: `
    <div class="pl-board" :class="{ 'is-compact': dense }">
      <div class="pl-board__tabs" role="tablist" aria-label="Jobs by status" @keydown="tabKey">
        <button v-for="column in columns" :key="column.status" type="button" role="tab" :id="'plb-tab-' + column.status"
                class="plb-tab" :class="column.tone" :aria-selected="current === column.status"
                :tabindex="current === column.status ? 0 : -1" :aria-controls="'plb-col-' + column.status"
                @click="current = column.status">
          <i class="material-icons" aria-hidden="true">{{ column.icon }}</i>
          <span>{{ column.label }}</span><span class="plb-count">{{ count(column) }}</span>
        </button>
      </div>
      <div ref="columns" class="pl-board__columns">
        <section v-for="column in columns" :key="column.status" :id="'plb-col-' + column.status" class="plb-column"
                 :class="[column.tone, { 'plb-column--done': column.done, 'is-current': current === column.status,
                          'is-folded': column.done && !doneOpen }]" :aria-label="column.label">
          <h2 class="plb-column__head">
            <span class="pl-status-icon"><i class="material-icons" aria-hidden="true">{{ column.icon }}</i
              ><span v-if="column.ring" class="pl-ring"></span></span>
            <span class="plb-column__name">{{ column.label }}</span>
            <span class="plb-count">{{ count(column) }}</span>
            <button v-if="column.status === columns[0].status && freshCount" type="button" class="plb-fresh"
                    @click="showFresh">{{ freshCount }} new</button>
          </h2>
          <board-column ref="lists" :status="column.status" :cards="cardsOf(column)" :count="count(column)" :compact="dense"
                        @more="$emit('more', { status: column.status })">
            <template #card="{ card }">
              <board-card :card="card" :column="column" :age="ageOf(card)" :exact="exactOf(card, column)"
                          :tomorrow="tomorrow" :fresh="isFresh(card)" :waiting="waitingFor(card)" :compact="dense" :now="now"
                          @enter="enter(card, $event)" @leave="leave(card)" @look="look(card.id)"
                          @act="act(card, $event)" @file="$emit('file', { id: card.id })" @peek="peekAt(card, $event)" @menu="openMenu(card, column, $event)" />
            </template>
            <template #empty>{{ column.empty }}</template>
          </board-column>
        </section>
        <div class="plb-rail">
          <button type="button" class="plb-rail__density" aria-label="Compact cards" :aria-pressed="String(compact)"
                  :title="compact ? 'Show whole cards' : 'Show compact cards, twelve in a column'" @click="toggleCompact"
            ><i class="material-icons" aria-hidden="true">{{ compact ? "view_agenda" : "view_headline" }}</i></button>
          <button type="button" class="plb-rail__done" :aria-expanded="String(doneOpen)"
                  :title="doneOpen ? 'Hide the rejected and picked-up jobs' : 'Show the rejected and picked-up jobs'"
                  @click="toggleDone">
            <i class="material-icons" aria-hidden="true">{{ doneOpen ? "last_page" : "first_page" }}</i>
            <span class="plb-rail__name">{{ doneOpen ? "Hide done" : "Done" }}</span
            ><span v-if="!doneOpen" class="plb-count">{{ doneCount }}</span>
          </button>
        </div>
      </div>
      <div v-if="menu" ref="menu" class="plb-menu" role="menu" :aria-label="'Job ' + menu.id" :style="menu.place" @keydown="menuKey">
        <a class="plb-menu__item" role="menuitem" tabindex="-1" :href="jobHref(menu.id)">
          <i class="material-icons" aria-hidden="true">open_in_full</i>Open job {{ menu.id }}</a>
        <a class="plb-menu__item" role="menuitem" tabindex="-1" :href="fileHref(menu.id)" download @click="closeMenu()">
          <i class="material-icons" aria-hidden="true">download</i>Download file</a>
        <button v-if="menu.takes" type="button" class="plb-menu__item" role="menuitem" tabindex="-1" @click="chooseFile">
          <i class="material-icons" aria-hidden="true">upload_file</i>Upload file…</button>
        <button v-for="item in menu.items" :key="item.verb" type="button" class="plb-menu__item" role="menuitem" tabindex="-1"
                :class="{ 'plb-menu__item--danger': item.danger }" @click="act(menu.card, item.verb)">
          <i class="material-icons" aria-hidden="true">{{ item.icon }}</i>{{ item.label }}</button>
      </div>
      <a v-if="peek && jobs.has(peek.id)" ref="peek" class="plb-peek" tabindex="-1" :href="jobHref(peek.id)"
         :title="'Open job ' + peek.id" :style="peek.place" @pointerenter="reachPeek" @pointerleave="leavePeek"
        ><img :src="peek.url" :alt="peek.words"><span v-if="peek.caption" class="plb-peek__caption">{{ peek.caption }}</span></a>
      <input ref="picker" type="file" hidden tabindex="-1" aria-label="File for a job">
      <p class="pl-sr" aria-live="polite">{{ announced }}</p>
    </div>
  `,
};
