import { VERB_KEYS } from "board_keys";

// Of the board: what it offers to the palette.

export const offeringCommands = {
  mounted() {
    window.addEventListener("printlab:commands", this.addCommands);
  },
  unmounted() {
    window.removeEventListener("printlab:commands", this.addCommands);
  },
  methods: {
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
        detail.push({ label: `View in 3D: ${of}`, icon: "view_in_ar", key: "v", run: () => this.$emit("part", { id: card.id }) });
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
  },
};
