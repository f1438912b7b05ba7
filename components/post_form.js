// A form that is posted to a plain route, because the answer sets a cookie. A refusal is shown without leaving the
// page, so nothing typed is lost.
export default {
  template: `<form class="pl-form" method="post" :action="action" @submit.prevent="send"><slot></slot></form>`,
  props: { action: String },
  emits: ["sending", "refused"],
  data() {
    return { running: false };
  },
  methods: {
    async send() {
      if (this.running) return;
      this.running = true;
      this.$emit("sending");
      const refused = (detail) => this.$emit("refused", { detail });
      try {
        const answer = await fetch((window.path_prefix ?? "") + this.action, {
          method: "POST",
          headers: { Accept: "application/json" },
          body: new URLSearchParams(new FormData(this.$el)),
        });
        const content = await answer.json();
        if (answer.ok) window.location.assign((window.path_prefix ?? "") + content.next);
        else refused(content.detail);
      } catch {
        refused("The server did not answer. Check the connection and try again.");
      } finally {
        this.running = false;
      }
    },
  },
};
