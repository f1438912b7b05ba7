// Keeps the page in touch with its server, which says something every PING_S of pages/_socket.py. Silence is noticed
// here: neither a cable that was pulled nor a process that was stopped tells anybody, and the framework waits long.
// A page whose process died is loaded again from another one as soon as it knocks there.
const FIRST_MS = 200;
const LONGEST_MS = 3000;
const ANSWERED_WITHIN_MS = 4000;
const SILENT_MS = 6000;
const LOOK_EVERY_MS = 1000;
// The proxy learns by it that a process is stopped, and sends what comes next to another.
const PROBE = "/healthz/live";

export default {
  template: "<span hidden></span>",
  mounted() {
    // What was typed and not yet heard: since the last word of the server, and before that since the one before. Its
    // next word is an answer to ours, so by then all that was said before has arrived.
    this.saidBefore = [];
    this.said = [];
    this.heardAt = Date.now();
    // The page opens its connection once all that is on it has been mounted.
    setTimeout(this.listen);
  },
  beforeUnmount() {
    clearInterval(this.watch);
    for (const target of [document, window])
      for (const name of ["visibilitychange", "online", "pageshow"]) target.removeEventListener(name, this.look);
  },
  methods: {
    listen() {
      const { socket } = window;
      if (!socket) return;
      socket.io.reconnectionDelay(FIRST_MS).reconnectionDelayMax(LONGEST_MS).timeout(ANSWERED_WITHIN_MS);
      socket.io.on("ping", this.hear);
      socket.on("connect", this.begin);
      socket.on("disconnect", this.sayAgain);
      socket.onAnyOutgoing(this.note);
      this.stayWhenNobodyAnswers(socket);
      this.watch = setInterval(this.look, LOOK_EVERY_MS);
      document.addEventListener("visibilitychange", this.look);
      window.addEventListener("online", this.look);
      window.addEventListener("pageshow", this.look);
    },
    begin() {
      this.wasConnected = true;
      this.saidBefore = this.said = [];
      this.hear();
    },
    hear() {
      this.heardAt = Date.now();
      this.saidBefore = this.said;
      this.said = [];
    },
    note(name, message) {
      if (name === "event") this.said.push(message);
    },
    // The clock of a computer that slept has jumped, so waking is noticed here too, at once.
    look() {
      if (!this.wasConnected || Date.now() - this.heardAt < SILENT_MS) return;
      this.heardAt = Date.now();
      fetch(`${window.path_prefix ?? ""}${PROBE}`, { cache: "no-store", signal: AbortSignal.timeout(ANSWERED_WITHIN_MS) })
        .catch(() => {})
        .then(this.knock);
      if (window.socket.connected) window.socket.disconnect();
    },
    knock() {
      const { socket } = window;
      if (socket.connected) return;
      socket.io.opts.query.next_message_id = window.nextMessageId; // else the framework loads the page again
      socket.disconnect().connect();
    },
    // What is said while there is no connection is sent once there is one, in this order.
    sayAgain() {
      const latest = new Map();
      for (const message of [...this.saidBefore, ...this.said]) {
        if (!this.isValue(message)) continue;
        latest.delete(message.listener_id);
        latest.set(message.listener_id, message);
      }
      this.saidBefore = this.said = [];
      for (const message of latest.values()) window.socket.emit("event", message);
    },
    // A text may be said twice, a click may not.
    isValue({ id, listener_id }) {
      const listener = this.$root.elements[id]?.events.find((event) => event.listener_id === listener_id);
      return listener?.type.startsWith("update:");
    },
    // The framework loads a page again that waits in vain, and a browser without a network then shows its own page.
    stayWhenNobodyAnswers(socket) {
      const others = [...socket.listeners("connect_error")];
      socket.off("connect_error");
      socket.on("connect_error", (error) => {
        if (this.wasConnected && error.message === "timeout") return;
        for (const other of others) other(error);
      });
    },
  },
};
