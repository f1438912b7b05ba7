// Keeps the page in touch with its server, which says something every _SPEAKS_EVERY_S of pages/_socket.py. Silence
// is noticed here: neither a cable that was pulled nor a process that was stopped tells anybody, and the framework waits long.
// A page whose process died is loaded again from another one as soon as it knocks there.
const FIRST_MS = 200;
const LONGEST_MS = 3000;
const ANSWERED_WITHIN_MS = 4000;
const SILENT_MS = 6000;
const LOOK_EVERY_MS = 1000;
// The proxy learns by it that a process is stopped, and sends what comes next to another.
const PROBE = "/healthz/live";
// What a person does, and would not want done minutes later. What the page itself tells (a dialog is hidden, a file has
// arrived) is told however late: its server would wait for it.
const ACTS = new Set(["click", "submit", "verb", "many", "file", "part", "saveView", "deleteView", "printlab_undo"]);

export default {
  template: "<span hidden></span>",
  mounted() {
    // What was said and perhaps not heard: since the last word of the server, and before that since the one before. Its
    // next word is an answer to ours, so by then all that was said before has arrived. Each with its element as it was.
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
      socket.io.on("open", this.dropActs);
      socket.on("connect", this.begin);
      socket.on("disconnect", this.sayAgain);
      socket.onAnyOutgoing(this.note);
      this.stayWhenNobodyAnswers(socket);
      this.watch = setInterval(this.look, LOOK_EVERY_MS);
      document.addEventListener("visibilitychange", this.look);
      window.addEventListener("online", this.look);
      window.addEventListener("pageshow", this.look);
    },
    // What waited has just been sent, and noted: another cut may come before it is heard.
    begin() {
      this.wasConnected = true;
      this.heardAt = Date.now();
    },
    hear() {
      this.heardAt = Date.now();
      this.saidBefore = this.said;
      this.said = [];
    },
    note(name, message) {
      if (name === "event") this.said.push({ message, element: this.$root.elements[message.id] });
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
      for (const said of [...this.saidBefore, ...this.said]) {
        const { listener_id } = said.message;
        latest.delete(listener_id);
        latest.set(listener_id, said);
      }
      this.saidBefore = this.said = [];
      for (const said of latest.values()) if (this.stillHolds(said)) window.socket.emit("event", said.message);
    },
    // A value may be said twice, but not one in whose place the server has put another since.
    stillHolds({ message, element }) {
      const type = this.typeOf(message);
      if (!type?.startsWith("update:")) return false;
      const now = this.$root.elements[message.id];
      return now === element || this.shown(message.id, now, type) === message.args[0];
    },
    // As JSON, as it is said. Text fields keep theirs to themselves; the framework puts other values into the properties,
    // in a list where the server has not set them.
    shown(id, element, type) {
      const name = type.slice("update:".length).replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      const value = this.$root.$refs[`r${id}`]?.inputValue ?? element.props[name];
      return JSON.stringify(element.props.loopback === false && Array.isArray(value) ? value[0] : value);
    },
    // The framework keeps all that is said without a connection, and sends it on return.
    dropActs() {
      const { socket } = window;
      socket.sendBuffer = socket.sendBuffer.filter(({ data: [name, message] }) => name !== "event" || !ACTS.has(this.typeOf(message)));
    },
    typeOf({ id, listener_id }) {
      return this.$root.elements[id]?.events.find((event) => event.listener_id === listener_id)?.type;
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
