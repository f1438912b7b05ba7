import { path } from "board_card";

// Of the board: what is looked for stands in the address, so that it can be kept, sent to somebody, and gone back to.

export const inTheAddress = {
  mounted() {
    window.addEventListener("popstate", this.wentBack);
  },
  unmounted() {
    window.removeEventListener("popstate", this.wentBack);
  },
  methods: {
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
  },
};
