// What staff and the student wrote to each other, the newest last. Tells when something new is before somebody's eyes.
// Every text comes in as data and is rendered as text.
export default {
  props: { messages: Array },
  emits: ["seen"],
  mounted() {
    this.observer = new IntersectionObserver(([entry]) => {
      this.inSight = entry.isIntersecting;
      this.look();
    });
    this.observer.observe(this.$el);
    document.addEventListener("visibilitychange", this.look);
  },
  unmounted() {
    this.observer.disconnect();
    document.removeEventListener("visibilitychange", this.look);
  },
  watch: {
    messages: { handler: "look", flush: "post" },
  },
  methods: {
    look() {
      const isSeen = this.inSight && document.visibilityState === "visible";
      if (isSeen && this.messages.some((message) => message.isNew)) this.$emit("seen");
    },
  },
  template: `
    <ol class="pl-thread" aria-live="polite" aria-relevant="additions">
      <li v-for="message in messages" :key="message.id" class="pl-message" :class="{ 'pl-message--own': message.isOwn }">
        <p class="pl-message__head"><b>{{ message.who }}</b> <time :datetime="message.at">{{ message.when }}</time></p>
        <p class="pl-message__text">{{ message.text }}</p>
        <p v-if="message.seen" class="pl-message__seen">{{ message.seen }}</p>
      </li>
    </ol>
  `,
};
