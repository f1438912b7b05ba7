// Of the board: several jobs are chosen, and something is done with all of them at once.

export const choosingSeveral = {
  props: { verbsOfSeveral: Array, mostChosen: Number },
  data() {
    return { choosing: false, chosen: new Set() };
  },
  created() {
    this.lastChosen = null;
  },
  methods: {
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
      for (const id of ids) on ? chosen.size < this.mostChosen && chosen.add(id) : chosen.delete(id);
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
          if (!item || !this.verbsOfSeveral.includes(item.verb)) continue;
          const known = found.get(item.verb) ?? { ...item, count: 0 };
          known.count += 1;
          found.set(item.verb, known);
        }
      }
      return this.verbsOfSeveral.flatMap((verb) => (found.has(verb) ? [found.get(verb)] : []));
    },
    choose(ids) {
      if (!ids.length) return this.chooseNone();
      this.choosing = true;
      this.chosen = new Set(ids);
    },
  },
};

// What can be done with those that are chosen.
export const BoardMany = {
  props: { chosen: Set, verbs: Array, total: Number, most: Number },
  emits: ["many", "all", "none"],
  template: `
    <div class="plb-many" role="toolbar" aria-label="For all chosen jobs">
      <b>{{ chosen.size }} chosen</b>
      <button v-for="item in verbs" :key="item.verb" type="button" class="plb-tool" :class="{ 'plb-tool--danger': item.danger }" @click="$emit('many', item.verb)">
        <i class="material-icons" aria-hidden="true">{{ item.icon }}</i><span>{{ item.label }}</span><span v-if="item.count < chosen.size" class="plb-count">{{ item.count }}</span></button>
      <button v-if="chosen.size" type="button" class="plb-tool" @click="$emit('many', 'export')"><i class="material-icons" aria-hidden="true">download</i><span>Export</span></button>
      <span class="pl-grow"></span>
      <button type="button" class="plb-link" @click="$emit('all')">{{ total > most ? "Choose the first " + most : "Choose all " + total }}</button>
      <button type="button" class="plb-tool plb-tool--icon" aria-label="Choose none" title="Choose none (Esc)" @click="$emit('none')"><i class="material-icons" aria-hidden="true">close</i></button>
    </div>
  `,
};
