// Removes what kept_typing.js has kept in this tab.
export default {
  template: "<span hidden></span>",
  props: { prefix: String },
  mounted() {
    try {
      for (const name of Object.keys(sessionStorage)) if (name.startsWith(this.prefix)) sessionStorage.removeItem(name);
    } catch {
      // a browser that keeps nothing has nothing to forget
    }
  },
};
