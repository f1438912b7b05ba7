import { markRaw, nextTick } from "vue";
import { departure, land } from "board_motion";

// Of the board: what the server sends. A card that would move away under the pointer waits until it has left.

const UNSEEN_MS = 100; // a page that nobody sees draws no picture

export const GONE = markRaw({}); // instead of a card: the job is not looked for any more

// A card as the board keeps it: what is the same for everybody, its place in this list, what this viewer can undo, and
// its day where that is at risk, in place of the day alone.
export function kept({ card, column, place, undo, deadline }) {
  const marks = deadline ? [deadline, ...card.marks.filter((mark) => !mark.due)] : card.marks;
  return markRaw({ ...card, marks, column, place, undo, deadline });
}

// Places are lists of numbers and texts, as the server sorts them.
export function inOrder(a, b) {
  for (let i = 0; i < a.place.length; i++) {
    if (a.place[i] < b.place[i]) return -1;
    if (a.place[i] > b.place[i]) return 1;
  }
  return 0;
}

export const followingTheServer = {
  created() {
    this.arriving = [];
  },
  methods: {
    // Called by the server. What comes before the next picture is drawn together: after a cut that is all that was missed.
    upsert(...change) {
      this.arriving.push(change);
      if (this.arriving.length > 1) return;
      requestAnimationFrame(this.takeIn);
      setTimeout(this.takeIn, UNSEEN_MS);
    },
    takeIn() {
      if (this.arriving.length) this.take(this.arriving.splice(0));
    },
    take(changes) {
      const due = new Map();
      for (const [entries, counts, tally, gone] of changes) {
        Object.assign(this, { counts, tally });
        for (const id of gone) {
          due.delete(id);
          this.depart(id);
        }
        for (const card of entries.map(kept)) if (this.isNewer(card, due.get(card.id)) && !this.holdBack(card)) due.set(card.id, card);
      }
      if (due.size) this.apply([...due.values()]);
      if (this.$refs.bar.open === "filters") this.countAgain();
    },
    // The next ones of a column: they were there before, so nothing moves and nobody is told.
    append(key, entries, counts, tally) {
      this.takeIn();
      this.counts = counts;
      this.tally = tally;
      for (const card of entries.map(kept)) if (this.isNewer(card) && !this.holdBack(card)) this.jobs.set(card.id, card);
    },
    replace({ query, answers, columns, cards, counts, tally, ageLimits }) {
      this.takeIn();
      this.answered(answers);
      const narrowed = JSON.stringify(query.params) !== JSON.stringify(this.query.params);
      Object.assign(this, { query, columns, counts, tally, ageLimits });
      if (!narrowed) {
        const present = new Set(cards.map(({ card }) => card.id));
        for (const list of this.$refs.lists ?? []) list.askAgain();
        return this.take([[cards, counts, tally, [...this.jobs.keys()].filter((id) => !present.has(id))]]);
      }
      this.held.clear();
      this.hovered = null;
      this.jobs.clear();
      for (const card of cards.map(kept)) this.jobs.set(card.id, card);
      for (const list of this.$refs.lists ?? []) list.begin();
      this.showAddress();
      if (this.$refs.bar.open === "filters") this.$emit("filters");
      this.announced = `${this.countOf(...this.columns)} found`;
    },
    depart(id) {
      if (this.hovered === id && this.jobs.has(id)) this.held.set(id, GONE);
      else this.remove(id);
    },
    remove(id) {
      this.jobs.delete(id);
      this.held.delete(id);
    },
    isNewer(card, known = this.held.get(card.id) ?? this.jobs.get(card.id)) {
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
      const flights = changed.map((card) => this.takeOff(card));
      for (const card of changed) {
        if (!card.new) this.looked.delete(card.id); // when the student sends it again it is new again
        this.jobs.set(card.id, card);
      }
      this.announce(changed);
      await nextTick();
      for (const flight of flights) if (flight) land(flight, this.elementOf(flight.id), this.$el);
    },
    takeOff(card) {
      const shown = this.jobs.get(card.id);
      const stays = !shown || shown.column === card.column || this.isTable;
      return stays ? null : departure(card.id, this.elementOf(card.id));
    },
    announce(changed) {
      const card = changed[changed.length - 1];
      this.announced = `Job ${card.id}, ${card.who}: ${this.statuses[card.status]?.label ?? ""}`;
    },
  },
};
