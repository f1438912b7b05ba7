import { begun, percent, progress, refusal, send, size } from "sending";

// The field for one file, which is sent as soon as it is chosen.
const MARKS = { positive: "check_circle", warning: "warning_amber", negative: "error_outline" };
// A viewer on the page shows the file from the moment it is chosen; null takes it away again.
const tell = (file) => window.dispatchEvent(new CustomEvent("printlab-file", { detail: { file } }));

export default {
  template: `
    <div class="pl-upload">
      <label v-if="!file && !sending" class="pl-drop"
        :class="{'pl-drop-over': over, 'pl-drop-compact': compact, 'pl-drop-invalid': problem}"
        @dragenter.prevent="over = true" @dragover.prevent="over = true" @dragleave="over = false" @drop.prevent="drop">
        <q-icon name="upload_file" aria-hidden="true"></q-icon>
        <span class="pl-drop-title">{{ touch ? title.replace("Drop or choose", "Choose") : title }}</span>
        <span class="pl-drop-hint">{{ hint }}</span>
        <input ref="input" type="file" :accept="accept" :aria-describedby="problem ? errorId : null"
          :aria-invalid="problem ? 'true' : null" @change="pick">
      </label>
      <div v-else-if="sending" ref="box" class="pl-file" tabindex="-1">
        <q-icon name="upload_file" aria-hidden="true"></q-icon>
        <div class="pl-file-text">
          <span class="pl-file-name" :title="sending.name">{{ sending.name }}</span>
          <span class="pl-file-note">{{ note }}</span>
          <div class="pl-bar" role="progressbar" aria-label="Upload" aria-valuemin="0" aria-valuemax="100"
            :aria-valuenow="percent"><span :style="{width: percent + '%'}"></span></div>
        </div>
        <q-btn flat class="pl-btn-icon" icon="close" aria-label="Stop the upload" @click="stop"></q-btn>
      </div>
      <div v-else ref="box" class="pl-file" tabindex="-1">
        <q-icon :name="mark" :class="tone && 'pl-file-' + tone" aria-hidden="true"></q-icon>
        <div class="pl-file-text" role="status">
          <span class="pl-file-name" :title="file.name">{{ file.name }}</span>
          <span class="pl-file-note">{{ sizeOf(file.bytes) }} · uploaded</span>
          <a v-if="verdict" :href="'#' + found" class="pl-file-verdict" :class="'pl-file-' + tone">{{ verdict }}</a>
        </div>
        <q-btn flat class="pl-btn-icon" icon="close" aria-label="Remove the file" @click="remove"></q-btn>
      </div>
      <div v-if="problem" :id="errorId" class="pl-error" role="alert">{{ problem }}</div>
      <div v-if="lost && !sending && !file">
        <q-btn class="pl-btn-secondary" icon="refresh" label="Try again" no-caps unelevated @click="send(lost)"></q-btn>
      </div>
    </div>`,
  props: {
    purpose: String,
    extensions: Array,
    maxMb: Number,
    title: String,
    compact: Boolean,
    file: Object,
    error: String,
    tone: String, // of the file that is there; none until it was looked at
    verdict: String, // why it is not good, in a sentence
    found: String, // the place on the page where that is told
  },
  emits: ["started", "uploaded", "failed", "removed"],
  data() {
    return { over: false, sending: null, lost: null, own: "", touch: matchMedia("(pointer: coarse)").matches };
  },
  computed: {
    errorId() {
      return `${this.$el?.id || "upload"}-error`;
    },
    // Phones grey out files whose type they do not know, so there the check after choosing has to do.
    accept() {
      return this.touch ? null : this.extensions.join(",");
    },
    hint() {
      return `${this.extensions.join(" ")} up to ${this.maxMb} MB`;
    },
    mark() {
      return MARKS[this.tone] ?? "insert_drive_file";
    },
    problem() {
      return this.own || this.error;
    },
    percent() {
      return percent(this.sending);
    },
    note() {
      return progress(this.sending);
    },
  },
  watch: {
    file(file) {
      this.sending = this.lost = null;
      if (!file) this.untell();
      this.moveFocus();
    },
    error(sentence) {
      if (!sentence || !this.sending?.arrived) return;
      this.sending = null;
      this.untell();
    },
  },
  mounted() {
    window.addEventListener("dragover", this.keepPage);
    window.addEventListener("drop", this.dropBeside);
    window.addEventListener("beforeunload", this.askFirst);
  },
  beforeUnmount() {
    window.removeEventListener("dragover", this.keepPage);
    window.removeEventListener("drop", this.dropBeside);
    window.removeEventListener("beforeunload", this.askFirst);
    this.request?.abort();
  },
  methods: {
    sizeOf: size,
    focus() {
      this.$el.scrollIntoView({ block: "nearest" });
      (this.$refs.input ?? this.$refs.box)?.focus({ preventScroll: true });
    },
    // Each step takes away what had the keyboard; after it, it goes on to what stands there instead.
    moveFocus() {
      if (this.$el.contains(document.activeElement))
        this.$nextTick(() => (this.$refs.input ?? this.$refs.box)?.focus({ preventScroll: true }));
    },
    // A file that is dropped beside the field would be opened by the browser, in place of all that was typed.
    keepPage(event) {
      if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
    },
    dropBeside(event) {
      if (event.defaultPrevented || !event.dataTransfer?.files.length) return;
      event.preventDefault();
      // A sliced file counts as soon as it is there, so that one has to be meant for its field.
      const isMeant = this.purpose === "model" && document.querySelectorAll(".pl-drop").length === 1;
      if (this.$refs.input && this.$el.offsetParent && isMeant) this.take([...event.dataTransfer.files]);
    },
    askFirst(event) {
      if (this.sending && !this.sending.arrived) event.preventDefault();
    },
    pick(event) {
      this.take([...event.target.files]);
      event.target.value = "";
    },
    drop(event) {
      this.over = false;
      this.take([...event.dataTransfer.files]);
    },
    take(files) {
      if (!files.length) return;
      if (files.length > 1) return this.fail("Choose one file. Each file becomes a job of its own.");
      const sentence = refusal(files[0], this);
      if (sentence) return this.fail(sentence);
      if (this.purpose === "model") tell(files[0]);
      this.send(files[0]);
    },
    send(file) {
      this.own = "";
      this.lost = null;
      this.sending = begun(file);
      this.moveFocus();
      this.$emit("started");
      this.request = send(
        file,
        this,
        this.sending, // once it has arrived it stays until the page has looked the file up
        (answer) => this.$emit("uploaded", { id: answer.id, name: answer.name, bytes: answer.bytes }),
        (sentence, again) => this.fail(sentence, again ? file : null),
      );
    },
    // What broke off on the way is kept, to be sent again without choosing it again.
    fail(detail, lost = null) {
      this.sending = null;
      this.lost = lost;
      if (!lost) this.untell();
      this.own = detail;
      this.moveFocus();
      this.$emit("failed", { detail });
    },
    stop() {
      this.request?.abort();
      this.sending = null;
      this.untell();
      this.moveFocus();
      this.$emit("removed");
    },
    untell() {
      if (this.purpose === "model") tell(null);
    },
    remove() {
      this.own = "";
      this.untell();
      this.$emit("removed");
    },
  },
};
