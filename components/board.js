import { markRaw, nextTick, provide, shallowReactive } from "vue";
import { inTheAddress } from "board_address";
import { ageOf } from "board_age";
import { BoardBar } from "board_bar";
import { BoardCard } from "board_card";
import { choosingHowItLooks } from "board_choices";
import { BoardColumn } from "board_column";
import { offeringCommands } from "board_commands";
import { takingFiles } from "board_drops";
import { GONE, followingTheServer, inOrder, kept } from "board_following";
import { KeyHelp, byKeyboard } from "board_keys";
import { BoardMany, choosingSeveral } from "board_many";
import { BoardMenu } from "board_menu";
import { BoardPeek } from "board_peek";
import { BoardRow, COLUMNS, USUAL, widthOf } from "board_row";
import { tellingOfNew } from "board_tell";
import { CardUploads } from "board_uploads";

// The staff board: fed with the beginning of each column, with more of it as somebody scrolls there, and with single
// cards as they change. Every text comes in as data and is rendered as text. Columns, labels and icons come from the
// server, so that the table of moves exists once. Here are its state and its layout; what the server sends and what people
// do is in the parts that are mixed in.

const LOOK_MS = 400;
const TICK_MS = 20_000;
const ROW_PX = 41;
const CARD_PX = 128; // until the first ones are measured
const COMPACT_PX = 54;
const PHONE = "(max-width: 759px)"; // has whole cards, as in board.css
const COUNT_MS = 500;
const TOLD_MS = 4000;

export default {
  components: { BoardBar, BoardCard, BoardColumn, BoardMany, BoardMenu, BoardPeek, BoardRow, KeyHelp },
  mixins: [
    followingTheServer, inTheAddress, byKeyboard, offeringCommands, choosingSeveral, choosingHowItLooks, takingFiles, tellingOfNew,
  ],
  props: { first: Object, own: Object, views: Array, statuses: Object, orders: Array, zone: String, mostCounted: Number },
  emits: ["verb", "file", "part", "upload", "more", "look", "filters", "seen", "many", "all", "keep", "save-view", "delete-view"],
  setup(props, { emit }) {
    const jobs = shallowReactive(new Map(props.first.cards.map((entry) => [entry.card.id, kept(entry)])));
    const uploads = markRaw(
      new CardUploads((id, staged) => emit("upload", { id, version: jobs.get(id)?.version ?? 0, staged })),
    );
    provide("uploads", uploads);
    return { jobs, uploads };
  },
  data() {
    const { query, columns, counts, tally, ageLimits } = this.first;
    return {
      query,
      columns,
      counts,
      tally,
      ageLimits, // of each status
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
      announced: "",
      told: "",
    };
  },
  created() {
    this.hovered = this.pointed = null;
    this.pointer = [];
    this.clock = new Intl.DateTimeFormat("en-GB", {
      timeZone: this.zone, weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit",
    });
  },
  mounted() {
    this.ticker = setInterval(() => (this.now = Date.now()), TICK_MS);
    document.addEventListener("visibilitychange", this.tick);
    window.addEventListener("resize", this.resized);
    window.addEventListener("pointermove", this.moved, { passive: true });
  },
  unmounted() {
    clearInterval(this.ticker);
    document.removeEventListener("visibilitychange", this.tick);
    window.removeEventListener("resize", this.resized);
    window.removeEventListener("pointermove", this.moved);
  },
  watch: {
    open(columns) {
      if (!columns.some((column) => column.key === this.current)) this.current = columns[0]?.key ?? this.columns[0].key;
    },
  },
  computed: {
    dense() {
      return this.compact && !this.narrow;
    },
    doneOpen() {
      return this.doneWish ?? this.query.narrowed;
    },
    // What waits for nobody takes no room, nor what has nothing that is looked for: what is found would be out of sight.
    open() {
      const isSparse = this.query.view === "needs" || this.query.narrowed;
      const isFilled = (column) => this.count(column) || this.byColumn[column.key].length; // one may wait for the pointer
      return isSparse ? this.columns.filter(isFilled) : this.columns;
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
      return this.columns.find((column) => column.fresh)?.key;
    },
    nothing() {
      return this.query.narrowed && this.columns.every((column) => !this.count(column));
    },
  },
  methods: {
    // How many jobs these columns have. Of those that ended, what is looked for is counted only so far.
    countOf(...columns) {
      const most = ({ done }) => (done && this.query.narrowed ? this.mostCounted : Infinity);
      const sum = columns.reduce((sum, column) => sum + Math.min(this.count(column), most(column)), 0);
      return sum.toLocaleString("en") + (columns.some((column) => this.count(column) > most(column)) ? "+" : "");
    },
    openCount() {
      return this.columns.reduce((sum, column) => sum + (column.done ? 0 : this.count(column)), 0);
    },
    showFilters(groups) {
      this.groups = groups;
    },
    widthOf,
    countAgain() {
      clearTimeout(this.counting);
      this.counting = setTimeout(() => this.$emit("filters"), COUNT_MS);
    },
    elementOf(id) {
      return this.$el.querySelector(`[data-job="${Number(id)}"]`);
    },

    // What comes to lie below a pointer that rests, as when a dialog closes, is not what somebody points at.
    moved({ clientX, clientY }) {
      this.pointer = [clientX, clientY];
      this.pointed = this.hovered;
    },
    enter(card, event) {
      if (event.pointerType === "touch") return this.lookAt(card.id);
      this.pointed = event.clientX === this.pointer[0] && event.clientY === this.pointer[1] ? null : card.id;
      if (this.hovered !== null && this.hovered !== card.id) this.leave({ id: this.hovered }); // it went, not the pointer
      this.hovered = card.id;
      clearTimeout(this.looking);
      this.looking = setTimeout(() => this.hovered === card.id && this.lookAt(card.id), LOOK_MS);
    },
    // Whoever passes with the keyboard has not looked.
    focused(card) {
      clearTimeout(this.looking);
      const stays = () => this.elementOf(card.id)?.contains(document.activeElement);
      this.looking = setTimeout(() => stays() && this.lookAt(card.id), LOOK_MS);
    },
    leave(card) {
      if (this.hovered === card.id) this.hovered = this.pointed = null;
      if (this.$refs.menu.jobId !== card.id) this.release(card.id);
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

    showViews(views) {
      this.mine = views;
    },

    act(card, verb) {
      this.$refs.menu.close();
      this.$emit("verb", { id: card.id, version: card.version, verb });
    },
    openMenu(card, button) {
      this.$refs.menu.open(card, this.menuOf(card), this.statuses[card.status].takes, button);
    },
    menuClosed(id) {
      if (this.hovered !== id) this.release(id);
    },
    menuOf(card) {
      const undo = card.undo && Date.now() <= Date.parse(card.undo.until) ? [card.undo] : [];
      return [...undo, ...this.statuses[card.status].menu];
    },

    tell(text) {
      this.announced = text;
      clearTimeout(this.telling);
      this.told = text;
      this.telling = setTimeout(() => (this.told = ""), TOLD_MS);
    },

    tick() {
      if (!document.hidden) this.now = Date.now();
    },
    resized() {
      this.narrow = matchMedia(PHONE).matches;
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
      return ageOf(Date.parse(card.since), this.now, this.ageLimits[card.status]);
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
  },
  template: `
    <div class="pl-board" :class="{ 'is-compact': dense, 'is-table': isTable, 'is-needs': query.view === 'needs', 'is-tabs': tabs && !isTable, 'is-choosing': choosing }">
      <board-bar ref="bar" :query="query" :wanted="wanted" :orders="orders" :needs="tally.needs" :found="openCount()" :views="mine" :sound="sound" :desktop="desktop" :groups="groups" :compact="compact" :tabs="tabs" :choosing="choosing"
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
          <span>{{ column.label }}</span><span class="plb-count">{{ countOf(column) }}</span>
        </button>
      </div>
      <p v-if="query.view === 'needs' && !query.narrowed && !open.length" class="plb-nothing" role="status"><b>Nothing waits for you.</b> New uploads, accepted quotes, finished prints and whatever went wrong appear here.</p>
      <p v-if="nothing && query.view === 'needs'" class="plb-nothing" role="status"><b>Nothing that waits for you matches.</b>
        <button type="button" class="plb-link" @click="$refs.bar.put('view', 'board')">Look among all jobs</button></p>
      <p v-else-if="nothing" class="plb-nothing" role="status"><b>No job matches.</b> Search looks in number, name, e-mail, file, course, notes and colour, also of jobs that ended.
        <button type="button" class="plb-link" @click="$refs.bar.clear()">Show all jobs</button></p>
      <div v-if="isTable" class="plb-table">
        <div class="plb-row plb-row--head">
          <span v-if="choosing" class="plb-pick"></span>
          <span v-for="column in tableColumns" :key="column.key" class="plb-cell" :class="'plb-cell--' + column.key" :style="widthOf(column)">
            <button v-if="column.order" type="button" :aria-pressed="String(query.order === column.order)" :title="'Sort by ' + column.label"
                    @click="$refs.bar.put('order', column.order)">{{ column.label }}<i v-if="query.order === column.order" class="material-icons" aria-hidden="true">arrow_drop_down</i></button>
            <template v-else>{{ column.label }}</template></span>
        </div>
        <section v-for="column in columns" :key="column.key" class="plb-table__part" :aria-label="column.label">
          <h2 v-if="count(column) || column.key === 'open'" class="plb-column__head" :class="column.tone"><span class="plb-column__name">{{ column.label }}</span><span class="plb-count">{{ countOf(column) }}</span></h2>
          <board-column ref="lists" :column="column.key" :cards="cardsOf(column)" :count="count(column)" :px="usualPx" @more="$emit('more', { column: column.key })">
            <template #card="{ card }">
              <board-row :card="card" :state="statuses[card.status]" :columns="tableColumns" :age="ageOf(card)" :exact="exactOf(card)" :fresh="isFresh(card)"
                         :words="query.words" :choosing="choosing" :chosen="chosen.has(card.id)" :waiting="waitingFor(card)"
                         @enter="enter(card, $event)" @leave="leave(card)" @look="focused(card)" @choose="pick(card, $event.shiftKey)"
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
            <span class="plb-count">{{ countOf(column) }}</span>
            <button v-if="column.key === freshColumn && freshCount && !query.narrowed" type="button" class="plb-fresh"
                    @click="showFresh">{{ freshCount }} new</button>
          </h2>
          <board-column ref="lists" :column="column.key" :cards="cardsOf(column)" :count="count(column)" :px="usualPx"
                        @more="$emit('more', { column: column.key })">
            <template #card="{ card }">
              <board-card :card="card" :state="statuses[card.status]" :age="ageOf(card)" :exact="exactOf(card)" :words="query.words"
                          :fresh="isFresh(card)" :waiting="waitingFor(card)" :compact="dense" :now="now"
                          :choosing="choosing" :chosen="chosen.has(card.id)" @choose="pick(card, $event.shiftKey)"
                          @enter="enter(card, $event)" @leave="leave(card)" @look="focused(card)"
                          @act="act(card, $event)" @file="$emit('file', { id: card.id })" @peek="$refs.peek.at(card, $event)" @menu="openMenu(card, $event)" />
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
            ><span v-if="!doneOpen" class="plb-count">{{ countOf(...finished) }}</span>
          </button>
        </div>
      </div>
      <board-many v-if="choosing" :chosen="chosen" :verbs="manyVerbs()" :total="openCount()" :most="mostChosen" @many="many" @all="$emit('all')" @none="chooseNone" />
      <key-help v-if="help" @close="help = false" />
      <p v-if="told" class="plb-told" aria-hidden="true">{{ told }}</p>
      <board-menu ref="menu" @act="act" @upload="chooseFile" @closed="menuClosed" />
      <board-peek ref="peek" :jobs="jobs" @part="$emit('part', { id: $event })" />
      <input ref="picker" type="file" hidden tabindex="-1" aria-label="File for a job">
      <p class="pl-sr" aria-live="polite">{{ announced }}</p>
    </div>
  `,
};
