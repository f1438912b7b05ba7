import { nextTick } from "vue";

// The board by keyboard: which key means what, and what each is called in the list of them.

export const VERB_KEYS = { a: "approve", r: "reject", s: "start", c: "complete", h: "hand-over", u: "undo" };

const KEY_LIST = [
  { title: "Find", keys: [["/", "Search"], ["f", "Filters"], ["g", "Next view: needs you, board, table"], ["Ctrl K", "Go anywhere, do anything"]] },
  { title: "Move", keys: [["j, ↓", "Next job"], ["k, ↑", "Previous job"], ["→", "Next column"], ["←", "Previous column"], ["Enter", "Open the job"], ["o", "Open its file"], ["v", "View its part in 3D"], ["m", "All its actions"]] },
  { title: "Do", keys: [["a", "Approve"], ["r", "Reject"], ["s", "Start"], ["c", "Complete"], ["h", "Hand over"], ["u", "Undo the last step"]] },
  { title: "Several", keys: [["x", "Choose the job"], ["Shift x", "Choose all up to this one"], ["Esc", "Choose none, close"]] },
];

// Keys belong to whoever types, to an open dialog and to the browser's own shortcuts first.
function isOurs(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return false;
  const target = event.target instanceof Element ? event.target : null;
  if (target?.closest("input:not([type=checkbox]), textarea, select, [contenteditable=true], [role=menu], [role=dialog]")) return false;
  return !document.querySelector(".q-dialog__inner:not([class*='-leave-active'])");
}

// Of the board: what each key does.
export const byKeyboard = {
  data() {
    return { help: false };
  },
  mounted() {
    document.addEventListener("keydown", this.key);
  },
  unmounted() {
    document.removeEventListener("keydown", this.key);
  },
  methods: {
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
        v: () => this.withCurrent((card) => this.$emit("part", { id: card.id })),
        m: () => this.withCurrent((card) => this.openMenu(card, this.elementOf(card.id).querySelector("[aria-haspopup=menu]"))),
        x: () => this.withCurrent((card) => this.pick(card, false)),
        X: () => this.withCurrent((card) => this.pick(card, shiftKey)),
        Escape: () => this.letGo(),
      };
      for (const [key, verb] of Object.entries(VERB_KEYS)) acts[key] = () => this.withCurrent((card) => this.actByKey(card, verb));
      return acts;
    },
    nextView() {
      const views = this.$refs.bar.kinds.map((view) => view.value);
      this.$refs.bar.put("view", views[(views.indexOf(this.query.view) + 1) % views.length]);
    },
    // The job that the keyboard is on; without one, the one under the pointer.
    currentCard() {
      const focused = document.activeElement?.closest("[data-job]");
      const id = focused ? Number(focused.dataset.job) : this.pointed;
      return this.jobs.get(id) ?? null;
    },
    withCurrent(act) {
      const card = this.currentCard();
      if (card) act(card);
      else this.stepTo(1);
    },
    stepTo(by) {
      const card = this.currentCard();
      if (!card) return this.stepInto();
      const list = this.byColumn[card.column];
      const next = list[list.indexOf(card) + by];
      if (next) this.goTo(next);
    },
    stepAcross(by) {
      const card = this.currentCard();
      if (!card) return this.stepInto();
      const filled = this.filledColumns();
      const beside = filled[filled.findIndex((column) => column.key === card.column) + by];
      if (beside) this.goInto(beside, this.byColumn[card.column].indexOf(card));
    },
    // Where the keyboard begins: in the column that is shown alone, or else in the first that has a job.
    stepInto() {
      const filled = this.filledColumns();
      const shownAlone = this.isOneAtATime && filled.find((column) => column.key === this.current);
      if (filled.length) this.goInto(shownAlone || filled[0], 0);
    },
    goInto(column, row) {
      const list = this.byColumn[column.key];
      if (this.isOneAtATime) this.current = column.key;
      nextTick(() => this.goTo(list[Math.min(row, list.length - 1)]));
    },
    filledColumns() {
      return this.shownColumns().filter((column) => this.byColumn[column.key].length);
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
    letGo() {
      if (this.help) this.help = false;
      else if (this.$refs.bar.isOpen()) this.$refs.bar.close(true);
      else this.chooseNone();
    },
    tabKey(event) {
      const at = this.open.findIndex((column) => column.key === this.current);
      const step = { ArrowRight: at + 1, ArrowLeft: at - 1 + this.open.length }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      this.current = this.open[step % this.open.length].key;
      nextTick(() => this.$el.querySelector("[role=tab][aria-selected=true]")?.focus());
    },
  },
};

// The list of the keys.
export const KeyHelp = {
  emits: ["close"],
  data() {
    return { parts: KEY_LIST };
  },
  template: `
    <section class="plb-help" role="dialog" aria-label="Keyboard shortcuts" @keydown.esc.stop="$emit('close')">
      <header><b>Keyboard</b><button type="button" class="plb-tool plb-tool--icon" aria-label="Close" @click="$emit('close')"><i class="material-icons" aria-hidden="true">close</i></button></header>
      <dl v-for="part in parts" :key="part.title"><dt>{{ part.title }}</dt>
        <dd v-for="[key, means] in part.keys" :key="key"><span>{{ means }}</span><kbd>{{ key }}</kbd></dd></dl>
    </section>
  `,
};
