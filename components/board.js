import { markRaw, nextTick, provide, shallowReactive } from "vue";
import { BoardBar } from "board_bar";
import { BoardCard, path } from "board_card";
import { BoardColumn } from "board_column";
import { KEY_LIST, VERB_KEYS, isOurs } from "board_keys";
import { BoardRow, COLUMNS, USUAL } from "board_row";
import { askForNotices, chime, notice } from "board_tell";
import { CardUploads } from "board_uploads";

// The staff board: fed with the beginning of each column, with more of it as somebody scrolls there, and with single
// cards as they change. Every text comes in as data and is rendered as text. Columns, labels and icons come from the
// server, so that the table of moves exists once.

const MOVE_MS = 150;
const LOOK_MS = 400;
const TICK_MS = 20_000;
const NEW = "Uploaded"; // whose new jobs are lit
const MOST_CHOSEN = 500; // as in components/board.py
const ROW_PX = 41;
const CARD_PX = 128; // until the first ones are measured
const COMPACT_PX = 54;
const PHONE = "(max-width: 759px)"; // has whole cards, as in board.css
const PEEK_MS = 150;
const PEEK_PX = 320;
const REACH_MS = 300; // to get from the small picture to the large one
const GAP_PX = 8;
const COUNT_MS = 500;
const GONE = markRaw({}); // instead of a card: the job is not looked for any more
const TOLD_MS = 4000;
const MANY = ["approve", "start", "complete", "hand-over", "reject"]; // what can be done with several at once
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

// Places are lists of numbers and texts, as the server sorts them.
function inOrder(a, b) {
  for (let i = 0; i < a.place.length; i++) {
    if (a.place[i] < b.place[i]) return -1;
    if (a.place[i] > b.place[i]) return 1;
  }
  return 0;
}

// A card as the board keeps it: what is the same for everybody, its place in this list, and what this viewer can undo.
function kept({ card, column, place, undo }) {
  return markRaw({ ...card, column, place, undo });
}

export default {
  components: { BoardBar, BoardCard, BoardColumn, BoardRow },
  props: { first: Object, own: Object, views: Array, statuses: Object, orders: Array, zone: String },
  emits: ["verb", "file", "upload", "more", "look", "filters", "seen", "many", "all", "keep", "save-view", "delete-view"],
  setup(props, { emit }) {
    const jobs = shallowReactive(new Map(props.first.cards.map((entry) => [entry.card.id, kept(entry)])));
    const uploads = markRaw(
      new CardUploads((id, staged) => emit("upload", { id, version: jobs.get(id)?.version ?? 0, staged })),
    );
    provide("uploads", uploads);
    return { jobs, uploads };
  },
  data() {
    const { query, columns, counts, tally } = this.first;
    return {
      query,
      columns,
      counts,
      tally,
      groups: null,
      mine: this.views,
      ...this.own,
      now: Date.now(),
      current: columns.find((column) => counts[column.key])?.key ?? columns[0].key,
      doneWish: null, // as long as nobody opened or closed them, ended jobs show when something is looked for
      picking: false,
      narrow: matchMedia(PHONE).matches,
      looked: new Set(),
      held: new Map(),
      choosing: false,
      chosen: new Set(),
      menu: null,
      peek: null,
      help: false,
      announced: "",
      told: "",
    };
  },
  created() {
    this.hovered = null;
    this.dropOn = null;
    this.lastChosen = null;
    this.clock = new Intl.DateTimeFormat("en-GB", {
      timeZone: this.zone, weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit",
    });
  },
  watch: {
    "tally.fresh"() {
      this.showTitle();
    },
  },
  mounted() {
    this.showTitle();
    this.ticker = setInterval(() => (this.now = Date.now()), TICK_MS);
    document.addEventListener("visibilitychange", this.tick);
    document.addEventListener("pointerdown", this.closeMenuOutside, true);
    window.addEventListener("resize", this.closeMenuOnResize);
    document.addEventListener("keydown", this.peekKey, true);
    document.addEventListener("keydown", this.key);
    window.addEventListener("popstate", this.wentBack);
    window.addEventListener("printlab:commands", this.addCommands);
    this.$el.addEventListener("scroll", this.endPeekThatMoves, true);
    for (const [type, listener] of this.droppings()) window.addEventListener(type, listener);
  },
  unmounted() {
    for (const [type, listener] of this.droppings()) window.removeEventListener(type, listener);
    this.uploads.stopAll();
    clearInterval(this.ticker);
    document.removeEventListener("visibilitychange", this.tick);
    document.removeEventListener("pointerdown", this.closeMenuOutside, true);
    window.removeEventListener("resize", this.closeMenuOnResize);
    document.removeEventListener("keydown", this.peekKey, true);
    document.removeEventListener("keydown", this.key);
    window.removeEventListener("popstate", this.wentBack);
    window.removeEventListener("printlab:commands", this.addCommands);
    clearTimeout(this.peeking);
  },
  computed: {
    dense() {
      return this.compact && !this.narrow;
    },
    doneOpen() {
      return this.doneWish ?? this.query.narrowed;
    },
    // What waits for nobody takes no room.
    open() {
      return this.query.view === "needs" ? this.columns.filter((column) => this.count(column)) : this.columns;
    },
    isOneAtATime() {
      return this.tabs || this.narrow;
    },
    isTable() {
      return this.query.view === "table";
    },
    tableColumns() {
      return COLUMNS.filter((column) => column.fixed || this.tableKeys.includes(column.key));
    },
    tableKeys() {
      return this.table.length ? this.table : USUAL;
    },
    allColumns() {
      return COLUMNS;
    },
    keyList() {
      return KEY_LIST;
    },
    finished() {
      return this.columns.filter((column) => column.done);
    },
    usualPx() {
      if (this.isTable) return ROW_PX;
      return this.dense ? COMPACT_PX : CARD_PX;
    },
    byColumn() {
      const lists = Object.fromEntries(this.columns.map((column) => [column.key, []]));
      for (const card of this.jobs.values()) lists[card.column]?.push(card);
      for (const list of Object.values(lists)) list.sort(inOrder);
      return lists;
    },
    freshCount() {
      const looked = [...this.looked].filter((id) => this.jobs.get(id)?.new).length; // the server does not know yet
      return Math.max(0, this.tally.fresh - looked);
    },
    freshColumn() {
      return this.query.view === "needs" ? "new" : NEW;
    },
    tomorrow() {
      return new Intl.DateTimeFormat("en-CA", { timeZone: this.zone }).format(new Date(this.now + DAY)); // ISO 8601
    },
    doneCount() {
      return this.finished.reduce((sum, column) => sum + this.count(column), 0);
    },
    nothing() {
      return this.query.narrowed && this.columns.every((column) => !this.count(column));
    },
  },
  methods: {
    // Called by the server.
    upsert(entries, counts, tally, gone) {
      this.counts = counts;
      this.tally = tally;
      for (const id of gone) this.depart(id);
      const due = entries.map(kept).filter((card) => this.isNewer(card) && !this.holdBack(card));
      if (due.length) this.apply(due);
      if (this.$refs.bar.open === "filters") this.countAgain();
    },
    // The next ones of a column: they were there before, so nothing moves and nobody is told.
    append(key, entries, counts) {
      this.counts = counts;
      for (const card of entries.map(kept)) if (this.isNewer(card) && !this.holdBack(card)) this.jobs.set(card.id, card);
    },
    replace({ query, columns, cards, counts, tally }) {
      const other = query.view !== this.query.view || columns.length !== this.columns.length;
      const narrowed = JSON.stringify(query.params) !== JSON.stringify(this.query.params);
      Object.assign(this, { query, columns, counts, tally });
      if (other) this.current = this.open[0]?.key ?? columns[0].key;
      if (!narrowed) {
        const present = new Set(cards.map(({ card }) => card.id));
        return this.upsert(cards, counts, tally, [...this.jobs.keys()].filter((id) => !present.has(id)));
      }
      this.held.clear();
      this.jobs.clear();
      for (const card of cards.map(kept)) this.jobs.set(card.id, card);
      for (const list of this.$refs.lists ?? []) list.begin();
      this.showAddress();
      if (this.$refs.bar.open === "filters") this.$emit("filters");
      this.announced = `${this.found()} found`;
    },
    found() {
      return this.columns.reduce((sum, column) => sum + this.count(column), 0);
    },
    openCount() {
      return this.columns.reduce((sum, column) => sum + (column.done ? 0 : this.count(column)), 0);
    },
    showFilters(groups) {
      this.groups = groups;
    },
    countAgain() {
      clearTimeout(this.counting);
      this.counting = setTimeout(() => this.$emit("filters"), COUNT_MS);
    },
    choose(ids) {
      this.choosing = true;
      this.chosen = new Set(ids);
    },

    // What is looked for stands in the address, so that it can be kept, sent to somebody, and gone back to.
    look(params) {
      this.$emit("look", { params });
    },
    showAddress() {
      const search = new URLSearchParams(this.query.params).toString();
      const address = path("/board") + (search && `?${search}`);
      if (address === location.pathname + location.search) return;
      const before = new URLSearchParams(location.search).get("view") ?? "board";
      const way = before === this.query.view ? "replaceState" : "pushState"; // one step back for a view, not for a letter
      history[way](history.state, "", address);
    },
    wentBack() {
      if (location.pathname === path("/board")) this.look([...new URLSearchParams(location.search)]);
    },
    depart(id) {
      if (this.hovered === id && this.jobs.has(id)) this.held.set(id, GONE);
      else this.remove(id);
    },
    remove(id) {
      this.jobs.delete(id);
      this.held.delete(id);
    },
    isNewer(card) {
      const known = this.held.get(card.id) ?? this.jobs.get(card.id);
      return !known || known === GONE || card.version >= known.version;
    },
    // A card that moves away under the pointer makes the next click hit another job: it waits.
    holdBack(card) {
      const shown = this.jobs.get(card.id);
      if (this.held.get(card.id) === GONE) this.held.delete(card.id);
      if (this.hovered !== card.id || !shown || shown.column === card.column) return false;
      this.held.set(card.id, card);
      return true;
    },
    release(id) {
      const card = this.held.get(id);
      if (!card) return;
      this.held.delete(id);
      if (card === GONE) this.jobs.delete(id);
      else this.apply([card]);
    },
    async apply(changed) {
      const flights = changed.map((card) => this.departure(card));
      for (const card of changed) {
        if (!card.new) this.looked.delete(card.id); // when the student sends it again it is new again
        this.jobs.set(card.id, card);
      }
      this.announce(changed);
      await nextTick();
      flights.forEach((flight) => flight && this.land(flight));
    },
    announce(changed) {
      const card = changed[changed.length - 1];
      this.announced = `Job ${card.id}, ${card.who}: ${this.statuses[card.status]?.label ?? ""}`;
    },

    // Motion: a copy of the card flies above the columns, because each column clips what it contains.
    departure(card) {
      const shown = this.jobs.get(card.id);
      if (!shown || shown.column === card.column || this.isTable) return null;
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
      if (event.pointerType === "touch") return this.lookAt(card.id);
      this.hovered = card.id;
      clearTimeout(this.looking);
      this.looking = setTimeout(() => this.hovered === card.id && this.lookAt(card.id), LOOK_MS);
    },
    leave(card) {
      if (this.hovered === card.id) this.hovered = null;
      if (this.menu?.id !== card.id) this.release(card.id);
    },
    // Whoever looks first takes the light off for everybody.
    lookAt(id) {
      const card = this.jobs.get(id);
      if (!card || !this.isFresh(card)) return;
      this.looked.add(id);
      this.$emit("seen", { id });
    },
    showFresh() {
      const card = this.byColumn[this.freshColumn]?.find((other) => this.isFresh(other));
      if (card) this.goTo(card);
      else this.$refs.bar.put("order", "newest"); // they are further down than this browser has
    },

    async goTo(card) {
      await this.$refs.lists.find((list) => list.column === card.column)?.reveal(card.id);
      const element = this.elementOf(card.id);
      element?.scrollIntoView({ block: "nearest" });
      element?.querySelector("a")?.focus({ preventScroll: true });
    },

    toggleDone() {
      this.doneWish = !this.doneOpen;
      nextTick(() => this.doneOpen && (this.$refs.columns.scrollLeft = this.$refs.columns.scrollWidth));
    },
    toggleCompact() {
      this.compact = !this.compact;
      this.keep();
    },
    toggleTabs() {
      this.tabs = !this.tabs;
      this.keep();
    },
    toggleColumn(key) {
      const keys = this.tableKeys;
      this.table = keys.includes(key) ? keys.filter((other) => other !== key) : [...keys, key];
      this.keep();
    },
    keep() {
      const { compact, tabs, table, sound, desktop } = this;
      this.$emit("keep", { compact, tabs, table, sound, desktop });
    },

    // ---------- new jobs ----------

    async toggleDesktop(box) {
      if (!this.desktop && (await askForNotices()) !== "granted") {
        box.checked = false;
        return this.tell("The browser does not allow notices of this site. Allow them in its settings for this address.");
      }
      this.desktop = !this.desktop;
      this.keep();
    },
    toggleSound() {
      this.sound = !this.sound;
      if (this.sound) chime();
      this.keep();
    },
    // Called by the server.
    arrived(jobs) {
      const one = jobs.length === 1;
      const text = one ? `Job ${jobs[0].id} of ${jobs[0].who}` : `${jobs.length} new jobs`;
      this.announced = `New: ${text}`;
      if (this.sound) chime();
      if (this.desktop) notice(text, one ? path(`/jobs/${jobs[0].id}`) : null);
    },
    showViews(views) {
      this.mine = views;
    },
    showTitle() {
      const bare = document.title.replace(/^\(\d+\) /, "");
      document.title = this.tally.fresh ? `(${this.tally.fresh}) ${bare}` : bare;
    },

    act(card, verb) {
      this.closeMenu();
      this.$emit("verb", { id: card.id, version: card.version, verb });
    },
    openMenu(card, button) {
      if (this.menu?.button === button) return this.closeMenu();
      const state = this.statuses[card.status];
      this.menu = { id: card.id, card, items: this.menuOf(card), takes: state.takes, button, place: {} };
      nextTick(() => this.placeMenu(button));
    },
    menuOf(card) {
      const undo = card.undo && Date.now() <= Date.parse(card.undo.until) ? [card.undo] : [];
      return [...undo, ...this.statuses[card.status].menu];
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
      const state = this.statuses[this.jobs.get(id)?.status];
      if (state) this.uploads.take(id, [...files], state.takes, state.closed);
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
      const at = this.open.findIndex((column) => column.key === this.current);
      const step = { ArrowRight: at + 1, ArrowLeft: at - 1 + this.open.length }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      this.current = this.open[step % this.open.length].key;
      nextTick(() => this.$el.querySelector("[role=tab][aria-selected=true]")?.focus());
    },

    // ---------- by keyboard ----------

    key(event) {
      if (!isOurs(event)) return;
      const act = this.keyActs(event)[event.key];
      if (!act) return;
      event.preventDefault();
      act();
    },
    keyActs({ shiftKey }) {
      const step = (by) => () => this.stepTo(by);
      const across = (by) => () => this.stepAcross(by);
      const acts = {
        "/": () => this.$refs.bar.focusSearch(),
        "?": () => (this.help = !this.help),
        f: () => this.$refs.bar.openFilters(),
        g: () => this.nextView(),
        j: step(1), ArrowDown: step(1), k: step(-1), ArrowUp: step(-1),
        ArrowRight: across(1), ArrowLeft: across(-1),
        o: () => this.withCurrent((card) => this.$emit("file", { id: card.id })),
        m: () => this.withCurrent((card) => this.openMenu(card, this.elementOf(card.id).querySelector("[aria-haspopup=menu]"))),
        x: () => this.withCurrent((card) => this.pick(card, false)),
        X: () => this.withCurrent((card) => this.pick(card, shiftKey)),
        Escape: () => this.letGo(),
      };
      for (const [key, verb] of Object.entries(VERB_KEYS)) acts[key] = () => this.withCurrent((card) => this.actByKey(card, verb));
      return acts;
    },
    // For the palette: what can be done with the job that the keyboard is on, and with the board.
    addCommands({ detail }) {
      const card = this.currentCard();
      const keys = Object.fromEntries(Object.entries(VERB_KEYS).map(([key, verb]) => [verb, key]));
      if (card) {
        const of = `job ${card.id}, ${card.who}`;
        for (const item of [card.next ?? this.statuses[card.status].next, ...this.menuOf(card)].filter(Boolean)) {
          detail.push({ label: `${item.label}: ${of}`, icon: item.icon, key: keys[item.verb], run: () => this.act(card, item.verb) });
        }
        detail.push({ label: `Open file: ${of}`, icon: "launch", key: "o", run: () => this.$emit("file", { id: card.id }) });
      }
      for (const kind of this.$refs.bar.kinds) {
        detail.push({ label: `Show ${kind.label}`, icon: kind.icon, run: () => this.$refs.bar.put("view", kind.value) });
      }
      for (const view of this.mine) detail.push({ label: `View: ${view.name}`, icon: "bookmark_border", run: () => this.look(view.params) });
      detail.push(
        { label: "Filter jobs", icon: "filter_list", key: "f", run: () => this.$refs.bar.openFilters() },
        { label: "Choose several jobs", icon: "checklist", key: "x", run: () => this.toggleChoosing() },
        { label: this.compact ? "Whole cards" : "Compact cards", icon: "view_headline", run: () => this.toggleCompact() },
        { label: "Keyboard shortcuts", icon: "keyboard", key: "?", run: () => (this.help = true) },
      );
    },
    nextView() {
      const views = this.$refs.bar.kinds.map((view) => view.value);
      this.$refs.bar.put("view", views[(views.indexOf(this.query.view) + 1) % views.length]);
    },
    // The job that the keyboard is on; without one, the one under the pointer.
    currentCard() {
      const focused = document.activeElement?.closest("[data-job]");
      const id = focused ? Number(focused.dataset.job) : this.hovered;
      return this.jobs.get(id) ?? null;
    },
    withCurrent(act) {
      const card = this.currentCard();
      if (card) act(card);
      else this.stepTo(1);
    },
    stepTo(by) {
      const card = this.currentCard();
      const shown = this.shownColumns();
      const list = this.byColumn[card?.column ?? shown.find((column) => this.byColumn[column.key].length)?.key];
      if (!list?.length) return;
      const at = card ? list.indexOf(card) + by : 0;
      if (list[at]) this.goTo(list[at]);
    },
    stepAcross(by) {
      const card = this.currentCard();
      const filled = this.shownColumns().filter((column) => this.byColumn[column.key].length);
      const at = card ? filled.findIndex((column) => column.key === card.column) + by : 0;
      if (!filled[at]) return;
      const row = card ? this.byColumn[card.column].indexOf(card) : 0;
      const list = this.byColumn[filled[at].key];
      if (this.isOneAtATime) this.current = filled[at].key;
      nextTick(() => this.goTo(list[Math.min(row, list.length - 1)]));
    },
    shownColumns() {
      return this.columns.filter((column) => !column.done || this.doneOpen || this.isOneAtATime || this.isTable);
    },
    actByKey(card, verb) {
      const state = this.statuses[card.status];
      const offered = [card.next ?? state.next, ...this.menuOf(card)].filter(Boolean);
      if (offered.some((item) => item.verb === verb)) return this.act(card, verb);
      const name = KEY_LIST[2].keys.find(([key]) => VERB_KEYS[key] === verb)[1];
      this.tell(`${name}: not for job ${card.id} now, it is “${state.label}”`);
    },
    tell(text) {
      this.announced = text;
      clearTimeout(this.telling);
      this.told = text;
      this.telling = setTimeout(() => (this.told = ""), TOLD_MS);
    },
    letGo() {
      if (this.help) this.help = false;
      else if (this.$refs.bar.isOpen()) this.$refs.bar.close(true);
      else this.chooseNone();
    },

    // ---------- several at once ----------

    toggleChoosing() {
      if (this.choosing) return this.chooseNone();
      this.choosing = true;
    },
    chooseNone() {
      this.choosing = false;
      this.chosen = new Set();
      this.lastChosen = null;
    },
    pick(card, toHere) {
      this.choosing = true;
      const chosen = new Set(this.chosen);
      const ids = toHere ? this.between(card) : [card.id];
      const on = toHere || !chosen.has(card.id);
      for (const id of ids) on ? chosen.size < MOST_CHOSEN && chosen.add(id) : chosen.delete(id);
      this.chosen = chosen;
      this.lastChosen = card.id;
    },
    between(card) {
      const list = this.byColumn[card.column];
      const from = list.findIndex((other) => other.id === this.lastChosen);
      if (from < 0) return [card.id];
      const to = list.indexOf(card);
      return list.slice(Math.min(from, to), Math.max(from, to) + 1).map((other) => other.id);
    },
    many(verb) {
      this.$emit("many", { ids: [...this.chosen], verb });
    },
    // What can be done with any of those that are chosen, and with how many of them.
    manyVerbs() {
      const found = new Map();
      for (const id of this.chosen) {
        const card = this.jobs.get(id);
        if (!card) continue;
        const state = this.statuses[card.status];
        for (const item of [card.next ?? state.next, ...state.menu]) {
          if (!item || !MANY.includes(item.verb)) continue;
          const known = found.get(item.verb) ?? { ...item, count: 0 };
          known.count += 1;
          found.set(item.verb, known);
        }
      }
      return MANY.flatMap((verb) => (found.has(verb) ? [found.get(verb)] : []));
    },

    tick() {
      if (!document.hidden) this.now = Date.now();
    },
    cardsOf(column) {
      return this.byColumn[column.key];
    },
    count(column) {
      return this.counts[column.key] ?? 0;
    },
    isFresh(card) {
      return card.new && !this.looked.has(card.id);
    },
    ageOf(card) {
      return ageInWords(Date.parse(card.since), this.now);
    },
    exactOf(card) {
      const since = this.clock.format(new Date(card.since));
      const sent = this.clock.format(new Date(card.created));
      const when = since === sent ? `Sent ${sent}` : `${this.statuses[card.status].label} since ${since}, sent ${sent}`;
      return card.looked ? `${when}, first looked at by ${card.looked}` : when;
    },
    waitingFor(card) {
      const held = this.held.get(card.id);
      return held === GONE ? "not here any more" : this.statuses[held?.status]?.label;
    },
    jobHref(id) {
      return path(`/jobs/${id}`);
    },
    fileHref(id) {
      return path(`/files/${id}/authoritative`);
    },
  },
  template: `
    <div class="pl-board" :class="{ 'is-compact': dense, 'is-table': isTable, 'is-needs': query.view === 'needs', 'is-tabs': tabs && !isTable, 'is-choosing': choosing }">
      <board-bar ref="bar" :query="query" :orders="orders" :needs="tally.needs" :found="found()" :views="mine" :sound="sound" :desktop="desktop" :groups="groups" :compact="compact" :tabs="tabs" :choosing="choosing"
                 @look="look" @filters="$emit('filters')" @density="toggleCompact" @layout="toggleTabs" @choosing="toggleChoosing" @keys="help = !help"
                 @sound="toggleSound" @desktop="toggleDesktop" @save="$emit('save-view', $event)" @drop="$emit('delete-view', { id: $event })">
        <div v-if="isTable" class="plb-bar__filter">
          <button type="button" class="plb-tool" :aria-expanded="String(picking)" title="Columns of the table" @click="picking = !picking">
            <i class="material-icons" aria-hidden="true">view_week</i><span>Columns</span></button>
          <section v-if="picking" class="plb-filters plb-filters--columns" aria-label="Columns of the table" @keydown.esc.stop="picking = false">
            <label v-for="column in allColumns.filter((one) => !one.fixed)" :key="column.key" class="plb-choice">
              <input type="checkbox" :checked="tableKeys.includes(column.key)" @change="toggleColumn(column.key)"><span>{{ column.label }}</span></label>
          </section>
        </div>
      </board-bar>
      <div v-if="!isTable" class="pl-board__tabs" role="tablist" aria-label="Jobs by column" @keydown="tabKey">
        <button v-for="column in open" :key="column.key" type="button" role="tab" :id="'plb-tab-' + column.key"
                class="plb-tab" :class="column.tone" :aria-selected="current === column.key"
                :tabindex="current === column.key ? 0 : -1" :aria-controls="'plb-col-' + column.key"
                @click="current = column.key">
          <i class="material-icons" aria-hidden="true">{{ column.icon }}</i>
          <span>{{ column.label }}</span><span class="plb-count">{{ count(column) }}</span>
        </button>
      </div>
      <p v-if="query.view === 'needs' && !query.narrowed && !open.length" class="plb-nothing" role="status"><b>Nothing waits for you.</b> New uploads, accepted quotes, finished prints and whatever went wrong appear here.</p>
      <p v-if="nothing" class="plb-nothing" role="status"><b>No job matches.</b> Search looks in number, name, e-mail, file, course, notes and colour, also of jobs that ended.
        <button type="button" class="plb-link" @click="$refs.bar.clear()">Show all jobs</button></p>
      <div v-if="isTable" class="plb-table">
        <div class="plb-row plb-row--head">
          <span v-if="choosing" class="plb-pick"></span>
          <span v-for="column in tableColumns" :key="column.key" class="plb-cell" :class="'plb-cell--' + column.key" :style="{ width: column.px + 'px' }">
            <button v-if="column.order" type="button" :aria-pressed="String(query.order === column.order)" :title="'Sort by ' + column.label"
                    @click="$refs.bar.put('order', column.order)">{{ column.label }}<i v-if="query.order === column.order" class="material-icons" aria-hidden="true">arrow_drop_down</i></button>
            <template v-else>{{ column.label }}</template></span>
        </div>
        <section v-for="column in columns" :key="column.key" class="plb-table__part" :aria-label="column.label">
          <h2 v-if="count(column) || column.key === 'open'" class="plb-column__head" :class="column.tone"><span class="plb-column__name">{{ column.label }}</span><span class="plb-count">{{ count(column) }}</span></h2>
          <board-column ref="lists" :column="column.key" :cards="cardsOf(column)" :count="count(column)" :px="usualPx" @more="$emit('more', { column: column.key })">
            <template #card="{ card }">
              <board-row :card="card" :state="statuses[card.status]" :columns="tableColumns" :age="ageOf(card)" :exact="exactOf(card)" :fresh="isFresh(card)"
                         :words="query.words" :now="now" :choosing="choosing" :chosen="chosen.has(card.id)" :waiting="waitingFor(card)"
                         @enter="enter(card, $event)" @leave="leave(card)" @look="lookAt(card.id)" @choose="pick(card, $event.shiftKey)"
                         @act="act(card, $event)" @file="$emit('file', { id: card.id })" @menu="openMenu(card, $event)" />
            </template>
            <template v-if="column.key === 'open'" #empty>{{ column.empty }}</template>
          </board-column>
        </section>
      </div>
      <div v-else ref="columns" class="pl-board__columns">
        <section v-for="column in open" :key="column.key" :id="'plb-col-' + column.key" class="plb-column"
                 :class="[column.tone, { 'plb-column--done': column.done, 'is-current': current === column.key,
                          'is-folded': column.done && !doneOpen }]" :aria-label="column.label">
          <h2 class="plb-column__head">
            <span class="pl-status-icon"><i class="material-icons" aria-hidden="true">{{ column.icon }}</i
              ><span v-if="column.ring" class="pl-ring"></span></span>
            <span class="plb-column__name">{{ column.label }}</span>
            <span class="plb-count">{{ count(column) }}</span>
            <button v-if="column.key === freshColumn && freshCount && count(column)" type="button" class="plb-fresh"
                    @click="showFresh">{{ freshCount }} new</button>
          </h2>
          <board-column ref="lists" :column="column.key" :cards="cardsOf(column)" :count="count(column)" :px="usualPx"
                        @more="$emit('more', { column: column.key })">
            <template #card="{ card }">
              <board-card :card="card" :state="statuses[card.status]" :age="ageOf(card)" :exact="exactOf(card)" :words="query.words"
                          :tomorrow="tomorrow" :fresh="isFresh(card)" :waiting="waitingFor(card)" :compact="dense" :now="now"
                          :choosing="choosing" :chosen="chosen.has(card.id)" @choose="pick(card, $event.shiftKey)"
                          @enter="enter(card, $event)" @leave="leave(card)" @look="lookAt(card.id)"
                          @act="act(card, $event)" @file="$emit('file', { id: card.id })" @peek="peekAt(card, $event)" @menu="openMenu(card, $event)" />
            </template>
            <template #empty>{{ column.empty }}</template>
          </board-column>
        </section>
        <div v-if="finished.length" class="plb-rail">
          <button type="button" class="plb-rail__done" :aria-expanded="String(doneOpen)"
                  :title="doneOpen ? 'Hide the rejected and picked-up jobs' : 'Show the rejected and picked-up jobs'"
                  @click="toggleDone">
            <i class="material-icons" aria-hidden="true">{{ doneOpen ? "last_page" : "first_page" }}</i>
            <span class="plb-rail__name">{{ doneOpen ? "Hide done" : "Done" }}</span
            ><span v-if="!doneOpen" class="plb-count">{{ doneCount }}</span>
          </button>
        </div>
      </div>
      <div v-if="choosing" class="plb-many" role="toolbar" aria-label="For all chosen jobs">
        <b>{{ chosen.size }} chosen</b>
        <button v-for="item in manyVerbs()" :key="item.verb" type="button" class="plb-tool" :class="{ 'plb-tool--danger': item.danger }" @click="many(item.verb)">
          <i class="material-icons" aria-hidden="true">{{ item.icon }}</i><span>{{ item.label }}</span><span v-if="item.count < chosen.size" class="plb-count">{{ item.count }}</span></button>
        <button v-if="chosen.size" type="button" class="plb-tool" @click="many('export')"><i class="material-icons" aria-hidden="true">download</i><span>Export</span></button>
        <span class="pl-grow"></span>
        <button type="button" class="plb-link" @click="$emit('all')">Choose all {{ openCount() }}</button>
        <button type="button" class="plb-tool plb-tool--icon" aria-label="Choose none" title="Choose none (Esc)" @click="chooseNone"><i class="material-icons" aria-hidden="true">close</i></button>
      </div>
      <section v-if="help" class="plb-help" role="dialog" aria-label="Keyboard shortcuts" @keydown.esc.stop="help = false">
        <header><b>Keyboard</b><button type="button" class="plb-tool plb-tool--icon" aria-label="Close" @click="help = false"><i class="material-icons" aria-hidden="true">close</i></button></header>
        <dl v-for="part in keyList" :key="part.title"><dt>{{ part.title }}</dt>
          <dd v-for="[key, means] in part.keys" :key="key"><span>{{ means }}</span><kbd>{{ key }}</kbd></dd></dl>
      </section>
      <p v-if="told" class="plb-told" aria-hidden="true">{{ told }}</p>
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
