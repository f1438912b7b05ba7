import { path } from "board_card";

// Of the board: what is looked for stands in the address, so that it can be kept, sent to somebody, and gone back to.

export const inTheAddress = {
  data() {
    return { wish: null, wishes: 0 }; // the newest, as long as there is no answer to it; and how many there were
  },
  computed: {
    // What the next wish goes on from: of two quick ones the second holds the first.
    wanted() {
      return this.wish ?? this.query.params;
    },
  },
  mounted() {
    window.addEventListener("popstate", this.wentBack);
  },
  unmounted() {
    window.removeEventListener("popstate", this.wentBack);
  },
  methods: {
    look(params) {
      this.wish = params;
      this.$emit("look", { params, number: ++this.wishes });
    },
    answered(number) {
      if (number === this.wishes) this.wish = null;
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
