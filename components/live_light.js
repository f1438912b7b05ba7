// Says whether this page hears from the server, and whether that reaches the lab's database.
const WORDS = {
  live: ["live", "What you see is how it is: changes appear by themselves."],
  reconnecting: ["reconnecting", "This page does not hear from the server. What you see may be old."],
  stale: ["stale", "The server does not reach the lab's database. What you see may be old, and nothing can be changed."],
};

export default {
  template: `
    <span class="pl-live" :class="{'pl-live-off': state !== 'live'}" :title="words[1]" role="status">{{ words[0] }}<span
      v-if="since" class="pl-live-since">&nbsp;since {{ since }}</span></span>`,
  props: { stale: Boolean },
  data() {
    return { up: true, since: "" };
  },
  computed: {
    state() {
      if (!this.up) return "reconnecting";
      return this.stale ? "stale" : "live";
    },
    words() {
      return WORDS[this.state];
    },
  },
  watch: {
    state: {
      immediate: true,
      handler(state) {
        const clock = { hour: "2-digit", minute: "2-digit" };
        this.since = state === "live" ? "" : new Date().toLocaleTimeString("en-GB", clock);
      },
    },
  },
  mounted() {
    this.poll = setInterval(() => {
      if (!window.socket) return;
      clearInterval(this.poll);
      window.socket.on("connect", this.online);
      window.socket.on("disconnect", this.offline);
    }, 100);
  },
  beforeUnmount() {
    clearInterval(this.poll);
    window.socket?.off("connect", this.online);
    window.socket?.off("disconnect", this.offline);
  },
  methods: {
    online() {
      this.up = true;
    },
    offline() {
      this.up = false;
    },
  },
};
