// Of the board: files that are dropped on a card, or chosen from its menu. One listener each for all cards, since there
// may be a thousand.

export const takingFiles = {
  created() {
    this.dropOn = null;
  },
  mounted() {
    for (const [type, listener] of this.droppings()) window.addEventListener(type, listener);
  },
  unmounted() {
    for (const [type, listener] of this.droppings()) window.removeEventListener(type, listener);
    this.uploads.stopAll();
  },
  methods: {
    droppings() {
      return [
        ["dragover", this.dragOver],
        ["dragleave", this.dragLeave],
        ["drop", this.dropped],
        ["beforeunload", this.askFirst],
      ];
    },
    // Beside a card nothing is dropped: the browser would open the file in place of the board.
    dragOver(event) {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      const card = this.cardAt(event);
      event.dataTransfer.dropEffect = card ? "copy" : "none";
      this.markDrop(card);
    },
    dragLeave(event) {
      if (!event.relatedTarget) this.markDrop(null);
    },
    dropped(event) {
      this.markDrop(null);
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      const card = this.cardAt(event);
      if (card) this.takeFiles(Number(card.dataset.job), event.dataTransfer.files);
    },
    cardAt(event) {
      const card = event.target instanceof Element ? event.target.closest("[data-job]") : null;
      return card && this.$el.contains(card) ? card : null;
    },
    // On the element itself: through the board's data every card would be looked at anew.
    markDrop(card) {
      if (this.dropOn === card) return;
      this.dropOn?.removeAttribute("data-drop");
      card?.setAttribute("data-drop", "");
      this.dropOn = card;
    },
    takeFiles(id, files) {
      const state = this.statuses[this.jobs.get(id)?.status];
      if (state) this.uploads.take(id, [...files], state.takes, state.closed);
    },
    chooseFile(id, takes) {
      const picker = this.$refs.picker;
      // Phones grey out files whose type they do not know, so there the check after choosing has to do.
      picker.accept = matchMedia("(pointer: coarse)").matches ? "" : takes.extensions.join(",");
      picker.onchange = () => {
        this.takeFiles(id, picker.files);
        picker.value = "";
      };
      picker.click();
    },
    // Called by the server.
    uploadEnded(id, problem) {
      this.uploads.ended(id, problem);
    },
    askFirst(event) {
      if (this.uploads.underWay) event.preventDefault();
    },
  },
};
