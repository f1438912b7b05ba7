// Says whether this page hears from the server.
export default {
  template: `<span class="pl-live" :class="{'pl-live-off': !up}" role="status">{{ up ? "live" : "reconnecting" }}</span>`,
  data() {
    return { up: true };
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
