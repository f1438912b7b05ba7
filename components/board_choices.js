// Of the board: how this person has it, on every computer.

export const choosingHowItLooks = {
  methods: {
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
  },
};
